CREATE TABLE search_entry (
    id INTEGER PRIMARY KEY NOT NULL,
    content_id VARCHAR(36) NOT NULL,
    revision INT NOT NULL,
    edition BIGINT NOT NULL,
    audiences VARCHAR(32) NOT NULL,
    member VARCHAR(64) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    at BIGINT NOT NULL,
    title TEXT NOT NULL,
    tokens INTEGER NOT NULL
);
CREATE UNIQUE INDEX search_entry_edition ON search_entry (edition);
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
INSERT INTO search_index (search_index, rank) VALUES ('usermerge', 2);
