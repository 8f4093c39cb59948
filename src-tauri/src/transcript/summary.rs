//! Summaries that Zoom's AI writes. What is in these files is not described anywhere (zoom-facts §2.5), so they are read
//! by what things are called: an overview, next steps, and stretches with a heading, which are chapters where they say
//! when they begin.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

use super::{decode_entities, seconds, text_of};
use crate::error::{Code, UserError};

/// Entries of one list that are kept, and characters of one text: more than any summary has.
const MOST: usize = 1_000;
/// See [`MOST`].
const LONGEST: usize = 20_000;

/// How deep objects are looked into.
const DEPTH: usize = 4;

/// A summary as far as it could be read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Summary {
    /// All in a few sentences; plain text, as everything here.
    pub overview: Option<String>,
    /// Stretches of which is not said when they were.
    pub topics: Vec<Topic>,
    /// What is to be done.
    pub next_steps: Vec<String>,
    /// Stretches of the recording, in their order.
    pub chapters: Vec<Chapter>,
}

/// What was talked about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Topic {
    /// Its heading.
    pub title: String,
    /// What was said about it; empty when nothing is.
    pub text: String,
}

/// A stretch of a recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Chapter {
    /// Which continuous stretch of the meeting it begins in, from 0.
    pub segment: u32,
    /// Seconds from the start of that segment.
    pub start: f64,
    /// Its heading.
    pub title: String,
    /// What was said in it; empty when nothing is.
    pub text: String,
}

impl Summary {
    /// Reads a summary of a segment. The error says that nothing of it could be read.
    pub fn parse(bytes: &[u8], segment: u32, duration: u64) -> Result<Self, UserError> {
        let value: Value = serde_json::from_str(&text_of(bytes)).map_err(|error| {
            UserError::new(
                Code::FileDamaged,
                "The summary cannot be read",
                "open the file itself to see what it holds",
            )
            .with("text", "summary")
            .detail(error)
        })?;
        let mut summary = Self::default();
        summary.read(&value, DEPTH);
        summary.chapters.sort_by(|a, b| a.start.total_cmp(&b.start));
        // Some of Zoom's files count milliseconds, and none says what it counts.
        let length = duration as f64 + 60.0;
        let last = summary.chapters.last().map_or(0.0, |chapter| chapter.start);
        let unit = if duration > 0 && last > length && last / 1000.0 <= length { 1000.0 } else { 1.0 };
        for chapter in &mut summary.chapters {
            (chapter.segment, chapter.start) = (segment, chapter.start / unit);
        }
        Ok(summary)
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what another file of the same recording says.
    pub fn join(&mut self, other: Self) {
        self.overview = self.overview.take().or(other.overview);
        self.topics.extend(
            other.topics.into_iter().filter(|topic| !self.topics.contains(topic)).collect::<Vec<_>>(),
        );
        let new = other.next_steps.into_iter().filter(|step| !self.next_steps.contains(step));
        self.next_steps.extend(new.collect::<Vec<_>>());
        let new = other.chapters.into_iter().filter(|chapter| !self.chapters.contains(chapter));
        self.chapters.extend(new.collect::<Vec<_>>());
        let order = |a: &Chapter, b: &Chapter| (a.segment.cmp(&b.segment)).then(a.start.total_cmp(&b.start));
        self.chapters.sort_by(order);
    }

    fn read(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Object(object) => self.read_object(object, depth),
            Value::Array(list) => list.iter().take(MOST).for_each(|entry| self.read_stretch(entry)),
            _ => {}
        }
    }

    fn read_object(&mut self, object: &Map<String, Value>, depth: usize) {
        for (name, value) in object {
            let name = name.to_ascii_lowercase();
            match (name.as_str(), value) {
                (
                    "summary_overview" | "overview" | "quick_recap" | "recap" | "summary",
                    Value::String(text),
                ) => {
                    self.overview = self.overview.take().or_else(|| tidy(text));
                }
                ("next_steps" | "summary_next_steps" | "action_items" | "nextsteps", Value::Array(steps)) => {
                    let text = |step: &Value| match step {
                        Value::String(text) => tidy(text),
                        Value::Object(step) => {
                            first(step, &["text", "content", "step", "description", "title"])
                        }
                        _ => None,
                    };
                    self.next_steps.extend(steps.iter().filter_map(text).take(MOST));
                }
                (_, Value::Array(list)) => list.iter().take(MOST).for_each(|entry| self.read_stretch(entry)),
                (_, Value::Object(inner)) if depth > 0 => self.read_object(inner, depth - 1),
                _ => {}
            }
        }
    }

    fn read_stretch(&mut self, entry: &Value) {
        let Value::Object(entry) = entry else { return };
        let Some(title) = first(entry, &["title", "chapter_title", "label", "headline", "name", "topic"])
        else {
            return;
        };
        let text =
            first(entry, &["summary", "description", "text", "content", "overview"]).unwrap_or_default();
        let starts =
            ["start", "start_time", "begin_time", "start_ts", "begin", "timestamp", "ts", "time", "offset"];
        match starts.iter().find_map(|name| start(entry.get(*name)?)) {
            Some(start) => self.chapters.push(Chapter { segment: 0, start, title, text }),
            None => self.topics.push(Topic { title, text }),
        }
    }
}

/// `00:12:03.500`, `723.5`, or the number.
fn start(value: &Value) -> Option<f64> {
    let found = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => seconds(text.trim()).or_else(|| text.trim().parse().ok()),
        _ => None,
    };
    found.filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
}

fn first(object: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| tidy(object.get(*name)?.as_str()?))
}

/// Plain text: no control characters, no white space around; none when nothing is left.
fn tidy(text: &str) -> Option<String> {
    let text: String =
        decode_entities(text).chars().filter(|c| !c.is_control() || *c == '\n').take(LONGEST).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Summary {
        Summary::parse(text.as_bytes(), 2, 3_600).unwrap()
    }

    fn starts(summary: &Summary) -> Vec<(f64, &str)> {
        summary.chapters.iter().map(|chapter| (chapter.start, chapter.title.as_str())).collect()
    }

    #[test]
    fn a_summary_in_the_words_of_zooms_interface() {
        let summary = read(
            r#"{"summary_title": "Research sync", "summary_overview": " All is well. ",
                "summary_details": [{"label": "Sign-up", "summary": "Nobody sees the code."}],
                "next_steps": ["Cut the clips", "", {"text": "Write to Dana"}]}"#,
        );
        assert_eq!(summary.overview.as_deref(), Some("All is well."));
        assert_eq!(summary.topics, [Topic { title: "Sign-up".into(), text: "Nobody sees the code.".into() }]);
        assert_eq!(summary.next_steps, ["Cut the clips", "Write to Dana"]);
        assert_eq!(summary.chapters, []);
    }

    #[test]
    fn chapters_are_read_whatever_their_times_look_like_and_come_sorted() {
        let clocks = r#"{"data": {"smart_chapters": [
            {"title": "Prices &amp; plans", "start_time": "00:12:03.500", "summary": "Too dear."},
            {"chapter_title": "Hello", "start_time": "0:00:02"}]}}"#;
        assert_eq!(starts(&read(clocks)), [(2.0, "Hello"), (723.5, "Prices & plans")]);
        assert!(read(clocks).chapters.iter().all(|chapter| chapter.segment == 2));
        let numbers = r#"[{"title": "A", "start": 0}, {"title": "B", "start": "61.5"}]"#;
        assert_eq!(starts(&read(numbers)), [(0.0, "A"), (61.5, "B")]);
        let milliseconds = r#"{"chapters": [{"title": "A", "ts": 0}, {"title": "B", "ts": 1800000}]}"#;
        assert_eq!(starts(&read(milliseconds)), [(0.0, "A"), (1800.0, "B")]);
    }

    #[test]
    fn what_is_no_summary_is_said_and_what_is_strange_is_left_out() {
        for text in ["", "<html>", "{\"a\":"] {
            assert_eq!(Summary::parse(text.as_bytes(), 0, 0).unwrap_err().params["text"], "summary");
        }
        for text in ["null", "[]", "{}", "[1, null, [\"x\"]]", r#"[{"title": 3, "start": 1}]"#] {
            assert!(read(text).is_empty(), "{text}");
        }
        let strange = r#"[{"title": "A", "start": -1}, {"title": "B", "start": "1e999"}, {"title": "C"}]"#;
        assert_eq!(read(strange).chapters, []);
    }

    #[test]
    fn several_files_of_a_recording_are_one_summary() {
        let mut summary = read(r#"{"overview": "One", "next_steps": ["a"]}"#);
        summary.join(read(
            r#"{"overview": "Two", "next_steps": ["a", "b"], "chapters": [{"title": "A", "start": 1}]}"#,
        ));
        assert_eq!(summary.overview.as_deref(), Some("One"));
        assert_eq!(summary.next_steps, ["a", "b"]);
        assert_eq!(starts(&summary), [(1.0, "A")]);
    }
}
