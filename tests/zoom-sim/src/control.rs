//! The control API.
use crate::state::Shared;
use axum::Router;
use std::sync::Arc;
pub(crate) fn routes(_shared: &Arc<Shared>) -> Router {
    Router::new()
}
