//! Identifiers and secrets as Zoom makes them: long JWT-shaped tokens, base64 UUIDs, signatures.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// Random characters of the URL-safe base64 alphabet.
pub(crate) fn random(bytes: usize) -> String {
    let raw: Vec<u8> = (0..bytes).map(|_| rand::random()).collect();
    URL_SAFE_NO_PAD.encode(raw)
}

/// A token that looks like Zoom's: a JWT of about 700 characters. Its content means nothing.
pub(crate) fn token() -> String {
    format!("eyJzdiI6IjAwMDAwMiIsImFsZyI6IkhTNTEyIiwidiI6IjIuMCJ9.{}.{}", random(430), random(64))
}

/// The first bytes of SHA-256 of a text: the same for the same seed, on every machine and at every start.
fn seeded(seed: &str) -> [u8; 32] {
    Sha256::digest(seed.as_bytes()).into()
}

/// A meeting UUID in Zoom's form: base64 of 16 bytes, here without `/` or `+`, which presets add on purpose.
pub(crate) fn meeting_uuid(seed: &str) -> String {
    STANDARD.encode(&seeded(seed)[..16]).replace('/', "x").replace('+', "y")
}

/// A file or user id in the form of a UUID.
pub(crate) fn file_id(seed: &str) -> String {
    let hex: String = seeded(seed).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// A user or account id in Zoom's form: 22 URL-safe characters.
pub(crate) fn user_id(seed: &str) -> String {
    URL_SAFE_NO_PAD.encode(&seeded(seed)[..16])
}

/// A number of eleven digits, as meeting ids are.
pub(crate) fn meeting_number(seed: &str) -> u64 {
    let bytes = seeded(seed);
    let number = bytes.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    80_000_000_000 + number % 9_999_999_999
}

/// A keyed digest, for URLs that only the simulator can make.
pub(crate) fn mac(secret: &str, text: &str) -> String {
    URL_SAFE_NO_PAD.encode(&seeded(&format!("{secret}\u{0}{text}"))[..16])
}

/// The PKCE S256 challenge of a verifier (RFC 7636, 4.2).
pub(crate) fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// URL-safe base64 without padding.
pub(crate) fn encode(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// The inverse of [`encode`].
pub(crate) fn decode(text: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

/// The two halves of a Basic authorization value (`Basic base64(id:secret)`).
pub(crate) fn basic(value: &str) -> Option<(String, String)> {
    let raw = STANDARD.decode(value.strip_prefix("Basic ")?.trim()).ok()?;
    let text = String::from_utf8(raw).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}
