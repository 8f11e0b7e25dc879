CREATE TABLE search_entry (
    id BIGINT PRIMARY KEY,
    content_id VARCHAR(36) NOT NULL,
    revision INT NOT NULL,
    edition BIGINT NOT NULL,
    audiences VARCHAR(32) NOT NULL,
    member VARCHAR(64) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    at BIGINT NOT NULL,
    title TEXT NOT NULL,
    likeness BYTEA,
    tokens TSVECTOR NOT NULL
) WITH (toast_tuple_target = 128);
CREATE UNIQUE INDEX search_entry_edition ON search_entry (edition);
CREATE INDEX search_entry_tokens ON search_entry USING gin (tokens) WITH (gin_pending_list_limit = 1024);
