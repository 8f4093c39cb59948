-- state.db, version 2: imports that a person holds, and a queue that stands still as a whole.

ALTER TABLE job ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;   -- 1: a person holds this one

-- What holds all of the queue. One row.
CREATE TABLE queue (
    only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
    paused   INTEGER NOT NULL DEFAULT 0,    -- 1: a person holds all of it
    full     TEXT                           -- the disk that has no room, and how much is needed, JSON
) STRICT;
INSERT INTO queue (only_one) VALUES (1);
