//! `nextctl teamspace copy`.

use std::process::ExitCode;

use next_desktop::app::{App, CopyReport, CopyWish, copying_stopped};
use next_desktop::error::{Code, UserError, UserResult};
use serde_json::json;

use super::output::{DONE, FAILED, Output, bytes, plain};
use super::verifying::{in_words, with_progress};

/// Copies, and says how far it is. Ctrl-C stops it as the window's Stop does, a second one at once; either way it goes on
/// later.
pub async fn told(
    app: &App,
    teamspace: &str,
    output: Output,
    work: impl Future<Output = UserResult<CopyReport>>,
) -> UserResult<CopyReport> {
    until_stopped(app, teamspace, with_progress(app, output, work)).await.map_err(|error| match error.code {
        Code::Cancelled => UserError {
            action: "run the same command again: it goes on where it stopped".to_owned(),
            ..error
        },
        _ => error,
    })
}

async fn until_stopped(
    app: &App,
    teamspace: &str,
    work: impl Future<Output = UserResult<CopyReport>>,
) -> UserResult<CopyReport> {
    tokio::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        Ok(()) = tokio::signal::ctrl_c() => app.stop_copy(teamspace).await?,
    }
    tokio::select! {
        done = &mut work => done,
        Ok(()) = tokio::signal::ctrl_c() => Err(copying_stopped()),
    }
}

/// Says what became of it. What was damaged, or was not moved because of that, is a failure for scripts.
pub fn report(report: &CopyReport, wish: CopyWish, output: Output) -> ExitCode {
    output.document(&json!({ "copied": report }), || {
        let place = plain(&report.place);
        let mut text = format!("{} files, {} read again and copied.\n", report.files, bytes(report.bytes));
        for damage in &report.damaged {
            text.push_str(&format!("  DAMAGED  {} {}, not copied\n", damage.key, in_words(damage.problem)));
        }
        text.push_str(&match (report.moved, wish.backup) {
            (true, _) => format!("The teamspace stands at {place} now. Colleagues' apps are told."),
            (false, true) => format!("The backup stands at {place}. The teamspace stays where it is."),
            (false, false) => {
                "Nothing was moved: put the damaged files back and run this again, or run it with \
                               --leave-damaged to leave them at the old place."
                    .to_owned()
            }
        });
        text
    });
    ExitCode::from(if report.damaged.is_empty() { DONE } else { FAILED })
}
