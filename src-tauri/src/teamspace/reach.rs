//! What it takes to reach a bucket: keys, and a road through the network. Folders need neither.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use object_store::aws::{AwsCredential, AwsCredentialProvider};
use object_store::{CredentialProvider, StaticCredentialProvider};
use url::Url;

use super::{Credentials, Trouble, Uploads};
use crate::error::UserError;
use crate::secret::Secret;
use crate::settings::AwsEnvironment;

/// What it takes to reach a bucket. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// What proves who we are.
    pub keys: Keys,
    /// The way through the network; none: straight.
    pub road: Option<Arc<dyn Road>>,
    /// Where uploads are remembered; none: they begin anew after a crash.
    pub uploads: Option<Uploads>,
}

/// What proves who we are at an object store.
#[derive(Debug, Clone, Default)]
pub enum Keys {
    /// Nothing: the secret store holds no key for this place.
    #[default]
    Missing,
    /// The secret of the access key.
    Secret(Secret),
    /// Amazon's variables and file of credentials, read again for each request.
    Aws(AwsEnvironment),
}

/// The way through the network to an address, as the proxy setting has it now.
pub trait Road: fmt::Debug + Send + Sync {
    /// The client for requests to this address.
    fn client<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Result<reqwest::Client, UserError>>;

    /// Whether what is sent has to keep within a limit just now.
    fn is_limited(&self) -> bool {
        false
    }

    /// Waits until so many bytes more may be sent.
    fn upload(&self, _bytes: u64) -> BoxFuture<'_, ()> {
        std::future::ready(()).boxed()
    }

    /// What a request's error says about a certificate on the way; none when it is something else.
    fn certificate(&self, host: &str, error: &(dyn std::error::Error + 'static)) -> Option<UserError>;
}

impl Reach {
    pub(super) fn credentials(&self, who: &Credentials) -> Result<AwsCredentialProvider, Trouble> {
        match (who, &self.keys) {
            (Credentials::AccessKey { id }, Keys::Secret(secret)) => {
                Ok(Arc::new(StaticCredentialProvider::new(AwsCredential {
                    key_id: id.clone(),
                    secret_key: secret.expose().clone(),
                    token: None,
                })))
            }
            (Credentials::Aws { profile }, Keys::Aws(environment)) => {
                Ok(Arc::new(AwsKeys { profile: profile.clone(), environment: environment.clone() }))
            }
            _ => Err(Trouble::NoKeys),
        }
    }
}

/// Amazon's variables and file of credentials. Not asked are sign-in services, other programs and the address that
/// answers only on Amazon's own machines: a desktop would wait for it in vain.
#[derive(Debug)]
struct AwsKeys {
    profile: Option<String>,
    environment: AwsEnvironment,
}

/// The profile holds no keys, or there is none.
#[derive(Debug, thiserror::Error)]
#[error("the AWS profile {profile} holds no keys")]
pub(super) struct NoProfile {
    pub profile: String,
}

#[async_trait]
impl CredentialProvider for AwsKeys {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let environment = &self.environment;
        if let (None, Some(id), Some(secret)) =
            (&self.profile, &environment.access_key_id, &environment.secret_access_key)
        {
            let token = environment.session_token.as_ref().map(|token| token.expose().clone());
            let (key_id, secret_key) = (id.clone(), secret.expose().clone());
            return Ok(Arc::new(AwsCredential { key_id, secret_key, token }));
        }
        let named = self.profile.as_deref().or(environment.profile.as_deref());
        let profile = named.unwrap_or("default").to_owned();
        let found = match &environment.credentials_file {
            Some(file) => read_profile(file, &profile).await,
            None => None,
        };
        let source = Box::new(NoProfile { profile });
        found.map(Arc::new).ok_or(object_store::Error::Unauthenticated { path: String::new(), source })
    }
}

async fn read_profile(file: &Path, profile: &str) -> Option<AwsCredential> {
    let file = PathBuf::from(file);
    let text = tokio::fs::read_to_string(&file).await.ok()?;
    keys_of(&text, profile)
}

/// The keys of a profile in the text of a file of credentials: sections in brackets, a name and a value per line.
fn keys_of(text: &str, profile: &str) -> Option<AwsCredential> {
    let (mut key_id, mut secret_key, mut token) = (None, None, None);
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            inside = section.trim() == profile;
        } else if let (true, Some((name, value))) = (inside, line.split_once('=')) {
            let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
            match name.trim() {
                "aws_access_key_id" => key_id = value,
                "aws_secret_access_key" => secret_key = value,
                "aws_session_token" => token = value,
                _ => {}
            }
        }
    }
    Some(AwsCredential { key_id: key_id?, secret_key: secret_key?, token })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# ours\n[default]\naws_access_key_id = AKIA1\naws_secret_access_key=one=two\n\n\
                        [ team ]\naws_access_key_id=AKIA2\naws_secret_access_key = second\n\
                        aws_session_token = short-lived\n[sso]\nsso_account_id = 1\n";

    #[test]
    fn a_profile_is_found_in_amazons_file() {
        let keys = keys_of(FILE, "default").unwrap();
        assert_eq!((keys.key_id.as_str(), keys.secret_key.as_str(), keys.token), ("AKIA1", "one=two", None));
        let keys = keys_of(FILE, "team").unwrap();
        assert_eq!((keys.key_id.as_str(), keys.token.as_deref()), ("AKIA2", Some("short-lived")));
        assert!(keys_of(FILE, "sso").is_none(), "no keys in it");
        assert!(keys_of(FILE, "other").is_none());
    }

    #[tokio::test]
    async fn a_profile_that_was_named_comes_before_the_variables_and_those_before_the_file() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("credentials");
        std::fs::write(&file, FILE).unwrap();
        let variables = AwsEnvironment {
            access_key_id: Some("AKIA0".to_owned()),
            secret_access_key: Some(Secret::new("zero".to_owned())),
            credentials_file: Some(file),
            ..AwsEnvironment::default()
        };
        let key_of = async |profile: Option<&str>, environment: &AwsEnvironment| {
            let keys = AwsKeys { profile: profile.map(str::to_owned), environment: environment.clone() };
            keys.get_credential().await.map(|keys| keys.key_id.clone())
        };
        assert_eq!(key_of(Some("team"), &variables).await.unwrap(), "AKIA2");
        assert_eq!(key_of(None, &variables).await.unwrap(), "AKIA0");
        let file_only = AwsEnvironment { access_key_id: None, ..variables };
        assert_eq!(key_of(None, &file_only).await.unwrap(), "AKIA1");
        let other = AwsEnvironment { profile: Some("team".to_owned()), ..file_only };
        assert_eq!(key_of(None, &other).await.unwrap(), "AKIA2");
        assert!(key_of(Some("sso"), &other).await.is_err());
    }
}
