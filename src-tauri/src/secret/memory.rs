//! Secrets for this run only.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Error, Secret, SecretStore};

/// Keeps secrets in memory until the process ends. Clones share them.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<HashMap<String, Secret>>>);

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

impl SecretStore for Memory {
    fn get(&self, name: &str) -> Result<Option<Secret>, Error> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned())
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), secret.clone());
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }
}
