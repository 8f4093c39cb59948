-- state.db, version 5: uploads to buckets that are under way, so that they are gone on with after a crash.

CREATE TABLE upload (
    id         INTEGER PRIMARY KEY,
    teamspace  TEXT NOT NULL,
    key        TEXT NOT NULL,           -- in the teamspace
    upload_id  TEXT NOT NULL,           -- as the store calls it
    part_size  INTEGER NOT NULL,        -- bytes of every part but the last
    size       INTEGER NOT NULL,        -- of the whole
    sha256     TEXT NOT NULL,           -- of the whole
    UNIQUE (teamspace, key)
) STRICT;

CREATE TABLE upload_part (
    upload  INTEGER NOT NULL REFERENCES upload (id) ON DELETE CASCADE,
    n       INTEGER NOT NULL,           -- from 0
    part_id TEXT NOT NULL,              -- as the store calls it: its entity tag
    PRIMARY KEY (upload, n)
) STRICT, WITHOUT ROWID;
