//! What can be corrected, on the command line.

use clap::Args;

use super::args::{OneRecording, moment};

/// Correct a line of a transcript, or rename who speaks.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("where").args(["line", "at", "speaker"]))]
pub struct Correct {
    #[command(flatten)]
    pub which: OneRecording,
    /// The line, by its number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub line: Option<u32>,
    /// The line that is said at a time: seconds, or as 1:02:33, counted in its part.
    #[arg(long, value_parser = moment)]
    pub at: Option<f64>,
    /// Which part of the recording, where it has several.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub part: u32,
    /// Who is renamed in the whole recording, by the name that is shown, or that the file gives.
    #[arg(long, value_name = "NAME")]
    pub speaker: Option<String>,
    /// Back to what the file says.
    #[arg(long, requires = "where", conflicts_with = "text")]
    pub original: bool,
    /// What the line says, or the speaker's new name.
    #[arg(requires = "where")]
    pub text: Option<String>,
}
