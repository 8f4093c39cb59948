//! What a person hears of while nobody looks at the window: what arrived, what needs them, and where a click leads.

use std::time::Duration;

use jiff::SignedDuration;
use next_desktop::app::{TrayAction, TrayItem, TrayState};
use next_desktop::clock::Clock;
use next_desktop::error::Code;
use next_desktop::events::Event;
use next_desktop::notices::{Notice, Target};
use next_desktop::settings::{Language, NotificationSettings, Settings};
use tokio::sync::mpsc::UnboundedReceiver;
use zoom_sim::MeetingSpec;

use super::harness::{MAYA, World};

const DANA: &str = "Interview with Dana";

/// The next notification; it is waited for as long as a person would.
async fn next(notices: &mut UnboundedReceiver<Notice>) -> Notice {
    tokio::time::timeout(Duration::from_secs(30), notices.recv()).await.expect("something is said").unwrap()
}

/// Everything that was said until now, once everything that happened was looked at.
async fn so_far(notices: &mut UnboundedReceiver<Notice>) -> Vec<Notice> {
    tokio::time::sleep(Duration::from_secs(1)).await;
    std::iter::from_fn(|| notices.try_recv().ok()).collect()
}

#[tokio::test]
async fn an_import_is_said_once_and_a_click_leads_to_it() {
    let (world, uuid) = World::with_talk(DANA).await;
    let (maya, research) = world.importer().await;
    let mut notices = maya.app.notices();
    maya.import(&research, &[&uuid]).await;

    let notice = next(&mut notices).await;
    assert_eq!(notice.title, "Interview with Dana was imported to Research");
    let Target::Recording { recording_id, .. } = notice.target.clone() else { panic!("{notice:?}") };
    let mut events = maya.app.events().subscribe();
    maya.app.show(notice.target);
    let opened = Event::OpenRecording { teamspace: research.id.clone(), recording_id, at: None };
    assert_eq!(events.recv().await.unwrap(), opened);

    // Asked for again it is there already: nothing arrives. And a restart tells no old news.
    maya.import(&research, &[&uuid]).await;
    assert_eq!(so_far(&mut notices).await, []);
    let maya = maya.reopen().await;
    let mut notices = maya.app.notices();
    maya.app.start_worker();
    assert_eq!(so_far(&mut notices).await, []);
}

#[tokio::test]
async fn where_the_desktop_makes_pictures_of_videos_a_notification_has_one_without_a_window() {
    let (world, uuid) = World::with_talk(DANA).await;
    let (maya, research) = world.importer().await;
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(1280, 720, image::Rgb([20, 90, 160]))
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    *maya.desktop.makes_pictures.lock().unwrap() = Some(png.into_inner());
    let mut notices = maya.app.notices();
    maya.import(&research, &[&uuid]).await;

    let picture = next(&mut notices).await.picture.expect("it has a picture");
    let poster = image::open(&picture).unwrap();
    assert_eq!((poster.width(), poster.height()), (640, 360));
    assert!(maya.app.recordings(&research.id).await.unwrap()[0].poster.is_some(), "the library has it too");
    let left = std::fs::read_dir(picture.parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "nothing else is left beside it");
}

#[tokio::test]
async fn a_program_for_pictures_that_makes_nonsense_is_as_good_as_none() {
    let (world, uuid) = World::with_talk(DANA).await;
    let (maya, research) = world.importer().await;
    *maya.desktop.makes_pictures.lock().unwrap() = Some(b"no picture".to_vec());
    let mut notices = maya.app.notices();
    maya.import(&research, &[&uuid]).await;
    let notice = next(&mut notices).await;
    assert_eq!(
        (notice.title.as_str(), notice.picture),
        ("Interview with Dana was imported to Research", None)
    );
}

#[tokio::test]
async fn several_at_once_are_one_notification() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let talk = |day| MeetingSpec::talk(&format!("Talk {day}"), "checkout").days_ago(day);
    let uuids: Vec<String> = (1..=5).map(|day| world.sim.add_meeting(talk(day)).uuid).collect();
    let mut notices = maya.app.notices();
    let uuids: Vec<&str> = uuids.iter().map(String::as_str).collect();
    maya.import(&research, &uuids).await;
    assert_eq!(next(&mut notices).await.title, "5 recordings were imported to Research");
    assert_eq!(so_far(&mut notices).await, []);
}

#[tokio::test]
async fn a_teamspace_that_is_gone_is_said_once_for_all_its_imports_and_in_the_persons_language() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    maya.app.save_settings(Settings { language: Language::De, ..Settings::default() }).await.unwrap();
    let talk = |day| MeetingSpec::talk(&format!("Talk {day}"), "checkout").days_ago(day);
    let uuids: Vec<String> = (1..=3).map(|day| world.sim.add_meeting(talk(day)).uuid).collect();
    let jobs = maya.app.import_recordings(&research.id, &uuids).await.unwrap();
    let mut notices = maya.app.notices();
    std::fs::rename(world.folder("research"), world.folder("unplugged")).unwrap();
    maya.app.start_worker();
    let unreachable = |job: &next_desktop::import::Job| {
        job.error.as_ref().is_some_and(|error| error.code == Code::TeamspaceUnreachable)
    };
    maya.jobs_until(&jobs, unreachable).await;

    let notice = next(&mut notices).await;
    assert_eq!(notice.title, "„Research“ ist nicht erreichbar");
    assert!(notice.trouble);
    assert_eq!(so_far(&mut notices).await, []);
    let tray = maya.app.tray().await.unwrap();
    assert_eq!(
        (tray.state, tray.tooltip.as_str()),
        (TrayState::Attention, "NEXT: „Research“ ist nicht erreichbar")
    );
    let maya = maya.reopen().await;
    let mut notices = maya.app.notices();
    maya.app.start_worker();
    assert_eq!(so_far(&mut notices).await, [], "the next run does not repeat it");
}

#[tokio::test]
async fn quiet_hours_hold_back_what_arrives_until_they_are_over() {
    let now = jiff::Timestamp::now();
    let clock = Clock::manual(now);
    let world = World::empty().await.with_clock(clock.clone());
    let (maya, research) = world.importer().await;
    let local = |at: jiff::Timestamp| at.to_zoned_datetime(jiff::tz::TimeZone::system()).time();
    let hour = SignedDuration::from_hours(1);
    let notifications = NotificationSettings {
        quiet: true,
        quiet_from: local(now - hour),
        quiet_to: local(now + hour),
        ..NotificationSettings::default()
    };
    let settings = Settings { language: Language::En, notifications, ..Settings::default() };
    maya.app.save_settings(settings.clone()).await.unwrap();
    let uuid = world.sim.add_meeting(MeetingSpec::talk(DANA, "checkout").days_ago(2)).uuid;
    let mut notices = maya.app.notices();
    maya.import(&research, &[&uuid]).await;
    assert_eq!(so_far(&mut notices).await, []);
    clock.advance(hour + hour);
    // Whatever happens next wakes who looks; on a machine of its own time does.
    maya.app.save_settings(settings).await.unwrap();
    assert_eq!(next(&mut notices).await.title, "Interview with Dana was imported to Research");
}

#[tokio::test]
async fn nobody_is_told_what_they_see_in_the_window() {
    let (world, uuid) = World::with_talk(DANA).await;
    let (maya, research) = world.importer().await;
    let mut notices = maya.app.notices();
    maya.app.set_in_front(true);
    maya.import(&research, &[&uuid]).await;
    assert_eq!(so_far(&mut notices).await, []);
}

#[tokio::test]
async fn the_tray_lists_what_was_imported_last_under_its_title_of_now() {
    let (world, uuid) = World::with_talk("Zoom meeting").await;
    let (maya, research) = world.importer().await;
    let jobs = maya.import(&research, &[&uuid]).await;
    let recording_id = jobs[0].recording_id.clone().unwrap();
    let edit = next_desktop::app::RecordingEdit { title: Some(DANA.to_owned()), ..Default::default() };
    maya.app.edit_recording(&research.id, &recording_id, edit).await.unwrap();
    let listed = TrayItem::Choice {
        text: DANA.to_owned(),
        action: TrayAction::OpenRecording {
            teamspace: research.id.clone(),
            recording_id: recording_id.clone(),
        },
    };
    assert!(maya.app.tray().await.unwrap().menu.contains(&listed));
    maya.app.trash_recording(&research.id, &recording_id).await.unwrap();
    assert!(!maya.app.tray().await.unwrap().menu.contains(&listed), "what is in the trash cannot be opened");
}

#[tokio::test]
async fn starting_with_the_session_is_off_until_a_person_switches_it_on() {
    let world = World::empty().await;
    let maya = world.person("Maya Lindqvist", MAYA).await;
    assert!(!maya.app.background().await.unwrap().start_at_login);
    assert!(maya.app.set_start_at_login(true).await.unwrap().start_at_login);
    assert!(!maya.app.set_start_at_login(false).await.unwrap().start_at_login);
    let said = maya.app.goes_to_tray().await.unwrap().unwrap();
    assert!(!said.title.is_empty());
    assert_eq!(maya.app.goes_to_tray().await.unwrap(), None, "once is enough");
}
