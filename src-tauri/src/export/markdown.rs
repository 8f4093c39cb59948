//! Markdown (CommonMark): the facts, the summary, the chapters, and what was said in paragraphs by speaker.

use std::fmt::Write as _;

use super::{Line, Told, clock, one_line};
use crate::recording::Cue;
use crate::transcript::Summary;

/// Seconds after which a speaker's paragraph ends with the next cue, so that times stay close to the words.
const PARAGRAPH: f64 = 60.0;

/// A recording as Markdown.
pub fn markdown(told: &Told<'_>) -> String {
    let mut text = format!("# {}\n\n", escaped(&told.title()));
    facts(told, &mut text);
    if let Some(summary) = told.summary {
        summarised(told, summary, &mut text);
    }
    if told.incomplete {
        let _ = write!(text, "\n*{}*\n", escaped(&told.words.say("document_incomplete", &[])));
    }
    let segments = told.segments();
    if !segments.is_empty() {
        heading(told, "document_transcript", &mut text);
    }
    for (number, lines) in &segments {
        if segments.len() > 1 {
            let _ = write!(text, "\n### {}\n", told.part(*number));
        }
        paragraphs(told, lines, &mut text);
    }
    text
}

fn heading(told: &Told<'_>, key: &str, text: &mut String) {
    let _ = write!(text, "\n## {}\n", told.words.say(key, &[]));
}

fn facts(told: &Told<'_>, text: &mut String) {
    let mut fact = |key: &str, value: &str| {
        let _ = writeln!(text, "- **{}:** {value}", told.words.say(key, &[]));
    };
    fact("document_date", &told.date());
    fact("document_length", &clock(told.recording.duration as f64));
    if let Some(host) = &told.recording.host {
        fact("document_host", &escaped(host));
    }
    for (key, names) in
        [("document_participants", told.participants()), ("document_tags", told.recording.tags.clone())]
    {
        if !names.is_empty() {
            fact(key, &names.iter().map(|name| escaped(name)).collect::<Vec<_>>().join(", "));
        }
    }
    let _ = writeln!(text, "- [{}](<{}>)", told.words.say("document_open", &[]), told.link);
}

fn summarised(told: &Told<'_>, summary: &Summary, text: &mut String) {
    if summary.overview.is_some() || !summary.topics.is_empty() {
        heading(told, "document_summary", text);
    }
    if let Some(overview) = &summary.overview {
        let _ = write!(text, "\n{}\n", lines_of(overview));
    }
    for topic in &summary.topics {
        let _ = write!(text, "\n### {}\n", escaped(&topic.title));
        if !topic.text.is_empty() {
            let _ = write!(text, "\n{}\n", lines_of(&topic.text));
        }
    }
    if !summary.next_steps.is_empty() {
        heading(told, "document_next_steps", text);
        text.push('\n');
        for step in &summary.next_steps {
            let _ = writeln!(text, "- {}", escaped(step));
        }
    }
    if !summary.chapters.is_empty() {
        heading(told, "document_chapters", text);
        text.push('\n');
        for chapter in &summary.chapters {
            let more = if chapter.text.is_empty() {
                String::new()
            } else {
                format!(" – {}", escaped(&chapter.text))
            };
            let _ = writeln!(text, "- {} **{}**{more}", clock(chapter.start), escaped(&chapter.title));
        }
    }
}

fn paragraphs(told: &Told<'_>, lines: &[Line<'_>], text: &mut String) {
    let mut open: Option<&Cue> = None;
    for line in lines {
        match line {
            Line::Said(cue) => {
                let goes_on = open
                    .is_some_and(|first| first.speaker == cue.speaker && cue.start - first.start < PARAGRAPH);
                if goes_on {
                    let _ = write!(text, " {}", escaped(&cue.text));
                    continue;
                }
                if open.replace(cue).is_some() {
                    text.push('\n');
                }
                let _ = write!(
                    text,
                    "\n{}{}",
                    opening(cue.start, cue.speaker.as_deref(), ""),
                    escaped(&cue.text)
                );
            }
            Line::Written(message) => {
                if open.take().is_some() {
                    text.push('\n');
                }
                let chat = format!(" ({})", told.words.say("document_chat", &[]));
                let who = opening(message.at, message.sender.as_deref(), &chat);
                let _ = write!(text, "\n> {who}{}\n", escaped(&message.text));
            }
        }
    }
    if open.is_some() {
        text.push('\n');
    }
}

fn opening(at: f64, speaker: Option<&str>, after: &str) -> String {
    match speaker.map(escaped).filter(|name| !name.is_empty()) {
        Some(name) => format!("`{}` **{name}**{after}: ", clock(at)),
        None => format!("`{}`{after} ", clock(at)),
    }
}

/// Lines of text as paragraphs.
fn lines_of(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(escaped).filter(|line| !line.is_empty()).collect();
    lines.join("\n\n")
}

/// One line of text that says what it says: no sign in it is taken for markup, HTML included.
fn escaped(text: &str) -> String {
    let line = one_line(text);
    let mut escaped = String::with_capacity(line.len());
    for (at, sign) in line.char_indices() {
        let begins = line[..at].chars().all(|before| before.is_ascii_digit());
        let markup = match sign {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '~' | '|' => true,
            // At the beginning of a line they open lists and headings: `1.`, `1)`, `-`, `#`.
            '#' | '+' | '-' | '=' => at == 0,
            '.' | ')' => at > 0 && begins,
            _ => false,
        };
        if markup {
            escaped.push('\\');
        }
        escaped.push(sign);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cue, message, recording, told};
    use super::*;
    use crate::transcript::{Chapter, Topic};

    #[test]
    fn a_recording_as_a_document() {
        let recording = recording("Interview with *Dana*");
        let transcript = [vec![
            cue(3.0, "Maya", "Hello Dana."),
            cue(6.0, "Maya", "How are you?"),
            cue(9.0, "Dana", "Fine."),
            cue(90.0, "Dana", "1. Really."),
            cue(95.0, "", "Somebody else."),
        ]];
        let chat = [vec![message(40.0, "Dana", "<b>link</b>")]];
        let summary = Summary {
            overview: Some("All is well.".to_owned()),
            topics: vec![Topic { title: "Mood".to_owned(), text: "Good.".to_owned() }],
            next_steps: vec!["Write to Dana".to_owned()],
            chapters: vec![Chapter {
                segment: 0,
                start: 9.0,
                title: "Health".to_owned(),
                text: String::new(),
            }],
        };
        assert_eq!(
            markdown(&told(&recording, &transcript, &chat, Some(&summary))),
            "# Interview with \\*Dana\\*\n\n\
             - **Date:** 2026-03-01 14:00 (Europe/Berlin)\n- **Length:** 1:02:03\n- **Host:** maya@example.com\n\
             - **Participants:** Maya, Dana\n- **Tags:** clinic study\n\
             - [Open in NEXT](<next-desktop://recording/t/r>)\n\
             \n## Summary\n\nAll is well.\n\n### Mood\n\nGood.\n\
             \n## Next steps\n\n- Write to Dana\n\
             \n## Chapters\n\n- 0:09 **Health**\n\
             \n## Transcript\n\
             \n`0:03` **Maya**: Hello Dana. How are you?\n\
             \n`0:09` **Dana**: Fine.\n\
             \n> `0:40` **Dana** (chat): \\<b\\>link\\</b\\>\n\
             \n`1:30` **Dana**: 1\\. Really.\n\
             \n`1:35` Somebody else.\n"
        );
    }

    #[test]
    fn a_recording_with_nothing_but_facts_is_a_document_too() {
        let mut recording = recording(" ");
        (recording.host, recording.time_zone) = (None, Some("Nowhere/Land".to_owned()));
        recording.tags.clear();
        let text = markdown(&told(&recording, &[], &[], None));
        assert!(text.starts_with("# Untitled recording\n\n- **Date:** 2026-03-01 13:00 UTC\n"), "{text}");
        assert!(!text.contains("##") && text.ends_with(">)\n"), "{text}");
    }

    #[test]
    fn no_sign_of_a_title_or_a_word_is_markup() {
        assert_eq!(escaped("- [x](y) #1"), "\\- \\[x\\](y) #1");
        assert_eq!(escaped("12) a_b"), "12\\) a\\_b");
        assert_eq!(escaped("&lt;script&gt;"), "\\&lt;script\\&gt;");
        assert_eq!(escaped("מה נשמע? 😀"), "מה נשמע? 😀");
    }
}
