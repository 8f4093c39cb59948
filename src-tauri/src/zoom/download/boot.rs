//! Whether the machine was started anew since something was written.
//!
//! A program that is killed leaves its files as it wrote them. When the power fails, a file may be as long as it was, with
//! zeros where bytes were not flushed yet: ext4 notes the length before the bytes (Linux, `mpage_map_and_submit_extent`).

/// Names the running system until it is started anew; none where that is not known.
pub(super) fn boot() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned())
}
