//! The simulator as a program, for the practice mode and for end-to-end runs.
//!
//! When ready it prints one line of JSON on stdout: `{"oauth_url","api_url","client_id","port"}`.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tokio::io::AsyncReadExt as _;
use zoom_sim::{Options, ZoomSim};

/// A simulated Zoom on this machine.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The port of OAuth, REST and the control API; 0: any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Fill it with sample recordings.
    #[arg(long)]
    samples: bool,
    /// Keep users, clients and tokens in this file, so that a sign-in survives a restart.
    #[arg(long, value_name = "PATH")]
    state_file: Option<PathBuf>,
    /// Register one more redirect URI; may be repeated.
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// End when stdin closes, so that it never outlives the program that started it.
    #[arg(long)]
    until_stdin_closes: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the simulator cannot run: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> std::io::Result<()> {
    let sim = ZoomSim::start(Options {
        port: arguments.port,
        samples: arguments.samples,
        state_file: arguments.state_file,
        redirect_uris: arguments.redirect_uri,
        known_as: None,
    })
    .await?;
    // Before the ready line: whoever reads it may send the signal at once.
    let ended = end_signal()?;
    let ready = serde_json::json!({
        "oauth_url": sim.oauth_url(), "api_url": sim.api_url(), "client_id": sim.client_id(), "port": sim.port(),
    });
    let mut out = std::io::stdout();
    writeln!(out, "{ready}")?;
    out.flush()?;
    let stdin_closed = async {
        if !arguments.until_stdin_closes {
            std::future::pending::<()>().await;
        }
        let mut buffer = [0; 256];
        let mut stdin = tokio::io::stdin();
        while stdin.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
    };
    tokio::select! {
        () = ended => {}
        () = stdin_closed => {}
    }
    drop(sim);
    // The blocking read of stdin would keep the runtime from ending.
    std::process::exit(0);
}

/// Listens for SIGTERM and SIGINT from now on; ready when one came.
#[cfg(unix)]
fn end_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Ready when Ctrl+C was pressed.
#[cfg(not(unix))]
fn end_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
