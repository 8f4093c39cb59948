//! Zoom as it really is. Wire types never leave this module.

pub mod download;
pub mod limiter;
