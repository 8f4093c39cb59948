//! Signing in, as one table: in which state, on which input, what follows.
//!
//! ```text
//! Settled ─Begun→ Waiting ─Returned→ Exchanging ─Identified→ (Confirming) → (Conflict) ─Stored→ Settled
//! ```
//! `Settled` means: the row in `state.db` is all there is to say. Only `Stored` changes that row.

use jiff::Timestamp;

use super::store::Details;
use super::{Account, ClaimHolder, refusal};
use crate::error::UserError;
use crate::zoom;

/// Somebody who signed in at Zoom and is not connected yet.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub attempt: u64,
    pub account: Account,
    pub tokens: zoom::Tokens,
    pub details: Details,
}

#[derive(Debug, Clone)]
pub(super) enum State {
    /// No sign-in is under way.
    Settled { error: Option<UserError> },
    /// The browser is out.
    Waiting { attempt: u64, authorization_url: String, expires_at: Timestamp },
    /// Tokens, the account and its claims are fetched and kept.
    Exchanging { attempt: u64 },
    /// Is it the right account?
    Confirming { candidate: Candidate, profile_email: String },
    /// It belongs to another profile.
    Conflict { candidate: Candidate, holder: ClaimHolder },
}

#[derive(Debug, Clone)]
pub(super) enum Input {
    Begun {
        attempt: u64,
        authorization_url: String,
        expires_at: Timestamp,
    },
    /// A callback whose state is right.
    Returned {
        attempt: u64,
    },
    Identified {
        candidate: Candidate,
        confirm: Option<String>,
    },
    Confirmed(bool),
    ClaimFree(Candidate),
    ClaimHeld(Candidate, ClaimHolder),
    /// The answer to a conflict: move the account here, or not.
    Resolved {
        take_over: bool,
    },
    Stored {
        attempt: u64,
    },
    Failed {
        attempt: u64,
        error: UserError,
    },
    Cancelled,
}

/// What must be done after a step.
#[derive(Debug)]
pub(super) enum Effect {
    Nothing,
    /// Ask teamspaces whose it is.
    CheckClaim(Candidate),
    /// Claim it and keep it.
    Store {
        candidate: Candidate,
        take_over: bool,
    },
    /// It is not wanted: end it at Zoom.
    Revoke(Candidate),
    /// The input means nothing in this state.
    Refuse(UserError),
}

pub(super) fn next(state: State, input: Input) -> (State, Effect) {
    use {Effect as Do, Input as On, State as In};
    match (state, input) {
        (before, On::Begun { attempt, authorization_url, expires_at }) => {
            let waiting = In::Waiting { attempt, authorization_url, expires_at };
            match before {
                In::Confirming { candidate, .. } | In::Conflict { candidate, .. } => {
                    (waiting, Do::Revoke(candidate))
                }
                _ => (waiting, Do::Nothing),
            }
        }
        // Also from `Settled`: the browser came back to a NEXT that was started anew.
        (In::Waiting { .. } | In::Settled { .. }, On::Returned { attempt }) => {
            (In::Exchanging { attempt }, Do::Nothing)
        }
        (In::Exchanging { attempt }, On::Identified { candidate, confirm })
            if attempt == candidate.attempt =>
        {
            match confirm {
                Some(profile_email) => (In::Confirming { candidate, profile_email }, Do::Nothing),
                None => (In::Exchanging { attempt }, Do::CheckClaim(candidate)),
            }
        }
        (In::Confirming { candidate, .. }, On::Confirmed(true)) => {
            (In::Exchanging { attempt: candidate.attempt }, Do::CheckClaim(candidate))
        }
        (In::Confirming { candidate, .. }, On::Confirmed(false)) => {
            (settled(refusal::wrong_account(&candidate.account.email)), Do::Revoke(candidate))
        }
        (In::Exchanging { attempt }, On::ClaimFree(candidate)) if attempt == candidate.attempt => {
            (In::Exchanging { attempt }, Do::Store { candidate, take_over: false })
        }
        (In::Exchanging { attempt }, On::ClaimHeld(candidate, holder)) if attempt == candidate.attempt => {
            (In::Conflict { candidate, holder }, Do::Nothing)
        }
        (In::Conflict { candidate, .. }, On::Resolved { take_over: true }) => {
            (In::Exchanging { attempt: candidate.attempt }, Do::Store { candidate, take_over: true })
        }
        (In::Conflict { candidate, holder }, On::Resolved { take_over: false } | On::Cancelled) => {
            (settled(refusal::belongs_to(&holder, &candidate.account.email)), Do::Revoke(candidate))
        }
        (In::Confirming { candidate, .. }, On::Cancelled) => {
            (settled(refusal::cancelled()), Do::Revoke(candidate))
        }
        (In::Waiting { .. } | In::Exchanging { .. }, On::Cancelled) => {
            (settled(refusal::cancelled()), Do::Nothing)
        }
        (In::Waiting { attempt, .. } | In::Exchanging { attempt }, On::Stored { attempt: done })
            if attempt == done =>
        {
            (In::Settled { error: None }, Do::Nothing)
        }
        (In::Waiting { attempt, .. } | In::Exchanging { attempt }, On::Failed { attempt: of, error })
            if attempt == of =>
        {
            (settled(error), Do::Nothing)
        }
        // Results of a sign-in that was cancelled or begun anew meanwhile.
        (
            state,
            On::Identified { candidate, .. } | On::ClaimFree(candidate) | On::ClaimHeld(candidate, _),
        ) => (state, Do::Revoke(candidate)),
        (state, On::Stored { .. } | On::Failed { .. } | On::Cancelled) => (state, Do::Nothing),
        (state, On::Returned { .. }) => (state, Do::Refuse(refusal::state_mismatch())),
        (state, On::Confirmed(_) | On::Resolved { .. }) => (state, Do::Refuse(refusal::nothing_to_answer())),
    }
}

fn settled(error: UserError) -> State {
    State::Settled { error: Some(error) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Plan;
    use crate::error::Code;
    use crate::secret::Secret;

    fn candidate(attempt: u64) -> Candidate {
        Candidate {
            attempt,
            account: Account {
                id: "u".into(),
                account_id: "a".into(),
                email: "ada@example.com".into(),
                name: "Ada".into(),
                plan: Plan::Licensed,
            },
            tokens: zoom::Tokens {
                access: Secret::new("access".into()),
                refresh: Secret::new("refresh".into()),
                expires_at: Timestamp::UNIX_EPOCH,
                scopes: None,
            },
            details: Details::default(),
        }
    }

    fn holder() -> ClaimHolder {
        ClaimHolder {
            teamspace: "Team".into(),
            profile: "p".into(),
            name: "Grace".into(),
            device: "laptop".into(),
            since: Timestamp::UNIX_EPOCH,
        }
    }

    fn waiting(attempt: u64) -> State {
        State::Waiting { attempt, authorization_url: String::new(), expires_at: Timestamp::UNIX_EPOCH }
    }

    fn after(state: State, inputs: Vec<Input>) -> (State, Effect) {
        inputs.into_iter().fold((state, Effect::Nothing), |(state, _), input| next(state, input))
    }

    #[test]
    fn the_straight_way_leads_to_a_stored_account() {
        let (state, effect) = after(
            waiting(1),
            vec![
                Input::Returned { attempt: 1 },
                Input::Identified { candidate: candidate(1), confirm: None },
                Input::ClaimFree(candidate(1)),
            ],
        );
        assert!(matches!(effect, Effect::Store { take_over: false, .. }));
        let (state, _) = next(state, Input::Stored { attempt: 1 });
        assert!(matches!(state, State::Settled { error: None }));
    }

    #[test]
    fn whoever_is_refused_is_revoked() {
        let confirming = State::Confirming { candidate: candidate(1), profile_email: "x".into() };
        let conflict = State::Conflict { candidate: candidate(1), holder: holder() };
        for (state, input, code) in [
            (confirming.clone(), Input::Confirmed(false), Code::AuthorizationCancelled),
            (confirming, Input::Cancelled, Code::AuthorizationCancelled),
            (conflict.clone(), Input::Resolved { take_over: false }, Code::ClaimConflict),
            (conflict, Input::Cancelled, Code::ClaimConflict),
        ] {
            let (state, effect) = next(state, input);
            assert!(matches!(effect, Effect::Revoke(_)));
            assert!(matches!(state, State::Settled { error: Some(error) } if error.code == code));
        }
    }

    #[test]
    fn a_result_that_comes_after_cancelling_changes_nothing_and_is_revoked() {
        let (state, _) = after(waiting(1), vec![Input::Returned { attempt: 1 }, Input::Cancelled]);
        let (state, effect) = next(state, Input::Identified { candidate: candidate(1), confirm: None });
        assert!(matches!(state, State::Settled { error: Some(_) }));
        assert!(matches!(effect, Effect::Revoke(_)));
    }

    #[test]
    fn a_sign_in_begun_anew_is_not_touched_by_the_end_of_the_former() {
        let error = refusal::expired();
        let (state, _) = after(waiting(2), vec![Input::Failed { attempt: 1, error }]);
        assert!(matches!(state, State::Waiting { attempt: 2, .. }));
        let (state, _) = next(state, Input::Stored { attempt: 1 });
        assert!(matches!(state, State::Waiting { attempt: 2, .. }));
    }

    #[test]
    fn an_answer_that_nobody_asked_for_is_refused() {
        for input in [Input::Confirmed(true), Input::Resolved { take_over: true }] {
            let (state, effect) = next(State::Settled { error: None }, input);
            assert!(matches!(state, State::Settled { error: None }));
            assert!(matches!(effect, Effect::Refuse(_)));
        }
    }
}
