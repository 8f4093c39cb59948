//! Leases: who imports a recording just now, so that two machines do not both download it.
//!
//! Generations are numbered from 0, each created once; the newest is in force. Whoever holds a lease renews it by taking
//! the next generation. A lease says how long it lasts, and whoever meets it counts that time by their own clock, from
//! the moment at which they first saw that generation: no two clocks are ever compared.
//!
//! # What a lease does not do
//!
//! It decides nothing. Of two who import all the same, the manifest tells who was first, and the other removes only its
//! own attempt. So what is wrong with a lease (damaged, not allowed, removed under our feet) holds nobody up, and
//! nobody waits for ever for one.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use object_store::path::Path as Key;
use serde::{Deserialize, Serialize};

use super::exclusive::Created;
use super::manifest::to_json;
use super::{Claimant, Error, Teamspace, key, new_nonce};
use crate::profile::plain_name;
use crate::recording::RecordingId;

/// How long one that says nothing sensible about it is taken to last.
const USUAL: SignedDuration = SignedDuration::from_mins(2);
/// The longest that one is believed to last.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);
/// What is left of imports that died long ago is swept after this time, by the clock of the store.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(24);

/// A generation of a recording's lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Its number, from 0.
    pub generation: u64,
    /// Makes it unlike any other; empty when it could not be read.
    pub nonce: String,
    /// Who holds it; the names are empty when it could not be read.
    pub holder: Claimant,
    /// The attempt that the holder publishes under.
    pub attempt: String,
    /// How long it lasts, from when it is first seen.
    pub lasts: SignedDuration,
}

/// What came of taking a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leased {
    /// It is ours.
    Ours(Lease),
    /// Somebody else took this generation.
    Theirs(Lease),
}

/// As it is stored.
#[derive(Debug, Serialize, Deserialize)]
struct Body {
    profile: String,
    name: String,
    device: String,
    attempt: String,
    nonce: String,
    /// By the holder's clock; information only.
    taken_at: Timestamp,
    /// How long it lasts, in seconds.
    seconds: u64,
}

impl Lease {
    fn new(generation: u64, body: Body) -> Self {
        // Written by others: names are shown as plain text, and no time is too long to wait for.
        let plain = |name: &str| plain_name(name).unwrap_or_default();
        let (name, device) = (plain(&body.name), plain(&body.device));
        let lasts = SignedDuration::from_secs(i64::try_from(body.seconds).unwrap_or(i64::MAX)).min(LONGEST);
        let holder = Claimant { profile: body.profile, name, device };
        Self { generation, nonce: body.nonce, holder, attempt: body.attempt, lasts }
    }

    fn parse(generation: u64, bytes: &[u8]) -> Self {
        match serde_json::from_slice(bytes) {
            Ok(body) => Self::new(generation, body),
            Err(_) => Self::unreadable(generation),
        }
    }

    fn unreadable(generation: u64) -> Self {
        let holder = Claimant { profile: String::new(), name: String::new(), device: String::new() };
        Self { generation, nonce: String::new(), holder, attempt: String::new(), lasts: USUAL }
    }
}

impl Teamspace {
    /// Takes a generation of a recording's lease, unless somebody has it. One request when it is free.
    pub async fn take_lease(
        &self,
        id: &RecordingId,
        generation: u64,
        holder: &Claimant,
        attempt: &str,
        lasts: SignedDuration,
        now: Timestamp,
    ) -> Result<Leased, Error> {
        let body = Body {
            profile: holder.profile.clone(),
            name: holder.name.clone(),
            device: holder.device.clone(),
            attempt: attempt.to_owned(),
            nonce: new_nonce(),
            taken_at: now,
            seconds: lasts.as_secs().unsigned_abs(),
        };
        let at = key::lease(id, generation);
        Ok(match self.store.create(&at, to_json(&body).into()).await? {
            Created::Won => Leased::Ours(Lease::new(generation, body)),
            Created::Lost(theirs) => Leased::Theirs(Lease::parse(generation, &theirs)),
        })
    }

    /// The lease that is in force, or was last; none where there is none. Two requests.
    pub async fn newest_lease(&self, id: &RecordingId) -> Result<Option<Lease>, Error> {
        let found = self.store.list(&key::leases(id)).await?;
        let newest = found.iter().filter_map(|object| key::lease_generation(object.location.as_ref())).max();
        let Some(generation) = newest else { return Ok(None) };
        match self.store.get(&key::lease(id, generation)).await {
            Ok(bytes) => Ok(bytes.map(|bytes| Lease::parse(generation, &bytes))),
            Err(Error::Damaged { .. }) => Ok(Some(Lease::unreadable(generation))),
            Err(error) => Err(error),
        }
    }

    /// Removes the generations of a lease up to one of them. Without the right to remove, they stay and are over
    /// after their time.
    pub async fn remove_lease(&self, id: &RecordingId, newest: u64) -> Result<(), Error> {
        for generation in 0..=newest {
            self.store.delete(&Key::from(key::lease(id, generation))).await?;
        }
        self.remove_empty_folder(id).await;
        Ok(())
    }

    /// Removes what is left of leases: of recordings that are published, and of imports that ended long ago. `now` is
    /// the time by the clock of the store.
    pub async fn sweep_leases(&self, now: Timestamp) -> Result<u64, Error> {
        let mut found: BTreeMap<RecordingId, Vec<(Key, Timestamp)>> = BTreeMap::new();
        for object in self.store.list(key::LEASES).await? {
            let Some(id) = key::leased(object.location.as_ref()) else { continue };
            let written = Timestamp::from_millisecond(object.last_modified.timestamp_millis());
            found.entry(id).or_default().push((object.location, written.unwrap_or(Timestamp::MAX)));
        }
        let mut removed = 0;
        for (id, generations) in found {
            let newest = generations.iter().map(|(_, written)| *written).max().unwrap_or(now);
            let is_over = now.duration_since(newest) > FORGOTTEN;
            if !is_over && self.store.size(&key::manifest(&id)).await?.is_none() {
                continue;
            }
            for (at, _) in generations {
                self.store.delete(&at).await?;
                removed += 1;
            }
            self.remove_empty_folder(&id).await;
        }
        Ok(removed)
    }

    /// An empty folder is no harm; one that others have filled stays.
    async fn remove_empty_folder(&self, id: &RecordingId) {
        if let Some(root) = self.store.root() {
            let _ = tokio::fs::remove_dir(root.join(key::leases(id))).await;
        }
    }
}
