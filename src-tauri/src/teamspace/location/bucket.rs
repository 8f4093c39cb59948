//! A bucket of an S3-compatible store, or the part of it below a prefix, as a teamspace's place.
//!
//! Its secret key is no part of it: what is here is written into `state.db` and shown on screens.

use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ts_rs::TS;
use url::Url;

use super::super::reach::Reach;
use super::super::wire::Wire;
use super::super::{Error, Trouble};

/// A bucket, or the part of one below a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Bucket {
    /// The store's address, for example `https://s3.example.com`; none: Amazon's for the region.
    pub endpoint: Option<String>,
    /// The region as the store names it, for example `eu-central-1` or `auto`.
    pub region: String,
    /// The bucket's name.
    pub bucket: String,
    /// The folder in it; empty: the whole bucket.
    pub prefix: String,
    /// Who we are there.
    pub credentials: Credentials,
}

/// Who we are at an object store. The secret part is never in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum Credentials {
    /// An access key; its secret is in the secret store.
    AccessKey {
        /// The id of the key.
        id: String,
    },
    /// Amazon's own variables and file of credentials, `~/.aws/credentials`.
    Aws {
        /// The profile in that file; none: the variables, else the profile that is in force.
        profile: Option<String>,
    },
}

/// The objects of a bucket below its prefix.
pub(in super::super) type BucketStore = PrefixStore<AmazonS3>;

impl Bucket {
    /// The same with every field as it should be, or what is wrong with one.
    pub fn checked(&self) -> Result<Self, Error> {
        let endpoint = match self.endpoint.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(text) => Some(checked_endpoint(text)?),
        };
        let region = self.region.trim();
        let is_region = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if region.is_empty() || region.len() > 64 || !region.chars().all(is_region) {
            return Err(Error::Invalid(
                "a bucket needs the name of its region, for example eu-central-1 (or auto, us-east-1)",
            ));
        }
        let bucket = self.bucket.trim();
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !(3..=255).contains(&bucket.len()) || !bucket.chars().all(is_name) || bucket.starts_with('.') {
            return Err(Error::Invalid("the name of a bucket has at least 3 of a-z, 0-9, - and ."));
        }
        let prefix = self.prefix.trim().trim_matches('/');
        let is_part =
            |part: &str| !part.is_empty() && part != "." && part != ".." && part.chars().all(is_name);
        if prefix.len() > 200 || !(prefix.is_empty() || prefix.split('/').all(is_part)) {
            return Err(Error::Invalid("the folder in a bucket holds only a-z, A-Z, 0-9, -, _, . and /"));
        }
        Ok(Self {
            endpoint,
            region: region.to_owned(),
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            credentials: self.credentials.checked()?,
        })
    }

    /// The place in words, for people.
    pub fn place(&self) -> String {
        let path = match self.prefix.as_str() {
            "" => self.bucket.clone(),
            prefix => format!("{}/{prefix}", self.bucket),
        };
        let host = self.endpoint.as_deref().and_then(|endpoint| Url::parse(endpoint).ok());
        match host.as_ref().and_then(Url::host_str) {
            Some(host) => format!("s3://{path} ({host})"),
            None => format!("s3://{path}"),
        }
    }

    /// Under which name the secret of its access key is kept; none when it has none of its own.
    pub fn secret_name(&self) -> Option<String> {
        let Credentials::AccessKey { id } = &self.credentials else { return None };
        let endpoint = self.endpoint.as_deref().unwrap_or_default();
        let place = [endpoint, &self.bucket, &self.prefix, id].join("\n");
        Some(format!("bucket-secret/{}", &HEXLOWER.encode(&Sha256::digest(place))[..32]))
    }

    /// The store, without asking it anything.
    pub(in super::super) fn store(&self, reach: &Reach) -> Result<Arc<BucketStore>, Error> {
        let bucket = self.checked()?;
        let keys = reach.credentials(&bucket.credentials).map_err(|trouble| bucket.trouble(trouble))?;
        let wire = Wire::new(reach.road.clone()).map_err(|error| {
            unprepared(object_store::Error::Generic { store: "S3", source: error.into() })
        })?;
        let mut builder = AmazonS3Builder::new()
            .with_region(&bucket.region)
            .with_bucket_name(&bucket.bucket)
            .with_credentials(keys)
            .with_http_connector(wire)
            // Not every store knows the request that removes many at once.
            .with_disable_bulk_delete(true)
            .with_retry(patience())
            // Only for what is on this machine: `checked` has seen to it.
            .with_client_options(ClientOptions::new().with_allow_http(true));
        builder = match &bucket.endpoint {
            Some(endpoint) => builder.with_endpoint(endpoint),
            // A name with dots does not fit the certificate of *.s3.amazonaws.com.
            None => builder.with_virtual_hosted_style_request(!bucket.bucket.contains('.')),
        };
        let store = builder.build().map_err(unprepared)?;
        Ok(Arc::new(PrefixStore::new(store, Path::from(bucket.prefix.as_str()))))
    }

    fn trouble(&self, trouble: Trouble) -> Error {
        Error::Bucket { place: self.place(), trouble }
    }
}

fn unprepared(source: object_store::Error) -> Error {
    Error::Store { attempted: "prepare the connection to the bucket".to_owned(), source }
}

/// How often one request is made again when the store is busy or the network shakes. What lasts longer is for
/// whoever asked: an import waits for minutes, a window does not.
fn patience() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(5),
            base: 2.0,
        },
        max_retries: 4,
        retry_timeout: Duration::from_secs(60),
    }
}

impl Credentials {
    fn checked(&self) -> Result<Self, Error> {
        match self {
            Self::AccessKey { id } => {
                let id = id.trim();
                if id.is_empty() || id.len() > 256 || !id.chars().all(|c| c.is_ascii_graphic()) {
                    return Err(Error::Invalid("a bucket needs the id of an access key"));
                }
                Ok(Self::AccessKey { id: id.to_owned() })
            }
            Self::Aws { profile } => {
                let profile = profile.as_deref().map(str::trim).filter(|profile| !profile.is_empty());
                Ok(Self::Aws { profile: profile.map(str::to_owned) })
            }
        }
    }
}

fn checked_endpoint(text: &str) -> Result<String, Error> {
    const WRONG: Error = Error::Invalid(
        "the address of an object store looks like https://s3.example.com, without a path behind it",
    );
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&with_scheme).map_err(|_| WRONG)?;
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none();
    if !is_plain || url.host_str().is_none_or(str::is_empty) {
        return Err(WRONG);
    }
    match url.scheme() {
        "https" => {}
        "http" if crate::settings::is_loopback(&url) => {}
        "http" => {
            return Err(Error::Invalid(
                "an object store is reached over https only: recordings and keys would travel in the open",
            ));
        }
        _ => return Err(WRONG),
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(endpoint: Option<&str>) -> Bucket {
        Bucket {
            endpoint: endpoint.map(str::to_owned),
            region: " eu-central-1".to_owned(),
            bucket: "team-recordings ".to_owned(),
            prefix: "/next/desktop/".to_owned(),
            credentials: Credentials::AccessKey { id: "AKIA1 ".to_owned() },
        }
    }

    #[test]
    fn what_a_person_enters_is_put_in_order() {
        let checked = bucket(Some("s3.example.com/")).checked().unwrap();
        assert_eq!(checked.endpoint.as_deref(), Some("https://s3.example.com"));
        assert_eq!((checked.region.as_str(), checked.bucket.as_str()), ("eu-central-1", "team-recordings"));
        assert_eq!(checked.prefix, "next/desktop");
        assert_eq!(checked.credentials, Credentials::AccessKey { id: "AKIA1".to_owned() });
        assert_eq!(checked.place(), "s3://team-recordings/next/desktop (s3.example.com)");
        assert_eq!(checked.checked().unwrap(), checked);
        assert_eq!(bucket(Some(" ")).checked().unwrap().endpoint, None, "Amazon's");
    }

    #[test]
    fn only_what_is_on_this_machine_is_reached_in_the_open() {
        assert!(bucket(Some("http://127.0.0.1:5000")).checked().is_ok());
        assert!(bucket(Some("http://localhost:5000")).checked().is_ok());
        for wrong in [
            "http://s3.example.com",
            "http://127.0.0.1.example.com",
            "ftp://s3.example.com",
            "https://user:pass@s3.example.com",
            "https://s3.example.com/path",
            "https://s3.example.com/?x=1",
            "https://",
            "not an address",
        ] {
            assert!(matches!(bucket(Some(wrong)).checked(), Err(Error::Invalid(_))), "{wrong}");
        }
    }

    #[test]
    fn fields_that_make_no_sense_are_refused() {
        let right = bucket(None);
        for wrong in [
            Bucket { bucket: "ab".to_owned(), ..right.clone() },
            Bucket { bucket: "team/../other".to_owned(), ..right.clone() },
            Bucket { bucket: "..".to_owned(), ..right.clone() },
            Bucket { region: String::new(), ..right.clone() },
            Bucket { region: "eu.evil.example/".to_owned(), ..right.clone() },
            Bucket { prefix: "a/../b".to_owned(), ..right.clone() },
            Bucket { prefix: "a//b".to_owned(), ..right.clone() },
            Bucket { prefix: "a?b".to_owned(), ..right.clone() },
            Bucket { credentials: Credentials::AccessKey { id: " ".to_owned() }, ..right.clone() },
        ] {
            assert!(matches!(wrong.checked(), Err(Error::Invalid(_))), "{wrong:?}");
        }
    }

    #[test]
    fn each_place_and_key_has_a_secret_of_its_own() {
        let one = bucket(None).checked().unwrap();
        let other_key =
            Bucket { credentials: Credentials::AccessKey { id: "AKIA2".to_owned() }, ..one.clone() };
        let other_place = Bucket { prefix: "other".to_owned(), ..one.clone() };
        let name = one.secret_name().unwrap();
        assert_ne!(Some(&name), other_key.secret_name().as_ref());
        assert_ne!(Some(&name), other_place.secret_name().as_ref());
        let aws = Bucket { credentials: Credentials::Aws { profile: None }, ..one };
        assert_eq!(aws.secret_name(), None);
    }
}
