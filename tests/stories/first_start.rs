//! The first start, and the profile: who are you, and where shall recordings live?

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use image::{Rgb, RgbImage};
use next_desktop::app::{FirstStart, PlaceDraft};
use next_desktop::error::Code;
use next_desktop::profile::{PhotoChange, Profile, ProfileDraft};
use next_desktop::teamspace::TeamspaceState;

use super::harness::{MAYA, Person, World, files_below};

fn draft(photo: PhotoChange) -> ProfileDraft {
    ProfileDraft { name: "Maya Lindqvist".to_owned(), email: MAYA.to_owned(), photo }
}

fn answers(folder: &std::path::Path) -> FirstStart {
    FirstStart {
        profile: draft(PhotoChange::Keep),
        teamspace_name: "Research".to_owned(),
        place: PlaceDraft::Folder { path: folder.display().to_string() },
    }
}

/// A picture of 400 × 100 pixels: red on the left, green in the middle, blue on the right.
fn wide_picture() -> String {
    let picture = RgbImage::from_fn(400, 100, |x, _| match x {
        0..150 => Rgb([200, 0, 0]),
        150..250 => Rgb([0, 200, 0]),
        _ => Rgb([0, 0, 200]),
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    BASE64.encode(bytes.into_inner())
}

async fn save(person: &Person, photo: PhotoChange) -> Profile {
    person.app.save_profile(draft(photo)).await.unwrap()
}

#[tokio::test]
async fn the_first_start_makes_a_profile_and_a_teamspace() {
    let world = World::empty().await;
    let maya = world.newcomer().await;
    assert_eq!(maya.app.profile().await.unwrap(), None);

    let profile = maya.app.first_start(answers(&world.folder("recordings"))).await.unwrap();

    assert_eq!((profile.name.as_str(), profile.email.as_str()), ("Maya Lindqvist", MAYA));
    let teamspaces = maya.app.teamspaces().await.unwrap();
    assert_eq!(teamspaces.len(), 1);
    assert_eq!((teamspaces[0].name.as_str(), teamspaces[0].state), ("Research", TeamspaceState::Ready));
    let maya = maya.reopen().await;
    assert_eq!(maya.app.profile().await.unwrap(), Some(profile), "it is there after a restart");
    assert_eq!(maya.app.teamspaces().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_leaves_nothing_behind_and_says_why() {
    let world = World::empty().await;
    let maya = world.newcomer().await;
    let file = world.folder("a-letter.txt");
    std::fs::write(&file, "Dear Dana").unwrap();
    for folder in [file.clone(), file.join("below"), "relative/folder".into(), "/proc/recordings".into()] {
        let error = maya.app.first_start(answers(&folder)).await.unwrap_err();

        assert!(!error.message.is_empty() && !error.action.is_empty(), "{folder:?}: {error}");
        assert_ne!(error.code, Code::Unexpected, "{folder:?}: {error:?}");
        assert_eq!(maya.app.profile().await.unwrap(), None, "{folder:?}");
        assert_eq!(maya.app.teamspaces().await.unwrap(), [], "{folder:?}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "Dear Dana");
}

#[tokio::test]
async fn a_profile_that_cannot_be_saved_makes_no_teamspace() {
    let world = World::empty().await;
    let maya = world.newcomer().await;
    let folder = world.folder("recordings");
    let mut wrong = answers(&folder);
    wrong.profile.email = "maya".to_owned();

    let error = maya.app.first_start(wrong).await.unwrap_err();

    assert_eq!(error.code, Code::Usage);
    assert!(!folder.exists(), "{:?}", files_below(&folder));
}

#[tokio::test]
async fn a_teamspace_that_is_there_already_is_opened_under_its_own_name() {
    let world = World::empty().await;
    let maya = world.newcomer().await;
    maya.app.first_start(answers(&world.folder("shared"))).await.unwrap();
    let jonas = world.newcomer().await;
    let mut named_otherwise = answers(&world.folder("shared"));
    named_otherwise.teamspace_name = "Something else".to_owned();

    jonas.app.first_start(named_otherwise).await.unwrap();

    let (hers, his) = (maya.app.teamspaces().await.unwrap(), jonas.app.teamspaces().await.unwrap());
    assert_eq!((&hers[0].id, &hers[0].name), (&his[0].id, &his[0].name));
}

#[tokio::test]
async fn a_photo_is_cropped_to_its_middle_kept_changed_and_removed() {
    let world = World::empty().await;
    let maya = world.newcomer().await;

    let photo = save(&maya, PhotoChange::Set { base64: wide_picture() }).await.photo.unwrap();

    let (_, base64) = photo.split_once(";base64,").unwrap();
    let picture = image::load_from_memory(&BASE64.decode(base64).unwrap()).unwrap().to_rgb8();
    assert_eq!(picture.dimensions(), (256, 256));
    for corner in [(2, 2), (253, 2), (2, 253), (253, 253), (128, 128)] {
        let Rgb([red, green, blue]) = *picture.get_pixel(corner.0, corner.1);
        assert!(green > 150 && red < 60 && blue < 60, "the middle is green, not {red} {green} {blue}");
    }
    assert_eq!(save(&maya, PhotoChange::Keep).await.photo, Some(photo));
    assert_eq!(save(&maya, PhotoChange::Remove).await.photo, None);
    assert_eq!(save(&maya, PhotoChange::Keep).await.photo, None);
}

#[tokio::test]
async fn bad_names_addresses_and_photos_are_said_and_change_nothing() {
    let world = World::empty().await;
    let maya = world.newcomer().await;
    let before = save(&maya, PhotoChange::Set { base64: wide_picture() }).await;
    let set = |bytes: &[u8]| PhotoChange::Set { base64: BASE64.encode(bytes) };
    let cut_off = &BASE64.decode(wide_picture()).unwrap()[..60];
    let good = draft(PhotoChange::Keep);
    let named = |name: &str| ProfileDraft { name: name.to_owned(), ..good.clone() };
    let at = |email: &str| ProfileDraft { email: email.to_owned(), ..good.clone() };
    for wrong in [
        named(""),
        named("   "),
        named(&"M".repeat(101)),
        named("Maya\u{7}"),
        at(""),
        at("maya"),
        at("maya@"),
        at("@example.com"),
        at("maya lindqvist@example.com"),
        draft(set(b"a letter to Dana")),
        draft(set(b"<svg xmlns='http://www.w3.org/2000/svg'/>")),
        draft(set(cut_off)),
        draft(PhotoChange::Set { base64: "not base64!".to_owned() }),
    ] {
        let error = maya.app.save_profile(wrong.clone()).await.unwrap_err();

        assert_eq!(error.code, Code::Usage, "{wrong:?}");
        assert!(!error.message.is_empty() && !error.action.is_empty(), "{wrong:?}");
    }
    assert_eq!(maya.app.profile().await.unwrap(), Some(before));
}
