//! Bytes that look random and are the same in every run. Never for a real vault: whoever knows the seed knows the keys.

use crate::vault::seal::Entropy;

/// The BLAKE3 output stream of a seed.
pub struct SeededEntropy(blake3::OutputReader);

impl SeededEntropy {
    /// Starts the stream of `seed`.
    pub fn new(seed: u64) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("mahoe testing entropy v1");
        hasher.update(&seed.to_le_bytes());
        Self(hasher.finalize_xof())
    }
}

impl Entropy for SeededEntropy {
    fn fill(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }
}
