//! Mutated bytes through everything that reads a bundle: the fuzz targets' own functions, seeded, in every test run.

use mahoe::testing::fuzz;
use mahoe::vault::seal::Entropy as _;

use super::vector;

/// What a reader is given: some vector, a few bytes changed, cut, doubled or put elsewhere.
fn mutate(mut bytes: Vec<u8>, random: &mut dyn FnMut(usize) -> usize) -> Vec<u8> {
    for _ in 0..=random(4) {
        if bytes.is_empty() {
            return bytes;
        }
        let (at, to) = (random(bytes.len()), random(bytes.len()));
        match random(6) {
            0 => bytes[at] ^= 1 << random(8),
            1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff, b'\n', b' '][random(7)],
            2 => bytes.truncate(at),
            3 => bytes.insert(at, bytes[to]),
            4 => bytes.rotate_left(at),
            _ => {
                let piece = bytes[at.min(to)..at.max(to)].to_vec();
                let end = (at + piece.len().min(64)).min(bytes.len());
                bytes.splice(at..end, piece.into_iter().take(64));
            }
        }
    }
    bytes
}

#[test]
fn nothing_that_is_read_makes_a_reader_fail_otherwise_than_by_refusing() {
    let mut entropy = mahoe::testing::entropy::SeededEntropy::new(20_261_122);
    let mut random = |below: usize| {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % below as u64).expect("below")
    };
    let corpus: Vec<Vec<u8>> =
        fuzz::seeds().into_iter().chain([vector("sync.tar"), vector("receipt.tar"), vector("refer.bundle")]).collect();
    for (name, target) in fuzz::TARGETS {
        let mut taken = 0;
        for round in 0..400 {
            let seed = &corpus[random(corpus.len())];
            let bytes = if round < corpus.len() { corpus[round].clone() } else { mutate(seed.clone(), &mut random) };
            taken += usize::from(target(&bytes));
        }
        // Nobody but the vectors' receiver opens a file; everything else reads at least its own seed.
        assert!(taken > 0 || *name == "envelope", "{name} took no seed at all");
    }
}
