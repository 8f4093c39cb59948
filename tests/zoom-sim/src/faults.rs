//! Faults: what goes wrong, where, and how often. The shapes are those of zoom-facts §1.5, §3, §4 and §8.
//!
//! A [`FaultRule`] names a [`Place`], a [`Fault`] and how many requests it meets. Several rules may meet the same
//! request (a throttle and a cut, say). The same JSON works through the control API.

use serde::{Deserialize, Serialize};

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Everything but the control API.
    Any,
    /// The authorize page and its forms.
    Authorize,
    /// `POST /oauth/token`.
    Token,
    /// `POST /oauth/revoke`.
    Revoke,
    /// `GET /v2/users/me`.
    UsersMe,
    /// `GET /v2/users/me/recordings`.
    ListRecordings,
    /// `GET /v2/meetings/{id}/recordings`.
    MeetingRecordings,
    /// `DELETE /v2/meetings/{id}/recordings`.
    TrashRecordings,
    /// `GET /v2/meetings/{uuid}/meeting_summary`.
    MeetingSummary,
    /// `GET /v2/meetings/{id}/transcript`.
    MeetingTranscript,
    /// The first host of a download, which answers with a redirect.
    Download,
    /// The storage host behind the redirect.
    Storage,
    /// Anything that Zoom does not have.
    Unknown,
}

/// The forms of `Retry-After` that have been seen (zoom-facts §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    /// No header at all.
    Missing,
    /// A number of seconds.
    Seconds(u64),
    /// An HTTP date this many seconds ahead.
    HttpDate(u64),
    /// An ISO 8601 instant this many seconds ahead.
    Iso(u64),
    /// Not a time.
    Garbage,
}

/// HTML pages that arrive with status 200 where a file or JSON was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HtmlPage {
    /// "Only the host can download this recording…"
    OnlyTheHost,
    /// A sign-in page of about 14 KB.
    SignIn,
    /// A passcode page.
    Passcode,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// This status with a short JSON body: 401, 403, 404, 5xx …
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// 429, with or without a usable `Retry-After`.
    TooManyRequests {
        /// The form of the header.
        retry_after: RetryAfter,
    },
    /// 200 and a page.
    Html {
        /// Which page.
        page: HtmlPage,
    },
    /// 200 and the 59 bytes `{"status":false,"errorCode":124,"errorMessage":"Forbidden"}`.
    ErrorCode124,
    /// 200 and `{"code":200,"message":"…"}`: no permission, said with success.
    ErrorBody,
    /// 401 with code 124, as for a dead access token.
    InvalidToken,
    /// Code 4711 under this status: 400 mostly, 401 and 403 have been seen.
    MissingScopes {
        /// The HTTP status.
        status: u16,
    },
    /// JSON that stops in the middle.
    BrokenJson,
    /// 200 and a page of meetings that is as long as this, most of it in one field.
    LongJson {
        /// In bytes.
        bytes: u64,
    },
    /// The request is dropped unread.
    Drop,
    /// The request is carried out, its answer is lost.
    LoseAnswer,
    /// No answer ever comes.
    Hang,
    /// The answer comes this much later.
    Latency {
        /// In milliseconds of real time.
        milliseconds: u64,
    },
    /// The connection breaks after so many bytes of the body.
    Cut {
        /// In bytes.
        after: u64,
    },
    /// The body stops after so many bytes and the connection stays open.
    Stall {
        /// In bytes.
        after: u64,
    },
    /// The body ends early, and nothing in the answer says so: no content-length.
    Truncated {
        /// In bytes.
        after: u64,
    },
    /// The body ends early, and content-length agrees with it.
    Short {
        /// In bytes.
        after: u64,
    },
    /// The body has so many bytes too many, and content-length agrees with it.
    Long {
        /// In bytes.
        extra: u64,
    },
    /// So many bytes per second and connection.
    Throttle {
        /// In bytes.
        bytes_per_second: u64,
    },
    /// No content-length.
    NoLength,
    /// No ETag.
    NoEtag,
    /// Ranges are ignored: always 200 and everything, no `Accept-Ranges`.
    NoRanges,
    /// Every range is refused with 416.
    RangeRefused,
    /// A different ETag in every answer.
    ChangingEtag,
    /// The right length and type, but not a media file inside.
    WrongContainer,
    /// The media type is wrong (`application/octet-stream` is normal for Zoom, `text/html` is not).
    MediaType {
        /// The value of content-type.
        value: String,
    },
    /// A redirect to a host that is not Zoom's.
    RedirectToUnknownHost,
    /// A redirect to this address.
    RedirectTo {
        /// The value of location.
        location: String,
    },
    /// A redirect to itself, for ever.
    RedirectLoop,
    /// The storage host's 403 for a signed URL that is over.
    SignatureExpired,
    /// The token endpoint's refusal with this code (4735, 4740, 4741 …), whatever was sent.
    OauthError {
        /// Zoom's code.
        code: u32,
    },
}

/// A fault, where it strikes and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultRule {
    /// The kind of request.
    pub at: Place,
    /// What goes wrong.
    pub fault: Fault,
    /// Only requests for this file (the key in [`crate::MeetingHandle::files`]).
    #[serde(default)]
    pub file: Option<String>,
    /// So many matching requests pass unharmed first.
    #[serde(default)]
    pub skip: u32,
    /// How many requests are met; without it, all until the rule is cleared.
    #[serde(default)]
    pub times: Option<u32>,
}

impl FaultRule {
    /// A fault that strikes every request of a kind until it is cleared.
    pub fn always(at: Place, fault: Fault) -> Self {
        Self { at, fault, file: None, skip: 0, times: None }
    }

    /// A fault that strikes the next `times` requests of a kind.
    pub fn times(at: Place, times: u32, fault: Fault) -> Self {
        Self { times: Some(times), ..Self::always(at, fault) }
    }

    /// Strikes only this file.
    #[must_use]
    pub fn on_file(mut self, file: &str) -> Self {
        self.file = Some(file.to_owned());
        self
    }

    /// Lets so many matching requests pass first.
    #[must_use]
    pub fn skipping(mut self, requests: u32) -> Self {
        self.skip = requests;
        self
    }

    fn matches(&self, place: Place, file: Option<&str>) -> bool {
        (self.at == Place::Any || self.at == place)
            && self.file.as_deref().is_none_or(|wanted| file == Some(wanted))
    }
}

/// The rules in force.
#[derive(Debug, Default)]
pub(crate) struct FaultList {
    rules: Vec<FaultRule>,
}

impl FaultList {
    pub(crate) fn add(&mut self, rule: FaultRule) {
        self.rules.push(rule);
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn rules(&self) -> &[FaultRule] {
        &self.rules
    }

    /// The faults that meet this request; each is counted.
    pub(crate) fn strike(&mut self, place: Place, file: Option<&str>) -> Effects {
        let mut faults = Vec::new();
        for rule in self.rules.iter_mut().filter(|rule| rule.matches(place, file)) {
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            match &mut rule.times {
                Some(0) => continue,
                Some(left) => *left -= 1,
                None => {}
            }
            faults.push(rule.fault.clone());
        }
        self.rules.retain(|rule| rule.times != Some(0));
        Effects { faults }
    }
}

/// The faults of one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effects {
    faults: Vec<Fault>,
}

impl Effects {
    pub(crate) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter()
    }

    pub(crate) fn has(&self, fault: &Fault) -> bool {
        self.faults.contains(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_skips_then_strikes_then_is_gone() {
        let mut list = FaultList::default();
        list.add(FaultRule::times(Place::Download, 2, Fault::ErrorCode124).skipping(1));
        let struck: Vec<bool> = (0..5).map(|_| !list.strike(Place::Download, None).is_empty()).collect();
        assert_eq!(struck, [false, true, true, false, false]);
        assert!(list.rules().is_empty());
    }

    #[test]
    fn a_rule_for_a_file_leaves_others_alone() {
        let mut list = FaultList::default();
        list.add(FaultRule::always(Place::Storage, Fault::NoRanges).on_file("a"));
        assert!(list.strike(Place::Storage, Some("b")).is_empty());
        assert!(list.strike(Place::Download, Some("a")).is_empty());
        assert!(list.strike(Place::Storage, Some("a")).has(&Fault::NoRanges));
    }
}
