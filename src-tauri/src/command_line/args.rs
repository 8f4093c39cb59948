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
    Teamspace(Teamspace),
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
    Recordings(Recordings),
    /// Highlights of recordings: lists them, makes, changes and removes them, saves them as clips.
    Highlights(super::highlight_args::Highlights),
    /// Saved searches: lists them, saves, renames, deletes and runs them.
    Searches(Searches),
    /// What is kept on this machine, to be played without a network: lists it, adds, removes, fetches it.
    Pins {
        /// Something else than listing.
        #[command(subcommand)]
        command: Option<Pins>,
    },
    /// What was played from buckets and is kept within a budget: shows how much that is, frees up space.
    Cache {
        /// Something else than showing.
        #[command(subcommand)]
        command: Option<Cache>,
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

/// Teamspaces.
#[derive(Debug, Subcommand)]
pub enum Teamspace {
    /// Make a teamspace in a folder or a bucket, or join the one that is there.
    Add {
        /// Its name; of an existing one, the name that it has stands.
        name: String,
        #[command(flatten)]
        place: TeamspacePlace,
    },
    /// Try a folder or a bucket: whether it keeps a teamspace's promises, and whose teamspace stands there. Keeps
    /// nothing.
    Test {
        #[command(flatten)]
        place: TeamspacePlace,
    },
    /// List the teamspaces that this machine knows.
    List,
    /// List who uses a teamspace.
    Members {
        /// Name or id.
        teamspace: String,
    },
    /// Read what is new, and look whether it can be used.
    Refresh {
        /// Name or id.
        teamspace: String,
        /// Read the transcripts of all recordings too, and not only of the newest: search finds all that was ever said.
        #[arg(long)]
        all: bool,
    },
    /// Read every file again and compare it with its manifest. Goes on where it was interrupted.
    Verify {
        /// Name or id.
        teamspace: String,
        /// Begin anew, also where the last verification was interrupted.
        #[arg(long, conflicts_with = "recording")]
        restart: bool,
        /// Only this recording: its id.
        #[arg(long, value_name = "ID")]
        recording: Option<String>,
    },
    /// Finish what was left undone: the log, and what is left of dead imports. Nothing published is removed.
    Repair {
        /// Name or id.
        teamspace: String,
    },
    /// Copy a teamspace to a new place, every file read again, and move it there: colleagues follow. Run it again to go on
    /// after an interruption.
    Copy {
        /// Name or id.
        teamspace: String,
        /// Where to: an empty folder; or s3://BUCKET/FOLDER.
        to: String,
        #[command(flatten)]
        place: BucketPlace,
        /// Only a backup: the teamspace stays where it is, and the copy cannot be used beside it.
        #[arg(long)]
        no_move: bool,
        /// Move also when files are damaged; these stay behind at the old place.
        #[arg(long, conflicts_with = "no_move")]
        leave_damaged: bool,
    },
    /// Take a teamspace off this machine's list; nothing in it is touched.
    Forget {
        /// Name or id.
        teamspace: String,
    },
}

/// A folder or a bucket.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("where").required(true).args(["at", "bucket"]))]
pub struct TeamspacePlace {
    /// The folder; or s3://BUCKET/FOLDER.
    #[arg(long, value_name = "FOLDER")]
    pub at: Option<String>,
    #[command(flatten)]
    pub bucket: BucketPlace,
}

/// A bucket of an S3-compatible object store.
#[derive(Debug, Args)]
pub struct BucketPlace {
    /// The bucket's name.
    #[arg(long)]
    pub bucket: Option<String>,
    /// The folder in the bucket.
    #[arg(long)]
    pub prefix: Option<String>,
    /// The store's address, for example https://s3.example.com; without it Amazon's.
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// The region as the store names it.
    #[arg(long, default_value = "us-east-1")]
    pub region: String,
    /// The id of the access key; without it, Amazon's variables and ~/.aws/credentials are used. Its secret comes
    /// from NEXT_BUCKET_SECRET, from standard input, or is the one that was given before.
    #[arg(long, value_name = "ID")]
    pub access_key_id: Option<String>,
    /// Read the secret of the access key from standard input; it goes to where secrets are kept.
    #[arg(long, requires = "access_key_id")]
    pub secret_from_stdin: bool,
    /// The profile in ~/.aws/credentials.
    #[arg(long, conflicts_with = "access_key_id")]
    pub aws_profile: Option<String>,
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

/// What teamspaces hold.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Recordings {
    /// Only this teamspace: name or id.
    #[arg(long)]
    pub teamspace: Option<String>,
    #[command(flatten)]
    pub filters: super::filter_args::Filters,
    /// Who hosted, imported or speaks in them, instead: the names for --person.
    #[arg(long, conflicts_with_all = ["filters", "trash"])]
    pub people: bool,
    /// What is in the trash, instead.
    #[arg(long, conflicts_with = "filters")]
    pub trash: bool,
    /// Something else than listing.
    #[command(subcommand)]
    pub command: Option<RecordingsCommand>,
}

/// Something else than listing.
#[derive(Debug, Subcommand)]
pub enum RecordingsCommand {
    /// Show one recording.
    Show {
        /// Its recording id.
        id: String,
    },
    /// Give a recording another title, or recordings other tags. Everybody sees it; the older value stays in the history.
    Set {
        #[command(flatten)]
        which: SomeRecordings,
        /// Its new title.
        #[arg(long)]
        title: Option<String>,
        /// A tag to add; may be given several times.
        #[arg(long, value_name = "TAG")]
        add_tag: Vec<String>,
        /// A tag to take off; may be given several times.
        #[arg(long, value_name = "TAG")]
        remove_tag: Vec<String>,
    },
    /// Correct a line of a transcript, or rename who speaks, for everybody. The file stays as it is; the older text stays
    /// in the history. With nothing to correct, lists the lines with their numbers.
    Correct(super::correct_args::Correct),
    /// Show who changed what about a recording, newest first.
    History {
        #[command(flatten)]
        which: OneRecording,
    },
    /// Move recordings to the trash, for everybody. They can be restored for 30 days at least.
    Trash {
        #[command(flatten)]
        which: SomeRecordings,
    },
    /// Take recordings out of the trash.
    Restore {
        #[command(flatten)]
        which: SomeRecordings,
    },
    /// Delete a recording's files for good, once it was in the trash for 30 days. It is not imported again.
    Delete {
        #[command(flatten)]
        which: OneRecording,
        /// Also before the 30 days are over: nobody can take it back then.
        #[arg(long)]
        now: bool,
    },
    /// Delete for good what has been in the trash for 30 days. A window that runs does so by itself.
    EmptyTrash {
        /// Only of this teamspace: name or id.
        #[arg(long)]
        teamspace: Option<String>,
    },
    /// Search titles, people, tags, transcripts and chats: words, "a phrase", begin*, -without, from:NAME, tag:TAG,
    /// kind:title|person|tag|transcript|chat, in:TEAMSPACE, after:DAY, before:DAY, longer:LENGTH, shorter:LENGTH,
    /// has:video|audio|transcript|chat|summary.
    Search(SearchArguments),
    /// Copy recordings into a folder, under names for people; what stands there stays. Stored files are compared with
    /// their digests on the way.
    Export {
        /// Their recording ids.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// The folder; it is made if it is not there.
        #[arg(long)]
        to: PathBuf,
        /// What of them: several may be given, parted by commas. `files` is every stored file as it is.
        #[arg(long = "as", value_delimiter = ',', default_value = "mp4,vtt,txt,md")]
        parts: Vec<Part>,
    },
    /// Print the link that opens a recording, at a moment of it, for anybody who has its teamspace.
    Link {
        /// Its recording id.
        id: String,
        /// The moment: seconds, or as 1:02:33.
        #[arg(long, value_parser = moment)]
        at: Option<f64>,
    },
}

/// What of a recording is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// The video, or the sound where there is none.
    Mp4,
    /// The transcript as WebVTT.
    Vtt,
    /// Transcript and chat as plain text.
    Txt,
    /// All that is known of it as Markdown.
    Md,
    /// Every stored file as it is, in a folder.
    Files,
}

/// `75`, `1:15`, `1:02:33`: seconds.
pub(super) fn moment(text: &str) -> Result<f64, String> {
    let number =
        |part: &str| part.parse::<u32>().map(f64::from).map_err(|_| "give seconds, or as 1:02:33".to_owned());
    text.split(':').try_fold(0.0, |sum, part| Ok(sum * 60.0 + number(part)?))
}

/// What is searched for.
#[derive(Debug, Args)]
pub struct SearchArguments {
    /// Only in this teamspace: name or id.
    #[arg(long)]
    pub teamspace: Option<String>,
    /// Only in recordings with this tag.
    #[arg(long)]
    pub tag: Option<String>,
    #[command(flatten)]
    pub page: HitPage,
    /// The query. What begins with - goes behind --, as in: search -- clinic -budget
    #[arg(required = true)]
    pub words: Vec<String>,
}

/// How many hits, and from which one on.
#[derive(Debug, Clone, Copy, Args)]
pub struct HitPage {
    /// Hits at most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    /// Go on: leave out so many hits, those of the answers before.
    #[arg(long, default_value_t = 0, value_name = "HITS", value_parser = clap::value_parser!(u32).range(0..1000))]
    pub more: u32,
}

/// Saved searches.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Searches {
    /// Something else than listing.
    #[command(subcommand)]
    pub command: Option<SearchesCommand>,
}

/// Something else than listing.
#[derive(Debug, Subcommand)]
pub enum SearchesCommand {
    /// Save a search under a name.
    Save {
        /// Its name.
        name: String,
        /// Only in this teamspace: name or id.
        #[arg(long)]
        teamspace: Option<String>,
        /// The query. What begins with - goes behind --.
        #[arg(required = true)]
        words: Vec<String>,
    },
    /// Give a saved search another name.
    Rename {
        /// Its name or number.
        search: String,
        /// Its new name.
        name: String,
    },
    /// Forget a saved search.
    Delete {
        /// Its name or number.
        search: String,
    },
    /// Search.
    Run {
        /// Its name or number.
        search: String,
        #[command(flatten)]
        page: HitPage,
    },
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

/// Something else than listing what is kept.
#[derive(Debug, Subcommand)]
pub enum Pins {
    /// Keep recordings, what has a tag, or a whole teamspace.
    Add {
        #[command(flatten)]
        which: PinChoice,
        /// Fetch all that is pinned now, and wait for it.
        #[arg(long)]
        wait: bool,
    },
    /// Keep it no longer. What is here stays in the cache until its budget wants the room.
    Remove {
        #[command(flatten)]
        which: PinChoice,
    },
    /// Fetch all that is pinned and not here.
    Fetch,
}

/// What is kept.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["ids", "tag", "all"]))]
pub struct PinChoice {
    /// Name or id of the teamspace.
    #[arg(long)]
    pub teamspace: String,
    /// Recording ids.
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// What has this tag, also what is given it later; may be given several times.
    #[arg(long)]
    pub tag: Vec<String>,
    /// All of the teamspace, also what is imported later.
    #[arg(long, conflicts_with_all = ["ids", "tag"])]
    pub all: bool,
}

/// Something else than showing how much is cached.
#[derive(Debug, Subcommand)]
pub enum Cache {
    /// Remove what is neither pinned nor in use.
    FreeUp,
}
