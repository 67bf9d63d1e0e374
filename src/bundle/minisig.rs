//! Detached signatures in minisign's format, prehashed, so that `minisign -V` checks them.
//!
//! The key is a device's Ed25519 key; its minisign key id is the first 8 bytes of the device id. One spelling: the
//! comments are fixed or given by the caller, and what differs is refused. Checks nothing about whose key it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use blake2::{Blake2b512, Digest as _};

use crate::log::sign::{device_of, verify_message};
use crate::vault::keys::identity::Signer;

/// The longest signature file that is looked at, in bytes.
pub const MAX: u64 = 1024;

const UNTRUSTED: &str = "untrusted comment: mahoe device signature";
const TRUSTED: &str = "trusted comment: ";
/// Signature over the BLAKE2b-512 hash of the file.
const PREHASHED: [u8; 2] = *b"ED";
/// What a public key is marked with.
const PUBLIC: [u8; 2] = *b"Ed";

/// The signature file over `message`. `comment` is signed too; it is one line.
pub fn sign(signer: &Signer, message: &[u8], comment: &str) -> String {
    let signature = signer.sign(&Blake2b512::digest(message));
    let packet = [&PREHASHED, key_id(&signer.public()).as_slice(), &signature].concat();
    let global = signer.sign(&[&signature, comment.as_bytes()].concat());
    format!("{UNTRUSTED}\n{}\n{TRUSTED}{comment}\n{}\n", STANDARD.encode(packet), STANDARD.encode(global))
}

/// The signed comment if `file` is the public key's signature over `message`, in the spelling of [`sign`].
pub fn verify<'a>(file: &'a [u8], public: &[u8; 32], message: &[u8]) -> Option<&'a str> {
    let text = std::str::from_utf8(file).ok().filter(|text| text.len() as u64 <= MAX)?;
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let (untrusted, packet, comment, global) = (lines.next()?, lines.next()?, lines.next()?, lines.next()?);
    if untrusted != UNTRUSTED || lines.next().is_some() {
        return None;
    }
    let comment = comment.strip_prefix(TRUSTED)?;
    let packet: [u8; 74] = STANDARD.decode(packet).ok()?.try_into().ok()?;
    let global: [u8; 64] = STANDARD.decode(global).ok()?.try_into().ok()?;
    let (head, signature) = packet.split_last_chunk::<64>()?;
    let named = head == [&PREHASHED, key_id(public).as_slice()].concat();
    let good = named
        && verify_message(public, &Blake2b512::digest(message), signature)
        && verify_message(public, &[signature, comment.as_bytes()].concat(), &global);
    good.then_some(comment)
}

/// A device's public key as `minisign -V -P` takes it.
pub fn public_key(public: &[u8; 32]) -> String {
    STANDARD.encode([&PUBLIC, key_id(public).as_slice(), public].concat())
}

fn key_id(public: &[u8; 32]) -> [u8; 8] {
    let mut id = [0; 8];
    id.copy_from_slice(&device_of(public).0[..8]);
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::entropy::SeededEntropy;

    fn sample() -> (Signer, String) {
        let signer = Signer::random(&mut SeededEntropy::new(1));
        let file = sign(&signer, b"manifest", "mahoe bundle 00");
        (signer, file)
    }

    #[test]
    fn only_the_signer_the_message_and_the_spelling_verify() {
        let (signer, file) = sample();
        let public = signer.public();
        assert_eq!(verify(file.as_bytes(), &public, b"manifest"), Some("mahoe bundle 00"));
        assert_eq!(verify(file.as_bytes(), &public, b"another"), None);
        let other = Signer::random(&mut SeededEntropy::new(2)).public();
        assert_eq!(verify(file.as_bytes(), &other, b"manifest"), None);
        for at in 0..file.len() {
            let mut bytes = file.clone().into_bytes();
            bytes[at] ^= 1;
            assert_eq!(verify(&bytes, &public, b"manifest"), None, "byte {at}");
            assert_eq!(verify(&file.as_bytes()[..at], &public, b"manifest"), None, "cut to {at}");
        }
        assert_eq!(verify(format!("{file}\n").as_bytes(), &public, b"manifest"), None);
        assert_eq!(verify(file.replace('\n', "\r\n").as_bytes(), &public, b"manifest"), None);
    }

    #[test]
    fn a_public_key_is_spelt_as_minisign_does() {
        let text = public_key(&sample().0.public());
        assert_eq!(text.len(), 56);
        assert!(text.starts_with("RW"), "{text}");
    }
}
