//! `nextctl`: the command-line door to NEXT Desktop.

fn main() {}
