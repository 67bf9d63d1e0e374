//! How hard a passphrase is to guess, in words. Judged on this computer; nothing of it is kept.

use zxcvbn::{Score, zxcvbn};

/// More than this is not looked at: judging takes longer the longer the text is.
const LOOKED_AT: usize = 100;

/// What to say of a passphrase; `Err` if it is too weak to use. `known` is what others know of the person: their name,
/// the parish.
pub fn judge(passphrase: &str, known: &[&str]) -> Result<String, String> {
    let end = passphrase.char_indices().nth(LOOKED_AT).map_or(passphrase.len(), |(at, _)| at);
    let known: Vec<&str> = known.iter().copied().chain(["mahoe", "jamaica", "parish"]).collect();
    match zxcvbn(&passphrase[..end], &known).score() {
        Score::Zero | Score::One => {
            Err("Too weak: it would be guessed within minutes. Take four or more words that don't belong together."
                .to_owned())
        }
        Score::Two => Ok("Weak: one more word would make it good.".to_owned()),
        Score::Three => Ok("Good.".to_owned()),
        _ => Ok("Strong.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn words_not_numbers() {
        assert!(judge("password1", &[]).is_err());
        assert!(judge("abrown2026", &["abrown"]).is_err());
        assert_eq!(judge("lantern hill mango rain", &[]).as_deref(), Ok("Strong."));
        assert!(judge(&"é".repeat(5000), &[]).is_err(), "long is not strong");
    }
}
