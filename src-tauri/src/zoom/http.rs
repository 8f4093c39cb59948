//! One request and its answer, bounded in time and size.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;

use super::{Error, Patience, Zoom};
use crate::settings::{Endpoints, is_loopback};

/// Bytes that an answer of the API may have: a page of 300 meetings has about 2 MB.
const LARGEST: usize = 50 * 1024 * 1024;

/// What came back.
#[derive(Debug)]
pub(super) struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// The client for all requests. Redirects are followed by hand, where they are followed at all.
pub(super) fn client(endpoints: &Endpoints, patience: &Patience) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("NEXT-Desktop/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(patience.connect)
        .pool_idle_timeout(Duration::from_secs(60));
    if is_loopback(&endpoints.oauth) || is_loopback(&endpoints.api) {
        // A Zoom on this machine is not behind the network's proxy.
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| Error::Offline { why: said(error) })
}

impl Zoom {
    /// Sends a request and reads its answer whole.
    pub(super) async fn send(&self, request: reqwest::RequestBuilder) -> Result<Reply, Error> {
        let request = request.timeout(self.0.patience.answer);
        let mut response = request.send().await.map_err(|error| Error::Offline { why: said(error) })?;
        let mut body = Vec::new();
        loop {
            let chunk: Option<Bytes> =
                response.chunk().await.map_err(|error| Error::Offline { why: said(error) })?;
            let Some(chunk) = chunk else { break };
            if body.len() + chunk.len() > LARGEST {
                return Err(Error::Unavailable { why: "an answer of more than 50 MB".to_owned() });
            }
            body.extend_from_slice(&chunk);
        }
        let status = response.status().as_u16();
        Ok(Reply { status, headers: std::mem::take(response.headers_mut()), body })
    }
}

/// What the network said, without the address, which may be signed.
pub(super) fn said(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
