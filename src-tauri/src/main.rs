//! The desktop door to NEXT Desktop.

// On Windows a graphical program must not open a console beside its window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod shell;

fn main() -> std::process::ExitCode {
    shell::run()
}
