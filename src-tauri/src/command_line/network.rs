//! `nextctl network`.

use std::process::ExitCode;

use next_desktop::app::App;
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::settings::{ProxyDraft, ProxyMode, ProxySettings, ProxySource};
use serde_json::json;

use super::args::Network;
use super::input::secret_from_standard_input;
use super::output::{DONE, Output};

pub async fn network(app: &App, command: Network, output: Output) -> UserResult<ExitCode> {
    match command {
        Network::Show => say(&app.proxy_settings().await?, output),
        Network::Proxy { choice, username, password_from_stdin } => {
            let draft = draft(choice, username, password_from_stdin)?;
            say(&app.save_proxy_settings(draft).await?, output);
        }
        Network::Test => {
            let test = app.test_network(None).await?;
            output.document(&test, || {
                let through = test.proxy.as_ref().map(|proxy| format!(" through the proxy {proxy}"));
                format!("{} was reached{} in {:.1} s.", test.host, through.unwrap_or_default(), test.seconds)
            });
        }
    }
    Ok(ExitCode::from(DONE))
}

fn draft(choice: String, username: Option<String>, password_from_stdin: bool) -> UserResult<ProxyDraft> {
    let mode = match choice.as_str() {
        "system" => ProxyMode::System,
        "off" => ProxyMode::Off,
        _ => ProxyMode::Custom,
    };
    if mode != ProxyMode::Custom && (username.is_some() || password_from_stdin) {
        return Err(UserError::new(
            Code::Usage,
            format!("{choice} takes no user name and no password"),
            "give the address of the proxy that they are for",
        ));
    }
    let password = password_from_stdin.then(secret_from_standard_input).transpose()?;
    Ok(ProxyDraft { mode, address: (mode == ProxyMode::Custom).then_some(choice), username, password })
}

fn say(settings: &ProxySettings, output: Output) {
    output.document(&json!({ "proxy": settings }), || {
        let from = match settings.source {
            ProxySource::Settings => "the settings",
            ProxySource::Environment => "NEXT_PROXY",
            ProxySource::Default => "nobody chose",
        };
        let mode = match (settings.mode, &settings.address) {
            (ProxyMode::Custom, Some(address)) => address,
            (ProxyMode::Off, _) => "off",
            _ => "as the system says",
        };
        let mut text = format!("proxy     {mode}\nfrom      {from}\n");
        if settings.mode == ProxyMode::Custom {
            let password = if settings.has_password { "stored" } else { "none" };
            let user = settings.username.as_deref().unwrap_or("none");
            text.push_str(&format!("user      {user}\npassword  {password}\n"));
        }
        text
    });
}
