//! Starting, addressing and stopping a simulator.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, MutexGuard};

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::browser::{self, AuthorizeError, Choice};
use crate::meeting::{MeetingHandle, MeetingSpec};
use crate::server;
use crate::state::{Shared, State};

/// The id of the public client (PKCE, no secret).
pub const PUBLIC_CLIENT_ID: &str = "PracticePublicClient01";
/// The id of the confidential client.
pub const CONFIDENTIAL_CLIENT_ID: &str = "PracticeSecretClient01";
/// Its secret.
pub const CONFIDENTIAL_CLIENT_SECRET: &str = "practice-secret-of-the-confidential-client";

/// How to start.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The port of the first host; 0: any free one.
    pub port: u16,
    /// Adds the sample meetings.
    pub samples: bool,
    /// Keeps users, clients and tokens in this file, so that a sign-in survives a restart.
    pub state_file: Option<PathBuf>,
    /// More registered redirect URIs.
    pub redirect_uris: Vec<String>,
}

/// A running simulator. Dropped, it is gone: its connections are cut and its ports are free.
#[derive(Debug)]
pub struct ZoomSim {
    pub(crate) shared: Arc<Shared>,
    port: u16,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Shared").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl ZoomSim {
    /// Listens on 127.0.0.1, on two ports: Zoom and its storage host. Needs a tokio runtime.
    pub async fn start(options: Options) -> io::Result<Self> {
        let zoom = TcpListener::bind(("127.0.0.1", options.port)).await?;
        let storage = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = zoom.local_addr()?.port();
        let mut state = State::new();
        for client in &mut state.clients {
            client.redirect_uris.extend(options.redirect_uris.iter().cloned());
        }
        if let Some(path) = &options.state_file {
            state.keep_in(path)?;
        }
        if options.samples {
            state.add_samples();
        }
        let storage_origin = format!("http://{}", storage.local_addr()?);
        let shared = Shared::new(format!("http://127.0.0.1:{port}"), storage_origin, state);
        let stop = watch::Sender::new(false);
        let tasks = server::serve(&shared, zoom, storage, &stop);
        Ok(Self { shared, port, stop, tasks })
    }

    /// Where OAuth lives: `/oauth/authorize`, `/oauth/token` and `/oauth/revoke` are below it.
    pub fn oauth_url(&self) -> String {
        self.shared.origin.clone()
    }

    /// Where REST lives.
    pub fn api_url(&self) -> String {
        format!("{}/v2", self.shared.origin)
    }

    /// The storage host behind the redirect of a download.
    pub fn storage_url(&self) -> String {
        self.shared.storage_origin.clone()
    }

    /// The port of the first host.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The id of the public client.
    pub fn client_id(&self) -> String {
        PUBLIC_CLIENT_ID.to_owned()
    }

    /// Id and secret of the confidential client.
    pub fn confidential_client(&self) -> (String, String) {
        (CONFIDENTIAL_CLIENT_ID.to_owned(), CONFIDENTIAL_CLIENT_SECRET.to_owned())
    }

    /// Adds a recorded meeting.
    pub fn add_meeting(&self, spec: MeetingSpec) -> MeetingHandle {
        self.state().add_meeting(spec)
    }

    /// Adds the sample meetings of a product-research team.
    pub fn samples(&self) -> Vec<MeetingHandle> {
        self.state().add_samples()
    }

    /// Plays the person in the browser: opens the authorization URL, signs in, decides. Returns where Zoom sends the
    /// browser (the redirect URI with `code` or `error`), without going there.
    pub async fn authorize(
        &self,
        authorization_url: &str,
        choice: &Choice,
    ) -> Result<String, AuthorizeError> {
        let user = {
            let mut state = self.state();
            let wanted =
                choice.user.as_deref().and_then(|word| state.find_user(word)).map(|user| user.id.clone());
            if let Some(user) = &wanted {
                state.browser = vec![user.clone()];
            }
            wanted
        };
        browser::authorize(&self.shared.origin, authorization_url, user.as_deref(), choice).await
    }

    /// The same, and then opens the redirect, as a browser does with a loopback redirect URI.
    pub async fn authorize_and_follow(
        &self,
        authorization_url: &str,
        choice: &Choice,
    ) -> Result<String, AuthorizeError> {
        let target = self.authorize(authorization_url, choice).await?;
        browser::request("GET", &target, None).await?;
        Ok(target)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl Drop for ZoomSim {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.shared.offline.send_replace(true);
        for task in &self.tasks {
            task.abort();
        }
    }
}
