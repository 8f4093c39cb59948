//! The profile's row in `state.db`, and what a name and an e-mail address must look like.

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;
use uuid::Uuid;

use super::{PhotoChange, Profile, ProfileDraft, photo};
use crate::clock::Clock;
use crate::database::{self, Database, to_text};
use crate::error::{Code, UserError};

/// Why a profile was not read or saved.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Empty, too long, or with characters that are none.
    #[error("the name is not 1 to 100 characters")]
    Name,
    /// Does not look like an e-mail address.
    #[error("the e-mail address is not one")]
    Email,
    /// More than 20 MB, or more pixels than we unfold.
    #[error("the photo is too large")]
    PhotoTooLarge,
    /// Neither PNG nor JPEG nor WebP.
    #[error("the photo is of an unknown kind")]
    PhotoUnknown,
    /// Cut off or damaged.
    #[error("the photo cannot be read")]
    PhotoUnreadable,
    /// The database refused.
    #[error(transparent)]
    Database(#[from] database::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<Error> for UserError {
    fn from(error: Error) -> Self {
        let (message, action) = match error {
            Error::Name => ("A name has 1 to 100 characters", "enter the name that colleagues know you by"),
            Error::Email => {
                ("This does not look like an e-mail address", "enter an address such as ada@example.com")
            }
            Error::PhotoTooLarge => {
                ("The photo is too large", "choose one of at most 20 MB and 12,000 pixels on each side")
            }
            Error::PhotoUnknown => {
                ("The photo is neither PNG nor JPEG nor WebP", "choose a file of one of these kinds")
            }
            Error::PhotoUnreadable => ("The photo cannot be read", "choose another file"),
            Error::Database(error) => return error.into(),
        };
        Self::new(Code::Usage, message, action)
    }
}

/// The profile; none before the first start is done.
pub fn load(database: &Database) -> Result<Option<Profile>, Error> {
    let found = database.read(|connection| {
        Ok(connection
            .query_row("SELECT id, name, email, photo, created_at FROM profile", [], |row| {
                let created_at: String = row.get(4)?;
                Ok(Profile {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    email: row.get(2)?,
                    photo: row.get(3)?,
                    created_at: created_at.parse().unwrap_or(Timestamp::UNIX_EPOCH),
                })
            })
            .optional()?)
    })?;
    Ok(found)
}

/// Makes the profile, or changes it. A new photo is decoded and made small: this may block for a second.
pub fn save(database: &Database, draft: &ProfileDraft, clock: &Clock) -> Result<Profile, Error> {
    let name = checked_name(&draft.name)?;
    let email = checked_email(&draft.email)?;
    let new_photo = match &draft.photo {
        PhotoChange::Keep => None,
        PhotoChange::Remove => Some(None),
        PhotoChange::Set { base64 } => Some(Some(photo::square(base64)?)),
    };
    let before = load(database)?;
    let profile = Profile {
        id: before.as_ref().map_or_else(|| Uuid::now_v7().to_string(), |p| p.id.clone()),
        name,
        email,
        photo: new_photo.unwrap_or_else(|| before.as_ref().and_then(|p| p.photo.clone())),
        created_at: before.as_ref().map_or_else(|| clock.now(), |p| p.created_at),
    };
    database.write(|transaction| {
        // Two first starts at once make one profile: the id of the first stays.
        transaction.execute(
            "INSERT INTO profile (only_one, id, name, email, photo, created_at) VALUES (1, ?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (only_one) DO UPDATE SET name = ?2, email = ?3, photo = ?4",
            (&profile.id, &profile.name, &profile.email, &profile.photo, to_text(profile.created_at)),
        )?;
        Ok(())
    })?;
    Ok(load(database)?.unwrap_or(profile))
}

/// Whether a draft can be saved, before anything is made that goes with it.
pub fn check(draft: &ProfileDraft) -> Result<(), Error> {
    checked_name(&draft.name)?;
    checked_email(&draft.email)?;
    match &draft.photo {
        PhotoChange::Set { base64 } => photo::square(base64).map(drop),
        PhotoChange::Keep | PhotoChange::Remove => Ok(()),
    }
}

fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    let length = name.chars().count();
    if (1..=100).contains(&length) && !name.chars().any(char::is_control) {
        Ok(name.to_owned())
    } else {
        Err(Error::Name)
    }
}

/// A name that somebody else wrote, as plain text of at most 100 characters: without what controls a terminal
/// or turns the direction of writing. None when nothing is left.
pub fn plain_name(name: &str) -> Option<String> {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain: String = name.chars().filter(|c| !c.is_control() && !turns(*c)).take(100).collect();
    let plain = plain.trim();
    (!plain.is_empty()).then(|| plain.to_owned())
}

/// Plausible, not proven: something, an `@`, a domain with a dot. Only a letter sent there would prove it.
fn checked_email(email: &str) -> Result<String, Error> {
    let email = email.trim();
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"');
    let plausible = email.len() <= 254
        && !email.chars().any(odd)
        && email.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !local.contains('@')
                && domain.contains('.')
                && domain.split('.').all(|label| !label.is_empty())
        });
    if plausible { Ok(email.to_owned()) } else { Err(Error::Email) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::open_state_in_memory;

    fn draft(name: &str, email: &str) -> ProfileDraft {
        ProfileDraft { name: name.into(), email: email.into(), photo: PhotoChange::Keep }
    }

    #[test]
    fn a_profile_is_made_once_and_keeps_its_id() {
        let database = open_state_in_memory().unwrap();
        let clock = Clock::manual("2026-03-01T10:00:00Z".parse().unwrap());
        assert_eq!(load(&database).unwrap(), None);
        let first = save(&database, &draft("  Ada Lovelace ", "ada@example.com"), &clock).unwrap();
        assert_eq!(first.name, "Ada Lovelace");
        clock.advance(jiff::SignedDuration::from_hours(1));
        let second = save(&database, &draft("Ada", "ada@example.org"), &clock).unwrap();
        assert_eq!((&second.id, second.created_at), (&first.id, first.created_at));
        assert_eq!(load(&database).unwrap(), Some(second));
    }

    #[test]
    fn a_name_or_an_address_that_makes_no_sense_is_refused() {
        let long = "ü".repeat(101);
        for name in ["", "   ", "a\nb", &long] {
            assert!(matches!(checked_name(name), Err(Error::Name)), "{name:?}");
        }
        assert_eq!(checked_name(&"ü".repeat(100)).unwrap().chars().count(), 100);
        for email in
            ["", "ada", "ada@", "@example.com", "ada@localhost", "a b@c.de", "a@b@c.de", "a@.de", "a@b..de"]
        {
            assert!(matches!(checked_email(email), Err(Error::Email)), "{email:?}");
        }
        assert_eq!(
            checked_email(" ada.l+zoom@mail.example.co.uk ").unwrap(),
            "ada.l+zoom@mail.example.co.uk"
        );
    }

    #[test]
    fn a_photo_stays_until_it_is_removed() {
        let database = open_state_in_memory().unwrap();
        let clock = Clock::system();
        let mut bytes = Vec::new();
        image::DynamicImage::new_rgb8(10, 10)
            .write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png)
            .unwrap();
        let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
        let with = ProfileDraft { photo: PhotoChange::Set { base64 }, ..draft("Ada", "ada@example.com") };
        assert!(save(&database, &with, &clock).unwrap().photo.is_some());
        assert!(save(&database, &draft("Ada", "ada@example.com"), &clock).unwrap().photo.is_some());
        let without = ProfileDraft { photo: PhotoChange::Remove, ..draft("Ada", "ada@example.com") };
        assert_eq!(save(&database, &without, &clock).unwrap().photo, None);
    }
}
