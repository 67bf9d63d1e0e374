//! The recovery sheet on the command line: shown once and read back, or written into a file that is to be printed.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use crate::error::{AppError, Kind, Result};
use crate::vault::keys::recovery::RecoveryWords;

use super::super::output;
use super::super::{Cx, files, input, open};

/// The words that are asked back, counted from 1.
const ASKED: [usize; 2] = [7, 19];

/// Where recovery words go: a file made for them, or the terminal.
pub(super) struct Sheet<'a> {
    file: Option<(&'a Path, File)>,
    practice: bool,
}

impl<'a> Sheet<'a> {
    /// Sees to it that words which are about to be made have somewhere to go. The file comes first: words that can't be
    /// kept must not be made. `root` is the vault's folder, where they should not lie.
    ///
    /// # Errors
    /// [`Kind::Usage`] if there is neither a file nor somebody at a terminal; [`Kind::Io`].
    pub fn ready(cx: &Cx<'_>, out: Option<&'a Path>, root: &Path, practice: bool) -> Result<Self> {
        let asks = cx.asks && std::env::var_os(input::PASSPHRASE).is_none();
        if out.is_none() && !asks {
            return Err(AppError::new(
                Kind::Usage,
                "The recovery words would be shown to nobody.",
                "Give --recovery-out FILE, or run it at a terminal without MAHOE_PASSPHRASE.",
            ));
        }
        if out.is_some_and(|path| path.starts_with(root)) {
            output::note("The recovery words would lie in the vault that they open: move them out of it at once.");
        }
        let file = out.map(|path| files::create(path).map(|file| (path, file))).transpose()?;
        Ok(Self { file, practice })
    }

    /// Hands the words over: true once they are in the file, or two of them were read back from the paper.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk or the terminal refuses.
    pub fn hand_over(&mut self, words: &RecoveryWords) -> Result<bool> {
        let Some((path, file)) = &mut self.file else { return show(words, self.practice) };
        file.write_all(text_of(words, self.practice).as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(|error| open::io(&format!("write {}", path.display()), &error))?;
        Ok(true)
    }

    /// Takes the file away again: the words in it never counted.
    pub fn take_back(self) {
        if let Some((path, file)) = self.file {
            drop(file);
            // What stays opens nothing.
            let _ = std::fs::remove_file(path);
        }
    }
}

fn text_of(words: &RecoveryWords, practice: bool) -> String {
    use std::fmt::Write as _;
    let mut text = String::from("mahoe recovery words\n\n");
    if practice {
        let _ = writeln!(text, "{}\n", output::PRACTICE);
    }
    for (row, four) in words.words().chunks(4).enumerate() {
        for (column, word) in four.iter().enumerate() {
            // Writing into a string can't fail.
            let _ = write!(text, "{:>2}. {word:<12}", row * 4 + column + 1);
        }
        text.push('\n');
    }
    text.push_str(
        "\nWhoever has these words can open the vault. Write them on paper, lock the paper away, keep no copy on a computer.\n",
    );
    text
}

/// Shows the words once, and waits until they are written down. False if they could not be read back.
fn show(words: &RecoveryWords, practice: bool) -> Result<bool> {
    output::raw_to_stderr("Is a projector on? Turn it off first.");
    input::ask("Press Enter to see the recovery words")?;
    output::raw_to_stderr(&text_of(words, practice));
    for number in ASKED {
        if !read_back(words, number)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn read_back(words: &RecoveryWords, number: usize) -> Result<bool> {
    for _ in 0..3 {
        if input::ask(&format!("Written down? Type word {number}"))?.eq_ignore_ascii_case(words.words()[number - 1]) {
            return Ok(true);
        }
        output::raw_to_stderr("That is another word: please check the paper.");
    }
    Ok(false)
}
