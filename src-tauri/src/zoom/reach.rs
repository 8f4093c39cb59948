//! Whether Zoom can be reached, seen without signing in: for those who set up a proxy, and for the doctor.

use std::time::{Duration, Instant};

use super::failure::Body;
use super::way::Client;
use super::{Error, Patience, Zoom, http};
use crate::settings::{Proxy, is_loopback};

/// For the whole answer: a person waits for it.
const ANSWER: Duration = Duration::from_secs(20);

/// Zoom was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// Zoom's host.
    pub host: String,
    /// The proxy on the way.
    pub proxy: Option<String>,
    /// How long the slower of both addresses took, from the first byte of its connection.
    pub took: Duration,
}

impl Zoom {
    /// Asks Zoom's API and its sign-in pages for a sign of life, over a new connection.
    ///
    /// The API refuses a caller without a token in JSON, and that is the sign: a web page in its place is
    /// somebody else's.
    pub async fn reach(&self, proxy: &Proxy) -> Result<Reached, Error> {
        let api = self.api_url(&["users", "me"])?;
        let oauth = self.0.endpoints.oauth.clone();
        let patience = Patience { connect: self.0.patience.connect.min(ANSWER), ..self.0.patience };
        let chosen = Client::new(proxy, &patience)?;
        let straight = Client::new(&Proxy::Off, &patience)?;
        let mut slowest = Duration::ZERO;
        let mut through = None;
        for url in [&api, &oauth] {
            let loopback = is_loopback(url) && !self.loopback_is_proxied();
            let way = if loopback { &straight } else { &chosen }.to(url);
            let begun = Instant::now();
            let request = way.http.get(url.clone()).timeout(self.0.patience.answer.min(ANSWER));
            let response = request.send().await.map_err(|error| way.trouble(error))?;
            way.refused(response.status().as_u16())?;
            let reply = http::read(response).await?;
            slowest = slowest.max(begun.elapsed());
            if reply.status >= 500 {
                return Err(Error::Unavailable { why: format!("HTTP {} from {}", reply.status, way.host) });
            }
            if url == &api && Body::read(&reply.body).is_none() {
                let why = format!("HTTP {} from {}, and not from Zoom", reply.status, way.host);
                return Err(Error::Unavailable { why });
            }
            through = through.or(way.through.map(|through| through.proxy));
        }
        let host = api.host_str().unwrap_or_default().to_owned();
        Ok(Reached { host, proxy: through, took: slowest })
    }
}
