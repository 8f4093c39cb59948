//! Links to a second of a recording, on the machine of whoever gets one.

use next_desktop::error::Code;
use next_desktop::events::Event;

use super::harness::{JONAS, World};

#[tokio::test]
async fn a_link_opens_its_second_for_whoever_has_the_teamspace_and_says_what_is_missing_to_others() {
    let (world, uuid) = World::with_talk("Interview with Dana").await;
    let (maya, research) = world.importer().await;
    maya.import(&research, &[&uuid]).await;
    let id = maya.app.recordings(&research.id).await.unwrap()[0].recording.recording_id.clone();
    let link = maya.app.recording_link(&research.id, &id, Some(75.6)).await.unwrap();
    let jonas = world.person("Jonas", JONAS).await;
    let mut events = jonas.app.events().subscribe();

    let nowhere = jonas.app.open_url(&link).await.unwrap_err();
    assert_eq!((nowhere.code, nowhere.params["link"].as_str()), (Code::NotFound, "teamspace"));
    jonas.add_teamspace("Research", &world.folder("research")).await.unwrap();
    while events.try_recv().is_ok() {}
    jonas.app.open_url(&link).await.unwrap();

    let opens = Event::OpenRecording { teamspace: research.id.clone(), recording_id: id, at: Some(75.0) };
    assert_eq!(events.recv().await.unwrap(), opens);
    for broken in [&link[..link.len() - 12], "next-desktop://recording/", "next-desktop://elsewhere"] {
        let error = jonas.app.open_url(broken).await.unwrap_err();
        assert_eq!((error.code, error.params["link"].as_str()), (Code::Usage, "unknown"), "{broken}");
    }
}
