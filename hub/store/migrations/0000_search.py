# ruff: noqa: RUF012
"""The index of the search, in the words of each database; hub/store/searching.py tells what stands in it.

It needs no other table and no other table needs it, so it comes before the tables that Tortoise writes down.
"""

from tortoise import migrations

from hub.store.columns import DialectSQL

#: What is known of an entry before its text is read; of both databases.
ENTRY = """
    content_id VARCHAR(36) NOT NULL,
    revision INT NOT NULL,
    edition BIGINT NOT NULL,
    audiences VARCHAR(32) NOT NULL,
    member VARCHAR(64) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    at BIGINT NOT NULL,
    title TEXT NOT NULL,
"""
#: By the number of the edition, not by its name: numbers come in order, and new entries share a page of the index.
EDITION = "CREATE UNIQUE INDEX search_entry_edition ON search_entry (edition);"


class Migration(migrations.Migration):
    initial = True

    operations = [
        DialectSQL(
            # SQLite before 3.43 forgets an entry of a contentless index only when it is shown the same tokens again:
            # they are kept, compressed, one behind the other, and the likeness with them. In the rows of entries, which
            # come in the order of their days, each new one moved its neighbours' too. No positions are kept: neighbours
            # are tokens of their own. Who writes does not join parts of the index as well, which took two fifths of it:
            # hub.store.searching.joined does, each hour. What was added waits, by its number, for `caught_up`, which
            # writes 4 MB of the index in one part.
            sqlite=f"""CREATE TABLE search_entry (
    id INTEGER PRIMARY KEY NOT NULL,{ENTRY}    tokens INTEGER NOT NULL
);
{EDITION}
CREATE TABLE search_tokens (
    id INTEGER PRIMARY KEY NOT NULL,
    likeness BLOB,
    tokens BLOB NOT NULL
);
CREATE TABLE search_waiting (
    entry INTEGER PRIMARY KEY NOT NULL
);
CREATE VIRTUAL TABLE search_index USING fts5(
    tokens, content = '', detail = 'none', columnsize = 0, tokenize = "ascii tokenchars '@#=^._~'"
);
INSERT INTO search_index (search_index, rank) VALUES ('hashsize', 4194304);
INSERT INTO search_index (search_index, rank) VALUES ('automerge', 16);
INSERT INTO search_index (search_index, rank) VALUES ('usermerge', 2);""",
            # Tokens go out of the row: lists of candidates are read from few pages. A short list of pending entries:
            # each search reads it from end to end.
            postgres=f"""CREATE TABLE search_entry (
    id BIGINT PRIMARY KEY,{ENTRY}    likeness BYTEA,
    tokens TSVECTOR NOT NULL
) WITH (toast_tuple_target = 128);
{EDITION}
CREATE INDEX search_entry_tokens ON search_entry USING gin (tokens) WITH (gin_pending_list_limit = 1024);""",
        )
    ]
