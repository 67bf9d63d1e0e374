//! Codes that people speak: `06-7K3Q` for a case, `A-4TZB` for an action.
//!
//! A code is a name for an id, never the id itself: it is made from the id's own random bytes, so that every copy of
//! the record shows the same one without asking anybody. The last character checks the others: one wrong character
//! or two neighbours swapped are always noticed. Symbols hold no vowel and no Y, so that nothing reads as a word.
//!
//! This module must never draw randomness nor know what a case is.

use std::fmt;

/// The 29 symbols, in the order of their values. 29 is prime, which is what makes the check character work.
pub const ALPHABET: &[u8; 29] = b"023456789BCDFGHJKLMNPQRSTVWXZ";

/// The fewest symbols that a code shows.
pub const SHORTEST: u8 = 3;
/// The most symbols that a code can show.
pub const LONGEST: u8 = 6;

/// The most parish numbers there are (ISO 3166-2:JM).
const PARISHES: u8 = 14;
/// What stands before the dash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Prefix {
    /// The number of the parish in which the case was opened.
    Parish(u8),
    /// The kind of item: `A` action, `D` document, `G` outreach event, `F` follow-up, `M` meeting, `N` note,
    /// `P` person, `Q` screening, `R` referral, `T` training, `V` service.
    Letter(char),
}

/// A code as it is shown: prefix, dash, symbols, check character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Code {
    prefix: Prefix,
    symbols: [u8; LONGEST as usize],
    shown: u8,
}

/// A code as somebody typed it, checked. It may fit several ids if it was written down before a collision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CodeRef {
    /// What stands before the dash.
    pub prefix: Prefix,
    /// The symbols without the check character.
    pub symbols: String,
}

/// Why a typed code is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeError {
    /// Nothing was typed.
    Empty,
    /// It starts with neither a parish number nor a letter.
    Prefix,
    /// There is no parish of this number.
    Parish(u8),
    /// Too few or too many characters after the prefix.
    Length,
    /// A character that no code holds.
    Symbol(char),
    /// The check character does not fit the rest.
    Check,
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no code was given: type one like 06-7K3Q"),
            Self::Prefix => f.write_str("a code starts with a parish number or a letter, like 06-7K3Q or A-4TZB"),
            Self::Parish(number) => write!(f, "there is no parish {number:02}: please check the two digits in front"),
            Self::Length => f.write_str("a code has 4 to 7 characters after the dash: please check the code"),
            Self::Symbol(symbol) => write!(f, "\"{symbol}\" is in no code: please check the code"),
            Self::Check => f.write_str("the last character does not fit: please check the code"),
        }
    }
}

impl std::error::Error for CodeError {}

impl Code {
    /// The code of a case opened in `parish` (1 to 14), showing `symbols` of its id (clamped to 3..=6).
    pub fn case(parish: u8, id: &[u8; 16], symbols: u8) -> Self {
        Self::new(Prefix::Parish(parish), id, symbols)
    }

    /// The code of an item inside a case or the team; `letter` says what it is: A, or a letter of
    /// [`ALPHABET`] but L, which reads as 1.
    pub fn item(letter: char, id: &[u8; 16], symbols: u8) -> Self {
        debug_assert!(is_item_letter(letter.to_ascii_uppercase()), "a code with this letter could not be read back");
        Self::new(Prefix::Letter(letter.to_ascii_uppercase()), id, symbols)
    }

    fn new(prefix: Prefix, id: &[u8; 16], symbols: u8) -> Self {
        Self { prefix, symbols: symbols_of(id), shown: symbols.clamp(SHORTEST, LONGEST) }
    }

    /// Reads a code the way people write it: any case, spaces or no dash, O for 0, I or 1 for L.
    ///
    /// ```
    /// use mahoe::domain::code::Code;
    /// let code = Code::case(6, &[7; 16], 3);
    /// let said = code.to_string().to_lowercase().replace('-', " ");
    /// assert!(Code::parse(&said).unwrap().matches(&[7; 16]));
    /// ```
    pub fn parse(text: &str) -> Result<CodeRef, CodeError> {
        let (prefix, rest) = split(text)?;
        let rest = rest
            .into_iter()
            .map(|symbol| value(symbol).map(|_| canonical(symbol)).ok_or(CodeError::Symbol(symbol)))
            .collect::<Result<Vec<char>, _>>()?;
        if rest.len() <= usize::from(SHORTEST) || rest.len() > usize::from(LONGEST) + 1 {
            return Err(CodeError::Length);
        }
        let (check, symbols) = rest.split_last().ok_or(CodeError::Length)?;
        let values = symbols.iter().copied().filter_map(value);
        if check_character(prefix, values) != *check {
            return Err(CodeError::Check);
        }
        Ok(CodeRef { prefix, symbols: symbols.iter().collect() })
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.symbols[..usize::from(self.shown)];
        let mut text = match self.prefix {
            Prefix::Parish(number) => format!("{:02}-", number % 100),
            Prefix::Letter(letter) => format!("{letter}-"),
        };
        text.extend(shown.iter().map(|&symbol| char::from(ALPHABET[usize::from(symbol)])));
        text.push(check_character(self.prefix, shown.iter().copied()));
        f.pad(&text)
    }
}

impl CodeRef {
    /// Whether an id of this prefix is meant: its symbols start with those that were typed.
    pub fn matches(&self, id: &[u8; 16]) -> bool {
        let own = symbols_of(id);
        self.symbols.len() <= own.len()
            && self.symbols.bytes().zip(own).all(|(typed, own)| typed == ALPHABET[usize::from(own)])
    }
}

/// The smallest length at which fewer than 1 % of the codes are in use, so that a mistyped code is rarely another's.
pub fn shortest_length(in_use: usize) -> u8 {
    (SHORTEST..LONGEST).find(|&symbols| (in_use as u128) * 100 < 29u128.pow(u32::from(symbols))).unwrap_or(LONGEST)
}

/// How many symbols each of these ids shows, given the least that each was made with.
///
/// Ids whose codes would be the same (two parishes' copies merged, say) show one symbol more than they have in common;
/// the old, shorter code still finds both. Give ids of one prefix, each once. The answer does not depend on the order.
pub fn shown_lengths(ids: &[([u8; 16], u8)]) -> Vec<u8> {
    let symbols: Vec<[u8; LONGEST as usize]> = ids.iter().map(|(id, _)| symbols_of(id)).collect();
    let mut order: Vec<usize> = (0..ids.len()).collect();
    order.sort_unstable_by_key(|&index| symbols[index]);
    let mut lengths: Vec<u8> = ids.iter().map(|&(_, least)| least.clamp(SHORTEST, LONGEST)).collect();
    // Sorted, so that whoever has most in common with an id stands beside it.
    for pair in order.windows(2) {
        let common = symbols[pair[0]].iter().zip(symbols[pair[1]]).take_while(|(left, right)| *left == right).count();
        let needed = u8::try_from(common + 1).unwrap_or(LONGEST).min(LONGEST);
        for &index in pair {
            lengths[index] = lengths[index].max(needed);
        }
    }
    lengths
}

/// Six base-29 digits, the lowest first, of the second half of an id (the first half says what kind it is).
pub fn symbols_of(id: &[u8; 16]) -> [u8; LONGEST as usize] {
    let mut number = id[8..].iter().fold(0u64, |number, &byte| number << 8 | u64::from(byte));
    std::array::from_fn(|_| {
        let digit = u8::try_from(number % 29).expect("a remainder of 29 fits a byte");
        number /= 29;
        digit
    })
}

/// The value of a symbol, with O read as 0 and I or 1 as L.
fn value(symbol: char) -> Option<u8> {
    let symbol = canonical(symbol);
    let index = ALPHABET.iter().position(|&known| char::from(known) == symbol)?;
    u8::try_from(index).ok()
}

fn canonical(symbol: char) -> char {
    match symbol.to_ascii_uppercase() {
        'O' => '0',
        'I' | '1' => 'L',
        other => other,
    }
}

/// The values of the prefix's characters. The digit 1 has the value of L, as which it is read elsewhere, so that swapping it
/// with a symbol across the dash is noticed, too; A has that of 0, which never stands alone before a dash.
fn prefix_values(prefix: Prefix) -> Vec<u8> {
    match prefix {
        Prefix::Parish(number) => format!("{:02}", number % 100).chars().filter_map(value).collect(),
        Prefix::Letter(letter) => vec![value(letter).unwrap_or(0)],
    }
}

/// The sum of value × weight modulo 29, where the weights are powers of two: 2 for the last symbol, 4 for the one before.
///
/// A wrong character moves the sum by difference × weight, swapped neighbours by difference × (difference of weights), the
/// last symbol swapped with the check character by three times their difference: 29 divides none of these.
fn check_character(prefix: Prefix, symbols: impl Iterator<Item = u8>) -> char {
    let sum =
        prefix_values(prefix).into_iter().chain(symbols).fold(0, |sum, symbol| (sum * 2 + usize::from(symbol)) % 29);
    char::from(ALPHABET[sum * 2 % 29])
}

/// Letters whose value no other prefix shares.
fn is_item_letter(letter: char) -> bool {
    letter == 'A'
        || letter != 'L' && letter.is_ascii_uppercase() && value(letter).is_some() && !matches!(letter, 'O' | 'I')
}

/// Takes the prefix off; the rest is upper case without separators.
fn split(text: &str) -> Result<(Prefix, Vec<char>), CodeError> {
    let text = text.trim();
    let text = match text.get(..5) {
        Some(word) if word.eq_ignore_ascii_case("case ") => &text[5..],
        _ => text,
    };
    let separator = |c: char| c.is_whitespace() || matches!(c, '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    let head = text.split(separator).next().unwrap_or_default().chars().count();
    let all: Vec<char> = text.chars().take(64).filter(|&c| !separator(c)).map(|c| c.to_ascii_uppercase()).collect();
    let first = *all.first().ok_or(CodeError::Empty)?;
    let digits = match head {
        1 if matches!(first, '1'..='9') => 1,
        1 if digit(first).is_some() => return Err(CodeError::Prefix),
        2 if all[..2].iter().all(|&c| digit(c).is_some()) => 2,
        _ if digit(first).is_some() && first != 'L' => 2,
        _ => 0,
    };
    if digits == 0 {
        return if is_item_letter(first) {
            Ok((Prefix::Letter(first), all[1..].to_vec()))
        } else {
            Err(CodeError::Prefix)
        };
    }
    let number =
        all.get(..digits).ok_or(CodeError::Length)?.iter().try_fold(0, |number, &c| Some(number * 10 + digit(c)?));
    match number.ok_or(CodeError::Prefix)? {
        parish @ 1..=PARISHES => Ok((Prefix::Parish(parish), all[digits..].to_vec())),
        other => Err(CodeError::Parish(other)),
    }
}

/// A digit of a parish number, with the letters that are mistaken for one.
fn digit(character: char) -> Option<u8> {
    match character {
        'O' => Some(0),
        'I' | 'L' => Some(1),
        other => other.to_digit(10).and_then(|digit| u8::try_from(digit).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(number: u64) -> [u8; 16] {
        let mut id = [0; 16];
        id[8..].copy_from_slice(&number.to_be_bytes());
        id
    }

    /// The id whose symbols are these values.
    fn id_of(symbols: [u8; 6]) -> [u8; 16] {
        id(symbols.iter().rev().fold(0, |number, &symbol| number * 29 + u64::from(symbol)))
    }

    #[test]
    fn codes_never_change() {
        // Golden: people have these written down.
        assert_eq!(Code::case(6, &id(0x0123_4567_89ab_cdef), 3).to_string(), "06-3K0J");
        assert_eq!(Code::case(14, &id(0x0123_4567_89ab_cdef), 6).to_string(), "14-3K0PM3J");
        assert_eq!(Code::item('A', &id(0), 3).to_string(), "A-0000");
        assert_eq!(Code::item('n', &id(29), 4).to_string(), "N-02008");
    }

    #[test]
    fn a_code_is_read_the_way_people_write_it() {
        let id = id_of([0, 17, 8, 5, 1, 2]);
        let code = Code::case(6, &id, 3).to_string();
        let want = Code::parse(&code).unwrap();
        assert_eq!(want, CodeRef { prefix: Prefix::Parish(6), symbols: "0L9".into() });
        let check = code.chars().last().unwrap();
        for text in [
            format!("06-ol9{check}"),
            format!(" 06 0 1 9 {check} "),
            format!("O6OI9{check}"),
            format!("6-0L9{check}"),
            format!("case 06–0L9{check}"),
            format!("060-l9{}", check.to_ascii_lowercase()),
        ] {
            assert_eq!(Code::parse(&text).as_ref(), Ok(&want), "{text}");
        }
        assert!(want.matches(&id));
        assert!(!want.matches(&id_of([0, 17, 9, 5, 1, 2])));
        let parish_ten = Code::case(10, &id, 4).to_string().replacen("10", "lo", 1);
        assert_eq!(Code::parse(&parish_ten).unwrap().prefix, Prefix::Parish(10));
    }

    #[test]
    fn a_refusal_says_what_to_check() {
        let said = |text: &str| Code::parse(text).unwrap_err().to_string();
        assert_eq!(said(""), "no code was given: type one like 06-7K3Q");
        assert_eq!(said("06-0000").as_str(), "the last character does not fit: please check the code");
        assert_eq!(said("06-7A3Q"), "\"A\" is in no code: please check the code");
        assert_eq!(said("99-7K3Q"), "there is no parish 99: please check the two digits in front");
        assert_eq!(said("06-7K"), "a code has 4 to 7 characters after the dash: please check the code");
        assert_eq!(said("é6-7K3Q"), "a code starts with a parish number or a letter, like 06-7K3Q or A-4TZB");
        assert!(Code::parse("0").is_err() && Code::parse("-").is_err() && Code::parse("A").is_err());
    }

    #[test]
    fn lengths_follow_the_number_of_codes_in_use() {
        assert_eq!(shortest_length(0), 3);
        assert_eq!(shortest_length(243), 3);
        assert_eq!(shortest_length(244), 4);
        assert_eq!(shortest_length(7_072), 4);
        assert_eq!(shortest_length(7_073), 5);
        assert_eq!(shortest_length(usize::MAX), 6);
    }

    #[test]
    fn a_collision_makes_both_show_more_and_the_old_code_finds_both() {
        let (left, right, other) = (id_of([1, 2, 3, 4, 5, 6]), id_of([1, 2, 3, 7, 5, 6]), id_of([1, 2, 8, 4, 5, 6]));
        assert_eq!(shown_lengths(&[(left, 3), (other, 3)]), [3, 3]);
        assert_eq!(shown_lengths(&[(left, 3), (other, 3), (right, 3)]), [4, 3, 4]);
        assert_eq!(shown_lengths(&[(left, 3), (id_of([1, 2, 3, 4, 5, 7]), 5)]), [6, 6]);
        let old = Code::parse(&Code::case(6, &left, 3).to_string()).unwrap();
        assert!(old.matches(&left) && old.matches(&right) && !old.matches(&other));
        assert_ne!(Code::case(6, &left, 4).to_string(), Code::case(6, &right, 4).to_string());
    }

    #[test]
    fn a_hundred_thousand_codes_all_differ() {
        let ids: Vec<_> = (0u64..100_000).map(|n| (id(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)), 5)).collect();
        let mut codes: Vec<String> =
            ids.iter().zip(shown_lengths(&ids)).map(|((id, _), shown)| Code::case(6, id, shown).to_string()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert!(codes.len() > 99_990, "six symbols tell all but a handful apart, not {}", codes.len());
    }

    proptest! {
        #[test]
        fn a_shown_code_finds_its_id(number: u64, parish in 1u8..=14, symbols in 0u8..9, letter in "[ABCDFGHJKMNPQRSTVWXZ]") {
            let id = id(number);
            let case = Code::parse(&Code::case(parish, &id, symbols).to_string()).unwrap();
            prop_assert_eq!(case.prefix, Prefix::Parish(parish));
            prop_assert!(case.matches(&id));
            let letter = letter.chars().next().unwrap();
            let item = Code::parse(&Code::item(letter, &id, symbols).to_string()).unwrap();
            prop_assert_eq!(item.prefix, Prefix::Letter(letter));
            prop_assert!(item.matches(&id));
        }

        #[test]
        fn one_wrong_character_is_always_noticed(number: u64, parish in 1u8..=14, symbols in 3u8..=6, at: prop::sample::Index) {
            let code: Vec<char> = Code::case(parish, &id(number), symbols).to_string().chars().collect();
            let at = at.index(code.len());
            prop_assume!(code[at] != '-');
            let items = Code::item('A', &id(number), symbols).to_string();
            for wrong in ('B'..='Z').chain('0'..='9') {
                let changed = items.replacen('A', &wrong.to_string(), 1);
                prop_assert!(Code::parse(&changed).is_err(), "{} {}", items, changed);
            }
            for &wrong in ALPHABET.iter().chain(b"1") {
                let mut changed = code.clone();
                changed[at] = char::from(wrong);
                if changed != code && Code::parse(&changed.iter().collect::<String>()).is_ok() {
                    // 1 and L are the same symbol after the dash.
                    prop_assert!(canonical(changed[at]) == canonical(code[at]), "{:?} {:?}", code, changed);
                }
            }
        }

        #[test]
        fn two_swapped_neighbours_are_always_noticed(number: u64, parish in 1u8..=14, letter in "[AFN]", symbols in 3u8..=6) {
            for code in [Code::case(parish, &id(number), symbols), Code::item(letter.chars().next().unwrap(), &id(number), symbols)] {
                let shown = code.to_string();
                let dash = shown.find('-').unwrap();
                let bare: Vec<char> = shown.chars().filter(|&c| c != '-').collect();
                for at in 0..bare.len() - 1 {
                    let mut swapped = bare.clone();
                    swapped.swap(at, at + 1);
                    // 1 and L are the same symbol, so that swapping them changes nothing.
                    if canonical(bare[at]) != canonical(bare[at + 1]) {
                        let mut text: String = swapped.into_iter().collect();
                        text.insert(dash, '-');
                        prop_assert!(Code::parse(&text).is_err(), "{shown} {text}");
                    }
                }
            }
        }

        #[test]
        fn nothing_typed_makes_it_stumble(text in ".{0,40}") {
            let _ = Code::parse(&text);
        }

        #[test]
        fn lengths_are_the_same_in_any_order(mut numbers in prop::collection::hash_set(0u64..100_000, 1..40), least in 3u8..6) {
            let ids: Vec<_> = numbers.drain().map(|n| (id(n), least)).collect();
            let reversed: Vec<_> = ids.iter().rev().copied().collect();
            let mut lengths = shown_lengths(&reversed);
            lengths.reverse();
            prop_assert_eq!(shown_lengths(&ids), lengths);
        }
    }
}
