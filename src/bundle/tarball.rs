//! The archive inside a bundle: plain ustar with one spelling for each name and size.
//!
//! Nothing is parsed that need not be: a reader makes the header that must stand there and compares all 512 bytes, so
//! links, folders, owners, times, long names and extensions have no way in.

/// Headers, contents and the end are in blocks of this many bytes.
pub const BLOCK: usize = 512;
/// Zero bytes that end the archive.
pub const END: u64 = 2 * BLOCK as u64;
/// The longest name.
pub const MAX_NAME: usize = 100;

/// Where each field lies, and what never changes.
const MODE: (usize, &[u8]) = (100, b"0000644\0");
const UID: (usize, &[u8]) = (108, b"0000000\0");
const GID: (usize, &[u8]) = (116, b"0000000\0");
const SIZE: usize = 124;
const MTIME: (usize, &[u8]) = (136, b"00000000000\0");
const CHECKSUM: usize = 148;
const TYPE: (usize, &[u8]) = (156, b"0");
const MAGIC: (usize, &[u8]) = (257, b"ustar\x0000");

/// The header of a regular file. `name` has at most [`MAX_NAME`] bytes and `size` less than 2^33.
pub fn header(name: &str, size: u64) -> [u8; BLOCK] {
    debug_assert!(name.len() <= MAX_NAME && size < 1 << 33);
    let mut block = [0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name.as_bytes());
    put(SIZE, format!("{size:011o}\0").as_bytes());
    put(CHECKSUM, b"        ");
    for (at, bytes) in [MODE, UID, GID, MTIME, TYPE, MAGIC] {
        put(at, bytes);
    }
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[CHECKSUM..CHECKSUM + 8].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// The size in a header that is exactly [`header`] of `name`; `None` for any other header.
pub fn size_of(name: &str, block: &[u8; BLOCK]) -> Option<u64> {
    let digits = std::str::from_utf8(&block[SIZE..SIZE + 11]).ok()?;
    let octal = digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    let size = octal.then(|| u64::from_str_radix(digits, 8).ok()).flatten()?;
    (header(name, size) == *block).then_some(size)
}

/// Zero bytes between a content of `size` bytes and the next block.
pub const fn slack(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

/// Bytes that a file takes: header, content and slack.
pub const fn taken(size: u64) -> u64 {
    BLOCK as u64 + size + slack(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes_of_a_header() {
        let block = header("manifest.txt", 1234);
        let text: String = block.iter().map(|byte| if *byte == 0 { '.' } else { char::from(*byte) }).collect();
        assert_eq!(
            text.trim_matches('.').replace("...", ""),
            "manifest.txt.0000644.0000000.0000000.00000002322.00000000000.010313. 0.ustar.00"
        );
        assert_eq!(size_of("manifest.txt", &block), Some(1234));
    }

    #[test]
    fn every_changed_byte_is_another_header() {
        let block = header("heads.bin", 77);
        for at in 0..BLOCK {
            let mut other = block;
            other[at] ^= 1;
            assert_ne!(size_of("heads.bin", &other), Some(77), "byte {at}");
        }
        assert_eq!(size_of("entries.bin", &block), None);
        let mut blank = block;
        blank[SIZE..SIZE + 11].copy_from_slice(b"        115");
        assert_eq!(size_of("heads.bin", &blank), None, "one spelling of a number");
    }

    #[test]
    fn files_take_whole_blocks() {
        assert_eq!((taken(0), taken(1), taken(512), taken(513)), (512, 1024, 1024, 1536));
        assert_eq!((slack(0), slack(1), slack(511), slack(512)), (0, 511, 1, 0));
    }
}
