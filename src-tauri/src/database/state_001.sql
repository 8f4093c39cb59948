-- state.db, version 1: small and precious. Times are ISO 8601 in UTC, sizes bytes, lists and errors JSON.

-- The person on this machine. One row.
CREATE TABLE profile (
    only_one   INTEGER PRIMARY KEY CHECK (only_one = 1),
    id         TEXT NOT NULL,
    name       TEXT NOT NULL,
    email      TEXT NOT NULL,
    photo      TEXT,                    -- a data: address
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL                 -- JSON
) STRICT;

-- The connected account of each integration; its tokens are in the keyring.
CREATE TABLE account (
    integration  TEXT PRIMARY KEY,      -- 'zoom'
    id           TEXT NOT NULL,         -- Zoom's user id
    account_id   TEXT NOT NULL,
    email        TEXT NOT NULL,
    name         TEXT NOT NULL,
    plan         TEXT NOT NULL,
    state        TEXT NOT NULL,         -- 'connected' | 'needs_reauthorization'
    reason       TEXT,                  -- why signing in again is needed, a UserError
    connected_at TEXT NOT NULL,
    details      TEXT                   -- what else Zoom said of the user that we need, JSON
) STRICT;

-- Teamspaces that this machine knows.
CREATE TABLE teamspace (
    id       TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    location TEXT NOT NULL UNIQUE,      -- JSON
    added_at TEXT NOT NULL
) STRICT;

-- The import queue: one row per thing and teamspace, so that asking twice is asking once.
CREATE TABLE job (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    teamspace    TEXT NOT NULL,
    source       TEXT NOT NULL,         -- 'zoom' | 'file'
    source_key   TEXT NOT NULL,         -- meeting UUID, or the path of a file
    transcript   TEXT,                  -- path of the VTT that goes with a file
    recording_id TEXT,
    title        TEXT NOT NULL,
    start        TEXT,
    delete_at    TEXT,                  -- when Zoom will delete it: the most urgent is taken first
    state        TEXT NOT NULL,         -- queued running waiting done failed cancelled
    attempts     INTEGER NOT NULL DEFAULT 0,
    retry_at     TEXT,
    bytes        INTEGER NOT NULL DEFAULT 0,
    bytes_total  INTEGER NOT NULL DEFAULT 0,
    error        TEXT,                  -- a UserError
    attempt      TEXT,                  -- name of the folder that its files are published under
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    UNIQUE (teamspace, source, source_key)
) STRICT;
CREATE INDEX job_by_state ON job (state, retry_at);

-- Files of a job that are staged or published: what was done is looked up here, and believed only together
-- with the file that it speaks of.
CREATE TABLE job_file (
    job        INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    file       TEXT NOT NULL,           -- Zoom's identity of the file within the meeting
    size       INTEGER NOT NULL,
    sha256     TEXT NOT NULL,
    media_type TEXT NOT NULL,
    key        TEXT,                    -- where it stands in the recording's folder, once published
    PRIMARY KEY (job, file)
) STRICT;

-- What is published and not yet in the teamspace's log.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    teamspace  TEXT NOT NULL,
    op         TEXT NOT NULL,           -- JSON of a log operation
    created_at TEXT NOT NULL
) STRICT;

-- Where the person stopped listening.
CREATE TABLE position (
    teamspace    TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    seconds      REAL NOT NULL,
    updated_at   TEXT NOT NULL,
    PRIMARY KEY (teamspace, recording_id)
) STRICT;

-- What a person should know and has not put away.
CREATE TABLE notice (
    code       TEXT PRIMARY KEY,
    error      TEXT NOT NULL,           -- a UserError
    created_at TEXT NOT NULL
) STRICT;
