//! Pages that come instead of a file, with status 200 (zoom-facts §3).

fn page(title: &str, text: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>\n"
    )
}

/// "Only the host can download this recording".
pub(crate) fn only_the_host() -> String {
    page("Error - Zoom", "Only the host can download this recording. Please contact the host.")
}

/// A sign-in page of about 14 KB.
pub(crate) fn sign_in() -> String {
    let filler = "<!-- assets -->\n".repeat(14 * 1024 / 16);
    page("Sign In - Zoom", &format!("Sign in to watch this recording.{filler}"))
}

/// A passcode page.
pub(crate) fn passcode() -> String {
    page("Passcode Required - Zoom", "Enter the passcode to watch this recording.")
}

/// The 404 page of a download URL that no longer works.
pub(crate) fn not_found() -> String {
    page("Error - Zoom", "This recording does not exist.")
}
