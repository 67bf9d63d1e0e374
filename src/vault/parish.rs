//! The parish's own keys: whom other parishes seal to, and the root signer of its card.
//!
//! The parish recipient follows the epoch: everybody who can open the team's record can open its mail, a new epoch
//! gives a new recipient, and late mail opens with the keys of the epochs before. docs/adr/0011.

use crate::domain::ids::RootId;
use crate::error::Result;

use super::keys::KeyError;
use super::keys::epoch::RootSigner;
use super::keys::folder::{Copies, KeyFile, KeyFolder};
use super::keys::identity::{Identity, Recipient, Signer};
use super::open::{Found, Vault, set_aside};
use super::seal::Purpose;

impl Vault {
    /// Whom mail for the parish is sealed to in the epoch in force.
    pub fn parish_recipient(&self) -> Recipient {
        Identity::from_secret(&self.epochs.key().derive(Purpose::Parish, b"")).recipient()
    }

    /// What opens mail for the parish: of the epoch in force first, then of every epoch before whose key is at hand.
    pub fn parish_identities(&self) -> Vec<Identity> {
        let keys = self.epochs.ids().filter_map(|id| self.epochs.get(id));
        keys.map(|key| Identity::from_secret(&key.derive(Purpose::Parish, b""))).collect()
    }

    /// Whom mail for coordinators and deputies alone is sealed to in the epoch in force.
    pub fn leaders_recipient(&self, root: &RootSigner) -> Recipient {
        root.leaders(self.epochs.key()).recipient()
    }

    /// What opens mail for coordinators and deputies alone, of the epoch in force first; nothing for everybody else.
    pub fn leaders_identities(&self, id: RootId) -> Vec<Identity> {
        let folder = KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror);
        let open = |bytes: &[u8]| RootSigner::open(bytes, self.config.vault, id, &[self.participant.identity()]);
        let Ok(root) = folder.open(KeyFile::Root(id), open) else { return Vec::new() };
        let keys = self.epochs.ids().filter_map(|id| self.epochs.get(id));
        keys.map(|key| root.value.leaders(key)).collect()
    }

    /// Makes the parish's root signer and seals it to `people`: once in the life of a parish.
    ///
    /// # Errors
    /// [`Kind::Io`](crate::error::Kind::Io); what was written before an error does no harm, because no entry names it.
    pub fn create_root(&mut self, people: &[Recipient]) -> Result<RootSigner> {
        let root = RootSigner::create(self.config.vault, self.entropy.as_mut());
        self.store_root(&root, people)?;
        Ok(root)
    }

    /// As [`Vault::create_root`] with a signer that is given: for practice vaults whose card ships with mahoe.
    ///
    /// # Errors
    /// As [`Vault::create_root`].
    pub fn adopt_root(&mut self, signer: Signer, people: &[Recipient]) -> Result<RootSigner> {
        let root = RootSigner::of(self.config.vault, signer);
        self.store_root(&root, people)?;
        Ok(root)
    }

    /// Seals the root to `people` from now on; the caller takes them from signed entries.
    ///
    /// # Errors
    /// [`Kind::Io`](crate::error::Kind::Io).
    pub fn store_root(&self, root: &RootSigner, people: &[Recipient]) -> Result<()> {
        let folder = KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror);
        folder.write(KeyFile::Root(root.id()), &root.seal(people)?)
    }

    /// The sealed root signer as it lies in `keys/`, whoever can open it; from the copy that opens, for whoever can.
    pub fn root_file(&self, id: RootId) -> Option<Vec<u8>> {
        let folder = KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror);
        let (file, vault) = (KeyFile::Root(id), self.config.vault);
        let identity = self.participant.identity();
        let opened = folder.open(file, |bytes| RootSigner::open(bytes, vault, id, &[identity]).map(drop));
        let any = || self.disk.read(&self.root.join("keys").join(file.to_string()), file.limit()).ok();
        opened.map(|opened| opened.bytes).ok().or_else(any)
    }

    /// Takes the sealed root signer that another copy brought, if it serves whoever is here and ours doesn't, or if there
    /// is none here. Nobody else's is replaced: who can't open either can't tell which is good.
    ///
    /// # Errors
    /// [`Kind::Io`](crate::error::Kind::Io).
    pub fn take_root(&mut self, id: RootId, bytes: &[u8]) -> Result<()> {
        let folder = KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror);
        let (file, vault) = (KeyFile::Root(id), self.config.vault);
        let opens = |bytes: &[u8]| RootSigner::open(bytes, vault, id, &[self.participant.identity()]).map(drop);
        if folder.open(file, opens).is_ok() {
            return Ok(());
        }
        match opens(bytes) {
            Ok(()) => folder.write(file, bytes),
            Err(KeyError::NotForYou) if !folder.list()?.contains(&file) => folder.write(file, bytes),
            Err(_) => Ok(()),
        }
    }

    /// Makes the copies of the root's file equal again, as far as whoever unlocked the vault can open it: nothing else
    /// tells which of two copies is the whole one. Nothing needs the root now, so that a failure is no reason not to
    /// open.
    pub(super) fn level_roots(&mut self) {
        let folder = KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror);
        let differs = |file: &KeyFile| matches!(file, KeyFile::Root(_)) && !folder.copies_are_same(*file);
        let files: Vec<KeyFile> = folder.list().unwrap_or_default().into_iter().filter(differs).collect();
        for file in files {
            if let KeyFile::Root(id) = file {
                let _ = self.open_root(id);
            }
        }
    }

    /// Opens the root signer, for whoever it is sealed to. A damaged copy is made whole from the other.
    ///
    /// # Errors
    /// [`Kind::Locked`](crate::error::Kind::Locked) for everybody else; [`Kind::Io`](crate::error::Kind::Io) if no
    /// copy is there.
    pub fn open_root(&mut self, id: RootId) -> Result<RootSigner> {
        let file = KeyFile::Root(id);
        let folder = KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror);
        let vault = self.config.vault;
        let opened = folder.open(file, |bytes| RootSigner::open(bytes, vault, id, &[self.participant.identity()]))?;
        if opened.copies != Copies::Same {
            let home = if opened.copies == Copies::Mirror { &self.root } else { &self.mirror };
            set_aside(self.disk.as_ref(), &home.join("keys").join(file.to_string()), &self.quarantine);
            folder.write(file, &opened.bytes)?;
            self.findings.push(Found::KeyFile(file.to_string()));
        }
        Ok(opened.value)
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::ids::VaultId;
    use crate::testing::entropy::SeededEntropy;
    use crate::vault::keys::epoch::{EpochKeys, RootSigner};
    use crate::vault::keys::identity::{Identity, Signer};
    use crate::vault::seal::{Purpose, SecretKey32};

    #[test]
    fn the_derivation_is_frozen() {
        let epoch = SecretKey32::from_slice(&[0x42; 32]).expect("32");
        let identity = Identity::from_secret(&epoch.derive(Purpose::Parish, b""));
        let plain = blake3::derive_key("mahoe parish recipient v1", &[0x42; 32]);
        let again = Identity::from_secret(&SecretKey32::from_slice(&plain).expect("32"));
        assert_eq!(identity.recipient(), again.recipient());
        assert_eq!(identity.recipient().to_string(), "age1vskcxe5gyw6e0cyy9xt2ltf0rk4z6wsajgmeewzzwj9crwm7cefqtvddrh");
    }

    #[test]
    fn what_is_for_leaders_alone_takes_the_root_and_the_epoch_and_its_derivation_is_frozen() {
        let epoch = |byte| SecretKey32::from_slice(&[byte; 32]).expect("32");
        let root = |byte| RootSigner::of(VaultId([1; 16]), Signer::from_seed(&epoch(byte)));
        let recipient = root(7).leaders(&epoch(0x42)).recipient();
        let plain = blake3::derive_key("mahoe leaders recipient v1", &[[0x42; 32], [7; 32]].concat());
        let again = Identity::from_secret(&SecretKey32::from_slice(&plain).expect("32")).recipient();
        assert_eq!(recipient, again);
        assert_eq!(recipient.to_string(), "age1cwxpcmjqlz503lvkz7vf5jmj9nepnlzhcy07cpl44mh5rd6rgyhq3flg0p");
        assert_ne!(recipient, root(8).leaders(&epoch(0x42)).recipient());
        assert_ne!(recipient, root(7).leaders(&epoch(0x43)).recipient());
    }

    #[test]
    fn a_new_epoch_gives_another_recipient_and_keeps_the_old_secret() {
        let mut rng = SeededEntropy::new(1);
        let first = EpochKeys::first(VaultId([1; 16]), &mut rng);
        let next = first.next(&mut rng).expect("room");
        let of = |keys: &EpochKeys, id| {
            let key = keys.get(id).expect("at hand");
            Identity::from_secret(&key.derive(Purpose::Parish, b"")).recipient()
        };
        assert_ne!(of(&next, next.id()), of(&first, first.id()));
        assert_eq!(of(&next, first.id()), of(&first, first.id()));
    }
}
