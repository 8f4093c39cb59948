//! What the list of recordings is narrowed by, on the command line.

use clap::Args;
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::query::{Filter, Query};

/// Filters: all of them count.
#[derive(Debug, Args)]
#[group(id = "filters", multiple = true)]
pub struct Filters {
    /// Only those that somebody hosted, imported or speaks in; of several people, any of them.
    #[arg(long, value_name = "NAME")]
    pub person: Vec<String>,
    /// Only those with this tag; of several, all of them.
    #[arg(long)]
    pub tag: Vec<String>,
    /// Only those of this day or later: 2026-03-14, 2026-03, 2026, today, 7d, 2w, 3m, 1y.
    #[arg(long, value_name = "DAY")]
    pub after: Option<String>,
    /// Only those before this day.
    #[arg(long, value_name = "DAY")]
    pub before: Option<String>,
    /// Only those of at least this length: 30 (minutes), 1h30m, 1:30.
    #[arg(long, value_name = "LENGTH")]
    pub longer: Option<String>,
    /// Only shorter ones.
    #[arg(long, value_name = "LENGTH")]
    pub shorter: Option<String>,
    /// Only those that have this; may be given several times, or parted by commas.
    #[arg(long, value_delimiter = ',', value_parser = ["video", "audio", "transcript", "chat", "summary"])]
    pub has: Vec<String>,
    /// Only those that do not have this.
    #[arg(long, value_delimiter = ',', value_parser = ["video", "audio", "transcript", "chat", "summary"])]
    pub without: Vec<String>,
}

impl Filters {
    /// The same in the query language; none when nothing is asked for.
    pub fn query(&self) -> UserResult<Option<String>> {
        let one = |name: &'static str, values: &[String]| -> Vec<(&'static str, String)> {
            values.iter().map(|value| (name, value.clone())).collect()
        };
        let mut query = Query::default();
        let asked = [
            one("from", &self.person),
            one("tag", &self.tag),
            one("after", self.after.as_slice()),
            one("before", self.before.as_slice()),
            one("longer", self.longer.as_slice()),
            one("shorter", self.shorter.as_slice()),
            one("has", &self.has),
        ];
        for (name, value) in asked.into_iter().flatten() {
            query = query.with(read(name, &value)?);
        }
        for value in &self.without {
            query = query.with(read("has", value)?);
            if let Some(part) = query.parts.last_mut() {
                part.without = true;
            }
        }
        Ok((!query.is_empty()).then(|| query.to_string()))
    }
}

fn read(name: &str, value: &str) -> UserResult<Filter> {
    // A quote cannot stand in a filter; a space in its place finds the same.
    let value = value.replace('"', " ");
    Filter::named(name, value.trim()).ok_or_else(|| {
        let action = match name {
            "after" | "before" => "give a day as 2026-03-14, 2026-03, today or 7d",
            "longer" | "shorter" => "give minutes, or as 1h30m",
            _ => "give another one",
        };
        UserError::new(Code::Usage, format!("{name} makes no sense so: {value}"), action)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_a_query() {
        let filters = Filters {
            person: vec!["Ada \"K\" Kessler".to_owned()],
            tag: vec!["clinic study".to_owned()],
            after: Some("2026-03".to_owned()),
            before: None,
            longer: Some("90".to_owned()),
            shorter: None,
            has: vec!["chat".to_owned()],
            without: vec!["video".to_owned()],
        };
        let query = filters.query().unwrap().unwrap();
        assert!(
            query.contains("tag:\"clinic study\" after:2026-03 longer:1h30m has:chat -has:video"),
            "{query}"
        );
        assert_eq!(Query::parse(&query).parts.len(), 6);
        let odd = Filters { after: Some("soon".to_owned()), ..filters };
        assert_eq!(odd.query().unwrap_err().code, Code::Usage);
    }
}
