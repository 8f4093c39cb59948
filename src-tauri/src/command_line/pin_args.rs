//! What can be asked of what is kept on this computer.

use clap::{Args, Subcommand};

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
