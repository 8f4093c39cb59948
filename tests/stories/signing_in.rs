//! Signing in at Zoom, and every way in which that fails: each has its own sentence and leaves a consistent
//! state.

use std::sync::atomic::Ordering;

use next_desktop::account::{AuthorizationStep, Plan, SignInState};
use next_desktop::error::Code;
use next_desktop::settings::Environment;
use zoom_sim::{Choice, Fault, FaultRule, HtmlPage, Place, RELAY_URI, ZoomSim};

use super::signing::{
    JONAS, MAYA, Signer, environment, grace, maya, maya_connected, refused, with_parameter,
};

fn as_maya() -> Choice {
    Choice::authorize(MAYA)
}

/// Nothing is connected, nothing is under way, and Zoom holds no authorization.
fn is_disconnected(sim: &ZoomSim, signer: &Signer) {
    let status = signer.status();
    assert_eq!(status.state, SignInState::Disconnected);
    assert_eq!((status.account, status.step), (None, None));
    assert!(!sim.is_authorised(MAYA), "an authorization that nobody uses must not stay alive");
}

#[tokio::test]
async fn a_public_client_signs_in_with_pkce_and_without_a_secret() {
    let (sim, maya) = maya().await;
    let address = maya.begin().await;
    assert!(address.contains("code_challenge_method=S256") && address.contains("state="), "{address}");
    assert!(!address.contains("scope="), "an app has either granular or classic scopes");

    let back = sim.authorize_and_follow(&address, &as_maya()).await.unwrap();
    assert!(back.starts_with("http://127.0.0.1:"), "{back}");

    let status = maya.status();
    assert_eq!(status.state, SignInState::Connected, "{status:?}");
    let account = status.account.unwrap();
    assert_eq!((account.email.as_str(), account.plan), (MAYA, Plan::Licensed));
    let asked = sim.requests_at(Place::Token);
    assert_eq!(asked.len(), 1);
    assert!(
        !asked.iter().any(|request| request.authorization),
        "no Authorization header for a public client"
    );
}

#[tokio::test]
async fn a_client_with_a_secret_sends_it_as_basic_and_nowhere_else() {
    let (sim, _) = maya().await;
    let (id, secret) = sim.confidential_client();
    let maya = Signer::new(Environment {
        zoom_client_id: Some(id),
        zoom_client_secret: Some(secret.clone().into()),
        ..environment(&sim)
    });
    let address = maya.begin().await;
    assert!(!address.contains(&secret));
    let back = sim.authorize(&address, &as_maya()).await.unwrap();
    let status = maya.accounts.callback(&back).await.unwrap();
    assert_eq!(status.state, SignInState::Connected);
    assert!(sim.requests_at(Place::Token).iter().all(|request| request.authorization));
}

#[tokio::test]
async fn no_token_lies_outside_the_keyring() {
    let (sim, maya) = maya_connected().await;
    for (path, bytes) in super::harness::files_below(maya.data()) {
        let text = String::from_utf8_lossy(&bytes);
        for secret in sim.issued_secrets() {
            assert!(!text.contains(&secret), "{} holds a secret", path.display());
        }
    }
    let seen = format!("{:?} {:?}", maya.status(), maya.keyring);
    assert!(sim.issued_secrets().iter().all(|secret| !seen.contains(secret)));
}

#[tokio::test]
async fn declining_is_said_and_can_be_thought_over() {
    let (sim, maya) = maya().await;
    let error = refused(maya.connect(&sim, &Choice::decline()).await);
    assert_eq!(error.code, Code::AuthorizationDeclined);
    is_disconnected(&sim, &maya);
    assert_eq!(maya.status().error.map(|error| error.code), Some(Code::AuthorizationDeclined));
    assert_eq!(maya.connect(&sim, &as_maya()).await.unwrap().state, SignInState::Connected);
}

#[tokio::test]
async fn a_code_that_is_older_than_five_minutes_is_expired() {
    let (sim, maya) = maya().await;
    let address = maya.begin().await;
    let back = sim.authorize(&address, &as_maya()).await.unwrap();
    maya.wait(&sim, 6 * 60);
    let error = refused(maya.accounts.callback(&back).await);
    assert_eq!(error.code, Code::AuthorizationExpired);
    is_disconnected(&sim, &maya);
}

#[tokio::test]
async fn a_browser_that_never_comes_back_is_not_waited_for_for_ever() {
    let (sim, maya) = maya().await;
    let address = maya.begin().await;
    maya.wait(&sim, 11 * 60);
    assert_eq!(maya.settles().await.error.map(|error| error.code), Some(Code::AuthorizationExpired));
    let late = with_parameter(&sim.authorize(&address, &as_maya()).await.unwrap(), "x", None);
    assert_eq!(refused(maya.accounts.callback(&late).await).code, Code::AuthorizationExpired);
    assert_eq!(sim.count(Place::Token), 0);
}

#[tokio::test]
async fn a_callback_with_another_state_is_not_exchanged_and_spoils_nothing() {
    let (sim, maya) = maya().await;
    let address = maya.begin().await;
    let back = sim.authorize(&address, &as_maya()).await.unwrap();
    let forged = with_parameter(&back, "state", Some("somebody-elses"));
    let error = refused(maya.accounts.callback(&forged).await);
    assert_eq!(error.code, Code::AuthorizationStateMismatch);
    assert_eq!(sim.count(Place::Token), 0);
    assert_eq!(maya.status().state, SignInState::Authorizing, "the real one may still come");
    assert_eq!(maya.accounts.callback(&back).await.unwrap().state, SignInState::Connected);
}

#[tokio::test]
async fn a_callback_without_state_was_started_at_zooms_marketplace_and_is_answered_kindly() {
    let (sim, maya) = maya().await;
    for address in ["next-desktop://oauth/zoom?code=abc", "http://127.0.0.1:1/oauth/zoom?code=abc"] {
        let error = refused(maya.accounts.callback(address).await);
        assert_eq!(error.code, Code::AuthorizationNotStartedHere);
        assert!(error.action.contains("Connect Zoom"), "{error}");
    }
    assert_eq!(sim.count(Place::Token), 0);
    is_disconnected(&sim, &maya);
}

#[tokio::test]
async fn a_callback_that_is_used_twice_changes_nothing() {
    let (sim, maya) = maya().await;
    let address = maya.begin().await;
    let back = sim.authorize_and_follow(&address, &as_maya()).await.unwrap();
    let error = refused(maya.accounts.callback(&back).await);
    assert_eq!(error.code, Code::AuthorizationStateMismatch);
    assert_eq!(maya.status().state, SignInState::Connected);
    assert_eq!(sim.count(Place::Token), 1);
}

#[tokio::test]
async fn a_code_that_zoom_refuses_is_said() {
    let (sim, maya) = maya().await;
    let address = maya.begin().await;
    let back = sim.authorize(&address, &as_maya()).await.unwrap();
    let error = refused(maya.accounts.callback(&with_parameter(&back, "code", Some("wrong"))).await);
    assert_eq!(error.code, Code::AuthorizationCodeRefused);
    is_disconnected(&sim, &maya);
}

#[tokio::test]
async fn permissions_that_were_unticked_are_named_and_the_sign_in_is_ended() {
    let (sim, maya) = maya().await;
    let scope = "cloud_recording:read:list_recording_files";
    let error = refused(maya.connect(&sim, &as_maya().untick(scope)).await);
    assert_eq!(error.code, Code::ScopesMissing);
    assert!(error.message.contains(scope), "{error}");
    is_disconnected(&sim, &maya);
}

#[tokio::test]
async fn without_a_network_nothing_is_lost() {
    let (sim, maya) = maya().await;
    let address = maya.begin().await;
    let back = sim.authorize(&address, &as_maya()).await.unwrap();
    sim.set_offline(true);
    let error = refused(maya.accounts.callback(&back).await);
    assert_eq!(error.code, Code::Offline);
    sim.set_offline(false);
    is_disconnected(&sim, &maya);
    assert_eq!(maya.connect(&sim, &as_maya()).await.unwrap().state, SignInState::Connected);
}

#[tokio::test]
async fn a_page_where_tokens_should_be_is_no_answer() {
    let (sim, maya) = maya().await;
    for fault in [Fault::Html { page: HtmlPage::SignIn }, Fault::BrokenJson, Fault::Status { status: 503 }] {
        sim.fault_once(Place::Token, fault.clone());
        let error = refused(maya.connect(&sim, &as_maya()).await);
        assert_eq!(error.code, Code::ZoomUnavailable, "{fault:?}");
        assert_eq!(maya.status().state, SignInState::Disconnected);
    }
}

#[tokio::test]
async fn a_sign_in_whose_user_cannot_be_read_is_ended_at_zoom() {
    let (sim, maya) = maya().await;
    sim.fault(FaultRule::always(Place::UsersMe, Fault::Html { page: HtmlPage::SignIn }));
    let error = refused(maya.connect(&sim, &as_maya()).await);
    assert_eq!(error.code, Code::ZoomUnavailable);
    is_disconnected(&sim, &maya);
}

#[tokio::test]
async fn a_client_id_that_zoom_does_not_know_is_seen_before_it_is_kept() {
    let (sim, maya) = maya().await;
    let unknown = Signer::new(Environment { zoom_client_id: Some("Unknown".into()), ..environment(&sim) });
    let draft = |id: &str| next_desktop::settings::ZoomClientDraft {
        client_id: id.to_owned(),
        client_secret: None,
        redirect_uri: None,
    };
    use next_desktop::zoom::ClientCheck;
    let check = async |id: &str| {
        let app = maya.configuration.check(&draft(id)).unwrap();
        maya.zoom.check_client(&app).await
    };
    assert!(matches!(check("Unknown").await, ClientCheck::Refused { .. }));
    assert_eq!(check(&sim.client_id()).await, ClientCheck::Known);

    // Whoever goes on all the same is shown Zoom's page, and nobody comes back.
    let address = unknown.begin().await;
    assert!(sim.authorize(&address, &as_maya()).await.is_err());
    let status = unknown.accounts.cancel().await.unwrap();
    assert_eq!(status.error.map(|error| error.code), Some(Code::AuthorizationCancelled));
}

#[tokio::test]
async fn without_a_client_id_there_is_nothing_to_sign_in_with() {
    let (sim, _) = maya().await;
    let maya = Signer::new(Environment { zoom_client_id: None, ..environment(&sim) });
    assert_eq!(refused(maya.accounts.begin().await).code, Code::NoZoomClient);
}

#[tokio::test]
async fn a_locked_keyring_is_said_before_anybody_goes_to_zoom() {
    let (sim, maya) = maya().await;
    maya.keyring.locked.store(true, Ordering::SeqCst);
    assert_eq!(refused(maya.accounts.begin().await).code, Code::KeyringUnavailable);
    assert_eq!(maya.status().state, SignInState::Disconnected);
    maya.keyring.locked.store(false, Ordering::SeqCst);
    assert_eq!(maya.connect(&sim, &as_maya()).await.unwrap().state, SignInState::Connected);
}

#[tokio::test]
async fn a_keyring_that_locks_on_the_way_ends_the_sign_in_at_zoom() {
    let (sim, maya) = maya().await;
    let address = maya.begin().await;
    let back = sim.authorize(&address, &Choice::authorize(JONAS)).await.unwrap();
    let status = maya.accounts.callback(&back).await.unwrap();
    assert!(matches!(status.step, Some(AuthorizationStep::ConfirmAccount { .. })));
    maya.keyring.locked.store(true, Ordering::SeqCst);
    let status = maya.accounts.confirm(true).await.unwrap();
    assert_eq!(status.state, SignInState::Disconnected);
    assert_eq!(status.error.map(|error| error.code), Some(Code::KeyringUnavailable));
    assert!(!sim.is_authorised(JONAS));
    assert_eq!(*maya.claims.released.lock().unwrap(), [JONAS], "and its claim is given back");
}

#[tokio::test]
async fn an_account_with_another_e_mail_is_asked_about() {
    let (sim, maya) = maya().await;
    let ask = async || {
        let status = maya.connect(&sim, &Choice::authorize(JONAS)).await.unwrap();
        assert_eq!(status.state, SignInState::Authorizing);
        match status.step {
            Some(AuthorizationStep::ConfirmAccount { account, profile_email }) => {
                assert_eq!((account.email.as_str(), profile_email.as_str()), (JONAS, MAYA));
            }
            other => panic!("{other:?}"),
        }
    };
    ask().await;
    let status = maya.accounts.confirm(false).await.unwrap();
    assert_eq!(status.state, SignInState::Disconnected);
    assert!(status.error.unwrap().action.contains("log out of Zoom"));
    assert!(!sim.is_authorised(JONAS), "the wrong account is revoked");

    ask().await;
    let status = maya.accounts.confirm(true).await.unwrap();
    assert_eq!(status.account.unwrap().email, JONAS);
}

#[tokio::test]
async fn an_account_of_another_profile_is_left_alone_or_moved_here() {
    let (sim, maya) = maya().await;
    *maya.claims.holder.lock().unwrap() = Some(grace());
    let status = maya.connect(&sim, &as_maya()).await.unwrap();
    assert!(
        matches!(&status.step, Some(AuthorizationStep::ClaimConflict { holder, .. }) if *holder == grace()),
        "{status:?}"
    );
    let status = maya.accounts.resolve_claim(false).await.unwrap();
    assert_eq!(status.error.as_ref().map(|error| error.code), Some(Code::ClaimConflict));
    assert!(status.error.unwrap().message.contains("Grace"));
    is_disconnected(&sim, &maya);

    maya.connect(&sim, &as_maya()).await.unwrap();
    let status = maya.accounts.resolve_claim(true).await.unwrap();
    assert_eq!((status.state, status.error), (SignInState::Connected, None));
}

#[tokio::test]
async fn giving_up_a_sign_in_again_leads_back_to_where_it_began() {
    let (sim, maya) = maya_connected().await;
    maya.begin().await;
    assert_eq!(maya.status().state, SignInState::Authorizing);
    let status = maya.accounts.cancel().await.unwrap();
    assert_eq!(status.state, SignInState::Connected, "its sign-in was never touched");
    maya.zoom.user(&maya.accounts).await.unwrap();

    sim.revoke_tokens(MAYA);
    maya.zoom.user(&maya.accounts).await.unwrap_err();
    maya.begin().await;
    let status = maya.accounts.cancel().await.unwrap();
    assert_eq!(status.state, SignInState::NeedsReauthorization);
    assert_eq!(maya.connect(&sim, &as_maya()).await.unwrap().state, SignInState::Connected);
}

#[tokio::test]
async fn a_sign_in_begun_anew_replaces_the_former() {
    let (sim, maya) = maya().await;
    let first = maya.begin().await;
    let second = maya.begin().await;
    let old = sim.authorize(&first, &as_maya()).await.unwrap();
    assert_eq!(refused(maya.accounts.callback(&old).await).code, Code::AuthorizationStateMismatch);
    sim.authorize_and_follow(&second, &as_maya()).await.unwrap();
    assert_eq!(maya.status().state, SignInState::Connected);
}

fn by_relay(sim: &ZoomSim) -> Signer {
    Signer::new(Environment { zoom_redirect_uri: Some(RELAY_URI.into()), ..environment(sim) })
}

/// What the relay page makes of Zoom's redirect.
fn relayed(back: &str) -> String {
    assert!(back.starts_with(RELAY_URI), "{back}");
    format!("next-desktop://oauth/zoom?{}", back.split_once('?').unwrap().1)
}

#[tokio::test]
async fn a_deep_link_finds_its_sign_in_in_a_next_that_was_started_anew() {
    let (sim, _) = maya().await;
    let before = by_relay(&sim);
    let address = before.begin().await;
    let link = relayed(&sim.authorize(&address, &as_maya()).await.unwrap());
    let after = before.again();
    drop(before);
    assert_eq!(after.status().state, SignInState::Disconnected);
    assert_eq!(after.accounts.callback(&link).await.unwrap().state, SignInState::Connected);
}

#[tokio::test]
async fn a_sign_in_begun_on_the_command_line_may_come_back_to_the_window() {
    let (sim, _) = maya().await;
    let command = by_relay(&sim);
    let window = command.again();
    let address = command.begin().await;
    let link = relayed(&sim.authorize(&address, &as_maya()).await.unwrap());
    assert_eq!(window.accounts.callback(&link).await.unwrap().state, SignInState::Connected);
    let status = command.settles().await;
    assert_eq!((status.state, status.error), (SignInState::Connected, None));
}

#[tokio::test]
async fn a_port_that_is_taken_is_said() {
    let (sim, _) = maya().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let uri = format!("http://127.0.0.1:{port}/oauth/zoom");
    let maya = Signer::new(Environment { zoom_redirect_uri: Some(uri), ..environment(&sim) });
    let error = refused(maya.accounts.begin().await);
    assert_eq!(error.code, Code::Busy);
    assert!(error.message.contains(&port.to_string()), "{error}");
}

#[tokio::test]
async fn a_basic_user_can_connect_and_is_known_to_be_one() {
    let (sim, maya) = maya().await;
    maya.connect(&sim, &Choice::authorize("priya@example.com")).await.unwrap();
    let status = maya.accounts.confirm(true).await.unwrap();
    assert_eq!(status.account.unwrap().plan, Plan::Basic);
}
