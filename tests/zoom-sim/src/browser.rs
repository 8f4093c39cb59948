//! The browser of a test: opens the authorization URL, fills in the consent form, and follows the redirect.

use std::io;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::encoding::{form, percent_decode};
use crate::knobs::Knobs;

/// What the person does on the consent page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Choice {
    /// Who signs in, by id or e-mail address; without it, whoever is signed in.
    pub user: Option<String>,
    /// Declines.
    pub decline: bool,
    /// Optional scopes that are unticked.
    pub untick: Vec<String>,
}

impl Choice {
    /// Authorizes as this user (id or e-mail address).
    pub fn authorize(user: &str) -> Self {
        Self { user: Some(user.to_owned()), ..Self::default() }
    }

    /// Declines.
    pub fn decline() -> Self {
        Self { decline: true, ..Self::default() }
    }

    /// Unticks an optional scope first.
    #[must_use]
    pub fn untick(mut self, scope: &str) -> Self {
        self.untick.push(scope.to_owned());
        self
    }
}

impl Knobs {
    /// Plays the person in the browser: opens the authorization URL, signs in, decides. Returns where Zoom sends the
    /// browser (the redirect URI with `code` or `error`), without going there.
    pub async fn authorize(
        &self,
        authorization_url: &str,
        choice: &Choice,
    ) -> Result<String, AuthorizeError> {
        let user = {
            let mut state = self.state();
            let wanted =
                choice.user.as_deref().and_then(|word| state.find_user(word)).map(|user| user.id.clone());
            if let Some(user) = &wanted {
                state.browser = vec![user.clone()];
            }
            wanted
        };
        authorize(&self.shared.origin, authorization_url, user.as_deref(), choice).await
    }

    /// The same, and then opens the redirect, as a browser does with a loopback redirect URI.
    pub async fn authorize_and_follow(
        &self,
        authorization_url: &str,
        choice: &Choice,
    ) -> Result<String, AuthorizeError> {
        let target = self.authorize(authorization_url, choice).await?;
        request("GET", &target, None).await?;
        Ok(target)
    }
}

/// Why the browser did not come back to the app.
#[derive(Debug)]
pub enum AuthorizeError {
    /// Zoom showed a page and sent nobody back: the text of the page's error.
    StoppedAtZoom(String),
    /// A request failed.
    Io(io::Error),
}

impl std::fmt::Display for AuthorizeError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::StoppedAtZoom(text) => {
                write!(out, "Zoom showed a page and sent nobody back: {text}")
            }
            Self::Io(error) => write!(out, "the browser's request failed: {error}"),
        }
    }
}

impl std::error::Error for AuthorizeError {}

impl From<io::Error> for AuthorizeError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// An answer, as far as this browser reads it.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) body: String,
}

/// One HTTP/1.1 request on a connection of its own. `url` is `http://host:port/…`.
pub(crate) async fn request(method: &str, url: &str, body: Option<&str>) -> io::Result<Answer> {
    let bad = || io::Error::new(io::ErrorKind::InvalidInput, "only http://host:port/… can be opened");
    let rest = url.strip_prefix("http://").ok_or_else(bad)?;
    let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let mut stream = TcpStream::connect(host).await?;
    let body = body.unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).await?;
    let text = String::from_utf8_lossy(&raw);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| io::Error::other("no HTTP answer"))?;
    let location = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
    });
    Ok(Answer { status, location, body: body.to_owned() })
}

/// Opens the authorization URL as `user` and answers the form; returns where Zoom sends the browser.
pub(crate) async fn authorize(
    origin: &str,
    authorization_url: &str,
    user: Option<&str>,
    choice: &Choice,
) -> Result<String, AuthorizeError> {
    let page = request("GET", authorization_url, None).await?;
    let Some(query) = authorization_url.split_once('?').map(|(_, query)| query) else {
        return Err(AuthorizeError::StoppedAtZoom("there is no query".to_owned()));
    };
    if page.status != 200 || !page.body.contains("id=\"authorize\"") {
        return Err(AuthorizeError::StoppedAtZoom(error_text(&page.body)));
    }
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut fields = vec![field("request", query)];
    match user {
        Some(user) => fields.push(field("user", user)),
        None => fields
            .extend(attribute_after(&page.body, "name=\"user\"", "value=\"").map(|id| field("user", &id))),
    }
    for part in page.body.split("name=\"scope\"").skip(1) {
        if let Some(scope) =
            attribute_after(part, "", "value=\"").filter(|scope| !choice.untick.contains(scope))
        {
            fields.push(field("scope", &scope));
        }
    }
    fields.push(field("decision", if choice.decline { "decline" } else { "authorize" }));
    let answer = request("POST", &format!("{origin}/oauth/authorize"), Some(&form(&fields))).await?;
    answer.location.ok_or_else(|| AuthorizeError::StoppedAtZoom(error_text(&answer.body)))
}

/// The value that follows `start` after the first `anchor`, up to the closing quote.
fn attribute_after(html: &str, anchor: &str, start: &str) -> Option<String> {
    let rest = html.split_once(anchor)?.1.split_once(start)?.1;
    Some(percent_decode(rest.split_once('"')?.0))
}

fn error_text(html: &str) -> String {
    let after = html.split_once("id=\"error\">").map_or(html, |(_, rest)| rest);
    after.split_once('<').map_or(after, |(text, _)| text).to_owned()
}
