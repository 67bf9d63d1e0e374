//! Where a bundle is read from: the inbox or a file, piece by piece.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::{AppError, Kind, Result};
use crate::session::Session;
use crate::session::exchange::Opened;
use crate::vault::MAX_WHOLE;

use super::super::open;

/// Where a bundle lies.
pub(super) enum Place<'a> {
    /// In the inbox, under this name.
    Inbox(&'a str),
    /// In a file.
    File(&'a Path),
}

impl<'a> Place<'a> {
    /// The inbox, if it has a bundle of this name and no such file is there.
    pub fn of(session: &Session, file: &'a Path) -> Self {
        let name = file.to_str().unwrap_or_default();
        let arrived = !file.exists() && session.inbox().iter().any(|known| known == name);
        if arrived { Self::Inbox(name) } else { Self::File(file) }
    }

    /// The name under which it goes on record.
    pub fn name(&self) -> String {
        match self {
            Self::Inbox(name) => (*name).to_owned(),
            Self::File(file) => file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }

    /// Opens it as a bundle from another team. It is read piece by piece.
    pub fn open(&self, session: &mut Session) -> Result<Opened> {
        match self {
            Self::Inbox(name) => session.open_arrived(name, &mut |_, _| true),
            Self::File(file) => {
                let (file, size) = plain(file)?;
                session.open_bundle_from(file, size, &mut |_, _| true)
            }
        }
    }

    /// True for a bundle between the team's own devices.
    pub fn is_sync(&self, session: &Session) -> Result<bool> {
        match self {
            Self::Inbox(name) => session.arrived_is_sync(name),
            Self::File(file) => {
                let (file, size) = plain(file)?;
                Ok(session.reads_as_sync(file, size))
            }
        }
    }

    /// All of its bytes: of a sync, which has no documents and is held in memory.
    pub fn bytes(&self, session: &Session) -> Result<Vec<u8>> {
        let path = match self {
            Self::Inbox(name) => return session.from_inbox(name),
            Self::File(path) => path,
        };
        let (file, size) = plain(path)?;
        if size > MAX_WHOLE {
            return Err(AppError::new(
                Kind::Damaged,
                "This is larger than any sync of a team's own devices.",
                "Nothing was changed. Make it anew on the other device: `mahoe bundle export --kind sync`.",
            ));
        }
        let mut bytes = Vec::new();
        let read = file.take(MAX_WHOLE).read_to_end(&mut bytes);
        read.map_err(|error| open::io(&format!("read {}", path.display()), &error))?;
        Ok(bytes)
    }

    /// What is left of it goes into the inbox, if it does not lie there.
    pub fn keep(&self, session: &Session) -> Result<()> {
        match self {
            Self::Inbox(_) => Ok(()),
            Self::File(file) => session.lay_file_into_inbox(plain(file)?.0).map(drop),
        }
    }
}

/// A plain file and its size. A pipe, which would wait for ever and can't be looked at twice, is never opened.
fn plain(path: &Path) -> Result<(File, u64)> {
    let about = std::fs::metadata(path);
    let opened = about
        .and_then(|about| if about.is_file() { File::open(path) } else { Err(std::io::Error::other("it is no file")) });
    let sized = opened.and_then(|file| file.metadata().map(|about| (file, about.len())));
    sized.map_err(|error| open::io(&format!("read {}", path.display()), &error))
}
