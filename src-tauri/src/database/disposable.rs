//! Opening a database that may be thrown away: the catalog.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::{Database, Error, connect, with_companions};

/// Opens the database at `path`; when it is missing, damaged or of another version, makes it anew from
/// `schema`. Returns whether it was made anew.
///
/// `version` is compared with `user_version`, and never migrated: what is in the file can be derived again.
pub fn open_disposable(path: &Path, schema: &str, version: i32) -> Result<(Database, bool), Error> {
    match connect_lightly(path).and_then(|connection| {
        check(&connection, version)?;
        Ok(connection)
    }) {
        Ok(connection) => return Ok((Database::new(connection, path), false)),
        Err(Error::Damaged(_) | Error::TooNew) => {}
        Err(other) => return Err(other),
    }
    for file in with_companions(path) {
        match fs::remove_file(&file) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::Io { attempted: "remove the old catalog", source });
            }
            _ => {}
        }
    }
    let mut connection = connect_lightly(path)?;
    // Another process may have been faster between removing and here: then its tables stand already.
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive)?;
    if read_version(&transaction)? != version {
        transaction.execute_batch(schema)?;
        transaction.pragma_update(None, "user_version", version)?;
    }
    transaction.commit()?;
    Ok((Database::new(connection, path), true))
}

/// What can be derived again need not reach the disk with each commit: after a power cut it stands a little
/// farther back, and whole.
fn connect_lightly(path: &Path) -> Result<Connection, Error> {
    let connection = connect(path)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(connection)
}

fn read_version(connection: &Connection) -> Result<i32, Error> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// `TooNew` stands for any version but ours.
fn check(connection: &Connection, version: i32) -> Result<(), Error> {
    if read_version(connection)? != version {
        return Err(Error::TooNew);
    }
    // Touches the schema, which a truncated or overwritten file does not survive.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = "CREATE TABLE thing (name TEXT)";

    fn names(database: &Database) -> Vec<String> {
        database
            .read(|c| {
                let mut statement = c.prepare("SELECT name FROM thing")?;
                let names = statement.query_map([], |row| row.get(0))?;
                Ok(names.collect::<Result<Vec<String>, _>>()?)
            })
            .unwrap()
    }

    #[test]
    fn a_good_file_of_the_same_version_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("catalog.db");
        let (database, fresh) = open_disposable(&path, SCHEMA, 3).unwrap();
        assert!(fresh);
        database
            .write(|t| {
                t.execute("INSERT INTO thing VALUES ('x')", [])?;
                Ok(())
            })
            .unwrap();
        drop(database);
        let (database, fresh) = open_disposable(&path, SCHEMA, 3).unwrap();
        assert!(!fresh);
        assert_eq!(names(&database), ["x"]);
    }

    #[test]
    fn another_version_or_a_damaged_file_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("catalog.db");
        open_disposable(&path, SCHEMA, 3).unwrap();
        let (database, fresh) = open_disposable(&path, SCHEMA, 4).unwrap();
        assert!(fresh);
        assert!(names(&database).is_empty());
        drop(database);
        fs::write(&path, b"this was a database once, and now it is a letter to nobody").unwrap();
        let (database, fresh) = open_disposable(&path, SCHEMA, 4).unwrap();
        assert!(fresh);
        assert!(names(&database).is_empty());
    }
}
