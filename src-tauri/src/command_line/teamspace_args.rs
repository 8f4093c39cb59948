//! What can be asked of teamspaces on the command line.

use clap::{Args, Subcommand};

/// Teamspaces.
#[derive(Debug, Subcommand)]
pub enum Teamspace {
    /// Make a teamspace in a folder or a bucket, or join the one that is there.
    Add {
        /// Its name; of an existing one, the name that it has stands.
        name: String,
        #[command(flatten)]
        place: TeamspacePlace,
    },
    /// Try a folder or a bucket: whether it keeps a teamspace's promises, and whose teamspace stands there. Keeps
    /// nothing.
    Test {
        #[command(flatten)]
        place: TeamspacePlace,
    },
    /// List the teamspaces that this machine knows.
    List,
    /// List who uses a teamspace.
    Members {
        /// Name or id.
        teamspace: String,
    },
    /// Read what is new, and look whether it can be used.
    Refresh {
        /// Name or id.
        teamspace: String,
        /// Read the transcripts of all recordings too, and not only of the newest: search finds all that was ever said.
        #[arg(long)]
        all: bool,
    },
    /// Read every file again and compare it with its manifest. Goes on where it was interrupted.
    Verify {
        /// Name or id.
        teamspace: String,
        /// Begin anew, also where the last verification was interrupted.
        #[arg(long, conflicts_with = "recording")]
        restart: bool,
        /// Only this recording: its id.
        #[arg(long, value_name = "ID")]
        recording: Option<String>,
    },
    /// Finish what was left undone: the log, and what is left of dead imports. Nothing published is removed.
    Repair {
        /// Name or id.
        teamspace: String,
    },
    /// Copy a teamspace to a new place, every file read again, and move it there: colleagues follow. Run it again to go on
    /// after an interruption.
    Copy {
        /// Name or id.
        teamspace: String,
        /// Where to: an empty folder; or s3://BUCKET/FOLDER.
        to: String,
        #[command(flatten)]
        place: BucketPlace,
        /// Only a backup: the teamspace stays where it is, and the copy cannot be used beside it.
        #[arg(long)]
        no_move: bool,
        /// Move also when files are damaged; these stay behind at the old place.
        #[arg(long, conflicts_with = "no_move")]
        leave_damaged: bool,
    },
    /// Take a teamspace off this machine's list; nothing in it is touched.
    Forget {
        /// Name or id.
        teamspace: String,
    },
}

/// A folder or a bucket.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("where").required(true).args(["at", "bucket"]))]
pub struct TeamspacePlace {
    /// The folder; or s3://BUCKET/FOLDER.
    #[arg(long, value_name = "FOLDER")]
    pub at: Option<String>,
    #[command(flatten)]
    pub bucket: BucketPlace,
}

/// A bucket of an S3-compatible object store.
#[derive(Debug, Args)]
pub struct BucketPlace {
    /// The bucket's name.
    #[arg(long)]
    pub bucket: Option<String>,
    /// The folder in the bucket.
    #[arg(long)]
    pub prefix: Option<String>,
    /// The store's address, for example https://s3.example.com; without it Amazon's.
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// The region as the store names it.
    #[arg(long, default_value = "us-east-1")]
    pub region: String,
    /// The id of the access key; without it, Amazon's variables and ~/.aws/credentials are used. Its secret comes
    /// from NEXT_BUCKET_SECRET, from standard input, or is the one that was given before.
    #[arg(long, value_name = "ID")]
    pub access_key_id: Option<String>,
    /// Read the secret of the access key from standard input; it goes to where secrets are kept.
    #[arg(long, requires = "access_key_id")]
    pub secret_from_stdin: bool,
    /// The profile in ~/.aws/credentials.
    #[arg(long, conflicts_with = "access_key_id")]
    pub aws_profile: Option<String>,
}
