//! Device signers: Ed25519 under ZIP-215, so that single and batch verification always agree.

use ed25519_zebra::{Signature, SigningKey, VerificationKey, VerificationKeyBytes, batch};
use rand_core::OsRng;
use zeroize::Zeroizing;

use crate::domain::ids::DeviceId;

/// What every signature over a header is prefixed with.
const CONTEXT: &[u8] = b"mahoe entry v1\0";

/// The key that one participant's copy of the vault signs with. Zeroised when dropped; has no `Debug`.
pub struct DeviceSigner {
    key: SigningKey,
    public: [u8; 32],
}

impl DeviceSigner {
    /// The signer of a 32-byte seed.
    pub fn from_seed(seed: &Zeroizing<[u8; 32]>) -> Self {
        let key = SigningKey::from(**seed);
        let public = VerificationKeyBytes::from(&key).into();
        Self { key, public }
    }

    /// The Ed25519 public key.
    pub fn public(&self) -> [u8; 32] {
        self.public
    }

    /// BLAKE3 of the public key.
    pub fn device(&self) -> DeviceId {
        device_of(&self.public)
    }

    /// Signs a header's bytes.
    pub fn sign(&self, header: &[u8]) -> [u8; 64] {
        self.key.sign(&message(header)).into()
    }
}

/// The device of a public key.
pub fn device_of(public: &[u8; 32]) -> DeviceId {
    DeviceId(*blake3::hash(public).as_bytes())
}

fn message(header: &[u8]) -> Vec<u8> {
    [CONTEXT, header].concat()
}

/// True if the signature over a header's bytes is the public key's.
pub fn verify(public: &[u8; 32], header: &[u8], signature: &[u8; 64]) -> bool {
    VerificationKey::try_from(*public)
        .is_ok_and(|key| key.verify(&Signature::from(*signature), &message(header)).is_ok())
}

/// True if every signature is good; a false answer doesn't say which is not. The batch equation takes its
/// weights from the operating system.
pub fn verify_all<'a>(items: impl IntoIterator<Item = (&'a [u8; 32], &'a [u8], &'a [u8; 64])>) -> bool {
    let mut verifier = batch::Verifier::new();
    for (public, header, signature) in items {
        let key = VerificationKeyBytes::from(*public);
        verifier.queue((key, Signature::from(*signature), &message(header)));
    }
    verifier.verify(OsRng).is_ok()
}
