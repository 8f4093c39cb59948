//! Who and what Zoom knows: users, and the apps (OAuth clients) that they may authorise.

use serde::{Deserialize, Serialize};

use crate::ids;

/// A Zoom user.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// Zoom's id of the user, 22 characters.
    pub id: String,
    /// The account (organisation) the user belongs to.
    pub account_id: String,
    /// The e-mail address. It may change; the id does not.
    pub email: String,
    /// The name that Zoom shows.
    pub display_name: String,
    /// 1 Basic (no cloud recordings), 2 Licensed.
    #[serde(rename = "type")]
    pub kind: u8,
    /// An IANA time zone.
    pub timezone: String,
    /// Gone: deleted or moved out of the account. Refreshing then fails with 4735.
    pub left: bool,
}

impl User {
    /// A Licensed user. The id follows from the e-mail address, so that it is the same at every start.
    pub fn licensed(name: &str, email: &str) -> Self {
        Self {
            id: ids::user_id(email),
            account_id: ids::user_id("account of the product research team"),
            email: email.to_owned(),
            display_name: name.to_owned(),
            kind: 2,
            timezone: "Europe/Berlin".to_owned(),
            left: false,
        }
    }

    /// A Basic user: signs in, but has no cloud recordings.
    pub fn basic(name: &str, email: &str) -> Self {
        Self { kind: 1, ..Self::licensed(name, email) }
    }

    /// The same user in another account (organisation).
    #[must_use]
    pub fn in_account(mut self, account: &str) -> Self {
        self.account_id = ids::user_id(account);
        self
    }

    /// First and last name.
    pub(crate) fn names(&self) -> (&str, &str) {
        self.display_name.rsplit_once(' ').unwrap_or((&self.display_name, ""))
    }

    /// One or two capitals for the avatar.
    pub(crate) fn initials(&self) -> String {
        let (first, last) = self.names();
        first.chars().take(1).chain(last.chars().take(1)).collect()
    }
}

impl Default for User {
    fn default() -> Self {
        Self::licensed("Sam Example", "sam@example.com")
    }
}

/// An app registered at Zoom.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Client {
    /// The client id.
    pub id: String,
    /// The secret of a confidential client; none for a public one.
    pub secret: Option<String>,
    /// The name on the consent page.
    pub name: String,
    /// The account of its developer. An unpublished app can be authorised by users of this account only.
    pub account_id: String,
    /// Listed on the Marketplace.
    pub published: bool,
    /// Switched off by the owner or by an administrator (4717, 4738).
    pub disabled: bool,
    /// The organisation wants to approve apps first: users see a request page instead of consent.
    pub needs_approval: bool,
    /// Has the Meeting SDK feature, and therefore may register a custom scheme.
    pub meeting_sdk: bool,
    /// Registered redirect URIs. A loopback one (`http://127.0.0.1/path`) matches every port.
    pub redirect_uris: Vec<String>,
    /// Scopes that the app cannot do without.
    pub required_scopes: Vec<String>,
    /// Scopes that the user may untick.
    pub optional_scopes: Vec<String>,
}

/// Where the static page that hands a callback to the desktop would stand.
pub const RELAY_URI: &str = "https://next.example.com/oauth/zoom";

impl Client {
    /// The app as its developer would register it: granular scopes, loopback and one https redirect.
    pub(crate) fn new(id: &str, secret: Option<&str>) -> Self {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
        Self {
            id: id.to_owned(),
            secret: secret.map(ToOwned::to_owned),
            name: "NEXT Desktop".to_owned(),
            account_id: ids::user_id("account of the product research team"),
            published: false,
            disabled: false,
            needs_approval: false,
            meeting_sdk: false,
            redirect_uris: words(&[RELAY_URI, "http://127.0.0.1/oauth/zoom"]),
            required_scopes: words(&["user:read:user"]),
            optional_scopes: words(&[
                "user:read:email",
                "cloud_recording:read:list_user_recordings",
                "cloud_recording:read:list_recording_files",
                "cloud_recording:read:meeting_transcript",
                "meeting:read:summary",
            ]),
        }
    }

    /// Whether a redirect URI of an authorization request is registered: exact and case-sensitive, but for the
    /// port of a loopback address. `http://localhost` and custom schemes never match (zoom-facts: 1.3).
    pub(crate) fn accepts_redirect(&self, uri: &str) -> bool {
        let plain = if uri.starts_with("http://") {
            let Some(without_port) = loopback_without_port(uri) else {
                return false;
            };
            without_port
        } else if uri.starts_with("https://") || self.meeting_sdk {
            uri.to_owned()
        } else {
            return false;
        };
        self.redirect_uris
            .iter()
            .any(|known| *known == plain || loopback_without_port(known).as_deref() == Some(&plain))
    }
}

/// `http://127.0.0.1:1234/a` becomes `http://127.0.0.1/a`; anything else that is not loopback: none.
fn loopback_without_port(uri: &str) -> Option<String> {
    let rest = uri.strip_prefix("http://127.0.0.1")?;
    let path = rest.find('/').map_or("", |at| &rest[at..]);
    let port = &rest[..rest.len() - path.len()];
    let digits = port.strip_prefix(':').unwrap_or(port);
    (port.is_empty() || (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())))
        .then(|| format!("http://127.0.0.1{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_match_exactly_except_for_the_loopback_port() {
        let client = Client::new("id", None);
        assert!(client.accepts_redirect("http://127.0.0.1:49152/oauth/zoom"));
        assert!(client.accepts_redirect(RELAY_URI));
        for refused in [
            "http://localhost:49152/oauth/zoom",
            "http://127.0.0.1:49152/oauth/Zoom",
            "http://127.0.0.1.example.com/oauth/zoom",
            "http://127.0.0.1:x/oauth/zoom",
            "https://next.example.com/oauth/zoom/",
            "next-desktop://oauth/zoom",
        ] {
            assert!(!client.accepts_redirect(refused), "{refused}");
        }
    }
}
