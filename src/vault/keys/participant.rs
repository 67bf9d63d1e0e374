//! A participant's secrets: who they are here, the identity that opens team keys, and a signer for each copy of the
//! vault that they have unlocked. They lie in `keys/p-<16 hex>.age`, an age scrypt file under their passphrase.

#![expect(clippy::missing_panics_doc, reason = "each expect states why it holds; none depends on input")]

use zeroize::Zeroizing;

use super::KeyError;
use super::agefile;
use super::identity::{Identity, Recipient, Signer};
use super::passphrase::{Passphrase, WorkFactor};
use super::recovery::RecoveryWords;
use super::text::{Fields, push_hex, read_hex};
use crate::domain::ids::{DeviceId, ItemId, StreamId, VaultId};
use crate::vault::seal::{Entropy, SecretKey32};

/// Largest participant file, sealed. Checked before anything is parsed.
pub const MAX_FILE: usize = 64 * 1024;
/// Most devices that a file holds. A further one takes the place of the oldest: what that one signed stays good, and a
/// copy of the vault that still signed with it makes a new one.
pub const MAX_DEVICES: usize = 256;

const TITLE: &str = "mahoe participant";
const VERSION: u32 = 1;

/// One person's secrets, open.
pub struct Participant {
    vault: VaultId,
    member: ItemId,
    identity: Identity,
    /// Newest last; never empty.
    devices: Vec<Signer>,
    /// Which of them signs: the newest, but for the moment in which an older one introduces it.
    seat: usize,
}

impl Participant {
    /// New secrets for a member: an identity, and a signer for this copy of the vault.
    pub fn create(vault: VaultId, member: ItemId, rng: &mut dyn Entropy) -> Self {
        Self { vault, member, identity: Identity::random(rng), devices: vec![Signer::random(rng)], seat: 0 }
    }

    /// Whoever holds the recovery words: writes for the team itself, and only to let somebody in again.
    pub fn of_recovery(vault: VaultId, words: &RecoveryWords) -> Self {
        let member = StreamId::team(vault).item();
        Self { vault, member, identity: words.identity(), devices: vec![words.signer()], seat: 0 }
    }

    /// Opens a participant's file. `max_work` bounds what the file can make this machine do; give
    /// [`WorkFactor::MAX`] unless there is a reason.
    ///
    /// # Errors
    /// [`KeyError::WrongPassphrase`], which says no more; damage is told apart only where the file shows it without
    /// the passphrase, or after the right one.
    pub fn open(bytes: &[u8], passphrase: &Passphrase, max_work: u8) -> Result<Self, KeyError> {
        if bytes.len() > MAX_FILE {
            return Err(KeyError::TooLarge);
        }
        Self::from_text(&agefile::open_with_passphrase(bytes, passphrase, max_work)?)
    }

    /// The file's bytes under a passphrase, different each time.
    pub fn seal(&self, passphrase: &Passphrase, work: WorkFactor) -> Vec<u8> {
        agefile::seal_to_passphrase(self.to_text().as_bytes(), passphrase, work)
    }

    /// The vault that these secrets belong to.
    pub fn vault(&self) -> VaultId {
        self.vault
    }

    /// The member that this person is on the team's roster.
    pub fn member(&self) -> ItemId {
        self.member
    }

    /// Refuses secrets that are not those `vault.toml` promised: a key file that was swapped for another.
    ///
    /// # Errors
    /// [`KeyError::WrongKey`].
    pub fn check_is(&self, vault: VaultId, member: ItemId) -> Result<(), KeyError> {
        if (self.vault, self.member) == (vault, member) { Ok(()) } else { Err(KeyError::WrongKey) }
    }

    /// What opens team keys and restricted compartments.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Whom others seal to.
    pub fn recipient(&self) -> Recipient {
        self.identity.recipient()
    }

    /// The signer of the device that signs: the newest.
    pub fn device(&self) -> &Signer {
        self.devices.get(self.seat).expect("the seat is always one of the devices")
    }

    /// Signs with one of these devices from now on: an older one for as long as it takes to introduce the newest.
    /// False if it is none of them.
    pub fn sign_with(&mut self, device: DeviceId) -> bool {
        let at = self.devices.iter().rposition(|signer| signer.device_id() == device);
        self.seat = at.unwrap_or(self.seat);
        at.is_some()
    }

    /// Every device, newest last.
    pub fn devices(&self) -> impl DoubleEndedIterator<Item = &Signer> + ExactSizeIterator {
        self.devices.iter()
    }

    /// Makes a new device, which signs from now on: for a new copy, and after any cut, loss, restore or clone.
    /// Seal and store the participant before the new signer is used. The one that signed before is always kept, to
    /// introduce it.
    pub fn add_device(&mut self, rng: &mut dyn Entropy) -> DeviceId {
        if self.devices.len() >= MAX_DEVICES {
            self.devices.remove(usize::from(self.seat == 0));
        }
        self.devices.push(Signer::random(rng));
        self.seat = self.devices.len() - 1;
        self.device().device_id()
    }

    /// The same person's secrets for another copy of the vault, which signs with `signer` and with no device of this one.
    #[must_use]
    pub fn for_copy(&self, signer: Signer) -> Self {
        let Self { vault, member, identity, .. } = self;
        Self { vault: *vault, member: *member, identity: identity.duplicate(), devices: vec![signer], seat: 0 }
    }

    fn to_text(&self) -> Zeroizing<String> {
        // The full length at once: a growing buffer would leave copies of the secrets behind.
        let mut text = Zeroizing::new(String::with_capacity(256 + self.devices.len() * 80));
        text.push_str(TITLE);
        text.push_str(" 1\nvault ");
        push_hex(&mut text, self.vault.bytes());
        text.push_str("\nmember ");
        push_hex(&mut text, self.member.bytes());
        text.push_str("\nidentity ");
        self.identity.push_text(&mut text);
        for device in &self.devices {
            text.push_str("\ndevice ");
            device.push_text(&mut text);
        }
        text.push('\n');
        text
    }

    fn from_text(bytes: &[u8]) -> Result<Self, KeyError> {
        let mut fields = Fields::new(bytes, TITLE, VERSION)?;
        let (mut vault, mut member) = ([0; 16], [0; 16]);
        if !read_hex(fields.one("vault")?, &mut vault) {
            return Err(KeyError::Content("vault"));
        }
        if !read_hex(fields.one("member")?, &mut member) {
            return Err(KeyError::Content("member"));
        }
        let identity = Identity::from_text(fields.one("identity")?).ok_or(KeyError::Content("identity"))?;
        let mut devices = vec![signer(fields.one("device")?)?];
        while let Some(seed) = fields.maybe("device") {
            if devices.len() >= MAX_DEVICES {
                return Err(KeyError::Content("number of devices"));
            }
            devices.push(signer(seed)?);
        }
        fields.end()?;
        let seat = devices.len() - 1;
        Ok(Self { vault: VaultId(vault), member: ItemId(member), identity, devices, seat })
    }
}

/// The signer of a seed in hex.
pub(super) fn signer(hex: &str) -> Result<Signer, KeyError> {
    let mut seed = Zeroizing::new([0; 32]);
    if !read_hex(hex, &mut *seed) {
        return Err(KeyError::Content("device"));
    }
    Ok(Signer::from_seed(&SecretKey32::from_slice(&*seed).ok_or(KeyError::Content("device"))?))
}

/// The same secrets under another passphrase.
///
/// # Errors
/// As [`Participant::open`] with the old passphrase.
pub fn change_passphrase(
    bytes: &[u8],
    old: &Passphrase,
    new: &Passphrase,
    work: WorkFactor,
    max_work: u8,
) -> Result<Vec<u8>, KeyError> {
    Ok(Participant::open(bytes, old, max_work)?.seal(new, work))
}

/// The work factor that a participant's file was sealed with: `vault info` warns below [`WorkFactor::DEFAULT`].
///
/// # Errors
/// [`KeyError::TooLarge`] or [`KeyError::DamagedHeader`].
pub fn work_factor(bytes: &[u8]) -> Result<u8, KeyError> {
    if bytes.len() > MAX_FILE { Err(KeyError::TooLarge) } else { agefile::work_factor(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::entropy::SeededEntropy;

    const VAULT: VaultId = VaultId([0x11; 16]);
    const MEMBER: ItemId = ItemId([0x22; 16]);

    fn sample() -> Participant {
        Participant::create(VAULT, MEMBER, &mut SeededEntropy::new(1))
    }

    fn words(text: &str) -> Passphrase {
        Passphrase::new(text).expect("a passphrase")
    }

    fn sealed() -> Vec<u8> {
        sample().seal(&words("blue mahoe tree"), WorkFactor::new(2, true).expect("practice"))
    }

    fn open(bytes: &[u8], passphrase: &str) -> Result<Participant, KeyError> {
        Participant::open(bytes, &words(passphrase), WorkFactor::MAX)
    }

    #[test]
    fn golden_text() {
        let mut participant = sample();
        participant.add_device(&mut SeededEntropy::new(2));
        assert_eq!(
            participant.to_text().as_str(),
            "mahoe participant 1\nvault 11111111111111111111111111111111\nmember 22222222222222222222222222222222\nidentity AGE-SECRET-KEY-10LWRF4V0VWS40R9PAFRF30YQRYJT3KTT38LZDTNP7PGR4A8FZK5S5X77VC\ndevice 56dc6209e3002e6ec31e158404293620f66215e75ce9048277776508cffee337\ndevice 72cbbafc1765a31f80f2bc4b3a0f492128a318ce1bea29f1c4d2cf2f1819efcd\n"
        );
    }

    #[test]
    fn seals_and_opens() {
        let mut participant = sample();
        let first = participant.device().device_id();
        let second = participant.add_device(&mut SeededEntropy::new(2));
        let bytes = participant.seal(&words("pass"), WorkFactor::new(2, true).expect("practice"));
        let opened = open(&bytes, "pass").expect("right passphrase");
        assert_eq!((opened.vault(), opened.member()), (VAULT, MEMBER));
        assert_eq!(opened.check_is(VAULT, MEMBER), Ok(()));
        assert_eq!(opened.check_is(VaultId([9; 16]), MEMBER), Err(KeyError::WrongKey));
        assert_eq!(opened.check_is(VAULT, ItemId([9; 16])), Err(KeyError::WrongKey));
        assert_eq!(opened.recipient(), participant.recipient());
        assert_eq!(opened.devices().map(Signer::device_id).collect::<Vec<_>>(), [first, second]);
        assert_eq!(opened.device().device_id(), second);
        assert_eq!(work_factor(&bytes), Ok(2));
    }

    #[test]
    fn a_wrong_passphrase_is_one_error() {
        let bytes = sealed();
        for wrong in ["Blue mahoe tree", "blue mahoe tree ", "x"] {
            assert_eq!(open(&bytes, wrong).err(), Some(KeyError::WrongPassphrase));
        }
        let new = words("hibiscus");
        let work = WorkFactor::new(2, true).expect("practice");
        assert_eq!(change_passphrase(&bytes, &new, &new, work, 20).err(), Some(KeyError::WrongPassphrase));
        let changed = change_passphrase(&bytes, &words("blue mahoe tree"), &new, work, 20).expect("old one is right");
        assert!(open(&changed, "hibiscus").is_ok());
        assert_eq!(open(&changed, "blue mahoe tree").err(), Some(KeyError::WrongPassphrase));
    }

    #[test]
    fn a_changed_or_cut_file_never_opens() {
        let bytes = sealed();
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            assert!(open(&bad, "blue mahoe tree").is_err(), "byte {at}");
            assert!(open(&bytes[..at], "blue mahoe tree").is_err(), "cut at {at}");
        }
        let mut bad = bytes.clone();
        bad[0] ^= 1;
        assert_eq!(open(&bad, "blue mahoe tree").err(), Some(KeyError::DamagedHeader));
        let mut bad = bytes.clone();
        *bad.last_mut().expect("not empty") ^= 1;
        assert_eq!(open(&bad, "blue mahoe tree").err(), Some(KeyError::DamagedBody));
        assert_eq!(open(&[bytes, vec![0]].concat(), "blue mahoe tree").err(), Some(KeyError::DamagedBody));
    }

    #[test]
    fn hostile_files_cost_nothing() {
        let start = std::time::Instant::now();
        let sealed_age = String::from_utf8_lossy(&sealed()).into_owned();
        let greedy = sealed_age.replacen(" 2\n", " 63\n", 1);
        assert_eq!(open(greedy.as_bytes(), "x").err(), Some(KeyError::TooMuchWork(63)));
        assert_eq!(open(&vec![b'a'; MAX_FILE + 1], "x").err(), Some(KeyError::TooLarge));
        let stanza = "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 20\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
        let many = format!("age-encryption.org/v1\n{}--- {}\n", stanza.repeat(600), "A".repeat(43));
        assert!(many.len() < MAX_FILE);
        assert_eq!(open(many.as_bytes(), "x").err(), Some(KeyError::DamagedHeader));
        assert!(start.elapsed().as_secs() < 2, "refused before any work is done");
    }

    #[test]
    fn only_the_exact_text_is_read() {
        let good = sample().to_text();
        assert!(Participant::from_text(good.as_bytes()).is_ok());
        let device = good.lines().last().expect("a device").to_owned();
        let swapped = good.replace("vault", "tluav");
        let newer = good.replace("participant 1", "participant 2");
        let extra = format!("{}surprise 1\n", good.as_str());
        let no_device = good.replace(&format!("{device}\n"), "");
        let upper = good.replace(&device, &device.to_uppercase());
        let crowded = format!("{}{}", good.as_str(), format!("{device}\n").repeat(MAX_DEVICES));
        assert_eq!(Participant::from_text(newer.as_bytes()).err(), Some(KeyError::Newer));
        for bad in [&swapped, &extra, &no_device, &upper, &crowded] {
            assert!(matches!(Participant::from_text(bad.as_bytes()), Err(KeyError::Content(_))));
        }
        for at in 0..good.len() {
            assert!(Participant::from_text(&good.as_bytes()[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn more_devices_than_a_file_holds_push_out_the_oldest_and_never_the_one_that_signs() {
        let mut rng = SeededEntropy::new(7);
        let mut participant = Participant::create(VaultId([1; 16]), ItemId([2; 16]), &mut rng);
        let first = participant.device().device_id();
        for _ in 0..MAX_DEVICES + 20 {
            participant.sign_with(first);
            let new = participant.add_device(&mut rng);
            assert_eq!(participant.device().device_id(), new);
            assert!(participant.sign_with(first), "it introduces the new one");
        }
        assert_eq!(participant.devices().len(), MAX_DEVICES);
        let again = Participant::from_text(participant.to_text().as_bytes()).expect("it can be stored");
        assert_eq!(again.devices().len(), MAX_DEVICES);
    }
}
