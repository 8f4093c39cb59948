//! What a client id, a redirect and an endpoint must look like, whoever gives them.

use url::{Host, Url};

use super::Error;
use crate::secret::Secret;

/// Where Zoom is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Where people authorize and tokens are fetched; `/oauth/authorize` is appended.
    pub oauth: Url,
    /// The REST API, with its version.
    pub api: Url,
}

impl Endpoints {
    /// Zoom as everybody knows it.
    pub fn of_zoom() -> Self {
        let url = |text: &str| Url::parse(text).expect("a constant address");
        Self { oauth: url("https://zoom.us/"), api: url("https://api.zoom.us/v2") }
    }

    /// Practice mode: Zoom is a simulator on this machine.
    pub fn practice(&self) -> bool {
        is_loopback(&self.oauth)
    }
}

/// Whether an address is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The app, registered at Zoom, that people authorize.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoomApp {
    /// Its client id.
    pub client_id: String,
    /// Its secret; none for a public client.
    pub client_secret: Option<Secret>,
    /// How the browser comes back.
    pub redirect: Redirect,
}

/// How the browser comes back from Zoom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redirect {
    /// To a listener on this machine, `http://127.0.0.1:{port}{path}`. Zoom ignores the port
    /// (`changelog, PKCE loopback support`); 0 lets the system choose one.
    Loopback {
        /// The port.
        port: u16,
        /// The path, `/oauth/zoom` unless somebody registered another.
        path: String,
    },
    /// To an https page that hands code and state on to `next-desktop://oauth/zoom`. Kept as it was written:
    /// Zoom compares it letter by letter.
    Relay(String),
    /// Straight to `next-desktop://oauth/zoom`; Zoom allows it for apps with its Meeting SDK switched on.
    DeepLink,
}

/// Where deep links of signing in go.
pub(super) const DEEP_LINK: &str = "next-desktop://oauth/zoom";

impl Default for Redirect {
    fn default() -> Self {
        Self::Loopback { port: 0, path: "/oauth/zoom".to_owned() }
    }
}

impl Redirect {
    /// Reads a redirect URI; `name` is what the person knows it by.
    pub(super) fn parse(text: &str, name: &str) -> Result<Self, Error> {
        let refuse = |why, action| Err(Error::Value { name: name.to_owned(), why, action });
        let advice = "use an https address, or leave it out to come back to http://127.0.0.1";
        let Ok(url) = Url::parse(text) else {
            return refuse("is not an address", advice);
        };
        if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return refuse("has parts that a redirect cannot have (#, user or password)", advice);
        }
        match (url.scheme(), url.host()) {
            ("https", Some(_)) => Ok(Self::Relay(text.to_owned())),
            ("http", Some(Host::Ipv4(ip))) if ip.is_loopback() => {
                Ok(Self::Loopback { port: url.port().unwrap_or(0), path: url.path().to_owned() })
            }
            ("http", Some(Host::Domain("localhost"))) => refuse(
                "uses the name localhost, which Zoom refuses",
                "use http://127.0.0.1 instead, or leave it out",
            ),
            ("http", _) => refuse("uses http, which is only for this machine", advice),
            _ if text == DEEP_LINK => Ok(Self::DeepLink),
            _ => refuse("is of a kind that NEXT cannot come back from", advice),
        }
    }
}

/// Values as one source gives them, not yet looked at.
#[derive(Debug, Clone, Default)]
pub(super) struct Given {
    /// Where they stand, to be said after a name: empty, or ` in <file>`.
    pub place: String,
    pub client_id: Option<String>,
    pub client_secret: Option<Secret>,
    pub redirect_uri: Option<String>,
    pub oauth_url: Option<String>,
    pub api_url: Option<String>,
}

/// An id as Zoom makes them: letters, digits and a few signs, no spaces.
pub(super) fn checked_client_id(id: &str, name: &str) -> Result<String, Error> {
    let action = "copy the client id from your app's page at marketplace.zoom.us";
    let refuse = |why| Err(Error::Value { name: name.to_owned(), why, action });
    match id.trim() {
        "" => refuse("is empty"),
        id if id.len() > 128 => refuse("is longer than any client id"),
        id if !id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')) => {
            refuse("has spaces or signs that a client id cannot have")
        }
        id => Ok(id.to_owned()),
    }
}

/// A secret as Zoom makes them: visible ASCII, no spaces.
pub(super) fn checked_client_secret(secret: &Secret, name: &str) -> Result<Secret, Error> {
    let text = secret.expose().trim();
    if !text.is_empty() && text.len() <= 256 && text.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(Secret::new(text.to_owned()));
    }
    Err(Error::Value {
        name: name.to_owned(),
        why: "does not look like a client secret",
        action: "copy it again from your app's page at marketplace.zoom.us, or leave it out",
    })
}

/// An endpoint: https, or http on this machine.
pub(super) fn checked_endpoint(text: &str, name: &str) -> Result<Url, Error> {
    let refuse = |why| {
        let action = "correct it, or leave it out to use Zoom's own address";
        Err(Error::Value { name: name.to_owned(), why, action })
    };
    let Ok(url) = Url::parse(text) else {
        return refuse("is not an address");
    };
    if url.host().is_none() || !matches!(url.scheme(), "https" | "http") {
        return refuse("is not an https address");
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return refuse("uses http, which is only for this machine: tokens would travel in the open");
    }
    if url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return refuse("has parts that it cannot have (?, #, user or password)");
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_a_page_this_machine_or_our_scheme() {
        let read = |text: &str| Redirect::parse(text, "NEXT_ZOOM_REDIRECT_URI");
        assert_eq!(
            read("https://Team.example/Zoom").unwrap(),
            Redirect::Relay("https://Team.example/Zoom".into())
        );
        assert_eq!(
            read("http://127.0.0.1:4000/back").unwrap(),
            Redirect::Loopback { port: 4000, path: "/back".into() }
        );
        assert_eq!(read(DEEP_LINK).unwrap(), Redirect::DeepLink);
        for bad in
            ["", "nonsense", "http://team.example/zoom", "http://localhost:1/x", "ftp://x/y", "https://a/#b"]
        {
            let error = read(bad).unwrap_err().to_string();
            assert!(error.starts_with("NEXT_ZOOM_REDIRECT_URI "), "{bad}: {error}");
        }
    }

    #[test]
    fn an_endpoint_is_https_or_on_this_machine() {
        let read = |text: &str| checked_endpoint(text, "NEXT_ZOOM_API_URL");
        assert!(read("https://api.zoomgov.com/v2").is_ok());
        assert!(read("http://127.0.0.1:9000/v2").is_ok());
        assert!(read("http://[::1]:9000").is_ok());
        for bad in
            ["http://zoom.us", "zoom.us", "file:///etc/passwd", "https://u:p@zoom.us", "https://zoom.us?x=1"]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_client_id_has_no_spaces() {
        assert_eq!(checked_client_id(" AbC_123-x ", "id").unwrap(), "AbC_123-x");
        for bad in ["", "a b", "<script>", "ä"] {
            assert!(checked_client_id(bad, "id").is_err(), "{bad}");
        }
    }
}
