CREATE TABLE search_entry (
    id INTEGER PRIMARY KEY NOT NULL,
    content_id VARCHAR(36) NOT NULL,
    revision INT NOT NULL,
    audiences VARCHAR(32) NOT NULL,
    member VARCHAR(64) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    at BIGINT NOT NULL,
    title TEXT NOT NULL,
    likeness BLOB
);
CREATE UNIQUE INDEX search_entry_edition ON search_entry (content_id, revision);
CREATE TABLE search_tokens (
    entry INTEGER NOT NULL,
    tokens BLOB NOT NULL
);
CREATE INDEX search_tokens_entry ON search_tokens (entry);
CREATE VIRTUAL TABLE search_index USING fts5(
    tokens, content = '', detail = 'none', columnsize = 0, tokenize = "ascii tokenchars '@#=^._~'"
);
INSERT INTO search_index (search_index, rank) VALUES ('automerge', 16);
INSERT INTO search_index (search_index, rank) VALUES ('usermerge', 2);
