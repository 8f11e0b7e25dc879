"""Lists of codes that the editorial board edits as files: which there are, how they are read, what is shipped.

    file ──rows.py──> rows with their numbers ──columns.py, units.py──> drafts ──reading.py──> records and rejections

Nothing here knows the database: hub/commands/load_codes.py stores what `reading.read` gives.
"""
