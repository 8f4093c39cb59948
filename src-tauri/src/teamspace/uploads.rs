//! Uploads that are under way, in `state.db`: a store does not tell which ones it holds, so we remember.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, params};

use crate::database::{Database, Error};

/// Remembers uploads. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Uploads(Database);

/// An upload that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Upload {
    /// Its row.
    pub id: i64,
    /// As the store calls it.
    pub upload_id: String,
    /// Its key in the teamspace.
    pub key: String,
    /// Bytes of every part but the last.
    pub part_size: u64,
    /// Bytes of the whole.
    pub size: u64,
    /// SHA-256 of the whole, lower-case hex.
    pub sha256: String,
    /// The parts that the store has, by number, as it calls them.
    pub parts: BTreeMap<usize, String>,
}

impl Uploads {
    /// The uploads in this `state.db`.
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Notes an upload that was begun just now, in place of an older one of the same key.
    pub(super) fn begun(&self, teamspace: &str, upload: &Upload) -> Result<Upload, Error> {
        self.0.write(|t| {
            t.execute("DELETE FROM upload WHERE teamspace = ?1 AND key = ?2", [teamspace, &upload.key])?;
            t.execute(
                "INSERT INTO upload (teamspace, key, upload_id, part_size, size, sha256)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    teamspace,
                    upload.key,
                    upload.upload_id,
                    upload.part_size as i64,
                    upload.size as i64,
                    upload.sha256
                ],
            )?;
            Ok(Upload { id: t.last_insert_rowid(), ..upload.clone() })
        })
    }

    /// Notes a part that the store has.
    pub(super) fn sent(&self, upload: i64, n: usize, part_id: &str) -> Result<(), Error> {
        self.0.write(|t| {
            t.execute(
                "INSERT OR REPLACE INTO upload_part (upload, n, part_id) VALUES (?1, ?2, ?3)",
                params![upload, n as i64, part_id],
            )?;
            Ok(())
        })
    }

    /// The upload of a key; none when none was begun.
    pub(super) fn of(&self, teamspace: &str, key: &str) -> Result<Option<Upload>, Error> {
        let all = self.all(teamspace)?;
        Ok(all.into_iter().find(|upload| upload.key == key))
    }

    /// All that were begun in a teamspace and are not done.
    pub(super) fn all(&self, teamspace: &str) -> Result<Vec<Upload>, Error> {
        self.0.read(|c| {
            let mut rows = c.prepare("SELECT * FROM upload WHERE teamspace = ?1 ORDER BY id")?;
            let uploads = rows.query_map([teamspace], |row| {
                Ok(Upload {
                    id: row.get("id")?,
                    upload_id: row.get("upload_id")?,
                    key: row.get("key")?,
                    part_size: row.get::<_, i64>("part_size")?.unsigned_abs(),
                    size: row.get::<_, i64>("size")?.unsigned_abs(),
                    sha256: row.get("sha256")?,
                    parts: BTreeMap::new(),
                })
            })?;
            let mut uploads = uploads.collect::<Result<Vec<_>, _>>()?;
            let mut parts = c.prepare("SELECT n, part_id FROM upload_part WHERE upload = ?1")?;
            for upload in &mut uploads {
                let found = parts.query_map([upload.id], |row| {
                    Ok((row.get::<_, i64>(0)?.unsigned_abs() as usize, row.get::<_, String>(1)?))
                })?;
                upload.parts = found.collect::<Result<_, _>>()?;
            }
            Ok(uploads)
        })
    }

    /// Forgets an upload: it is done, or given up.
    pub(super) fn forget(&self, upload: i64) -> Result<(), Error> {
        self.0.write(|t| {
            t.execute("DELETE FROM upload WHERE id = ?1", [upload])?;
            Ok(())
        })
    }

    /// Whether any upload is noted for a teamspace.
    pub fn is_empty(&self, teamspace: &str) -> Result<bool, Error> {
        self.0.read(|c| {
            let found = c
                .query_row("SELECT 1 FROM upload WHERE teamspace = ?1 LIMIT 1", [teamspace], |_| Ok(()))
                .optional()?;
            Ok(found.is_none())
        })
    }
}
