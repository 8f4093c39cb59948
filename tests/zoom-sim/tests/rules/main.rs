//! The simulator keeps Zoom's rules, seen from outside through an HTTP client.

mod client;
mod oauth;
