//! Stories by subject. Each is told with whole apps and a whole Zoom.

mod bad_input;
mod buckets;
mod claims;
mod command_line;
mod deleting_at_zoom;
mod disconnecting;
mod downloading;
mod faults;
mod first_start;
mod harness;
mod importing;
mod interrupting;
mod late_files;
mod listing;
mod network;
mod nextctl;
mod own_files;
mod proxies;
mod queueing;
mod ranges;
mod secrets;
mod signing;
mod signing_in;
mod staying_signed_in;
mod verifying;
mod waiting;
