//! What running imports share: lines to Zoom's storage, and turns at a teamspace's log.
//!
//! # Why turns
//!
//! The log takes one entry after the other, and an entry holds many operations. Whoever gets the turn tells the
//! log of everything that is pending by then; who waited meanwhile finds it told. Many small recordings that end
//! together so cost few entries, and nobody races with itself for the next number.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedMutexGuard, Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;

/// Files that are downloaded at the same time, of all recordings together.
const DOWNLOADS: usize = 6;

/// What running imports share.
#[derive(Debug)]
pub struct Bounds {
    downloads: Semaphore,
    logs: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { downloads: Semaphore::new(DOWNLOADS), logs: Mutex::default() }
    }
}

impl Bounds {
    /// Waits until one more file may be downloaded. None when stopped before.
    pub async fn line(&self, stop: &CancellationToken) -> Option<SemaphorePermit<'_>> {
        tokio::select! {
            // It is never closed.
            line = self.downloads.acquire() => line.ok(),
            () = stop.cancelled() => None,
        }
    }

    /// Waits for the turn at a teamspace's log.
    pub async fn turn(&self, teamspace: &str) -> OwnedMutexGuard<()> {
        let turn = {
            let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(logs.entry(teamspace.to_owned()).or_default())
        };
        turn.lock_owned().await
    }
}
