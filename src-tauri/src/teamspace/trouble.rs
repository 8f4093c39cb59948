//! What an object store means when it refuses, and how a person hears of it.
//!
//! Stores answer with a code in a small XML document (`<Code>SlowDown</Code>`); these codes are the protocol, and
//! the same on all of them. The library keeps the document in the text of its error and nowhere else.

use std::error::Error as StdError;

use object_store::Error as StoreError;
use object_store::client::{HttpError, HttpErrorKind};

use super::reach::NoProfile;
use super::wire::{Barred, Redirected};
use crate::error::{Code, UserError};

/// Why a bucket cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// There is no secret for its access key.
    NoKeys,
    /// The AWS profile holds no keys.
    NoProfile {
        /// Its name.
        profile: String,
    },
    /// The store does not know the access key.
    UnknownKey,
    /// The secret is not the one of the access key.
    WrongSecret,
    /// The credentials have run out.
    Expired,
    /// The bucket is in another region.
    OtherRegion {
        /// Which one, when the store says so.
        region: Option<String>,
    },
    /// There is no bucket of this name.
    NoBucket,
    /// This computer's clock is wrong, or the store's.
    Clock,
    /// The key lacks a right.
    NotAllowed {
        /// What it may not do, as a verb: "list the teamspace".
        deed: String,
    },
    /// It takes nothing more: its limit is reached.
    Full,
    /// Nobody answers.
    Network,
    /// The store wants fewer requests, or is not well.
    Busy,
    /// A proxy or a certificate bars the way.
    Way(Box<UserError>),
}

impl Trouble {
    /// What an error of a store says; none when it is no matter of a bucket as a whole.
    pub(super) fn of(attempted: &str, error: &StoreError) -> Option<Self> {
        if let Some(trouble) = of_chain(error) {
            return Some(trouble);
        }
        let text = error.to_string();
        if let Some(trouble) = element(&text, "Code").and_then(|code| of_code(code, &text, attempted)) {
            return Some(trouble);
        }
        // An answer to HEAD has no document.
        let is_refused = text.contains("status code: 403") || text.contains("status code: 401");
        if is_refused && !attempted.is_empty() {
            return Some(Self::NotAllowed { deed: attempted.to_owned() });
        }
        let is_unwell = ["500", "502", "503", "504", "429"];
        is_unwell.iter().any(|status| text.contains(&format!("status code: {status}"))).then_some(Self::Busy)
    }

    /// Its name, for translations.
    fn name(&self) -> &'static str {
        match self {
            Self::NoKeys => "no_keys",
            Self::NoProfile { .. } => "no_profile",
            Self::UnknownKey => "unknown_key",
            Self::WrongSecret => "wrong_secret",
            Self::Expired => "expired",
            Self::OtherRegion { .. } => "other_region",
            Self::NoBucket => "no_bucket",
            Self::Clock => "clock",
            Self::NotAllowed { .. } => "not_allowed",
            Self::Full => "full",
            Self::Network => "network",
            Self::Busy => "busy",
            Self::Way(_) => "way",
        }
    }

    /// The sentence for a person.
    pub(super) fn said(self, place: &str) -> UserError {
        let name = self.name();
        let mut region = String::new();
        let (code, message, action) = match self {
            Self::NoKeys => (
                Code::BucketRefused,
                format!("NEXT has no secret key for {place}"),
                "add the teamspace again with its access key and secret",
            ),
            Self::NoProfile { profile } => (
                Code::BucketRefused,
                format!("The AWS profile {profile} holds no access key"),
                "put one into the file ~/.aws/credentials, or give the teamspace an access key of its own",
            ),
            Self::UnknownKey => (
                Code::BucketRefused,
                format!("{place} does not know this access key"),
                "check the access key id, and that it belongs to this store",
            ),
            Self::WrongSecret => (
                Code::BucketRefused,
                format!("The secret key for {place} is not the one of this access key"),
                "enter the secret key again, or make a new access key",
            ),
            Self::Expired => (
                Code::BucketRefused,
                format!("The credentials for {place} have run out"),
                "renew them, then try again",
            ),
            Self::OtherRegion { region: right } => {
                region = right.unwrap_or_default();
                let which = if region.is_empty() { String::new() } else { format!(", {region}") };
                let message = format!("The bucket {place} is in another region{which}");
                (Code::BucketRefused, message, "give the region that the bucket is in")
            }
            Self::NoBucket => (
                Code::BucketRefused,
                format!("There is no bucket {place}"),
                "check its name and the store's address; NEXT makes no buckets",
            ),
            Self::Clock => (
                Code::BucketRefused,
                format!("{place} refuses: this computer's clock differs too much from the store's"),
                "set this computer's date and time, best automatically, then try again",
            ),
            Self::NotAllowed { deed } => (
                Code::BucketRefused,
                format!("The access key for {place} may not {deed}"),
                "give it the rights that members of a teamspace need; docs/buckets.md lists them",
            ),
            Self::Full => (
                Code::BucketRefused,
                format!("{place} is full: its store takes nothing more"),
                "remove something there or have its limit raised; NEXT goes on where it stopped",
            ),
            Self::Network => (
                Code::TeamspaceUnreachable,
                format!("The bucket {place} cannot be reached"),
                "check the internet connection and the store's address; NEXT goes on by itself",
            ),
            Self::Busy => (
                Code::Busy,
                format!("The store of {place} is busy or not well just now"),
                "try again in a moment",
            ),
            Self::Way(why) => return *why,
        };
        UserError::new(code, message, action)
            .with("path", place)
            .with("trouble", name)
            .with("region", region)
            .detail(name)
    }
}

/// The code that a store answered with.
pub(super) fn code_of(error: &StoreError) -> Option<String> {
    element(&error.to_string(), "Code").map(str::to_owned)
}

fn of_chain(error: &StoreError) -> Option<Trouble> {
    let mut next = StdError::source(error);
    let mut unanswered = false;
    while let Some(source) = next {
        if let Some(Barred(why)) = source.downcast_ref() {
            return Some(Trouble::Way(Box::new(why.clone())));
        }
        if let Some(Redirected { region }) = source.downcast_ref() {
            return Some(Trouble::OtherRegion { region: region.clone() });
        }
        if let Some(NoProfile { profile }) = source.downcast_ref() {
            return Some(Trouble::NoProfile { profile: profile.clone() });
        }
        // An answer that makes no sense is one all the same.
        let lost = |error: &HttpError| error.kind() != HttpErrorKind::Decode;
        unanswered |= source.downcast_ref::<HttpError>().is_some_and(lost);
        next = source.source();
    }
    unanswered.then_some(Trouble::Network)
}

fn of_code(code: &str, text: &str, attempted: &str) -> Option<Trouble> {
    let region = || element(text, "Region").map(str::to_owned);
    Some(match code {
        "AuthorizationHeaderMalformed" if region().is_some() => Trouble::OtherRegion { region: region() },
        "PermanentRedirect" | "TemporaryRedirect" | "IllegalLocationConstraintException" => {
            Trouble::OtherRegion { region: region() }
        }
        "InvalidAccessKeyId" | "InvalidClientTokenId" | "AuthorizationHeaderMalformed" => Trouble::UnknownKey,
        "SignatureDoesNotMatch" => Trouble::WrongSecret,
        "ExpiredToken" | "InvalidToken" | "TokenRefreshRequired" => Trouble::Expired,
        "NoSuchBucket" | "InvalidBucketName" => Trouble::NoBucket,
        "RequestTimeTooSkewed" | "RequestExpired" => Trouble::Clock,
        "AccessDenied" | "AllAccessDisabled" | "AccountProblem" | "Forbidden" => {
            Trouble::NotAllowed { deed: attempted.to_owned() }
        }
        // Ceph; MinIO, for its disks and for a limit of the bucket.
        "QuotaExceeded" | "XMinioStorageFull" | "XMinioAdminBucketQuotaExceeded" => Trouble::Full,
        "SlowDown" | "ServiceUnavailable" | "InternalError" | "RequestTimeout" | "TooManyRequests"
        | "OperationAborted" | "Throttling" => Trouble::Busy,
        _ => return None,
    })
}

/// The text of the first element of this name.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (value, _) = rest.split_once("</")?;
    Some(value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(document: &str) -> StoreError {
        StoreError::Generic { store: "S3", source: document.into() }
    }

    #[test]
    fn each_refusal_of_a_store_has_its_sentence() {
        let not_allowed = || Trouble::NotAllowed { deed: "list the teamspace".to_owned() };
        for (document, expected) in [
            ("<Error><Code>InvalidAccessKeyId</Code></Error>", Trouble::UnknownKey),
            ("<Error><Code>SignatureDoesNotMatch</Code></Error>", Trouble::WrongSecret),
            ("<Error><Code>ExpiredToken</Code></Error>", Trouble::Expired),
            (
                "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>",
                Trouble::OtherRegion { region: Some("eu-west-1".to_owned()) },
            ),
            ("<Error><Code>AuthorizationHeaderMalformed</Code></Error>", Trouble::UnknownKey),
            ("<Error><Code>NoSuchBucket</Code></Error>", Trouble::NoBucket),
            ("<Error><Code>RequestTimeTooSkewed</Code></Error>", Trouble::Clock),
            ("<Error><Code>AccessDenied</Code></Error>", not_allowed()),
            ("Server returned non-2xx status code: 403 Forbidden: ", not_allowed()),
            ("<Error><Code>QuotaExceeded</Code></Error>", Trouble::Full),
            ("status code: 507: <Error><Code>XMinioStorageFull</Code></Error>", Trouble::Full),
            ("<Error><Code>SlowDown</Code></Error>", Trouble::Busy),
            ("Server returned non-2xx status code: 502 Bad Gateway: <html>", Trouble::Busy),
        ] {
            let found = Trouble::of("list the teamspace", &answered(document));
            assert_eq!(found.as_ref(), Some(&expected), "{document}");
            let user = expected.said("s3://team");
            assert!(!user.action.is_empty() && !user.message.ends_with('.'), "{user}");
        }
    }

    #[test]
    fn what_concerns_one_object_is_no_trouble_of_the_bucket() {
        for document in
            ["<Error><Code>NoSuchKey</Code></Error>", "<Error><Code>PreconditionFailed</Code></Error>"]
        {
            assert_eq!(Trouble::of("read", &answered(document)), None);
        }
    }

    #[test]
    fn silence_is_the_networks() {
        for kind in [HttpErrorKind::Connect, HttpErrorKind::Timeout, HttpErrorKind::Interrupted] {
            let lost = HttpError::new(kind, std::io::Error::other("gone"));
            let error = StoreError::Generic { store: "S3", source: Box::new(lost) };
            assert_eq!(Trouble::of("read", &error), Some(Trouble::Network), "{kind:?}");
        }
    }
}
