//! What a person hears of, told with a clock in hand.

use jiff::SignedDuration;

use super::*;
use crate::auto_import::{AutoImportProblem, AutoImportStatus, ProblemKind};
use crate::error::{Code, UserError};
use crate::import::{Job, JobState, QueueState};

/// A day in hand.
struct Day {
    notifier: Notifier,
    settings: NotificationSettings,
    now: Timestamp,
    on_its_way: BTreeSet<String>,
    troubles: Vec<Trouble>,
    in_front: bool,
}

impl Day {
    fn begins() -> Self {
        Self {
            notifier: Notifier::default(),
            settings: NotificationSettings::default(),
            now: "2026-03-02T09:00:00Z".parse().unwrap(),
            on_its_way: BTreeSet::new(),
            troubles: Vec::new(),
            in_front: false,
        }
    }

    /// So many seconds pass; whatever is due on the way is said.
    fn pass(&mut self, seconds: i64) -> Vec<Notice> {
        let end = self.now + SignedDuration::from_secs(seconds);
        let mut said = Vec::new();
        while let Some(next) = self.notifier.next().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            said.extend(self.look(Vec::new()));
        }
        self.now = end;
        said
    }

    fn look(&mut self, arrived: Vec<Arrived>) -> Vec<Notice> {
        let sight = Sight {
            arrived,
            on_its_way: self.on_its_way.clone(),
            troubles: self.troubles.clone(),
            in_front: self.in_front,
        };
        self.notifier.look(sight, &self.settings, Messages::English, self.now, &TimeZone::UTC)
    }

    fn arrives(&mut self, title: &str) -> Vec<Notice> {
        self.look(vec![arrived(title)])
    }

    fn night(mut self) -> Self {
        self.settings.quiet = true;
        self.now = "2026-03-02T23:00:00Z".parse().unwrap();
        self
    }
}

fn arrived(title: &str) -> Arrived {
    Arrived {
        teamspace: "t".to_owned(),
        teamspace_name: "Research".to_owned(),
        recording_id: RecordingId::of_zoom_meeting(title),
        title: title.to_owned(),
        duration: 2820,
    }
}

fn titles(notices: &[Notice]) -> Vec<&str> {
    notices.iter().map(|notice| notice.title.as_str()).collect()
}

const DANA: &str = "Interview with Dana";

#[test]
fn one_recording_is_said_at_once_and_leads_to_itself() {
    let mut day = Day::begins();
    let said = day.arrives(DANA);
    assert_eq!(titles(&said), ["Interview with Dana was imported to Research"]);
    assert_eq!((said[0].text.as_str(), said[0].button.as_str()), ("47 minutes", "Open"));
    let recording_id = RecordingId::of_zoom_meeting(DANA);
    assert_eq!(said[0].target, Target::Recording { teamspace: "t".to_owned(), recording_id });
    assert_eq!(day.pass(3600), [], "and only once");
}

#[test]
fn several_within_a_minute_become_one() {
    let mut day = Day::begins();
    let first = day.arrives(DANA);
    let mut later = Vec::new();
    for title in ["Second", "Third", "Fourth", "Fifth"] {
        later.extend(day.pass(10));
        later.extend(day.arrives(title));
    }
    later.extend(day.pass(60));
    assert_eq!(titles(&later), ["5 recordings were imported to Research"]);
    assert_eq!(later[0].text, "Fifth\nFourth\nThird\nand 2 more");
    assert_eq!(later[0].slot, first[0].slot, "it takes the place of the first");
    assert_eq!(later[0].target, Target::Teamspace("t".to_owned()));
}

#[test]
fn while_more_is_on_its_way_the_first_waits_for_it_a_minute_at_most() {
    let mut day = Day::begins();
    day.on_its_way.insert("t".to_owned());
    assert_eq!(day.arrives(DANA), []);
    assert_eq!(day.pass(20), []);
    day.on_its_way.clear();
    assert_eq!(titles(&day.arrives("Second")), ["2 recordings were imported to Research"]);

    let mut long = Day::begins();
    long.on_its_way.insert("t".to_owned());
    assert_eq!(long.arrives(DANA), []);
    assert_eq!(titles(&long.pass(61)), ["Interview with Dana was imported to Research"]);
}

#[test]
fn a_hundred_at_once_are_one_notification_a_minute() {
    let mut day = Day::begins();
    day.on_its_way.insert("t".to_owned());
    let mut said = Vec::new();
    for number in 0..100 {
        said.extend(day.arrives(&format!("Meeting {number}")));
        said.extend(day.pass(3));
    }
    day.on_its_way.clear();
    said.extend(day.pass(120));
    assert!(said.len() <= 6, "five minutes of importing: {:?}", titles(&said));
    assert_eq!(
        said.last().map(|notice| notice.title.as_str()),
        Some("100 recordings were imported to Research")
    );
}

#[test]
fn what_comes_much_later_is_said_by_itself() {
    let mut day = Day::begins();
    day.arrives(DANA);
    day.pass(300);
    assert_eq!(titles(&day.arrives("Second")), ["Second was imported to Research"]);
}

#[test]
fn nobody_is_told_what_they_see_arrive() {
    let mut day = Day::begins();
    day.in_front = true;
    assert_eq!(day.arrives(DANA), []);
    day.in_front = false;
    assert_eq!(day.pass(3600), []);
}

#[test]
fn quiet_hours_hold_everything_back_until_they_are_over() {
    let mut day = Day::begins().night();
    assert_eq!(day.arrives(DANA), []);
    day.pass(600);
    assert_eq!(day.arrives("Second"), []);
    day.troubles = vec![Trouble::SignIn];
    assert_eq!(day.look(Vec::new()), []);
    let said = day.pass(9 * 3600);
    assert_eq!(titles(&said), ["Zoom needs you to sign in again", "2 recordings were imported to Research"]);
}

#[test]
fn a_trouble_that_passes_in_quiet_hours_is_never_said() {
    let mut day = Day::begins().night();
    day.troubles = vec![Trouble::Disk];
    day.look(Vec::new());
    day.troubles.clear();
    assert_eq!(day.pass(12 * 3600), []);
}

#[test]
fn a_trouble_is_said_once_however_many_imports_it_stops() {
    let mut day = Day::begins();
    let stuck = |count: usize| {
        let error = UserError::new(Code::TeamspaceUnreachable, "gone", "plug it in");
        let jobs: Vec<Job> = (0..count).map(|_| job(JobState::Waiting, Some(error.clone()))).collect();
        troubles(None, None, &QueueState::default(), &jobs, |_| "Research".to_owned())
    };
    day.troubles = stuck(1);
    let said = day.look(Vec::new());
    assert_eq!(titles(&said), ["“Research” cannot be reached"]);
    assert!(said[0].trouble);
    day.troubles = stuck(100);
    assert_eq!(day.look(Vec::new()), []);
    // A loose cable …
    day.troubles.clear();
    day.look(Vec::new());
    day.pass(60);
    day.troubles = stuck(100);
    assert_eq!(day.look(Vec::new()), []);
    // … and another day.
    day.troubles.clear();
    day.look(Vec::new());
    day.pass(3600);
    day.troubles = stuck(1);
    assert_eq!(titles(&day.look(Vec::new())), ["“Research” cannot be reached"]);
}

#[test]
fn the_next_run_of_the_app_does_not_repeat_a_trouble() {
    let mut day = Day::begins();
    day.troubles = vec![Trouble::SignIn];
    assert_eq!(day.look(Vec::new()).len(), 1);
    let kept = serde_json::to_string(day.notifier.remembered()).unwrap();
    day.notifier = Notifier::remembering(serde_json::from_str(&kept).unwrap());
    assert_eq!(day.look(Vec::new()), []);
}

#[test]
fn failures_for_one_reason_are_one_trouble() {
    let error = |code| Some(UserError::new(code, "it failed", "try again"));
    let jobs = [
        job(JobState::Failed, error(Code::FileRefused)),
        job(JobState::Failed, error(Code::FileRefused)),
        job(JobState::Waiting, error(Code::RateLimited)),
        job(JobState::Cancelled, error(Code::Cancelled)),
        job(JobState::Done, None),
    ];
    let found = troubles(None, None, &QueueState::default(), &jobs, |_| String::new());
    assert_eq!(found, [Trouble::Failed { code: Code::FileRefused, count: 2 }]);
    assert_eq!(found[0].sentence(Messages::English), "2 imports failed");
}

#[test]
fn what_auto_import_needs_a_person_for_is_said_and_what_passes_is_not() {
    let found = |kind: ProblemKind, inbox_count| {
        let error = UserError::new(Code::Unexpected, "it stands still", "look");
        let since: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
        let status = AutoImportStatus {
            on: true,
            teamspace: Some("t".to_owned()),
            since: Some(since),
            covered_up_to: None,
            last_poll: None,
            next_poll: None,
            paused_until: None,
            running: false,
            problem: Some(AutoImportProblem { kind, error, since }),
            inbox_count,
            calls_today: 0,
        };
        let found = troubles(None, Some(&status), &QueueState::default(), &[], |_| "Research".to_owned());
        found.iter().map(|trouble| trouble.sentence(Messages::English)).collect::<Vec<_>>()
    };
    assert_eq!(found(ProblemKind::ClaimLost, 0), ["Zoom needs you to sign in again"]);
    assert_eq!(found(ProblemKind::TeamspaceGone, 0), ["“Research” cannot be reached"]);
    assert_eq!(found(ProblemKind::OtherAccount, 0), ["Another Zoom account is connected"]);
    assert_eq!(found(ProblemKind::Offline, 3), ["3 recordings wait to be kept or discarded"]);
    for kind in [ProblemKind::NotConnected, ProblemKind::NoCloudRecordings, ProblemKind::RateLimited] {
        assert_eq!(found(kind, 0), Vec::<String>::new(), "{kind:?}");
    }
}

#[test]
fn each_kind_can_be_switched_off() {
    let mut day = Day::begins();
    day.settings.imported = false;
    day.troubles = vec![Trouble::SignIn];
    assert_eq!(titles(&day.arrives(DANA)), ["Zoom needs you to sign in again"]);
    let mut day = Day::begins();
    day.settings.trouble = false;
    day.troubles = vec![Trouble::SignIn];
    assert_eq!(titles(&day.arrives(DANA)), ["Interview with Dana was imported to Research"]);
}

fn job(state: JobState, error: Option<UserError>) -> Job {
    let at: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
    Job {
        id: 1,
        recording_id: None,
        uuid: None,
        teamspace: "t".to_owned(),
        title: DANA.to_owned(),
        state,
        paused: false,
        attempts: 1,
        retry_at: None,
        bytes: 0,
        bytes_total: 0,
        error,
        created_at: at,
        updated_at: at,
    }
}
