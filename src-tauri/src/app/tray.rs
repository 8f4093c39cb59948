//! The icon in the tray as it should be now: its state, its tooltip and its menu, in words. Pure: the shell draws
//! what it is given, and hands back the action of the item that was chosen.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::messages::Messages;
use crate::notices::{Target, Trouble};
use crate::recording::RecordingId;

/// Recordings that were imported last and stand in the menu.
pub(super) const LATEST: usize = 3;
/// Characters of a title in a menu.
const WIDEST: usize = 48;

/// What the icon shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrayState {
    /// Nothing to do.
    Idle,
    /// Something is imported.
    Working,
    /// Something needs a person.
    Attention,
    /// A person holds everything.
    Paused,
}

/// What an item of the menu does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum TrayAction {
    /// Opens the window as it was.
    Open,
    /// Opens the list of imports.
    OpenImports,
    /// Opens what waits for review.
    OpenInbox,
    /// Opens the profile, where Zoom is connected.
    OpenProfile,
    /// Opens the library of a teamspace.
    OpenTeamspace {
        /// Its id.
        teamspace: String,
    },
    /// Opens a recording.
    OpenRecording {
        /// Id of the teamspace.
        teamspace: String,
        /// The recording.
        recording_id: RecordingId,
    },
    /// Opens the settings.
    OpenSettings,
    /// Looks for new recordings.
    CheckNow,
    /// Holds everything for an hour.
    PauseForAnHour,
    /// Holds everything until the next morning.
    PauseUntilTomorrow,
    /// Lets everything go on.
    Resume,
    /// Ends the app.
    Quit,
}

impl TrayAction {
    /// Where the window is led; none for what is done without it.
    pub fn target(&self) -> Option<Target> {
        match self.clone() {
            Self::Open => Some(Target::Window),
            Self::OpenImports => Some(Target::Imports),
            Self::OpenInbox => Some(Target::Inbox),
            Self::OpenProfile => Some(Target::Profile),
            Self::OpenTeamspace { teamspace } => Some(Target::Teamspace(teamspace)),
            Self::OpenRecording { teamspace, recording_id } => {
                Some(Target::Recording { teamspace, recording_id })
            }
            Self::OpenSettings => Some(Target::Settings),
            Self::CheckNow | Self::PauseForAnHour | Self::PauseUntilTomorrow | Self::Resume | Self::Quit => {
                None
            }
        }
    }
}

/// A line of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrayItem {
    /// Something to choose.
    Choice {
        /// What it says.
        text: String,
        /// What it does.
        action: TrayAction,
    },
    /// Something to read.
    Text(String),
    /// A line between groups.
    Separator,
}

/// The icon as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tray {
    /// Which icon.
    pub state: TrayState,
    /// What it says to somebody who points at it.
    pub tooltip: String,
    /// Its menu, from top to bottom.
    pub menu: Vec<TrayItem>,
}

/// A recording in the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrayRecording {
    /// Id of the teamspace.
    pub teamspace: String,
    /// The recording.
    pub recording_id: RecordingId,
    /// Its title.
    pub title: String,
}

/// How long everything is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrayPause {
    /// Until a person lets it go.
    Open,
    /// Until a moment.
    Until(Timestamp),
}

/// What is shown.
#[derive(Debug, Clone, Default)]
pub struct TrayFacts {
    /// Titles of what is imported just now.
    pub running: Vec<String>,
    /// What needs a person, most general first.
    pub troubles: Vec<Trouble>,
    /// Whether a person holds everything.
    pub paused: Option<TrayPause>,
    /// What was imported last, newest first.
    pub latest: Vec<TrayRecording>,
    /// Whether new recordings come by themselves: that can be asked for at once, and held.
    pub automatic: bool,
}

/// The icon for these facts.
pub fn tray(facts: &TrayFacts, messages: Messages, zone: &TimeZone) -> Tray {
    let say = |key: &str| messages.say(key, &[]);
    let choice = |key: &str, action| TrayItem::Choice { text: say(key), action };
    let now = doing(facts, messages, zone);
    let mut menu = vec![choice("tray_open", TrayAction::Open), TrayItem::Separator];
    for trouble in &facts.troubles {
        menu.push(TrayItem::Choice { text: trouble.sentence(messages), action: way_to(trouble) });
    }
    menu.push(match facts.running.is_empty() {
        true => TrayItem::Text(now.clone()),
        false => TrayItem::Choice { text: now.clone(), action: TrayAction::OpenImports },
    });
    if !facts.latest.is_empty() {
        menu.extend([TrayItem::Separator, TrayItem::Text(say("tray_latest"))]);
        menu.extend(facts.latest.iter().take(LATEST).map(|recording| TrayItem::Choice {
            text: shortened(&recording.title),
            action: TrayAction::OpenRecording {
                teamspace: recording.teamspace.clone(),
                recording_id: recording.recording_id.clone(),
            },
        }));
    }
    if facts.automatic || facts.paused.is_some() {
        menu.push(TrayItem::Separator);
    }
    if facts.automatic {
        menu.push(choice("tray_check_now", TrayAction::CheckNow));
    }
    if facts.paused.is_some() {
        menu.push(choice("tray_resume", TrayAction::Resume));
    } else if facts.automatic {
        menu.push(choice("tray_pause_hour", TrayAction::PauseForAnHour));
        menu.push(choice("tray_pause_tomorrow", TrayAction::PauseUntilTomorrow));
    }
    menu.extend([
        TrayItem::Separator,
        choice("tray_settings", TrayAction::OpenSettings),
        choice("tray_quit", TrayAction::Quit),
    ]);
    let state = state(facts);
    let tooltip = match (state, facts.troubles.first()) {
        (TrayState::Attention, Some(trouble)) => {
            messages.say("tray_tooltip", &[("text", &trouble.sentence(messages))])
        }
        (TrayState::Idle, _) => say("tray_tooltip_idle"),
        _ => messages.say("tray_tooltip", &[("text", &now)]),
    };
    Tray { state, tooltip, menu }
}

/// What needs a person goes before what runs, and what runs before what was decided long ago.
fn state(facts: &TrayFacts) -> TrayState {
    if !facts.troubles.is_empty() {
        TrayState::Attention
    } else if !facts.running.is_empty() {
        TrayState::Working
    } else if facts.paused.is_some() {
        TrayState::Paused
    } else {
        TrayState::Idle
    }
}

/// What goes on just now, in words.
fn doing(facts: &TrayFacts, messages: Messages, zone: &TimeZone) -> String {
    match (facts.running.as_slice(), facts.paused) {
        ([], None) => messages.say("tray_nothing_runs", &[]),
        ([], Some(TrayPause::Open)) => messages.say("tray_paused", &[]),
        ([], Some(TrayPause::Until(end))) => {
            let end = end.to_zoned_datetime(zone.clone()).strftime("%H:%M").to_string();
            messages.say("tray_paused_until", &[("time", &end)])
        }
        ([title], _) => messages.say("tray_running_one", &[("title", &shortened(title))]),
        (several, _) => messages.count("tray_running", several.len(), &[]),
    }
}

fn way_to(trouble: &Trouble) -> TrayAction {
    match trouble.target() {
        Target::Profile => TrayAction::OpenProfile,
        Target::Inbox => TrayAction::OpenInbox,
        Target::Settings => TrayAction::OpenSettings,
        Target::Teamspace(teamspace) => TrayAction::OpenTeamspace { teamspace },
        _ => TrayAction::OpenImports,
    }
}

/// A title that leaves the menu a menu.
fn shortened(title: &str) -> String {
    // Line breaks would make two lines of one item.
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    if title.chars().count() <= WIDEST {
        return title;
    }
    let kept: String = title.chars().take(WIDEST - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(facts: &TrayFacts) -> Tray {
        tray(facts, Messages::English, &TimeZone::UTC)
    }

    fn texts(tray: &Tray) -> Vec<&str> {
        let text = |item| match item {
            &TrayItem::Separator => "—",
            TrayItem::Text(text) | TrayItem::Choice { text, .. } => text.as_str(),
        };
        tray.menu.iter().map(text).collect()
    }

    fn recording(title: &str) -> TrayRecording {
        TrayRecording {
            teamspace: "t".to_owned(),
            recording_id: RecordingId::of_zoom_meeting(title),
            title: title.to_owned(),
        }
    }

    #[test]
    fn an_idle_menu_opens_the_window_first_and_ends_with_quit() {
        let facts = TrayFacts { automatic: true, latest: vec![recording("Dana")], ..TrayFacts::default() };
        let idle = drawn(&facts);
        assert_eq!(idle.state, TrayState::Idle);
        assert_eq!(idle.tooltip, "NEXT: everything is imported");
        assert_eq!(
            texts(&idle),
            [
                "Open NEXT",
                "—",
                "Nothing to import just now",
                "—",
                "Imported last",
                "Dana",
                "—",
                "Check now",
                "Pause for an hour",
                "Pause until tomorrow",
                "—",
                "Settings",
                "Quit",
            ]
        );
    }

    #[test]
    fn what_runs_is_named_and_several_are_counted() {
        let one = drawn(&TrayFacts { running: vec!["Dana".to_owned()], ..TrayFacts::default() });
        assert_eq!((one.state, one.tooltip.as_str()), (TrayState::Working, "NEXT: Importing “Dana”"));
        let two = drawn(&TrayFacts { running: vec![String::new(), String::new()], ..TrayFacts::default() });
        assert!(texts(&two).contains(&"Importing 2 recordings"), "{two:?}");
    }

    #[test]
    fn a_trouble_is_shown_before_all_else_and_leads_to_its_cure() {
        let facts = TrayFacts {
            troubles: vec![Trouble::SignIn],
            running: vec!["Dana".to_owned()],
            paused: Some(TrayPause::Open),
            ..TrayFacts::default()
        };
        let shown = drawn(&facts);
        assert_eq!(shown.state, TrayState::Attention);
        assert_eq!(shown.tooltip, "NEXT: Zoom needs you to sign in again");
        let text = "Zoom needs you to sign in again".to_owned();
        assert_eq!(shown.menu[2], TrayItem::Choice { text, action: TrayAction::OpenProfile });
    }

    #[test]
    fn what_waits_for_review_is_counted_and_leads_to_the_inbox() {
        let shown =
            drawn(&TrayFacts { troubles: vec![Trouble::Review { count: 2 }], ..TrayFacts::default() });
        let text = "2 recordings wait to be kept or discarded".to_owned();
        assert_eq!(shown.menu[2], TrayItem::Choice { text, action: TrayAction::OpenInbox });
        assert_eq!(TrayAction::OpenInbox.target(), Some(Target::Inbox));
    }

    #[test]
    fn a_pause_says_until_when_and_offers_its_end() {
        let until = TrayPause::Until("2026-03-02T18:30:00Z".parse().unwrap());
        let paused = drawn(&TrayFacts { automatic: true, paused: Some(until), ..TrayFacts::default() });
        assert_eq!((paused.state, paused.tooltip.as_str()), (TrayState::Paused, "NEXT: Paused until 18:30"));
        assert!(texts(&paused).contains(&"Resume"));
        assert!(!texts(&paused).contains(&"Pause for an hour"));
    }

    #[test]
    fn at_most_three_recordings_are_listed_each_on_one_line() {
        let long = format!("Quarterly\nreview {}", "x".repeat(100));
        let latest = [long.as_str(), "b", "c", "d"].map(recording).to_vec();
        let shown = drawn(&TrayFacts { latest, ..TrayFacts::default() });
        let listed: Vec<&TrayItem> = shown
            .menu
            .iter()
            .filter(|item| matches!(item, TrayItem::Choice { action: TrayAction::OpenRecording { .. }, .. }))
            .collect();
        assert_eq!(listed.len(), 3);
        let TrayItem::Choice { text, .. } = listed[0] else { unreachable!("filtered") };
        assert!(text.starts_with("Quarterly review xxx") && text.ends_with('…'), "{text}");
        assert_eq!(text.chars().count(), WIDEST);
    }

    #[test]
    fn where_nothing_comes_by_itself_there_is_nothing_to_check_or_hold() {
        let menu = drawn(&TrayFacts::default());
        assert_eq!(texts(&menu), ["Open NEXT", "—", "Nothing to import just now", "—", "Settings", "Quit"]);
    }
}
