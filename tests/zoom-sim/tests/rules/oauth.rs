//! Signing in, refreshing, and losing a sign-in.

use crate::client::{MAYA, Zoom};

#[tokio::test]
async fn a_public_client_signs_in_with_pkce_and_reads_who_it_is() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    let (status, me) = zoom.get(&tokens, "/users/me").await;
    assert_eq!((status, me["email"].as_str()), (200, Some(MAYA)));
}
