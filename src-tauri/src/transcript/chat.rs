//! Zoom's chat files. There is no specification; these forms are seen in practice.

use super::{Chat, ChatMessage, decode_entities, numbered_lines, seconds};

pub(super) fn parse(text: &str) -> Chat {
    let mut chat = Chat::default();
    for (number, line) in numbered_lines(text) {
        match (message(line), chat.messages.last_mut()) {
            (Some(message), _) => chat.messages.push(message),
            (None, Some(last)) => {
                // A message of several lines goes on here; those of a Zoom client are indented.
                last.text.push('\n');
                last.text.push_str(line.trim());
            }
            (None, None) if line.trim().is_empty() => {}
            (None, None) => chat.skipped.push(number),
        }
    }
    for message in &mut chat.messages {
        message.text = tidy(&message.text);
    }
    chat.messages.retain(|message| !message.text.is_empty());
    chat
}

/// The message that begins on this line, when one does.
fn message(line: &str) -> Option<ChatMessage> {
    let line = after_date(line);
    let (time, rest) = line.split_once([' ', '\t'])?;
    let at = seconds(time).filter(|_| time.matches(':').count() == 2)?;
    let rest = rest.trim_start();
    let (sender, text) = match rest.strip_prefix("From ") {
        Some(rest) => split(rest).map(|(sender, text)| (without_recipient(sender), text)),
        None => split(rest),
    }
    .map_or((None, rest), |(sender, text)| (Some(sender), text));
    let sender = sender.map(tidy).filter(|name| !name.is_empty());
    Some(ChatMessage { at, sender, text: text.to_owned() })
}

/// Newer Zoom clients put the date first: `2024-03-01 09:12:03 From …`.
fn after_date(line: &str) -> &str {
    match line.split_once(' ') {
        Some((date, rest)) if date.parse::<jiff::civil::Date>().is_ok() => rest.trim_start(),
        _ => line,
    }
}

/// Sender and text: parted by a colon with a tab or a space after it, or at the end of the line.
fn split(rest: &str) -> Option<(&str, &str)> {
    if let Some((sender, text)) = rest.split_once('\t') {
        return Some((sender.trim().trim_end_matches(':'), text));
    }
    if let Some(split) = rest.split_once(": ") {
        return Some(split);
    }
    rest.trim_end().strip_suffix(':').map(|sender| (sender, ""))
}

/// `Ada to Everyone`, `Ada To Ben (Direct Message)`: Ada.
fn without_recipient(sender: &str) -> &str {
    let at = sender.rfind(" to ").or_else(|| sender.rfind(" To "));
    at.map_or(sender, |at| &sender[..at])
}

fn tidy(text: &str) -> String {
    let clean = |line: &str| line.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned();
    decode_entities(text).lines().map(clean).collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(f64, String, String)> {
        let chat = parse(text);
        assert_eq!(chat.skipped, Vec::<usize>::new());
        let parts = |message: ChatMessage| (message.at, message.sender.unwrap_or_default(), message.text);
        chat.messages.into_iter().map(parts).collect()
    }

    fn message(at: f64, sender: &str, text: &str) -> (f64, String, String) {
        (at, sender.to_owned(), text.to_owned())
    }

    #[test]
    fn the_form_of_zooms_cloud() {
        let text = "00:02:15\tAda Lovelace:\tHello: all\r\n00:03:00\tBen:\ttwo\r\nlines & more\r\n\r\n\
                    01:00:00\tChloé:\thttps://example.org/?a=1&b=2\r\n";
        assert_eq!(
            read(text),
            [
                message(135.0, "Ada Lovelace", "Hello: all"),
                message(180.0, "Ben", "two\nlines & more"),
                message(3600.0, "Chloé", "https://example.org/?a=1&b=2"),
            ]
        );
    }

    #[test]
    fn the_forms_of_zooms_clients() {
        let text = "09:12:03 From Ada Lovelace to Everyone:\n\tGood morning\n\tall of you\n\
                    2024-03-01 09:13:00 From Ben To Ada (Direct Message):\n\tpsst\n\
                    09:14:00\t From  Chloé : inline\n";
        assert_eq!(
            read(text),
            [
                message(33_123.0, "Ada Lovelace", "Good morning\nall of you"),
                message(33_180.0, "Ben", "psst"),
                message(33_240.0, "Chloé", "inline"),
            ]
        );
    }

    #[test]
    fn what_is_no_chat_is_told_by_its_lines() {
        let page = parse("<!DOCTYPE html>\n<html></html>\n");
        assert!(page.messages.is_empty());
        assert_eq!(page.skipped, [1, 2]);
        assert!(page.error().is_some());
        assert_eq!(parse(""), Chat::default());
        assert_eq!(parse("\u{0}\n"), Chat { messages: vec![], skipped: vec![1] });
    }

    #[test]
    fn a_line_that_begins_with_a_time_of_day_without_seconds_is_text() {
        let text = "00:02:15\tAda:\tLet us meet at\n12:30 today\n";
        assert_eq!(read(text), [message(135.0, "Ada", "Let us meet at\n12:30 today")]);
    }
}
