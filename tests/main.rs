//! The stories: given a Zoom that does X, the library ends up with Y.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

mod architecture;
mod stories;
