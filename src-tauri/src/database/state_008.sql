-- state.db, version 8: saved searches.

CREATE TABLE saved_search (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    name      TEXT NOT NULL,
    folded    TEXT NOT NULL UNIQUE,            -- the name in small letters: no two are the same
    text      TEXT NOT NULL,                   -- in the query language
    teamspace TEXT,                            -- none: in all
    saved_at  TEXT NOT NULL
) STRICT;
