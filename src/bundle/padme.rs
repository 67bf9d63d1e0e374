//! PADME: lengths from which little can be told. At most 12 % longer, and only O(log log) bits of the length are left.
//!
//! Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019, algorithm 1.

/// The shortest plain text of a bundle, in bytes: a receipt looks like a small referral.
pub const MIN: u64 = 64 * 1024;

/// The length to which a plain text of `length` bytes is padded with zeros.
pub const fn padded(length: u64) -> u64 {
    padme(if length < MIN { MIN } else { length })
}

/// The next length of which only the highest bits are set. `length` is at most 2^40 here, so nothing overflows.
const fn padme(length: u64) -> u64 {
    if length < 2 {
        return length;
    }
    let exponent = length.ilog2();
    let kept = exponent.ilog2() + 1;
    let mask = (1 << (exponent - kept)) - 1;
    (length + mask) & !mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_the_published_algorithm() {
        for (length, wanted) in [(2, 2), (9, 10), (100, 104), (1000, 1024), (65_537, 67_584), (1_000_000, 1_015_808)] {
            assert_eq!(padme(length), wanted, "{length}");
        }
        assert_eq!((padded(0), padded(MIN), padded(MIN + 1)), (MIN, MIN, 67_584));
    }

    #[test]
    fn a_padded_length_stays_and_is_at_most_an_eighth_longer() {
        for length in (0..2_000_000).step_by(997).chain([1 << 32, (1 << 32) - 1, 5_000_000_000]) {
            let long = padded(length);
            assert_eq!(padded(long), long);
            assert!(long >= length && long <= length.max(MIN) / 8 * 9 + 9, "{length} → {long}");
            assert_eq!(long % 512, 0, "whole blocks of the archive");
        }
    }
}
