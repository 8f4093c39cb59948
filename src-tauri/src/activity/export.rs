//! The log for other programs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ActivityEntry;
use super::rows::{Activity, name};
use crate::error::{UserError, UserResult};

/// How the log is written for other programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ExportFormat {
    /// Comma-separated values with a head, for spreadsheets.
    Csv,
    /// One JSON object per line.
    JsonLines,
}

impl Activity {
    /// All of it as text, oldest first.
    pub fn export(&self, format: ExportFormat) -> UserResult<String> {
        let entries = self.all()?;
        let failed =
            |error: &dyn std::fmt::Display| UserError::unexpected("write the log of activity", error);
        match format {
            ExportFormat::JsonLines => {
                let line = |entry: &ActivityEntry| serde_json::to_string(entry).map(|line| line + "\n");
                entries.iter().map(line).collect::<Result<_, _>>().map_err(|error| failed(&error))
            }
            ExportFormat::Csv => {
                let mut writer = csv::Writer::from_writer(Vec::new());
                let head = [
                    "at",
                    "kind",
                    "title",
                    "teamspace",
                    "recording_id",
                    "uuid",
                    "rule",
                    "code",
                    "message",
                    "action",
                    "automatic",
                ];
                writer.write_record(head).map_err(|error| failed(&error))?;
                for entry in &entries {
                    writer.write_record(row(entry)).map_err(|error| failed(&error))?;
                }
                let bytes = writer.into_inner().map_err(|error| failed(&error))?;
                String::from_utf8(bytes).map_err(|error| failed(&error))
            }
        }
    }
}

fn row(entry: &ActivityEntry) -> [String; 11] {
    let error = |of: fn(&UserError) -> String| entry.error.as_ref().map(of).unwrap_or_default();
    let id = entry.recording_id.as_ref().map(ToString::to_string);
    [
        entry.at.to_string(),
        name(entry.kind),
        cell(&entry.title),
        entry.teamspace.clone().unwrap_or_default(),
        id.unwrap_or_default(),
        cell(entry.uuid.as_deref().unwrap_or_default()),
        entry.rule.clone().unwrap_or_default(),
        error(|error| error.code.name()),
        cell(&error(|error| error.message.clone())),
        cell(&error(|error| error.action.clone())),
        entry.automatic.to_string(),
    ]
}

/// Text from outside: a spreadsheet would take some beginnings for a formula and carry it out.
fn cell(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::activity::{ActivityKind, Fresh, add};
    use crate::database::open_state_in_memory;
    use crate::events::Events;

    #[test]
    fn a_title_is_data_in_every_format() {
        let database = open_state_in_memory().unwrap();
        let title = "=HYPERLINK(\"http://x\"), \"quoted\"";
        let fresh = Fresh { title, automatic: true, ..Fresh::default() };
        database.write(|t| add(t, ActivityKind::Imported, &fresh, Timestamp::UNIX_EPOCH)).unwrap();
        let activity = Activity::open(database, Events::default()).unwrap();

        let csv = activity.export(ExportFormat::Csv).unwrap();
        let mut lines = csv.lines();
        assert_eq!(lines.next().unwrap().split(',').count(), 11);
        assert_eq!(
            lines.next().unwrap(),
            "1970-01-01T00:00:00Z,imported,\"'=HYPERLINK(\"\"http://x\"\"), \"\"quoted\"\"\",,,,,,,,true"
        );
        let json = activity.export(ExportFormat::JsonLines).unwrap();
        let entry: ActivityEntry = serde_json::from_str(json.trim_end()).unwrap();
        assert_eq!((entry.title.as_str(), entry.automatic), (title, true));
    }
}
