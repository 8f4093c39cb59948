//! The desktop door to NEXT Desktop.

fn main() {}
