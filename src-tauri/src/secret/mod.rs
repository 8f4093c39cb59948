//! Secrets: a type that never prints itself, and the places that keep it.
//!
//! Tokens and the optional client secret live in a [`SecretStore`] and nowhere else: not in SQLite, not in a
//! log, not in the window. The operating system's keyring is the normal place; an encrypted file and the
//! memory of this run are what a person may choose where there is none. Everything others may use is here.

mod error;
mod file;
mod keyring;
mod memory;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

pub use error::Error;
pub use file::EncryptedFile;
pub use keyring::Keyring;
pub use memory::Memory;

/// A value that must not be seen. Prints `<redacted>` and cannot be serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T = String>(T);

impl<T> Secret<T> {
    /// Hides a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself: for the request or the store that needs it, never for text.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

/// A place that keeps secrets by name. Calls may block for a while: a keyring may ask a person.
///
/// Names look like `<profile-id>/zoom-refresh-token`. A value is at most 2,500 bytes: the Windows credential
/// store takes no more than 2,560 in one entry.
pub trait SecretStore: Send + Sync + fmt::Debug {
    /// The secret of this name; none when there is none.
    fn get(&self, name: &str) -> Result<Option<Secret>, Error>;
    /// Keeps a secret, durably, in place of an older one.
    fn set(&self, name: &str, secret: &Secret) -> Result<(), Error>;
    /// Forgets a secret. One that is not there is fine.
    fn delete(&self, name: &str) -> Result<(), Error>;

    /// Whether the store can be relied on now: writes an entry, reads it back and removes it.
    fn probe(&self) -> Result<(), Error> {
        let name = format!("probe/{}", uuid::Uuid::now_v7());
        let written = Secret::new(format!("probe {name}"));
        self.set(&name, &written)?;
        let read = self.get(&name)?;
        self.delete(&name)?;
        if read == Some(written) { Ok(()) } else { Err(Error::Forgetful) }
    }
}

/// Bytes that one entry holds on every system.
pub const LARGEST: usize = 2500;

/// The store in use, for callers that must not block. Cheap to clone; all clones follow a change of store.
#[derive(Debug, Clone)]
pub struct Secrets {
    store: Arc<RwLock<Arc<dyn SecretStore>>>,
}

impl Secrets {
    /// Uses this store.
    pub fn new(store: impl SecretStore + 'static) -> Self {
        Self { store: Arc::new(RwLock::new(Arc::new(store))) }
    }

    /// Uses another store from now on. What the former holds is not moved.
    pub fn change_to(&self, store: impl SecretStore + 'static) {
        *self.store.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(store);
    }

    /// The secret of this name; none when there is none.
    ///
    /// A locked keyring may answer none as well: [`Secrets::probe`] tells the two apart.
    pub async fn get(&self, name: &str) -> Result<Option<Secret>, Error> {
        let name = name.to_owned();
        self.blocking(move |store| store.get(&name)).await
    }

    /// Keeps a secret, durably, in place of an older one.
    pub async fn set(&self, name: &str, secret: Secret) -> Result<(), Error> {
        if secret.expose().len() > LARGEST {
            return Err(Error::TooLong { length: secret.expose().len() });
        }
        let name = name.to_owned();
        self.blocking(move |store| store.set(&name, &secret)).await
    }

    /// Forgets a secret. One that is not there is fine.
    pub async fn delete(&self, name: &str) -> Result<(), Error> {
        let name = name.to_owned();
        self.blocking(move |store| store.delete(&name)).await
    }

    /// Whether the store can be relied on now.
    pub async fn probe(&self) -> Result<(), Error> {
        self.blocking(|store| store.probe()).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn SecretStore) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let store = Arc::clone(&self.store.read().unwrap_or_else(PoisonError::into_inner));
        match tokio::task::spawn_blocking(move || work(store.as_ref())).await {
            Ok(result) => result,
            Err(error) => Err(Error::Refused { why: format!("the call did not finish: {error}") }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints_itself() {
        let secret = Secret::new("eyJ-token".to_owned());
        assert_eq!(format!("{secret:?}"), "<redacted>");
        assert_eq!(format!("{:?}", Some(&secret)), "Some(<redacted>)");
    }

    /// What every store promises.
    async fn keeps_its_promises(secrets: &Secrets) {
        secrets.probe().await.unwrap();
        assert_eq!(secrets.get("p/token").await.unwrap(), None);
        secrets.set("p/token", Secret::new("one".into())).await.unwrap();
        secrets.set("p/token", Secret::new("two".into())).await.unwrap();
        secrets.set("p/other", Secret::new("x".repeat(LARGEST))).await.unwrap();
        assert_eq!(secrets.get("p/token").await.unwrap(), Some(Secret::new("two".into())));
        secrets.delete("p/token").await.unwrap();
        secrets.delete("p/token").await.unwrap();
        assert_eq!(secrets.get("p/token").await.unwrap(), None);
        assert_eq!(secrets.get("p/other").await.unwrap().unwrap().expose().len(), LARGEST);
        assert!(matches!(
            secrets.set("p/token", Secret::new("x".repeat(LARGEST + 1))).await,
            Err(Error::TooLong { .. })
        ));
    }

    #[tokio::test]
    async fn memory_keeps_the_promises_of_a_store() {
        keeps_its_promises(&Secrets::new(Memory::default())).await;
    }

    #[tokio::test]
    async fn an_encrypted_file_keeps_the_promises_of_a_store() {
        let dir = tempfile::tempdir().unwrap();
        let file = EncryptedFile::open(dir.path().join("secrets.age"), Secret::new("correct horse".into()));
        keeps_its_promises(&Secrets::new(file.unwrap())).await;
    }

    /// Needs a session bus with an unlocked Secret Service:
    /// `dbus-run-session -- sh -c 'printf x | gnome-keyring-daemon --unlock --components=secrets; cargo test -- --ignored keyring'`
    #[tokio::test]
    #[ignore = "needs an unlocked keyring"]
    async fn the_keyring_keeps_the_promises_of_a_store() {
        keeps_its_promises(&Secrets::new(Keyring::default())).await;
    }

    #[tokio::test]
    async fn all_holders_follow_a_change_of_store() {
        let secrets = Secrets::new(Memory::default());
        let holder = secrets.clone();
        holder.set("a", Secret::new("1".into())).await.unwrap();
        secrets.change_to(Memory::default());
        assert_eq!(holder.get("a").await.unwrap(), None);
    }
}
