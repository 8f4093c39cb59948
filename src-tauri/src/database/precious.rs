//! Opening `state.db`: migrated with care, backed up while good, restored when damaged.
//!
//! The backup is taken each time the file was opened and found whole, and again whenever [`Database::back_up`]
//! is called after something that a person would hate to type twice. It replaces the older one by rename, so
//! that there is always one whole backup.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use super::{Database, Error, connect, with_companions};
use crate::error::{Code, UserError};

static MIGRATIONS: LazyLock<Migrations<'static>> = LazyLock::new(|| {
    Migrations::new(vec![
        M::up(include_str!("state_001.sql")),
        M::up(include_str!("state_002.sql")),
        M::up(include_str!("state_003.sql")),
        M::up(include_str!("state_004.sql")),
        M::up(include_str!("state_005.sql")),
        M::up(include_str!("state_006.sql")),
        M::up(include_str!("state_007.sql")),
        M::up(include_str!("state_008.sql")),
        M::up(include_str!("state_009.sql")),
    ])
});

/// What happened while opening that a person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incident {
    /// The file was damaged, set aside, and the last backup took its place.
    RestoredFromBackup {
        /// Where the damaged file is now.
        kept: PathBuf,
    },
    /// The file was damaged and set aside; there was no usable backup, so a new one was begun.
    StartedAnew {
        /// Where the damaged file is now.
        kept: PathBuf,
    },
}

/// An opened `state.db`.
#[derive(Debug)]
pub struct Opened {
    /// The database.
    pub database: Database,
    /// What happened, when something happened.
    pub incident: Option<Incident>,
}

/// Opens `state.db`, or makes it. `now` names a damaged file that is set aside.
pub fn open_state(path: &Path, now: Timestamp) -> Result<Opened, Error> {
    let _turn = take_turn(path)?;
    let (connection, incident) = match open_checked(path) {
        Ok(connection) => (connection, None),
        Err(Error::Damaged(_)) => {
            let kept = set_aside(path, now)?;
            match restore(path) {
                Ok(connection) => (connection, Some(Incident::RestoredFromBackup { kept })),
                Err(_) => {
                    remove(path)?;
                    (open_checked(path)?, Some(Incident::StartedAnew { kept }))
                }
            }
        }
        Err(other) => return Err(other),
    };
    let database = Database::new(connection, path);
    database.back_up()?;
    Ok(Opened { database, incident })
}

/// A `state.db` that lives in memory, for tests.
pub fn open_state_in_memory() -> Result<Database, Error> {
    let mut connection = Connection::open_in_memory()?;
    connection.pragma_update(None, "foreign_keys", true)?;
    MIGRATIONS.to_latest(&mut connection)?;
    Ok(Database::new(connection, Path::new(":memory:")))
}

impl Database {
    /// Replaces the backup beside the file by a copy of what is in it now.
    pub fn back_up(&self) -> Result<(), Error> {
        let (backup, fresh) = (backup_path(&self.path), beside(&self.path, "backup-new"));
        let io = |source| Error::Io { attempted: "back up the database", source };
        {
            let connection = self.lock();
            // Under the lock: two calls must not share the fresh copy.
            match fs::remove_file(&fresh) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => return Err(io(source)),
                _ => {}
            }
            connection.execute("VACUUM INTO ?1", [fresh.to_string_lossy()])?;
        }
        File::open(&fresh).and_then(|file| file.sync_all()).map_err(io)?;
        fs::rename(&fresh, &backup).map_err(io)
    }
}

impl Database {
    /// Leaves no trace of what was deleted before: not in the journal, and not in the backup. In the file itself
    /// deleting overwrites (`secure_delete`).
    pub fn scrub(&self) -> Result<(), Error> {
        // A reader in another process can hold the journal for a moment; then the next checkpoint does it.
        self.lock().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        self.back_up()
    }
}

impl From<&Incident> for UserError {
    fn from(incident: &Incident) -> Self {
        match incident {
            Incident::RestoredFromBackup { kept } => Self::new(
                Code::FileDamaged,
                "NEXT's data was damaged and has been restored from the last backup",
                "look over your profile, teamspaces and imports; recordings in your teamspaces were never at risk",
            )
            .with("path", kept.display()),
            Incident::StartedAnew { kept } => Self::new(
                Code::FileDamaged,
                "NEXT's data was damaged, there was no backup, and a new start was made",
                "set up your profile again and add your teamspaces by their folders: their recordings are all there",
            )
            .with("path", kept.display()),
        }
    }
}

fn open_checked(path: &Path) -> Result<Connection, Error> {
    let mut connection = connect(path)?;
    // What a person disconnects or removes must be gone from the file too.
    connection.pragma_update(None, "secure_delete", true)?;
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(Error::Damaged(rusqlite::Error::InvalidQuery));
    }
    MIGRATIONS.to_latest(&mut connection)?;
    Ok(connection)
}

/// One process at a time looks at the file and mends it. The lock goes with the returned file.
fn take_turn(path: &Path) -> Result<File, Error> {
    let io = |source| Error::Io { attempted: "lock the database for opening", source };
    let file = File::options().create(true).truncate(false).write(true).open(beside(path, "lock"));
    let file = match file {
        Err(source) if source.kind() == std::io::ErrorKind::PermissionDenied => return Err(Error::ReadOnly),
        Err(source) if source.kind() == std::io::ErrorKind::ReadOnlyFilesystem => {
            return Err(Error::ReadOnly);
        }
        other => other.map_err(io)?,
    };
    file.lock().map_err(io)?;
    Ok(file)
}

fn set_aside(path: &Path, now: Timestamp) -> Result<PathBuf, Error> {
    let stamp = now.strftime("%Y%m%d-%H%M%S").to_string();
    let kept = beside(path, &format!("damaged-{stamp}"));
    for (from, to) in with_companions(path).into_iter().zip(with_companions(&kept)) {
        match fs::rename(&from, &to) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::Io { attempted: "set the damaged database aside", source });
            }
            _ => {}
        }
    }
    Ok(kept)
}

fn restore(path: &Path) -> Result<Connection, Error> {
    fs::copy(backup_path(path), path)
        .map_err(|source| Error::Io { attempted: "restore the backup", source })?;
    open_checked(path)
}

fn remove(path: &Path) -> Result<(), Error> {
    for file in with_companions(path) {
        match fs::remove_file(file) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::Io { attempted: "remove an unusable backup copy", source });
            }
            _ => {}
        }
    }
    Ok(())
}

fn backup_path(path: &Path) -> PathBuf {
    beside(path, "backup")
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(database: &Database, value: &str) {
        database
            .write(|t| {
                t.execute("INSERT OR REPLACE INTO setting (name, value) VALUES ('x', ?1)", [value])?;
                Ok(())
            })
            .unwrap();
    }

    fn value(database: &Database) -> Option<String> {
        database
            .read(|c| {
                Ok(c.query_row("SELECT value FROM setting WHERE name = 'x'", [], |row| row.get(0)).ok())
            })
            .unwrap()
    }

    #[test]
    fn the_migrations_hold_together() {
        assert!(MIGRATIONS.validate().is_ok());
    }

    #[test]
    fn jobs_of_version_1_are_in_version_2_and_nothing_holds_them() {
        let mut connection = Connection::open_in_memory().unwrap();
        MIGRATIONS.to_version(&mut connection, 1).unwrap();
        connection
            .execute_batch(
                "INSERT INTO job (teamspace, source, source_key, title, state, created_at, updated_at)
                 VALUES ('t1', 'zoom', 'a', 'Interview', 'queued', '', '')",
            )
            .unwrap();
        MIGRATIONS.to_version(&mut connection, 2).unwrap();
        let held = "SELECT title, job.paused + queue.paused, full FROM job, queue";
        let found: (String, i64, Option<String>) =
            connection.query_row(held, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        assert_eq!(found, ("Interview".to_owned(), 0, None));
    }

    #[test]
    fn the_ledger_comes_to_a_database_of_the_version_before_and_nothing_in_it_is_lost() {
        let mut connection = Connection::open_in_memory().unwrap();
        let mut version = 1;
        MIGRATIONS.to_version(&mut connection, version).unwrap();
        connection.execute("INSERT INTO setting (name, value) VALUES ('x', 'kept')", []).unwrap();
        while connection.prepare("SELECT * FROM ledger").is_err() {
            version += 1;
            MIGRATIONS.to_version(&mut connection, version).unwrap();
        }

        assert!(version > 1, "the ledger was not there from the beginning");
        let kept: String =
            connection.query_row("SELECT value FROM setting WHERE name = 'x'", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, "kept");
        let rows: i64 = connection.query_row("SELECT count(*) FROM ledger", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 0);
    }

    #[test]
    fn uploads_come_to_a_database_of_the_version_before_and_their_parts_go_with_them() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "foreign_keys", true).unwrap();
        let mut version = 1;
        MIGRATIONS.to_version(&mut connection, version).unwrap();
        connection.execute("INSERT INTO setting (name, value) VALUES ('x', 'kept')", []).unwrap();
        while connection.prepare("SELECT * FROM upload").is_err() {
            version += 1;
            MIGRATIONS.to_version(&mut connection, version).unwrap();
        }
        connection
            .execute_batch(
                "INSERT INTO upload VALUES (1, 't1', 'recordings/x', 'id', 8, 10, 'sha');
                 INSERT INTO upload_part VALUES (1, 0, 'tag');
                 DELETE FROM upload",
            )
            .unwrap();
        let found = "SELECT (SELECT count(*) FROM upload_part), (SELECT value FROM setting WHERE name = 'x')";
        let found: (i64, String) =
            connection.query_row(found, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(found, (0, "kept".to_owned()));
    }

    #[test]
    fn first_sights_of_the_trash_come_to_a_database_of_the_version_before() {
        let mut connection = Connection::open_in_memory().unwrap();
        let mut version = 1;
        MIGRATIONS.to_version(&mut connection, version).unwrap();
        while connection.prepare("SELECT * FROM upload").is_err() {
            version += 1;
            MIGRATIONS.to_version(&mut connection, version).unwrap();
        }
        let begun = "INSERT INTO upload VALUES (1, 't1', 'recordings/x', 'id', 8, 10, 'sha')";
        connection.execute(begun, []).unwrap();
        while connection.prepare("SELECT * FROM trash_seen").is_err() {
            version += 1;
            MIGRATIONS.to_version(&mut connection, version).unwrap();
        }
        let found = "SELECT (SELECT count(*) FROM trash_seen), (SELECT count(*) FROM upload)";
        let found: (i64, i64) =
            connection.query_row(found, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(found, (0, 1));
    }

    #[test]
    fn auto_import_comes_switched_off_and_the_log_begins_with_what_the_ledger_knows() {
        let mut connection = Connection::open_in_memory().unwrap();
        let mut version = 1;
        while connection.prepare("SELECT * FROM trash_seen").is_err() {
            MIGRATIONS.to_version(&mut connection, version).unwrap();
            version += 1;
        }
        connection
            .execute_batch(
                "INSERT INTO job (teamspace, source, source_key, recording_id, title, state, created_at, updated_at)
                 VALUES ('t1', 'zoom', 'a', 'r1', 'Interview', 'done', '', '');
                 INSERT INTO ledger (teamspace, recording_id, how, at, profile, name, files, bytes, manifest, damaged)
                 VALUES ('t1', 'r1', 'import', '2026-03-01', 'p', 'Maya', 1, 1, '', '[]'),
                        ('t1', 'r1', 'second', '2026-03-02', 'p', 'Maya', 1, 1, '', '[]')",
            )
            .unwrap();
        MIGRATIONS.to_latest(&mut connection).unwrap();
        let found = "SELECT is_on, kind, activity.title, activity.at FROM auto_import, activity";
        let mut statement = connection.prepare(found).unwrap();
        let rows = statement.query_map([], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, String>(3)?,
            ))
        });
        let rows: Vec<_> = rows.unwrap().map(Result::unwrap).collect();
        assert_eq!(rows, [(0, "imported".to_owned(), "Interview".to_owned(), "2026-03-01".to_owned())]);
    }

    #[test]
    fn saved_searches_come_to_a_database_of_the_version_before_and_nothing_in_it_is_lost() {
        let mut connection = Connection::open_in_memory().unwrap();
        MIGRATIONS.to_version(&mut connection, 7).unwrap();
        assert!(connection.prepare("SELECT * FROM saved_search").is_err());
        connection.execute("INSERT INTO setting (name, value) VALUES ('x', 'kept')", []).unwrap();
        MIGRATIONS.to_version(&mut connection, 8).unwrap();
        let found =
            "SELECT (SELECT count(*) FROM saved_search), (SELECT value FROM setting WHERE name = 'x')";
        let found: (i64, String) =
            connection.query_row(found, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(found, (0, "kept".to_owned()));
    }

    #[test]
    fn pins_come_to_a_database_of_the_version_before_and_nothing_in_it_is_lost() {
        let mut connection = Connection::open_in_memory().unwrap();
        let mut version = 1;
        MIGRATIONS.to_version(&mut connection, version).unwrap();
        connection.execute("INSERT INTO setting (name, value) VALUES ('x', 'kept')", []).unwrap();
        while connection.prepare("SELECT * FROM pin").is_err() {
            version += 1;
            MIGRATIONS.to_version(&mut connection, version).unwrap();
        }
        let found = "SELECT (SELECT count(*) FROM pin), (SELECT value FROM setting WHERE name = 'x')";
        let found: (i64, String) =
            connection.query_row(found, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(found, (0, "kept".to_owned()));
    }

    #[test]
    fn nothing_of_version_2_is_looked_at_for_late_files_in_version_3() {
        let mut connection = Connection::open_in_memory().unwrap();
        MIGRATIONS.to_version(&mut connection, 2).unwrap();
        connection
            .execute_batch(
                "INSERT INTO job (teamspace, source, source_key, title, state, created_at, updated_at)
                 VALUES ('t1', 'zoom', 'a', 'Interview', 'done', '', '')",
            )
            .unwrap();
        MIGRATIONS.to_version(&mut connection, 3).unwrap();
        let found = "SELECT (SELECT count(*) FROM job), (SELECT count(*) FROM late_look)";
        let found: (i64, i64) =
            connection.query_row(found, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(found, (1, 0));
    }

    #[test]
    fn a_damaged_file_is_kept_and_the_last_backup_takes_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.db");
        let opened = open_state(&path, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(opened.incident, None);
        put(&opened.database, "precious");
        opened.database.back_up().unwrap();
        drop(opened);
        fs::write(&path, b"not a database at all, but long enough to look like a file with content").unwrap();

        let opened = open_state(&path, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(value(&opened.database).as_deref(), Some("precious"));
        match opened.incident {
            Some(Incident::RestoredFromBackup { kept }) => assert!(kept.exists(), "the damaged file is kept"),
            other => panic!("expected a restored backup, got {other:?}"),
        }
    }

    #[test]
    fn without_a_usable_backup_a_new_start_is_made_and_said() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.db");
        drop(open_state(&path, Timestamp::UNIX_EPOCH).unwrap());
        fs::write(&path, b"garbage, garbage, garbage, garbage, garbage, garbage, garbage").unwrap();
        fs::write(backup_path(&path), b"more garbage").unwrap();
        let opened = open_state(&path, Timestamp::UNIX_EPOCH).unwrap();
        assert!(matches!(opened.incident, Some(Incident::StartedAnew { .. })));
    }

    #[test]
    fn what_was_deleted_and_scrubbed_is_in_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.db");
        let database = open_state(&path, Timestamp::UNIX_EPOCH).unwrap().database;
        put(&database, "maya@example.com");
        database.back_up().unwrap();
        database
            .write(|t| {
                t.execute("DELETE FROM setting", [])?;
                Ok(())
            })
            .unwrap();
        database.scrub().unwrap();
        for entry in fs::read_dir(dir.path()).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            assert!(!bytes.windows(4).any(|word| word == b"maya"), "{}", path.display());
        }
    }

    #[test]
    fn a_file_from_the_future_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.db");
        let opened = open_state(&path, Timestamp::UNIX_EPOCH).unwrap();
        put(&opened.database, "from the future");
        opened
            .database
            .read(|c| {
                c.pragma_update(None, "user_version", 99)?;
                Ok(())
            })
            .unwrap();
        drop(opened);
        assert!(matches!(open_state(&path, Timestamp::UNIX_EPOCH), Err(Error::TooNew)));
        assert!(path.exists());
    }
}
