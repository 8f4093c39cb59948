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

/// What moving recordings to Zoom's trash needs, which nobody is asked for before it is switched on. The granular
/// name is what working downloaders ask for (ricardorodrigues-ca/zoom-recording-downloader, README); the classic
/// one is in the OpenAPI description. Neither was tried against Zoom.
const TRASH: Need = Need { granular: "cloud_recording:delete:meeting_recording", classic: "recording:write" };

/// The scope that moving to the trash lacks; none when it was granted, or when Zoom did not say what was.
pub fn lacks_trash(granted: Option<&[String]>) -> Option<String> {
    let granted = granted?;
    let has = granted.iter().any(|granted| meets(granted, TRASH.granular) || meets(granted, TRASH.classic));
    (!has).then(|| trash_of(granted).to_owned())
}

/// What was granted, and the scope for the trash beside it: what a sign-in asks for that adds it. None when it
/// is not known what was granted; then what the Zoom app has is asked for, as always.
pub fn with_trash(granted: Option<&[String]>) -> Option<Vec<String>> {
    let granted = granted.filter(|granted| !granted.is_empty())?;
    let mut wanted = granted.to_vec();
    wanted.extend(lacks_trash(Some(granted)));
    Some(wanted)
}

/// An app has either kind of scopes (lanec/zoom-batch-downloader#28).
fn trash_of(granted: &[String]) -> &'static str {
    let classic = granted.iter().any(|granted| meets(granted, "recording:read"));
    if classic { TRASH.classic } else { TRASH.granular }
}

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
    fn the_scope_for_the_trash_is_of_the_kind_that_the_app_has() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let granular = words("user:read:user cloud_recording:read:list_user_recordings");
        let delete = "cloud_recording:delete:meeting_recording";
        assert_eq!(lacks_trash(Some(&granular)).as_deref(), Some(delete));
        assert_eq!(lacks_trash(Some(&words("user:read recording:read"))).as_deref(), Some("recording:write"));
        for enough in [delete, "recording:write", "cloud_recording:delete:meeting_recording:admin"] {
            assert_eq!(lacks_trash(Some(&words(enough))), None, "{enough}");
        }
        assert_eq!(lacks_trash(None), None);
        assert_eq!(with_trash(None), None);
        assert_eq!(with_trash(Some(&granular)).unwrap().last().map(String::as_str), Some(delete));
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
