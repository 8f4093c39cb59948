//! The end-to-end run: the real window, a real browser, a real keyring, a simulated Zoom.
//!
//! Started by `cargo xtask e2e`, which gives it a display, a session bus, an unlocked keyring and a home of its
//! own. What it needs and does not find is a failure, never a reason to skip.

mod browser;
mod bucket;
mod colleague;
mod desktop;
mod driver;
mod exporting;
mod home;
mod interrupted;
mod last_look;
mod links;
mod moving;
mod offline;
mod own_files;
mod screens;
mod searching;
mod second_profile;
mod secrets;
mod session;
mod steps;
mod story;
mod tray;
mod trouble;
mod window;
