//! Names as they are compared: without case, accents and hyphens, `Mac` as `Mc`, in any order, by spelling and by sound.

use std::collections::BTreeSet;

use zeroize::Zeroize;

use crate::domain::mask::folded_words;

/// The most words of a name that count: more is a text and no name.
const MOST_WORDS: usize = 8;
/// From this length on one letter more, less, other or in the wrong place is a slip.
const LONG_ENOUGH: usize = 5;
/// From this length on two are.
const LONG: usize = 8;
/// Words of the same sound must be spelt at least this much alike (Jaro, 0 to 1).
const SPELT: f64 = 0.6;

/// How two names fit, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// Two words or more, all of the shorter name in the longer, spelt the same.
    Same,
    /// The same, but some only sound or are spelt alike.
    Alike,
    /// A word is the same, and initials fit others.
    Initial,
    /// The shorter name is one word, which the other has.
    One,
    /// The shorter name is one word, which sounds like one of the other.
    OneAlike,
    /// One of them is not known.
    Unknown,
    /// They are different.
    Other,
}

/// A name.
#[derive(Debug, Default)]
pub struct Name {
    words: Vec<Word>,
}

#[derive(Debug)]
struct Word {
    plain: String,
    /// Its consonants as they sound; the vowels are what people spell differently.
    sound: u64,
}

/// How two words of names fit, the best last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum WordFit {
    Other,
    Initial,
    Alike,
    Same,
}

impl Drop for Word {
    fn drop(&mut self) {
        self.plain.zeroize();
        self.sound.zeroize();
    }
}

impl Word {
    fn new(plain: String) -> Self {
        Self { sound: sound(&plain), plain }
    }

    fn letters(&self) -> usize {
        self.plain.chars().count()
    }

    fn fit(&self, other: &Self) -> WordFit {
        if self.plain == other.plain {
            // An initial beside the same initial says little.
            return if self.letters() == 1 { WordFit::Initial } else { WordFit::Same };
        }
        let (short, long) = if self.letters() < other.letters() { (self, other) } else { (other, self) };
        if short.letters() == 1 {
            return if long.plain.starts_with(&*short.plain) { WordFit::Initial } else { WordFit::Other };
        }
        let slips = match short.letters() {
            0..LONG_ENOUGH => 0,
            LONG_ENOUGH..LONG => 1,
            _ => 2,
        };
        let slip = slips > 0 && strsim::osa_distance(&self.plain, &other.plain) <= slips;
        let sounds = self.sound == other.sound && strsim::jaro(&self.plain, &other.plain) >= SPELT;
        if slip || sounds { WordFit::Alike } else { WordFit::Other }
    }
}

impl Name {
    /// A name as typed: "McDonald, Marcia-Ann", "marcia ann macdonald".
    pub fn new(text: &str) -> Self {
        let mut words: Vec<String> = Vec::new();
        for word in folded_words(text).into_iter().take(MOST_WORDS) {
            match words.last_mut() {
                // "Mc Donald", "O Neil", "D'Angelo": one word, however it is written.
                Some(before) if matches!(before.as_str(), "mc" | "mac") => {
                    *before = format!("mc{word}");
                }
                Some(before) if matches!(before.as_str(), "o" | "d") && text.contains(['\'', '’']) => {
                    before.push_str(&word);
                }
                _ => words.push(word),
            }
        }
        let plain = |word: String| match word.strip_prefix("mac") {
            // "Mackenzie", but not "Macy".
            Some(rest) if rest.chars().count() >= 4 => format!("mc{rest}"),
            _ => word,
        };
        Self { words: words.into_iter().map(plain).map(Word::new).collect() }
    }

    /// Nothing is known of it.
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Under which it is looked for: the sound of each word that is more than an initial.
    pub fn sounds(&self) -> impl Iterator<Item = u64> {
        let pairs = self.words.windows(2).map(|pair| sound(&format!("{}{}", pair[0].plain, pair[1].plain)));
        let words = self.words.iter().filter(|word| word.letters() > 1).map(|word| word.sound);
        words.chain(pairs).collect::<BTreeSet<_>>().into_iter()
    }

    /// How it fits another name, whatever the order of the words.
    pub fn fit(&self, other: &Self) -> Fit {
        if self.is_empty() || other.is_empty() {
            return Fit::Unknown;
        }
        let (mine, theirs) = (self.joined_as(other), other.joined_as(self));
        let (short, long) = if mine.len() <= theirs.len() { (&mine, &theirs) } else { (&theirs, &mine) };
        let mut free: Vec<&Word> = long.iter().collect();
        let mut fits: Vec<WordFit> = Vec::with_capacity(short.len());
        // Whole words first, so that an initial takes none of them away.
        let mut open: Vec<&Word> = short.iter().collect();
        for wanted in [WordFit::Same, WordFit::Alike, WordFit::Initial] {
            open.retain(|word| {
                let found = free.iter().position(|other| word.fit(other) == wanted);
                if let Some(at) = found {
                    free.remove(at);
                    fits.push(wanted);
                }
                found.is_none()
            });
        }
        judged(short.len(), &fits)
    }

    /// Its words, those that the other writes as one joined: "Ann Marie" beside "Annmarie".
    fn joined_as(&self, other: &Self) -> Vec<Word> {
        let mut out: Vec<Word> = Vec::with_capacity(self.words.len());
        let mut at = 0;
        while let Some(word) = self.words.get(at) {
            let both = self.words.get(at + 1).map(|next| format!("{}{}", word.plain, next.plain));
            let both = both.filter(|both| other.words.iter().any(|theirs| theirs.plain == *both));
            at += 1 + usize::from(both.is_some());
            out.push(Word::new(both.unwrap_or_else(|| word.plain.clone())));
        }
        out
    }
}

/// From how the words fit to how the names do.
fn judged(words: usize, fits: &[WordFit]) -> Fit {
    let whole = fits.iter().filter(|fit| **fit >= WordFit::Alike).count();
    let same = fits.iter().filter(|fit| **fit == WordFit::Same).count();
    match (fits.len() == words, whole, same) {
        (true, 2.., _) if same == words => Fit::Same,
        (true, 1, _) if words > 1 => Fit::Initial,
        (true, 1, 1) => Fit::One,
        (true, 1, _) => Fit::OneAlike,
        // Two of three or more: a second name that was left out, or is another.
        (_, 2.., _) => Fit::Alike,
        _ => Fit::Other,
    }
}

/// The consonants of a folded word as they sound in Jamaican English, as one number: "Shevon" and "Chevaughn", "Marcia"
/// and "Marsha", "Tiffany" and "Tiphanie" have the same. A word that begins with a vowel says so.
fn sound(word: &str) -> u64 {
    let letters: Vec<char> = word.chars().collect();
    let mut code = Code(0);
    let mut at = 0;
    while at < letters.len() {
        let next = |ahead: usize| letters.get(at + ahead).copied().unwrap_or(' ');
        let soft = matches!(next(1), 'e' | 'i' | 'y');
        let (heard, taken) = match (letters[at], next(1), next(2)) {
            ('t', 'c', 'h') => ('x', 3),
            // "Shanice", "Chanice"; "Marcia", "Keisia", "Latia".
            ('s' | 'c', 'h', _) | ('c' | 's' | 't', 'i', 'a' | 'o') => ('x', 2),
            ('p', 'h', _) => ('f', 2),
            ('t', 'h', _) => ('t', 2),
            ('d', 'g', _) => ('j', 2),
            ('g', 'h', _) if at > 0 => (' ', 2),
            ('k' | 'g', 'n', _) | ('w', 'r', _) if at == 0 => (next(1), 2),
            ('c', 'k' | 'q', _) => ('k', 2),
            ('c', ..) if soft => ('s', 1),
            ('g', ..) if soft => ('j', 1),
            ('c' | 'q', ..) => ('k', 1),
            ('x', ..) if at > 0 => ('k', 1),
            ('x' | 'z', ..) => ('s', 1),
            ('v', ..) => ('f', 1),
            ('h', ..) => (' ', 1),
            ('a' | 'e' | 'i' | 'o' | 'u', ..) => (if code.0 == 0 { 'a' } else { ' ' }, 1),
            ('w' | 'y', ..) if at > 0 => (' ', 1),
            (letter, ..) => (letter, 1),
        };
        code.hear(heard);
        at += taken;
    }
    code.0
}

/// Sounds one after the other, each once where it is doubled.
struct Code(u64);

impl Code {
    fn hear(&mut self, sound: char) {
        if sound == ' ' {
            return;
        }
        let heard = u64::from(u32::from(sound)).saturating_sub(u64::from(b'a') - 1) & 31;
        if self.0 & 31 != heard {
            self.0 = self.0.rotate_left(5) & !31 | heard;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(a: &str, b: &str) -> Fit {
        let (a, b) = (Name::new(a), Name::new(b));
        assert_eq!(a.fit(&b), b.fit(&a), "both ways the same");
        a.fit(&b)
    }

    #[test]
    fn names_that_are_one_however_they_are_written() {
        for (a, b) in [
            ("Fern Riverstone", "RIVERSTONE, Fern"),
            ("Renée Riverstone", "Renee Riverstone"),
            ("Ann-Marie McPebble", "Annmarie Mc Pebble"),
            ("Ann Marie MacPebble", "ann-marie mcpebble"),
            ("Coral O'Neil", "Coral ONeil"),
            ("D’Angelo Rock", "Dangelo Rock"),
            ("Fern Riverstone", "Fern Alicia Riverstone"),
        ] {
            assert_eq!(fit(a, b), Fit::Same, "{a} / {b}");
        }
    }

    #[test]
    fn names_that_sound_or_are_nearly_spelt_alike() {
        for (a, b) in [
            ("Marcia Riverstone", "Marsha Riverstone"),
            ("Shevon Rock", "Chevaughn Rock"),
            ("Tiffany Rock", "Tiphanie Rock"),
            ("Jhanelle Pebble", "Janel Pebble"),
            ("Kadian Pebble", "Cadien Pebble"),
            ("Keisha Pebble", "Kesha Pebble"),
            ("Hannah Rock", "Anna Rock"),
            ("Tashana Riverstone", "Tahsana Riverstone"),
            ("Fern Riverstone", "Fern Riverstome"),
            ("Fern Alicia Riverstone", "Fern Beryl Riverstone"),
        ] {
            assert_eq!(fit(a, b), Fit::Alike, "{a} / {b}");
        }
    }

    #[test]
    fn initials_and_single_names_say_less_and_others_are_others() {
        for (a, b, expected) in [
            ("F. Riverstone", "Fern Riverstone", Fit::Initial),
            ("F. Riverstone", "Coral Riverstone", Fit::Other),
            ("Fern", "Fern Riverstone", Fit::One),
            ("Marsha", "Marcia Riverstone", Fit::OneAlike),
            ("Fern Riverstone", "Coral Riverstone", Fit::Other),
            ("Fern", "Moss", Fit::Other),
            ("F", "Fern", Fit::Other),
            ("Jo", "Joan", Fit::Other),
            ("Macy Rock", "Mcy Stone", Fit::Other),
            ("", "Fern", Fit::Unknown),
            ("…", "Fern", Fit::Unknown),
        ] {
            assert_eq!(fit(a, b), expected, "{a} / {b}");
        }
    }

    #[test]
    fn any_text_is_taken() {
        for text in ["日本 花子", "ﬁ", "’", "o'", "mc", "mac", "\u{301}", &"x ".repeat(500), &"long".repeat(200)]
        {
            let name = Name::new(text);
            assert!(name.words.len() <= MOST_WORDS);
            assert!(matches!(name.fit(&name), Fit::Same | Fit::One | Fit::Unknown | Fit::Other), "{text}");
        }
        assert_eq!(fit("日本 花子", "花子 日本"), Fit::Same);
    }
}
