//! Members: who the people of a teamspace are, as each says it of themselves.
//!
//! A log that a team shares is the outside: a name or a photo that makes no sense is not taken over.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt as _;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::log::{KnownOp, Op, Told};
use super::{Error, Teamspace};
use crate::profile::{Profile, is_small_photo, plain_name, small_photo};

/// Somebody who uses a teamspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Member {
    /// Id of the profile.
    pub profile: String,
    /// Its name.
    pub name: String,
    /// A small square photo as a `data:` address; none means initials.
    pub photo: Option<String>,
}

impl Member {
    /// How a profile shows itself to colleagues. Its e-mail address is none of their business. None for a name
    /// of which nothing can be seen.
    pub fn of(profile: &Profile) -> Option<Self> {
        let photo = profile.photo.as_deref().and_then(small_photo);
        Some(Self { profile: profile.id.clone(), name: plain_name(&profile.name)?, photo })
    }

    /// The operation that tells a log of it.
    pub fn op(&self) -> KnownOp {
        let Self { profile, name, photo } = self.clone();
        KnownOp::Member { profile, name, photo }
    }

    /// Reads what an entry says of a member: only of its own writer, a name as plain text of at most 100
    /// characters, and a photo that is a small picture. None when not even a name is left.
    pub fn read(writer: &str, profile: &str, name: &str, photo: Option<&str>) -> Option<Self> {
        if writer != profile || profile.parse::<uuid::Uuid>().is_err() {
            return None;
        }
        let name = plain_name(name)?;
        let photo = photo.filter(|photo| is_small_photo(photo)).map(str::to_owned);
        Some(Self { profile: profile.to_owned(), name, photo })
    }
}

/// How long a look for members may take before somebody joins.
const LOOK: Duration = Duration::from_secs(4);
/// Entries that are read at once.
const AT_ONCE: usize = 16;

impl Teamspace {
    /// Who uses the teamspace, by name, read from its newest checkpoint and its log; and whether there may be more,
    /// because that took longer than anybody who only looks would wait, or because something could not be read.
    pub(super) async fn members_so_far(&self) -> (Vec<Member>, bool) {
        let mut met = BTreeMap::new();
        let looked = tokio::time::timeout(LOOK, self.meet(&mut met)).await;
        let more = !matches!(looked, Ok(Ok(())));
        let mut members: Vec<Member> = met.into_values().collect();
        members.sort_by_key(|member| (member.name.to_lowercase(), member.profile.clone()));
        (members, more)
    }

    async fn meet(&self, met: &mut BTreeMap<String, Member>) -> Result<(), Error> {
        let mut next = 1;
        if let Some(newest) = self.checkpoints().await?.first() {
            let mut reader = self.read_checkpoint(newest, None).await?;
            while let Some(told) = reader.next().await? {
                told.into_iter().for_each(|told| note(met, told));
            }
            next = newest.n.saturating_add(1);
        }
        let mut coming = futures::stream::iter(next..).map(|n| self.read(n)).buffered(AT_ONCE);
        while let Some(entry) = coming.next().await {
            let Some(entry) = entry? else { break };
            entry.told().for_each(|told| note(met, told));
        }
        Ok(())
    }
}

fn note(met: &mut BTreeMap<String, Member>, told: Told) {
    if let Op::Known(KnownOp::Member { profile, name, photo }) = &told.op
        && let Some(member) = Member::read(&told.writer, profile, name, photo.as_deref())
    {
        met.insert(member.profile.clone(), member);
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD as BASE64;
    use jiff::Timestamp;

    use super::*;

    const ADA: &str = "0199a7c1-7a11-7b1e-a0b5-5b9f3b0f1c01";

    fn read(name: &str, photo: Option<&str>) -> Option<Member> {
        Member::read(ADA, ADA, name, photo)
    }

    fn picture(side: u32) -> String {
        let mut bytes = Vec::new();
        let noise = image::RgbImage::from_fn(side, side, |x, y| {
            image::Rgb([(x * 7 + y * 13) as u8, (x * y) as u8, (x ^ y) as u8])
        });
        image::DynamicImage::from(noise)
            .write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png)
            .unwrap();
        format!("data:image/png;base64,{}", BASE64.encode(bytes))
    }

    #[test]
    fn what_a_profile_says_of_itself_is_read_as_it_was_meant() {
        let profile = Profile {
            id: ADA.to_owned(),
            name: "Ada Kessler".to_owned(),
            email: "ada@example.com".to_owned(),
            photo: Some(picture(256)),
            created_at: Timestamp::UNIX_EPOCH,
        };
        let said = Member::of(&profile).unwrap();
        let photo = said.photo.as_deref().unwrap();
        assert!(photo.len() < 24 << 10, "{} bytes go into the log", photo.len());
        assert_eq!(read(&said.name, Some(photo)), Some(said.clone()));
        assert!(!serde_json::to_string(&said.op()).unwrap().contains("example.com"));
    }

    #[test]
    fn a_hostile_name_becomes_plain_and_short_or_is_not_taken_over() {
        let name = |name: &str| read(name, None).map(|member| member.name);
        assert_eq!(name("A\u{1b}[31mda\n\u{202e}Kessler\u{0}"), Some("A[31mdaKessler".to_owned()));
        assert_eq!(name(&"x".repeat(5_000_000)).unwrap().chars().count(), 100);
        assert_eq!(name(" \u{0}\u{202e}\n "), None);
    }

    #[test]
    fn what_is_no_small_picture_is_left_out_and_the_name_stays() {
        let script = format!("data:text/html;base64,{}", BASE64.encode("<script>alert(1)</script>"));
        let svg = format!("data:image/svg+xml;base64,{}", BASE64.encode("<svg onload=alert(1)>"));
        let liar = format!("data:image/png;base64,{}", BASE64.encode("<svg onload=alert(1)>"));
        let huge = format!("data:image/png;base64,{}", "A".repeat(4_000_000));
        for photo in ["https://example.com/track.png", "javascript:alert(1)", "", &script, &svg, &liar, &huge]
        {
            let member = read("Ada", Some(photo)).unwrap();
            assert_eq!(member.photo, None, "{:.40}", photo);
        }
        assert!(read("Ada", Some(&picture(64))).unwrap().photo.is_some());
    }

    #[test]
    fn nobody_speaks_for_another() {
        assert_eq!(Member::read("somebody else", ADA, "Mallory", None), None);
        assert_eq!(Member::read("../x", "../x", "Mallory", None), None, "an id is a UUID");
    }
}
