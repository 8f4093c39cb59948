-- state.db, version 4: the ledger of verified copies, how far a teamspace is verified, and what was moved to
-- Zoom's trash afterwards.

-- Who verified what and when: one row per verification, never changed.
CREATE TABLE ledger (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    teamspace    TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    how          TEXT NOT NULL,         -- 'import' | 'second' | 'manual'
    at           TEXT NOT NULL,
    profile      TEXT NOT NULL,         -- id of the profile
    name         TEXT NOT NULL,         -- its name then
    files        INTEGER NOT NULL,      -- how many were read
    bytes        INTEGER NOT NULL,
    manifest     TEXT NOT NULL,         -- SHA-256 of the manifest; empty when it is missing or cannot be read
    damaged      TEXT NOT NULL,         -- what was not as it should be, JSON; '[]' when all was whole
    meeting_uuid TEXT,                  -- of an import from Zoom
    zoom_user    TEXT                   -- SHA-256 of the id of the Zoom user, who may be forgotten
) STRICT;
CREATE INDEX ledger_by_recording ON ledger (teamspace, recording_id, id);
CREATE INDEX ledger_of_imports ON ledger (zoom_user, id) WHERE how = 'import';

-- The last verification of each teamspace: under way, interrupted, or finished.
CREATE TABLE verify_run (
    teamspace   TEXT PRIMARY KEY,
    started_at  TEXT NOT NULL,
    finished_at TEXT,                   -- none: it goes on after `position`
    position    TEXT NOT NULL,          -- id of the last recording that is done with
    checked     INTEGER NOT NULL,       -- recordings
    files       INTEGER NOT NULL,
    bytes       INTEGER NOT NULL
) STRICT;

CREATE TABLE verify_finding (
    teamspace TEXT NOT NULL REFERENCES verify_run (teamspace) ON DELETE CASCADE,
    n         INTEGER NOT NULL,
    kind      TEXT NOT NULL,            -- 'damage' | 'orphan'
    finding   TEXT NOT NULL,            -- JSON
    PRIMARY KEY (teamspace, n)
) STRICT;

-- What was moved to Zoom's trash. Written before Zoom is asked, and settled after.
CREATE TABLE trashed_at_zoom (
    recording_id TEXT PRIMARY KEY,
    teamspace    TEXT NOT NULL,
    meeting_uuid TEXT NOT NULL,
    title        TEXT NOT NULL,
    outcome      TEXT NOT NULL,         -- 'asked' | 'trashed' | 'already_gone'
    verification INTEGER NOT NULL REFERENCES ledger (id),
    at           TEXT NOT NULL,
    name         TEXT NOT NULL          -- of the profile
) STRICT;

-- Why a recording that is due was not moved to Zoom's trash when that was last tried.
CREATE TABLE kept_at_zoom (
    recording_id TEXT NOT NULL,
    teamspace    TEXT NOT NULL,
    why          TEXT NOT NULL,         -- a UserError
    tried_at     TEXT NOT NULL,
    PRIMARY KEY (recording_id, teamspace)
) STRICT;
