//! Teamspaces in buckets: their keys, the road to them, and the test before one is added.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use url::Url;

use super::App;
use super::spaces::within;
use crate::database::Database;
use crate::error::{UserError, UserResult};
use crate::secret::{Secret, Secrets};
use crate::settings::{AwsEnvironment, Environment};
use crate::teamspace::{
    Bucket, Credentials, Keys, Location, Place, Reach, Road, Teamspace, TeamspaceInfo, Tested, Uploads,
};
use crate::zoom::Zoom;

/// A bucket to test or to add, with the secret that a person entered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BucketDraft {
    /// Where it is.
    pub bucket: Bucket,
    /// The secret of its access key; it goes to the secret store. None keeps the one that is there.
    pub secret: Option<String>,
}

/// A place for a teamspace, as a person entered it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum PlaceDraft {
    /// A folder.
    Folder {
        /// Its absolute path.
        path: String,
    },
    /// A bucket.
    Bucket(BucketDraft),
}

/// What reaching places takes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reaching {
    secrets: Secrets,
    aws: AwsEnvironment,
    /// `NEXT_BUCKET_SECRET`.
    secret: Option<Secret>,
    road: Arc<dyn Road>,
    uploads: Uploads,
}

/// The road that requests to Zoom take too: the proxy setting and the bandwidth limit count for both.
#[derive(Debug)]
struct SameRoad(Zoom);

impl Road for SameRoad {
    fn client<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Result<reqwest::Client, UserError>> {
        self.0.client_to(url).boxed()
    }

    fn is_limited(&self) -> bool {
        self.0.is_limited()
    }

    fn upload(&self, bytes: u64) -> BoxFuture<'_, ()> {
        self.0.keep_within_limit(bytes).boxed()
    }

    fn certificate(&self, host: &str, error: &(dyn std::error::Error + 'static)) -> Option<UserError> {
        crate::zoom::untrusted(host, error)
    }
}

impl Reaching {
    pub fn new(secrets: Secrets, environment: &Environment, zoom: Zoom, state: &Database) -> Self {
        let (aws, secret) = (environment.aws.clone(), environment.bucket_secret.clone());
        let uploads = Uploads::new(state.clone());
        Self { secrets, aws, secret, road: Arc::new(SameRoad(zoom)), uploads }
    }

    /// The secret for a bucket that is tested or added now: what was entered, else what the environment says.
    pub(super) fn given(&self, draft: &BucketDraft) -> Option<Secret> {
        let entered = draft.secret.as_deref().map(str::trim).filter(|secret| !secret.is_empty());
        match &draft.bucket.credentials {
            Credentials::Aws { .. } => None,
            Credentials::AccessKey { .. } => {
                entered.map(|secret| Secret::new(secret.to_owned())).or_else(|| self.secret.clone())
            }
        }
    }

    /// Where uploads are remembered.
    pub fn uploads(&self) -> &Uploads {
        &self.uploads
    }

    /// A location with what it takes to get there: the secret that was given, else the one that is kept.
    pub async fn place(&self, location: &Location, given: Option<&Secret>) -> UserResult<Place> {
        let Location::Bucket(bucket) = location else { return Ok(location.into()) };
        let keys = match (&bucket.credentials, bucket.secret_name(), given) {
            (Credentials::Aws { .. }, ..) => Keys::Aws(self.aws.clone()),
            (_, _, Some(secret)) => Keys::Secret(secret.clone()),
            (_, Some(name), None) => self.secrets.get(&name).await?.map(Keys::Secret).unwrap_or_default(),
            (_, None, None) => Keys::Missing,
        };
        let (road, uploads) = (Some(self.road.clone()), Some(self.uploads.clone()));
        Ok(Place { location: location.clone(), reach: Reach { keys, road, uploads } })
    }

    /// The secret that is kept for a bucket.
    pub async fn kept(&self, bucket: &Bucket) -> UserResult<Option<Secret>> {
        match bucket.secret_name() {
            Some(name) => Ok(self.secrets.get(&name).await?),
            None => Ok(None),
        }
    }

    /// Keeps the secret of a bucket.
    pub async fn keep(&self, bucket: &Bucket, secret: &Secret) -> UserResult<()> {
        match bucket.secret_name() {
            Some(name) => Ok(self.secrets.set(&name, secret.clone()).await?),
            None => Ok(()),
        }
    }

    /// Forgets the secret of a bucket that is no longer used.
    pub async fn forget(&self, location: &Location) -> UserResult<()> {
        match location.secret_name() {
            Some(name) => Ok(self.secrets.delete(&name).await?),
            None => Ok(()),
        }
    }
}

impl App {
    /// Tries a place: whether a teamspace can stand there, or which one does and who its members are. Keeps nothing,
    /// and makes no folder.
    pub async fn test_place(&self, draft: PlaceDraft) -> UserResult<Tested> {
        let path = match draft {
            PlaceDraft::Bucket(draft) => return self.test_bucket(draft).await,
            PlaceDraft::Folder { path } => super::people::expand_home(&path),
        };
        let location = Location::folder(&path);
        if path.is_absolute() && !tokio::fs::try_exists(&path).await.unwrap_or(true) {
            return Ok(Tested { warnings: location.warnings(), ..Tested::nothing_there() });
        }
        let place = self.0.spaces.reaching().place(&location, None).await?;
        within(&location, Teamspace::test(place)).await
    }

    /// Makes a teamspace at a place, or joins the one that is there.
    pub async fn add_at(&self, name: &str, draft: PlaceDraft) -> UserResult<TeamspaceInfo> {
        match draft {
            PlaceDraft::Folder { path } => self.add_teamspace(name, Location::Folder { path }).await,
            PlaceDraft::Bucket(draft) => self.add_bucket(name, draft).await,
        }
    }

    /// Tries a bucket: whether it keeps a teamspace's promises, and whose teamspace stands there already. Keeps
    /// nothing.
    pub async fn test_bucket(&self, draft: BucketDraft) -> UserResult<Tested> {
        let (location, reaching) = (Location::Bucket(draft.bucket.checked()?), self.0.spaces.reaching());
        let place = reaching.place(&location, reaching.given(&draft).as_ref()).await?;
        within(&location, Teamspace::test(place)).await
    }

    /// Makes a teamspace in a bucket, or joins the one that is there. The secret is kept when all went well.
    pub async fn add_bucket(&self, name: &str, draft: BucketDraft) -> UserResult<TeamspaceInfo> {
        let (bucket, secret) = (draft.bucket.checked()?, self.0.spaces.reaching().given(&draft));
        if secret.is_some() {
            // Before anything is made: without a place for the secret the teamspace would be lost at the next start.
            self.0.secrets.probe().await?;
        }
        self.add_place(name, Location::Bucket(bucket), secret).await
    }
}
