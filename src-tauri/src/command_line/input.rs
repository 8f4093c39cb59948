//! What `nextctl` reads from standard input.

use std::io::Read as _;

use next_desktop::error::{Code, UserError, UserResult};

/// A secret, which must not stand among the arguments: others on the machine can see those.
pub fn secret_from_standard_input() -> UserResult<String> {
    let mut text = String::new();
    std::io::stdin().lock().take(4096).read_to_string(&mut text).map_err(|error| {
        UserError::new(Code::Usage, "The secret could not be read", "pipe it to standard input").detail(error)
    })?;
    Ok(text.trim().to_owned())
}
