//! `nextctl settings`: what the settings screen changes, by name. A setting joins with one arm in each function.

use std::process::ExitCode;

use next_desktop::app::App;
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::settings::Settings;
use serde_json::json;

use super::args::{SettingName, Settings as Command};
use super::output::{DONE, Output};

pub async fn settings(app: &App, command: Option<Command>, output: Output) -> UserResult<ExitCode> {
    if let Some(Command::Set { name, value }) = command {
        let mut settings = app.settings().await?;
        change(&mut settings, name, &value)?;
        app.save_settings(settings).await?;
    }
    let settings = app.settings().await?;
    output.document(&json!({ "settings": settings }), || shown(&settings));
    Ok(ExitCode::from(DONE))
}

fn change(settings: &mut Settings, name: SettingName, value: &str) -> UserResult<()> {
    match name {
        SettingName::Theme => settings.theme = choice(value, "system, light or dark")?,
        SettingName::Language => settings.language = choice(value, "system, en or de")?,
        SettingName::ParticipantAudio => settings.participant_audio = on_or_off(value)?,
        SettingName::BandwidthLimit => settings.bandwidth_limit = bandwidth(value)?,
    }
    Ok(())
}

fn shown(settings: &Settings) -> String {
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let limit = settings.bandwidth_limit.map_or("off".to_owned(), |limit| format!("{limit} bytes/s"));
    format!(
        "theme              {}\nlanguage           {}\nparticipant-audio  {}\nbandwidth-limit    {limit}",
        word(json!(settings.theme)),
        word(json!(settings.language)),
        if settings.participant_audio { "on" } else { "off" },
    )
}

fn makes_no_sense(value: &str, wanted: &str) -> UserError {
    UserError::new(Code::Usage, format!("The value {value:?} makes no sense here"), format!("give {wanted}"))
}

/// One of the words that the setting is written down as.
fn choice<T: serde::de::DeserializeOwned>(value: &str, wanted: &str) -> UserResult<T> {
    serde_json::from_value(json!(value)).map_err(|_| makes_no_sense(value, wanted))
}

fn on_or_off(value: &str) -> UserResult<bool> {
    match value {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(makes_no_sense(value, "on or off")),
    }
}

/// `off`, or bytes per second: `500000`, `500kB`, `2.5MB`.
fn bandwidth(value: &str) -> UserResult<Option<u64>> {
    let wanted = "off, or a speed per second such as 500kB or 2.5MB";
    if value == "off" {
        return Ok(None);
    }
    let text = value.strip_suffix(['B', 'b']).unwrap_or(value);
    let (digits, unit) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1e3),
        None => text.strip_suffix(['m', 'M']).map_or((text, 1.0), |digits| (digits, 1e6)),
    };
    match digits.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok(Some((number * unit) as u64)),
        _ => Err(makes_no_sense(value, wanted)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_read_as_people_write_it() {
        let read = |text| bandwidth(text).ok();
        assert_eq!(read("off"), Some(None));
        assert_eq!(read("500000"), Some(Some(500_000)));
        assert_eq!(read("500kB"), Some(Some(500_000)));
        assert_eq!(read("2.5 MB"), Some(Some(2_500_000)));
        assert_eq!(read("fast"), None);
        assert_eq!(read("-1MB"), None);
    }
}
