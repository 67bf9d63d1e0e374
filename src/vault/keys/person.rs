//! The identity of somebody without a vault: an ordinary age identity file under a passphrase, which stock `age -i`
//! takes too. Whoever holds it can open what was sealed to their personal card, and nothing else.

use zeroize::Zeroizing;

use super::KeyError;
use super::agefile;
use super::identity::{Identity, Recipient};
use super::passphrase::{Passphrase, WorkFactor};
use crate::vault::seal::Entropy;

/// Largest identity file, sealed. Checked before anything is parsed.
pub const MAX_FILE: usize = 16 * 1024;

const TITLE: &str = "# mahoe person 1\n";

/// A person's identity, open.
pub struct Person(Identity);

impl Person {
    /// A new one.
    pub fn create(rng: &mut dyn Entropy) -> Self {
        Self(Identity::random(rng))
    }

    /// What opens.
    pub fn identity(&self) -> &Identity {
        &self.0
    }

    /// Whom others seal to.
    pub fn recipient(&self) -> Recipient {
        self.0.recipient()
    }

    /// The file's bytes under a passphrase.
    pub fn seal(&self, passphrase: &Passphrase, work: WorkFactor) -> Vec<u8> {
        let mut text = Zeroizing::new(String::with_capacity(256));
        text.push_str(TITLE);
        self.0.push_text(&mut text);
        text.push('\n');
        agefile::seal_to_passphrase(text.as_bytes(), passphrase, work)
    }

    /// Opens the file.
    ///
    /// # Errors
    /// [`KeyError::WrongPassphrase`], or what is wrong with the file.
    pub fn open(bytes: &[u8], passphrase: &Passphrase) -> Result<Self, KeyError> {
        if bytes.len() > MAX_FILE {
            return Err(KeyError::TooLarge);
        }
        let plain = agefile::open_with_passphrase(bytes, passphrase, WorkFactor::MAX)?;
        let text = std::str::from_utf8(&plain).map_err(|_| KeyError::Content("encoding"))?;
        let line = text.strip_prefix(TITLE).and_then(|rest| rest.strip_suffix('\n'));
        line.and_then(Identity::from_text).map(Self).ok_or(KeyError::Content("identity"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::entropy::SeededEntropy;

    #[test]
    fn the_file_opens_with_its_passphrase_alone() {
        let person = Person::create(&mut SeededEntropy::new(1));
        let words = |text: &str| Passphrase::new(text).expect("fine");
        let file = person.seal(&words("mango rain"), WorkFactor::new(1, true).expect("practice"));
        assert_eq!(Person::open(&file, &words("mango rain")).map(|it| it.recipient()), Ok(person.recipient()));
        assert_eq!(Person::open(&file, &words("other")).err(), Some(KeyError::WrongPassphrase));
        assert_eq!(Person::open(&vec![0; MAX_FILE + 1], &words("mango rain")).err(), Some(KeyError::TooLarge));
    }
}
