//! The recovery words: 24 English words (BIP 39) that stand for 32 bytes, from which a recovery identity is derived.
//!
//! They are shown once, written down by hand, and typed back by someone under stress: reading is forgiving about
//! case, numbering, commas and line ends, and the first four letters of a word are enough.

#![expect(clippy::missing_panics_doc, reason = "each expect states why it holds; none depends on input")]

use std::fmt;

use bip39::{Language, Mnemonic};
use zeroize::{Zeroize, Zeroizing};

use super::identity::{Identity, Signer};
use crate::error::{AppError, Kind};
use crate::vault::seal::{Entropy, Purpose, SecretKey32};

/// How many words there are.
pub const COUNT: usize = 24;
/// Longest text that is looked at, in bytes.
const MAX_TEXT: usize = 4096;
/// So many letters tell the words of the list apart.
const ENOUGH_LETTERS: usize = 4;

/// What the words stand for.
pub struct RecoveryWords(SecretKey32);

/// What is wrong with words as typed. It names places, never words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordsError {
    /// So many were given.
    Count(usize),
    /// The word in this place (from 1) is not on the list.
    Unknown(usize),
    /// The word in this place (from 1) is cut too short to be told from others.
    Short(usize),
    /// Every word is on the list, but together they don't check.
    Checksum,
}

impl fmt::Display for WordsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(found) => write!(f, "There are {found} words; the recovery sheet has {COUNT}."),
            Self::Unknown(place) => write!(f, "Word {place} is not on the word list."),
            Self::Short(place) => write!(f, "Word {place} could be several words."),
            Self::Checksum => f.write_str("Each word is on the list, but together they don't fit."),
        }
    }
}

impl std::error::Error for WordsError {}

impl From<WordsError> for AppError {
    fn from(error: WordsError) -> Self {
        let hint = match error {
            WordsError::Count(_) => "Check for a missed or doubled word.",
            WordsError::Unknown(_) => "Check its spelling against the sheet.",
            WordsError::Short(_) => "Type at least its first four letters.",
            WordsError::Checksum => {
                "One word was taken for another, or two have changed places: compare each with the sheet."
            }
        };
        Self::new(Kind::Locked, error.to_string(), hint)
    }
}

impl RecoveryWords {
    /// New words.
    pub fn random(rng: &mut dyn Entropy) -> Self {
        Self(SecretKey32::random(rng))
    }

    /// The 24 words in order.
    pub fn words(&self) -> [&'static str; COUNT] {
        let mnemonic = Mnemonic::from_entropy(self.0.expose()).expect("32 bytes make 24 words");
        let mut words = [""; COUNT];
        words.iter_mut().zip(mnemonic.words()).for_each(|(slot, word)| *slot = word);
        words
    }

    /// The identity that opens what is sealed to these words' recipient: its X25519 secret is BLAKE3 `derive_key`
    /// with the context `mahoe recovery identity v1` over the 32 bytes.
    pub fn identity(&self) -> Identity {
        Identity::from_secret(&self.0.derive(Purpose::Recovery, b""))
    }

    /// The signer that introduces a new device for somebody who lost their passphrase. Its public key is on the team's
    /// record from the first entry on; its seed is BLAKE3 `derive_key` with the context `mahoe recovery signer v1`.
    pub fn signer(&self) -> Signer {
        Signer::from_seed(&self.0.derive(Purpose::RecoverySigner, b""))
    }

    /// Reads words as people type them.
    ///
    /// # Errors
    /// [`WordsError`], the first mistake in reading order.
    pub fn parse(text: &str) -> Result<Self, WordsError> {
        if text.len() > MAX_TEXT {
            return Err(WordsError::Count(text.split_whitespace().count()));
        }
        let lower = Zeroizing::new(text.to_lowercase());
        let typed = || lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
        let mut numbers = Zeroizing::new([0u16; COUNT]);
        let count = typed().count();
        for (at, word) in typed().take(COUNT).enumerate() {
            numbers[at] = number_of(word, at + 1)?;
        }
        if count == COUNT { Self::from_numbers(&numbers) } else { Err(WordsError::Count(count)) }
    }

    /// 24 numbers of 11 bits: 256 bits of content, then 8 of checksum.
    fn from_numbers(numbers: &[u16; COUNT]) -> Result<Self, WordsError> {
        let bit = |at: usize| u8::from(numbers[at / 11] >> (10 - at % 11) & 1 == 1);
        let mut bytes = Zeroizing::new([0u8; 32]);
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = (0..8).fold(0, |value, offset| value << 1 | bit(at * 8 + offset));
        }
        let words = Self(SecretKey32::from_slice(&*bytes).expect("32 bytes"));
        // The last word carries the checksum: it fits exactly if it is what the bytes would give.
        let last = Language::English.find_word(words.words()[COUNT - 1]);
        bytes.zeroize();
        if last == Some(numbers[COUNT - 1]) { Ok(words) } else { Err(WordsError::Checksum) }
    }
}

/// The number of a word on the list, or of the only one that starts so.
fn number_of(word: &str, place: usize) -> Result<u16, WordsError> {
    let list = Language::English;
    if let Some(number) = list.find_word(word) {
        return Ok(number);
    }
    match list.words_by_prefix(word) {
        [] => Err(WordsError::Unknown(place)),
        [only] if word.len() >= ENOUGH_LETTERS => list.find_word(only).ok_or(WordsError::Unknown(place)),
        _ => Err(WordsError::Short(place)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::entropy::SeededEntropy;

    fn of_bytes(byte: u8) -> RecoveryWords {
        RecoveryWords(SecretKey32::from_slice(&[byte; 32]).expect("32"))
    }

    #[test]
    fn published_vectors_of_bip_39() {
        let abandon = format!("{}art", "abandon ".repeat(23));
        assert_eq!(of_bytes(0).words().join(" "), abandon);
        assert_eq!(RecoveryWords::parse(&abandon).map(|words| *words.0.expose()), Ok([0; 32]));
        let zoo = format!("{}vote", "zoo ".repeat(23));
        assert_eq!(of_bytes(0xff).words().join(" "), zoo);
    }

    #[test]
    fn golden_identity() {
        assert_eq!(
            of_bytes(0).identity().recipient().to_string(),
            "age1jtqw35h023y5mmkrr6vcft72xx3cxmsll9xydne9lmevzlmz8p2sp28cjl"
        );
    }

    #[test]
    fn reading_is_forgiving() {
        let words = RecoveryWords::random(&mut SeededEntropy::new(4));
        let numbered: Vec<_> = words
            .words()
            .iter()
            .enumerate()
            .map(|(at, word)| format!("{}) {},\r\n", at + 1, word.to_uppercase()))
            .collect();
        let short: Vec<_> = words.words().iter().map(|word| &word[..word.len().min(4)]).collect();
        for text in [numbered.concat(), short.join("  \t"), format!("\n {} \n", words.words().join("\n"))] {
            assert_eq!(RecoveryWords::parse(&text).map(|read| *read.0.expose()), Ok(*words.0.expose()));
        }
    }

    #[test]
    fn each_kind_of_mistake_has_its_own_answer() {
        let parse = |text: String| RecoveryWords::parse(&text).err();
        let good = of_bytes(0).words();
        assert_eq!(parse(String::new()), Some(WordsError::Count(0)));
        assert_eq!(parse(good[..23].join(" ")), Some(WordsError::Count(23)));
        assert_eq!(parse(format!("{} art", good.join(" "))), Some(WordsError::Count(25)));
        assert_eq!(parse("a ".repeat(100_000)), Some(WordsError::Count(100_000)));
        let replaced = |at: usize, word: &'static str| {
            let mut words = good;
            words[at] = word;
            words.join(" ")
        };
        assert_eq!(parse(replaced(4, "mahoe")), Some(WordsError::Unknown(5)));
        assert_eq!(parse(replaced(4, "àbandon")), Some(WordsError::Unknown(5)));
        assert_eq!(parse(replaced(6, "aba")), Some(WordsError::Short(7)));
        assert_eq!(parse(replaced(6, "ability")), Some(WordsError::Checksum));
    }

    #[test]
    fn four_letters_tell_all_words_apart() {
        for word in Language::English.word_list() {
            assert_eq!(number_of(&word[..word.len().min(4)], 1), number_of(word, 1), "{word}");
        }
    }

    proptest! {
        #[test]
        fn words_round_trip(seed: u64) {
            let words = RecoveryWords::random(&mut SeededEntropy::new(seed));
            let read = RecoveryWords::parse(&words.words().join(" ")).expect("just made");
            prop_assert_eq!(read.0.expose(), words.0.expose());
        }

        #[test]
        fn anything_typed_is_answered(text in ".{0,300}") {
            let _ = RecoveryWords::parse(&text);
        }
    }
}
