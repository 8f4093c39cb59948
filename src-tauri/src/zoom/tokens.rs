//! Where calls get their access token from.

use futures::future::{BoxFuture, FutureExt as _};

use crate::error::UserError;
use crate::secret::Secret;

/// Gives access tokens to calls. The connected account is one source; a sign-in under way is another.
pub trait AccessTokens: Send + Sync {
    /// A token that is good for a while.
    fn access_token(&self) -> BoxFuture<'_, Result<Secret, UserError>>;

    /// A token in place of one that Zoom just refused.
    fn replace<'a>(&'a self, refused: &'a Secret) -> BoxFuture<'a, Result<Secret, UserError>>;
}

/// One token and no other: what a sign-in has before its account is known.
#[derive(Debug, Clone)]
pub struct OneToken(pub Secret);

impl AccessTokens for OneToken {
    fn access_token(&self) -> BoxFuture<'_, Result<Secret, UserError>> {
        std::future::ready(Ok(self.0.clone())).boxed()
    }

    fn replace<'a>(&'a self, _refused: &'a Secret) -> BoxFuture<'a, Result<Secret, UserError>> {
        std::future::ready(Err(super::Error::Unauthorized.into())).boxed()
    }
}
