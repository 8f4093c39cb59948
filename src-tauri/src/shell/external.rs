//! Addresses that leave the window: into the system's browser, and only those that a browser should get.

use next_desktop::app::{Desktop as _, SystemDesktop};
use next_desktop::error::{Code, UserError, UserResult};
use url::{Host, Url};

/// Opens an https address, or an http address on this machine, in the system's browser.
pub fn open(address: &str) -> UserResult<()> {
    match Url::parse(address) {
        Ok(address) if is_for_a_browser(&address) => SystemDesktop.open_address(address.as_str()),
        _ => Err(UserError::new(
            Code::Usage,
            "This is not an address for a browser",
            "use one that begins with https://",
        )),
    }
}

/// A `file:` or `javascript:` address would do here what no page may do.
fn is_for_a_browser(address: &Url) -> bool {
    let loopback = match address.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match address.scheme() {
        "https" => address.has_host(),
        "http" => loopback,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_for_a_browser() {
        let fits = |address: &str| is_for_a_browser(&Url::parse(address).unwrap());
        for address in
            ["https://marketplace.zoom.us/", "http://127.0.0.1:4000/oauth/authorize?x=1", "http://[::1]:80/"]
        {
            assert!(fits(address), "{address}");
        }
        for address in [
            "http://zoom.us/",
            "http://127.0.0.1.example.org/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "next-desktop://oauth/zoom",
            "mailto:a@example.org",
        ] {
            assert!(!fits(address), "{address}");
        }
    }
}
