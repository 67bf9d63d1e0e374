//! Identities that open, recipients that are sealed to, signers that sign.
//!
//! X25519 identities and recipients are age's, in age's own spelling, so that stock `age` opens our files with them.
//! Recipients are kept as tagged strings everywhere else: another kind of recipient may come.

#![expect(clippy::missing_panics_doc, reason = "each expect states why it holds; none depends on input")]

use std::fmt;
use std::str::FromStr;

use age::secrecy::ExposeSecret;
use ed25519_zebra::SigningKey;
use zeroize::Zeroizing;

use super::KeyError;
use crate::domain::ids::{DeviceId, RootId};
use crate::vault::seal::{Entropy, SecretKey32};

/// The longest spelling of a recipient that is looked at.
const MAX_RECIPIENT_TEXT: usize = 128;

/// A secret that opens what was sealed to its [`Recipient`].
pub struct Identity(pub(super) age::x25519::Identity);

impl Identity {
    /// A new identity.
    pub fn random(rng: &mut dyn Entropy) -> Self {
        Self::from_secret(&SecretKey32::random(rng))
    }

    /// The identity of 32 secret bytes (clamped as X25519 does).
    pub fn from_secret(secret: &SecretKey32) -> Self {
        let text = bech32_upper("age-secret-key-", secret.expose());
        Self(age::x25519::Identity::from_str(&text).expect("we spelt it as age does"))
    }

    /// A second copy, asked for by name because each one is one more secret in memory.
    pub(super) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    /// Reads age's spelling, `AGE-SECRET-KEY-1…`; only the canonical one.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let identity = Self(age::x25519::Identity::from_str(text).ok()?);
        (identity.0.to_string().expose_secret() == text).then_some(identity)
    }

    /// Appends age's spelling.
    pub(super) fn push_text(&self, out: &mut String) {
        out.push_str(self.0.to_string().expose_secret());
    }

    /// Whom to seal to, so that this identity opens it.
    pub fn recipient(&self) -> Recipient {
        Recipient(self.0.to_public())
    }
}

/// A public key to seal to, spelt `age1…`. Only the canonical spelling is read.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Recipient(pub(super) age::x25519::Recipient);

impl FromStr for Recipient {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        if text.len() > MAX_RECIPIENT_TEXT {
            return Err(KeyError::Content("recipient"));
        }
        let recipient = age::x25519::Recipient::from_str(text).map_err(|_| KeyError::Content("recipient"))?;
        if recipient.to_string() == text { Ok(Self(recipient)) } else { Err(KeyError::Content("recipient")) }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An Ed25519 signing key: a device's, or a parish's root.
pub struct Signer(Box<Zeroizing<SigningKey>>);

impl Signer {
    /// A new signer.
    pub fn random(rng: &mut dyn Entropy) -> Self {
        Self::from_seed(&SecretKey32::random(rng))
    }

    /// The signer of a 32-byte seed.
    pub fn from_seed(seed: &SecretKey32) -> Self {
        Self(Box::new(Zeroizing::new(SigningKey::from_bytes(seed.expose()))))
    }

    /// Appends the seed in hex.
    pub(super) fn push_text(&self, out: &mut String) {
        super::text::push_hex(out, self.0.as_bytes());
    }

    /// The seed, for keys that only a holder of this signer is to have.
    pub(super) fn seed(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The public key that verifies.
    pub fn public(&self) -> [u8; 32] {
        self.0.verification_key().into()
    }

    /// Signs `message` (Ed25519; verifiers follow ZIP-215).
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    /// The id of the device that signs with this.
    pub fn device_id(&self) -> DeviceId {
        device_id(&self.public())
    }

    /// The id of the parish whose root this is.
    pub fn root_id(&self) -> RootId {
        root_id(&self.public())
    }
}

/// The id of a device: BLAKE3 of its public key.
pub fn device_id(public: &[u8; 32]) -> DeviceId {
    DeviceId(*blake3::hash(public).as_bytes())
}

/// The id of a root signer: the first 16 bytes of BLAKE3 `derive_key` over its public key.
pub fn root_id(public: &[u8; 32]) -> RootId {
    let mut id = [0; 16];
    blake3::Hasher::new_derive_key("mahoe root signer id v1").update(public).finalize_xof().fill(&mut id);
    RootId(id)
}

/// Bech32 (BIP 173) in capitals, as age spells secret keys. Only ever 32 bytes, so no length check.
fn bech32_upper(prefix: &str, data: &[u8; 32]) -> Zeroizing<String> {
    const CHARSET: &[u8; 32] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
    let mut symbols = Zeroizing::new(Vec::with_capacity(64));
    // 32 bytes are 51 groups of five bits and one of the last bit with four zeros behind it.
    for group in 0..52 {
        let bit = |at: usize| data.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
        symbols.push((0..5).fold(0, |value, offset| value << 1 | bit(group * 5 + offset)));
    }
    let checksum = bech32_checksum(prefix, &symbols);
    symbols.extend((0..6).rev().map(|at| u8::try_from(checksum >> (at * 5) & 31).unwrap_or(0)));
    let mut text = Zeroizing::new(String::with_capacity(prefix.len() + 64));
    text.push_str(prefix);
    text.make_ascii_uppercase();
    text.push('1');
    text.extend(symbols.iter().map(|symbol| char::from(CHARSET[usize::from(*symbol)])));
    text
}

/// The 30-bit checksum over the spread-out prefix and the symbols.
fn bech32_checksum(prefix: &str, symbols: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let high = prefix.bytes().map(|byte| byte >> 5);
    let low = prefix.bytes().map(|byte| byte & 31);
    let spread = high.chain([0]).chain(low).chain(symbols.iter().copied()).chain([0; 6]);
    let sum = spread.fold(1u32, |sum, symbol| {
        let top = sum >> 25;
        let shifted = (sum & 0x1ff_ffff) << 5 ^ u32::from(symbol);
        GENERATOR.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1).fold(shifted, |sum, (_, mask)| sum ^ mask)
    });
    sum ^ 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::entropy::SeededEntropy;

    #[test]
    fn our_spelling_of_secrets_is_ages() {
        for seed in 0..50 {
            let identity = Identity::random(&mut SeededEntropy::new(seed));
            let mut text = String::new();
            identity.push_text(&mut text);
            let again = Identity::from_text(&text).expect("canonical");
            assert_eq!(again.recipient(), identity.recipient());
            assert!(Identity::from_text(&text.to_lowercase()).is_none(), "one spelling only");
            assert_eq!(identity.recipient().to_string().parse(), Ok(identity.recipient()));
        }
        let mut text = String::new();
        Identity::from_secret(&SecretKey32::from_slice(&[0x55; 32]).expect("32")).push_text(&mut text);
        assert_eq!(text, "AGE-SECRET-KEY-1242424242424242424242424242424242424242424242424242S6JN5PD");
    }

    #[test]
    fn recipients_are_read_strictly() {
        let good = Identity::random(&mut SeededEntropy::new(1)).recipient().to_string();
        for bad in ["", "age1", &good.to_uppercase(), &good[..good.len() - 1], &format!("{good}q"), &"a".repeat(10_000)]
        {
            assert_eq!(bad.parse::<Recipient>(), Err(KeyError::Content("recipient")));
        }
    }

    #[test]
    fn a_signer_signs_for_its_public_key() {
        let signer = Signer::random(&mut SeededEntropy::new(1));
        let key = ed25519_zebra::VerificationKey::try_from(signer.public()).expect("valid");
        assert!(key.verify(&signer.sign(b"entry").into(), b"entry").is_ok());
        assert!(key.verify(&signer.sign(b"entry").into(), b"other").is_err());
        assert_eq!(signer.device_id(), device_id(&signer.public()));
        let golden = Signer::from_seed(&SecretKey32::from_slice(&[7; 32]).expect("32"));
        assert_eq!(golden.root_id().to_string(), "aca3e0f54a989a322a71e200d6c2a8dd");
        assert_eq!(golden.device_id().to_string(), "0871f3aabc26e4582c508af5c03884e6a96f0989d1dd8cfb49cd17ed25792433");
    }
}
