//! Signing in, refreshing, and losing a sign-in.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use zoom_sim::{Choice, Options, RELAY_URI};

use crate::client::{JONAS, LOOPBACK, MAYA, Zoom, query, tokens};

/// The error code of a refusal by the token endpoint.
fn refused((status, body): (u16, Value)) -> u64 {
    assert_eq!(status, 400, "{body}");
    assert!(body["reason"].is_string());
    body["errorCode"].as_u64().unwrap()
}

#[tokio::test]
async fn a_public_client_signs_in_with_pkce_and_reads_who_it_is() {
    let zoom = Zoom::start().await;
    let target = zoom.sim.authorize(&zoom.authorization_url(), &Choice::authorize(MAYA)).await.unwrap();
    assert!(target.starts_with(LOOPBACK));
    assert_eq!(query(&target, "state").as_deref(), Some("s t/ä"));
    let (_, body) = zoom.exchange(&query(&target, "code").unwrap()).await;
    assert_eq!(body["token_type"], "bearer");
    assert_eq!(body["expires_in"], 3599);
    let (status, me) = zoom.get(&tokens(&body), "/users/me").await;
    assert_eq!((status, &me["email"], &me["type"]), (200, &MAYA.into(), &2.into()));
}

#[tokio::test]
async fn a_code_serves_once_for_five_minutes_with_its_verifier_and_redirect() {
    let zoom = Zoom::start().await;
    let maya = Choice::authorize(MAYA);
    let code = zoom.code(&maya).await;
    let client = zoom.sim.client_id();
    let with = |redirect: &'static str, verifier: &'static str| {
        let (code, client, zoom) = (code.clone(), client.clone(), &zoom);
        async move {
            zoom.token(&[
                ("grant_type", "authorization_code"),
                ("client_id", &client),
                ("code", &code),
                ("redirect_uri", redirect),
                ("code_verifier", verifier),
            ])
            .await
        }
    };
    assert_eq!(refused(with("http://127.0.0.1:2/oauth/zoom", "x").await), 4709);
    assert_eq!(refused(with(LOOPBACK, "another verifier").await), 4700);
    assert_eq!(zoom.exchange(&code).await.0, 200);
    assert_eq!(refused(zoom.exchange(&code).await), 4734);

    let late = zoom.code(&maya).await;
    zoom.sim.advance(Duration::from_secs(301));
    assert_eq!(refused(zoom.exchange(&late).await), 4733);
    assert_eq!(refused(zoom.exchange("made up").await), 4700);
}

#[tokio::test]
async fn a_public_client_with_an_authorization_header_is_refused_and_a_confidential_one_needs_it() {
    let zoom = Zoom::start().await;
    let url = format!("{}/oauth/token", zoom.sim.oauth_url());
    let public = zoom.sim.client_id();
    let form = [("grant_type", "refresh_token"), ("client_id", public.as_str()), ("refresh_token", "x")];
    let answer = zoom.http.post(&url).basic_auth(&public, Some("")).form(&form).send().await.unwrap();
    let body: Value = answer.json().await.unwrap();
    assert_eq!((&body["error"], &body["errorCode"]), (&"invalid_client".into(), &4702.into()));

    let (id, secret) = zoom.sim.confidential_client();
    let (status, body) =
        zoom.token(&[("grant_type", "refresh_token"), ("client_id", &id), ("refresh_token", "x")]).await;
    assert_eq!((status, &body["error"]), (400, &"invalid_client".into()));

    let target = zoom
        .sim
        .authorize(&zoom.authorization_url_with(&id, RELAY_URI), &Choice::authorize(MAYA))
        .await
        .unwrap();
    let code = query(&target, "code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", RELAY_URI),
        ("code_verifier", crate::client::VERIFIER),
    ];
    let answer = zoom.http.post(&url).basic_auth(&id, Some(&secret)).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn every_refresh_replaces_the_refresh_token() {
    let zoom = Zoom::start().await;
    let first = zoom.connect(MAYA).await;
    let (status, body) = zoom.refresh(&first.refresh).await;
    assert_eq!(status, 200);
    let second = tokens(&body);
    assert_ne!(first.refresh, second.refresh);
    assert_eq!(refused(zoom.refresh(&first.refresh).await), 4740);
    assert_eq!(zoom.refresh(&second.refresh).await.0, 200);
}

#[tokio::test]
async fn only_the_newest_authorisation_of_a_user_lives() {
    let zoom = Zoom::start().await;
    let (old, jonas) = (zoom.connect(MAYA).await, zoom.connect(JONAS).await);
    let new = zoom.connect(MAYA).await;
    assert_eq!(zoom.get(&old, "/users/me").await.0, 401);
    assert_eq!(refused(zoom.refresh(&old.refresh).await), 4741);
    assert_eq!(zoom.get(&new, "/users/me").await.0, 200);
    assert_eq!(zoom.get(&jonas, "/users/me").await.0, 200);
}

#[tokio::test]
async fn access_tokens_live_an_hour_and_refresh_tokens_ninety_days() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    zoom.sim.advance(Duration::from_secs(3601));
    let (status, body) = zoom.get(&tokens, "/users/me").await;
    assert_eq!((status, &body["code"]), (401, &124.into()));
    assert_eq!(zoom.refresh(&tokens.refresh).await.0, 200);

    let tokens = zoom.connect(MAYA).await;
    zoom.sim.advance(Duration::from_secs(90 * 24 * 3600 + 1));
    assert_eq!(refused(zoom.refresh(&tokens.refresh).await), 4700);
}

#[tokio::test]
async fn revoking_ends_both_tokens() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    assert!(zoom.sim.is_authorised(MAYA));
    let client = zoom.sim.client_id();
    let form = [("token", tokens.access.as_str()), ("client_id", client.as_str())];
    let answer =
        zoom.http.post(format!("{}/oauth/revoke", zoom.sim.oauth_url())).form(&form).send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["status"], "success");
    assert_eq!(zoom.get(&tokens, "/users/me").await.0, 401);
    assert_eq!(refused(zoom.refresh(&tokens.refresh).await), 4741);
    assert!(!zoom.sim.is_authorised(MAYA));
}

#[tokio::test]
async fn a_user_who_left_and_an_app_that_is_disabled_have_their_own_codes() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    zoom.sim.change_user(MAYA, |user| user.left = true);
    assert_eq!(refused(zoom.refresh(&tokens.refresh).await), 4735);
    zoom.sim.change_client(&zoom.sim.client_id(), |client| client.disabled = true);
    assert_eq!(refused(zoom.refresh(&tokens.refresh).await), 4717);
}

#[tokio::test]
async fn unticked_scopes_are_missing_from_the_answer_and_refused_later() {
    let zoom = Zoom::start().await;
    let list = "cloud_recording:read:list_user_recordings";
    let tokens = zoom.connect_with(&Choice::authorize(MAYA).untick(list)).await;
    assert!(tokens.scope.contains("user:read:user") && !tokens.scope.contains(list));
    let (status, body) = zoom.get(&tokens, "/users/me/recordings").await;
    assert_eq!((status, &body["code"]), (400, &4711.into()));
    assert!(body["message"].as_str().unwrap().contains(list));
    zoom.sim.set_missing_scope_status(403);
    assert_eq!(zoom.get(&tokens, "/users/me/recordings").await.0, 403);
}

#[tokio::test]
async fn a_bearer_token_in_the_query_is_refused() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    let url = format!("{}/users/me?access_token={}", zoom.sim.api_url(), tokens.access);
    assert_eq!(zoom.http.request(Method::GET, url).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_sign_in_and_the_samples_survive_a_restart_with_a_state_file() {
    let folder = tempfile::tempdir().unwrap();
    let options =
        || Options { samples: true, state_file: Some(folder.path().join("zoom.json")), ..Options::default() };
    let zoom = Zoom::with(options()).await;
    let tokens = zoom.connect(MAYA).await;
    let before = zoom.get(&tokens, "/users/me/recordings?page_size=300&from=2000-01-01").await.1["meetings"]
        [0]["uuid"]
        .clone();
    let (_, body) = zoom.refresh(&tokens.refresh).await;
    drop(zoom);

    let again = Zoom::with(options()).await;
    let tokens = crate::client::tokens(&body);
    let after = again.get(&tokens, "/users/me/recordings?page_size=300&from=2000-01-01").await.1["meetings"]
        [0]["uuid"]
        .clone();
    assert!(before.is_string());
    assert_eq!(before, after);
    assert_eq!(again.refresh(&tokens.refresh).await.0, 200);
}

#[tokio::test]
async fn a_dropped_simulator_is_gone() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    let Zoom { sim, http } = zoom;
    let url = format!("{}/users/me", sim.api_url());
    drop(sim);
    // The client still holds an open connection: it must not be answered either.
    assert!(http.get(url).bearer_auth(&tokens.access).send().await.is_err());
}

#[tokio::test]
async fn redirects_named_at_a_restart_are_registered_too() {
    let folder = tempfile::tempdir().unwrap();
    let options = |uris: &[&str]| Options {
        state_file: Some(folder.path().join("zoom.json")),
        redirect_uris: uris.iter().map(|uri| (*uri).to_owned()).collect(),
        ..Options::default()
    };
    drop(Zoom::with(options(&[])).await);
    let zoom = Zoom::with(options(&["https://team.example.com/zoom"])).await;
    let url = zoom.authorization_url_with(&zoom.sim.client_id(), "https://team.example.com/zoom");
    assert!(zoom.sim.authorize(&url, &Choice::default()).await.is_ok());
}
