//! Staying signed in: tokens are renewed one at a time and never lost; a sign-in that is over is said once; and
//! disconnecting ends it everywhere.

use std::sync::atomic::Ordering;

use next_desktop::account::SignInState;
use next_desktop::error::{Code, UserError};
use next_desktop::zoom::AccessTokens as _;
use zoom_sim::{Choice, Fault, FaultRule, Place, ZoomSim};

use super::signing::{JONAS, MAYA, Signer, maya, maya_connected};

/// Asks Zoom something as the connected account.
async fn ask(signer: &Signer) -> Result<(), UserError> {
    Ok(signer.zoom.user(&signer.accounts).await.map(drop)?)
}

fn refreshes(sim: &ZoomSim) -> usize {
    let refresh = |grant: &Option<String>| grant.as_deref() == Some("refresh_token");
    sim.requests_at(Place::Token).iter().filter(|request| refresh(&request.grant_type)).count()
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_not_sooner() {
    let (sim, maya) = maya_connected().await;
    maya.wait(&sim, 50 * 60);
    ask(&maya).await.unwrap();
    assert_eq!(refreshes(&sim), 0);
    maya.wait(&sim, 6 * 60);
    ask(&maya).await.unwrap();
    assert_eq!(refreshes(&sim), 1, "four minutes are too few to begin something with");
    for _ in 0..5 {
        maya.wait(&sim, 70 * 60);
        ask(&maya).await.unwrap();
    }
    assert_eq!(refreshes(&sim), 6, "each with the refresh token of the one before");
}

#[tokio::test]
async fn many_calls_at_once_renew_a_token_once() {
    let (sim, maya) = maya_connected().await;
    maya.wait(&sim, 2 * 3600);
    let calls = (0..20).map(|_| ask(&maya));
    for result in futures::future::join_all(calls).await {
        result.unwrap();
    }
    assert_eq!(refreshes(&sim), 1);
}

#[tokio::test]
async fn several_processes_renew_a_token_once() {
    let (sim, window) = maya_connected().await;
    let commands: Vec<Signer> = (0..4).map(|_| window.again()).collect();
    window.wait(&sim, 2 * 3600);
    let calls = commands.iter().chain([&window]).map(ask);
    for result in futures::future::join_all(calls).await {
        result.unwrap();
    }
    assert_eq!(refreshes(&sim), 1);
}

#[tokio::test]
async fn a_new_refresh_token_is_kept_before_the_access_token_that_came_with_it() {
    let (sim, maya) = maya_connected().await;
    maya.keyring.kept.lock().unwrap().clear();
    maya.wait(&sim, 2 * 3600);
    sim.clear_requests();
    ask(&maya).await.unwrap();
    let kept = maya.keyring.kept.lock().unwrap().clone();
    let [first, second] = kept.as_slice() else { panic!("{kept:?}") };
    assert!(first.ends_with("/zoom-refresh-token") && second.ends_with("/zoom-access-token"), "{kept:?}");
    let order: Vec<Place> = sim.requests().iter().map(|request| request.place).collect();
    assert_eq!(order, [Place::Token, Place::UsersMe]);
}

#[tokio::test]
async fn new_tokens_that_cannot_be_kept_are_not_used_and_not_lost() {
    let (sim, maya) = maya_connected().await;
    maya.wait(&sim, 2 * 3600);
    // Locked while the refresh is on its way: it can be read from and not written to.
    sim.fault_once(Place::Token, Fault::Latency { milliseconds: 300 });
    let asking = ask(&maya);
    let locking = async {
        while refreshes(&sim) == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        maya.keyring.locked.store(true, Ordering::SeqCst);
    };
    let (result, ()) = futures::future::join(asking, locking).await;
    assert_eq!(result.unwrap_err().code, Code::KeyringUnavailable);
    assert_eq!(maya.status().state, SignInState::Connected);

    maya.keyring.locked.store(false, Ordering::SeqCst);
    ask(&maya).await.unwrap();
    assert_eq!(refreshes(&sim), 1, "the tokens that came are kept now");
    ask(&maya.again()).await.unwrap();
}

#[tokio::test]
async fn a_locked_keyring_is_not_taken_for_a_lost_sign_in() {
    let (sim, maya) = maya_connected().await;
    let later = maya.again();
    later.wait(&sim, 2 * 3600);
    later.keyring.locked.store(true, Ordering::SeqCst);
    assert_eq!(ask(&later).await.unwrap_err().code, Code::KeyringUnavailable);
    assert_eq!(later.status().state, SignInState::Connected);
    later.keyring.locked.store(false, Ordering::SeqCst);
    ask(&later).await.unwrap();
}

#[tokio::test]
async fn a_token_that_zoom_refuses_early_is_renewed_and_the_call_done_again() {
    let (sim, maya) = maya_connected().await;
    sim.expire_access_tokens();
    ask(&maya).await.unwrap();
    assert_eq!(refreshes(&sim), 1);
    sim.fault_once(Place::UsersMe, Fault::InvalidToken);
    ask(&maya).await.unwrap();
    assert_eq!(refreshes(&sim), 2);
}

#[tokio::test]
async fn a_fresh_token_that_zoom_refuses_is_not_renewed_for_ever() {
    let (sim, maya) = maya_connected().await;
    sim.fault(FaultRule::always(Place::UsersMe, Fault::InvalidToken));
    assert_eq!(ask(&maya).await.unwrap_err().code, Code::ZoomRefused);
    assert_eq!(refreshes(&sim), 1);
}

#[tokio::test]
async fn a_sign_in_that_is_over_is_said_once_and_kept() {
    for code in [4735, 4740, 4741] {
        let (sim, maya) = maya_connected().await;
        let mut heard = maya.events.subscribe();
        sim.fault(FaultRule::always(Place::Token, Fault::OauthError { code }));
        maya.wait(&sim, 2 * 3600);
        for _ in 0..3 {
            assert_eq!(ask(&maya).await.unwrap_err().code, Code::NeedsReauthorization, "{code}");
        }
        assert_eq!(refreshes(&sim), 1, "{code}: no further refresh is spent");
        assert_eq!(Signer::changes(&mut heard), 1, "{code}");

        let later = maya.again();
        assert_eq!(later.status().state, SignInState::NeedsReauthorization);
        assert_eq!(later.status().account.unwrap().email, MAYA, "it is known who should sign in again");
        assert_eq!(ask(&later).await.unwrap_err().code, Code::NeedsReauthorization);
        assert_eq!(refreshes(&sim), 1, "{code}: nor after a restart");

        sim.clear_faults();
        later.connect(&sim, &Choice::authorize(MAYA)).await.unwrap();
        ask(&later).await.unwrap();
    }
}

#[tokio::test]
async fn a_refusal_in_words_alone_is_understood_too() {
    let (sim, maya) = maya_connected().await;
    sim.set_oauth_error_codes(false);
    sim.revoke_tokens(MAYA);
    assert_eq!(ask(&maya).await.unwrap_err().code, Code::NeedsReauthorization);
    assert_eq!(maya.status().state, SignInState::NeedsReauthorization);
}

#[tokio::test]
async fn signing_in_on_another_machine_ends_the_sign_in_here() {
    let (sim, here) = maya_connected().await;
    let there = Signer::new(super::signing::environment(&sim));
    there.connect(&sim, &Choice::authorize(MAYA)).await.unwrap();
    assert_eq!(ask(&here).await.unwrap_err().code, Code::NeedsReauthorization);
    ask(&there).await.unwrap();
}

#[tokio::test]
async fn a_network_that_is_down_is_no_disconnection() {
    let (sim, maya) = maya_connected().await;
    maya.wait(&sim, 2 * 3600);
    sim.set_offline(true);
    assert_eq!(ask(&maya).await.unwrap_err().code, Code::Offline);
    assert_eq!(maya.status().state, SignInState::Connected);
    sim.set_offline(false);
    ask(&maya).await.unwrap();

    maya.wait(&sim, 2 * 3600);
    sim.fault(FaultRule::times(Place::Token, 2, Fault::Status { status: 502 }));
    assert_eq!(ask(&maya).await.unwrap_err().code, Code::ZoomUnavailable);
    assert_eq!(maya.status().state, SignInState::Connected);
    ask(&maya).await.unwrap();
}

#[tokio::test]
async fn one_failure_of_zoom_during_a_refresh_is_not_even_noticed() {
    let (sim, maya) = maya_connected().await;
    maya.wait(&sim, 2 * 3600);
    sim.fault_once(Place::Token, Fault::Status { status: 500 });
    ask(&maya).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_is_lost_takes_the_sign_in_with_it_and_is_not_asked_for_ever() {
    let (sim, maya) = maya_connected().await;
    maya.wait(&sim, 2 * 3600);
    sim.fault_once(Place::Token, Fault::LoseAnswer);
    // Zoom has replaced the refresh token, and nobody knows by which.
    assert_eq!(ask(&maya).await.unwrap_err().code, Code::NeedsReauthorization);
    assert_eq!(refreshes(&sim), 2);
    assert_eq!(maya.status().state, SignInState::NeedsReauthorization);
}

#[tokio::test]
async fn tokens_are_not_renewed_with_another_client_than_they_were_given_to() {
    let (sim, maya) = maya_connected().await;
    let draft = next_desktop::settings::ZoomClientDraft {
        client_id: "Another".to_owned(),
        client_secret: None,
        redirect_uri: None,
    };
    maya.configuration.save_zoom_client(&draft).await.unwrap();
    maya.wait(&sim, 2 * 3600);
    assert_eq!(ask(&maya).await.unwrap_err().code, Code::NeedsReauthorization);
    assert_eq!(refreshes(&sim), 0);
}

#[tokio::test]
async fn disconnecting_revokes_and_forgets() {
    let (sim, maya) = maya_connected().await;
    assert!(maya.accounts.disconnect().await.unwrap());
    let status = maya.status();
    assert_eq!((status.state, status.account, status.error), (SignInState::Disconnected, None, None));
    assert!(!sim.is_authorised(MAYA));
    assert_eq!(*maya.claims.released.lock().unwrap(), [MAYA]);
    assert_eq!(maya.accounts.access_token().await.unwrap_err().code, Code::NotConnected);
    let later = maya.again();
    assert_eq!(later.status().state, SignInState::Disconnected);
    assert_eq!(later.accounts.disconnect().await.unwrap_err().code, Code::NotConnected);
}

#[tokio::test]
async fn disconnecting_after_an_hour_still_revokes() {
    let (sim, maya) = maya_connected().await;
    maya.wait(&sim, 5 * 3600);
    assert!(maya.accounts.disconnect().await.unwrap());
    assert!(!sim.is_authorised(MAYA));
}

#[tokio::test]
async fn disconnecting_without_a_network_still_forgets_here() {
    let (sim, maya) = maya_connected().await;
    sim.set_offline(true);
    assert!(!maya.accounts.disconnect().await.unwrap(), "Zoom was not told, and that is said");
    assert_eq!(maya.status().state, SignInState::Disconnected);
    assert_eq!(maya.accounts.access_token().await.unwrap_err().code, Code::NotConnected);
}

#[tokio::test]
async fn a_sign_in_that_is_over_can_be_disconnected() {
    let (sim, maya) = maya_connected().await;
    sim.revoke_tokens(MAYA);
    ask(&maya).await.unwrap_err();
    maya.accounts.disconnect().await.unwrap();
    assert_eq!(maya.status().state, SignInState::Disconnected);
}

#[tokio::test]
async fn another_account_in_place_of_the_former_ends_the_former() {
    let (sim, maya) = maya_connected().await;
    maya.connect(&sim, &Choice::authorize(JONAS)).await.unwrap();
    maya.accounts.confirm(true).await.unwrap();
    assert_eq!(maya.status().account.unwrap().email, JONAS);
    assert!(!sim.is_authorised(MAYA) && sim.is_authorised(JONAS));
    assert_eq!(*maya.claims.released.lock().unwrap(), [MAYA]);
    ask(&maya).await.unwrap();
}

#[tokio::test]
async fn an_account_that_was_moved_away_needs_a_person() {
    let (sim, maya) = maya_connected().await;
    let reason = UserError::new(Code::ClaimConflict, "It is Grace's now", "connect another account");
    maya.accounts.needs_reauthorization(reason.clone()).unwrap();
    assert_eq!(maya.status().state, SignInState::NeedsReauthorization);
    assert_eq!(maya.status().error, Some(reason.clone()));
    sim.clear_requests();
    assert_eq!(ask(&maya).await.unwrap_err(), reason);
    assert_eq!(sim.requests().len(), 0, "nothing is asked of Zoom any more");
}

#[tokio::test]
async fn without_an_account_there_is_no_token() {
    let (sim, maya) = maya().await;
    assert_eq!(ask(&maya).await.unwrap_err().code, Code::NotConnected);
    assert_eq!(sim.requests().len(), 0);
}
