//! The operating system's keyring: Secret Service, macOS Keychain, Windows Credential Manager.
//!
//! # Why not `keyring::Entry` on Linux
//! It connects once per process, so a keyring that starts a second later stays missing until NEXT is started
//! again. Here a failed connection is tried again at the next call.

use std::sync::{Arc, Mutex, PoisonError};

use keyring_core::api::CredentialStore;

use super::{Error, Secret, SecretStore};

/// What our entries are filed under.
const SERVICE: &str = "next-desktop";

/// The keyring of the person who is logged in to this system.
#[derive(Debug, Default)]
pub struct Keyring {
    store: Mutex<Option<Arc<CredentialStore>>>,
}

impl Keyring {
    fn entry(&self, name: &str) -> Result<keyring_core::Entry, Error> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let open = match &*store {
            Some(open) => Arc::clone(open),
            None => Arc::clone(store.insert(connect().map_err(missing)?)),
        };
        open.build(SERVICE, name, None).map_err(Error::from)
    }
}

impl SecretStore for Keyring {
    fn get(&self, name: &str) -> Result<Option<Secret>, Error> {
        match self.entry(name)?.get_secret() {
            Ok(bytes) => String::from_utf8(bytes)
                .map(|text| Some(Secret::new(text)))
                .map_err(|_| Error::Refused { why: "an entry is not text".to_owned() }),
            Err(keyring_core::Error::NoEntry) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), Error> {
        // Bytes, not a password: Windows would store a password in two bytes per character.
        Ok(self.entry(name)?.set_secret(secret.expose().as_bytes())?)
    }

    fn delete(&self, name: &str) -> Result<(), Error> {
        match self.entry(name)?.delete_credential() {
            Ok(()) | Err(keyring_core::Error::NoEntry) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn connect() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn connect() -> keyring_core::Result<Arc<CredentialStore>> {
    keyring::Entry::new(SERVICE, "")?;
    keyring_core::get_default_store().ok_or(keyring_core::Error::NoDefaultStore)
}

/// Whatever goes wrong while connecting: there is no keyring.
fn missing(error: keyring_core::Error) -> Error {
    Error::Missing { why: said(&error) }
}

impl From<keyring_core::Error> for Error {
    fn from(error: keyring_core::Error) -> Self {
        use keyring_core::Error as Is;
        let why = said(&error);
        match error {
            // Seen from a Secret Service without an unlocked collection when writing.
            Is::NoStorageAccess(_) => Self::Locked { why },
            Is::NoDefaultStore => Self::Missing { why },
            _ => Self::Refused { why },
        }
    }
}

/// What the keyring said, without ever the bytes of an entry, which some of its errors carry.
fn said(error: &keyring_core::Error) -> String {
    use keyring_core::Error as Is;
    match error {
        Is::PlatformFailure(source) | Is::NoStorageAccess(source) => source.to_string(),
        Is::BadEncoding(_) | Is::BadDataFormat(..) => "an entry cannot be read".to_owned(),
        Is::Ambiguous(_) => "several entries have the same name".to_owned(),
        Is::NoDefaultStore => "no store for this system".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_cannot_be_read_is_not_quoted() {
        let error = Error::from(keyring_core::Error::BadEncoding(b"eyJ-token".to_vec()));
        assert!(!format!("{error} {error:?}").contains("eyJ"), "{error:?}");
    }

    #[test]
    fn a_locked_keyring_is_told_from_a_missing_one() {
        let locked = Error::from(keyring_core::Error::NoStorageAccess("NoResult".into()));
        assert!(matches!(locked, Error::Locked { .. }));
        assert!(matches!(missing(keyring_core::Error::NoDefaultStore), Error::Missing { .. }));
    }

    /// Needs a session bus without a Secret Service: `dbus-run-session -- cargo test -- --ignored missing_keyring`
    #[test]
    #[ignore = "needs a bus without a keyring"]
    fn a_missing_keyring_is_said_and_looked_for_again() {
        let keyring = Keyring::default();
        for _ in 0..2 {
            let error = keyring.get("p/token").unwrap_err();
            assert!(matches!(error, Error::Missing { .. }), "{error:?}");
        }
        assert!(keyring.store.lock().unwrap().is_none());
    }

    /// Needs a Secret Service that was never unlocked:
    /// `dbus-run-session -- sh -c 'gnome-keyring-daemon --start --components=secrets; cargo test -- --ignored locked_keyring'`
    #[test]
    #[ignore = "needs a locked keyring"]
    fn a_locked_keyring_refuses_to_keep_and_looks_empty() {
        let keyring = Keyring::default();
        let error = keyring.set("p/token", &Secret::new("x".to_owned())).unwrap_err();
        assert!(matches!(error, Error::Locked { .. }), "{error:?}");
        assert!(matches!(keyring.get("p/token"), Ok(None)));
    }
}
