//! Signatures over headers: Ed25519 under ZIP-215, so that single and batch verification always agree.

use ed25519_zebra::{Signature, VerificationKey, VerificationKeyBytes, batch};
use rand_core::OsRng;

use crate::domain::ids::DeviceId;

/// What every signature over a header is prefixed with.
const CONTEXT: &[u8] = b"mahoe entry v1\0";

/// The device of a public key.
pub fn device_of(public: &[u8; 32]) -> DeviceId {
    DeviceId(*blake3::hash(public).as_bytes())
}

/// What a device signs: the context, then the header's bytes.
pub fn message(header: &[u8]) -> Vec<u8> {
    [CONTEXT, header].concat()
}

/// True if the signature over a header's bytes is the public key's.
pub fn verify(public: &[u8; 32], header: &[u8], signature: &[u8; 64]) -> bool {
    verify_message(public, &message(header), signature)
}

/// True if the signature over a whole message, its context included, is the public key's.
pub fn verify_message(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    VerificationKey::try_from(*public).is_ok_and(|key| key.verify(&Signature::from(*signature), message).is_ok())
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
