//! What can be asked of highlights on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::args::OneRecording;

/// Highlights of recordings.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Highlights {
    /// Only of this teamspace: name or id.
    #[arg(long)]
    pub teamspace: Option<String>,
    /// Only of this recording: its recording id. Then in the order of its timeline.
    #[arg(long, value_name = "ID")]
    pub recording: Option<String>,
    /// Only those with this tag.
    #[arg(long)]
    pub tag: Option<String>,
    /// Leave out so many of the newest: those of an earlier answer.
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    pub more: u32,
    /// So many at most.
    #[arg(long, default_value_t = 100)]
    pub limit: u32,
    /// Words that all stand in the note, the tags, the recording's title or the name of who made it.
    pub words: Vec<String>,
    /// Something else than listing.
    #[command(subcommand)]
    pub command: Option<HighlightsCommand>,
}

/// Something else than listing.
#[derive(Debug, Subcommand)]
pub enum HighlightsCommand {
    /// Mark a stretch of a recording, for everybody.
    Add {
        #[command(flatten)]
        which: OneRecording,
        /// Where it begins: 83, 1:23 or 1:02:03.5, counted over all parts of the recording.
        #[arg(long, value_parser = millis)]
        from: u64,
        /// Where it ends.
        #[arg(long, value_parser = millis)]
        to: u64,
        /// What there is to say about it.
        #[arg(long, default_value = "")]
        note: String,
        /// A tag; may be given several times.
        #[arg(long)]
        tag: Vec<String>,
    },
    /// Change what is given of a highlight; the rest stays as it is.
    Change {
        /// Its id, as `nextctl highlights` prints it.
        id: String,
        /// Where it begins.
        #[arg(long, value_parser = millis)]
        from: Option<u64>,
        /// Where it ends.
        #[arg(long, value_parser = millis)]
        to: Option<u64>,
        /// Another note.
        #[arg(long)]
        note: Option<String>,
        /// A tag to add; may be given several times.
        #[arg(long, value_name = "TAG")]
        add_tag: Vec<String>,
        /// A tag to take off; may be given several times.
        #[arg(long, value_name = "TAG")]
        remove_tag: Vec<String>,
    },
    /// Remove a highlight. The recording stays as it is.
    Remove {
        /// Its id.
        id: String,
    },
    /// Take back that a highlight was removed.
    Restore {
        /// Its id.
        id: String,
    },
    /// Save highlights as clips in a folder, with the ffmpeg that is installed; what stands there stays.
    Clip {
        /// Their ids.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// The folder; it is made if it is not there.
        #[arg(long)]
        to: PathBuf,
    },
}

/// Reads a place on a timeline: `83`, `1:23`, `1:02:03.5`. In milliseconds.
fn millis(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text} is no time: write 83, 1:23 or 1:02:03.5");
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = whole.split(':').collect();
    if parts.len() > 3 || !digits(fraction) || !parts.iter().all(|part| digits(part)) {
        return Err(wrong());
    }
    let mut seconds = 0u64;
    for (place, part) in parts.iter().enumerate() {
        let value: u64 = part.parse().map_err(|_| wrong())?;
        if place > 0 && value >= 60 {
            return Err(wrong());
        }
        seconds = seconds * 60 + value;
    }
    let fraction: u64 =
        format!("{fraction:0<3}").chars().take(3).collect::<String>().parse().map_err(|_| wrong())?;
    Ok(seconds * 1_000 + fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_people_write_them() {
        for (text, time) in [("83", 83_000), ("1:23", 83_000), ("1:02:03.5", 3_723_500), ("0:00.25", 250)] {
            assert_eq!(millis(text), Ok(time), "{text}");
        }
        for text in ["", ":", "1:", "1:60", "1:2:3:4", "-5", "1.", "one", "1:2.5.5", "99999999999"] {
            assert!(millis(text).is_err(), "{text}");
        }
    }
}
