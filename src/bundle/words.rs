//! Eight words by which two teams find out whether each holds the other's true card.
//!
//! They are derived from both roots, so that nobody in the middle can show each side a root of their own and have both
//! see the same words; a memory-hard function makes searching for such roots dear. Each side speaks the half that its
//! screen shows and types the half that it hears: words read aloud from a screen are agreed to by habit, typed ones are
//! compared. docs/adr/0011.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use bip39::Language;
use zeroize::Zeroizing;

use crate::error::{AppError, Kind};
use crate::vault::seal::Entropy;

/// How many words there are.
pub const COUNT: usize = 8;
/// How many of them each side speaks.
pub const HALF: usize = COUNT / 2;
/// The longest text that is looked at, in bytes.
const MAX_TEXT: usize = 1024;
const SALT: &[u8] = b"mahoe peer words v1";
/// 64 MiB.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;

/// Words that seal one file once: seven of the list, 77 random bits, with a space between.
pub fn one_time(rng: &mut dyn Entropy) -> Zeroizing<String> {
    const ONCE: usize = 7;
    let list = Language::English.word_list();
    // No word is longer than eight letters, so that the buffer never moves.
    let mut text = Zeroizing::new(String::with_capacity(ONCE * 9));
    for at in 0..ONCE {
        let mut bits = Zeroizing::new([0; 2]);
        rng.fill(&mut *bits);
        if at > 0 {
            text.push(' ');
        }
        text.push_str(list[usize::from(u16::from_le_bytes(*bits)) % list.len()]);
    }
    text
}

/// One-time words as people type them, in the spelling of [`one_time`].
pub fn typed_once(text: &str) -> Zeroizing<String> {
    let text = text.get(..MAX_TEXT.min(text.len())).unwrap_or("");
    let lower = Zeroizing::new(text.to_lowercase());
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    Zeroizing::new(words.join(" "))
}

/// The words between two teams, as one of them sees them.
pub struct PeerWords {
    words: [&'static str; COUNT],
    /// True for the side with the lower root: it speaks the first half.
    first: bool,
}

/// What is wrong with the words that were heard. It names places among the four, never words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misheard {
    /// So many were typed.
    Count(usize),
    /// The word in this place (from 1) is not on the list.
    Unknown(usize),
    /// The word in this place is on the list, and another one than ours.
    Wrong(usize),
    /// These are the words that this side speaks.
    Ours,
}

impl PeerWords {
    /// The words between two teams: Argon2id over both root public keys, the lower first, gives 88 bits; each 11 of
    /// them are a word of the English BIP 39 list. Takes some tenths of a second and 64 MiB.
    pub fn between(ours: &[u8; 32], theirs: &[u8; 32]) -> Self {
        let first = ours < theirs;
        let sorted = if first { [*ours, *theirs] } else { [*theirs, *ours] }.concat();
        let mut bits = [0u8; COUNT * 11 / 8];
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(bits.len())).expect("fixed and within the limits");
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(&sorted, SALT, &mut bits)
            .expect("lengths of salt and output are fixed and within the limits");
        let bit = |at: usize| usize::from(bits[at / 8] >> (7 - at % 8) & 1);
        let number = |word: usize| (0..11).fold(0, |value, offset| value << 1 | bit(word * 11 + offset));
        let list = Language::English.word_list();
        Self { words: std::array::from_fn(|word| list[number(word)]), first }
    }

    fn half(&self, first: bool) -> &[&'static str] {
        if first { &self.words[..HALF] } else { &self.words[HALF..] }
    }

    /// The four words that this side speaks.
    pub fn spoken(&self) -> &[&'static str] {
        self.half(self.first)
    }

    /// Compares the four words that the other side spoke, as somebody typed them: in any case, with numbers, commas
    /// or line ends between them.
    ///
    /// # Errors
    /// [`Misheard`], the first mistake in reading order.
    pub fn hear(&self, text: &str) -> Result<(), Misheard> {
        let text = text.get(..MAX_TEXT.min(text.len())).unwrap_or("").to_lowercase();
        let heard: Vec<&str> = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
        if heard.len() != HALF {
            return Err(Misheard::Count(heard.len()));
        }
        if let Some(at) = heard.iter().position(|word| Language::English.find_word(word).is_none()) {
            return Err(Misheard::Unknown(at + 1));
        }
        if heard == self.spoken() {
            return Err(Misheard::Ours);
        }
        match heard.iter().zip(self.half(!self.first)).position(|(heard, ours)| heard != ours) {
            Some(at) => Err(Misheard::Wrong(at + 1)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Misheard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(found) => write!(f, "{found} words were typed, and the other side speaks {HALF}."),
            Self::Unknown(place) => write!(f, "Word {place} is not on the word list."),
            Self::Wrong(place) => write!(f, "Word {place} is not the one that it should be: the cards don't match."),
            Self::Ours => f.write_str("These are the words that you speak yourself."),
        }
    }
}

impl std::error::Error for Misheard {}

impl From<Misheard> for AppError {
    fn from(error: Misheard) -> Self {
        let (kind, hint) = match error {
            Misheard::Count(_) => (Kind::Usage, "Type the four words that you hear, with spaces between them."),
            Misheard::Unknown(_) => (Kind::Usage, "Have it spelt, and type it again."),
            Misheard::Ours => (Kind::Usage, "Read them to the other side, and type the four that they read to you."),
            Misheard::Wrong(_) => (
                Kind::Damaged,
                "Compare once more. If it stays, send nothing: one of you has a false card; exchange cards again by \
                 another way.",
            ),
        };
        Self::new(kind, error.to_string(), hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_speaks_one_half_and_types_the_other() {
        let (low, high) = ([3; 32], [9; 32]);
        let (a, b) = (PeerWords::between(&low, &high), PeerWords::between(&high, &low));
        assert_eq!(a.words, b.words);
        assert_eq!([a.spoken(), b.spoken()].concat(), a.words);
        // The words themselves, so that another implementation can be compared.
        assert_eq!(a.words.join(" "), "front fun paddle slow strong sponsor noise brother");
        let heard = format!(
            "  1. {},\n{} {}\t4) {} ",
            b.spoken()[0].to_uppercase(),
            b.spoken()[1],
            b.spoken()[2],
            b.spoken()[3]
        );
        assert_eq!(a.hear(&heard), Ok(()));
        assert_eq!(b.hear(&a.spoken().join(" ")), Ok(()));
        assert_eq!(a.hear(&a.spoken().join(" ")), Err(Misheard::Ours));
        let mut wrong = b.spoken().to_vec();
        wrong[2] = if wrong[2] == "zoo" { "zone" } else { "zoo" };
        assert_eq!(a.hear(&wrong.join(" ")), Err(Misheard::Wrong(3)));
        wrong.swap(0, 1);
        assert_eq!(a.hear(&wrong.join(" ")), Err(Misheard::Wrong(1)));
        wrong[1] = "xylophone";
        assert_eq!(a.hear(&wrong.join(" ")), Err(Misheard::Unknown(2)));
        assert_eq!(a.hear(""), Err(Misheard::Count(0)));
        assert_eq!(a.hear(&"zoo ".repeat(1000)), Err(Misheard::Count(256)));
        assert_eq!(a.hear(&"é".repeat(1000)), Err(Misheard::Count(1)));
    }

    #[test]
    fn another_root_gives_other_words() {
        let words = |theirs: u8| PeerWords::between(&[1; 32], &[theirs; 32]).words;
        assert_ne!(words(2), words(3));
    }
}
