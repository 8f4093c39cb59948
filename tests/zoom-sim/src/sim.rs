//! Starting, addressing and stopping a simulator.

use std::io;
use std::path::PathBuf;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::knobs::Knobs;
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
    /// The origins of both hosts as downloads name them, when something stands in front of them.
    pub known_as: Option<(String, String)>,
}

/// A running simulator. Dropped, it is gone: its connections are cut and its ports are free.
#[derive(Debug)]
pub struct ZoomSim {
    knobs: Knobs,
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
        let storage = listen_with_small_buffers()?;
        let port = zoom.local_addr()?.port();
        let mut state = State::new();
        if let Some(path) = &options.state_file {
            state.keep_in(path)?;
        }
        for client in &mut state.clients {
            let known = std::mem::take(&mut client.redirect_uris);
            let fresh = options.redirect_uris.iter().filter(|uri| !known.contains(uri)).cloned();
            client.redirect_uris = known.iter().cloned().chain(fresh).collect();
        }
        if options.samples {
            state.add_samples();
        }
        let storage_origin = format!("http://{}", storage.local_addr()?);
        let origin = format!("http://127.0.0.1:{port}");
        let known_as = options.known_as.unwrap_or_else(|| (origin.clone(), storage_origin.clone()));
        let shared = Shared::new(origin, storage_origin, known_as, state);
        let stop = watch::Sender::new(false);
        let tasks = server::serve(&shared, zoom, storage, &stop);
        Ok(Self { knobs: Knobs { shared }, port, stop, tasks })
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

    /// The knobs alone, for another task.
    pub fn knobs(&self) -> Knobs {
        self.knobs.clone()
    }
}

/// Connections of this listener hold few bytes on their way, so that what was sent to a client that died is nearly
/// what it got.
fn listen_with_small_buffers() -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_send_buffer_size(64 << 10)?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    socket.listen(1024)
}

impl std::ops::Deref for ZoomSim {
    type Target = Knobs;

    fn deref(&self) -> &Knobs {
        &self.knobs
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
