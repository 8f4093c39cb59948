//! A stateful Zoom on loopback: OAuth, REST and downloads, with knobs.

#![allow(clippy::result_large_err, reason = "an HTTP answer is the error here")]

mod account;
mod answer;
mod authorize;
mod authorize_page;
mod body;
mod browser;
mod clips;
mod clock;
mod connection;
mod content;
mod control;
mod downloads;
mod encoding;
mod faults;
mod html_pages;
mod ids;
mod knobs;
mod listing;
mod meeting;
mod oauth;
mod rate;
mod requests;
mod rest;
mod samples;
mod server;
mod sim;
mod state;
mod state_file;
mod tokens;

pub use account::{Client, RELAY_URI, User};
pub use browser::{AuthorizeError, Choice};
pub use clips::TALKS;
pub use content::Content;
pub use faults::{Fault, FaultRule, HtmlPage, Place, RetryAfter};
pub use meeting::{FileSpec, MeetingHandle, MeetingSpec, Progress, Source};
pub use requests::{Host, RequestRecord};
pub use sim::{CONFIDENTIAL_CLIENT_ID, CONFIDENTIAL_CLIENT_SECRET, Options, PUBLIC_CLIENT_ID, ZoomSim};
