-- state.db, version 3: imported recordings of which Zoom may still finish files.

CREATE TABLE late_look (
    teamspace    TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    uuid         TEXT NOT NULL,         -- Zoom's meeting UUID
    account      TEXT NOT NULL,         -- digest of Zoom's id of the user who can see it
    title        TEXT NOT NULL,
    ended        TEXT NOT NULL,         -- when the recording ended
    until        TEXT NOT NULL,         -- after this no more looks
    next_look    TEXT,                  -- none: no more looks, for the reason in `why`
    processing   INTEGER NOT NULL,      -- 1: Zoom says that it works on a file
    why          TEXT,                  -- why the last look failed, a UserError
    PRIMARY KEY (teamspace, recording_id)
) STRICT;
CREATE INDEX late_look_by_time ON late_look (next_look);
