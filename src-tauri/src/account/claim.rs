//! Whose a Zoom account is: asked of teamspaces, which stand above this module, through a value.

use futures::future::{BoxFuture, FutureExt as _};

use super::{Account, ClaimHolder};
use crate::error::UserError;

/// Whether an account may be connected here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nobody else holds it.
    Free,
    /// Another profile holds it.
    Held(ClaimHolder),
}

/// Asks and tells teamspaces whose a Zoom account is.
pub trait ClaimCheck: Send + Sync {
    /// Whether another profile holds the account, in any teamspace that is known here.
    fn check<'a>(&'a self, account: &'a Account) -> BoxFuture<'a, Result<Claim, UserError>>;

    /// Claims the account for this profile; with `take_over` also from who holds it. `Held` when somebody
    /// else was faster.
    fn claim<'a>(&'a self, account: &'a Account, take_over: bool) -> BoxFuture<'a, Result<Claim, UserError>>;

    /// Gives the account free, after it was disconnected here.
    fn release<'a>(&'a self, account: &'a Account) -> BoxFuture<'a, Result<(), UserError>>;
}

/// For somebody without teamspaces: every account is free.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoClaims;

impl ClaimCheck for NoClaims {
    fn check<'a>(&'a self, _account: &'a Account) -> BoxFuture<'a, Result<Claim, UserError>> {
        std::future::ready(Ok(Claim::Free)).boxed()
    }

    fn claim<'a>(&'a self, _: &'a Account, _take_over: bool) -> BoxFuture<'a, Result<Claim, UserError>> {
        std::future::ready(Ok(Claim::Free)).boxed()
    }

    fn release<'a>(&'a self, _account: &'a Account) -> BoxFuture<'a, Result<(), UserError>> {
        std::future::ready(Ok(())).boxed()
    }
}
