//! Plain text: a line for each thing said or written.

use std::fmt::Write as _;

use super::{Line, Told, clock, one_line};

/// A recording as plain text: its title and date, then what was said and written with times and names.
pub fn text(told: &Told<'_>) -> String {
    let mut text = format!("{}\n{} · {}\n", told.title(), told.date(), clock(told.recording.duration as f64));
    let participants = told.participants();
    if !participants.is_empty() {
        let _ =
            writeln!(text, "{}: {}", told.words.say("document_participants", &[]), participants.join(", "));
    }
    if told.incomplete {
        let _ = writeln!(text, "{}", told.words.say("document_incomplete", &[]));
    }
    let segments = told.segments();
    for (number, lines) in &segments {
        text.push('\n');
        if segments.len() > 1 {
            let _ = writeln!(text, "{}\n", told.part(*number));
        }
        for line in lines {
            text.push_str(&written(told, line));
        }
    }
    text
}

fn written(told: &Told<'_>, line: &Line<'_>) -> String {
    let (who, what) = match line {
        Line::Said(cue) => (cue.speaker.as_deref().map(one_line), &cue.text),
        Line::Written(message) => {
            let chat = told.words.say("document_chat", &[]);
            let name = message.sender.as_deref().map(one_line).unwrap_or_default();
            (Some(format!("{name} ({chat})").trim().to_owned()), &message.text)
        }
    };
    let who = who.filter(|who| !who.is_empty()).map(|who| format!("{who}: ")).unwrap_or_default();
    format!("[{}] {who}{}\n", clock(line.at()), one_line(what))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cue, message, recording, told};
    use super::*;

    #[test]
    fn what_was_said_and_written_stands_in_the_order_of_time() {
        let recording = recording("Interview\nwith Dana 🎤");
        let transcript =
            [vec![cue(3.0, "Maya", "Hello"), cue(70.0, "", "Hm")], vec![], vec![cue(1.0, "Dana", "Bye")]];
        let chat = [vec![message(35.0, "Dana", "a link:\nhttps://example.org")]];
        assert_eq!(
            text(&told(&recording, &transcript, &chat, None)),
            "Interview with Dana 🎤\n2026-03-01 14:00 (Europe/Berlin) · 1:02:03\nParticipants: Maya, Dana\n\
             \nPart 1\n\n[0:03] Maya: Hello\n[0:35] Dana (chat): a link: https://example.org\n[1:10] Hm\n\
             \nPart 3\n\n[0:01] Dana: Bye\n"
        );
    }
}
