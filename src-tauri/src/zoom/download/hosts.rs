//! Which hosts a download may go to.

use reqwest::header::{HeaderMap, LOCATION};
use url::{Host, Url};

use super::Error;

/// Zoom's own domains: zoom.us, Zoom for Government, Zoom in China (zoom-facts §3).
const ZOOM: [&str; 3] = ["zoom.us", "zoomgov.com", "zoom.com.cn"];

/// Which hosts a download may go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hosts {
    loopback: bool,
}

impl Hosts {
    /// Zoom's hosts. When the configured API is on loopback (the simulator), loopback is fine too, and its
    /// plain http.
    pub fn for_api(api: &Url) -> Self {
        Self { loopback: is_loopback(api) }
    }

    /// Whether a token may be sent to this address.
    pub(super) fn check_first(self, url: &Url) -> Result<(), Error> {
        if self.loopback && is_loopback(url) {
            return Ok(());
        }
        if url.scheme() != "https" {
            return Err(Error::Insecure);
        }
        let known = url.host_str().is_some_and(|host| {
            ZOOM.iter().any(|zoom| {
                host == *zoom || host.strip_suffix(zoom).is_some_and(|before| before.ends_with('.'))
            })
        });
        if known { Ok(()) } else { Err(Error::UnknownHost) }
    }

    /// Where a redirect leads. Storage hosts have many names, so any is taken that is encrypted: it gets no
    /// token, and what it sends is checked.
    pub(super) fn follow(self, from: &Url, headers: &HeaderMap) -> Result<Url, Error> {
        let location =
            headers.get(LOCATION).and_then(|value| value.to_str().ok()).ok_or(Error::BadRedirect)?;
        let to = from.join(location).map_err(|_| Error::BadRedirect)?;
        let fine = to.scheme() == "https" || (self.loopback && is_loopback(&to));
        if fine { Ok(to) } else { Err(Error::Insecure) }
    }
}

/// Whether two addresses are of the same scheme, host and port: only then is a token sent along.
pub(super) fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme() && a.host() == b.host() && a.port_or_known_default() == b.port_or_known_default()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(api: &str, url: &str) -> Result<(), Error> {
        Hosts::for_api(&api.parse().unwrap()).check_first(&url.parse().unwrap())
    }

    #[test]
    fn a_token_goes_to_zooms_hosts_only() {
        let api = "https://api.zoom.us/v2";
        assert!(first(api, "https://us02web.zoom.us/rec/download/x").is_ok());
        assert!(first(api, "https://zoomgov.com/x").is_ok());
        assert!(matches!(first(api, "https://evilzoom.us/x"), Err(Error::UnknownHost)));
        assert!(matches!(first(api, "https://zoom.us.evil.example/x"), Err(Error::UnknownHost)));
        assert!(matches!(first(api, "http://zoom.us/x"), Err(Error::Insecure)));
        assert!(matches!(first(api, "http://127.0.0.1:9/x"), Err(Error::Insecure)));
        assert!(first("http://127.0.0.1:8080/v2", "http://127.0.0.1:9/x").is_ok());
    }

    #[test]
    fn every_hop_is_encrypted() {
        let hosts = Hosts::for_api(&"https://api.zoom.us/v2".parse().unwrap());
        let from: Url = "https://zoom.us/rec/x".parse().unwrap();
        let to = |location: &str| {
            hosts.follow(&from, &[(LOCATION, location.parse().unwrap())].into_iter().collect())
        };
        assert_eq!(to("/other").unwrap().as_str(), "https://zoom.us/other");
        assert!(to("https://storage.example/x?Signature=1").is_ok());
        assert!(matches!(to("http://storage.example/x"), Err(Error::Insecure)));
        assert!(matches!(to("file:///etc/passwd"), Err(Error::Insecure)));
    }

    #[test]
    fn another_port_is_another_host() {
        let url = |text: &str| text.parse::<Url>().unwrap();
        assert!(same_origin(&url("https://zoom.us/a"), &url("https://zoom.us:443/b")));
        assert!(!same_origin(&url("http://127.0.0.1:1/a"), &url("http://127.0.0.1:2/a")));
    }
}
