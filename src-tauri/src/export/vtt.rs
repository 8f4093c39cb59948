//! WebVTT (<https://www.w3.org/TR/webvtt1/>), as any player reads it.

use std::fmt::Write as _;

use super::one_line;
use crate::recording::Cue;

/// The cues of one segment as WebVTT, with speakers in voice tags. Read again by [`crate::transcript::Transcript`], it is
/// the same cues.
pub fn vtt(cues: &[Cue]) -> String {
    let mut text = "WEBVTT\n".to_owned();
    for cue in cues {
        let end = cue.end.max(cue.start);
        let _ = write!(text, "\n{} --> {}\n", time(cue.start), time(end));
        if let Some(speaker) = &cue.speaker {
            let _ = write!(text, "<v {}>", escaped(speaker));
        }
        text.push_str(&escaped(&cue.text));
        text.push('\n');
    }
    text
}

/// `01:02:33.500`, to the millisecond.
fn time(seconds: f64) -> String {
    let milliseconds = (seconds.max(0.0) * 1000.0).round() as u64;
    let (seconds, milliseconds) = (milliseconds / 1000, milliseconds % 1000);
    format!("{:02}:{:02}:{:02}.{milliseconds:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// `&`, `<` and `>` mean something there; a line feed ends a line, and a blank line the cue.
fn escaped(text: &str) -> String {
    one_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::cue;
    use super::*;
    use crate::transcript::Transcript;

    #[test]
    fn a_transcript_as_players_read_it() {
        let cues =
            [cue(3.12, "Ada <Lovelace>", "Is 1 < 2 --> yes & no?"), cue(3723.5, "", "Nobody knows who")];
        assert_eq!(
            vtt(&cues),
            "WEBVTT\n\n00:00:03.120 --> 00:00:05.620\n<v Ada &lt;Lovelace&gt;>Is 1 &lt; 2 --&gt; yes &amp; no?\n\
             \n01:02:03.500 --> 01:02:06.000\nNobody knows who\n"
        );
        assert_eq!(Transcript::parse(vtt(&cues).as_bytes()).cues, cues);
        assert_eq!(vtt(&[]), "WEBVTT\n");
    }

    proptest! {
        #[test]
        fn whatever_was_said_is_read_again_as_it_was(
            lines in proptest::collection::vec((0u32..90_000, "[A-Z][a-zé<>&😀 ]{1,12}", "[a-z0-9<>&:;\\-#\u{5d0}-\u{5da}😀 ]{1,40}"), 0..20)
        ) {
            let mut cues: Vec<Cue> = lines
                .into_iter()
                .map(|(at, speaker, text)| cue(f64::from(at) / 8.0, speaker.trim(), text.trim()))
                .filter(|cue| !cue.text.is_empty())
                .map(|cue| Cue { text: one_line(&cue.text), speaker: cue.speaker.map(|name| one_line(&name)), ..cue })
                .collect();
            cues.sort_by(|a, b| a.start.total_cmp(&b.start));
            let read = Transcript::parse(vtt(&cues).as_bytes());
            prop_assert_eq!(read.cues, cues);
            prop_assert_eq!(read.skipped, Vec::<usize>::new());
        }
    }
}
