//! What can be asked of auto-import on the command line.

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;

/// Auto-import.
#[derive(Debug, Subcommand)]
pub enum AutoImport {
    /// Import every recording that begins from now on; or, where it is on, into another teamspace.
    On {
        /// Name or id.
        #[arg(long)]
        teamspace: String,
    },
    /// Switch it off, at once.
    Off,
    /// Say where it stands: up to where it has looked, when it looks next, and what holds it up.
    Status,
    /// Show the rules, or set some.
    Rules {
        /// A rule and its value; may be given several times. Without a value it goes. title_contains=A,B
        /// title_excludes=A,B min_minutes=5 max_minutes=90 kinds=video,transcript not_before=2026-03-01
        /// skip_weekends=on hours=09:00-17:00 time_zone=Europe/Berlin review=on
        #[arg(long, value_name = "RULE=VALUE")]
        set: Vec<String>,
    },
    /// Say what the rules take of the last days, and which rule decides. Imports nothing.
    DryRun {
        /// How many days.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=730))]
        days: u32,
    },
    /// Import older recordings, as the rules take them. Without --yes it says how many and how large.
    Backfill {
        /// First day (yyyy-mm-dd, UTC).
        #[arg(long)]
        from: Date,
        /// Last day (yyyy-mm-dd, UTC).
        #[arg(long)]
        to: Date,
        /// Import them.
        #[arg(long)]
        yes: bool,
    },
    /// List what waits for review.
    Inbox,
    /// Import recordings of the inbox.
    Keep(Which),
    /// Discard recordings of the inbox; they stay at Zoom.
    Discard(Which),
    /// Say why a recording was not imported.
    Why {
        /// The UUID of the meeting, as `nextctl zoom recordings` prints it.
        uuid: String,
    },
    /// List what happened, newest first: imported, skipped and by which rule, failed, retried.
    Activity {
        /// Only what has these words.
        words: Vec<String>,
        /// Only older than the entry of this number.
        #[arg(long)]
        from: Option<i64>,
        /// At most so many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        /// Print all of it for other programs.
        #[arg(long, conflicts_with_all = ["words", "from", "limit"])]
        export: Option<Export>,
    },
    /// Hold it for a while.
    Pause {
        /// Until this instant (ISO 8601); without it, until tomorrow morning.
        #[arg(long)]
        until: Option<Timestamp>,
    },
    /// End a pause.
    Resume,
    /// Look once, and finish what is found.
    Once,
    /// Look now and from then on, and import what is found, until the process is ended (SIGTERM, Ctrl+C).
    Watch,
}

/// Recordings of the inbox.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["uuids", "all"]))]
pub struct Which {
    /// UUIDs of meetings, as `nextctl auto-import inbox` prints them.
    pub uuids: Vec<String>,
    /// All that wait.
    #[arg(long)]
    pub all: bool,
}

/// Formats for other programs.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Export {
    /// For spreadsheets.
    Csv,
    /// One JSON object per line.
    JsonLines,
}
