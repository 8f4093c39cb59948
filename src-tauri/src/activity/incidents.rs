//! Incidents: what only a person can put right is told once, however many imports it holds up and however often they
//! are tried, until it is over.

use jiff::Timestamp;
use rusqlite::Transaction;

use crate::database::{Error, to_text};
use crate::error::Code;

/// What an error is an incident of; none for what passes by itself, or what a person did on purpose.
fn key(code: Code, teamspace: Option<&str>) -> Option<String> {
    Some(match code {
        Code::NeedsReauthorization | Code::ClaimConflict => "sign_in".to_owned(),
        Code::ScopesMissing | Code::NoZoomClient | Code::NoProfile | Code::KeyringUnavailable => code.name(),
        Code::ProxyUnreachable | Code::ProxyPassword | Code::ProxyRefused | Code::CertificateNotTrusted => {
            "network".to_owned()
        }
        Code::TeamspaceUnreachable | Code::TeamspaceReadOnly | Code::BucketRefused | Code::NotFound => {
            format!("place:{}", teamspace.unwrap_or_default())
        }
        Code::DiskFull => "full".to_owned(),
        _ => return None,
    })
}

/// Begins an incident. False: it was told already and is not over, or is none.
pub fn open_incident(
    t: &Transaction<'_>,
    code: Code,
    teamspace: Option<&str>,
    now: Timestamp,
) -> Result<bool, Error> {
    let Some(key) = key(code, teamspace) else { return Ok(false) };
    let opened = t.execute(
        "INSERT INTO incident (key, since) VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING",
        [key, to_text(now)],
    )?;
    Ok(opened > 0)
}

/// Zoom and a teamspace were reached: what was in the way of that is over. `stored`: something was stored too, so
/// that there is room.
pub fn close_incidents(t: &Transaction<'_>, teamspace: &str, stored: bool) -> Result<(), Error> {
    t.execute(
        "DELETE FROM incident WHERE key = 'place:' || ?1 OR (key NOT LIKE 'place:%' AND (key <> 'full' OR ?2))",
        (teamspace, stored),
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::open_state_in_memory;

    #[test]
    fn an_incident_is_told_once_until_it_is_over() {
        let database = open_state_in_memory().unwrap();
        let open = |code, teamspace| {
            database.write(|t| open_incident(t, code, Some(teamspace), Timestamp::UNIX_EPOCH)).unwrap()
        };
        assert!(open(Code::TeamspaceUnreachable, "a"));
        assert!(!open(Code::TeamspaceUnreachable, "a"));
        assert!(!open(Code::BucketRefused, "a"), "the same place");
        assert!(open(Code::TeamspaceUnreachable, "b"), "another place");
        assert!(open(Code::NeedsReauthorization, "a") && !open(Code::ClaimConflict, "b"));
        assert!(open(Code::DiskFull, "a"));
        assert!(!open(Code::Offline, "a") && !open(Code::NotConnected, "a"), "no incidents");

        database.write(|t| close_incidents(t, "a", false)).unwrap();
        assert!(open(Code::TeamspaceUnreachable, "a") && open(Code::NeedsReauthorization, "a"));
        assert!(!open(Code::TeamspaceUnreachable, "b") && !open(Code::DiskFull, "a"), "not over yet");
        database.write(|t| close_incidents(t, "a", true)).unwrap();
        assert!(open(Code::DiskFull, "a"));
    }
}
