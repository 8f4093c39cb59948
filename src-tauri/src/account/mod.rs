//! The connected Zoom account, and signing in as a state machine. Everything others may use is in this file.
//!
//! The row in `state.db` is written when a sign-in has succeeded and not before, so whatever ends a sign-in
//! early leads back to where it came from. Tokens are in the secret store and nowhere else.
//!
//! # Why above `zoom` in the list of modules
//! Signing in exchanges codes and asks who somebody is, so it uses `zoom`; `zoom` knows nothing of accounts
//! and takes its tokens from whoever has some.

mod browser;
mod callback;
mod claim;
mod effects;
mod machine;
mod pending;
mod refusal;
mod sign_in;
mod store;
mod tokens;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::UserError;
use crate::zoom;

pub use claim::{Claim, ClaimCheck, NoClaims};
pub use sign_in::{Accounts, Parts};

/// The connected Zoom user. Keyed on `id`; the e-mail changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Account {
    /// Zoom's user id.
    pub id: String,
    /// Zoom's account id: the organisation.
    pub account_id: String,
    /// E-mail at Zoom.
    pub email: String,
    /// Display name at Zoom.
    pub name: String,
    /// The plan.
    pub plan: Plan,
}

/// A Zoom user's plan (`type` of `GET /users/me`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Plan {
    /// Free: has no cloud recordings.
    Basic,
    /// Licensed.
    Licensed,
    /// Something else.
    Other,
}

impl From<zoom::User> for Account {
    fn from(user: zoom::User) -> Self {
        let plan = match user.licence {
            Some(1) => Plan::Basic,
            Some(2) => Plan::Licensed,
            _ => Plan::Other,
        };
        Self { id: user.id, account_id: user.account_id, email: user.email, name: user.name, plan }
    }
}

/// Where signing in stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SignInState {
    /// No account.
    Disconnected,
    /// A sign-in is under way.
    Authorizing,
    /// Connected.
    Connected,
    /// The account is known, its sign-in no longer valid.
    NeedsReauthorization,
}

/// Where signing in stands, with everything that a screen needs to show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AccountStatus {
    /// The state.
    pub state: SignInState,
    /// The connected account, or the one that needs to sign in again.
    pub account: Option<Account>,
    /// Since when it is connected.
    #[ts(type = "string | null")]
    pub since: Option<Timestamp>,
    /// The step of a sign-in under way.
    pub step: Option<AuthorizationStep>,
    /// Why the last sign-in failed, or why signing in again is needed.
    pub error: Option<UserError>,
}

/// A step of signing in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "step", rename_all = "snake_case")]
#[ts(export)]
pub enum AuthorizationStep {
    /// The browser is open; we wait for it to come back.
    WaitingForBrowser {
        /// The address to open again or to copy.
        authorization_url: String,
        /// When waiting ends.
        #[ts(type = "string")]
        expires_at: Timestamp,
    },
    /// The browser came back; tokens are fetched and the account is read.
    Exchanging,
    /// The account's e-mail differs from the profile's: is it the right one?
    ConfirmAccount {
        /// Who signed in at Zoom.
        account: Account,
        /// The profile's e-mail.
        profile_email: String,
    },
    /// The account belongs to another profile: cancel, or move it.
    ClaimConflict {
        /// Who signed in at Zoom.
        account: Account,
        /// Whose it is.
        holder: ClaimHolder,
    },
}

/// Whose a Zoom account is, according to a teamspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ClaimHolder {
    /// Name of the teamspace that says so.
    pub teamspace: String,
    /// Id of the profile that holds the claim.
    pub profile: String,
    /// Its name.
    pub name: String,
    /// Its machine.
    pub device: String,
    /// Since when.
    #[ts(type = "string")]
    pub since: Timestamp,
}

impl ClaimHolder {
    /// Whose, on which machine, and since when: what a person needs to go and ask.
    pub fn in_words(&self) -> String {
        format!("{} on {} since {}", self.name, self.device, self.since.strftime("%-d %B %Y"))
    }
}
