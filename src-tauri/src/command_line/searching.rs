//! `nextctl recordings search` and `nextctl searches`.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use next_desktop::app::{App, SavedSearch, SearchDraft, SearchWish};
use next_desktop::catalog::{Hit, HitKind, Hits};
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::query::{Filter, Query};
use serde_json::json;

use super::output::{DONE, Output, length, plain, table};
use super::search_args::{HitPage, SearchArguments, Searches, SearchesCommand};
use super::teamspaces::find;

pub async fn search(app: &App, wanted: SearchArguments, output: Output) -> UserResult<()> {
    let SearchArguments { teamspace, tag, page, words } = wanted;
    let mut text = typed(&words);
    if let Some(tag) = tag {
        text = Query::parse(&text).with(Filter::Tag(tag)).to_string();
    }
    let teamspace = id_of(app, teamspace.as_deref()).await?;
    run(app, text, teamspace, page, output).await
}

pub async fn searches(app: &App, wanted: Searches, output: Output) -> UserResult<ExitCode> {
    match wanted.command {
        None => {
            let all = app.saved_searches().await?;
            output.document(&json!({ "searches": all }), || {
                if all.is_empty() {
                    return "No saved searches yet.".to_owned();
                }
                let row = |one: &SavedSearch| vec![one.id.to_string(), plain(&one.name), plain(&one.text)];
                table(&["ID", "NAME", "QUERY"], &all.iter().map(row).collect::<Vec<_>>())
            });
        }
        Some(SearchesCommand::Save { name, teamspace, words }) => {
            let teamspace = id_of(app, teamspace.as_deref()).await?;
            let saved = app.save_search(SearchDraft { name, text: typed(&words), teamspace }).await?;
            output.document(&saved, || format!("Saved: {}", plain(&saved.name)));
        }
        Some(SearchesCommand::Rename { search, name }) => {
            let renamed = app.rename_search(saved(app, &search).await?.id, &name).await?;
            output.document(&renamed, || format!("It is called {} now.", plain(&renamed.name)));
        }
        Some(SearchesCommand::Delete { search }) => {
            let saved = saved(app, &search).await?;
            app.delete_search(saved.id).await?;
            output.document(&json!({ "deleted": saved.id }), || {
                format!("{} is forgotten.", plain(&saved.name))
            });
        }
        Some(SearchesCommand::Run { search, page }) => {
            let SavedSearch { text, teamspace, .. } = saved(app, &search).await?;
            run(app, text, teamspace, page, output).await?;
        }
    }
    Ok(ExitCode::from(DONE))
}

/// The query as it was meant: what the shell took for one argument is a phrase, unless it is a query by itself.
fn typed(words: &[String]) -> String {
    let one = words.len() == 1;
    let word = |word: &String| {
        if one || !word.contains(' ') || word.contains('"') {
            return word.clone();
        }
        match word.split_once(':') {
            Some((name, value)) if !name.contains(' ') => format!("{name}:\"{value}\""),
            _ => match word.strip_prefix('-') {
                Some(word) => format!("-\"{word}\""),
                None => format!("\"{word}\""),
            },
        }
    };
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

async fn run(
    app: &App,
    text: String,
    teamspace: Option<String>,
    page: HitPage,
    output: Output,
) -> UserResult<()> {
    let wish = SearchWish { text, teamspace, skip: page.more, limit: page.limit };
    let found = app.search_for(wish).await?;
    output.document(&found, || {
        let mut text = said(&found, std::io::stdout().is_terminal());
        if found.more {
            let next = page.more.saturating_add(page.limit);
            text.push_str(&format!("There may be more: --more {next}\n"));
        }
        text
    });
    Ok(())
}

fn said(found: &Hits, colours: bool) -> String {
    if let Some(help) = &found.nothing {
        let list = |parts: &[String]| parts.iter().map(|part| plain(part)).collect::<Vec<_>>().join("  ");
        let mut text = "Nothing found.\n".to_owned();
        if !help.unknown.is_empty() {
            text.push_str(&format!("Nowhere: {}\n", list(&help.unknown)));
        }
        if !help.too_much.is_empty() {
            text.push_str(&format!("Something is found without one of these: {}\n", list(&help.too_much)));
        }
        if help.elsewhere {
            text.push_str("Something is found in other teamspaces: leave out --teamspace.\n");
        }
        if help.unread > 0 {
            let unread = help.unread;
            text.push_str(&format!(
                "The transcripts of {unread} recordings are not on this machine: `nextctl teamspace refresh NAME --all` \
                 reads them.\n"
            ));
        }
        return text;
    }
    if found.hits.is_empty() {
        return "Nothing found.".to_owned();
    }
    found.hits.iter().map(|hit| one(hit, colours)).collect()
}

fn one(hit: &Hit, colours: bool) -> String {
    let at = hit.at.map(|at| format!("  {}", length(at.max(0.0) as u64))).unwrap_or_default();
    let speaker = hit.speaker.as_deref().map(|name| format!("{}: ", plain(name))).unwrap_or_default();
    let kind = match hit.kind {
        HitKind::Title | HitKind::Transcript => "",
        HitKind::Host => "host: ",
        HitKind::Person => "person: ",
        HitKind::Tag => "tags: ",
        HitKind::Chat => "chat: ",
    };
    let snippet = if colours { marked(hit) } else { plain(&hit.snippet) };
    format!("{}{at}\n    {kind}{speaker}{snippet}\n", plain(&hit.title))
}

/// The snippet with its marks in bold.
fn marked(hit: &Hit) -> String {
    let mut text = String::new();
    for (place, c) in plain(&hit.snippet).chars().enumerate() {
        if hit.marks.iter().any(|(from, _)| *from as usize == place) {
            text.push_str("\u{1b}[1m");
        }
        text.push(c);
        if hit.marks.iter().any(|(_, to)| *to as usize == place + 1) {
            text.push_str("\u{1b}[0m");
        }
    }
    text
}

async fn id_of(app: &App, teamspace: Option<&str>) -> UserResult<Option<String>> {
    match teamspace {
        Some(name) => Ok(Some(find(app, name).await?.id)),
        None => Ok(None),
    }
}

/// A saved search by its name, whatever its case, or its number.
async fn saved(app: &App, search: &str) -> UserResult<SavedSearch> {
    let all = app.saved_searches().await?;
    let named = all.iter().find(|one| one.name.to_lowercase() == search.trim().to_lowercase());
    let found = named.or_else(|| all.iter().find(|one| one.id.to_string() == search));
    found.cloned().ok_or_else(|| {
        UserError::new(
            Code::NotFound,
            format!("No saved search is called {}", plain(search)),
            "look at `nextctl searches`",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_shell_took_for_one_argument_is_a_phrase() {
        let typed = |words: &[&str]| typed(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(typed(&["clinic", "two words"]), "clinic \"two words\"");
        assert_eq!(typed(&["from:Ada Kessler", "-not this", "x"]), "from:\"Ada Kessler\" -\"not this\" x");
        assert_eq!(typed(&["a whole -query \"as it is\""]), "a whole -query \"as it is\"");
    }
}
