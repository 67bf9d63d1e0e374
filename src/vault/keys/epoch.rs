//! Team keys: an epoch's key with its ancestors' (`keys/team-<key id>.age`), and the parish's root signer
//! (`keys/root-<id>.age`). Both are age files, sealed to the people whom signed entries name.
//!
//! A new epoch does not take back what was readable: it holds its ancestors' keys, so that whoever joins can read the
//! past, and whoever left can't read what comes.

use zeroize::Zeroizing;

use super::KeyError;
use super::agefile::{self, MAX_RECIPIENTS};
use super::identity::{Identity, Recipient, Signer};
use super::participant::signer;
use super::text::{Fields, push_hex, read_hex};
use crate::domain::ids::{KeyId, RootId, VaultId};
use crate::vault::seal::{Entropy, Purpose, SecretKey32};

/// Largest team or root file, sealed. Checked before anything is parsed.
pub const MAX_FILE: usize = 320 * 1024;
/// Most epochs that one file can hold: one for every removal, restriction of the team or yearly change.
pub const MAX_EPOCHS: usize = 2048;

const TEAM_TITLE: &str = "mahoe team keys";
const ROOT_TITLE: &str = "mahoe root signer";
const VERSION: u32 = 1;

/// An epoch's key and those of the epochs before it, open.
pub struct EpochKeys {
    vault: VaultId,
    /// The epoch's own first, then its ancestors' in the order in which they were learnt; never empty.
    keys: Vec<(KeyId, SecretKey32)>,
}

impl EpochKeys {
    /// The first epoch of a new vault.
    pub fn first(vault: VaultId, rng: &mut dyn Entropy) -> Self {
        let key = SecretKey32::random(rng);
        Self { vault, keys: vec![(key.epoch_id(), key)] }
    }

    /// A new epoch after this one. To join concurrent epochs, [`EpochKeys::learn`] the others first.
    ///
    /// # Errors
    /// [`KeyError::Content`] after [`MAX_EPOCHS`].
    pub fn next(&self, rng: &mut dyn Entropy) -> Result<Self, KeyError> {
        let mut next = Self::first(self.vault, rng);
        next.learn(self)?;
        Ok(next)
    }

    /// Takes over the keys of another epoch as ancestors; this one's own key stays.
    ///
    /// # Errors
    /// [`KeyError::Content`] if it is another vault's, or too many.
    pub fn learn(&mut self, other: &Self) -> Result<(), KeyError> {
        if other.vault != self.vault {
            return Err(KeyError::Content("vault"));
        }
        for (id, key) in &other.keys {
            if self.get(*id).is_none() {
                if self.keys.len() >= MAX_EPOCHS {
                    return Err(KeyError::Content("number of keys"));
                }
                self.keys.push((*id, key.duplicate()));
            }
        }
        Ok(())
    }

    /// The same keys once more, for whoever judges frames while the vault is busy.
    pub(in crate::vault) fn duplicate(&self) -> Self {
        let keys = self.keys.iter().map(|(id, key)| (*id, key.duplicate())).collect();
        Self { vault: self.vault, keys }
    }

    /// The keys as an earlier epoch had them: its own first, then those before it. None for one that is not among them.
    pub fn of(&self, id: KeyId) -> Option<Self> {
        let at = self.keys.iter().position(|(known, _)| *known == id)?;
        let keys = self.keys[at..].iter().map(|(id, key)| (*id, key.duplicate())).collect();
        Some(Self { vault: self.vault, keys })
    }

    /// The same keys as those of another epoch among them. None for one that is not.
    pub fn led_by(&self, id: KeyId) -> Option<Self> {
        let mut all = self.duplicate();
        let at = all.keys.iter().position(|(known, _)| *known == id)?;
        all.keys[..=at].rotate_right(1);
        Some(all)
    }

    /// The epoch's id.
    pub fn id(&self) -> KeyId {
        self.keys[0].0
    }

    /// The epoch's own key: everything new is sealed or wrapped under it.
    pub fn key(&self) -> &SecretKey32 {
        &self.keys[0].1
    }

    /// The vault that these keys belong to.
    pub fn vault(&self) -> VaultId {
        self.vault
    }

    /// The key of this or an earlier epoch.
    pub fn get(&self, id: KeyId) -> Option<&SecretKey32> {
        self.keys.iter().find(|(known, _)| *known == id).map(|(_, key)| key)
    }

    /// Every epoch whose key is at hand, this one first.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> {
        self.keys.iter().map(|(id, _)| *id)
    }

    /// Seals the keys to `recipients`, who must come from signed entries.
    ///
    /// # Errors
    /// [`KeyError::NoRecipients`] or [`KeyError::TooManyRecipients`].
    pub fn seal(&self, recipients: &[Recipient]) -> Result<Vec<u8>, KeyError> {
        agefile::seal_to_recipients(self.to_text().as_bytes(), recipients)
    }

    /// Opens the file of epoch `id` of `vault` with any of `identities`.
    ///
    /// # Errors
    /// [`KeyError::NotForYou`] if none of them is a recipient, [`KeyError::WrongKey`] if another epoch is inside.
    pub fn open(bytes: &[u8], vault: VaultId, id: KeyId, identities: &[&Identity]) -> Result<Self, KeyError> {
        let keys = Self::from_text(&open_file(bytes, identities)?)?;
        if keys.vault != vault {
            return Err(KeyError::Content("vault"));
        }
        if keys.id() == id { Ok(keys) } else { Err(KeyError::WrongKey) }
    }

    fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(128 + self.keys.len() * 80));
        text.push_str(TEAM_TITLE);
        text.push_str(" 1\nvault ");
        push_hex(&mut text, self.vault.bytes());
        for (_, key) in &self.keys {
            text.push_str("\nkey ");
            push_hex(&mut text, key.expose());
        }
        text.push('\n');
        text
    }

    fn from_text(bytes: &[u8]) -> Result<Self, KeyError> {
        let mut fields = Fields::new(bytes, TEAM_TITLE, VERSION)?;
        let vault = vault_of(&mut fields)?;
        let mut keys = vec![key_of(fields.one("key")?)?];
        while let Some(hex) = fields.maybe("key") {
            let (id, key) = key_of(hex)?;
            if keys.len() >= MAX_EPOCHS || keys.iter().any(|(known, _)| *known == id) {
                return Err(KeyError::Content("number of keys"));
            }
            keys.push((id, key));
        }
        fields.end()?;
        Ok(Self { vault, keys })
    }
}

/// The parish's root signer, open: it signs the parish's cards and nothing else.
pub struct RootSigner {
    vault: VaultId,
    signer: Signer,
}

impl RootSigner {
    /// A new root: once per parish, at `init`.
    pub fn create(vault: VaultId, rng: &mut dyn Entropy) -> Self {
        Self::of(vault, Signer::random(rng))
    }

    /// A signer as the root of a vault.
    pub fn of(vault: VaultId, signer: Signer) -> Self {
        Self { vault, signer }
    }

    /// What signs.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The root's id, which names its file.
    pub fn id(&self) -> RootId {
        self.signer.root_id()
    }

    /// What opens mail for coordinators and deputies alone. It takes the root, which only they hold, and an epoch key,
    /// which whoever has left doesn't get: so it changes with each epoch.
    pub fn leaders(&self, epoch: &SecretKey32) -> Identity {
        Identity::from_secret(&epoch.derive(Purpose::Leaders, self.signer.seed()))
    }

    /// Seals the root to coordinators, deputies and recovery recipients: the caller sees to it that they are.
    ///
    /// # Errors
    /// [`KeyError::NoRecipients`] or [`KeyError::TooManyRecipients`].
    pub fn seal(&self, recipients: &[Recipient]) -> Result<Vec<u8>, KeyError> {
        agefile::seal_to_recipients(self.to_text().as_bytes(), recipients)
    }

    /// Opens the file of root `id` of `vault`.
    ///
    /// # Errors
    /// As [`EpochKeys::open`].
    pub fn open(bytes: &[u8], vault: VaultId, id: RootId, identities: &[&Identity]) -> Result<Self, KeyError> {
        let root = Self::from_text(&open_file(bytes, identities)?)?;
        if root.vault != vault {
            return Err(KeyError::Content("vault"));
        }
        if root.id() == id { Ok(root) } else { Err(KeyError::WrongKey) }
    }

    fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(256));
        text.push_str(ROOT_TITLE);
        text.push_str(" 1\nvault ");
        push_hex(&mut text, self.vault.bytes());
        text.push_str("\nseed ");
        self.signer.push_text(&mut text);
        text.push('\n');
        text
    }

    fn from_text(bytes: &[u8]) -> Result<Self, KeyError> {
        let mut fields = Fields::new(bytes, ROOT_TITLE, VERSION)?;
        let vault = vault_of(&mut fields)?;
        let signer = signer(fields.one("seed")?)?;
        fields.end()?;
        Ok(Self { vault, signer })
    }
}

fn open_file(bytes: &[u8], identities: &[&Identity]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    if bytes.len() > MAX_FILE {
        return Err(KeyError::TooLarge);
    }
    agefile::open_with_identities(bytes, identities, MAX_RECIPIENTS)
}

fn vault_of(fields: &mut Fields<'_>) -> Result<VaultId, KeyError> {
    let mut vault = [0; 16];
    if read_hex(fields.one("vault")?, &mut vault) { Ok(VaultId(vault)) } else { Err(KeyError::Content("vault")) }
}

fn key_of(hex: &str) -> Result<(KeyId, SecretKey32), KeyError> {
    let mut bytes = Zeroizing::new([0; 32]);
    if !read_hex(hex, &mut *bytes) {
        return Err(KeyError::Content("key"));
    }
    let key = SecretKey32::from_slice(&*bytes).ok_or(KeyError::Content("key"))?;
    Ok((key.epoch_id(), key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::entropy::SeededEntropy;

    const VAULT: VaultId = VaultId([0x11; 16]);

    fn person(seed: u64) -> Identity {
        Identity::random(&mut SeededEntropy::new(seed))
    }

    fn second_epoch() -> EpochKeys {
        let mut rng = SeededEntropy::new(1);
        EpochKeys::first(VAULT, &mut rng).next(&mut rng).expect("room")
    }

    #[test]
    fn golden_texts() {
        assert_eq!(
            second_epoch().to_text().as_str(),
            "mahoe team keys 1\nvault 11111111111111111111111111111111\nkey 56dc6209e3002e6ec31e158404293620f66215e75ce9048277776508cffee337\nkey 7fdc34d58f63a1578ca1ea4698bc801924b8d96b89fe26ae61f0503af4e915a9\n"
        );
        let root = RootSigner::create(VAULT, &mut SeededEntropy::new(3));
        assert_eq!(
            root.to_text().as_str(),
            "mahoe root signer 1\nvault 11111111111111111111111111111111\nseed e3031459af291a0eea5f3375d748f7bdd7a2d49847286e0c34e7a749456378ec\n"
        );
    }

    #[test]
    fn recipients_open_it_and_nobody_else() {
        let keys = second_epoch();
        let (ann, ben, eve) = (person(1), person(2), person(3));
        let bytes = keys.seal(&[ann.recipient(), ben.recipient()]).expect("two recipients");
        for identities in [&[&ann][..], &[&ben], &[&eve, &ben]] {
            let opened = EpochKeys::open(&bytes, VAULT, keys.id(), identities).expect("a recipient");
            assert!(opened.ids().eq(keys.ids()));
            assert_eq!(opened.key().expose(), keys.key().expose());
        }
        assert_eq!(EpochKeys::open(&bytes, VAULT, keys.id(), &[&eve]).err(), Some(KeyError::NotForYou));
        assert_eq!(EpochKeys::open(&bytes, VAULT, keys.id(), &[]).err(), Some(KeyError::NotForYou));
        assert_eq!(EpochKeys::open(&bytes, VAULT, KeyId([0; 16]), &[&ann]).err(), Some(KeyError::WrongKey));
        let other = VaultId([9; 16]);
        assert_eq!(EpochKeys::open(&bytes, other, keys.id(), &[&ann]).err(), Some(KeyError::Content("vault")));
        assert_eq!(keys.seal(&[]).err(), Some(KeyError::NoRecipients));
    }

    #[test]
    fn concurrent_epochs_are_both_kept_and_joined() {
        let mut rng = SeededEntropy::new(5);
        let first = EpochKeys::first(VAULT, &mut rng);
        let (mut left, right) = (first.next(&mut rng).expect("room"), first.next(&mut rng).expect("room"));
        let left_id = left.id();
        left.learn(&right).expect("same vault");
        let joined = left.next(&mut rng).expect("room");
        assert_eq!(left.id(), left_id, "learning does not change whose keys they are");
        for id in [first.id(), left_id, right.id()] {
            assert!(joined.get(id).is_some());
        }
        assert_eq!(joined.ids().count(), 4);
        let stranger = EpochKeys::first(VaultId([9; 16]), &mut rng);
        assert_eq!(left.learn(&stranger), Err(KeyError::Content("vault")));
    }

    #[test]
    fn the_root_is_sealed_the_same_way() {
        let root = RootSigner::create(VAULT, &mut SeededEntropy::new(3));
        let (ann, eve) = (person(1), person(3));
        let bytes = root.seal(&[ann.recipient()]).expect("one recipient");
        let opened = RootSigner::open(&bytes, VAULT, root.id(), &[&ann]).expect("a recipient");
        assert_eq!(opened.signer().public(), root.signer().public());
        assert_eq!(RootSigner::open(&bytes, VAULT, root.id(), &[&eve]).err(), Some(KeyError::NotForYou));
        assert_eq!(RootSigner::open(&bytes, VAULT, RootId([0; 16]), &[&ann]).err(), Some(KeyError::WrongKey));
        assert!(EpochKeys::open(&bytes, VAULT, KeyId([0; 16]), &[&ann]).is_err(), "not taken for team keys");
    }

    #[test]
    fn a_changed_or_cut_file_never_opens() {
        let keys = second_epoch();
        let ann = person(1);
        let bytes = keys.seal(&[ann.recipient()]).expect("one recipient");
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            assert!(EpochKeys::open(&bad, VAULT, keys.id(), &[&ann]).is_err(), "byte {at}");
            assert!(EpochKeys::open(&bytes[..at], VAULT, keys.id(), &[&ann]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_whole_island_is_still_quick_and_more_is_refused() {
        let keys = second_epoch();
        let ann = person(1);
        let mut crowd: Vec<_> = (0..1000).map(|seed| person(seed + 10).recipient()).collect();
        crowd.push(ann.recipient());
        let start = std::time::Instant::now();
        let bytes = keys.seal(&crowd).expect("below the limit");
        assert!(bytes.len() < MAX_FILE);
        assert!(EpochKeys::open(&bytes, VAULT, keys.id(), &[&ann]).is_ok());
        assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
        crowd.resize(MAX_RECIPIENTS + 1, ann.recipient());
        assert_eq!(keys.seal(&crowd).err(), Some(KeyError::TooManyRecipients));
        assert_eq!(EpochKeys::open(&vec![0; MAX_FILE + 1], VAULT, keys.id(), &[&ann]).err(), Some(KeyError::TooLarge));
    }

    #[test]
    fn only_the_exact_text_is_read() {
        let good = second_epoch().to_text();
        assert!(EpochKeys::from_text(good.as_bytes()).is_ok());
        let last = good.lines().last().expect("a key").to_owned();
        for bad in [
            good.replace("key", "kay"),
            format!("{}{last}\n", good.as_str()),
            format!("{}more 1\n", good.as_str()),
            good.split_inclusive('\n').take(2).collect(),
        ] {
            assert!(matches!(EpochKeys::from_text(bad.as_bytes()), Err(KeyError::Content(_))), "{}", bad.len());
        }
        let newer = good.replace("keys 1", "keys 7");
        assert_eq!(EpochKeys::from_text(newer.as_bytes()).err(), Some(KeyError::Newer));
    }
}
