//! `cargo xtask run`: everything that is needed, then the app.

use std::env;
use std::process::ExitCode;

use crate::needs::{self, Group};
use crate::practice::{self, Practice};
use crate::process::{Cleaning, Failure, Guarded, Result, run as run_command};
use crate::{project, ui};

/// Installs, builds and starts the app. Its exit code is the app's.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let Arguments { practice, for_app } = Arguments::parse(arguments)?;
    check_display()?;
    needs::provide(&[Group::Build, Group::Run])?;
    ui::provide_packages()?;
    ui::build()?;
    println!("Building the app (the first time takes some minutes)");
    run_command(
        project::cargo()
            .args(["build", "--package", "next-desktop", "--package", "zoom-sim"])
            .args(["--bin", "next-desktop", "--bin", "nextctl", "--bin", "zoom-sim"])
            .args(project::FEATURES),
    )?;

    let mut app = project::command(project::debug_binary("next-desktop"));
    app.args(for_app);
    let practice = if practice { Some(start_practice(&mut app)?) } else { None };
    let status = Guarded::spawn(&mut app, Cleaning::IfInterrupted)?.wait(None);
    if let Some(practice) = practice {
        practice.end()?;
    }
    let code = status?.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}

fn start_practice(app: &mut std::process::Command) -> Result<Practice> {
    let data = practice::data_dir()?;
    let practice = Practice::start(&data)?;
    practice.configure(app);
    app.env("NEXT_DATA_DIR", &data);
    println!(
        "Practice mode: no Zoom client id is configured (NEXT_ZOOM_CLIENT_ID), so the app gets a simulated Zoom with \
         sample recordings.\n  simulated Zoom  {}\n  data            {}\nWithout the simulator: cargo xtask run --no-practice",
        practice.address(),
        data.display()
    );
    Ok(practice)
}

struct Arguments {
    practice: bool,
    for_app: Vec<String>,
}

impl Arguments {
    fn parse(arguments: &[String]) -> Result<Self> {
        let (ours, for_app) = match arguments.iter().position(|word| word == "--") {
            Some(at) => (&arguments[..at], arguments[at + 1..].to_vec()),
            None => (arguments, Vec::new()),
        };
        let mut practice = practice::set("NEXT_ZOOM_CLIENT_ID").is_none();
        for word in ours {
            match word.as_str() {
                "--no-practice" => practice = false,
                other => {
                    return Err(Failure::usage(format!(
                        "`run` does not know `{other}`; what is meant for the app goes after `--`"
                    )));
                }
            }
        }
        Ok(Self { practice, for_app })
    }
}

fn check_display() -> Result {
    let some = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !some("DISPLAY") && !some("WAYLAND_DISPLAY") {
        return Err(Failure::needs_person(
            "there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so the window cannot open. Start \
             this in a desktop session; `cargo xtask test` and `nextctl` need none",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn what_stands_after_two_dashes_is_for_the_app() {
        let parsed =
            Arguments::parse(&words("--no-practice -- next-desktop://oauth/zoom?code=1 --hidden")).unwrap();
        assert!(!parsed.practice);
        assert_eq!(parsed.for_app, words("next-desktop://oauth/zoom?code=1 --hidden"));
    }

    #[test]
    fn an_unknown_word_is_refused() {
        let Err(failure) = Arguments::parse(&words("--hidden")) else { panic!("accepted") };
        assert_eq!(failure.exit_code, 2);
    }
}
