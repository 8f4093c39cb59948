//! The only opener of SQLite.
//!
//! Two files, two promises. `state.db` is small and precious: numbered migrations, a backup that is taken
//! while it is known to be good, and a damaged file is set aside, said, and replaced by the last backup.
//! `catalog.db` is disposable: a different version or damage means that it is made anew.
//!
//! Both are opened by several processes at once (the window and `nextctl`): WAL, a busy timeout, and writes
//! in immediate transactions. Calls block for microseconds to milliseconds; long reads belong on a
//! blocking thread.

mod disposable;
mod error;
mod precious;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use disposable::open_disposable;
pub use error::Error;
pub use precious::{Incident, Opened, open_state, open_state_in_memory};

/// An open database. Cheap to clone; one connection, used by one caller at a time.
#[derive(Debug, Clone)]
pub struct Database {
    connection: Arc<Mutex<Connection>>,
    path: PathBuf,
}

impl Database {
    fn new(connection: Connection, path: &Path) -> Self {
        Self { connection: Arc::new(Mutex::new(connection)), path: path.to_owned() }
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic in another caller leaves SQLite consistent: its transaction was rolled back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads.
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        work(&self.lock())
    }

    /// Writes, in one immediate transaction: all of it or nothing. An `Err` rolls back.
    pub fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    /// A number that changes when another connection, of this process or another, has written.
    pub fn foreign_changes(&self) -> Result<i64, Error> {
        Ok(self.lock().query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }

    /// Something that changes whenever anybody has written, through this connection too. Asking reads no table.
    pub fn changes(&self) -> Result<Changes, Error> {
        let connection = self.lock();
        let foreign = connection.query_row("PRAGMA data_version", [], |row| row.get(0))?;
        Ok(Changes { foreign, own: connection.total_changes() })
    }
}

/// How much was written, by others and through a connection itself; see [`Database::changes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changes {
    foreign: i64,
    own: u64,
}

fn connect(path: &Path) -> Result<Connection, Error> {
    let connection = Connection::open(path)?;
    configure(&connection)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> Result<(), Error> {
    connection.busy_timeout(Duration::from_secs(20))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(())
}

/// A time as all tables hold it: ISO 8601 in UTC with milliseconds, so that text order is time order.
pub fn to_text(time: jiff::Timestamp) -> String {
    format!("{time:.3}")
}

/// The file and the two that SQLite keeps beside it.
fn with_companions(path: &Path) -> [PathBuf; 3] {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    [path.to_owned(), beside("-wal"), beside("-shm")]
}
