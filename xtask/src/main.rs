//! Set-up, run, test and bundle, in plain std Rust.

fn main() {}
