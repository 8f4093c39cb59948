//! Where a teamspace went: the entry that ends its log at the old place.
//!
//! `moved` is the last entry of a log. Whoever finds it writes nothing there any more, and goes where it says. It holds
//! no key and no name of one: each colleague has their own.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::exclusive::Created;
use super::location::{Bucket, Credentials, Location};
use super::log::{Entry, KnownOp};
use super::manifest::to_json;
use super::{Error, Teamspace, key, new_nonce};

/// A place as the log names it: without anything about who is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Whereabouts {
    /// A folder.
    Folder {
        /// Its path on the machine that moved the teamspace.
        path: String,
    },
    /// A bucket, or a part of one.
    Bucket {
        /// The store's address; none: Amazon's for the region.
        #[serde(default)]
        endpoint: Option<String>,
        /// The region as the store names it.
        region: String,
        /// The bucket's name.
        bucket: String,
        /// The folder in it.
        #[serde(default)]
        prefix: String,
    },
}

impl From<&Location> for Whereabouts {
    fn from(location: &Location) -> Self {
        match location.clone() {
            Location::Folder { path } => Self::Folder { path },
            Location::Bucket(Bucket { endpoint, region, bucket, prefix, .. }) => {
                Self::Bucket { endpoint, region, bucket, prefix }
            }
        }
    }
}

impl Whereabouts {
    /// The location for somebody with these credentials. What a log says is from outside: it is checked.
    pub fn location(&self, credentials: Credentials) -> Result<Location, Error> {
        match self.clone() {
            Self::Folder { path } => Ok(Location::Folder { path }),
            Self::Bucket { endpoint, region, bucket, prefix } => {
                let bucket = Bucket { endpoint, region, bucket, prefix, credentials };
                Ok(Location::Bucket(bucket.checked()?))
            }
        }
    }

    /// The place in words, for people.
    pub fn place(&self) -> String {
        match self.location(Credentials::Aws { profile: None }) {
            Ok(location) => location.place(),
            Err(_) => "a place that this version cannot use".to_owned(),
        }
    }
}

impl Teamspace {
    /// Number and content of the entry that says where the teamspace went; none while it stands here. `last` is the last
    /// known entry of the log. Without a request where that was read before.
    pub async fn moved(&self, last: u64) -> Result<Option<(u64, Whereabouts)>, Error> {
        if self.log.moved().is_none() && self.log.checked() < last {
            match self.read(last).await {
                Ok(_) | Err(Error::Damaged { .. } | Error::TooNew { .. }) => self.log.note_checked(last),
                Err(error) => return Err(error),
            }
        }
        Ok(self.log.moved().cloned())
    }

    pub(super) async fn refuse_moved(&self, last: u64) -> Result<(), Error> {
        self.moved(last).await?;
        self.refuse_known_moved()
    }

    /// The same, for whoever opens it: says that the teamspace went, once that was read. Costs no request.
    pub fn refuse_moved_known(&self) -> Result<(), Error> {
        self.refuse_known_moved()
    }

    /// Refuses to write where a `moved` was read. Costs no request.
    pub(super) fn refuse_known_moved(&self) -> Result<(), Error> {
        match self.log.moved() {
            Some((_, to)) => Err(Error::Moved { place: self.location.place(), to: to.place() }),
            None => Ok(()),
        }
    }

    /// Ends the log with entry `n`. `false` when somebody else wrote that one.
    pub(super) async fn end_log(
        &self,
        n: u64,
        to: Whereabouts,
        writer: &str,
        at: Timestamp,
    ) -> Result<bool, Error> {
        let ops = vec![KnownOp::Moved { location: to }.into()];
        let entry = Entry { n, writer: writer.to_owned(), nonce: new_nonce(), at, ops };
        let won = self.store.create(&key::log_entry(n), to_json(&entry).into()).await? == Created::Won;
        // Read as everybody reads it, so that this process knows it too.
        self.read(n).await?;
        Ok(won)
    }
}
