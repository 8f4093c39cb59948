//! How the browser comes back: a callback address, and the loopback listener that hears it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use futures::future::BoxFuture;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::failure;
use crate::secret::Secret;

/// Where deep links of signing in go.
pub(super) const DEEP_LINK: &str = "next-desktop://oauth/zoom";

/// What a callback address says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// The state; none when the sign-in was not started here, for example on the Marketplace page
    /// (mattermost-plugin-zoom#152).
    pub state: Option<Secret>,
    /// The code, or why there is none.
    pub outcome: Outcome,
}

/// The code, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The authorization code.
    Code(Secret),
    /// The person declined (`error=access_denied`).
    Declined,
    /// Zoom, or the relay, reports another error.
    Failed {
        /// Its name, shortened to what can be shown.
        why: String,
    },
    /// Neither code nor error.
    Nothing,
}

impl Callback {
    /// Reads a callback address: a deep link, or what the loopback listener was asked for. None when the
    /// address is for something else.
    pub fn read(address: &str) -> Option<Self> {
        if address.len() > 8192 {
            return None;
        }
        let url = Url::parse(address).ok()?;
        let path = url.path().trim_end_matches('/');
        let ours = match url.scheme() {
            "next-desktop" => url.host_str() == Some("oauth") && path == "/zoom",
            "http" | "https" => url.host_str().is_some(),
            _ => false,
        };
        if !ours {
            return None;
        }
        // A parameter that is there twice is nobody's honest callback.
        let one = |name: &str| {
            let mut values =
                url.query_pairs().filter(|(n, _)| n == name).map(|(_, value)| value.into_owned());
            values.next().filter(|value| !value.is_empty() && values.next().is_none())
        };
        let outcome = match (one("code"), one("error")) {
            (_, Some(error)) if error == "access_denied" => Outcome::Declined,
            (_, Some(error)) => Outcome::Failed { why: failure::quotable(&error) },
            (Some(code), None) => Outcome::Code(Secret::new(code)),
            (None, None) => Outcome::Nothing,
        };
        Some(Self { state: one("state").map(Secret::new), outcome })
    }
}

/// What the browser is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether it went well.
    pub well: bool,
    /// A headline.
    pub title: String,
    /// What to do now.
    pub text: String,
}

type Handler = Arc<dyn Fn(String) -> BoxFuture<'static, Answer> + Send + Sync>;

/// A listener on 127.0.0.1 for one sign-in.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    path: String,
}

impl Listener {
    /// Binds 127.0.0.1; port 0 lets the system choose.
    pub async fn bind(port: u16, path: &str) -> io::Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address, path: path.to_owned() })
    }

    /// The redirect URI that leads here.
    pub fn redirect_uri(&self) -> String {
        format!("http://{}{}", self.address, self.path)
    }

    /// Answers the browser until `stop`. `handle` gets each callback address and says what the browser shows;
    /// it runs to its end even when the browser hangs up.
    pub async fn serve(
        self,
        handle: impl Fn(String) -> BoxFuture<'static, Answer> + Send + Sync + 'static,
        stop: CancellationToken,
    ) -> io::Result<()> {
        let shared = Shared { handle: Arc::new(handle), address: self.address, path: self.path };
        let router = Router::new().fallback(answer).with_state(Arc::new(shared));
        axum::serve(self.socket, router).with_graceful_shutdown(stop.cancelled_owned()).await
    }
}

struct Shared {
    handle: Handler,
    address: SocketAddr,
    path: String,
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    // Another page in the browser, or a name that was rebound to 127.0.0.1, is not Zoom's redirect.
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if host != Some(shared.address.to_string().as_str()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    if request.uri().path() != shared.path {
        return StatusCode::NOT_FOUND.into_response();
    }
    if request.method() != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let query = request.uri().query().unwrap_or_default();
    let callback = format!("http://{}{}?{query}", shared.address, shared.path);
    // Spawned: a browser that hangs up must not stop an exchange in the middle.
    let work = tokio::spawn((shared.handle)(callback));
    let answer = work.await.unwrap_or_else(|_| Answer {
        well: false,
        title: "That did not work".to_owned(),
        text: "Return to NEXT and try again.".to_owned(),
    });
    let mut headers = HeaderMap::new();
    let constant = HeaderValue::from_static;
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        constant("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"),
    );
    headers.insert(header::CACHE_CONTROL, constant("no-store"));
    headers.insert(header::REFERRER_POLICY, constant("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, constant("nosniff"));
    headers.insert(header::CONNECTION, constant("close"));
    let status = if answer.well { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    (status, headers, Html(page(&answer))).into_response()
}

fn page(answer: &Answer) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    include_str!("returned.html")
        .replace("{mark}", if answer.well { "well" } else { "not" })
        .replace("{title}", &escaped(&answer.title))
        .replace("{text}", &escaped(&answer.text))
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn a_callback_is_read_from_a_deep_link_and_from_loopback() {
        for address in [
            "next-desktop://oauth/zoom?code=abc&state=xyz",
            "next-desktop://oauth/zoom/?state=xyz&code=abc",
            "http://127.0.0.1:4711/oauth/zoom?code=abc&state=xyz",
        ] {
            let callback = Callback::read(address).unwrap();
            assert_eq!(callback.state, Some(Secret::new("xyz".to_owned())), "{address}");
            assert_eq!(callback.outcome, Outcome::Code(Secret::new("abc".to_owned())), "{address}");
        }
    }

    #[test]
    fn what_is_no_honest_callback_is_not_taken_for_one() {
        assert_eq!(Callback::read("next-desktop://recording/1/2"), None);
        assert_eq!(Callback::read("nonsense"), None);
        let twice = Callback::read("next-desktop://oauth/zoom?code=a&state=x&state=y").unwrap();
        assert_eq!(twice.state, None);
        let declined = Callback::read("next-desktop://oauth/zoom?error=access_denied&state=x").unwrap();
        assert_eq!(declined.outcome, Outcome::Declined);
        assert_eq!(Callback::read("next-desktop://oauth/zoom").unwrap().outcome, Outcome::Nothing);
    }

    async fn listening() -> (String, CancellationToken) {
        let listener = Listener::bind(0, "/oauth/zoom").await.unwrap();
        let uri = listener.redirect_uri();
        let stop = CancellationToken::new();
        let handle = |address: String| {
            async move {
                let well = matches!(Callback::read(&address), Some(c) if c.state.is_some());
                Answer { well, title: "<b>Title</b>".to_owned(), text: address }
            }
            .boxed()
        };
        tokio::spawn(listener.serve(handle, stop.clone()));
        (uri, stop)
    }

    #[tokio::test]
    async fn the_browser_gets_a_page_and_nothing_else_is_heard() {
        let (uri, _stop) = listening().await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let page = http.get(format!("{uri}?code=a&state=b")).send().await.unwrap();
        assert_eq!(page.status(), 200);
        assert!(page.headers().contains_key("content-security-policy"));
        let text = page.text().await.unwrap();
        assert!(text.contains("&lt;b&gt;Title") && !text.contains("<b>Title"), "{text}");

        assert_eq!(http.get(format!("{uri}?code=a")).send().await.unwrap().status(), 400);
        let root = uri.strip_suffix("/oauth/zoom").unwrap();
        assert_eq!(http.get(format!("{root}/favicon.ico")).send().await.unwrap().status(), 404);
        assert_eq!(http.head(&uri).send().await.unwrap().status(), 405);
        let rebound = http.get(&uri).header("host", "evil.example").send().await.unwrap();
        assert_eq!(rebound.status(), 403);
    }
}
