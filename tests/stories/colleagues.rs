//! What colleagues in one teamspace see of each other, each with a machine and a whole app of their own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::SignedDuration;
use next_desktop::app::RecordingEdit;
use next_desktop::catalog::HistoryKind;
use next_desktop::clock::Clock;
use next_desktop::error::Code;
use next_desktop::import::JobState;
use next_desktop::profile::{PhotoChange, ProfileDraft};
use next_desktop::recording::RecordingId;
use next_desktop::teamspace::TeamspaceInfo;
use zoom_sim::MeetingSpec;

use super::harness::{JONAS, MAYA, Person, World, files_below};

/// Maya, who imported a talk, and Jonas, who opened the same teamspace.
struct Team {
    world: World,
    maya: Person,
    jonas: Person,
    research: TeamspaceInfo,
    id: RecordingId,
    uuid: String,
}

async fn team() -> Team {
    team_in(World::with_talk("Interview").await).await
}

async fn team_in((world, uuid): (World, String)) -> Team {
    let (maya, research) = world.importer().await;
    let jobs = maya.import(&research, &[&uuid]).await;
    assert_eq!(jobs[0].state, JobState::Done, "{jobs:?}");
    let jonas = world.person("Jonas Weber", JONAS).await;
    jonas.add_teamspace("Research", &world.folder("research")).await.unwrap();
    let id = jobs[0].recording_id.clone().unwrap();
    Team { world, maya, jonas, research, id, uuid }
}

impl Team {
    async fn look(&self, person: &Person) {
        let info = person.app.refresh_teamspace(&self.research.id).await.unwrap();
        assert_eq!(info.error, None);
    }

    async fn titles(&self, person: &Person) -> Vec<String> {
        let items = person.app.recordings(&self.research.id).await.unwrap();
        items.into_iter().map(|item| item.recording.title).collect()
    }

    async fn edit(&self, person: &Person, edit: RecordingEdit) {
        person.app.edit_recording(&self.research.id, &self.id, edit).await.unwrap();
    }

    async fn members(&self, person: &Person) -> Vec<(String, bool)> {
        let members = person.app.members(&self.research.id).await.unwrap();
        members.into_iter().map(|member| (member.name, member.photo.is_some())).collect()
    }

    /// How many entries the log has.
    fn log(&self) -> usize {
        files_below(&self.world.folder("research/log")).len()
    }
}

fn title(title: &str) -> RecordingEdit {
    RecordingEdit { title: Some(title.to_owned()), ..RecordingEdit::default() }
}

fn tags(add: &[&str], remove: &[&str]) -> RecordingEdit {
    let owned = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
    RecordingEdit { add_tags: owned(add), remove_tags: owned(remove), ..RecordingEdit::default() }
}

fn picture() -> PhotoChange {
    let mut bytes = Vec::new();
    image::DynamicImage::new_rgb8(300, 300)
        .write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png)
        .unwrap();
    PhotoChange::Set { base64: BASE64.encode(bytes) }
}

#[tokio::test]
async fn everybody_sees_who_the_others_are_and_who_imported_what() {
    let team = team().await;
    let named = |name: &str| (name.to_owned(), false);
    assert_eq!(team.members(&team.jonas).await, [named("Jonas Weber"), named("Maya Lindqvist")]);
    let maya = team.maya.app.profile().await.unwrap().unwrap();
    let opened = team.jonas.app.open_recording(&team.research.id, &team.id).await.unwrap();
    assert_eq!(opened.recording.importer, Some(maya.id), "the photo of whoever it is is found by it");

    let draft = ProfileDraft { name: "Maya L.".to_owned(), email: MAYA.to_owned(), photo: picture() };
    team.maya.app.save_profile(draft).await.unwrap();
    team.look(&team.jonas).await;
    assert_eq!(team.members(&team.jonas).await, [named("Jonas Weber"), ("Maya L.".to_owned(), true)]);
    assert!(
        !files_below(&team.world.folder("research/log"))
            .iter()
            .any(|(_, bytes)| { bytes.windows(MAYA.len()).any(|part| part == MAYA.as_bytes()) }),
        "an e-mail address is nobody's business"
    );
}

#[tokio::test]
async fn nobody_says_twice_who_they_are_and_two_machines_of_one_person_do_not_correct_each_other() {
    let team = team().await;
    team.look(&team.maya).await;
    let before = team.log();
    let twin = team.world.second_machine(&team.maya).await;
    let draft =
        ProfileDraft { name: "Maya at home".to_owned(), email: MAYA.to_owned(), photo: PhotoChange::Keep };
    twin.app.save_profile(draft).await.unwrap();
    team.look(&twin).await;
    assert_eq!(team.log(), before + 1, "what changed is said once");
    for person in [&team.maya, &twin, &team.jonas, &team.maya, &twin] {
        team.look(person).await;
    }
    assert_eq!(team.log(), before + 1);
    assert!(team.members(&team.jonas).await.contains(&("Maya at home".to_owned(), false)));
}

#[tokio::test]
async fn edits_at_once_are_all_kept_in_one_order_for_everybody() {
    let team = team().await;
    // Each has seen the same, and none sees the other's change before their own is said.
    tokio::join!(
        team.edit(&team.maya, title("Hers")),
        team.edit(&team.jonas, title("His")),
        team.edit(&team.maya, tags(&["clinic"], &[])),
        team.edit(&team.jonas, tags(&["interview"], &[])),
    );
    team.look(&team.maya).await;
    team.look(&team.jonas).await;

    let [hers, his] = [&team.maya, &team.jonas];
    let histories = [
        hers.app.recording_history(&team.research.id, &team.id).await.unwrap(),
        his.app.recording_history(&team.research.id, &team.id).await.unwrap(),
    ];
    assert_eq!(histories[0], histories[1], "one order on both machines");
    let titles: Vec<_> = histories[0].iter().filter(|entry| entry.kind == HistoryKind::Title).collect();
    assert_eq!(titles.len(), 2, "both are there");
    assert_eq!(titles[0].old, titles[1].new, "the older one is what the later one replaced");
    assert_eq!(titles[1].old, ["Interview"]);
    assert_eq!(team.titles(hers).await, titles[0].new);
    assert_eq!(team.titles(his).await, titles[0].new);
    let mut both = his.app.open_recording(&team.research.id, &team.id).await.unwrap().recording.tags;
    both.sort();
    assert_eq!(both, ["clinic", "interview"], "neither tag is lost");
}

#[tokio::test]
async fn what_cannot_be_a_title_or_a_tag_is_refused_and_nothing_is_said() {
    let team = team().await;
    let before = team.log();
    let (long, much) = ("x".repeat(301), "y".repeat(41));
    for edit in [title(" "), title(&long), title("a\nb"), tags(&[""], &[]), tags(&[&much], &[])] {
        let error =
            team.maya.app.edit_recording(&team.research.id, &team.id, edit.clone()).await.unwrap_err();
        assert_eq!(error.code, Code::Usage, "{edit:?}");
    }
    team.edit(&team.maya, title("Interview")).await;
    assert_eq!(team.log(), before, "the title that it has is no change");
}

#[tokio::test]
async fn what_one_moves_to_the_trash_another_can_restore() {
    let team = team().await;
    let (app, his) = (&team.maya.app, &team.jonas.app);
    app.trash_recording(&team.research.id, &team.id).await.unwrap();
    app.trash_recording(&team.research.id, &team.id).await.unwrap();
    team.look(&team.jonas).await;
    assert_eq!(team.titles(&team.jonas).await, [""; 0]);
    let trash = his.trash(&team.research.id).await.unwrap();
    let shown: Vec<_> = trash
        .iter()
        .map(|one| (one.recording.title.as_str(), one.name.as_deref().unwrap(), one.days_left))
        .collect();
    assert_eq!(shown, [("Interview", "Maya Lindqvist", 30)]);
    let error = his.delete_recording(&team.research.id, &team.id).await.unwrap_err();
    assert_eq!((error.code, error.params["days"].as_str()), (Code::Usage, "30"));

    his.restore_recording(&team.research.id, &team.id).await.unwrap();
    team.look(&team.maya).await;
    assert_eq!(team.titles(&team.maya).await, ["Interview"]);
    let kinds: Vec<_> = app.recording_history(&team.research.id, &team.id).await.unwrap();
    let kinds: Vec<_> = kinds.iter().map(|entry| (entry.kind, entry.name.as_deref().unwrap())).collect();
    let expected = [(HistoryKind::Restore, "Jonas Weber"), (HistoryKind::Trash, "Maya Lindqvist")];
    assert_eq!(kinds, expected, "said twice is done once");
}

#[tokio::test]
async fn after_30_days_it_can_be_deleted_for_good_and_is_never_imported_again() {
    let clock = Clock::manual(jiff::Timestamp::now());
    let (world, uuid) = World::with_talk("Interview").await;
    let other = world.sim.add_meeting(MeetingSpec::talk("Another", "sync").days_ago(1)).uuid;
    let team = team_in((world.with_clock(clock.clone()), uuid)).await;
    let kept = team.maya.import(&team.research, &[&other]).await[0].recording_id.clone().unwrap();
    let (app, space) = (&team.maya.app, team.research.id.clone());
    app.trash_recording(&space, &team.id).await.unwrap();
    clock.advance(SignedDuration::from_hours(24 * 30));
    let stored = |id: &RecordingId| {
        let folder = team.world.folder("research/recordings").join(id.shard()).join(id.as_str());
        let files = files_below(&folder).into_iter();
        files.map(|(path, _)| path.strip_prefix(&folder).unwrap().to_owned()).collect::<Vec<_>>()
    };
    let others = stored(&kept);

    assert_eq!(app.trash(&space).await.unwrap()[0].days_left, 0);
    app.delete_recording(&space, &team.id).await.unwrap();

    assert_eq!(stored(&team.id), [std::path::Path::new("manifest.json")]);
    assert_eq!(stored(&kept), others, "nothing else is touched");
    assert!(app.trash(&space).await.unwrap().is_empty());
    let error = app.restore_recording(&space, &team.id).await.unwrap_err();
    assert_eq!(error.code, Code::NotFound);
    // A crash between the log and the files: asking again removes what is left.
    app.delete_recording(&space, &team.id).await.unwrap();
    let jobs = team.maya.import(&team.research, &[&team.uuid]).await;
    assert_eq!(jobs[0].error.as_ref().map(|error| error.code), Some(Code::InTrash));
    assert_eq!(stored(&team.id), [std::path::Path::new("manifest.json")], "and nothing came back");
    let report = app.verify_teamspace(&space, true).await.unwrap();
    assert_eq!((report.checked, report.damaged, report.orphans), (1, vec![], vec![]), "nothing is missed");
}

#[tokio::test]
async fn the_list_of_zoom_says_what_is_in_the_trash() {
    let team = team().await;
    team.maya.app.trash_recording(&team.research.id, &team.id).await.unwrap();
    let today = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let from = today.saturating_sub(jiff::ToSpan::days(7));
    let listing = team.maya.app.cloud_recordings(from, today).await.unwrap();
    let listed = listing.recordings.iter().find(|listed| listed.recording.uuid == team.uuid).unwrap();
    assert_eq!((listed.imported, &listed.trashed), (false, &vec![team.research.id.clone()]));
    let there = team.maya.app.already_imported(&team.research.id, std::slice::from_ref(&team.uuid)).await;
    assert_eq!(there.unwrap(), std::slice::from_ref(&team.uuid), "an import of all passes it over");
}

#[tokio::test]
async fn a_trash_on_one_machine_wins_over_an_import_of_the_same_on_another() {
    let team = team().await;
    // Jonas has taken the account over, and knows nothing yet of what Maya does.
    team.jonas.connect_and_confirm(&team.world.sim, MAYA).await.unwrap();
    team.jonas.app.resolve_claim(next_desktop::app::ClaimAnswer::Move).await.unwrap();
    let asked = team.jonas.ask(&team.research, &[&team.uuid]).await.unwrap();

    team.maya.app.trash_recording(&team.research.id, &team.id).await.unwrap();
    team.jonas.app.start_worker();
    let jobs = team.jonas.settled(&asked).await;

    assert_eq!(jobs[0].error.as_ref().map(|error| error.code), Some(Code::InTrash), "{jobs:?}");
    team.look(&team.jonas).await;
    assert_eq!(team.titles(&team.jonas).await, [""; 0], "it did not come back behind Maya's back");
    assert_eq!(team.jonas.app.trash(&team.research.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn two_who_import_the_same_account_at_once_bring_each_recording_once() {
    let (world, first) = World::with_talk("Interview").await;
    let more = ["Sync", "Pricing", "Findings"]
        .map(|title| world.sim.add_meeting(MeetingSpec::talk(title, "sync").days_ago(1)).uuid);
    let uuids: Vec<&str> = [&first].into_iter().chain(&more).map(String::as_str).collect();
    let (maya, research) = world.importer().await;
    // The same person, with two machines: the claim is theirs on both.
    let twin = world.second_machine(&maya).await;

    let (here, there) = tokio::join!(maya.import(&research, &uuids), twin.import(&research, &uuids));

    assert!(here.iter().chain(&there).all(|job| job.state == JobState::Done), "{here:?} {there:?}");
    for person in [&maya, &twin] {
        person.app.refresh_teamspace(&research.id).await.unwrap();
        assert_eq!(person.app.recordings(&research.id).await.unwrap().len(), uuids.len());
    }
    let adds = files_below(&world.folder("research/log"))
        .iter()
        .map(|(_, bytes)| serde_json::from_slice::<serde_json::Value>(bytes).unwrap())
        .flat_map(|entry| entry["ops"].as_array().unwrap().clone())
        .filter(|op| op["op"] == "add")
        .count();
    assert_eq!(adds, uuids.len(), "the log says each once");
    let report = maya.app.verify_teamspace(&research.id, true).await.unwrap();
    assert_eq!((report.damaged, report.orphans), (vec![], vec![]));
}

#[tokio::test]
async fn one_who_was_away_catches_up_with_everything_in_order() {
    let team = team().await;
    let jonas = team.jonas.data();
    for round in 0..5 {
        team.edit(&team.maya, title(&format!("Title {round}"))).await;
        team.edit(&team.maya, tags(&[&format!("tag {round}")], &[])).await;
    }
    team.maya.app.trash_recording(&team.research.id, &team.id).await.unwrap();
    team.maya.app.restore_recording(&team.research.id, &team.id).await.unwrap();
    assert!(jonas.exists());
    assert_eq!(team.titles(&team.jonas).await, ["Interview"], "he has not looked since");

    team.look(&team.jonas).await;

    assert_eq!(team.titles(&team.jonas).await, ["Title 4"]);
    let space = &team.research.id;
    assert_eq!(
        team.jonas.app.recording_history(space, &team.id).await.unwrap(),
        team.maya.app.recording_history(space, &team.id).await.unwrap()
    );
}

#[tokio::test]
async fn clocks_that_are_hours_apart_change_nothing_but_what_is_told() {
    let (world, uuid) = World::with_talk("Interview").await;
    let (maya, research) = world.importer().await;
    let id = maya.import(&research, &[&uuid]).await[0].recording_id.clone().unwrap();
    // Jonas' clock is a day behind: what he does after Maya carries an earlier time.
    let behind = Clock::manual(jiff::Timestamp::now() - SignedDuration::from_hours(26));
    let world = world.with_clock(behind);
    let jonas = world.person("Jonas Weber", JONAS).await;
    jonas.add_teamspace("Research", &world.folder("research")).await.unwrap();

    maya.app.edit_recording(&research.id, &id, title("First, by Maya")).await.unwrap();
    jonas.app.edit_recording(&research.id, &id, title("Second, by Jonas")).await.unwrap();
    maya.app.trash_recording(&research.id, &id).await.unwrap();

    maya.app.refresh_teamspace(&research.id).await.unwrap();
    jonas.app.refresh_teamspace(&research.id).await.unwrap();
    let history = maya.app.recording_history(&research.id, &id).await.unwrap();
    assert_eq!(history[1].new, ["Second, by Jonas"], "the order is the log's");
    assert!(history[1].at < history[2].at, "though his clock says otherwise");
    let trash = jonas.app.trash(&research.id).await.unwrap();
    assert_eq!(trash[0].days_left, 30, "a clock that is ahead keeps nothing longer");
    assert_eq!(trash[0].recording.title, "Second, by Jonas");
}

#[tokio::test]
async fn what_a_colleague_does_appears_without_a_restart() {
    let team = team().await;
    team.jonas.app.start_worker();
    let mut heard = team.jonas.app.events().subscribe();
    // Whoever comes back to the window is shown at once what happened meanwhile.
    team.jonas.app.set_in_front(false);
    team.edit(&team.maya, title("Renamed")).await;
    team.jonas.app.set_in_front(true);
    while team.titles(&team.jonas).await != ["Renamed"] {
        tokio::time::timeout(std::time::Duration::from_secs(60), heard.recv()).await.unwrap().unwrap();
    }
}
