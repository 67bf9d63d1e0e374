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

/// True if `signature` over exactly `message` is the public key's. For what brings its own context.
pub fn verify_message(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    VerificationKey::try_from(*public).is_ok_and(|key| key.verify(&Signature::from(*signature), message).is_ok())
}

/// True for a public key of small order, under which ZIP-215 lets anybody sign anything: it proves nobody.
pub fn is_weak(public: &[u8; 32]) -> bool {
    // The y coordinates of the eight points, the two that can also be spelt beyond the field's prime included. The top
    // bit is the sign of x.
    const SMALL: [[u8; 32]; 7] = [
        edge(0x00, 0x00, 0x00),
        edge(0x01, 0x00, 0x00),
        edge(0xec, 0xff, 0x7f),
        edge(0xed, 0xff, 0x7f),
        edge(0xee, 0xff, 0x7f),
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
            0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
            0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ],
    ];
    let mut unsigned = *public;
    unsigned[31] &= 0x7f;
    SMALL.contains(&unsigned)
}

const fn edge(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The eight points of small order: the identity, and sums of a generator of the torsion subgroup.
    #[test]
    fn weak_keys_are_those_that_sign_everything() {
        let identity = edge(1, 0, 0);
        let empty: [u8; 64] = [identity, [0; 32]].concat().try_into().expect("64 bytes");
        let mut weak = 0;
        let ends = [[0x26, 0xe8], [0xc7, 0x17], [0, 0], [1, 0], [0xec, 0xff], [0xed, 0xff], [0xee, 0xff]];
        let long = |start: [u8; 2]| match start {
            [0x26, _] => "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            [0xc7, _] => "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            _ => "",
        };
        for [first, middle] in ends {
            let mut key = DeviceId::from_hex(long([first, middle]))
                .map_or_else(|| edge(first, middle, if middle == 0xff { 0x7f } else { 0 }), |id| id.0);
            for sign in [0, 0x80] {
                key[31] = key[31] & 0x7f | sign;
                assert!(is_weak(&key));
                if VerificationKey::try_from(key).is_ok() {
                    assert!(verify_message(&key, b"anything", &empty), "{key:02x?}");
                    weak += 1;
                }
            }
        }
        assert!(weak >= 8, "{weak} of these encodings are points");
        let honest: [u8; 32] = ed25519_zebra::SigningKey::from([7; 32]).verification_key().into();
        assert!(!is_weak(&honest) && !verify_message(&honest, b"anything", &empty));
    }
}
