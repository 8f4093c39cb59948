//! What can be asked of recordings on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::args::{OneRecording, SomeRecordings, moment};
use super::search_args::SearchArguments;

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
