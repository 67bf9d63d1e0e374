//! `vault.toml`: what must be known before anybody unlocks. It is readable by whoever holds the folder, so it holds
//! nothing personal beyond the handle that each participant chose knowing this.
//!
//! Read strictly: a damaged, foreign or newer file is named as such and never guessed at. Nothing in it is trusted
//! for security: it names key files, and only the right passphrase and signed entries give anybody anything.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use toml::{Table, Value};

use super::disk::Disk;
use super::keys::folder::{Copies, KeyFile};
use crate::domain::ids::{ItemId, VaultId};
use crate::error::{AppError, Kind, Result};

/// The file's name in the vault and in its mirror.
pub const FILE_NAME: &str = "vault.toml";
/// The format written and read.
pub const FORMAT: i64 = 1;
/// Largest file in bytes: room for [`MAX_PARTICIPANTS`] with the longest handles.
pub const MAX_FILE: u64 = 256 * 1024;
/// Most participants of one vault.
pub const MAX_PARTICIPANTS: usize = 1000;
/// What the last line begins with; behind it stands the BLAKE3 of everything before the empty line above it.
const CHECK: &str = "# check ";
/// Longest handle, in characters and in bytes.
pub const MAX_HANDLE: (usize, usize) = (32, 64);

/// One person who can unlock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParticipantLine {
    /// What they type at unlock; visible to everybody who sees the folder.
    pub handle: String,
    /// Their file in `keys/`.
    pub file: KeyFile,
    /// Who they are on the roster.
    pub member: ItemId,
}

/// The content of `vault.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultConfig {
    /// Which vault this is a copy of.
    pub vault: VaultId,
    /// ISO 3166-2 code of the parish, `JM-01` to `JM-14`.
    pub parish: String,
    /// A vault for demonstration, training or tests: nothing passes between it and real ones.
    pub practice: bool,
    /// Who can unlock, in the order in which they were added.
    pub participants: Vec<ParticipantLine>,
}

/// A `vault.toml` that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// What it says.
    pub config: VaultConfig,
    /// Which copies were good. Unless both, [`VaultConfig::write`] levels them.
    pub copies: Copies,
}

impl VaultConfig {
    /// The participant with a handle, whatever its case and the spaces around it.
    pub fn find(&self, handle: &str) -> Option<&ParticipantLine> {
        let wanted = handle_key(handle);
        self.participants.iter().find(|participant| handle_key(&participant.handle) == wanted)
    }

    /// Reads the vault's file, or the mirror's where that does not verify.
    ///
    /// # Errors
    /// [`Kind::Io`] if there is none, [`Kind::Refused`] if a newer mahoe wrote it, [`Kind::Damaged`] if neither copy
    /// verifies or the mirror belongs to another vault.
    pub fn read(disk: &dyn Disk, root: &Path, mirror: &Path) -> Result<Loaded> {
        let load = |folder: &Path| disk.read(&folder.join(FILE_NAME), MAX_FILE);
        let (main, second) = (load(root), load(mirror));
        let missing =
            |read: &io::Result<Vec<u8>>| matches!(read, Err(error) if error.kind() == io::ErrorKind::NotFound);
        if missing(&main) && missing(&second) {
            let hint = "Check the folder given with --vault, or start a vault there with `mahoe init`.";
            return Err(AppError::new(Kind::Io, "There is no vault in this folder.", hint));
        }
        let (main, second) = (verified(main), verified(second));
        match (main, second) {
            // A changed letter can make another valid file: the copy whose check holds is the one to believe.
            (Ok((_, false)), Ok((config, true))) => Ok(Loaded { config, copies: Copies::Mirror }),
            (Ok((config, true)), Ok((_, false))) => Ok(Loaded { config, copies: Copies::Main }),
            (Ok((config, _)), Ok((other, _))) if other.vault != config.vault => Err(foreign_mirror()),
            (Ok((config, _)), Ok((other, _))) if other == config => Ok(Loaded { config, copies: Copies::Same }),
            (Ok((config, _)), _) => Ok(Loaded { config, copies: Copies::Main }),
            (Err(error), _) if error.kind == Kind::Refused => Err(error),
            (Err(_), Ok((config, _))) => Ok(Loaded { config, copies: Copies::Mirror }),
            (Err(error), Err(_)) => Err(error),
        }
    }

    /// Writes both copies. When this returns, both would survive a power cut.
    ///
    /// # Errors
    /// [`Kind::Refused`] for content that would not be read back, [`Kind::Io`] if a write fails.
    pub fn write(&self, disk: &dyn Disk, root: &Path, mirror: &Path) -> Result<()> {
        self.check().map_err(|what| {
            AppError::new(Kind::Refused, format!("vault.toml was not written: {what}."), "Nothing was changed.")
        })?;
        let text = self.to_text();
        for folder in [root, mirror] {
            disk.create_folder(folder)
                .and_then(|()| disk.write_atomic(&folder.join(FILE_NAME), text.as_bytes()))
                .map_err(|error| {
                    let hint = "Check free space and permissions of the vault's folder, then try again.";
                    AppError::new(Kind::Io, format!("vault.toml could not be written: {error}."), hint)
                })?;
        }
        Ok(())
    }

    /// The file's text: one spelling for each content.
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "# A mahoe vault. Anyone who holds this folder can read this file; everything else in it is sealed.\n\
             format = {FORMAT}\nvault = \"{}\"\nparish = \"{}\"\npractice = {}\n",
            self.vault, self.parish, self.practice
        );
        for ParticipantLine { handle, file, member } in &self.participants {
            // Writing to a string can't fail, and a handle has nothing to escape.
            let _ = write!(text, "\n[[participant]]\nhandle = \"{handle}\"\nkey = \"{file}\"\nmember = \"{member}\"\n");
        }
        let check = blake3::hash(text.as_bytes()).to_hex();
        let _ = writeln!(text, "\n{CHECK}{check}");
        text
    }

    /// Reads [`VaultConfig::to_text`], or the same edited by hand.
    ///
    /// # Errors
    /// [`Kind::Refused`] for a newer format, [`Kind::Damaged`] for anything that is not understood whole.
    pub fn from_text(text: &str) -> Result<Self> {
        let mut table: Table = text.parse().map_err(|error| damaged(&place_of(text, &error)))?;
        // First of all, because a newer format may hold anything.
        match table.remove("format") {
            Some(Value::Integer(FORMAT)) => {}
            Some(Value::Integer(newer)) if newer > FORMAT => return Err(from_newer(newer)),
            _ => return Err(damaged("it does not say which format it is")),
        }
        Self::from_table(table).map_err(|what| damaged(&what))
    }

    fn from_table(mut table: Table) -> std::result::Result<Self, String> {
        let vault = take_text(&mut table, "vault")?;
        let parish = take_text(&mut table, "parish")?;
        let Some(Value::Boolean(practice)) = table.remove("practice") else {
            return Err("`practice` is missing or not true or false".into());
        };
        let lines = match table.remove("participant") {
            None => Vec::new(),
            Some(Value::Array(lines)) => lines,
            Some(_) => return Err("`participant` is not a list".into()),
        };
        nothing_left(&table)?;
        let config = Self {
            vault: VaultId::from_hex(&vault).ok_or("`vault` is not an id")?,
            parish,
            practice,
            participants: lines.into_iter().map(participant).collect::<std::result::Result<_, _>>()?,
        };
        config.check()?;
        Ok(config)
    }

    /// The rules that reader and writer share.
    fn check(&self) -> std::result::Result<(), String> {
        if !(1..=14).any(|number| self.parish == format!("JM-{number:02}")) {
            return Err("`parish` is not one of JM-01 to JM-14".into());
        }
        if self.participants.len() > MAX_PARTICIPANTS {
            return Err(format!("it has more than {MAX_PARTICIPANTS} participants"));
        }
        let (mut handles, mut files, mut members) = (HashSet::new(), HashSet::new(), HashSet::new());
        for (at, participant) in self.participants.iter().enumerate() {
            let place = at + 1;
            if !handle_is_fine(&participant.handle) {
                return Err(format!(
                    "the handle of participant {place} is not 1 to {} letters, digits, spaces or any of . - _ '",
                    MAX_HANDLE.0
                ));
            }
            if !matches!(participant.file, KeyFile::Participant(_)) {
                return Err(format!("the key file of participant {place} is not a participant's"));
            }
            let fresh = handles.insert(handle_key(&participant.handle))
                && files.insert(participant.file)
                && members.insert(participant.member);
            if !fresh {
                return Err(format!("participant {place} has the handle, key file or member id of another"));
            }
        }
        Ok(())
    }
}

/// A handle can be typed, shown in one line and written between quotes.
pub fn handle_is_fine(handle: &str) -> bool {
    let (characters, bytes) = MAX_HANDLE;
    handle.len() <= bytes
        && (1..=characters).contains(&handle.chars().count())
        && handle.trim() == handle
        && handle.chars().all(|c| c.is_alphanumeric() || " .-_'".contains(c))
}

/// Two handles are the same if this is.
fn handle_key(handle: &str) -> String {
    handle.trim().to_lowercase()
}

fn participant(value: Value) -> std::result::Result<ParticipantLine, String> {
    let Value::Table(mut table) = value else { return Err("`participant` is not a list of tables".into()) };
    let handle = take_text(&mut table, "handle")?;
    let file = take_text(&mut table, "key")?;
    let member = take_text(&mut table, "member")?;
    nothing_left(&table)?;
    Ok(ParticipantLine {
        handle,
        file: KeyFile::parse(&file).ok_or("`key` is not the name of a key file")?,
        member: ItemId::from_hex(&member).ok_or("`member` is not an id")?,
    })
}

fn take_text(table: &mut Table, name: &str) -> std::result::Result<String, String> {
    match table.remove(name) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(format!("`{name}` is missing or not a text")),
    }
}

/// Refuses what this version does not know, by name: ignoring it could mean ignoring a rule.
fn nothing_left(table: &Table) -> std::result::Result<(), String> {
    table.keys().next().map_or(Ok(()), |name| {
        // The name comes from outside: nothing in it may reach the terminal raw.
        let name: String = name.chars().take(40).flat_map(char::escape_default).collect();
        Err(format!("`{name}` is not known to this version"))
    })
}

/// If the check holds; `None` if there is none, as in a file that was written by hand.
fn check_holds(text: &str) -> Option<bool> {
    let (before, check) = text.rsplit_once(CHECK)?;
    let before = before.strip_suffix('\n')?;
    Some(check.strip_suffix('\n') == Some(blake3::hash(before.as_bytes()).to_hex().as_str()))
}

/// A copy, and whether its check holds.
fn verified(read: io::Result<Vec<u8>>) -> Result<(VaultConfig, bool)> {
    let bytes = read.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => damaged("it is too large"),
        _ => AppError::new(
            Kind::Io,
            format!("vault.toml could not be read: {error}."),
            "Check the disk and that you may read the vault's folder.",
        ),
    })?;
    let text = std::str::from_utf8(&bytes).map_err(|_| damaged("it is not UTF-8 text"))?;
    let check = check_holds(text);
    match VaultConfig::from_text(text) {
        // A "newer format" that is one flipped bit.
        Err(error) if error.kind == Kind::Refused && check == Some(false) => Err(damaged("its check does not hold")),
        read => read.map(|config| (config, check == Some(true))),
    }
}

/// Where the text stops being TOML. The parser's own message would quote the file.
fn place_of(text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    let line = text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
    format!("line {line} is not TOML")
}

fn damaged(what: &str) -> AppError {
    AppError::new(
        Kind::Damaged,
        format!("vault.toml is damaged: {what}."),
        "Put back vault.toml from the mirror folder, another copy of the vault or a backup; nothing else was touched.",
    )
}

fn from_newer(format: i64) -> AppError {
    AppError::new(
        Kind::Refused,
        format!("This vault has format {format}; this mahoe reads format {FORMAT}."),
        "Install the current mahoe and open the vault with that. Nothing was changed.",
    )
}

fn foreign_mirror() -> AppError {
    AppError::new(
        Kind::Damaged,
        "The mirror folder belongs to another vault.",
        "Give this vault a mirror folder of its own; neither was changed.",
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::vault::keys::testdisk::MapDisk;

    const MAIN: &str = "/v/vault.toml";
    const MIRROR: &str = "/v/mirror/vault.toml";

    fn line(handle: &str, byte: u8) -> ParticipantLine {
        ParticipantLine { handle: handle.into(), file: KeyFile::Participant([byte; 8]), member: ItemId([byte; 16]) }
    }

    fn sample() -> VaultConfig {
        VaultConfig {
            vault: VaultId([0x11; 16]),
            parish: "JM-06".into(),
            practice: true,
            participants: vec![line("Miss Testy", 1), line("o'sample", 2)],
        }
    }

    fn read(disk: &MapDisk) -> Result<Loaded> {
        VaultConfig::read(disk, Path::new("/v"), Path::new("/v/mirror"))
    }

    fn refusal(text: &str) -> AppError {
        VaultConfig::from_text(text).expect_err("must be refused")
    }

    #[test]
    fn golden_text() {
        assert_eq!(
            sample().to_text(),
            "# A mahoe vault. Anyone who holds this folder can read this file; everything else in it is sealed.\n\
             format = 1\nvault = \"11111111111111111111111111111111\"\nparish = \"JM-06\"\npractice = true\n\n\
             [[participant]]\nhandle = \"Miss Testy\"\nkey = \"p-0101010101010101.age\"\n\
             member = \"01010101010101010101010101010101\"\n\n\
             [[participant]]\nhandle = \"o'sample\"\nkey = \"p-0202020202020202.age\"\n\
             member = \"02020202020202020202020202020202\"\n\n\
             # check 44006649ccd58995f9d35e4d07a1fedad22898b4b6ae7ba3ec956d908e86ec91\n"
        );
        assert_eq!(VaultConfig::from_text(&sample().to_text()), Ok(sample()));
    }

    #[test]
    fn handles_are_found_as_people_type_them() {
        let config = sample();
        assert_eq!(config.find(" miss testy "), config.participants.first());
        assert_eq!(config.find("nobody"), None);
    }

    #[test]
    fn either_copy_is_read() {
        let disk = MapDisk::default();
        assert_eq!(read(&disk).map_err(|error| error.kind), Err(Kind::Io));
        sample().write(&disk, Path::new("/v"), Path::new("/v/mirror")).expect("written");
        assert_eq!(disk.get(MAIN), disk.get(MIRROR));
        let copies = || read(&disk).map(|loaded| loaded.copies).map_err(|error| error.kind);
        assert_eq!(copies(), Ok(Copies::Same));
        disk.put(MIRROR, None);
        assert_eq!(copies(), Ok(Copies::Main));
        disk.put(MIRROR, Some(sample().to_text().as_bytes()));
        for bad in [None, Some(&b""[..]), Some(b"\xff"), Some(&vec![b'#'; 300_000])] {
            disk.put(MAIN, bad);
            assert_eq!(copies(), Ok(Copies::Mirror));
        }
        disk.put(MIRROR, Some(b"format = 1"));
        assert_eq!(copies(), Err(Kind::Damaged));
    }

    #[test]
    fn one_flipped_bit_never_makes_another_vault() {
        let good = sample().to_text().into_bytes();
        for bit in 0..good.len() * 8 {
            for place in [MAIN, MIRROR] {
                let disk = MapDisk::default();
                sample().write(&disk, Path::new("/v"), Path::new("/v/mirror")).expect("written");
                let mut bad = good.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                disk.put(place, Some(&bad));
                let loaded = read(&disk).unwrap_or_else(|error| panic!("bit {bit}: {error}"));
                let copies = if place == MAIN { Copies::Mirror } else { Copies::Main };
                assert_eq!(loaded, Loaded { config: sample(), copies }, "bit {bit} of {place}");
            }
        }
    }

    #[test]
    fn a_newer_format_is_never_replaced_by_an_older_copy() {
        let disk = MapDisk::default();
        sample().write(&disk, Path::new("/v"), Path::new("/v/mirror")).expect("written");
        disk.put(MAIN, Some(b"format = 2\nsomething = \"new\"\n"));
        let error = read(&disk).expect_err("newer");
        assert_eq!(error.kind, Kind::Refused);
        assert!(error.message.contains("format 2") && error.hint.contains("current mahoe"), "{error}");
    }

    #[test]
    fn the_mirror_of_another_vault_is_left_alone() {
        let disk = MapDisk::default();
        sample().write(&disk, Path::new("/v"), Path::new("/v/mirror")).expect("written");
        let other = VaultConfig { vault: VaultId([9; 16]), ..sample() };
        disk.put(MIRROR, Some(other.to_text().as_bytes()));
        assert!(read(&disk).expect_err("foreign").message.contains("another vault"));
    }

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        let good = sample().to_text();
        let with = |from: &str, to: &str| {
            assert!(good.contains(from));
            refusal(&good.replacen(from, to, 1)).message
        };
        assert!(with("practice =", "colour = 1\npractice =").contains("`colour`"));
        assert!(with("handle =", "\"\\u001b[2J\" = 1\nhandle =").contains("`\\u{1b}[2J`"), "escaped");
        assert!(with("format = 1\n", "").contains("which format"));
        assert!(with("format = 1", "format = 0").contains("which format"));
        assert!(with("format = 1", "format = \"1\"").contains("which format"));
        assert!(with("JM-06", "JM-15").contains("JM-14"));
        assert!(with("JM-06", "JM-+6").contains("JM-14"));
        assert!(with("practice = true", "practice = 1").contains("`practice`"));
        assert!(with("1111\"", "111\"").contains("`vault`"));
        assert!(with("p-0101010101010101.age", "../../etc/passwd").contains("`key`"));
        assert!(with("p-0101010101010101.age", "team-01010101010101010101010101010101.age").contains("participant 1"));
        assert!(with("practice =", "practice = =").contains("line 5"));
        assert!(with("o'sample", "MISS TESTY").contains("participant 2"));
        assert!(with("p-0202020202020202", "p-0101010101010101").contains("participant 2"));
        for bad in ["", " x", "a\\tb", "a\u{202e}b", &"x".repeat(33)] {
            assert!(with("o'sample", bad).contains("handle"), "{bad:?}");
        }
    }

    #[test]
    fn the_limits_hold_together() {
        let participants: Vec<_> = (0..=1000u16)
            .map(|number| ParticipantLine {
                handle: format!("{}{number:04}", "é".repeat(28)),
                file: KeyFile::Participant([&number.to_le_bytes()[..], &[0; 6]].concat().try_into().expect("8 bytes")),
                member: ItemId([&number.to_le_bytes()[..], &[0; 14]].concat().try_into().expect("16 bytes")),
            })
            .collect();
        let mut config = VaultConfig { participants, ..sample() };
        let disk = MapDisk::default();
        let too_many = config.write(&disk, Path::new("/v"), Path::new("/v/mirror")).expect_err("one too many");
        assert!(too_many.kind == Kind::Refused && disk.get(MAIN).is_none());
        assert_eq!(refusal(&config.to_text()).kind, Kind::Damaged);
        config.participants.pop();
        config.write(&disk, Path::new("/v"), Path::new("/v/mirror")).expect("as many as may be");
        assert_eq!(read(&disk).map(|loaded| loaded.config), Ok(config));
    }

    #[test]
    fn no_cut_file_is_taken_for_a_whole_one() {
        let good = sample().to_text();
        for at in 0..good.len() {
            // A cut between two participants leaves a shorter list, which is valid TOML: keys decide who opens.
            if let Ok(config) = VaultConfig::from_text(&good[..at]) {
                assert!(config.participants.len() <= sample().participants.len());
            }
        }
    }

    proptest! {
        #[test]
        fn anything_read_is_answered(text in ".{0,400}") {
            let _ = VaultConfig::from_text(&text);
        }
    }
}
