//! A small, plain client: it follows nothing and hides nothing.

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use zoom_sim::{Choice, Options, ZoomSim};

pub const LOOPBACK: &str = "http://127.0.0.1:49152/oauth/zoom";
pub const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123456789";
const CHALLENGE: &str = "NiC162c0QrSD2DAiXkn9HJo4rKjj6GAubjqyJCS0vgU";
pub const MAYA: &str = "maya@example.com";
pub const JONAS: &str = "jonas@example.com";

/// The tokens of a sign-in.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
    pub scope: String,
}

/// A simulator and a client.
pub struct Zoom {
    pub sim: ZoomSim,
    pub http: Client,
}

impl Zoom {
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Self {
        let sim = ZoomSim::start(options).await.unwrap();
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { sim, http }
    }

    /// The authorization URL of the public client.
    pub fn authorization_url(&self) -> String {
        self.authorization_url_with(&self.sim.client_id(), LOOPBACK)
    }

    pub fn authorization_url_with(&self, client: &str, redirect: &str) -> String {
        let url = reqwest::Url::parse_with_params(
            &format!("{}/oauth/authorize", self.sim.oauth_url()),
            [
                ("response_type", "code"),
                ("client_id", client),
                ("redirect_uri", redirect),
                ("state", "s t/ä"),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ],
        );
        url.unwrap().into()
    }

    /// A code for `user`.
    pub async fn code(&self, choice: &Choice) -> String {
        let target = self.sim.authorize(&self.authorization_url(), choice).await.unwrap();
        query(&target, "code").unwrap()
    }

    pub async fn token(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let answer =
            self.http.post(format!("{}/oauth/token", self.sim.oauth_url())).form(form).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    pub async fn exchange(&self, code: &str) -> (u16, Value) {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("client_id", &self.sim.client_id()),
            ("code", code),
            ("redirect_uri", LOOPBACK),
            ("code_verifier", VERIFIER),
        ])
        .await
    }

    pub async fn refresh(&self, refresh: &str) -> (u16, Value) {
        let client = self.sim.client_id();
        self.token(&[("grant_type", "refresh_token"), ("client_id", &client), ("refresh_token", refresh)])
            .await
    }

    pub async fn connect_with(&self, choice: &Choice) -> Tokens {
        let code = self.code(choice).await;
        let (status, body) = self.exchange(&code).await;
        assert_eq!(status, 200, "{body}");
        tokens(&body)
    }

    pub async fn connect(&self, user: &str) -> Tokens {
        self.connect_with(&Choice::authorize(user)).await
    }

    /// A request with the bearer token; `path` is below `/v2`, and sent as it is.
    pub fn request(&self, method: Method, tokens: &Tokens, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.sim.api_url())).bearer_auth(&tokens.access)
    }

    pub async fn get(&self, tokens: &Tokens, path: &str) -> (u16, Value) {
        let answer = self.request(Method::GET, tokens, path).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// The download URL of a meeting's file, by its place in the list.
    pub async fn download_url(&self, tokens: &Tokens, uuid: &str, index: usize) -> String {
        let (status, body) = self.get(tokens, &format!("/meetings/{uuid}/recordings")).await;
        assert_eq!(status, 200, "{body}");
        body["recording_files"][index]["download_url"].as_str().unwrap().to_owned()
    }

    /// The storage URL behind a download URL.
    pub async fn storage_url(&self, tokens: &Tokens, url: &str) -> String {
        let answer = self.http.get(url).bearer_auth(&tokens.access).send().await.unwrap();
        assert_eq!(answer.status(), 302);
        header(&answer, "location").unwrap()
    }
}

pub fn tokens(body: &Value) -> Tokens {
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    Tokens { access: text("access_token"), refresh: text("refresh_token"), scope: text("scope") }
}

pub fn query(url: &str, name: &str) -> Option<String> {
    let url = reqwest::Url::parse(url).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

pub fn header(answer: &Response, name: &str) -> Option<String> {
    answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
}

/// A UTC calendar day, counted back from today.
pub fn day(days_ago: i64) -> String {
    let time = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days_ago);
    time.strftime("%Y-%m-%d").to_string()
}

pub fn topics(page: &Value) -> Vec<&str> {
    page["meetings"].as_array().unwrap().iter().map(|meeting| meeting["topic"].as_str().unwrap()).collect()
}

/// Lists the last twenty days.
pub async fn list(zoom: &Zoom, tokens: &Tokens, more: &str) -> Value {
    let path = format!("/users/me/recordings?from={}&to={}&page_size=300{more}", day(20), day(-1));
    let (status, page) = zoom.get(tokens, &path).await;
    assert_eq!(status, 200, "{page}");
    page
}

/// Percent-encoded once.
pub fn once(uuid: &str) -> String {
    uuid.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D")
}

/// Percent-encoded twice, as Zoom wants it for UUIDs with slashes.
pub fn twice(uuid: &str) -> String {
    once(uuid).replace('%', "%25")
}
