//! The way that a request takes: straight, or through a proxy.
//!
//! The setting is looked at before each request, so that a change counts from the next one on, in every process
//! that shares it. What is on this machine is reached straight, whatever the setting says.
//!
//! A way that is barred by a proxy or a certificate bars everything, so it is said once, until somebody gets
//! through to the same host: in the log, and for the window in [`Zoom::barred`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::redirect::Policy;
use url::Url;

use super::{Error, Patience, Zoom};
use crate::error::{Code, UserError};
use crate::events::{Event, Events};
use crate::settings::{Proxy, ProxyChoice, ProxyStanding, is_loopback};

/// What ways are chosen by.
#[derive(Debug, Default)]
pub struct Network {
    /// The setting; none always goes as the system says.
    pub proxy: Option<ProxyChoice>,
    /// Who is told when a way becomes barred or free.
    pub events: Events,
    /// Whether what is on this machine is reached through the proxy too: only for those who try proxies.
    pub proxied_loopback: bool,
}

/// The ways that are known, and what bars them.
#[derive(Debug, Default)]
pub(super) struct Ways {
    network: Network,
    straight: Mutex<Option<Client>>,
    chosen: Mutex<Option<(Option<ProxyStanding>, Client)>>,
    barred: Mutex<BTreeMap<String, UserError>>,
}

/// A way that was made ready.
#[derive(Debug, Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    downloads: reqwest::Client,
    /// Says which addresses go through which proxy, as the client itself decides.
    proxies: Option<Arc<Matcher>>,
}

/// The way to one address.
#[derive(Debug)]
pub(super) struct Way {
    /// For requests to that address.
    pub http: reqwest::Client,
    /// For downloads from it. Over HTTP/2 all requests to a host share one connection, and several would be no faster
    /// than one.
    pub downloads: reqwest::Client,
    /// The address's host, as it is shown.
    pub host: String,
    /// The proxy that stands in between.
    pub through: Option<Through>,
}

/// A proxy that stands in between.
#[derive(Debug)]
pub(super) struct Through {
    /// Its address, as it is shown.
    pub proxy: String,
    /// Whether we sign in there.
    pub signed: bool,
}

impl Ways {
    pub(super) fn new(network: Network) -> Self {
        Self { network, ..Self::default() }
    }
}

impl Client {
    /// Redirects are followed by hand, where they are followed at all.
    pub(super) fn new(proxy: &Proxy, patience: &Patience) -> Result<Self, Error> {
        let proxies = match proxy {
            Proxy::Off => None,
            Proxy::System => Some(Matcher::from_system()),
            Proxy::Custom(address) => {
                Some(Matcher::builder().all(address.with_sign_in().expose().clone()).build())
            }
        };
        Ok(Self {
            http: builder(proxy, patience)?.build().map_err(unmade)?,
            downloads: builder(proxy, patience)?.http1_only().build().map_err(unmade)?,
            proxies: proxies.map(Arc::new),
        })
    }

    pub(super) fn to(&self, url: &Url) -> Way {
        let uri = url.as_str().parse::<http::Uri>().ok();
        let intercepted = uri.and_then(|uri| self.proxies.as_ref()?.intercept(&uri));
        let through = intercepted.map(|by| Through {
            proxy: by.uri().to_string().trim_end_matches('/').to_owned(),
            signed: by.basic_auth().is_some() || by.raw_auth().is_some(),
        });
        let (http, downloads) = (self.http.clone(), self.downloads.clone());
        Way { http, downloads, host: url.host_str().unwrap_or_default().to_owned(), through }
    }
}

fn builder(proxy: &Proxy, patience: &Patience) -> Result<reqwest::ClientBuilder, Error> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("NEXT-Desktop/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(patience.connect)
        .pool_idle_timeout(Duration::from_secs(60));
    Ok(match proxy {
        Proxy::Off => builder.no_proxy(),
        Proxy::System => builder,
        Proxy::Custom(address) => {
            builder.proxy(reqwest::Proxy::all(address.with_sign_in().expose()).map_err(unmade)?)
        }
    })
}

/// A client that could not be made: the list of trusted certificates is what it needs from outside.
fn unmade(error: reqwest::Error) -> Error {
    let said = super::http::said(error);
    if said.contains("certificate") {
        return Error::NoWay(
            UserError::new(
                Code::CertificateNotTrusted,
                "This system has no list of certificates that it trusts",
                "install its package of CA certificates (ca-certificates), or correct SSL_CERT_FILE and \
                 SSL_CERT_DIR",
            )
            .detail(said),
        );
    }
    Error::NoWay(UserError::unexpected("prepare the connection to Zoom", said))
}

impl Zoom {
    /// The way to an address, now.
    pub(super) async fn way(&self, url: &Url) -> Result<Way, Error> {
        let ways = &self.0.ways;
        if is_loopback(url) && !ways.network.proxied_loopback {
            let mut straight = ways.straight.lock().unwrap_or_else(PoisonError::into_inner);
            return match &*straight {
                Some(client) => Ok(client.to(url)),
                None => Ok(straight.insert(Client::new(&Proxy::Off, &self.0.patience)?).to(url)),
            };
        }
        let choice = ways.network.proxy.as_ref();
        let standing = choice.map(ProxyChoice::standing).transpose().map_err(unread)?;
        if let Some((known, client)) = &*ways.chosen.lock().unwrap_or_else(PoisonError::into_inner)
            && *known == standing
        {
            return Ok(client.to(url));
        }
        // Not kept when it fails: a keyring that is locked now may be open at the next request.
        let proxy = match (choice, &standing) {
            (Some(choice), Some(standing)) => choice.of_standing(standing).await.map_err(unread)?,
            _ => Proxy::System,
        };
        let client = Client::new(&proxy, &self.0.patience)?;
        let way = client.to(url);
        *ways.chosen.lock().unwrap_or_else(PoisonError::into_inner) = Some((standing, client));
        Ok(way)
    }

    /// The client for requests to another address than Zoom's, on the same road: the proxy setting counts for both.
    pub async fn client_to(&self, url: &Url) -> Result<reqwest::Client, UserError> {
        Ok(self.way(url).await?.downloads)
    }

    pub(super) fn loopback_is_proxied(&self) -> bool {
        self.0.ways.network.proxied_loopback
    }

    /// What bars the way to Zoom just now, as far as somebody tried: a proxy, or a certificate.
    pub fn barred(&self) -> Option<UserError> {
        let barred = self.0.ways.barred.lock().unwrap_or_else(PoisonError::into_inner);
        barred.values().next().cloned()
    }

    /// Forgets what barred the way: another one was chosen, or it was seen to be free.
    pub fn unbar(&self) {
        let mut barred = self.0.ways.barred.lock().unwrap_or_else(PoisonError::into_inner);
        if !barred.is_empty() {
            barred.clear();
            self.0.ways.network.events.emit(Event::NetworkChanged);
        }
    }

    /// Notes that a host answered.
    pub(super) fn note_free(&self, host: &str) {
        let mut barred = self.0.ways.barred.lock().unwrap_or_else(PoisonError::into_inner);
        if barred.remove(host).is_some() {
            tracing::info!("the way to Zoom is free again");
            self.0.ways.network.events.emit(Event::NetworkChanged);
        }
    }

    /// Notes an error that bars the way to a host; says it when it is news.
    pub(super) fn note_barred(&self, host: &str, error: &Error) {
        if !error.bars_the_way() {
            return;
        }
        let error = UserError::from(error.clone());
        let mut barred = self.0.ways.barred.lock().unwrap_or_else(PoisonError::into_inner);
        if barred.get(host).is_none_or(|known| known.code != error.code) {
            tracing::warn!(code = ?error.code, detail = ?error.detail, "the way to Zoom is barred");
            barred.insert(host.to_owned(), error);
            self.0.ways.network.events.emit(Event::NetworkChanged);
        }
    }
}

fn unread(error: crate::settings::Error) -> Error {
    Error::NoWay(error.into())
}
