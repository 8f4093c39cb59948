-- state.db, version 6: when this machine first saw what is in the trash of its teamspaces.

CREATE TABLE trash_seen (
    teamspace    TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    trashed_at   TEXT NOT NULL,         -- as the log says it: what comes there again has another time
    seen_at      TEXT NOT NULL,
    deleting     INTEGER NOT NULL DEFAULT 0, -- the log says or is about to say that it is deleted; its files may be left
    PRIMARY KEY (teamspace, recording_id)
) STRICT, WITHOUT ROWID;
