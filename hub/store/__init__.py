"""The record of everything: the only package that speaks to the database.

tables        what is kept, as Tortoise models, with columns and instants; migrations/ follow them
states        the closed lists of states
database      transactions, reads beside them, SQL for both dialects (engine, sqlite, postgres, lock, schema)
unit          one unit of work: a transaction with its events, and the bells rung after it
roster        members, sources and destinations of the settings
harvesting    claims and records of the harvest stage
normalising   claims and records of the normalise stage
editions      numbering, superseding and withdrawing, whoever does it
delivering    claims and records of the deliver stage
deciding      records of people's decisions
publishing    what readers may see now
"""
