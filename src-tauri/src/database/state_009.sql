-- state.db, version 10: what a person keeps on this machine.

CREATE TABLE pin (
    teamspace TEXT NOT NULL,
    kind      TEXT NOT NULL,            -- 'teamspace' | 'tag' | 'recording'
    value     TEXT NOT NULL,            -- the tag in small letters, or the recording's id; empty for all of a teamspace
    pinned_at TEXT NOT NULL,
    PRIMARY KEY (teamspace, kind, value)
) STRICT, WITHOUT ROWID;
