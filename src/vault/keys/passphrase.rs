//! Passphrases, and how much work one guess at them costs.

use age::secrecy::SecretString;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::KeyError;

/// Longest passphrase, in bytes after normalisation.
pub const MAX_LEN: usize = 1024;

/// What a person typed, in Unicode form NFC and without a line end, so that the same passphrase typed on another
/// keyboard or read from a file opens the same vault. Spaces count.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Normalises `text`; one line end (`\n` or `\r\n`) at the end of a file is not part of it.
    ///
    /// # Errors
    /// [`KeyError::Passphrase`] if it is empty or longer than [`MAX_LEN`].
    pub fn new(text: &str) -> Result<Self, KeyError> {
        let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
        if text.is_empty() || text.len() > MAX_LEN {
            return Err(KeyError::Passphrase);
        }
        // NFC is never more than three times as long, so the buffer does not move and leave a copy behind.
        let mut normal = Zeroizing::new(String::with_capacity(text.len() * 3));
        normal.extend(text.nfc());
        if normal.len() > MAX_LEN { Err(KeyError::Passphrase) } else { Ok(Self(normal)) }
    }

    /// The text, for judging its strength. Never print or store it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn to_age(&self) -> SecretString {
        SecretString::from(self.0.as_str())
    }
}

/// scrypt's cost as a power of two: what one guess at a passphrase costs an attacker, and one unlock its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkFactor(u8);

impl WorkFactor {
    /// 2^18: some 0.7 s and 256 MiB on an ordinary laptop.
    pub const DEFAULT: Self = Self(18);
    /// The least for a vault that holds real people.
    pub const MIN: u8 = 15;
    /// The most that is ever made or opened: 1 GiB of memory.
    pub const MAX: u8 = 20;
    /// The least for practice vaults, whose passphrases protect nobody.
    pub const MIN_PRACTICE: u8 = 1;

    /// A factor that is allowed in this kind of vault.
    ///
    /// # Errors
    /// [`KeyError::WorkFactor`] outside the range.
    pub const fn new(factor: u8, practice: bool) -> Result<Self, KeyError> {
        let least = if practice { Self::MIN_PRACTICE } else { Self::MIN };
        if factor < least || factor > Self::MAX {
            return Err(KeyError::WorkFactor(factor, least, Self::MAX));
        }
        Ok(Self(factor))
    }

    /// The power of two.
    pub const fn get(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_are_the_same_passphrase() {
        let composed = Passphrase::new("caf\u{e9} \u{212b}\r\n").expect("fine");
        let decomposed = Passphrase::new("cafe\u{301} A\u{30a}").expect("fine");
        assert_eq!(composed.expose(), decomposed.expose());
        assert_eq!(Passphrase::new(" a \n\n").map(|p| p.expose().to_owned()).as_deref(), Ok(" a \n"));
    }

    #[test]
    fn empty_and_endless_are_refused() {
        for bad in ["", "\n", "\r\n", &"x".repeat(MAX_LEN + 1)] {
            assert_eq!(Passphrase::new(bad).err(), Some(KeyError::Passphrase));
        }
        assert!(Passphrase::new(&"x".repeat(MAX_LEN)).is_ok());
    }

    #[test]
    fn weak_work_is_for_practice_only() {
        assert_eq!(WorkFactor::new(14, false), Err(KeyError::WorkFactor(14, 15, 20)));
        assert_eq!(WorkFactor::new(18, false), Ok(WorkFactor::DEFAULT));
        assert!(WorkFactor::new(1, true).is_ok());
        assert!(WorkFactor::new(0, true).is_err() && WorkFactor::new(21, true).is_err());
    }
}
