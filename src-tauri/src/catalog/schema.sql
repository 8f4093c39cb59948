-- The catalog. Disposable: raise VERSION in mod.rs with every change here, and it is built anew.

CREATE TABLE teamspace (
    id     TEXT PRIMARY KEY,
    -- Number of the last log entry that is applied.
    cursor INTEGER NOT NULL,
    -- The checkpoint that is being applied, and how far: its number, which one it is, bytes, operations.
    checkpoint        INTEGER NOT NULL DEFAULT 0,
    checkpoint_nonce  TEXT    NOT NULL DEFAULT '',
    checkpoint_offset INTEGER NOT NULL DEFAULT 0,
    checkpoint_ops    INTEGER NOT NULL DEFAULT 0,
    -- The last folder of recordings that a repair under way is done with.
    repaired TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE recording (
    -- Larger is newer: seconds of the start, then a number that keeps those of one second apart.
    id           INTEGER PRIMARY KEY,
    teamspace    TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    -- Digest of its manifest, as the log names it: what is already here is not read again.
    source       TEXT NOT NULL,
    -- 0: only what the log says is known; 1: its manifest and texts are here; 2: they are, and must be read again.
    state        INTEGER NOT NULL,
    -- Sum of the sizes of its files, as the log says it.
    size         INTEGER NOT NULL,
    title        TEXT NOT NULL,
    host         TEXT,
    -- Those of its mark, one per line, so that they are found with its title.
    tags         TEXT NOT NULL DEFAULT '',
    start        TEXT NOT NULL,
    duration     INTEGER NOT NULL,
    time_zone    TEXT,
    imported_by  TEXT NOT NULL,
    -- Id of that profile, where the manifest says it.
    importer     TEXT,
    -- Who imported it and who speaks in it, one per line.
    people       TEXT NOT NULL DEFAULT '',
    imported_at  TEXT NOT NULL,
    UNIQUE (teamspace, recording_id)
) STRICT;

-- The newest of a teamspace, and those of them that are still to be read.
CREATE INDEX recording_newest ON recording (teamspace);
CREATE INDEX recording_pending ON recording (teamspace) WHERE state <> 1;
CREATE INDEX recording_stale ON recording (teamspace) WHERE state = 2;

-- What the log says was finished later.
CREATE TABLE addendum (
    teamspace    TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    -- Its digest.
    manifest     TEXT NOT NULL,
    PRIMARY KEY (teamspace, recording_id, manifest)
) STRICT, WITHOUT ROWID;

CREATE TABLE recording_file (
    recording  INTEGER NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    key        TEXT NOT NULL,
    kind       TEXT NOT NULL,
    segment    INTEGER NOT NULL,
    layout     TEXT,
    media_type TEXT NOT NULL,
    size       INTEGER NOT NULL,
    sha256     TEXT NOT NULL,
    PRIMARY KEY (recording, position)
) STRICT, WITHOUT ROWID;

-- What Zoom's summaries say, in JSON; no row without one.
CREATE TABLE summary (
    recording INTEGER PRIMARY KEY REFERENCES recording (id) ON DELETE CASCADE,
    content   TEXT NOT NULL
) STRICT;

-- What people made of recordings, kept apart because it comes before, after or without their manifests.
CREATE TABLE mark (
    teamspace    TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    -- 'library', 'trash', or 'gone' when its files are deleted.
    place        TEXT NOT NULL DEFAULT 'library',
    -- Who put it into the trash and when; none in the library.
    place_by     TEXT,
    place_at     TEXT,
    title        TEXT,
    -- A list in JSON.
    tags         TEXT NOT NULL DEFAULT '[]',
    -- The recording in JSON while it is in the trash: it is not in the table of recordings then.
    was          TEXT,
    -- Taken out of the trash, and still to be read.
    reload       INTEGER NOT NULL DEFAULT 0,
    -- Digest of its manifest as the log names it, while the recording is not listed.
    named        TEXT,
    PRIMARY KEY (teamspace, recording_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX mark_reload ON mark (teamspace) WHERE reload = 1;

-- What people changed, in the order of the log: the older value stays visible.
CREATE TABLE history (
    teamspace    TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    -- The entry of the log, and the place in it.
    n            INTEGER NOT NULL,
    position     INTEGER NOT NULL,
    -- Id of the profile.
    profile      TEXT NOT NULL,
    at           TEXT NOT NULL,
    kind         TEXT NOT NULL,
    -- Lists in JSON.
    old          TEXT NOT NULL,
    new          TEXT NOT NULL,
    PRIMARY KEY (teamspace, recording_id, n, position)
) STRICT, WITHOUT ROWID;

-- Stretches of recordings that somebody marked; like marks they come before, after or without the manifests.
CREATE TABLE highlight (
    teamspace    TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    -- A UUID.
    id           TEXT NOT NULL,
    -- Milliseconds on the recording's timeline: all its parts, one after the other.
    from_ms      INTEGER NOT NULL,
    to_ms        INTEGER NOT NULL,
    note         TEXT NOT NULL,
    -- A list in JSON.
    tags         TEXT NOT NULL,
    -- Id of the profile that made it, and when.
    made_by      TEXT NOT NULL,
    made_at      TEXT NOT NULL,
    -- 1: it is not shown, and who made it is kept for whoever takes it back.
    removed      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (teamspace, recording_id, id)
) STRICT, WITHOUT ROWID;

-- Who a teamspace's members are, as they said it last.
CREATE TABLE member (
    teamspace TEXT NOT NULL,
    profile   TEXT NOT NULL,
    name      TEXT NOT NULL,
    photo     TEXT,
    PRIMARY KEY (teamspace, profile)
) STRICT, WITHOUT ROWID;

-- What could not be read, as a person hears of it.
CREATE TABLE problem (
    teamspace    TEXT NOT NULL,
    -- The key of the object.
    what         TEXT NOT NULL,
    recording_id TEXT,
    -- A UserError in JSON.
    error        TEXT NOT NULL,
    -- Whether reading it again may go better: it is put back from a backup, the app is newer.
    retry        INTEGER NOT NULL,
    PRIMARY KEY (teamspace, what)
) STRICT, WITHOUT ROWID;

-- About ten cues, or chat messages, in a row: whole recordings make snippets slow, single cues the index big.
CREATE TABLE passage (
    -- recording << 14 | number: the newest first without a sort.
    id        INTEGER PRIMARY KEY,
    recording INTEGER NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
    -- 'transcript' or 'chat'.
    kind      TEXT NOT NULL,
    segment   INTEGER NOT NULL,
    -- Start and end of each line in seconds, parted by spaces.
    times     TEXT NOT NULL,
    -- Who speaks, one line each, empty where nobody is named.
    speakers  TEXT NOT NULL,
    -- The texts, one line each: apart from the speakers, so that a phrase goes on from line to line. Line feeds within a
    -- text stand as U+001E. Letters that stand alone (see query/spelling.rs) are set apart by U+001D.
    body      TEXT NOT NULL,
    -- What the files say, where people corrected something of it.
    original_speakers TEXT,
    original_body     TEXT
) STRICT;
CREATE INDEX passage_of_recording ON passage (recording);

-- Symbols (So) are words too: emoji are searched for.
CREATE VIRTUAL TABLE passage_words USING fts5 (
    body, speakers, content = 'passage', content_rowid = 'id',
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'", prefix = '2 3'
);
CREATE TRIGGER passage_added AFTER INSERT ON passage BEGIN
    INSERT INTO passage_words (rowid, body, speakers) VALUES (new.id, new.body, new.speakers);
END;
CREATE TRIGGER passage_removed AFTER DELETE ON passage BEGIN
    INSERT INTO passage_words (passage_words, rowid, body, speakers)
    VALUES ('delete', old.id, old.body, old.speakers);
END;
CREATE TRIGGER passage_corrected AFTER UPDATE OF body, speakers ON passage BEGIN
    INSERT INTO passage_words (passage_words, rowid, body, speakers)
    VALUES ('delete', old.id, old.body, old.speakers);
    INSERT INTO passage_words (rowid, body, speakers) VALUES (new.id, new.body, new.speakers);
END;

-- Which transcript a segment has: the beginning of its digest.
CREATE TABLE spoken (
    recording INTEGER NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
    segment   INTEGER NOT NULL,
    source    TEXT NOT NULL,
    PRIMARY KEY (recording, segment)
) STRICT, WITHOUT ROWID;

-- What people corrected, all of it, in the order of the log: see corrections.rs. Of a field the last one is in force.
CREATE TABLE correction (
    teamspace    TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    -- As in the log.
    field        TEXT NOT NULL,
    -- The entry of the log, and the place in it.
    n            INTEGER NOT NULL,
    position     INTEGER NOT NULL,
    -- Id of the profile.
    profile      TEXT NOT NULL,
    at           TEXT NOT NULL,
    -- None: as in the file again.
    value        TEXT,
    PRIMARY KEY (teamspace, recording_id, field, n, position)
) STRICT, WITHOUT ROWID;

-- Titles, people and tags, found by any three letters of theirs.
CREATE VIRTUAL TABLE recording_words USING fts5 (
    title, host, people, tags, content = 'recording', content_rowid = 'id',
    tokenize = 'trigram remove_diacritics 1'
);
CREATE TRIGGER recording_added AFTER INSERT ON recording BEGIN
    INSERT INTO recording_words (rowid, title, host, people, tags)
    VALUES (new.id, new.title, new.host, new.people, new.tags);
END;
CREATE TRIGGER recording_renamed AFTER UPDATE OF title, host, people, tags ON recording
WHEN new.title IS NOT old.title OR new.host IS NOT old.host OR new.people IS NOT old.people
    OR new.tags IS NOT old.tags BEGIN
    INSERT INTO recording_words (recording_words, rowid, title, host, people, tags)
    VALUES ('delete', old.id, old.title, old.host, old.people, old.tags);
    INSERT INTO recording_words (rowid, title, host, people, tags)
    VALUES (new.id, new.title, new.host, new.people, new.tags);
END;
CREATE TRIGGER recording_removed AFTER DELETE ON recording BEGIN
    INSERT INTO recording_words (recording_words, rowid, title, host, people, tags)
    VALUES ('delete', old.id, old.title, old.host, old.people, old.tags);
END;
CREATE INDEX recording_tagged ON recording (teamspace) WHERE tags <> '';
