"""The record of everything: the only package that speaks to the database.

tables        what is kept, as Tortoise models; migrations/ follows them
database      one connection set, transactions, the read-only connection, SQL for both dialects
instants      times as integer microseconds
ledger        events, in the transaction of what they tell
harvesting    claims and units of the harvest stage
normalising   claims and units of the normalise stage
delivering    claims and units of the deliver stage
deciding      units of the people's commands
"""
