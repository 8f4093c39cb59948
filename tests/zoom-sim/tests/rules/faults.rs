//! Every fault does what its name says; those of bodies are in `bodies.rs`.

use std::time::Duration;

use zoom_sim::{Fault, FileSpec, HtmlPage, MeetingSpec, Place, RetryAfter};

use crate::client::{MAYA, Tokens, Zoom, header, tokens};

pub const SIZE: usize = 400_000;

/// One file, a sign-in, and the two URLs of the file.
pub struct Setting {
    pub zoom: Zoom,
    pub tokens: Tokens,
    pub download: String,
    pub storage: String,
}

pub async fn setting() -> Setting {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    let meeting = zoom.sim.add_meeting(MeetingSpec::new("one").file(FileSpec::video_of_size(SIZE as u64, 3)));
    let download = zoom.download_url(&tokens, &meeting.uuid, 0).await;
    let storage = zoom.storage_url(&tokens, &download).await;
    Setting { zoom, tokens, download, storage }
}

impl Setting {
    async fn first_host(&self, fault: Fault) -> reqwest::Response {
        self.zoom.sim.clear_faults();
        self.zoom.sim.fault_once(Place::Download, fault);
        self.zoom.http.get(&self.download).bearer_auth(&self.tokens.access).send().await.unwrap()
    }

    pub async fn storage(&self, fault: Fault) -> Result<reqwest::Response, reqwest::Error> {
        self.zoom.sim.clear_faults();
        self.zoom.sim.fault_once(Place::Storage, fault);
        self.zoom.http.get(&self.storage).send().await
    }

    async fn me(&self, fault: Fault) -> Result<reqwest::Response, reqwest::Error> {
        self.zoom.sim.clear_faults();
        self.zoom.sim.fault_once(Place::UsersMe, fault);
        self.zoom.request(reqwest::Method::GET, &self.tokens, "/users/me").send().await
    }
}

#[tokio::test]
async fn refusals_of_the_first_host_look_like_success() {
    let zoom = setting().await;
    let answer = zoom.first_host(Fault::ErrorCode124).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.bytes().await.unwrap().len(), 59);
    for (page, words) in [
        (HtmlPage::OnlyTheHost, "Only the host can download this recording"),
        (HtmlPage::SignIn, "Sign in"),
        (HtmlPage::Passcode, "passcode"),
    ] {
        let answer = zoom.first_host(Fault::Html { page }).await;
        assert_eq!(answer.status(), 200);
        assert!(answer.text().await.unwrap().contains(words));
    }
    for status in [401, 403, 404, 500, 503] {
        assert_eq!(zoom.first_host(Fault::Status { status }).await.status(), status);
    }
}

#[tokio::test]
async fn redirects_can_lead_astray() {
    let zoom = setting().await;
    let location = |answer: &reqwest::Response| header(answer, "location").unwrap();
    assert!(
        location(&zoom.first_host(Fault::RedirectToUnknownHost).await)
            .starts_with("https://downloads.zoom-storage.example.net/")
    );
    assert_eq!(location(&zoom.first_host(Fault::RedirectLoop).await), zoom.download);
    let elsewhere = "http://127.0.0.1:9/".to_owned();
    assert_eq!(
        location(&zoom.first_host(Fault::RedirectTo { location: elsewhere.clone() }).await),
        elsewhere
    );
}

#[tokio::test]
async fn too_many_requests_come_with_every_form_of_retry_after() {
    let zoom = setting().await;
    let retry = async |form| {
        header(&zoom.me(Fault::TooManyRequests { retry_after: form }).await.unwrap(), "retry-after")
    };
    assert_eq!(retry(RetryAfter::Missing).await, None);
    assert_eq!(retry(RetryAfter::Seconds(7)).await.as_deref(), Some("7"));
    assert!(retry(RetryAfter::HttpDate(7)).await.unwrap().ends_with("GMT"));
    assert!(retry(RetryAfter::Iso(7)).await.unwrap().parse::<jiff::Timestamp>().is_ok());
    assert_eq!(retry(RetryAfter::Garbage).await.as_deref(), Some("soon"));
}

#[tokio::test]
async fn rest_can_answer_with_anything() {
    let zoom = setting().await;
    assert_eq!(zoom.me(Fault::InvalidToken).await.unwrap().status(), 401);
    assert_eq!(zoom.me(Fault::MissingScopes { status: 401 }).await.unwrap().status(), 401);
    assert_eq!(zoom.me(Fault::Html { page: HtmlPage::SignIn }).await.unwrap().status(), 200);
    assert!(zoom.me(Fault::BrokenJson).await.unwrap().json::<serde_json::Value>().await.is_err());
    let body: serde_json::Value = zoom.me(Fault::ErrorBody).await.unwrap().json().await.unwrap();
    assert_eq!(body["code"], 200);
}

#[tokio::test]
async fn requests_can_be_dropped_or_left_without_an_answer() {
    let zoom = setting().await;
    assert!(zoom.me(Fault::Drop).await.is_err());
    assert!(tokio::time::timeout(Duration::from_millis(300), zoom.me(Fault::Hang)).await.is_err());
    assert_eq!(zoom.me(Fault::Latency { milliseconds: 20 }).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_lost_answer_has_still_used_up_the_refresh_token() {
    let zoom = setting().await;
    zoom.zoom.sim.fault_once(Place::Token, Fault::LoseAnswer);
    let client = zoom.zoom.sim.client_id();
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", client.as_str()),
        ("refresh_token", zoom.tokens.refresh.as_str()),
    ];
    let url = format!("{}/oauth/token", zoom.zoom.sim.oauth_url());
    assert!(zoom.zoom.http.post(url).form(&form).send().await.is_err());
    let (status, body) = zoom.zoom.refresh(&zoom.tokens.refresh).await;
    assert_eq!((status, &body["errorCode"]), (400, &4740.into()));
}

#[tokio::test]
async fn the_token_endpoint_can_refuse_with_any_code() {
    let zoom = setting().await;
    for code in [4735, 4740, 4741] {
        zoom.zoom.sim.fault_once(Place::Token, Fault::OauthError { code });
        let (status, body) = zoom.zoom.refresh("anything").await;
        assert_eq!(
            (status, &body["error"], &body["errorCode"]),
            (400, &"invalid_grant".into(), &code.into())
        );
    }
    zoom.zoom.sim.set_oauth_error_codes(false);
    assert!(zoom.zoom.refresh("anything").await.1.get("errorCode").is_none());
    let (status, body) = zoom.zoom.refresh(&zoom.tokens.refresh).await;
    assert_eq!(status, 200);
    tokens(&body);
}

#[tokio::test]
async fn the_rate_limit_counts_calls_of_a_category() {
    let zoom = setting().await;
    zoom.zoom.sim.set_rate_limit(Some(1), None);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(zoom.zoom.get(&zoom.tokens, "/users/me").await.0);
    }
    assert_eq!(statuses[0], 200);
    assert!(statuses.contains(&429));
    assert_eq!(zoom.zoom.get(&zoom.tokens, "/users/me/recordings").await.0, 200);
}

#[tokio::test]
async fn offline_nothing_answers_and_running_downloads_break() {
    let zoom = setting().await;
    let running = zoom.storage(Fault::Stall { after: 1_000 }).await.unwrap();
    zoom.zoom.sim.set_offline(true);
    assert!(running.bytes().await.is_err());
    assert!(zoom.me(Fault::Latency { milliseconds: 1 }).await.is_err());
    zoom.zoom.sim.set_offline(false);
    zoom.zoom.sim.clear_faults();
    assert_eq!(zoom.zoom.get(&zoom.tokens, "/users/me").await.0, 200);
}
