-- state.db, version 6: auto-import, and the log of activity.

-- Auto-import as a person set it, and how far it has looked. One row.
CREATE TABLE auto_import (
    only_one       INTEGER PRIMARY KEY CHECK (only_one = 1),
    is_on          INTEGER NOT NULL DEFAULT 0,
    revision       INTEGER NOT NULL DEFAULT 0,  -- counts what a person changes: a look under way sees that it is out of date
    teamspace      TEXT,
    account        TEXT,                        -- digest of Zoom's id of the user for whom it was switched on
    since          TEXT,                        -- takes what began after this
    since_is_zooms INTEGER NOT NULL DEFAULT 0,  -- 1: `since` was put right by Zoom's clock
    rules          TEXT NOT NULL DEFAULT '{}',  -- JSON
    covered        TEXT,                        -- the watermark, by Zoom's clock
    last_poll      TEXT,
    next_poll      TEXT,
    asked          INTEGER NOT NULL DEFAULT 0,  -- 1: a person asked for a look now
    failures       INTEGER NOT NULL DEFAULT 0,  -- looks that failed, one after the other
    paused_at      TEXT,
    paused_until   TEXT,
    problem        TEXT                         -- JSON
) STRICT;
INSERT INTO auto_import (only_one) VALUES (1);

-- What auto-import has seen at Zoom and what it decided.
CREATE TABLE auto_seen (
    account      TEXT NOT NULL,                 -- digest of Zoom's id of the user
    uuid         TEXT NOT NULL,                 -- Zoom's meeting UUID
    recording_id TEXT NOT NULL,
    teamspace    TEXT NOT NULL,                 -- that it was decided for
    title        TEXT NOT NULL,
    start        TEXT NOT NULL,
    duration     INTEGER NOT NULL,
    size         INTEGER NOT NULL,
    host         TEXT,
    delete_at    TEXT,
    verdict      TEXT NOT NULL,                 -- 'take' | 'review' | 'skip' | 'wait'
    rule         TEXT NOT NULL,                 -- what decided
    facts        TEXT NOT NULL,                 -- digest of what a decision depends on
    files        TEXT NOT NULL,                 -- digest of the files that Zoom had finished
    first_seen   TEXT NOT NULL,
    decided_at   TEXT NOT NULL,
    PRIMARY KEY (account, uuid)
) STRICT;
CREATE INDEX auto_seen_by_verdict ON auto_seen (verdict, start);

-- Calls that looking for recordings cost, per day in UTC.
CREATE TABLE auto_calls (
    day   TEXT PRIMARY KEY,
    calls INTEGER NOT NULL
) STRICT;

-- Which kinds of files of a recording are wanted in a teamspace, where not all of them are.
CREATE TABLE wanted_kinds (
    teamspace  TEXT NOT NULL,
    source_key TEXT NOT NULL,                   -- Zoom's meeting UUID
    kinds      TEXT NOT NULL,                   -- JSON
    PRIMARY KEY (teamspace, source_key)
) STRICT;

ALTER TABLE job ADD COLUMN automatic INTEGER NOT NULL DEFAULT 0;   -- 1: auto-import asked for it

-- What happened. Kept for 90 days.
CREATE TABLE activity (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    at           TEXT NOT NULL,
    kind         TEXT NOT NULL,
    teamspace    TEXT,
    recording_id TEXT,
    uuid         TEXT,
    title        TEXT NOT NULL,
    rule         TEXT,
    error        TEXT,                          -- a UserError
    automatic    INTEGER NOT NULL,
    words        TEXT NOT NULL                  -- what it is found by, folded
) STRICT;
CREATE INDEX activity_by_recording ON activity (teamspace, recording_id, kind);
INSERT INTO activity (at, kind, teamspace, recording_id, uuid, title, automatic, words)
    SELECT ledger.at, 'imported', ledger.teamspace, ledger.recording_id, ledger.meeting_uuid,
           coalesce(job.title, ''), 0, lower(coalesce(job.title, ''))
    FROM ledger LEFT JOIN job ON job.teamspace = ledger.teamspace AND job.recording_id = ledger.recording_id
    WHERE ledger.how = 'import'
    GROUP BY ledger.teamspace, ledger.recording_id ORDER BY ledger.id;

-- What only a person can put right, from when it was told until it is over.
CREATE TABLE incident (
    key   TEXT PRIMARY KEY,
    since TEXT NOT NULL
) STRICT;
