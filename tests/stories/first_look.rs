//! What the window draws first: what the calls say that it asks afterwards, without waiting for anything.

use super::harness::World;

#[tokio::test]
async fn the_first_look_is_what_the_window_is_told_afterwards() {
    let (world, uuid) = World::with_talk("Interview with Dana").await;
    let (maya, research) = world.importer().await;
    maya.import(&research, &[&uuid]).await;

    let look = maya.app.first_look().await.unwrap().expect("there is a profile");
    assert_eq!(Some(look.profile), maya.app.profile().await.unwrap());
    assert_eq!(look.settings, maya.app.settings().await.unwrap());
    assert_eq!(look.app_info, maya.app.app_info().await.unwrap());
    assert_eq!(look.teamspaces, maya.app.teamspaces().await.unwrap());
    let page = look.recordings.expect("the first teamspace has recordings");
    assert_eq!(page, maya.app.recordings_page(&research.id, None, 60).await.unwrap());
    assert_eq!(page.recordings[0].title, "Interview with Dana");
}

#[tokio::test]
async fn a_teamspace_that_is_away_is_not_waited_for() {
    let (world, uuid) = World::with_talk("Interview with Dana").await;
    let (maya, research) = world.importer().await;
    maya.import(&research, &[&uuid]).await;
    std::fs::remove_dir_all(world.folder("research")).unwrap();

    let maya = maya.reopen().await;
    let look = maya.app.first_look().await.unwrap().expect("there is a profile");
    assert_eq!(look.teamspaces[0].error, None, "nobody has looked at it yet");
    assert_eq!(look.recordings.expect("the catalog has it").recordings.len(), 1);
    assert!(maya.app.teamspaces().await.unwrap()[0].error.is_some());
}
