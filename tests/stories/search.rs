//! Searching: given recordings in which this was said, these words find that moment.

use jiff::{SignedDuration, Timestamp};
use next_desktop::app::{RecordingEdit, SavedSearch, SearchDraft, SearchWish};
use next_desktop::catalog::{Hit, HitKind, Hits};
use next_desktop::error::Code;
use next_desktop::import::JobState;
use next_desktop::teamspace::TeamspaceInfo;
use zoom_sim::{Content, FileSpec, MeetingSpec, ZoomSim};

use super::harness::{Person, World};
use super::nextctl::Machine;

/// A meeting of which this was said, a cue of three seconds each.
fn said(topic: &str, lines: &[&str]) -> MeetingSpec {
    let clock = |n: usize| format!("{:02}:{:02}:{:02}.000", n / 3600, n / 60 % 60, n % 60);
    let cue = |(n, line): (usize, &&str)| format!("{} --> {}\n{line}\n\n", clock(n * 3), clock(n * 3 + 2));
    let vtt = format!("WEBVTT\n\n{}", lines.iter().enumerate().map(cue).collect::<String>());
    let transcript = FileSpec::transcript("checkout").content(Content::Text(vtt));
    MeetingSpec::new(topic).file(FileSpec::audio("checkout")).file(transcript).days_ago(2)
}

fn with_chat(meeting: MeetingSpec, chat: &str) -> MeetingSpec {
    meeting.file(FileSpec::chat("checkout").content(Content::Text(chat.to_owned())))
}

/// Somebody whose teamspace "Research" holds these.
async fn with_recordings(meetings: Vec<MeetingSpec>) -> (World, Person, TeamspaceInfo) {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    bring(&world, &maya, &research, meetings).await;
    (world, maya, research)
}

async fn bring(world: &World, maya: &Person, teamspace: &TeamspaceInfo, meetings: Vec<MeetingSpec>) {
    let uuids: Vec<String> =
        meetings.into_iter().map(|meeting| world.sim.add_meeting(meeting).uuid).collect();
    let uuids: Vec<&str> = uuids.iter().map(String::as_str).collect();
    let jobs = maya.import(teamspace, &uuids).await;
    assert!(jobs.iter().all(|job| job.state == JobState::Done), "{jobs:?}");
}

async fn find(maya: &Person, text: &str) -> Hits {
    maya.app.search(text, None).await.unwrap()
}

/// Titles and moments of what is found.
async fn found(maya: &Person, text: &str) -> Vec<(String, Option<f64>)> {
    find(maya, text).await.hits.into_iter().map(|hit| (hit.title, hit.at)).collect()
}

/// Titles of the recordings in which something is found, each once, by name.
async fn titles(maya: &Person, text: &str) -> Vec<String> {
    let mut titles: Vec<String> = find(maya, text).await.hits.into_iter().map(|hit| hit.title).collect();
    titles.sort();
    titles.dedup();
    titles
}

/// The marked parts of a snippet.
fn marked(hit: &Hit) -> Vec<String> {
    let part = |(from, to): &(u32, u32)| {
        hit.snippet.chars().skip(*from as usize).take((to - from) as usize).collect::<String>()
    };
    hit.marks.iter().map(part).collect()
}

fn at(title: &str, second: f64) -> (String, Option<f64>) {
    (title.to_owned(), Some(second))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_phrases_beginnings_and_exclusions_find_the_moment() {
    let (_world, maya, _) = with_recordings(vec![
        said(
            "Interview 14",
            &[
                "Priya Raman: It starts with the handover.",
                "Maya Lindqvist: Tell me about the clinic",
                "Priya Raman: manager. She walks over and asks.",
                "Priya Raman: Nothing was budgeted for that.",
            ],
        ),
        said(
            "Weekly sync",
            &["Jonas Weber: The clinic is short of people.", "Jonas Weber: The budget is fine."],
        ),
    ])
    .await;

    assert_eq!(found(&maya, "handover ").await, [at("Interview 14", 0.0)]);
    assert_eq!(found(&maya, "handov").await, [at("Interview 14", 0.0)], "as one types");
    assert_eq!(found(&maya, "handov ").await, [], "a space finishes the word");
    assert_eq!(found(&maya, "budget ").await, [at("Weekly sync", 3.0)]);
    assert_eq!(titles(&maya, "budget*").await, ["Interview 14", "Weekly sync"]);
    assert_eq!(titles(&maya, "clinic ").await, ["Interview 14", "Weekly sync"]);
    assert_eq!(titles(&maya, "clinic -budget").await, ["Interview 14"]);
    assert_eq!(titles(&maya, "clinic -\"walks over\"").await, ["Weekly sync"]);
    assert_eq!(titles(&maya, "clinic -sync").await, ["Interview 14"], "not in its title either");
    assert_eq!(found(&maya, "\"people short\"").await, []);

    // A phrase goes on from line to line, whoever speaks; it is shown from where it begins.
    let hits = find(&maya, "\"clinic manager\"").await.hits;
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].at, hits[0].speaker.as_deref()), (Some(3.0), Some("Maya Lindqvist")));
    assert_eq!(hits[0].snippet, "Tell me about the clinic manager. She walks over and asks.");
    assert_eq!(marked(&hits[0]), ["clinic", "manager"]);

    // Whatever somebody types is a query.
    for text in [
        "\"",
        "*",
        "-",
        "(",
        "NEAR(a b)",
        "a AND",
        "body:x",
        "{title}",
        "^x",
        "'",
        "\"\"\"",
        "-\"",
        "::",
        "+",
    ] {
        find(&maya, text).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn titles_people_tags_and_chat_are_found_and_narrowed_by_filters() {
    let long_ago = Timestamp::now() - SignedDuration::from_hours(24 * 100);
    let (_world, maya, research) = with_recordings(vec![
        with_chat(
            said("Usability test", &["Priya Raman: I would click here.", "Mei Tanaka: Click where?"]),
            "00:00:04\tMei Tanaka:\tThe prototype is at https://example.com/click\n",
        ),
        said("Stakeholder readout", &["Samuel Okafor: Nobody would click that."]).start(long_ago).minutes(90),
    ])
    .await;
    let recordings = maya.app.recordings(&research.id).await.unwrap();
    let test = recordings.iter().find(|item| item.recording.title == "Usability test").unwrap();
    let tag = RecordingEdit { title: None, add_tags: vec!["Booking flow".to_owned()], remove_tags: vec![] };
    maya.app.edit_recording(&research.id, &test.recording.recording_id, tag).await.unwrap();

    let kinds = |text: &'static str| {
        let maya = &maya;
        async move { find(maya, text).await.hits.into_iter().map(|hit| hit.kind).collect::<Vec<_>>() }
    };
    assert_eq!(kinds("usab").await, [HitKind::Title]);
    assert_eq!(kinds("okafor").await, [HitKind::Person], "who speaks in it, once");
    assert_eq!(kinds("booking").await, [HitKind::Tag]);
    assert_eq!(kinds("prototype").await, [HitKind::Chat]);
    assert_eq!(find(&maya, "prototype").await.hits[0].at, Some(4.0));
    assert_eq!(titles(&maya, "kind:title readout").await, ["Stakeholder readout"]);
    assert_eq!(kinds("kind:chat click").await, [HitKind::Chat]);
    assert_eq!(kinds("kind:transcript usability").await, []);

    // Who said it.
    assert_eq!(found(&maya, "from:priya click").await, [at("Usability test", 0.0)]);
    assert_eq!(found(&maya, "from:\"Mei Tanaka\" kind:transcript click").await, [at("Usability test", 3.0)]);
    assert_eq!(titles(&maya, "click -from:okafor -from:mei -from:priya").await, [] as [&str; 0]);
    assert_eq!(
        found(&maya, "okafor click").await,
        [at("Stakeholder readout", 0.0)],
        "a word may be who says it"
    );
    // Without words: the recordings with somebody.
    let hit = find(&maya, "from:samuel").await.hits.remove(0);
    assert_eq!(
        (hit.kind, hit.title.as_str(), marked(&hit)),
        (HitKind::Person, "Stakeholder readout", vec!["Samuel".to_owned()])
    );

    assert_eq!(titles(&maya, "tag:\"booking FLOW\"").await, ["Usability test"]);
    assert_eq!(titles(&maya, "click -tag:\"booking flow\"").await, ["Stakeholder readout"]);
    assert_eq!(titles(&maya, "tag:booking").await, [] as [&str; 0], "the whole tag");
    assert_eq!(titles(&maya, "click after:30d").await, ["Usability test"]);
    assert_eq!(titles(&maya, "click before:30d").await, ["Stakeholder readout"]);
    assert_eq!(titles(&maya, "click -after:30d").await, ["Stakeholder readout"]);
    assert_eq!(titles(&maya, "longer:1h").await, ["Stakeholder readout"]);
    assert_eq!(titles(&maya, "click shorter:1h").await, ["Usability test"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn german_chinese_japanese_hebrew_and_emoji_are_found() {
    let (_world, maya, _) = with_recordings(vec![
        said(
            "Gespräch in Köln",
            &["Jörg Müller: Die Größe der Straße überrascht.", "Uwe: Ein Nutzerinterview."],
        ),
        said("プロジェクト会議", &["田中: 来週の会議で予算を決めます。", "王: 我们下周讨论预算。"]),
        said("ראיון 🎉", &["דנה: שלום לכולם, נתחיל.", "Dana: We shipped it 🎉🎉 finally"]),
    ])
    .await;

    for text in [
        "größe",
        "grosse",
        "groesse",
        "GRÖSSE",
        "strasse ",
        "Straße",
        "ueberrascht",
        "uberrasch",
        "\"Größe der Straße\"",
    ] {
        assert_eq!(found(&maya, text).await, [at("Gespräch in Köln", 0.0)], "{text}");
    }
    for text in ["gesprach", "Koeln", "koln", "müller", "Mueller", "joerg"] {
        assert_eq!(titles(&maya, text).await, ["Gespräch in Köln"], "{text}");
    }
    assert_eq!(found(&maya, "nutzerint").await, [at("Gespräch in Köln", 3.0)], "a compound by its beginning");

    assert_eq!(found(&maya, "予算").await, [at("プロジェクト会議", 0.0)], "in the middle of a sentence");
    assert_eq!(found(&maya, "预算").await, [at("プロジェクト会議", 3.0)]);
    assert_eq!(found(&maya, "王 讨论").await, [at("プロジェクト会議", 3.0)]);
    let hits = find(&maya, "会議").await.hits;
    assert_eq!(hits.iter().map(|hit| hit.kind).collect::<Vec<_>>(), [HitKind::Title, HitKind::Transcript]);
    assert_eq!((marked(&hits[0]), marked(&hits[1])), (vec!["会議".to_owned()], vec!["会議".to_owned()]));
    assert_eq!(hits[1].snippet, "来週の会議で予算を決めます。");
    assert_eq!(found(&maya, "会議 预算").await, [at("プロジェクト会議", 0.0)]);
    assert_eq!(found(&maya, "議会").await, [], "in this order");

    assert_eq!(found(&maya, "שלום").await, [at("ראיון 🎉", 0.0)]);
    assert_eq!(found(&maya, "kind:transcript 🎉").await, [at("ראיון 🎉", 3.0)]);
    assert_eq!(find(&maya, "🎉").await.hits[0].kind, HitKind::Title);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_teamspace_or_all_of_them_and_what_is_in_the_trash_is_not_found() {
    let (world, maya, research) = with_recordings(vec![
        said("Interview", &["Dana: The clinic opens."]),
        said("Draft", &["Dana: A clinic."]),
    ])
    .await;
    let design = maya.add_teamspace("Design team", &world.folder("design")).await.unwrap();
    bring(&world, &maya, &design, vec![said("Walkthrough", &["Mei: Clinic, screen two."])]).await;

    assert_eq!(titles(&maya, "clinic").await, ["Draft", "Interview", "Walkthrough"]);
    assert_eq!(titles(&maya, "clinic in:research").await, ["Draft", "Interview"]);
    assert_eq!(titles(&maya, "clinic in:des").await, ["Walkthrough"], "how its name begins");
    assert_eq!(titles(&maya, "clinic -in:research").await, ["Walkthrough"]);
    assert_eq!(titles(&maya, "clinic in:nowhere").await, [] as [&str; 0]);
    let hits = maya.app.search("clinic", Some(&design.id)).await.unwrap().hits;
    assert_eq!(hits.iter().map(|hit| hit.title.as_str()).collect::<Vec<_>>(), ["Walkthrough"]);
    let error = maya.app.search("clinic", Some("0000")).await.unwrap_err();
    assert_eq!(error.code, Code::NotFound);

    let recordings = maya.app.recordings(&research.id).await.unwrap();
    let draft = recordings.iter().find(|item| item.recording.title == "Draft").unwrap();
    maya.app.trash_recording(&research.id, &draft.recording.recording_id).await.unwrap();
    assert_eq!(titles(&maya, "clinic").await, ["Interview", "Walkthrough"]);
    assert_eq!(titles(&maya, "draft").await, [] as [&str; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nothing_is_found_it_says_what_would_help() {
    let (world, maya, research) =
        with_recordings(vec![said("Interview", &["Dana: The clinic opens at seven."])]).await;
    let design = maya.add_teamspace("Design", &world.folder("design")).await.unwrap();

    let help = find(&maya, "clinic zebra").await.nothing.unwrap();
    assert_eq!((help.unknown, help.too_much), (vec!["zebra".to_owned()], vec!["zebra".to_owned()]));
    let help = find(&maya, "clinic tag:draft from:dana").await.nothing.unwrap();
    assert_eq!((help.unknown.len(), help.too_much), (0, vec!["tag:draft".to_owned()]));
    let help = maya.app.search("clinic", Some(&design.id)).await.unwrap().nothing.unwrap();
    assert!(help.elsewhere && help.unknown.is_empty(), "{help:?}");
    let hits = maya.app.search("clinic", Some(&research.id)).await.unwrap();
    assert!(hits.nothing.is_none() && !hits.hits.is_empty());
    let nothing = find(&maya, "  ").await;
    assert!(nothing.hits.is_empty() && nothing.nothing.is_none(), "nothing was asked for");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_follow_each_other_without_a_gap() {
    // Each block of ten lines is found by itself.
    let lines: Vec<String> = (0..60).map(|n| format!("Dana: budget {n}")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let (_world, maya, _) = with_recordings(vec![said("Interview", &lines)]).await;
    let page = |skip: u32, limit: u32| {
        let wish = SearchWish { text: "budget".to_owned(), teamspace: None, skip, limit };
        let maya = &maya;
        async move { maya.app.search_for(wish).await.unwrap() }
    };

    let all = page(0, 50).await;
    assert_eq!((all.hits.len(), all.more), (6, false));
    let (first, second) = (page(0, 4).await, page(4, 4).await);
    assert_eq!((first.more, second.more), (true, false));
    assert_eq!([first.hits, second.hits].concat(), all.hits);
    let wish = SearchWish { text: "budget".to_owned(), teamspace: None, skip: 0, limit: 0 };
    assert_eq!(maya.app.search_for(wish).await.unwrap_err().code, Code::Usage);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn searches_are_saved_renamed_listed_and_deleted_and_survive_a_restart() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let draft = |name: &str, text: &str, teamspace: Option<&str>| SearchDraft {
        name: name.to_owned(),
        text: text.to_owned(),
        teamspace: teamspace.map(str::to_owned),
    };

    let clinic = maya.app.save_search(draft(" Clinic ", "clinic  tag:„clinic study“", None)).await.unwrap();
    assert_eq!((clinic.name.as_str(), clinic.text.as_str()), ("Clinic", "clinic tag:\"clinic study\""));
    let mine = maya.app.save_search(draft("about me", "from:Maya", Some(&research.id))).await.unwrap();
    for refused in [draft("CLINIC", "x", None), draft(" ", "x", None), draft("x", " - ", None)] {
        assert_eq!(maya.app.save_search(refused).await.unwrap_err().code, Code::Usage);
    }
    assert_eq!(maya.app.save_search(draft("x", "x", Some("0000"))).await.unwrap_err().code, Code::NotFound);
    assert_eq!(maya.app.rename_search(mine.id, "Clinic").await.unwrap_err().code, Code::Usage);
    maya.app.rename_search(clinic.id, "CLINIC").await.unwrap();
    maya.app.rename_search(mine.id, "Mine").await.unwrap();

    let maya = maya.reopen().await;
    let names = |all: Vec<SavedSearch>| all.into_iter().map(|one| one.name).collect::<Vec<_>>();
    assert_eq!(names(maya.app.saved_searches().await.unwrap()), ["CLINIC", "Mine"]);
    maya.app.delete_search(clinic.id).await.unwrap();
    assert_eq!(maya.app.delete_search(clinic.id).await.unwrap_err().code, Code::NotFound);
    assert_eq!(maya.app.rename_search(clinic.id, "x").await.unwrap_err().code, Code::NotFound);
    assert_eq!(names(maya.app.saved_searches().await.unwrap()), ["Mine"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nextctl_searches_pages_and_keeps_searches() {
    let sim = ZoomSim::start(zoom_sim::Options::default()).await.unwrap();
    let lines: Vec<String> = (0..30).map(|n| format!("Dana Levi: budget {n}")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    sim.add_meeting(said("Interview", &lines));
    let machine = Machine::connected(&sim).await;
    let ran = machine.run(&["import", "--teamspace", "Research", "--wait", "--all"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");

    let first = machine.json(&["recordings", "search", "--limit", "2", "budget"]).await;
    assert_eq!((first["hits"].as_array().unwrap().len(), &first["more"]), (2, &true.into()));
    let hit = &first["hits"][0];
    assert_eq!((&hit["kind"], &hit["speaker"]), (&"transcript".into(), &"Dana Levi".into()));
    assert_eq!(hit["marks"], serde_json::json!([[0, 6]]));
    let rest = machine.json(&["recordings", "search", "--limit", "2", "--more", "2", "budget"]).await;
    assert_eq!((rest["hits"].as_array().unwrap().len(), &rest["more"]), (1, &false.into()));
    let said =
        machine.run(&["recordings", "search", "from:Dana Levi", "budget", "--limit", "1"]).await.stdout;
    assert!(
        said.contains("Interview  ") && said.contains("Dana Levi: budget") && said.contains("--more 1"),
        "{said}"
    );
    let none = machine.run(&["recordings", "search", "--", "budget", "-dana", "zebra"]).await;
    assert!(none.code == Some(0) && none.stdout.contains("Nowhere: zebra"), "{none:?}");
    machine.run(&["recordings", "search", "--limit", "0", "x"]).await.assert_fails(2, "0");
    machine.run(&["recordings", "search", "--teamspace", "Nope", "x"]).await.assert_fails(1, "Nope");

    let saved = machine
        .json(&["searches", "save", "Money", "--teamspace", "Research", "--", "budget", "-draft"])
        .await;
    assert_eq!(saved["text"], "budget -draft");
    machine.json(&["searches", "rename", "money", "Budget talk"]).await;
    let listed = machine.json(&["searches"]).await;
    assert_eq!(listed["searches"][0]["name"], "Budget talk");
    let hits = machine.json(&["searches", "run", "Budget talk", "--limit", "1"]).await;
    assert_eq!(hits["hits"][0]["title"], "Interview");
    machine.json(&["searches", "delete", "budget TALK"]).await;
    assert_eq!(machine.json(&["searches"]).await["searches"], serde_json::json!([]));
    machine.run(&["searches", "delete", "Money"]).await.assert_fails(1, "No saved search is called Money");
}
