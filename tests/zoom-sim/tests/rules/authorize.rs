//! The authorize page: who may pass, and how the browser comes back.

use zoom_sim::{AuthorizeError, Choice, Options, RELAY_URI, User};

use crate::client::{JONAS, LOOPBACK, MAYA, Zoom, query};

async fn zoom_get(url: &str) -> reqwest::Response {
    let http =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    http.get(url).send().await.unwrap()
}

#[tokio::test]
async fn the_authorize_page_works_without_javascript_and_names_its_controls() {
    let zoom = Zoom::start().await;
    let page = zoom.http.get(zoom.authorization_url()).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let text = page.text().await.unwrap();
    for part in ["id=\"authorize\"", "id=\"decline\"", "id=\"logout\"", "Maya Lindqvist", "type=\"checkbox\""]
    {
        assert!(text.contains(part), "{part}");
    }
    assert!(!text.contains("<script"));
}

#[tokio::test]
async fn logging_out_lets_somebody_else_sign_in() {
    let zoom = Zoom::start().await;
    let page = zoom.http.get(zoom.authorization_url()).send().await.unwrap().text().await.unwrap();
    let link = |page: &str, id: &str| {
        let rest = page.split_once(&format!("id=\"{id}\" href=\"")).unwrap().1.to_owned();
        format!("{}{}", zoom.sim.oauth_url(), rest.split_once('"').unwrap().0.replace("&amp;", "&"))
    };
    let follow = |url: String| async move {
        let answer = zoom_get(&url).await;
        let back = answer.headers()["location"].to_str().unwrap().to_owned();
        zoom_get(&format!("{}{back}", url.split_once("/oauth").unwrap().0)).await.text().await.unwrap()
    };
    let people = follow(link(&page, "logout")).await;
    assert!(people.contains("Sign in") && people.contains("id=\"user-maya\""));
    let consent = follow(link(&people, "user-jonas")).await;
    assert!(consent.contains("id=\"authorize\"") && consent.contains(JONAS) && !consent.contains(MAYA));
}

#[tokio::test]
async fn with_several_users_in_the_browser_one_is_chosen() {
    let zoom = Zoom::start().await;
    zoom.sim.sign_in_browser(&[MAYA, JONAS]);
    let page = zoom_get(&zoom.authorization_url()).await.text().await.unwrap();
    assert!(page.contains("id=\"user-maya\"") && page.contains("id=\"user-jonas\""));
    // Whoever is first is chosen already.
    let tokens = zoom.connect_with(&Choice::default()).await;
    assert_eq!(zoom.get(&tokens, "/users/me").await.1["email"], MAYA);
}

#[tokio::test]
async fn declining_comes_back_as_access_denied_with_the_state() {
    let zoom = Zoom::start().await;
    let target = zoom.sim.authorize(&zoom.authorization_url(), &Choice::decline()).await.unwrap();
    assert_eq!(query(&target, "error").as_deref(), Some("access_denied"));
    assert_eq!(query(&target, "state").as_deref(), Some("s t/ä"));
    assert_eq!(query(&target, "code"), None);
}

#[tokio::test]
async fn a_bad_request_is_answered_with_a_page_and_never_redirected() {
    let zoom = Zoom::start().await;
    let id = zoom.sim.client_id();
    let plain = zoom.authorization_url().replace("S256", "plain");
    let without = zoom.authorization_url().replace("code_challenge", "something");
    for url in [
        zoom.authorization_url_with("nobody", LOOPBACK),
        zoom.authorization_url_with(&id, "http://localhost:49152/oauth/zoom"),
        zoom.authorization_url_with(&id, "http://127.0.0.1:49152/somewhere"),
        zoom.authorization_url_with(&id, &RELAY_URI.to_uppercase()),
        zoom.authorization_url_with(&id, "next-desktop://oauth/zoom"),
        plain,
        without,
    ] {
        let answer = zoom_get(&url).await;
        assert_eq!(answer.status(), 400);
        assert!(answer.headers().get("location").is_none());
        assert!(answer.text().await.unwrap().contains("4,700"));
    }
}

#[tokio::test]
async fn registered_redirects_are_the_relay_page_and_loopback_on_any_port() {
    let zoom = Zoom::with(Options {
        redirect_uris: vec!["https://team.example.com/zoom".to_owned()],
        ..Options::default()
    })
    .await;
    for redirect in [
        RELAY_URI,
        "https://team.example.com/zoom",
        "http://127.0.0.1:1/oauth/zoom",
        "http://127.0.0.1:65535/oauth/zoom",
    ] {
        let url = zoom.authorization_url_with(&zoom.sim.client_id(), redirect);
        let target = zoom.sim.authorize(&url, &Choice::authorize(MAYA)).await.unwrap();
        assert!(target.starts_with(&format!("{redirect}?code=")));
    }
}

#[tokio::test]
async fn users_of_another_account_are_turned_away_from_an_unpublished_app() {
    let zoom = Zoom::start().await;
    zoom.sim.add_user(User::licensed("Ola Nord", "ola@elsewhere.example").in_account("elsewhere"));
    let attempt =
        zoom.sim.authorize(&zoom.authorization_url(), &Choice::authorize("ola@elsewhere.example")).await;
    let Err(AuthorizeError::StoppedAtZoom(text)) = attempt else { panic!("{attempt:?}") };
    assert!(text.contains("cannot authorize"));
    zoom.sim.change_client(&zoom.sim.client_id(), |client| client.published = true);
    zoom.connect("ola@elsewhere.example").await;
    zoom.sim.change_client(&zoom.sim.client_id(), |client| client.needs_approval = true);
    assert!(zoom.sim.authorize(&zoom.authorization_url(), &Choice::authorize(MAYA)).await.is_err());
}
