//! What looking at a teamspace costs when nothing is new: everybody does it all day, and somebody pays for it.

use std::sync::Arc;

use object_store::memory::InMemory;

use super::NOW;
use crate::catalog::Catalog;
use crate::teamspace::KnownOp;
use crate::teamspace::testing::{Counting, teamspace_over};

#[tokio::test]
async fn a_look_that_finds_nothing_new_is_one_request() {
    let store = Arc::new(Counting::new(Arc::new(InMemory::new())));
    let teamspace = teamspace_over(store.clone()).await;
    let dir = tempfile::tempdir().unwrap();
    let (catalog, _) = Catalog::open(&dir.path().join("catalog.db")).unwrap();
    let member = KnownOp::Member {
        profile: "0199a7c1-7a11-7b1e-a0b5-5b9f3b0f1c01".to_owned(),
        name: "Ada".to_owned(),
        photo: None,
    };
    teamspace.append(&[member.into()], "0199a7c1-7a11-7b1e-a0b5-5b9f3b0f1c01", NOW).await.unwrap();
    catalog.refresh(&teamspace).await.unwrap();
    store.take_asked();

    teamspace.state().await.unwrap();
    catalog.refresh(&teamspace).await.unwrap();

    assert_eq!(store.take_asked(), ["get log/00000000/002.json"]);
}
