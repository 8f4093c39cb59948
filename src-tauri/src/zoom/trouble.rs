//! What the network said when nobody answered, read in one place.
//!
//! The libraries below say most of it in text only: hyper-util keeps the errors of its tunnels, its SOCKS
//! handshakes and its look-ups to itself. The stories hold these words against the real thing.

use std::error::Error as StdError;
use std::io;

use rustls::CertificateError;

use super::way::{Through, Way};
use super::{Error, http};
use crate::error::UserError;

/// What is wrong with a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyTrouble {
    /// Nobody answers at its address, or there is no such name.
    Unreachable,
    /// It wants to know who we are (407).
    SignIn,
    /// It knows who we say we are, and does not believe it (407).
    SignInRefused,
    /// It does not connect us.
    Refuses,
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateTrouble {
    /// Nobody whom this system trusts vouches for it.
    Unknown,
    /// It is not valid today.
    Date,
    /// It is somebody else's.
    OtherName,
}

impl Way {
    /// Why a request that went this way was not answered.
    pub(super) fn trouble(&self, error: reqwest::Error) -> Error {
        let (certificate, connecting) = (bad_certificate(&error), error.is_connect());
        let why = http::said(error);
        let to_proxy = why.contains("failed to create underlying connection");
        let host = self.host.clone();
        match (certificate, &self.through) {
            (Some(trouble), Some(Through { proxy, .. })) if to_proxy => {
                return Error::Certificate { trouble, host: proxy.clone(), why };
            }
            (Some(trouble), _) => return Error::Certificate { trouble, host, why },
            (None, _) if !connecting => return Error::Offline { why },
            (None, None) if why.contains("dns error") => return Error::NameUnknown { host, why },
            (None, None) => return Error::Offline { why },
            (None, Some(_)) => {}
        }
        if why.contains("error resolving for socks proxy") {
            return Error::NameUnknown { host, why };
        }
        let says = |words: &[&str]| words.iter().any(|word| why.contains(word));
        // Behind a tunnel that stands, it is no longer the proxy's matter.
        if says(&["received fatal alert", "tls handshake", "peer closed connection"]) && !to_proxy {
            return Error::Offline { why };
        }
        if says(&["proxy authorization required"]) || says(&SOCKS_SIGN_IN) {
            return self.sign_in(why);
        }
        if says(&["tunnel error", "SOCKS error", "socks proxy"]) && !to_proxy {
            return self.proxy_error(ProxyTrouble::Refuses, why);
        }
        self.proxy_error(ProxyTrouble::Unreachable, why)
    }

    /// Whether an answer is the proxy's own: it wants to know who we are.
    pub(super) fn refused(&self, status: u16) -> Result<(), Error> {
        match status {
            407 if self.through.is_some() => Err(self.sign_in("HTTP 407".to_owned())),
            _ => Ok(()),
        }
    }

    fn sign_in(&self, why: String) -> Error {
        let signed = self.through.as_ref().is_some_and(|through| through.signed);
        self.proxy_error(if signed { ProxyTrouble::SignInRefused } else { ProxyTrouble::SignIn }, why)
    }

    fn proxy_error(&self, trouble: ProxyTrouble, why: String) -> Error {
        let proxy = self.through.as_ref().map(|through| through.proxy.clone()).unwrap_or_default();
        Error::Proxy { trouble, proxy, host: self.host.clone(), why }
    }
}

/// How a SOCKS proxy says that it wants another sign-in.
const SOCKS_SIGN_IN: [&str; 3] = [
    "credentials not accepted",
    "server does not support user/pass authentication",
    "server implements authentication incorrectly",
];

/// What a failed request says about the certificate of a host; none when it is something else that is wrong.
pub fn untrusted(host: &str, error: &(dyn StdError + 'static)) -> Option<UserError> {
    let trouble = bad_certificate(error)?;
    Some(Error::Certificate { trouble, host: host.to_owned(), why: error.to_string() }.into())
}

/// What is wrong with the other side's certificate; none when it is something else that is wrong.
fn bad_certificate(error: &(dyn StdError + 'static)) -> Option<CertificateTrouble> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return match tls {
                rustls::Error::InvalidCertificate(reason) => Some(match reason {
                    CertificateError::Expired
                    | CertificateError::ExpiredContext { .. }
                    | CertificateError::NotValidYet
                    | CertificateError::NotValidYetContext { .. } => CertificateTrouble::Date,
                    CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                        CertificateTrouble::OtherName
                    }
                    _ => CertificateTrouble::Unknown,
                }),
                _ => None,
            };
        }
        // An io::Error hands out what stands below the error that it wraps, not that error itself.
        cause = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}
