//! WebVTT (<https://www.w3.org/TR/webvtt1/>), read with patience.

use std::collections::HashMap;

use super::{Transcript, numbered_lines, plain, seconds};
use crate::recording::Cue;

pub(super) fn parse(text: &str) -> Transcript {
    let lines = numbered_lines(text);
    let mut reader = Reader { lines: &lines, at: 0, cues: Vec::new(), skipped: Vec::new() };
    reader.read();
    let (mut cues, skipped) = (reader.cues, reader.skipped);
    take_speakers(&mut cues);
    cues.retain(|cue| !cue.text.is_empty());
    cues.sort_by(|a, b| a.start.total_cmp(&b.start));
    Transcript { cues, skipped }
}

struct Reader<'a> {
    lines: &'a [(usize, &'a str)],
    at: usize,
    cues: Vec<Cue>,
    skipped: Vec<usize>,
}

impl<'a> Reader<'a> {
    fn line(&self, ahead: usize) -> Option<&'a str> {
        self.lines.get(self.at + ahead).map(|(_, line)| *line)
    }

    fn read(&mut self) {
        if self.line(0).is_some_and(|line| starts_block(line, "WEBVTT")) {
            self.pass_block();
        }
        while let Some(line) = self.line(0) {
            if line.trim().is_empty() {
                self.at += 1;
            } else if is_timing(line) {
                self.read_cue(line);
            } else if ["NOTE", "STYLE", "REGION"].iter().any(|name| starts_block(line, name)) {
                self.pass_block();
            } else if self.line(1).is_some_and(is_timing) {
                // The cue's identifier.
                self.at += 1;
            } else {
                self.skip();
            }
        }
    }

    /// Passes a header or comment: up to a blank line, or to a cue that follows without one.
    fn pass_block(&mut self) {
        self.at += 1;
        while self.line(0).is_some_and(|line| !line.trim().is_empty()) && !self.is_next_cue() {
            self.at += 1;
        }
    }

    fn read_cue(&mut self, line: &str) {
        let times = timing(line);
        if times.is_none() {
            self.skip();
        } else {
            self.at += 1;
        }
        let mut text = String::new();
        while let Some(line) = self.line(0)
            && !line.trim().is_empty()
            && !self.is_next_cue()
        {
            if times.is_some() {
                text.push_str(line);
                text.push('\n');
                self.at += 1;
            } else {
                self.skip();
            }
        }
        if let Some((start, end)) = times {
            self.cues.extend(voices(&text).into_iter().map(|(speaker, text)| Cue {
                start,
                end,
                speaker,
                text,
            }));
        }
    }

    /// Whether a cue begins here: with its times, or with a number and then its times.
    fn is_next_cue(&self) -> bool {
        let numbered = |line: &str| !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit());
        self.line(0).is_some_and(is_timing)
            || (self.line(0).is_some_and(|line| numbered(line.trim())) && self.line(1).is_some_and(is_timing))
    }

    fn skip(&mut self) {
        self.skipped.extend(self.lines.get(self.at).map(|(number, _)| *number));
        self.at += 1;
    }
}

fn starts_block(line: &str, name: &str) -> bool {
    line.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

fn is_timing(line: &str) -> bool {
    line.contains("-->")
}

/// Start and end. What ends before it starts is kept as a moment: its words count.
fn timing(line: &str) -> Option<(f64, f64)> {
    let (start, rest) = line.split_once("-->")?;
    let start = seconds(start.trim())?;
    let end = seconds(rest.split_whitespace().next()?)?;
    Some((start, end.max(start)))
}

/// Parts the text of a cue by its voice tags, and strips all other tags.
fn voices(text: &str) -> Vec<(Option<String>, String)> {
    let mut parts = vec![(None, String::new())];
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tagged) = rest.split_at(at);
        push(&mut parts, before);
        match tag(tagged) {
            Some(Tag { voice: Some(name), length }) => {
                parts.push((Some(plain(name)).filter(|name| !name.is_empty()), String::new()));
                rest = &tagged[length..];
            }
            Some(Tag { voice: None, length }) => rest = &tagged[length..],
            None => {
                push(&mut parts, "<");
                rest = &tagged[1..];
            }
        }
    }
    push(&mut parts, rest);
    let parts = parts.into_iter().map(|(speaker, text)| (speaker, plain(&text)));
    parts.filter(|(_, text)| !text.is_empty()).collect()
}

fn push(parts: &mut [(Option<String>, String)], text: &str) {
    if let Some((_, part)) = parts.last_mut() {
        part.push_str(text);
    }
}

struct Tag<'a> {
    voice: Option<&'a str>,
    length: usize,
}

/// The tag that `text` begins with; none when the `<` is only a sign.
fn tag(text: &str) -> Option<Tag<'_>> {
    const NAMES: [&str; 15] =
        ["c", "i", "b", "u", "v", "ruby", "rt", "lang", "font", "span", "p", "br", "s", "em", "strong"];
    // No tag is longer; and a file that is all `<` is read in a time that grows with its length alone.
    let end = text.bytes().take(512).position(|byte| byte == b'>')?;
    let inside = text.get(1..end)?;
    let length = end + 1;
    let opening = inside.strip_prefix('/').unwrap_or(inside);
    let end = opening.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(opening.len());
    let (name, rest) = opening.split_at(end);
    if NAMES.contains(&name.to_ascii_lowercase().as_str()) {
        let is_voice = name.eq_ignore_ascii_case("v") && opening.len() == inside.len();
        // `<v.loud Ada>`: classes stand before the name.
        let voice = is_voice.then(|| rest.split_once([' ', '\t', '\n']).map_or("", |(_, name)| name));
        return Some(Tag { voice, length });
    }
    // `<00:01:02.000>`: when the next word is spoken.
    seconds(inside).map(|_| Tag { voice: None, length })
}

/// Zoom writes `Ada Lovelace: Good morning` into the text. A colon also stands in ordinary sentences, so what
/// is before it must look like a name, or be there more than once.
fn take_speakers(cues: &mut [Cue]) {
    let mut times: HashMap<String, usize> = HashMap::new();
    for cue in cues.iter().filter(|cue| cue.speaker.is_none()) {
        if let Some((name, _)) = prefix(&cue.text) {
            *times.entry(name.to_owned()).or_default() += 1;
        }
    }
    for cue in cues.iter_mut().filter(|cue| cue.speaker.is_none()) {
        let Some((name, text)) = prefix(&cue.text) else { continue };
        if is_like_a_name(name) || times.get(name).is_some_and(|times| *times > 1) {
            (cue.speaker, cue.text) = (Some(name.to_owned()), text.to_owned());
        }
    }
}

fn prefix(text: &str) -> Option<(&str, &str)> {
    let (name, text) = text.split_once(": ").or_else(|| text.split_once('：'))?;
    let sound = (1..=64).contains(&name.chars().count()) && !name.contains(['?', '!', ';', '"']);
    sound.then(|| (name.trim(), text.trim()))
}

fn is_like_a_name(name: &str) -> bool {
    const PARTICLES: [&str; 14] =
        ["von", "van", "der", "den", "de", "da", "di", "del", "la", "le", "bin", "al", "zu", "y"];
    let words = name.split_whitespace().filter(|word| !PARTICLES.contains(word));
    name.split_whitespace().count() <= 5
        && words.clone().count() > 0
        && words.into_iter().all(|word| !word.starts_with(|c: char| c.is_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cue(start: f64, end: f64, speaker: &str, text: &str) -> Cue {
        let speaker = (!speaker.is_empty()).then(|| speaker.to_owned());
        Cue { start, end, speaker, text: text.to_owned() }
    }

    fn read(text: &str) -> Vec<Cue> {
        let transcript = parse(text);
        assert_eq!(transcript.skipped, Vec::<usize>::new(), "{text}");
        transcript.cues
    }

    #[test]
    fn a_transcript_as_zoom_writes_it() {
        let text = "WEBVTT\r\n\r\n1\r\n00:00:03.120 --> 00:00:06.340\r\nAda Lovelace: Good morning, everyone.\r\n\
                    \r\n2\r\n00:00:06.400 --> 00:00:09.000\r\nLudwig van Beethoven: Hello: how are you?\r\n\r\n\
                    3\r\n00:00:10.000 --> 00:00:12.000\r\nand nobody knows who says this.\r\n\r\n";
        let expected = [
            cue(3.12, 6.34, "Ada Lovelace", "Good morning, everyone."),
            cue(6.4, 9.0, "Ludwig van Beethoven", "Hello: how are you?"),
            cue(10.0, 12.0, "", "and nobody knows who says this."),
        ];
        assert_eq!(read(text), expected);
        assert_eq!(Transcript::parse(format!("\u{FEFF}{text}").as_bytes()).cues, expected);
    }

    #[test]
    fn a_colon_in_a_sentence_makes_no_speaker() {
        let text = "00:01.000 --> 00:02.000\nso this is the plan: we wait\n\n\
                    00:02.000 --> 00:03.000\nlook here: https://example.org\n\n\
                    00:03.000 --> 00:04.000\nada: yes\n\n00:04.000 --> 00:05.000\nada: no";
        let speakers: Vec<_> = read(text).into_iter().map(|cue| cue.speaker).collect();
        assert_eq!(speakers, [None, None, Some("ada".to_owned()), Some("ada".to_owned())]);
    }

    #[test]
    fn what_others_write_is_read_too() {
        let text = "WEBVTT - made by hand\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE\nnot said\n\n\
                    intro\n00:01.000 --> 00:02,500 align:start position:0%\n<v.loud Ada>Hello <i>dear</i>\n\
                    <00:00:01.500><c.x>friends</c>\n\n\
                    00:03.000 --> 00:04.000\n<v Ada>Yes. <v Ben>No &amp; 1 < 2 > 0</v>\n";
        assert_eq!(
            read(text),
            [
                cue(1.0, 2.5, "Ada", "Hello dear friends"),
                cue(3.0, 4.0, "Ada", "Yes."),
                cue(3.0, 4.0, "Ben", "No & 1 < 2 > 0"),
            ]
        );
    }

    #[test]
    fn missing_blank_lines_and_a_missing_header_do_no_harm() {
        let text = "1\n00:00:01.000 --> 00:00:02.000\nAda: one\n2\n00:00:02.000 --> 00:00:03.000\nAda: two\n\
                    00:00:03.000 --> 00:00:04.000\n1984\nwas a year\n";
        let texts: Vec<_> = read(text).into_iter().map(|cue| cue.text).collect();
        assert_eq!(texts, ["one", "two", "1984 was a year"]);
    }

    #[test]
    fn unsorted_and_overlapping_cues_come_sorted() {
        let text = "WEBVTT\n\n00:05.000 --> 00:09.000\nb\n\n00:01.000 --> 00:08.000\na\n\n00:09.000 --> 00:07.000\nc";
        assert_eq!(read(text), [cue(1.0, 8.0, "", "a"), cue(5.0, 9.0, "", "b"), cue(9.0, 9.0, "", "c")]);
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_lines() {
        let text = "WEBVTT\n\n00:01.000 --> 00:02.000\ngood\n\nlost words\n\n00:xx.000 --> 00:03.000\nbad times\n\n\
                    00:04.000 --> 00:05.000\ngood again";
        let transcript = parse(text);
        assert_eq!(transcript.cues.len(), 2);
        assert_eq!(transcript.skipped, [6, 8, 9]);
        let error = transcript.error().unwrap();
        assert_eq!(error.params["lines"], "3");
        assert!(!error.to_string().contains("lost words"), "no words of a transcript in an error");
    }

    #[test]
    fn a_sign_without_an_end_nearby_opens_no_tag() {
        let far = "x".repeat(600);
        let text = format!("00:01.000 --> 00:02.000\n<v Ada {far}>{}\n", "<".repeat(300_000));
        assert_eq!(read(&text)[0].text.len(), "<v Ada ".len() + 600 + ">".len() + 300_000);
    }

    #[test]
    fn nothing_and_nonsense_are_no_cues() {
        assert_eq!(parse(""), Transcript::default());
        assert_eq!(parse("WEBVTT\n\n"), Transcript::default());
        assert_eq!(parse("WEBVTT\n\n00:01.000 --> 00:02.000\n\n"), Transcript::default());
        let page = parse("<!DOCTYPE html>\n<html><body>Sign in</body></html>\n");
        assert!(page.cues.is_empty() && page.error().is_some());
        assert!(parse("-->").error().is_some());
        assert!(parse("00:01.000 -->").error().is_some());
    }

    #[test]
    fn twenty_hours_are_read_whole() {
        use std::fmt::Write;
        let mut text = "WEBVTT\n\n".to_owned();
        for second in 0..72_000 {
            let time = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
            writeln!(text, "{second}\n{time}.000 --> {time}.900\nAda: word{second}\n").unwrap();
        }
        let cues = read(&text);
        assert_eq!(cues.len(), 72_000);
        assert_eq!(cues.last(), Some(&cue(71_999.0, 71_999.9, "Ada", "word71999")));
    }
}
