//! Bundles as files: vectors made by an independent program, stock tools, and mutated bytes.

mod mutated;
mod stock;
mod vectors;

use std::fs;
use std::path::{Path, PathBuf};

use mahoe::bundle::container::Reader;
use mahoe::bundle::entries::{Body, Record};
use mahoe::bundle::manifest::Manifest;
use mahoe::bundle::refusal::Refusal;
use mahoe::vault::keys::identity::{Identity, Signer};
use mahoe::vault::seal::SecretKey32;
use sha2::{Digest as _, Sha256};

/// Where the vectors lie.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/bundle")
}

/// The secret that a vector's key is made from: its name's.
fn secret(name: &str) -> SecretKey32 {
    let seed = Sha256::digest([b"mahoe test vector ".as_slice(), name.as_bytes()].concat());
    SecretKey32::from_slice(&seed).expect("32 bytes")
}

fn identity(name: &str) -> Identity {
    Identity::from_secret(&secret(name))
}

fn signer(name: &str) -> Signer {
    Signer::from_seed(&secret(name))
}

/// All that a bundle holds.
struct Whole {
    manifest: Manifest,
    records: Vec<Record>,
    attachments: Vec<(String, Vec<u8>)>,
}

fn read_all(mut reader: Reader<'_>) -> Result<Whole, Refusal> {
    let mut records = Vec::new();
    while let Some(record) = reader.entry()? {
        records.push(record);
    }
    reader.heads()?;
    let mut attachments = Vec::new();
    while let Some(part) = reader.attachment()? {
        attachments.push((part.line().name.clone(), part.bytes()?));
    }
    Ok(Whole { manifest: reader.finish()?.manifest, records, attachments })
}

fn vector(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).expect(name)
}

/// The bodies that a reader of the records sees.
fn open_bodies(records: &[Record]) -> Vec<&[u8]> {
    let open = |record| match record {
        &Record { body: Body::Open(ref body), .. } => Some(body.as_slice()),
        _ => None,
    };
    records.iter().filter_map(open).collect()
}
