//! `nextctl`: the command-line door to NEXT Desktop.

mod command_line;

fn main() -> std::process::ExitCode {
    command_line::run()
}
