//! The simulator keeps Zoom's rules, seen from outside through an HTTP client.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod authorize;
mod bodies;
mod client;
mod control;
mod downloads;
mod faults;
mod listing;
mod meetings;
mod oauth;
