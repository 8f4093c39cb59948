//! `nextctl settings`: what the settings screen changes, by name. A setting joins with one arm in each function.

use std::process::ExitCode;

use jiff::civil::Time;
use next_desktop::app::App;
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::settings::{NotificationSettings, Settings};
use serde_json::json;

use super::args::{SettingName, Settings as Command};
use super::output::{DONE, Output};

pub async fn settings(app: &App, command: Option<Command>, output: Output) -> UserResult<ExitCode> {
    if let Some(Command::Set { name, value }) = command {
        if name == SettingName::StartAtLogin {
            app.set_start_at_login(on_or_off(&value)?).await?;
        } else {
            let mut settings = app.settings().await?;
            change(&mut settings, name, &value)?;
            app.save_settings(settings).await?;
        }
    }
    let settings = app.settings().await?;
    let start_at_login = app.background().await?.start_at_login;
    output.document(&json!({ "settings": settings, "start_at_login": start_at_login }), || {
        shown(&settings, start_at_login)
    });
    Ok(ExitCode::from(DONE))
}

fn change(settings: &mut Settings, name: SettingName, value: &str) -> UserResult<()> {
    match name {
        SettingName::Theme => settings.theme = choice(value, "system, light or dark")?,
        SettingName::Language => settings.language = choice(value, "system, en or de")?,
        SettingName::ParticipantAudio => settings.participant_audio = on_or_off(value)?,
        SettingName::BandwidthLimit => settings.bandwidth_limit = bandwidth(value)?,
        SettingName::CacheBudget => settings.cache_budget = size(value)?,
        SettingName::KeepInTray => settings.keep_in_tray = on_or_off(value)?,
        SettingName::NotifyImported => settings.notifications.imported = on_or_off(value)?,
        SettingName::NotifyTrouble => settings.notifications.trouble = on_or_off(value)?,
        SettingName::QuietHours => quiet_hours(&mut settings.notifications, value)?,
        // Kept by the desktop, not by us.
        SettingName::StartAtLogin => {}
    }
    Ok(())
}

fn shown(settings: &Settings, start_at_login: bool) -> String {
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let switch = |on: bool| if on { "on" } else { "off" }.to_owned();
    let notifications = &settings.notifications;
    let quiet = match notifications.quiet {
        true => {
            let (from, to) = (notifications.quiet_from, notifications.quiet_to);
            format!("{}-{}", from.strftime("%H:%M"), to.strftime("%H:%M"))
        }
        false => switch(false),
    };
    let lines = [
        ("theme", word(json!(settings.theme))),
        ("language", word(json!(settings.language))),
        ("participant-audio", switch(settings.participant_audio)),
        (
            "bandwidth-limit",
            settings.bandwidth_limit.map_or(switch(false), |limit| format!("{limit} bytes/s")),
        ),
        ("cache-budget", format!("{} bytes", settings.cache_budget)),
        ("keep-in-tray", switch(settings.keep_in_tray)),
        ("start-at-login", switch(start_at_login)),
        ("notify-imported", switch(notifications.imported)),
        ("notify-trouble", switch(notifications.trouble)),
        ("quiet-hours", quiet),
    ];
    lines.map(|(name, value)| format!("{name:17}  {value}")).join("\n")
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

/// `off`, or two times of the day: `22:00-07:00`.
fn quiet_hours(notifications: &mut NotificationSettings, value: &str) -> UserResult<()> {
    if value == "off" {
        notifications.quiet = false;
        return Ok(());
    }
    let time = |text: &str| Time::strptime("%H:%M", text.trim()).ok();
    let times = value.split_once('-').and_then(|(from, to)| Some((time(from)?, time(to)?)));
    let (from, to) = times.ok_or_else(|| makes_no_sense(value, "off, or two times such as 22:00-07:00"))?;
    (notifications.quiet, notifications.quiet_from, notifications.quiet_to) = (true, from, to);
    Ok(())
}

/// Bytes: `20000000000`, `500MB`, `20GB`.
fn size(value: &str) -> UserResult<u64> {
    let text = value.trim().strip_suffix(['B', 'b']).unwrap_or(value).trim();
    let units = [('k', 1e3), ('m', 1e6), ('g', 1e9), ('t', 1e12)];
    let unit = units.iter().find(|(letter, _)| text.to_ascii_lowercase().ends_with(*letter));
    let (digits, unit) = match unit {
        Some((_, unit)) => (text.get(..text.len() - 1).unwrap_or_default(), *unit),
        None => (text, 1.0),
    };
    match digits.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok((number * unit) as u64),
        _ => Err(makes_no_sense(value, "a size such as 500MB or 20GB")),
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
    fn quiet_hours_are_two_times_or_off() {
        let mut settings = NotificationSettings::default();
        quiet_hours(&mut settings, "21:30-06:00").unwrap();
        assert_eq!((settings.quiet, settings.quiet_from.to_string().as_str()), (true, "21:30:00"));
        assert_eq!(settings.quiet_to.to_string(), "06:00:00");
        quiet_hours(&mut settings, "off").unwrap();
        assert!(!settings.quiet);
        assert!(quiet_hours(&mut settings, "late").is_err());
        assert!(quiet_hours(&mut settings, "25:00-07:00").is_err());
    }

    #[test]
    fn a_size_is_read_as_people_write_it() {
        let read = |text| size(text).ok();
        assert_eq!(read("20000"), Some(20_000));
        assert_eq!(read("500MB"), Some(500_000_000));
        assert_eq!(read("2.5 GB"), Some(2_500_000_000));
        assert_eq!(read("1t"), Some(1_000_000_000_000));
        assert_eq!((read("much"), read("-1GB"), read("")), (None, None, None));
    }

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
