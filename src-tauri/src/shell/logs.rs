//! The log of the desktop app: one file a day in the data directory, seven kept.
//!
//! `NEXT_LOG` chooses what is written, in the syntax of tracing's `EnvFilter`. Libraries are never written
//! below `info`, whatever it says: in their finest words they would repeat requests and answers, and with
//! them tokens.

use next_desktop::app::Dirs;
use tracing::{Level, Metadata};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// What is written when `NEXT_LOG` does not say otherwise.
const DEFAULT: &str = "warn,next_desktop=info";
/// Days that are kept.
const KEPT: usize = 7;

/// Begins to write the log. Without a place to write, the app runs without a log.
pub fn begin(dirs: &Dirs) {
    // The same obstacle will stop the core from opening, which says it to the person.
    if dirs.prepare().is_err() || std::fs::create_dir_all(dirs.logs()).is_err() {
        return;
    }
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("desktop")
        .filename_suffix("log")
        .max_log_files(KEPT)
        .build(dirs.logs());
    let Ok(appender) = appender else { return };
    let wanted = std::env::var("NEXT_LOG").unwrap_or_default();
    let chosen = EnvFilter::try_new(if wanted.trim().is_empty() { DEFAULT } else { &wanted });
    let nonsense = chosen.is_err();
    tracing_subscriber::registry()
        .with(chosen.unwrap_or_else(|_| EnvFilter::new(DEFAULT)))
        .with(filter_fn(is_ours_or_coarse))
        .with(tracing_subscriber::fmt::layer().with_ansi(false).with_writer(appender))
        .init();
    if nonsense {
        tracing::warn!("NEXT_LOG makes no sense; an example that does: next_desktop=debug");
    }
    log_panics();
}

fn is_ours_or_coarse(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO || metadata.target().starts_with("next_desktop")
}

/// Where stderr goes nowhere a panic must still leave a trace: its place, not its words.
fn log_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tracing::error!(place = panic.location().map(tracing::field::display), "a panic");
        before(panic);
    }));
}
