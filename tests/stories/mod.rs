//! Stories by subject. Each is told with whole apps and a whole Zoom.

mod harness;
mod importing;
mod signing;
mod signing_in;
