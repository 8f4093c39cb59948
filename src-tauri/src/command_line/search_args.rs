//! What can be asked of the search on the command line.

use clap::{Args, Subcommand};

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
