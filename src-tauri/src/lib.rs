//! NEXT Desktop without a screen: the product as a library. The binaries are doors to it.
//!
//! Modules stand from bottom to top: a module uses only what stands above it in this list
//! (`tests/architecture.rs` holds us to it).

pub mod clock;
pub mod error;
pub mod recording;
pub mod container;
pub mod transcript;
pub mod events;
pub mod secret;
pub mod database;
pub mod profile;
pub mod settings;
pub mod messages;
pub mod export;
pub mod zoom;
pub mod account;
pub mod teamspace;
pub mod ledger;
pub mod activity;
pub mod cache;
pub mod query;
pub mod catalog;
pub mod import;
pub mod delete_at_zoom;
pub mod auto_import;
pub mod notices;
pub mod pins;
pub mod media;
pub mod app;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
