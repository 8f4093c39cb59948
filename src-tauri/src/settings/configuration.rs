//! Which Zoom app is used to sign in, and where Zoom is.
//!
//! A value is taken from the settings screen, else the environment, else the organisation's file, else what
//! was built in. A secret and a redirect belong to a client id: given beside another id they are not used.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::client_form::{Given, checked_client_id, checked_client_secret, checked_endpoint};
use super::{
    Endpoints, Environment, Error, OrganisationFile, Redirect, ZoomApp, ZoomClient, ZoomClientDraft,
    ZoomClientSource, set_value, value,
};
use crate::database::Database;
use crate::secret::Secrets;

/// Name of the client secret in the secret store.
const SECRET: &str = "zoom-client-secret";
/// Name of the stored client in the table `setting`.
const STORED: &str = "zoom_client";

/// The configuration of Zoom. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Configuration {
    database: Database,
    secrets: Secrets,
    /// From the most to the least important; the settings screen stands before them.
    sources: Arc<Vec<Source>>,
    endpoints: Endpoints,
}

/// One source's values, looked at.
#[derive(Debug)]
struct Source {
    of: ZoomClientSource,
    client_id: Option<String>,
    client_secret: Option<crate::secret::Secret>,
    redirect: Option<(String, Redirect)>,
}

/// The client that the settings screen saved. Its secret is in the secret store.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Stored {
    client_id: String,
    redirect_uri: Option<String>,
    has_secret: bool,
}

impl Configuration {
    /// Looks at everything that is configured. A value that makes no sense is an error that names it.
    pub fn open(
        database: Database,
        secrets: Secrets,
        environment: &Environment,
        organisation: &OrganisationFile,
    ) -> Result<Self, Error> {
        let environment = Given {
            place: String::new(),
            client_id: environment.zoom_client_id.clone(),
            client_secret: environment.zoom_client_secret.clone(),
            redirect_uri: environment.zoom_redirect_uri.clone(),
            oauth_url: environment.zoom_oauth_url.clone(),
            api_url: environment.zoom_api_url.clone(),
        };
        let built_in = Given {
            client_id: option_env!("NEXT_BUILT_IN_ZOOM_CLIENT_ID").map(str::to_owned),
            redirect_uri: option_env!("NEXT_BUILT_IN_ZOOM_REDIRECT_URI").map(str::to_owned),
            ..Given::default()
        };
        let sources = vec![
            Source::look_at(&environment, ZoomClientSource::Environment, ENVIRONMENT)?,
            Source::look_at(&organisation.zoom, ZoomClientSource::OrganisationFile, FILE)?,
            Source::look_at(&built_in, ZoomClientSource::BuiltIn, BUILT_IN)?,
        ];
        let mut endpoints = Endpoints::of_zoom();
        for (given, names) in [(&organisation.zoom, FILE), (&environment, ENVIRONMENT)] {
            if let Some(url) = &given.oauth_url {
                endpoints.oauth = checked_endpoint(url, &given.named(names.oauth_url))?;
            }
            if let Some(url) = &given.api_url {
                endpoints.api = checked_endpoint(url, &given.named(names.api_url))?;
            }
        }
        Ok(Self { database, secrets, sources: Arc::new(sources), endpoints })
    }

    /// Where Zoom is.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The app to sign in with; none when nothing is configured.
    pub async fn zoom_app(&self) -> Result<Option<ZoomApp>, Error> {
        let stored = self.stored()?;
        if let Some(stored) = &stored {
            let client_secret = if stored.has_secret { self.secrets.get(SECRET).await? } else { None };
            if stored.has_secret && client_secret.is_none() {
                // A locked keyring answers "none" as well; without its secret the client would be refused.
                self.secrets.probe().await?;
            }
            let redirect = match &stored.redirect_uri {
                Some(uri) => Redirect::parse(uri, "The redirect in the settings")?,
                None => self.redirect_beside(&stored.client_id).map(|(_, r)| r).unwrap_or_default(),
            };
            return Ok(Some(ZoomApp { client_id: stored.client_id.clone(), client_secret, redirect }));
        }
        let Some((_, client_id)) = self.configured() else { return Ok(None) };
        let client_secret = self.beside(&client_id).find_map(|source| source.client_secret.clone());
        let redirect = self.redirect_beside(&client_id).map(|(_, r)| r).unwrap_or_default();
        Ok(Some(ZoomApp { client_id, client_secret, redirect }))
    }

    /// The same for a screen, without the secret. Does not ask the secret store.
    pub fn zoom_client(&self) -> Result<ZoomClient, Error> {
        let practice = self.endpoints.practice();
        let (client_id, source, has_secret, own_redirect) = match (self.stored()?, self.configured()) {
            (Some(stored), _) => {
                (stored.client_id, ZoomClientSource::Settings, stored.has_secret, stored.redirect_uri)
            }
            (None, Some((source, client_id))) => {
                let has_secret = self.beside(&client_id).any(|source| source.client_secret.is_some());
                (client_id, source, has_secret, None)
            }
            (None, None) => {
                return Ok(ZoomClient {
                    client_id: None,
                    has_secret: false,
                    source: ZoomClientSource::None,
                    redirect_uri: None,
                    practice,
                });
            }
        };
        let redirect_uri = own_redirect.or_else(|| self.redirect_beside(&client_id).map(|(uri, _)| uri));
        Ok(ZoomClient { client_id: Some(client_id), has_secret, source, redirect_uri, practice })
    }

    /// Looks at the form of a draft. The result can be tried at Zoom before it is saved.
    pub fn check(&self, draft: &ZoomClientDraft) -> Result<ZoomApp, Error> {
        let client_id = checked_client_id(&draft.client_id, "The client id")?;
        let client_secret = stated(draft.client_secret.as_deref())
            .map(|secret| checked_client_secret(&secret.to_owned().into(), "The client secret"))
            .transpose()?;
        let redirect = match stated(draft.redirect_uri.as_deref()) {
            Some(uri) => Redirect::parse(uri, "The redirect address")?,
            None => self.redirect_beside(&client_id).map(|(_, r)| r).unwrap_or_default(),
        };
        Ok(ZoomApp { client_id, client_secret, redirect })
    }

    /// Keeps a client: its secret in the secret store first, then the rest.
    ///
    /// A draft of the stored client id without a secret keeps the secret that is stored.
    pub async fn save_zoom_client(&self, draft: &ZoomClientDraft) -> Result<ZoomClient, Error> {
        let app = self.check(draft)?;
        let before = self.stored()?;
        let keeps = before.is_some_and(|b| b.has_secret && b.client_id == app.client_id);
        match &app.client_secret {
            Some(secret) => self.secrets.set(SECRET, secret.clone()).await?,
            None if keeps => {}
            None => self.forget_secret().await?,
        }
        let stored = Stored {
            client_id: app.client_id,
            redirect_uri: stated(draft.redirect_uri.as_deref()).map(str::to_owned),
            has_secret: app.client_secret.is_some() || keeps,
        };
        self.database.write(|transaction| set_value(transaction, STORED, &stored))?;
        self.zoom_client()
    }

    /// Forgets the client of the settings screen; what else is configured counts again.
    pub async fn remove_zoom_client(&self) -> Result<ZoomClient, Error> {
        self.forget_secret().await?;
        self.database.write(|transaction| {
            transaction.execute("DELETE FROM setting WHERE name = ?1", [STORED])?;
            Ok(())
        })?;
        self.zoom_client()
    }

    /// Removes the stored secret where there is one; without one the secret store is not needed.
    async fn forget_secret(&self) -> Result<(), Error> {
        if self.stored()?.is_some_and(|stored| stored.has_secret) {
            self.secrets.delete(SECRET).await?;
        }
        Ok(())
    }

    fn stored(&self) -> Result<Option<Stored>, Error> {
        Ok(self.database.read(|connection| value(connection, STORED))?)
    }

    fn configured(&self) -> Option<(ZoomClientSource, String)> {
        self.sources.iter().find_map(|source| Some((source.of, source.client_id.clone()?)))
    }

    /// Sources whose secret and redirect are for this client id: those that name it, or name none.
    fn beside<'a>(&'a self, client_id: &'a str) -> impl Iterator<Item = &'a Source> {
        self.sources.iter().filter(move |s| s.client_id.as_deref().is_none_or(|id| id == client_id))
    }

    fn redirect_beside(&self, client_id: &str) -> Option<(String, Redirect)> {
        self.beside(client_id).find_map(|source| source.redirect.clone())
    }
}

/// What the values of a source are called where they are written.
#[derive(Clone, Copy)]
struct Names {
    client_id: &'static str,
    client_secret: &'static str,
    redirect_uri: &'static str,
    oauth_url: &'static str,
    api_url: &'static str,
}

const ENVIRONMENT: Names = Names {
    client_id: "NEXT_ZOOM_CLIENT_ID",
    client_secret: "NEXT_ZOOM_CLIENT_SECRET",
    redirect_uri: "NEXT_ZOOM_REDIRECT_URI",
    oauth_url: "NEXT_ZOOM_OAUTH_URL",
    api_url: "NEXT_ZOOM_API_URL",
};

const FILE: Names = Names {
    client_id: "zoom.client_id",
    client_secret: "zoom.client_secret",
    redirect_uri: "zoom.redirect_uri",
    oauth_url: "zoom.oauth_url",
    api_url: "zoom.api_url",
};

const BUILT_IN: Names = Names {
    client_id: "The built-in client id",
    client_secret: "The built-in client secret",
    redirect_uri: "The built-in redirect",
    oauth_url: "The built-in OAuth address",
    api_url: "The built-in API address",
};

impl Given {
    fn named(&self, name: &str) -> String {
        format!("{name}{}", self.place)
    }
}

impl Source {
    fn look_at(given: &Given, of: ZoomClientSource, names: Names) -> Result<Self, Error> {
        let client_id = given
            .client_id
            .as_deref()
            .map(|id| checked_client_id(id, &given.named(names.client_id)))
            .transpose()?;
        let client_secret = given
            .client_secret
            .as_ref()
            .map(|secret| checked_client_secret(secret, &given.named(names.client_secret)))
            .transpose()?;
        let redirect = given
            .redirect_uri
            .as_deref()
            .map(|uri| {
                let redirect = Redirect::parse(uri, &given.named(names.redirect_uri))?;
                Ok::<_, Error>((uri.to_owned(), redirect))
            })
            .transpose()?;
        Ok(Self { of, client_id, client_secret, redirect })
    }
}

fn stated(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::open_state_in_memory;
    use crate::secret::{Memory, Secret};

    fn open(environment: &Environment, organisation: Given) -> Result<Configuration, Error> {
        let secrets = Secrets::new(Memory::default());
        let organisation = OrganisationFile { zoom: organisation };
        Configuration::open(open_state_in_memory().unwrap(), secrets, environment, &organisation)
    }

    fn given(id: &str) -> Given {
        Given { client_id: Some(id.to_owned()), ..Given::default() }
    }

    fn draft(id: &str, secret: Option<&str>) -> ZoomClientDraft {
        ZoomClientDraft { client_id: id.into(), client_secret: secret.map(Into::into), redirect_uri: None }
    }

    #[tokio::test]
    async fn the_settings_screen_comes_before_the_environment_and_that_before_the_file() {
        let none = open(&Environment::default(), Given::default()).unwrap();
        assert_eq!(none.zoom_client().unwrap().source, ZoomClientSource::None);
        assert_eq!(none.zoom_app().await.unwrap(), None);

        let file = open(&Environment::default(), given("file")).unwrap();
        assert_eq!(file.zoom_client().unwrap().source, ZoomClientSource::OrganisationFile);

        let environment = Environment { zoom_client_id: Some("env".into()), ..Environment::default() };
        let configuration = open(&environment, given("file")).unwrap();
        assert_eq!(configuration.zoom_app().await.unwrap().unwrap().client_id, "env");

        let saved = configuration.save_zoom_client(&draft("mine", Some("s3cret"))).await.unwrap();
        assert_eq!((saved.source, saved.has_secret), (ZoomClientSource::Settings, true));
        let app = configuration.zoom_app().await.unwrap().unwrap();
        assert_eq!((app.client_id.as_str(), app.client_secret), ("mine", Some(Secret::new("s3cret".into()))));

        let removed = configuration.remove_zoom_client().await.unwrap();
        assert_eq!(removed.source, ZoomClientSource::Environment);
        assert_eq!(configuration.zoom_app().await.unwrap().unwrap().client_secret, None);
    }

    #[tokio::test]
    async fn a_secret_is_never_used_with_another_client_id() {
        let environment = Environment {
            zoom_client_id: Some("env".into()),
            zoom_client_secret: Some(Secret::new("of-env".into())),
            zoom_redirect_uri: Some("https://env.example/zoom".into()),
            ..Environment::default()
        };
        let configuration = open(&environment, Given::default()).unwrap();
        configuration.save_zoom_client(&draft("mine", None)).await.unwrap();
        let app = configuration.zoom_app().await.unwrap().unwrap();
        assert_eq!(app.client_secret, None);
        assert_eq!(app.redirect, Redirect::default());
    }

    #[tokio::test]
    async fn a_secret_alone_goes_with_the_client_id_of_another_source() {
        let environment =
            Environment { zoom_client_secret: Some(Secret::new("s".into())), ..Environment::default() };
        let app = open(&environment, given("file")).unwrap().zoom_app().await.unwrap().unwrap();
        assert_eq!(app.client_secret, Some(Secret::new("s".into())));
    }

    #[test]
    fn a_value_that_makes_no_sense_is_named() {
        let bad = |set: fn(&mut Environment)| {
            let mut environment = Environment::default();
            set(&mut environment);
            crate::error::UserError::from(open(&environment, Given::default()).unwrap_err()).message
        };
        assert!(bad(|e| e.zoom_client_id = Some("my client".into())).starts_with("NEXT_ZOOM_CLIENT_ID "));
        assert!(
            bad(|e| e.zoom_oauth_url = Some("http://zoom.us".into())).starts_with("NEXT_ZOOM_OAUTH_URL ")
        );
        assert!(bad(|e| e.zoom_api_url = Some("zoom".into())).starts_with("NEXT_ZOOM_API_URL "));
        let secret = bad(|e| e.zoom_client_secret = Some(Secret::new("two words".into())));
        assert!(secret.starts_with("NEXT_ZOOM_CLIENT_SECRET ") && !secret.contains("words"), "{secret}");
    }

    #[test]
    fn a_zoom_on_this_machine_is_practice() {
        assert!(!open(&Environment::default(), Given::default()).unwrap().endpoints().practice());
        let environment =
            Environment { zoom_oauth_url: Some("http://127.0.0.1:4000".into()), ..Environment::default() };
        assert!(open(&environment, Given::default()).unwrap().zoom_client().unwrap().practice);
    }
}
