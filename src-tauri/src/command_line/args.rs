//! What can be asked on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

/// NEXT on the command line: what the window does, for servers and scripts.
#[derive(Debug, Parser)]
#[command(name = "nextctl", version, disable_help_subcommand = true)]
#[command(after_help = "Exit codes: 0 done, 1 failed, 2 usage, 3 needs a person (sign in, free space).")]
pub struct Arguments {
    /// Answer in JSON: one document, or one line per event.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Who you are on this machine.
    #[command(subcommand)]
    Profile(Profile),
    /// The Zoom account.
    #[command(subcommand)]
    Zoom(Zoom),
    /// Teamspaces: the libraries that a team owns.
    #[command(subcommand)]
    Teamspace(super::teamspace_args::Teamspace),
    /// Import recordings from Zoom, or a file from this computer.
    Import(Import),
    /// Every new recording by itself.
    #[command(subcommand)]
    AutoImport(super::auto_args::AutoImport),
    /// The import queue.
    Jobs,
    /// Try a job again, now.
    Retry(Which),
    /// Cancel a job.
    Cancel(Which),
    /// Hold a job, or the whole queue; what is there of it stays.
    Pause {
        /// Number of the job, as `nextctl jobs` prints it. Without it: the whole queue.
        id: Option<i64>,
    },
    /// Let a held job go, or all of them and the queue.
    Resume {
        /// Number of the job, as `nextctl jobs` prints it. Without it: everything that is held.
        id: Option<i64>,
    },
    /// What teamspaces hold.
    Recordings(super::recording_args::Recordings),
    /// Highlights of recordings: lists them, makes, changes and removes them, saves them as clips.
    Highlights(super::highlight_args::Highlights),
    /// Saved searches: lists them, saves, renames, deletes and runs them.
    Searches(super::search_args::Searches),
    /// What is kept on this machine, to be played without a network: lists it, adds, removes, fetches it.
    Pins {
        /// Something else than listing.
        #[command(subcommand)]
        command: Option<super::pin_args::Pins>,
    },
    /// What was played from buckets and is kept within a budget: shows how much that is, frees up space.
    Cache {
        /// Something else than showing.
        #[command(subcommand)]
        command: Option<super::pin_args::Cache>,
    },
    /// The way to Zoom: straight, or through a proxy.
    #[command(subcommand)]
    Network(Network),
    /// What the settings screen changes: shows it, or sets one value.
    Settings {
        /// Something else than showing.
        #[command(subcommand)]
        command: Option<Settings>,
    },
    /// Check everything that NEXT needs, and say what to do.
    Doctor,
}

/// One job or all.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["id", "all"]))]
pub struct Which {
    /// Number of the job, as `nextctl jobs` prints it.
    pub id: Option<i64>,
    /// All: with retry, all that failed; with cancel, all that are not over.
    #[arg(long)]
    pub all: bool,
}

/// Who you are on this machine.
#[derive(Debug, Subcommand)]
pub enum Profile {
    /// Show the profile.
    Show,
    /// Make or change the profile.
    Set {
        /// Your name, as colleagues know you.
        #[arg(long)]
        name: Option<String>,
        /// Your e-mail address.
        #[arg(long)]
        email: Option<String>,
        /// A PNG, JPEG or WebP file.
        #[arg(long, conflicts_with = "no_photo")]
        photo: Option<PathBuf>,
        /// Remove the photo.
        #[arg(long)]
        no_photo: bool,
    },
}

/// Settings.
#[derive(Debug, Subcommand)]
pub enum Settings {
    /// Show all of them.
    Show,
    /// Set one; a process that runs takes it over by itself.
    Set {
        /// Its name.
        name: SettingName,
        /// Its value, as `nextctl settings show` prints it. A speed may be written as 500kB or 2.5MB.
        value: String,
    },
}

/// Names of settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SettingName {
    /// system, light or dark.
    Theme,
    /// system, en or de.
    Language,
    /// on or off: import participants' separate audio too.
    ParticipantAudio,
    /// off, or what downloads and uploads to buckets together may take per second.
    BandwidthLimit,
    /// How much of what was played from buckets is kept on this machine, as 20GB.
    CacheBudget,
    /// on or off: closing the window leaves the app at work in the tray.
    KeepInTray,
    /// on or off: start hidden with the desktop session.
    StartAtLogin,
    /// on or off: notifications about what was imported.
    NotifyImported,
    /// on or off: notifications about what needs a person.
    NotifyTrouble,
    /// off, or the hours in which nothing is said, as 22:00-07:00.
    QuietHours,
}

/// The Zoom account.
#[derive(Debug, Subcommand)]
pub enum Zoom {
    /// Connect a Zoom account through the browser.
    Connect {
        /// Do not open the browser; only print the address.
        #[arg(long)]
        no_browser: bool,
        /// Take the account over when it belongs to another profile.
        #[arg(long = "move")]
        take_over: bool,
        /// Seconds to wait for the browser to come back.
        #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
        timeout: u64,
    },
    /// Show which account is connected.
    Status,
    /// Revoke access and forget the Zoom user; imported recordings stay.
    Disconnect,
    /// List the account's cloud recordings, newest first.
    Recordings {
        /// First day (yyyy-mm-dd, UTC). Without it: the last 30 days.
        #[arg(long)]
        from: Option<Date>,
        /// Last day (yyyy-mm-dd, UTC). Without it: today.
        #[arg(long)]
        to: Option<Date>,
    },
    /// Which Zoom app is used to sign in.
    #[command(subcommand)]
    Client(Client),
    /// Move recordings to Zoom's trash some days after their import, once their copies are verified again.
    #[command(subcommand)]
    DeleteAfterImport(DeleteAfterImport),
}

/// Moving recordings to Zoom's trash after their import.
#[derive(Debug, Subcommand)]
pub enum DeleteAfterImport {
    /// Switch it on.
    On {
        /// Days between import and trash, at least 1.
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: u32,
    },
    /// Switch it off: nothing is moved any more.
    Off,
    /// Say what would be moved and when, what stays and why, and what was moved.
    Status,
}

/// Which Zoom app is used to sign in.
#[derive(Debug, Subcommand)]
pub enum Client {
    /// Show it, without its secret.
    Show,
    /// Set it.
    Set {
        /// The client id from Zoom's Marketplace.
        client_id: String,
        /// Read a client secret from standard input; public clients have none.
        #[arg(long)]
        secret_from_stdin: bool,
        /// The https relay page registered at Zoom; without it, loopback is used.
        #[arg(long)]
        redirect_uri: Option<String>,
    },
    /// Forget it.
    Remove,
}

/// The way to Zoom.
#[derive(Debug, Subcommand)]
pub enum Network {
    /// Show which proxy is used, without its password.
    Show,
    /// Choose the proxy. It counts at once, also for a window that is open.
    Proxy {
        /// `system`, `off`, or an address like http://proxy.example:3128 (https:// and socks5:// work too).
        #[arg(value_name = "system|off|ADDRESS")]
        choice: String,
        /// Who signs in at the proxy.
        #[arg(long)]
        username: Option<String>,
        /// Read the password from standard input; it goes to where secrets are kept.
        #[arg(long)]
        password_from_stdin: bool,
    },
    /// Try to reach Zoom.
    Test,
}

/// Import recordings.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["uuids", "all", "file"]))]
pub struct Import {
    /// Name or id of the teamspace.
    #[arg(long)]
    pub teamspace: String,
    /// UUIDs of meetings, as `nextctl zoom recordings` prints them.
    pub uuids: Vec<String>,
    /// All that Zoom still has, or all between --from and --to.
    #[arg(long)]
    pub all: bool,
    /// First day (yyyy-mm-dd, UTC).
    #[arg(long, requires = "all")]
    pub from: Option<Date>,
    /// Last day (yyyy-mm-dd, UTC).
    #[arg(long, requires = "all")]
    pub to: Option<Date>,
    /// A video or audio file on this computer.
    #[arg(long)]
    pub file: Option<PathBuf>,
    /// The transcript (VTT) that goes with the file.
    #[arg(long, requires = "file")]
    pub transcript: Option<PathBuf>,
    /// Work until everything that was asked for is done or needs a person.
    #[arg(long)]
    pub wait: bool,
}

/// `75`, `1:15`, `1:02:33`: seconds.
pub(super) fn moment(text: &str) -> Result<f64, String> {
    let number =
        |part: &str| part.parse::<u32>().map(f64::from).map_err(|_| "give seconds, or as 1:02:33".to_owned());
    text.split(':').try_fold(0.0, |sum, part| Ok(sum * 60.0 + number(part)?))
}

/// One recording.
#[derive(Debug, Args)]
pub struct OneRecording {
    /// Its recording id.
    pub id: String,
    /// The teamspace, where several hold it: name or id.
    #[arg(long)]
    pub teamspace: Option<String>,
}

/// One recording, or several.
#[derive(Debug, Args)]
pub struct SomeRecordings {
    /// Their recording ids.
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
    /// The teamspace, where several hold them: name or id.
    #[arg(long)]
    pub teamspace: Option<String>,
}
