//! The first bundle of a device: a copy of the vault for one of its participants, on another computer.
//!
//! The file is sealed to words that are shown once and typed on the other computer; inside, the participant's keys are
//! sealed to their own passphrase, so that neither the file nor the words alone open anything. The old copy introduces a
//! device for the new one and keeps nothing of it; the new one then signs as yet another, introduced by that: a file that
//! is used twice never makes two copies sign as one. docs/formats/bundle.md, "The first bundle of a device".

use zeroize::Zeroizing;

use crate::bundle::manifest::Part;
use crate::bundle::tarball::{self, BLOCK};
use crate::domain::class::Class;
use crate::domain::fact::{Fact, Placed};
use crate::error::{AppError, Kind, Result};
use crate::session::{Place, Session};
use crate::vault::config::VaultConfig;
use crate::vault::keys::agefile;
use crate::vault::keys::folder::KeyFile;
use crate::vault::keys::identity::Signer;
use crate::vault::keys::passphrase::{Passphrase, WorkFactor};
use crate::vault::{CopyKeys, Vault};

use super::sync::Since;

/// The sync inside the file.
const SYNC: &str = "sync.mahoe";
/// The largest file, in bytes.
pub const MAX_DEVICE_FILE: u64 = 1 << 30;
/// The most members of one.
const MAX_MEMBERS: usize = 4096;

impl Session {
    /// Makes the file with which whoever unlocked the vault begins a copy on another computer, sealed to words that are
    /// used once.
    ///
    /// # Errors
    /// [`Kind::Locked`] if the passphrase is not theirs; as [`Session::sync_bundle`].
    pub fn device_file(&mut self, passphrase: &Passphrase, words: &Passphrase) -> Result<Vec<u8>> {
        self.refuse_inside_a_commit()?;
        self.check_passphrase(passphrase)?;
        let signer = self.vault.with_signer(|_, entropy| Signer::random(entropy));
        let fact = Fact::Device { device: signer.device_id(), key: signer.public(), member: self.me };
        self.write(vec![Placed { stream: self.state.team_stream(), class: Class::Core, fact }])?;
        self.undo.clear();
        let keys = self.vault.keys_for_copy(signer, passphrase)?;
        let sync = self.sync_bundle(Since::Beginning)?;
        // The full length at once: a growing buffer would leave copies of the keys behind.
        let room = keys.files.iter().map(|(_, bytes)| bytes.len() + 2 * BLOCK).sum::<usize>() + (1 << 20);
        let mut archive = Zeroizing::new(Vec::with_capacity(sync.bytes.len() + room));
        put(&mut archive, &Part::Config.name(), keys.config.to_text().as_bytes());
        for (file, bytes) in &keys.files {
            put(&mut archive, &file.to_string(), bytes);
        }
        put(&mut archive, SYNC, &sync.bytes);
        archive.extend_from_slice(&[0; 2 * BLOCK]);
        let work = self.vault.own_work_factor()?;
        self.settle()?;
        Ok(agefile::seal_to_passphrase(&archive, words, work))
    }

    /// Begins a copy of a vault on this computer, from such a file; or, where there is a copy of this vault already, lets
    /// whoever made the file unlock that one too. Unlock afterwards as usual: they then sign as a device of their own.
    /// Gives back their handle.
    ///
    /// # Errors
    /// [`Kind::Locked`] for other words or another passphrase; [`Kind::Refused`] if the folder holds another vault, or
    /// they can unlock it already; [`Kind::Damaged`] if the file is not whole; [`Kind::Io`].
    pub fn join(place: Place, file: &[u8], words: &Passphrase, passphrase: &Passphrase) -> Result<String> {
        let archive = agefile::open_with_passphrase(file, words, WorkFactor::MAX)?;
        let (keys, sync) = read(&archive).ok_or_else(damaged)?;
        let (setup, clock) = place.setup();
        let handle = keys.config.participants.first().map_or_else(String::new, |line| line.handle.clone());
        let (vault, seat) = if Vault::is_copy(&setup, &keys.config) {
            let (vault, seat) = Vault::sit_down(setup, &keys, passphrase)?;
            (vault, Some(seat))
        } else {
            (Vault::begin_copy(setup, &keys, passphrase)?, None)
        };
        let member = vault.participant().member();
        let mut session = Self::empty(vault, clock, member);
        if seat.is_some() {
            session.take_in(Vault::load)?;
            session.refold_stale()?;
        }
        session.take_sync(sync)?;
        let device = session.vault.participant().device().device_id();
        if session.state.device(device).is_none_or(|device| device.member != member) {
            return Err(damaged());
        }
        if let Some(seat) = seat {
            // Whoever unlocked this copy before goes on as they did; their key counts here from now on.
            session.follow_recipients()?;
            session.vault.keep_seat(seat)?;
        }
        session.settle()?;
        Ok(handle)
    }
}

fn put(archive: &mut Vec<u8>, name: &str, bytes: &[u8]) {
    let size = bytes.len() as u64;
    archive.extend_from_slice(&tarball::header(name, size));
    archive.extend_from_slice(bytes);
    archive.resize(archive.len().next_multiple_of(BLOCK), 0);
}

/// `vault.toml`, key files, the sync: exactly what [`Session::device_file`] writes.
fn read(archive: &[u8]) -> Option<(CopyKeys, &[u8])> {
    let mut rest = archive;
    let config = std::str::from_utf8(member(&mut rest, &Part::Config.name())?).ok()?;
    let config = VaultConfig::from_text(config).ok()?;
    let mut files = Vec::new();
    while name(rest)? != SYNC {
        let name = name(rest)?;
        let file = KeyFile::parse(name).filter(|file| file.to_string() == name)?;
        let bytes = member(&mut rest, name)?;
        if files.len() >= MAX_MEMBERS || bytes.len() as u64 > file.limit() {
            return None;
        }
        files.push((file, bytes.to_vec()));
    }
    let sync = member(&mut rest, SYNC)?;
    let ends = rest.len() == 2 * BLOCK && rest.iter().all(|byte| *byte == 0);
    ends.then_some((CopyKeys { config, files }, sync))
}

/// The name in the header that comes next.
fn name(rest: &[u8]) -> Option<&str> {
    let field = rest.get(..tarball::MAX_NAME)?;
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    std::str::from_utf8(&field[..end]).ok()
}

/// The content of the member that comes next, which must have this name and a header of ours.
fn member<'a>(rest: &mut &'a [u8], name: &str) -> Option<&'a [u8]> {
    let (header, tail) = rest.split_first_chunk::<BLOCK>()?;
    let size = tarball::size_of(name, header)?;
    let (content, tail) = tail.split_at_checked(usize::try_from(size).ok()?)?;
    let (slack, tail) = tail.split_at_checked(usize::try_from(tarball::slack(size)).ok()?)?;
    *rest = tail;
    slack.iter().all(|byte| *byte == 0).then_some(content)
}

fn damaged() -> AppError {
    AppError::new(
        Kind::Damaged,
        "The file is not one that mahoe made for a new device, or it was changed.",
        "Nothing can be worked with in the new folder. Make a new file on the other computer: mahoe device add.",
    )
}
