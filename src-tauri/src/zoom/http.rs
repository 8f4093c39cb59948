//! One request and its answer, bounded in time and size.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;

use super::{Error, Patience, Zoom};
use crate::settings::{Endpoints, is_loopback};

/// Bytes that an answer of the API may have: a page of 300 meetings has about 2 MB. Read as JSON, it takes several
/// times as much.
const LARGEST: usize = 12 * 1024 * 1024;

/// What came back.
#[derive(Debug)]
pub(super) struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// The client for all requests. Redirects are followed by hand, where they are followed at all.
pub(super) fn client(endpoints: &Endpoints, patience: &Patience) -> Result<reqwest::Client, Error> {
    builder(endpoints, patience).build().map_err(|error| Error::Offline { why: said(error) })
}

/// The client for downloads. Over HTTP/2 all requests to a host share one connection, and several would be no
/// faster than one.
pub(super) fn downloads(endpoints: &Endpoints, patience: &Patience) -> Result<reqwest::Client, Error> {
    builder(endpoints, patience).http1_only().build().map_err(|error| Error::Offline { why: said(error) })
}

fn builder(endpoints: &Endpoints, patience: &Patience) -> reqwest::ClientBuilder {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("NEXT-Desktop/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(patience.connect)
        .pool_idle_timeout(Duration::from_secs(60));
    if is_loopback(&endpoints.oauth) || is_loopback(&endpoints.api) {
        // A Zoom on this machine is not behind the network's proxy.
        builder = builder.no_proxy();
    }
    builder
}

impl Zoom {
    /// Sends a request and reads its answer whole.
    pub(super) async fn send(&self, request: reqwest::RequestBuilder) -> Result<Reply, Error> {
        let request = request.timeout(self.0.patience.answer);
        let mut response = request.send().await.map_err(|error| Error::Offline { why: said(error) })?;
        let too_long = || Error::Unavailable { why: "an answer of more than 12 MB".to_owned() };
        if response.content_length().is_some_and(|length| length > LARGEST as u64) {
            return Err(too_long());
        }
        let mut body = Vec::new();
        loop {
            let chunk: Option<Bytes> =
                response.chunk().await.map_err(|error| Error::Offline { why: said(error) })?;
            let Some(chunk) = chunk else { break };
            if body.len() + chunk.len() > LARGEST {
                return Err(too_long());
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
