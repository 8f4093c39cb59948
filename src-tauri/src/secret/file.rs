//! Secrets in one file, encrypted with a passphrase (age, scrypt), readable by its owner alone.
//!
//! Several processes may use the file at once: a write locks, reads what is there, and replaces the file in
//! one step after it is on the disk.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use age::secrecy::SecretString;

use super::{Error, Secret, SecretStore};

/// log2 of scrypt's cost: 64 MiB and a fraction of a second, on every write.
const WORK_FACTOR: u8 = 16;
/// What we are willing to spend on a file that says it needs more.
const LARGEST_WORK_FACTOR: u8 = 20;

type Entries = BTreeMap<String, String>;

/// An encrypted file of secrets.
pub struct EncryptedFile {
    path: PathBuf,
    passphrase: Secret,
    /// What the file held when it was last read, so that reading costs scrypt only after a change.
    last: Mutex<Option<(Vec<u8>, Entries)>>,
}

impl fmt::Debug for EncryptedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptedFile").field("path", &self.path).finish_non_exhaustive()
    }
}

impl EncryptedFile {
    /// Opens the file; one that is not there is made by the first write. Blocks for the key derivation.
    pub fn open(path: impl Into<PathBuf>, passphrase: Secret) -> Result<Self, Error> {
        if passphrase.expose().is_empty() {
            return Err(Error::EmptyPassphrase);
        }
        let file = Self { path: path.into(), passphrase, last: Mutex::new(None) };
        file.entries()?;
        Ok(file)
    }

    fn entries(&self) -> Result<Entries, Error> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Entries::new()),
            Err(error) => return Err(wrap("read the file of secrets")(error)),
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((same, entries)) = &*last
            && *same == bytes
        {
            return Ok(entries.clone());
        }
        let entries = self.decrypt(&bytes)?;
        *last = Some((bytes, entries.clone()));
        Ok(entries)
    }

    fn decrypt(&self, bytes: &[u8]) -> Result<Entries, Error> {
        let mut identity = age::scrypt::Identity::new(SecretString::from(self.passphrase.expose().clone()));
        identity.set_max_work_factor(LARGEST_WORK_FACTOR);
        let plain = age::decrypt(&identity, bytes).map_err(|error| match error {
            age::DecryptError::DecryptionFailed
            | age::DecryptError::KeyDecryptionFailed
            | age::DecryptError::NoMatchingKeys => Error::WrongPassphrase,
            age::DecryptError::ExcessiveWork { .. } => {
                Error::Damaged { why: "it asks for too much work to be opened" }
            }
            _ => Error::Damaged { why: "it is not an encrypted file, or is cut off" },
        })?;
        serde_json::from_slice(&plain).map_err(|_| Error::Damaged { why: "its content is not ours" })
    }

    fn change(&self, change: impl FnOnce(&mut Entries)) -> Result<(), Error> {
        let lock = self.path.with_extension("lock");
        let lock = private(&lock).map_err(wrap("lock the file of secrets"))?;
        lock.lock().map_err(wrap("lock the file of secrets"))?;
        let mut entries = self.entries()?;
        change(&mut entries);
        let bytes = self.encrypt(&entries)?;
        replace(&self.path, &bytes).map_err(wrap("write the file of secrets"))?;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((bytes, entries));
        Ok(())
    }

    fn encrypt(&self, entries: &Entries) -> Result<Vec<u8>, Error> {
        let plain =
            serde_json::to_vec(entries).map_err(|_| Error::Damaged { why: "it cannot be written" })?;
        let mut recipient = age::scrypt::Recipient::new(SecretString::from(self.passphrase.expose().clone()));
        recipient.set_work_factor(WORK_FACTOR);
        age::encrypt(&recipient, &plain).map_err(|_| Error::Damaged { why: "it cannot be encrypted" })
    }
}

impl SecretStore for EncryptedFile {
    fn get(&self, name: &str) -> Result<Option<Secret>, Error> {
        Ok(self.entries()?.remove(name).map(Secret::new))
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), Error> {
        self.change(|entries| {
            entries.insert(name.to_owned(), secret.expose().clone());
        })
    }

    /// Opening it has derived the key and read all of it. What is left is whether it can be written, and writing it
    /// anew would derive two keys more at every start. One that is not there yet is made: from then on its passphrase
    /// is known to be right or wrong.
    fn probe(&self) -> Result<(), Error> {
        if !self.path.exists() {
            return self.change(|_| {});
        }
        self.entries()?;
        let writable = || {
            let lock = private(&self.path.with_extension("lock"))?;
            lock.lock()?;
            let new = self.path.with_extension("new");
            private(&new)?.write_all(b"probe")?;
            fs::remove_file(&new)
        };
        writable().map_err(wrap("write the file of secrets"))
    }

    fn delete(&self, name: &str) -> Result<(), Error> {
        if !self.entries()?.contains_key(name) {
            return Ok(());
        }
        self.change(|entries| {
            entries.remove(name);
        })
    }
}

/// Puts new content in the file's place: durable before it is visible, whole at every instant.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    // A leftover of a crash may have other rights.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    sync_folder(path)
}

fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Windows has no handle on a folder to sync; its rename is durable with the file system's journal.
#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn wrap(attempted: &'static str) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Io { attempted, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn the_file_is_private_encrypted_and_needs_its_passphrase() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secrets.age");
        let file = EncryptedFile::open(&path, secret("right")).unwrap();
        file.set("p/token", &secret("eyJ-token")).unwrap();
        drop(file);

        let bytes = fs::read(&path).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("eyJ"), "nothing of it is readable");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(matches!(EncryptedFile::open(&path, secret("wrong")), Err(Error::WrongPassphrase)));
        let again = EncryptedFile::open(&path, secret("right")).unwrap();
        assert_eq!(again.get("p/token").unwrap(), Some(secret("eyJ-token")));
    }

    #[test]
    fn two_processes_see_each_others_secrets() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secrets.age");
        let one = EncryptedFile::open(&path, secret("right")).unwrap();
        let two = EncryptedFile::open(&path, secret("right")).unwrap();
        one.set("a", &secret("1")).unwrap();
        two.set("b", &secret("2")).unwrap();
        assert_eq!(one.get("b").unwrap(), Some(secret("2")));
        assert_eq!(two.get("a").unwrap(), Some(secret("1")));
    }

    #[test]
    fn a_probe_makes_the_file_once_and_leaves_it_alone_then() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secrets.age");
        EncryptedFile::open(&path, secret("right")).unwrap().probe().unwrap();
        let made = fs::read(&path).unwrap();
        let file = EncryptedFile::open(&path, secret("right")).unwrap();
        file.probe().unwrap();
        assert_eq!(fs::read(&path).unwrap(), made);
        assert!(!path.with_extension("new").exists());
        fs::remove_file(path.with_extension("lock")).unwrap();
        fs::create_dir(path.with_extension("lock")).unwrap();
        assert!(matches!(file.probe(), Err(Error::Io { .. })), "what cannot be written is said");
    }

    #[test]
    fn a_damaged_file_is_said_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secrets.age");
        fs::write(&path, "not age at all").unwrap();
        assert!(matches!(EncryptedFile::open(&path, secret("right")), Err(Error::Damaged { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "not age at all");
        assert!(matches!(EncryptedFile::open(&path, secret("")), Err(Error::EmptyPassphrase)));
    }
}
