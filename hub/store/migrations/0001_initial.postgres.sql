CREATE TABLE "account" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "login" VARCHAR(100) NOT NULL UNIQUE,
    "name" VARCHAR(200) NOT NULL,
    "email" VARCHAR(254) NOT NULL DEFAULT '',
    "language" VARCHAR(8) NOT NULL DEFAULT 'vi',
    "state" VARCHAR(16) NOT NULL,
    "password_hash" TEXT NOT NULL DEFAULT '',
    "password_at" BIGINT,
    "password_until" BIGINT,
    "totp_secret" TEXT NOT NULL DEFAULT '',
    "totp_pending" TEXT NOT NULL DEFAULT '',
    "totp_step" BIGINT NOT NULL DEFAULT 0,
    "subject" VARCHAR(255) NOT NULL DEFAULT '',
    "created_at" BIGINT NOT NULL,
    "created_by" VARCHAR(200) NOT NULL,
    "seen_at" BIGINT
);
CREATE INDEX "idx_account_subject_93b319" ON "account" ("subject");
COMMENT ON TABLE "account" IS 'Somebody who works with the hub; an account is ended, never deleted: events keep pointing at it.';
CREATE TABLE "account_grant" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "account" BIGINT NOT NULL,
    "role" VARCHAR(32) NOT NULL,
    "member" VARCHAR(64) NOT NULL DEFAULT '',
    "granted_by" VARCHAR(200) NOT NULL,
    "granted_at" BIGINT NOT NULL,
    CONSTRAINT "uid_account_gra_account_71e3f9" UNIQUE ("account", "role", "member")
);
COMMENT ON TABLE "account_grant" IS 'A role of an account, in the whole province or from one member downwards.';
CREATE TABLE "alarm" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" BIGINT NOT NULL,
    "last_at" BIGINT NOT NULL,
    "times" INT NOT NULL DEFAULT 1,
    "found" VARCHAR(16) NOT NULL,
    "source" VARCHAR(100) NOT NULL,
    "member" VARCHAR(64) NOT NULL,
    "url" TEXT NOT NULL DEFAULT '',
    "rule" VARCHAR(200) NOT NULL,
    "fingerprint" VARCHAR(64) NOT NULL,
    "content_id" VARCHAR(36) NOT NULL DEFAULT '',
    "capture" BIGINT,
    "shown" TEXT NOT NULL DEFAULT '[]',
    "files" TEXT NOT NULL DEFAULT '[]',
    "scrubbed_at" BIGINT,
    "mailed_at" BIGINT,
    "seen_by" VARCHAR(200) NOT NULL DEFAULT '',
    "seen_at" BIGINT,
    CONSTRAINT "uid_alarm_source_179709" UNIQUE ("source", "fingerprint")
);
CREATE INDEX "idx_alarm_content_9ced12" ON "alarm" ("content_id");
CREATE INDEX "alarm_unscrubbed" ON "alarm" ("id") WHERE scrubbed_at IS NULL;
COMMENT ON TABLE "alarm" IS 'A text with a mark of a state secret came from a source; the text itself is kept nowhere.';
CREATE TABLE "announcement" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "decision" VARCHAR(36) NOT NULL,
    "place" INT NOT NULL,
    "action" VARCHAR(16) NOT NULL,
    "code" VARCHAR(100) NOT NULL DEFAULT '',
    "name" TEXT NOT NULL DEFAULT '',
    "folded" VARCHAR(300) NOT NULL DEFAULT '',
    "procedure" VARCHAR(36) NOT NULL DEFAULT '',
    CONSTRAINT "uid_announcemen_decisio_f956af" UNIQUE ("decision", "place")
);
CREATE INDEX "idx_announcemen_code_e39361" ON "announcement" ("code");
CREATE INDEX "idx_announcemen_folded_71879f" ON "announcement" ("folded");
COMMENT ON TABLE "announcement" IS 'One line of a decision that announces procedures: what it does to which procedure.';
CREATE TABLE "article" (
    "content_id" VARCHAR(36) NOT NULL  PRIMARY KEY,
    "source" VARCHAR(100) NOT NULL,
    "host" VARCHAR(300) NOT NULL,
    "url" TEXT NOT NULL DEFAULT '',
    "teaser" TEXT NOT NULL,
    "teaser_digest" VARCHAR(64) NOT NULL,
    "pointer" VARCHAR(300) NOT NULL DEFAULT '',
    "remarks" TEXT NOT NULL DEFAULT '[]',
    "page" INT NOT NULL DEFAULT 1,
    "state" VARCHAR(16) NOT NULL,
    "cursor" TEXT NOT NULL DEFAULT '{}',
    "body_sha256" VARCHAR(64) NOT NULL DEFAULT '',
    "fault_code" VARCHAR(64) NOT NULL DEFAULT '',
    "misses" INT NOT NULL DEFAULT 0,
    "missed_since" BIGINT,
    "wanted_at" BIGINT NOT NULL,
    "fetched_at" BIGINT,
    "attempts" INT NOT NULL DEFAULT 0,
    "due_at" BIGINT NOT NULL,
    "lease_until" BIGINT,
    "lease_token" VARCHAR(32) NOT NULL DEFAULT ''
);
CREATE INDEX "idx_article_source_c7e8f8" ON "article" ("source");
CREATE INDEX "article_due" ON "article" ("due_at") WHERE state IN ('wanted', 'watched');
COMMENT ON TABLE "article" IS 'An item whose own page or files are fetched too: the teaser from the list, and what became of the page.';
CREATE TABLE "attempt" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "delivery" BIGINT NOT NULL,
    "revision" INT NOT NULL,
    "key" VARCHAR(200) NOT NULL,
    "started_at" BIGINT NOT NULL,
    "ended_at" BIGINT,
    "outcome" VARCHAR(16) NOT NULL DEFAULT 'open',
    "detail" TEXT NOT NULL DEFAULT ''
);
CREATE INDEX "idx_attempt_deliver_f5e775" ON "attempt" ("delivery", "id");
CREATE INDEX "attempt_open" ON "attempt" ("delivery") WHERE outcome = 'open';
COMMENT ON TABLE "attempt" IS 'One call to a destination, written before it is made: an attempt without an end is an outcome nobody knows.';
CREATE TABLE "capture" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "source" VARCHAR(100) NOT NULL,
    "url" TEXT NOT NULL,
    "content_type" VARCHAR(300) NOT NULL DEFAULT '',
    "headers" TEXT NOT NULL DEFAULT '{}',
    "origin" VARCHAR(16) NOT NULL DEFAULT 'poll',
    "more" INT NOT NULL DEFAULT 0,
    "about" VARCHAR(36) NOT NULL DEFAULT '',
    "fault" VARCHAR(64) NOT NULL DEFAULT '',
    "sha256" VARCHAR(64) NOT NULL,
    "size" BIGINT NOT NULL,
    "fetched_at" BIGINT NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "replay" INT NOT NULL DEFAULT 0,
    "released" INT NOT NULL DEFAULT 0,
    "format" VARCHAR(32) NOT NULL DEFAULT '',
    "note" TEXT NOT NULL DEFAULT '',
    "counts" TEXT NOT NULL DEFAULT '{}',
    "attempts" INT NOT NULL DEFAULT 0,
    "due_at" BIGINT NOT NULL,
    "lease_until" BIGINT,
    "lease_token" VARCHAR(32) NOT NULL DEFAULT '',
    "settled_at" BIGINT
);
CREATE INDEX "idx_capture_source_8df7fc" ON "capture" ("source", "id");
CREATE INDEX "capture_open" ON "capture" ("source", "id") WHERE state IN ('new', 'working', 'held');
CREATE INDEX "capture_due" ON "capture" ("due_at") WHERE state IN ('new', 'working');
COMMENT ON TABLE "capture" IS 'What was received and what became of it; what is normalised, and replayed after a mapping was mended.';
CREATE TABLE "capture_body" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "body" BYTEA NOT NULL
);
COMMENT ON TABLE "capture_body" IS 'The bytes of a capture, until a purge or the retention time takes them.';
CREATE TABLE "code_entry" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL,
    "code" VARCHAR(64) NOT NULL,
    "name" TEXT NOT NULL,
    "valid_from" VARCHAR(10) NOT NULL DEFAULT '',
    "valid_until" VARCHAR(10) NOT NULL DEFAULT '',
    "parent" VARCHAR(64) NOT NULL DEFAULT '',
    "successors" TEXT NOT NULL DEFAULT '[]',
    "confirmed" INT NOT NULL DEFAULT 1,
    "attributes" TEXT NOT NULL DEFAULT '{}',
    CONSTRAINT "uid_code_entry_version_931b02" UNIQUE ("version", "code", "valid_from")
);
COMMENT ON TABLE "code_entry" IS 'One code of one version and the time in which it means this; validity dates are ISO dates, empty = open.';
CREATE TABLE "code_rejection" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL,
    "file" VARCHAR(300) NOT NULL,
    "row" INT NOT NULL,
    "code" VARCHAR(64) NOT NULL,
    "sentence" TEXT NOT NULL
);
CREATE INDEX "idx_code_reject_version_bf771a" ON "code_rejection" ("version");
COMMENT ON TABLE "code_rejection" IS 'A row of a code file that could not become an entry: where it stood and why.';
CREATE TABLE "code_version" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "list" VARCHAR(40) NOT NULL,
    "version" INT NOT NULL,
    "loaded_at" BIGINT NOT NULL,
    "loaded_by" VARCHAR(200) NOT NULL,
    "origin" TEXT NOT NULL,
    "sha256" VARCHAR(64) NOT NULL,
    "counts" TEXT NOT NULL DEFAULT '{}',
    CONSTRAINT "uid_code_versio_list_6d1d4a" UNIQUE ("list", "version")
);
COMMENT ON TABLE "code_version" IS 'One load of one list of codes; the newest of a list is in force, older ones stay.';
CREATE TABLE "consumer" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL UNIQUE,
    "key_sha256" VARCHAR(64) NOT NULL UNIQUE,
    "hint" VARCHAR(12) NOT NULL,
    "grants" TEXT NOT NULL DEFAULT '[]',
    "member" VARCHAR(64) NOT NULL DEFAULT '',
    "per_minute" INT NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "created_by" VARCHAR(200) NOT NULL,
    "created_at" BIGINT NOT NULL,
    "ended_by" VARCHAR(200) NOT NULL DEFAULT '',
    "ended_at" BIGINT,
    "used_at" BIGINT
);
COMMENT ON TABLE "consumer" IS 'A program with a key. The key is kept as its SHA-256 only; a consumer is ended, never deleted.';
CREATE TABLE "consumer_use" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "consumer" BIGINT NOT NULL,
    "day" VARCHAR(10) NOT NULL,
    "calls" BIGINT NOT NULL DEFAULT 0,
    "refused" BIGINT NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT "uid_consumer_us_consume_2f118f" UNIQUE ("consumer", "day")
);
COMMENT ON TABLE "consumer_use" IS 'What a consumer asked for on one day of the hub''s zone; consumer 0 is everybody without a key.';
CREATE TABLE "counter" (
    "site" VARCHAR(100) NOT NULL  PRIMARY KEY,
    "reading" BIGINT,
    "read_at" BIGINT,
    "asked_at" BIGINT NOT NULL,
    "fault" VARCHAR(64) NOT NULL DEFAULT ''
);
COMMENT ON TABLE "counter" IS 'The last reading of a counter that runs on, so that a day''s visits are the difference.';
CREATE TABLE "delivery" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "content_id" VARCHAR(36) NOT NULL,
    "destination" VARCHAR(100) NOT NULL,
    "wanted_revision" INT NOT NULL,
    "sent_revision" INT NOT NULL DEFAULT 0,
    "remote_id" TEXT NOT NULL DEFAULT '',
    "receipt" TEXT NOT NULL DEFAULT '{}',
    "key" VARCHAR(300) NOT NULL DEFAULT '',
    "repeats" INT NOT NULL DEFAULT 0,
    "cleared_revision" INT NOT NULL DEFAULT 0,
    "state" VARCHAR(16) NOT NULL,
    "wanted_at" BIGINT NOT NULL,
    "turn" BIGINT NOT NULL DEFAULT 0,
    "error_code" VARCHAR(64) NOT NULL DEFAULT '',
    "error_sentence" TEXT NOT NULL DEFAULT '',
    "failed_since" BIGINT,
    "attempts" INT NOT NULL DEFAULT 0,
    "due_at" BIGINT NOT NULL,
    "lease_until" BIGINT,
    "lease_token" VARCHAR(32) NOT NULL DEFAULT '',
    CONSTRAINT "uid_delivery_destina_594746" UNIQUE ("destination", "content_id")
);
CREATE INDEX "idx_delivery_content_f62286" ON "delivery" ("content_id");
CREATE INDEX "delivery_key" ON "delivery" ("destination", "key") WHERE key <> '';
CREATE INDEX "delivery_due" ON "delivery" ("destination", "due_at", "id") WHERE state IN ('ready', 'sending');
CREATE INDEX "delivery_turn" ON "delivery" ("destination", "turn", "due_at", "id") WHERE state IN ('ready', 'sending');
COMMENT ON TABLE "delivery" IS 'One row per item and destination: what it should show, what it showed last. Outbox and ledger in one.';
CREATE TABLE "destination" (
    "name" VARCHAR(100) NOT NULL  PRIMARY KEY,
    "connector" VARCHAR(64) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "next_slot" BIGINT NOT NULL DEFAULT 0,
    "open_until" BIGINT,
    "released_at" BIGINT,
    "restored_at" BIGINT,
    "checked_at" BIGINT,
    "failures" INT NOT NULL DEFAULT 0,
    "fault_code" VARCHAR(64) NOT NULL DEFAULT '',
    "fault_sentence" TEXT NOT NULL DEFAULT '',
    "fault_since" BIGINT
);
COMMENT ON TABLE "destination" IS 'A place we push to, as it is now: open, paused or refusing us, and its share of the rate.';
CREATE TABLE "device" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "token_sha256" VARCHAR(64) NOT NULL UNIQUE,
    "account" BIGINT NOT NULL,
    "seen_at" BIGINT NOT NULL
);
CREATE INDEX "idx_device_account_c4a882" ON "device" ("account");
COMMENT ON TABLE "device" IS 'A browser in which an account signed in well before: whoever guesses elsewhere does not delay it.';
CREATE TABLE "difference" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "destination" VARCHAR(100) NOT NULL,
    "key" VARCHAR(300) NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "reason" VARCHAR(32) NOT NULL,
    "title" TEXT NOT NULL DEFAULT '',
    "content_id" VARCHAR(36) NOT NULL DEFAULT '',
    "revision" INT NOT NULL DEFAULT 0,
    "fields" TEXT NOT NULL DEFAULT '[]',
    "claimants" TEXT NOT NULL DEFAULT '[]',
    "digest" VARCHAR(64) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "decided_by" VARCHAR(200) NOT NULL DEFAULT '',
    "decided_at" BIGINT,
    "why" TEXT NOT NULL DEFAULT '',
    "run" BIGINT NOT NULL,
    "found_at" BIGINT NOT NULL,
    CONSTRAINT "uid_difference_destina_0ab3fb" UNIQUE ("destination", "key", "kind")
);
COMMENT ON TABLE "difference" IS 'Where a destination and the hub do not agree about one key, as the last run found it, and what was decided.';
CREATE TABLE "digest_run" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "digest" VARCHAR(100) NOT NULL,
    "day" VARCHAR(10) NOT NULL,
    "began_at" BIGINT NOT NULL,
    "ended_at" BIGINT NOT NULL,
    "made_at" BIGINT NOT NULL,
    "items" TEXT NOT NULL DEFAULT '[]',
    "left_out" INT NOT NULL DEFAULT 0,
    "title" TEXT NOT NULL DEFAULT '',
    "subject" TEXT NOT NULL DEFAULT '',
    "text" TEXT NOT NULL DEFAULT '',
    "html" TEXT NOT NULL DEFAULT '',
    "struck" INT NOT NULL DEFAULT 0,
    CONSTRAINT "uid_digest_run_digest_2513bc" UNIQUE ("digest", "day")
);
COMMENT ON TABLE "digest_run" IS 'One digest of one day, made and kept before its first mail goes out: retries send the same bytes.';
CREATE TABLE "draft" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "author" VARCHAR(200) NOT NULL,
    "member" VARCHAR(64) NOT NULL,
    "kind" VARCHAR(32) NOT NULL,
    "title" TEXT NOT NULL DEFAULT '',
    "summary" TEXT NOT NULL DEFAULT '',
    "content" TEXT NOT NULL DEFAULT '',
    "tags" TEXT NOT NULL DEFAULT '[]',
    "state" VARCHAR(16) NOT NULL,
    "remark" TEXT NOT NULL DEFAULT '',
    "remark_by" VARCHAR(200) NOT NULL DEFAULT '',
    "counter" INT NOT NULL DEFAULT 1,
    "guid" VARCHAR(64) NOT NULL,
    "content_id" VARCHAR(36) NOT NULL UNIQUE,
    "revision" INT NOT NULL DEFAULT 0,
    "began_at" BIGINT NOT NULL,
    "changed_at" BIGINT NOT NULL,
    "sent_at" BIGINT
);
CREATE INDEX "idx_draft_author_c3b96f" ON "draft" ("author");
CREATE INDEX "draft_open" ON "draft" ("changed_at") WHERE state <> 'taken';
COMMENT ON TABLE "draft" IS 'A contribution (bài cộng tác viên): what its author writes until an edition of it is approved, and after.';
CREATE TABLE "draft_photo" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "draft" BIGINT NOT NULL,
    "place" INT NOT NULL,
    "sha256" VARCHAR(64) NOT NULL,
    "type" VARCHAR(100) NOT NULL,
    "width" INT NOT NULL,
    "height" INT NOT NULL,
    "size" BIGINT NOT NULL,
    "alt" TEXT NOT NULL DEFAULT '',
    CONSTRAINT "uid_draft_photo_draft_52ae07" UNIQUE ("draft", "place")
);
CREATE INDEX "idx_draft_photo_sha256_b80d20" ON "draft_photo" ("sha256");
COMMENT ON TABLE "draft_photo" IS 'A photo of a contribution; its bytes stand in the store of files, without position and camera.';
CREATE TABLE "edition" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "content_id" VARCHAR(36) NOT NULL,
    "revision" INT NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "update_type" VARCHAR(16) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "body" TEXT,
    "withdrawal" TEXT,
    "why" TEXT NOT NULL DEFAULT '{}',
    "seen_at" BIGINT NOT NULL,
    "capture" BIGINT,
    "pointer" VARCHAR(300) NOT NULL DEFAULT '',
    "decided_by" VARCHAR(200) NOT NULL DEFAULT '',
    "decided_at" BIGINT,
    "origin" VARCHAR(16) NOT NULL DEFAULT 'source',
    "author" VARCHAR(200) NOT NULL DEFAULT '',
    "remark" TEXT NOT NULL DEFAULT '',
    "restricted" INT NOT NULL DEFAULT 0,
    CONSTRAINT "uid_edition_content_879924" UNIQUE ("content_id", "revision")
);
CREATE INDEX "edition_held" ON "edition" ("id") WHERE state = 'held';
COMMENT ON TABLE "edition" IS 'Immutable version n of an item; only its state moves, and each move has an event.';
CREATE TABLE "event" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" BIGINT NOT NULL,
    "who" VARCHAR(200) NOT NULL,
    "what" VARCHAR(64) NOT NULL,
    "content_id" VARCHAR(36) NOT NULL DEFAULT '',
    "revision" INT NOT NULL DEFAULT 0,
    "source" VARCHAR(100) NOT NULL DEFAULT '',
    "destination" VARCHAR(100) NOT NULL DEFAULT '',
    "why" TEXT NOT NULL DEFAULT '{}',
    "sequence" BIGINT  UNIQUE,
    "previous_hash" VARCHAR(64) NOT NULL DEFAULT '',
    "hash" VARCHAR(64) NOT NULL DEFAULT ''
);
CREATE INDEX "idx_event_content_48f176" ON "event" ("content_id");
CREATE INDEX "event_by_people" ON "event" ("id") WHERE who <> 'hub';
CREATE INDEX "event_unsealed" ON "event" ("id") WHERE sequence IS NULL;
COMMENT ON TABLE "event" IS 'Who did what to what, when and why. Append only; `seal` chains committed events by hash, in one order.';
CREATE TABLE "fact" (
    "key" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "value" TEXT NOT NULL
);
COMMENT ON TABLE "fact" IS 'Facts about this database itself: epoch, schema owner.';
CREATE TABLE "file" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "content_id" VARCHAR(36) NOT NULL,
    "source" VARCHAR(100) NOT NULL,
    "url" TEXT NOT NULL,
    "sha256" VARCHAR(64) NOT NULL DEFAULT '',
    "type" VARCHAR(200) NOT NULL DEFAULT '',
    "size" BIGINT NOT NULL DEFAULT 0,
    "readable" INT NOT NULL DEFAULT 0,
    "note" VARCHAR(64) NOT NULL DEFAULT '',
    "text" TEXT NOT NULL DEFAULT '',
    "cursor" TEXT NOT NULL DEFAULT '{}',
    "fetched_at" BIGINT NOT NULL,
    CONSTRAINT "uid_file_content_2c5f38" UNIQUE ("content_id", "url")
);
CREATE INDEX "idx_file_sha256_b4b28b" ON "file" ("sha256");
COMMENT ON TABLE "file" IS 'A file that belongs to an item: where its bytes are kept, by checksum, and the text that was found in it.';
CREATE TABLE "holding" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "destination" VARCHAR(100) NOT NULL,
    "key" VARCHAR(300) NOT NULL,
    "title" TEXT NOT NULL DEFAULT '',
    "owner" VARCHAR(100) NOT NULL DEFAULT '',
    "withdrawn" INT NOT NULL DEFAULT 0,
    "record" TEXT NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "run" BIGINT NOT NULL,
    "seen_at" BIGINT NOT NULL,
    "agreed_digest" VARCHAR(64) NOT NULL DEFAULT '',
    "agreed_revision" INT NOT NULL DEFAULT 0,
    CONSTRAINT "uid_holding_destina_d2c718" UNIQUE ("destination", "key")
);
COMMENT ON TABLE "holding" IS 'A record as it was last seen at a destination, ours or not.';
CREATE TABLE "item" (
    "content_id" VARCHAR(36) NOT NULL  PRIMARY KEY,
    "source" VARCHAR(100) NOT NULL,
    "guid" TEXT NOT NULL,
    "kind" VARCHAR(32) NOT NULL,
    "member" VARCHAR(64) NOT NULL,
    "title" TEXT NOT NULL,
    "url" TEXT NOT NULL DEFAULT '',
    "revision" INT NOT NULL,
    "approved_revision" INT NOT NULL DEFAULT 0,
    "digest" VARCHAR(64) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "withdrawn_by" VARCHAR(16) NOT NULL DEFAULT '',
    "published" BIGINT,
    "first_seen" BIGINT NOT NULL,
    "changed_at" BIGINT NOT NULL,
    "public_at" BIGINT,
    "change_number" BIGINT,
    "capture" BIGINT,
    "pointer" VARCHAR(300) NOT NULL DEFAULT '',
    "restricted" INT NOT NULL DEFAULT 0,
    CONSTRAINT "uid_item_source_28f797" UNIQUE ("source", "guid")
);
CREATE INDEX "idx_item_changed_3d31bd" ON "item" ("changed_at");
CREATE INDEX "idx_item_change__036de5" ON "item" ("change_number");
CREATE INDEX "idx_item_public__e4cb63" ON "item" ("public_at");
CREATE INDEX "idx_item_member_f86e6b" ON "item" ("member", "public_at");
CREATE INDEX "idx_item_kind_ad45dc" ON "item" ("kind", "public_at");
CREATE INDEX "idx_item_source_3090d4" ON "item" ("source", "public_at");
CREATE INDEX "item_change_kind" ON "item" ("kind", "change_number") WHERE change_number IS NOT NULL;
CREATE INDEX "item_change_member" ON "item" ("member", "change_number") WHERE change_number IS NOT NULL;
CREATE INDEX "item_unplaced" ON "item" ("public_at") WHERE change_number IS NULL AND public_at IS NOT NULL;
COMMENT ON TABLE "item" IS 'What a source says under one identity; `revision` is the number of its newest edition.';
CREATE TABLE "item_key" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "source" VARCHAR(100) NOT NULL,
    "key" VARCHAR(200) NOT NULL,
    "content_id" VARCHAR(36) NOT NULL,
    CONSTRAINT "uid_item_key_source_86561d" UNIQUE ("source", "key", "content_id")
);
COMMENT ON TABLE "item_key" IS 'A name under which a source''s item may come back: guid, canonical link, title with date (hub.rules.identity).';
CREATE TABLE "item_number" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "content_id" VARCHAR(36) NOT NULL,
    "kind" VARCHAR(32) NOT NULL,
    "key" VARCHAR(200) NOT NULL
);
CREATE INDEX "idx_item_number_content_572e53" ON "item_number" ("content_id");
CREATE INDEX "idx_item_number_kind_10d105" ON "item_number" ("kind", "key");
COMMENT ON TABLE "item_number" IS 'A number of a public document, or the code of a public procedure, as it is compared.';
CREATE TABLE "item_tag" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "content_id" VARCHAR(36) NOT NULL,
    "tag" VARCHAR(200) NOT NULL,
    "folded" VARCHAR(200) NOT NULL,
    CONSTRAINT "uid_item_tag_content_9a537f" UNIQUE ("content_id", "tag")
);
CREATE INDEX "idx_item_tag_folded_09a5b5" ON "item_tag" ("folded");
COMMENT ON TABLE "item_tag" IS 'A tag of an item''s public edition; folded, so that a feed of a tag is found however it is typed.';
CREATE TABLE "login_delay" (
    "key" VARCHAR(200) NOT NULL  PRIMARY KEY,
    "failures" INT NOT NULL DEFAULT 0,
    "failed_at" BIGINT NOT NULL,
    "until" BIGINT NOT NULL
);
COMMENT ON TABLE "login_delay" IS 'How often a login failed lately, per account and per address; whoever guesses waits longer each time.';
CREATE TABLE "mail" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "run" BIGINT NOT NULL,
    "recipient" VARCHAR(254) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "promised_at" BIGINT,
    "answer" TEXT NOT NULL DEFAULT '',
    "error_code" VARCHAR(64) NOT NULL DEFAULT '',
    "error_sentence" TEXT NOT NULL DEFAULT '',
    "failed_since" BIGINT,
    "settled_at" BIGINT,
    "attempts" INT NOT NULL DEFAULT 0,
    "due_at" BIGINT NOT NULL,
    "lease_until" BIGINT,
    "lease_token" VARCHAR(32) NOT NULL DEFAULT '',
    CONSTRAINT "uid_mail_run_8d645c" UNIQUE ("run", "recipient")
);
CREATE INDEX "mail_due" ON "mail" ("due_at", "id") WHERE state IN ('ready', 'sending');
COMMENT ON TABLE "mail" IS 'A digest to one of its readers.';
CREATE TABLE "member" (
    "code" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "name" VARCHAR(300) NOT NULL,
    "kind" VARCHAR(32) NOT NULL,
    "parent" VARCHAR(64) NOT NULL DEFAULT '',
    "home" TEXT NOT NULL DEFAULT '',
    "valid_from" VARCHAR(10) NOT NULL DEFAULT '',
    "valid_until" VARCHAR(10) NOT NULL DEFAULT '',
    "successors" TEXT NOT NULL DEFAULT '[]',
    "duties" TEXT NOT NULL DEFAULT '[]'
);
COMMENT ON TABLE "member" IS 'An organisation of the province; validity dates are ISO dates, successors a JSON list of codes.';
CREATE TABLE "memory" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "destination" VARCHAR(100) NOT NULL,
    "key" VARCHAR(200) NOT NULL,
    "value" TEXT,
    "secret" INT NOT NULL DEFAULT 0,
    "changed_at" BIGINT NOT NULL,
    "lease_until" BIGINT,
    "lease_token" VARCHAR(32) NOT NULL DEFAULT '',
    CONSTRAINT "uid_memory_destina_e45bf7" UNIQUE ("destination", "key")
);
COMMENT ON TABLE "memory" IS 'What a destination has to remember between calls: tokens (encrypted), ids of uploaded media; and who is at it.';
CREATE TABLE "outage" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "source" VARCHAR(100) NOT NULL,
    "since" BIGINT NOT NULL,
    "until" BIGINT,
    "why" VARCHAR(16) NOT NULL,
    "code" VARCHAR(64) NOT NULL DEFAULT '',
    "side" VARCHAR(16) NOT NULL DEFAULT '',
    "sentence" TEXT NOT NULL DEFAULT ''
);
CREATE INDEX "idx_outage_source_09a18a" ON "outage" ("source", "since");
CREATE INDEX "outage_open" ON "outage" ("source") WHERE until IS NULL;
COMMENT ON TABLE "outage" IS 'A time in which a source could not be read, or was not asked. Open while `until` is null.';
CREATE TABLE "planned" (
    "content_id" VARCHAR(36) NOT NULL  PRIMARY KEY,
    "revision" INT NOT NULL,
    "at" BIGINT NOT NULL,
    "who" VARCHAR(200) NOT NULL,
    "why" TEXT NOT NULL DEFAULT '',
    "state" VARCHAR(16) NOT NULL,
    "note" TEXT NOT NULL DEFAULT '',
    "sentence" TEXT NOT NULL DEFAULT '',
    "made_at" BIGINT NOT NULL,
    "ended_at" BIGINT
);
CREATE INDEX "planned_open" ON "planned" ("at") WHERE state IN ('waiting', 'void');
COMMENT ON TABLE "planned" IS 'An approval for a later hour. One an item: a newer plan replaces it, its events keep the history.';
CREATE TABLE "proposal" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "matter" VARCHAR(16) NOT NULL,
    "content_id" VARCHAR(36) NOT NULL,
    "revision" INT NOT NULL,
    "destination" VARCHAR(100) NOT NULL DEFAULT '',
    "details" TEXT NOT NULL DEFAULT '{}',
    "who" VARCHAR(200) NOT NULL,
    "why" TEXT NOT NULL DEFAULT '',
    "state" VARCHAR(16) NOT NULL,
    "open_as" VARCHAR(64)  UNIQUE,
    "made_at" BIGINT NOT NULL,
    "ended_by" VARCHAR(200) NOT NULL DEFAULT '',
    "ended_at" BIGINT
);
CREATE INDEX "idx_proposal_content_ea765b" ON "proposal" ("content_id");
CREATE INDEX "proposal_open" ON "proposal" ("id") WHERE state = 'open';
COMMENT ON TABLE "proposal" IS 'A decision that takes two: what somebody proposes waits for another person.';
CREATE TABLE "push" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "source" VARCHAR(100) NOT NULL,
    "signature" VARCHAR(64) NOT NULL,
    "capture" BIGINT NOT NULL,
    "at" BIGINT NOT NULL,
    CONSTRAINT "uid_push_source_3fe925" UNIQUE ("source", "signature")
);
CREATE INDEX "idx_push_at_b501e0" ON "push" ("at");
CREATE INDEX "idx_push_source_c2f333" ON "push" ("source", "at");
COMMENT ON TABLE "push" IS 'A request that a member signed and sent to an inbox: its signature is not taken a second time.';
CREATE TABLE "recall" (
    "content_id" VARCHAR(36) NOT NULL  PRIMARY KEY,
    "revision" INT NOT NULL,
    "at" BIGINT NOT NULL,
    "by" VARCHAR(200) NOT NULL,
    "reason" TEXT NOT NULL DEFAULT ''
);
COMMENT ON TABLE "recall" IS 'An item that every place has to prove to be gone.';
CREATE TABLE "recognised" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "source" VARCHAR(100) NOT NULL,
    "what" VARCHAR(16) NOT NULL,
    "value" VARCHAR(64) NOT NULL,
    "content_id" VARCHAR(36) NOT NULL DEFAULT '',
    "at" BIGINT NOT NULL,
    "decided_by" VARCHAR(200) NOT NULL DEFAULT '',
    "why" TEXT NOT NULL DEFAULT '',
    CONSTRAINT "uid_recognised_source_e6ffdc" UNIQUE ("source", "value", "what")
);
COMMENT ON TABLE "recognised" IS 'What a source''s texts and names are recognised by, as HMACs: they say nothing to who has the table alone.';
CREATE TABLE "reconciliation" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "destination" VARCHAR(100) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "apply" INT NOT NULL DEFAULT 0,
    "cursor" TEXT NOT NULL DEFAULT '{}',
    "pages" INT NOT NULL DEFAULT 0,
    "held" INT NOT NULL DEFAULT 0,
    "unread" TEXT NOT NULL DEFAULT '[]',
    "whole" INT NOT NULL DEFAULT 1,
    "counts" TEXT NOT NULL DEFAULT '{}',
    "note" TEXT NOT NULL DEFAULT '',
    "asked_by" VARCHAR(200) NOT NULL DEFAULT '',
    "started_at" BIGINT NOT NULL,
    "ended_at" BIGINT,
    "failed_since" BIGINT,
    "attempts" INT NOT NULL DEFAULT 0,
    "due_at" BIGINT NOT NULL,
    "lease_until" BIGINT,
    "lease_token" VARCHAR(32) NOT NULL DEFAULT ''
);
CREATE INDEX "idx_reconciliat_destina_d8c7ab" ON "reconciliation" ("destination", "id");
CREATE INDEX "reconciliation_due" ON "reconciliation" ("due_at") WHERE state IN ('pulling', 'comparing', 'applying');
COMMENT ON TABLE "reconciliation" IS 'A run that compares a destination with what the hub holds: pulls what is there page by page, then compares.';
CREATE TABLE "recovery_code" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "account" BIGINT NOT NULL,
    "code_sha256" VARCHAR(64) NOT NULL,
    "used_at" BIGINT
);
CREATE INDEX "idx_recovery_co_account_96a6d7" ON "recovery_code" ("account");
COMMENT ON TABLE "recovery_code" IS 'A code that stands in once for a lost telephone.';
CREATE TABLE "rejection" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "capture" BIGINT NOT NULL,
    "source" VARCHAR(100) NOT NULL,
    "pointer" VARCHAR(300) NOT NULL,
    "code" VARCHAR(64) NOT NULL,
    "detail" TEXT NOT NULL DEFAULT '',
    "rule" VARCHAR(200) NOT NULL DEFAULT '',
    "fingerprint" VARCHAR(64) NOT NULL DEFAULT '',
    "url" TEXT NOT NULL DEFAULT '',
    "at" BIGINT NOT NULL
);
CREATE INDEX "idx_rejection_capture_2225e4" ON "rejection" ("capture");
CREATE INDEX "idx_rejection_source_ac7c78" ON "rejection" ("source");
COMMENT ON TABLE "rejection" IS 'A record that could not become an item: where it stood and why, never its text.';
CREATE TABLE "reminder" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "member" VARCHAR(64) NOT NULL,
    "duty" VARCHAR(64) NOT NULL,
    "step" VARCHAR(16) NOT NULL,
    "until_day" VARCHAR(10) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "why" TEXT NOT NULL DEFAULT '{}',
    "mail" BIGINT,
    "made_at" BIGINT NOT NULL,
    "made_by" VARCHAR(200) NOT NULL,
    "ended_at" BIGINT,
    "ended_by" VARCHAR(200) NOT NULL DEFAULT '',
    CONSTRAINT "uid_reminder_member_62fb05" UNIQUE ("member", "duty", "step", "until_day")
);
CREATE INDEX "reminder_open" ON "reminder" ("member", "duty") WHERE state IN ('prepared', 'sent');
COMMENT ON TABLE "reminder" IS 'A member is urged to publish what it owes (đôn đốc): prepared, sent, or stopped because the fault is ours.';
CREATE TABLE "repeatable" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "who" VARCHAR(200) NOT NULL,
    "key" VARCHAR(200) NOT NULL,
    "request_sha256" VARCHAR(64) NOT NULL,
    "status" INT NOT NULL DEFAULT 0,
    "body" TEXT NOT NULL DEFAULT '',
    "at" BIGINT NOT NULL,
    CONSTRAINT "uid_repeatable_who_0f16cd" UNIQUE ("who", "key")
);
CREATE INDEX "idx_repeatable_at_58e662" ON "repeatable" ("at");
COMMENT ON TABLE "repeatable" IS 'A request with an Idempotency-Key, and what it was answered: asked again, the answer is the same one.';
CREATE TABLE "report" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "first_day" VARCHAR(10) NOT NULL,
    "last_day" VARCHAR(10) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "body" BYTEA NOT NULL,
    "sha256" VARCHAR(64) NOT NULL,
    "words" TEXT NOT NULL DEFAULT '{}',
    "number" VARCHAR(100) NOT NULL DEFAULT '',
    "made_at" BIGINT NOT NULL,
    "made_by" VARCHAR(200) NOT NULL,
    "signed_at" BIGINT,
    "signed_by" VARCHAR(200) NOT NULL DEFAULT '',
    "signer" VARCHAR(200) NOT NULL DEFAULT ''
);
CREATE INDEX "idx_report_first_d_09f1a7" ON "report" ("first_day", "last_day");
COMMENT ON TABLE "report" IS 'A report over a period: its numbers are frozen when it is made; people add words, and sign.';
CREATE TABLE "report_item" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "report" BIGINT NOT NULL,
    "content_id" VARCHAR(36) NOT NULL,
    "line" TEXT NOT NULL,
    CONSTRAINT "uid_report_item_report_6b2695" UNIQUE ("report", "content_id")
);
COMMENT ON TABLE "report_item" IS 'The items that a frozen report counted, so that each of its numbers opens the list of that length for ever.';
CREATE TABLE "session" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "token_sha256" VARCHAR(64) NOT NULL UNIQUE,
    "csrf" VARCHAR(64) NOT NULL,
    "account" BIGINT NOT NULL,
    "strength" VARCHAR(16) NOT NULL,
    "address" VARCHAR(64) NOT NULL,
    "agent" VARCHAR(300) NOT NULL DEFAULT '',
    "began_at" BIGINT NOT NULL,
    "seen_at" BIGINT NOT NULL,
    "expires_at" BIGINT NOT NULL
);
CREATE INDEX "idx_session_account_f52382" ON "session" ("account");
COMMENT ON TABLE "session" IS 'One browser of one account. The cookie''s value is kept as its SHA-256 only.';
CREATE TABLE "source" (
    "name" VARCHAR(100) NOT NULL  PRIMARY KEY,
    "member" VARCHAR(64) NOT NULL,
    "connector" VARCHAR(64) NOT NULL,
    "kind" VARCHAR(32) NOT NULL,
    "url" TEXT NOT NULL,
    "host" VARCHAR(300) NOT NULL,
    "review" VARCHAR(16) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "cursor" TEXT NOT NULL DEFAULT '{}',
    "known" BYTEA NOT NULL,
    "body_sha256" VARCHAR(64) NOT NULL DEFAULT '',
    "ttl" INT,
    "document_date" BIGINT,
    "identity" VARCHAR(16) NOT NULL DEFAULT 'guid',
    "churns" INT NOT NULL DEFAULT 0,
    "failures" INT NOT NULL DEFAULT 0,
    "fault_code" VARCHAR(64) NOT NULL DEFAULT '',
    "fault_stage" VARCHAR(16) NOT NULL DEFAULT '',
    "fault_side" VARCHAR(16) NOT NULL DEFAULT '',
    "fault_sentence" TEXT NOT NULL DEFAULT '',
    "fault_since" BIGINT,
    "polled_at" BIGINT,
    "answered_at" BIGINT,
    "changed_at" BIGINT,
    "new_at" BIGINT,
    "rhythm_reason" TEXT NOT NULL DEFAULT '',
    "attempts" INT NOT NULL DEFAULT 0,
    "due_at" BIGINT NOT NULL,
    "lease_until" BIGINT,
    "lease_token" VARCHAR(32) NOT NULL DEFAULT ''
);
CREATE INDEX "idx_source_member_f79fc7" ON "source" ("member");
CREATE INDEX "source_due" ON "source" ("due_at") WHERE state = 'active';
CREATE INDEX "source_leased" ON "source" ("lease_until", "host") WHERE lease_until IS NOT NULL;
COMMENT ON TABLE "source" IS 'One feed, list or API of one member: its settings in force, its cursor, its health and its lease.';
CREATE TABLE "submission" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "source" VARCHAR(100) NOT NULL,
    "guid_sha256" VARCHAR(64) NOT NULL,
    "body_sha256" VARCHAR(64) NOT NULL DEFAULT '',
    "capture" BIGINT NOT NULL,
    "consumer" BIGINT NOT NULL,
    "at" BIGINT NOT NULL,
    CONSTRAINT "uid_submission_source_8b2662" UNIQUE ("source", "guid_sha256")
);
COMMENT ON TABLE "submission" IS 'The newest word of a member about one item by the API: what was sent, and the capture that it became.';
CREATE TABLE "subscription" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "source" VARCHAR(100) NOT NULL,
    "digest" VARCHAR(32) NOT NULL,
    "hub" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "named" INT NOT NULL DEFAULT 1,
    "state" VARCHAR(16) NOT NULL,
    "token" VARCHAR(64) NOT NULL UNIQUE,
    "secret" VARCHAR(64) NOT NULL,
    "mode" VARCHAR(16) NOT NULL DEFAULT '',
    "asked_at" BIGINT,
    "confirmed_at" BIGINT,
    "granted_until" BIGINT,
    "pushed_at" BIGINT,
    "missed_at" BIGINT,
    "pushes" INT NOT NULL DEFAULT 0,
    "refused" INT NOT NULL DEFAULT 0,
    "fault_code" VARCHAR(64) NOT NULL DEFAULT '',
    "attempts" INT NOT NULL DEFAULT 0,
    "due_at" BIGINT NOT NULL,
    "lease_until" BIGINT,
    "lease_token" VARCHAR(32) NOT NULL DEFAULT '',
    CONSTRAINT "uid_subscriptio_source_107155" UNIQUE ("source", "digest")
);
CREATE INDEX "subscription_due" ON "subscription" ("due_at") WHERE state <> 'ended';
COMMENT ON TABLE "subscription" IS 'A WebSub hub that a source''s feed names, and what we agreed with it; a feed that moves to another hub has two.';
CREATE TABLE "tally" (
    "content_id" VARCHAR(36) NOT NULL  PRIMARY KEY,
    "source" VARCHAR(100) NOT NULL,
    "member" VARCHAR(64) NOT NULL,
    "kind" VARCHAR(32) NOT NULL,
    "category" VARCHAR(64) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "day" INT NOT NULL,
    "dated" INT NOT NULL,
    "issued" INT,
    "author" VARCHAR(300) NOT NULL DEFAULT '',
    "photos" INT NOT NULL DEFAULT 0,
    "files" INT NOT NULL DEFAULT 0,
    "published" BIGINT,
    "first_seen" BIGINT NOT NULL,
    "approved_at" BIGINT,
    "first_public" BIGINT,
    "story" VARCHAR(36) NOT NULL DEFAULT '',
    "likeness" BYTEA
);
CREATE INDEX "idx_tally_day_092ecf" ON "tally" ("day", "member");
CREATE INDEX "idx_tally_member_c9e075" ON "tally" ("member", "category", "day");
CREATE INDEX "idx_tally_source_a168e2" ON "tally" ("source", "day");
CREATE INDEX "idx_tally_story_8c528f" ON "tally" ("story");
CREATE INDEX "tally_uncompared" ON "tally" ("day") WHERE story = '';
COMMENT ON TABLE "tally" IS 'One item as it counts; renewed in the transaction of every change of its editions (hub/store/tallying.py).';
CREATE TABLE "task" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "what" VARCHAR(16) NOT NULL,
    "destination" VARCHAR(100) NOT NULL DEFAULT '',
    "subject" VARCHAR(300) NOT NULL,
    "title" TEXT NOT NULL DEFAULT '',
    "content_id" VARCHAR(36) NOT NULL DEFAULT '',
    "revision" INT NOT NULL DEFAULT 0,
    "days" INT NOT NULL DEFAULT 0,
    "state" VARCHAR(16) NOT NULL,
    "opened_at" BIGINT NOT NULL,
    "closed_at" BIGINT,
    "closed_by" VARCHAR(200) NOT NULL DEFAULT '',
    "why" TEXT NOT NULL DEFAULT '',
    CONSTRAINT "uid_task_destina_9a74fc" UNIQUE ("destination", "subject")
);
CREATE INDEX "task_open" ON "task" ("days", "opened_at", "id") WHERE state = 'open';
CREATE INDEX "idx_task_content_4da131" ON "task" ("content_id");
COMMENT ON TABLE "task" IS 'What an officer is asked to do by hand, once per destination and subject; it is opened again when needed.';
CREATE TABLE "visit" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "site" VARCHAR(100) NOT NULL,
    "member" VARCHAR(64) NOT NULL DEFAULT '',
    "day" INT NOT NULL,
    "path" VARCHAR(500) NOT NULL DEFAULT '',
    "content_id" VARCHAR(36) NOT NULL DEFAULT '',
    "visits" BIGINT NOT NULL,
    "remark" VARCHAR(16) NOT NULL DEFAULT '',
    "loaded_at" BIGINT NOT NULL,
    "loaded_by" VARCHAR(200) NOT NULL,
    CONSTRAINT "uid_visit_site_8fd8f1" UNIQUE ("site", "day", "path")
);
CREATE INDEX "idx_visit_day_bb3ce8" ON "visit" ("day", "member");
COMMENT ON TABLE "visit" IS 'How often something was read on one day, as the counter of a site or of the portal says.';
CREATE TABLE "walk" (
    "source" VARCHAR(100) NOT NULL  PRIMARY KEY,
    "host" VARCHAR(300) NOT NULL,
    "since" VARCHAR(10) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "cursor" TEXT NOT NULL DEFAULT '{}',
    "pages" INT NOT NULL DEFAULT 0,
    "note" TEXT NOT NULL DEFAULT '',
    "asked_by" VARCHAR(200) NOT NULL DEFAULT '',
    "started_at" BIGINT NOT NULL,
    "ended_at" BIGINT,
    "attempts" INT NOT NULL DEFAULT 0,
    "due_at" BIGINT NOT NULL,
    "lease_until" BIGINT,
    "lease_token" VARCHAR(32) NOT NULL DEFAULT ''
);
CREATE INDEX "walk_due" ON "walk" ("due_at") WHERE state = 'running';
COMMENT ON TABLE "walk" IS 'A backfill: how far the walk back through a source''s history has come. One per source; a new one replaces it.';
