//! Real S3-compatible servers on loopback, started by the tests, and a proxy before them that loses replies.
//!
//! The programs are Python packages that `cargo xtask setup` puts below `target/s3-servers`; `NEXT_S3_SERVERS` names
//! another folder. Where they are missing, a test that needs them says so; on CI, and wherever
//! `NEXT_S3_SERVERS` is set, it fails.

mod http;
mod process;
mod proxy;

pub use http::{Reply, send};
pub use process::{Server, moto, moto_with_keys, rclone, shared_moto};
pub use proxy::{Fault, Proxy, Seen};
