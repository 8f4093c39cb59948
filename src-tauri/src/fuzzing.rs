//! What the fuzz targets in `fuzz/` call: every parser that meets bytes from outside, and what must hold of its answer
//! whatever the bytes are.
//!
//! Each function takes anything and panics when a promise is broken: that is how a fuzzer hears of it. The seeds of the
//! targets run through the same functions as a plain test, below.

use crate::transcript::{Chat, Summary, Transcript};

/// A target: its name, and the function that takes anything.
pub type Target = (&'static str, fn(&[u8]));

/// The targets by name: one file in `fuzz/fuzz_targets`, one folder in `fuzz/seeds`.
pub const TARGETS: [Target; 8] = [
    ("zoom_json", zoom_json),
    ("vtt", vtt),
    ("chat", chat),
    ("summary", summary),
    ("links", links),
    ("ranges", ranges),
    ("teamspace_json", teamspace_json),
    ("checkpoint", checkpoint),
];

/// Any answer of Zoom: a page of the list, a meeting, an error.
pub fn zoom_json(bytes: &[u8]) {
    crate::zoom::fuzzing::answer(bytes);
}

/// A transcript or captions.
pub fn vtt(bytes: &[u8]) {
    let transcript = Transcript::parse(bytes);
    let mut last = 0.0;
    for cue in &transcript.cues {
        assert!(cue.start.is_finite() && cue.end.is_finite(), "times are numbers");
        assert!(last <= cue.start && cue.start <= cue.end, "cues are sorted, and end after they start");
        last = cue.start;
        assert!(!cue.text.trim().is_empty(), "a cue has words");
        assert!(cue.speaker.as_ref().is_none_or(|name| !name.trim().is_empty()), "a speaker has a name");
    }
    are_lines_of(bytes, &transcript.skipped);
    assert_eq!(transcript.error().is_none(), transcript.skipped.is_empty(), "what was skipped is said");
}

/// A meeting chat.
pub fn chat(bytes: &[u8]) {
    let chat = Chat::parse(bytes);
    for message in &chat.messages {
        assert!(message.at.is_finite() && message.at >= 0.0, "a time is a number");
        let control = |c: char| c.is_control() && c != '\n';
        assert!(!message.text.is_empty() && !message.text.contains(control), "a message is plain text");
        assert!(message.sender.as_ref().is_none_or(|name| !name.is_empty()), "a sender has a name");
    }
    are_lines_of(bytes, &chat.skipped);
    assert_eq!(chat.error().is_none(), chat.skipped.is_empty(), "what was skipped is said");
}

/// A summary that Zoom made.
pub fn summary(bytes: &[u8]) {
    let Ok(summary) = Summary::parse(bytes, 1, 3_600) else { return };
    for chapter in &summary.chapters {
        assert!(chapter.start.is_finite() && chapter.start >= 0.0, "a time is a number");
        assert!(!chapter.title.is_empty() && chapter.segment == 1, "a chapter has a title and a segment");
    }
    assert!(summary.chapters.is_sorted_by(|a, b| a.start <= b.start), "chapters are sorted");
    assert!(summary.topics.iter().all(|topic| !topic.title.is_empty()), "a topic has a title");
    let mut twice = summary.clone();
    twice.join(summary.clone());
    assert!(twice.chapters.len() >= summary.chapters.len() && twice.overview == summary.overview);
}

/// Numbers of lines: from 1, rising, and not more than there can be.
fn are_lines_of(bytes: &[u8], numbers: &[usize]) {
    assert!(numbers.iter().all(|number| (1..=bytes.len() + 1).contains(number)), "a line that is there");
    assert!(numbers.is_sorted_by(|a, b| a < b), "each line once");
}

/// An address that the browser or another program hands to the app.
pub fn links(bytes: &[u8]) {
    let Ok(address) = std::str::from_utf8(bytes) else { return };
    let is_callback = crate::app::holds_link(address);
    let read = crate::zoom::fuzzing::callback(address);
    assert!(!is_callback || read || address.len() > 8192, "a callback is read as one");
}

/// A header of a byte range, and on the next line a size: asked of our media server, and answered by Zoom's storage.
pub fn ranges(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (header, size) = text.split_once('\n').unwrap_or((text, ""));
    let size = size.trim().parse().unwrap_or(10);
    crate::media::range::holds(header, size);
    crate::zoom::fuzzing::content_range(header, size);
}

/// A manifest or an entry of the log, as somebody else may have put it into a teamspace.
pub fn teamspace_json(bytes: &[u8]) {
    crate::teamspace::fuzzing::manifest(bytes);
    crate::teamspace::fuzzing::entry(bytes);
}

/// A checkpoint of the log, as somebody else may have put it into a teamspace.
pub fn checkpoint(bytes: &[u8]) {
    crate::teamspace::fuzzing::checkpoint(bytes);
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::TARGETS;

    #[test]
    fn every_seed_of_the_fuzz_targets_passes() {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
        for (name, target) in TARGETS {
            let seeds = std::fs::read_dir(fuzz.join("seeds").join(name)).unwrap();
            let paths: Vec<_> = seeds.map(|entry| entry.unwrap().path()).collect();
            assert!(!paths.is_empty(), "{name} has seeds");
            for path in paths {
                target(&std::fs::read(path).unwrap());
            }
            assert!(fuzz.join(format!("fuzz_targets/{name}.rs")).exists(), "{name} has a target");
        }
        let targets = std::fs::read_dir(fuzz.join("fuzz_targets")).unwrap().count();
        assert_eq!(targets, TARGETS.len(), "every target is in the list");
    }
}
