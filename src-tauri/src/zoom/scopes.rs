//! What we need to be allowed, and what an answer allows.

/// A need: its granular scope, and all scopes that meet it (facts from the OpenAPI's `security` lists).
struct Need {
    /// What new apps call it, and what a person finds in the Marketplace.
    granular: &'static str,
    /// What older apps call it.
    classic: &'static str,
}

const NEEDS: [Need; 3] = [
    Need { granular: "user:read:user", classic: "user:read" },
    Need { granular: "cloud_recording:read:list_user_recordings", classic: "recording:read" },
    Need { granular: "cloud_recording:read:list_recording_files", classic: "recording:read" },
];

/// The scopes that we need and that were not granted. Without a list everything counts as granted: the
/// answer of the token endpoint need not repeat what was asked (RFC 6749, 5.1).
pub fn missing(granted: Option<&[String]>) -> Vec<String> {
    let Some(granted) = granted else { return Vec::new() };
    let has = |scope: &str| granted.iter().any(|granted| meets(granted, scope));
    NEEDS
        .iter()
        .filter(|need| !has(need.granular) && !has(need.classic))
        .map(|need| need.granular.to_owned())
        .collect()
}

/// `:admin` and `:master` are the same right for a whole account.
fn meets(granted: &str, scope: &str) -> bool {
    granted == scope || granted.strip_prefix(scope).is_some_and(|rest| matches!(rest, ":admin" | ":master"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing_of(granted: &str) -> Vec<String> {
        let granted: Vec<String> = granted.split_whitespace().map(str::to_owned).collect();
        missing(Some(&granted))
    }

    #[test]
    fn granular_classic_and_account_wide_scopes_meet_the_need() {
        assert_eq!(missing(None), Vec::<String>::new());
        for enough in [
            "user:read:user cloud_recording:read:list_user_recordings cloud_recording:read:list_recording_files",
            "user:read recording:read",
            "user:read:admin recording:read:admin meeting:read",
            "user:read:user:admin cloud_recording:read:list_user_recordings:admin \
             cloud_recording:read:list_recording_files:master",
        ] {
            assert!(missing_of(enough).is_empty(), "{enough}");
        }
    }

    #[test]
    fn an_unticked_scope_is_named() {
        assert_eq!(
            missing_of("user:read:user cloud_recording:read:list_user_recordings"),
            ["cloud_recording:read:list_recording_files"]
        );
        assert_eq!(missing_of("").len(), 3);
        assert_eq!(missing_of("user:read:email recording:read").len(), 1);
    }
}
