//! The address of a proxy, whoever gives it.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

use super::Error;
use crate::secret::Secret;

/// What stands before a proxy's address, and the port that it means where none is said. With `socks5` names are
/// looked up here, with `socks5h` by the proxy.
const KINDS: [(&str, u16); 4] = [("http", 80), ("https", 443), ("socks5", 1080), ("socks5h", 1080)];

/// A proxy to go through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyAddress {
    /// Kind, host and port, as it is shown: `http://proxy.example:3128`. Never holds a name or password.
    address: String,
    /// Who signs in there.
    username: Option<String>,
    /// With what.
    password: Option<Secret>,
}

impl ProxyAddress {
    /// Reads an address as people write it: `proxy.example:3128`, `http://maya:secret@proxy.example:3128`.
    /// `name` is what the person knows it by. A refusal never repeats the text: a password may stand in it.
    pub(super) fn parse(text: &str, name: &str) -> Result<Self, Error> {
        let refuse = |why| {
            let action = "give it like http://proxy.example:3128; https:// and socks5:// work too";
            Err(Error::Value { name: name.to_owned(), why, action })
        };
        let text = text.trim();
        if text.is_empty() {
            return refuse("is empty");
        }
        // "proxy.example:3128" would be read as a kind of address called "proxy.example".
        let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let Ok(url) = Url::parse(&whole) else { return refuse("is not an address") };
        let Some((kind, usual)) = KINDS.iter().find(|(kind, _)| *kind == url.scheme()) else {
            return refuse("is of a kind of proxy that NEXT does not know");
        };
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
        let host = match url.host_str() {
            Some(host) if !host.is_empty() && host.chars().all(fits) => host,
            _ => return refuse("has no host that makes sense"),
        };
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return refuse("has more than a host and a port");
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let stated = |text: &str| (!text.is_empty()).then(|| decoded(text));
        Ok(Self {
            address: format!("{kind}://{host}:{}", url.port().unwrap_or(*usual)),
            username: stated(url.username()),
            password: url.password().and_then(stated).map(Secret::new),
        })
    }

    /// The same, with who signs in there.
    pub(super) fn signed(self, username: Option<String>, password: Option<Secret>) -> Self {
        Self { username: username.or(self.username), password: password.or(self.password), ..self }
    }

    /// The address as it may be shown.
    pub fn shown(&self) -> &str {
        &self.address
    }

    /// Who signs in there.
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// With what.
    pub(super) fn password(&self) -> Option<&Secret> {
        self.password.as_ref()
    }

    /// The address with name and password in it: for the one who connects, never for text.
    pub fn with_sign_in(&self) -> Secret {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let name = self.username.as_deref().map(encoded).unwrap_or_default();
        let password =
            self.password.as_ref().map(|p| format!(":{}", encoded(p.expose()))).unwrap_or_default();
        if name.is_empty() && password.is_empty() {
            return Secret::new(self.address.clone());
        }
        Secret::new(self.address.replacen("://", &format!("://{name}{password}@"), 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ProxyAddress, Error> {
        ProxyAddress::parse(text, "The proxy")
    }

    #[test]
    fn an_address_is_read_as_people_write_it() {
        for (text, shown) in [
            ("http://proxy.example:3128", "http://proxy.example:3128"),
            (" proxy.example:3128 ", "http://proxy.example:3128"),
            ("PROXY.example/", "http://proxy.example:80"),
            ("https://proxy.example", "https://proxy.example:443"),
            ("socks5://10.0.0.1", "socks5://10.0.0.1:1080"),
            ("socks5h://[::1]:9050", "socks5h://[::1]:9050"),
        ] {
            assert_eq!(read(text).unwrap().shown(), shown, "{text}");
        }
    }

    #[test]
    fn name_and_password_are_kept_apart_and_survive_any_sign() {
        let proxy = read("http://maya%40corp:p%3A%2F%25@proxy.example:3128").unwrap();
        assert_eq!(proxy.shown(), "http://proxy.example:3128");
        assert_eq!(proxy.username(), Some("maya@corp"));
        assert_eq!(proxy.password(), Some(&Secret::new("p:/%".to_owned())));
        assert_eq!(read(proxy.with_sign_in().expose()).unwrap(), proxy);
        assert!(!format!("{proxy:?}").contains("p:/%"));
    }

    #[test]
    fn an_address_that_makes_no_sense_is_refused_without_repeating_it() {
        for bad in [
            "",
            "http://",
            "ftp://hunter2@proxy.example",
            "http://hunter2@proxy.example/path",
            "http://proxy.example?hunter2",
            "http://proxy.example:99999",
            "http://hunter2 hunter2",
            "socks5://a b",
        ] {
            let error = read(bad).unwrap_err().to_string();
            assert!(error.starts_with("The proxy ") && !error.contains("hunter2"), "{bad}: {error}");
        }
    }
}
