//! Sealing: XChaCha20-Poly1305 under 32-byte keys, the keys themselves, and what is derived from them.
//!
//! A seal is `nonce (24) ‖ ciphertext ‖ tag (16)`. Every seal draws its 24 bytes afresh, and XChaCha derives a sub-key
//! from the first 16 of them; no counter, time or position is ever a nonce. The *context* is authenticated and not
//! stored: bytes sealed in one place never open in another. docs/formats/vault.md, "Sealing".
//!
//! Secrets in here have no `Debug`, `Clone` or `Serialize`, live on the heap so that moving them leaves no copy
//! behind, and are wiped when dropped.

#![expect(clippy::missing_panics_doc, reason = "each expect states why it holds; none depends on input")]

use std::fmt;

use chacha20poly1305::aead::AeadInPlace;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::{Zeroize, Zeroizing};

use crate::domain::class::Class;
use crate::domain::ids::{CompartmentKeyId, KeyId, StreamId};

/// Bytes of the random nonce at the front of a seal.
pub const NONCE_LEN: usize = 24;
/// Bytes of the authentication tag at the end of a seal.
pub const TAG_LEN: usize = 16;
/// How much longer a seal is than what it holds.
pub const OVERHEAD: usize = NONCE_LEN + TAG_LEN;

/// Where random bytes come from: the operating system, or a seed in tests.
pub trait Entropy: Send {
    /// Overwrites all of `out`.
    fn fill(&mut self, out: &mut [u8]);
}

/// The operating system's generator: the only one that may make keys of a real vault.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, out: &mut [u8]) {
        getrandom::getrandom(out)
            .expect("an operating system without random bytes can't run anything that keeps secrets");
    }
}

/// A secret of 32 bytes: an epoch key, a compartment key, a seed.
pub struct SecretKey32(Box<[u8; 32]>);

impl SecretKey32 {
    /// A new key.
    pub fn random(rng: &mut dyn Entropy) -> Self {
        let mut key = Self(Box::new([0; 32]));
        rng.fill(&mut *key.0);
        key
    }

    /// Takes over bytes; `None` unless there are exactly 32. The caller wipes its own.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut key = Self(Box::new([0; 32]));
        (bytes.len() == 32).then(|| {
            key.0.copy_from_slice(bytes);
            key
        })
    }

    /// The bytes. Never print, log or store them unsealed.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// A second copy, asked for by name because each one is one more to wipe.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    /// A key for one purpose: BLAKE3 `derive_key` over this key ‖ `info`.
    #[must_use]
    pub fn derive(&self, purpose: Purpose, info: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(purpose.context());
        hasher.update(&*self.0).update(info);
        let mut key = Self(Box::new([0; 32]));
        hasher.finalize_xof().fill(&mut *key.0);
        key
    }

    /// The id of this key as an epoch key: the first 16 bytes of BLAKE3 `derive_key` over it.
    pub fn epoch_id(&self) -> KeyId {
        KeyId(first_16(blake3::Hasher::new_derive_key("mahoe epoch key id v1").update(&*self.0)))
    }

    /// The id of this key as a compartment key. It binds key, place and generation, so that a wrapped key which was
    /// moved to another compartment is found out.
    pub fn compartment_id(&self, stream: StreamId, class: Class, generation: u32) -> CompartmentKeyId {
        CompartmentKeyId(first_16(
            blake3::Hasher::new_derive_key("mahoe compartment key id v1")
                .update(stream.bytes())
                .update(&[class.number()])
                .update(&generation.to_le_bytes())
                .update(&*self.0),
        ))
    }
}

impl Drop for SecretKey32 {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

fn first_16(hasher: &blake3::Hasher) -> [u8; 16] {
    let mut id = [0; 16];
    hasher.finalize_xof().fill(&mut id);
    id
}

/// What a derived key is for. One purpose, one context string, frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Seals the blocks of the working store; `info` is what makes a new one necessary.
    Store,
    /// The X25519 secret behind the recovery words.
    Recovery,
    /// The seed of the signer behind the recovery words.
    RecoverySigner,
    /// The X25519 secret that opens mail for the parish; of an epoch key.
    Parish,
    /// The X25519 secret that opens what is for the parish's coordinators and deputies alone; of an epoch key, with the
    /// root signer's seed as `info`.
    Leaders,
}

impl Purpose {
    const fn context(self) -> &'static str {
        match self {
            Self::Store => "mahoe store key v1",
            Self::Recovery => "mahoe recovery identity v1",
            Self::RecoverySigner => "mahoe recovery signer v1",
            Self::Parish => "mahoe parish recipient v1",
            Self::Leaders => "mahoe leaders recipient v1",
        }
    }
}

/// Why a seal does not open. It never says which byte was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    /// Fewer bytes than nonce and tag.
    TooShort,
    /// Another key, another context, or changed bytes: nothing tells which.
    NotAuthentic,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooShort => "the sealed bytes are cut off",
            Self::NotAuthentic => "the sealed bytes were changed, or belong to another key or place",
        })
    }
}

impl std::error::Error for SealError {}

/// Seals `plain` under `key`; only the same `context` opens it. The result is [`OVERHEAD`] bytes longer.
pub fn seal(key: &SecretKey32, context: &[u8], plain: &[u8], rng: &mut dyn Entropy) -> Vec<u8> {
    // The full length at once: a growing buffer would leave copies of the plain text behind.
    let mut out = Vec::with_capacity(plain.len() + OVERHEAD);
    out.resize(NONCE_LEN, 0);
    rng.fill(&mut out);
    let nonce = *XNonce::from_slice(&out);
    out.extend_from_slice(plain);
    let tag = XChaCha20Poly1305::new(key.expose().into())
        .encrypt_in_place_detached(&nonce, context, &mut out[NONCE_LEN..])
        .expect("the cipher's only limit is 256 GiB, more than memory holds");
    out.extend_from_slice(&tag);
    out
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`SealError`] if it is too short, or if anything at all differs: key, context or one bit.
pub fn open(key: &SecretKey32, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    if sealed.len() < OVERHEAD {
        return Err(SealError::TooShort);
    }
    let (nonce, rest) = sealed.split_at(NONCE_LEN);
    let (body, tag) = rest.split_at(rest.len() - TAG_LEN);
    let mut plain = Zeroizing::new(body.to_vec());
    XChaCha20Poly1305::new(key.expose().into())
        .decrypt_in_place_detached(XNonce::from_slice(nonce), context, &mut plain, tag.into())
        .map_err(|_| SealError::NotAuthentic)?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::entropy::SeededEntropy;

    fn key(byte: u8) -> SecretKey32 {
        SecretKey32::from_slice(&[byte; 32]).expect("32 bytes")
    }

    fn hex(bytes: &[u8]) -> String {
        bytes
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect()
    }

    #[test]
    fn golden_bytes_of_a_seal() {
        let sealed = seal(&key(7), b"context", b"mahoe", &mut SeededEntropy::new(1));
        assert_eq!(
            hex(&sealed),
            "7fdc34d58f63a1578ca1ea4698bc801924b8d96b89fe26ae68d3b07f6aebdf436d3fee90d46ac2f1c677cd181c"
        );
    }

    #[test]
    fn golden_ids_and_derived_keys() {
        let stream = StreamId([2; 16]);
        assert_eq!(key(7).epoch_id().to_string(), "dd9c6cdbfcd09e56bf1c68cb0f99b493");
        assert_eq!(key(7).compartment_id(stream, Class::Core, 1).to_string(), "5f43bd18997a1ced60a054b49218b6be");
        assert_eq!(
            hex(key(7).derive(Purpose::Store, b"1").expose()),
            "3aba97395510488cf78661378815af9796aa6632d9dc56c470f2efaaeea1ef01"
        );
    }

    #[test]
    fn a_compartment_id_changes_with_place_and_generation() {
        let id = |stream: u8, class, generation| key(7).compartment_id(StreamId([stream; 16]), class, generation);
        let ids = [id(2, Class::Core, 1), id(3, Class::Core, 1), id(2, Class::Notes, 1), id(2, Class::Core, 2)];
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }

    #[test]
    fn nothing_but_the_same_key_and_context_opens() {
        let mut rng = SeededEntropy::new(2);
        let sealed = seal(&key(1), b"here", b"text", &mut rng);
        assert_eq!(open(&key(1), b"here", &sealed).as_deref().map(Vec::as_slice), Ok(&b"text"[..]));
        assert_eq!(open(&key(2), b"here", &sealed).err(), Some(SealError::NotAuthentic));
        assert_eq!(open(&key(1), b"there", &sealed).err(), Some(SealError::NotAuthentic));
        assert_eq!(open(&key(1), b"here", &sealed[..39]).err(), Some(SealError::TooShort));
        assert_ne!(seal(&key(1), b"here", b"text", &mut rng), sealed, "each seal draws its own nonce");
    }

    #[test]
    fn one_changed_bit_anywhere_is_refused() {
        let sealed = seal(&key(1), b"here", b"some text", &mut SeededEntropy::new(3));
        for bit in 0..sealed.len() * 8 {
            let mut bad = sealed.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&key(1), b"here", &bad).err(), Some(SealError::NotAuthentic), "bit {bit}");
        }
    }

    proptest! {
        #[test]
        fn round_trips(seed: u64, context: Vec<u8>, plain: Vec<u8>) {
            let sealed = seal(&key(9), &context, &plain, &mut SeededEntropy::new(seed));
            prop_assert_eq!(sealed.len(), plain.len() + OVERHEAD);
            prop_assert_eq!(&*open(&key(9), &context, &sealed).expect("just sealed"), &plain);
        }
    }
}
