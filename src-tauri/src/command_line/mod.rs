//! The command line: parse, call the core, say the answer. Nothing is decided here that the window would
//! decide otherwise.

mod args;
mod auto_args;
mod auto_import;
mod auto_rules;
mod copying;
mod correct_args;
mod correcting;
mod exporting;
mod filter_args;
mod highlight_args;
mod highlights;
mod import;
mod input;
mod network;
mod output;
mod people;
mod pin_args;
mod pins;
mod queue;
mod recording_args;
mod recordings;
mod search_args;
mod searching;
mod settings;
mod teamspace_args;
mod teamspaces;
mod tending;
mod verifying;
mod zoom;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use next_desktop::app::{App, Options};
use next_desktop::error::{Code, UserError, UserResult};

use args::{Arguments, Command};
use output::{Output, say_error};

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => return usage(&error),
    };
    let output = Output { json: arguments.json };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output.error(&UserError::unexpected("start", error)),
    };
    let code = runtime.block_on(async {
        match answer(arguments.command, output).await {
            Ok(code) => code,
            Err(error) => output.error(&error),
        }
    });
    // A connection that nobody waits for must not hold the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    code
}

async fn answer(command: Command, output: Output) -> UserResult<ExitCode> {
    let app = App::open(Options::from_system()?).await?;
    for notice in app.app_info().await?.notices {
        output::say_note(&notice.to_string());
    }
    let result = match command {
        Command::Profile(command) => people::profile(&app, command, output).await,
        Command::Zoom(command) => zoom::zoom(&app, command, output).await,
        Command::Teamspace(command) => teamspaces::teamspace(&app, command, output).await,
        Command::Import(command) => import::import(&app, command, output).await,
        Command::AutoImport(command) => auto_import::auto_import(&app, command, output).await,
        Command::Jobs => queue::jobs(&app, output).await,
        Command::Retry(which) => queue::retry(&app, which.id, output).await,
        Command::Cancel(which) => queue::cancel(&app, which.id, output).await,
        Command::Pause { id } => queue::pause(&app, id, output).await,
        Command::Resume { id } => queue::resume(&app, id, output).await,
        Command::Recordings(command) => recordings::recordings(&app, command, output).await,
        Command::Highlights(command) => highlights::highlights(&app, command, output).await,
        Command::Searches(searches) => searching::searches(&app, searches, output).await,
        Command::Pins { command } => pins::pins(&app, command, output).await,
        Command::Cache { command } => pins::cache(&app, command, output).await,
        Command::Network(command) => network::network(&app, command, output).await,
        Command::Settings { command } => settings::settings(&app, command, output).await,
        Command::Doctor => people::doctor(&app, output).await,
    };
    app.close().await;
    result
}

/// A command line that makes no sense: one line, without clap's layout, and a document for scripts.
fn usage(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("this command line makes no sense");
    let message = first.strip_prefix("error: ").unwrap_or(first).trim_end_matches(':');
    let named: Vec<&str> =
        lines.take_while(|line| !line.starts_with("Usage") && !line.starts_with("For more")).collect();
    let message =
        if named.is_empty() { message.to_owned() } else { format!("{message}: {}", named.join(" ")) };
    let error = UserError::new(Code::Usage, message, "see `nextctl --help`");
    if std::env::args().any(|argument| argument == "--json") {
        return Output { json: true }.error(&error);
    }
    say_error(&error);
    ExitCode::from(output::USAGE)
}
