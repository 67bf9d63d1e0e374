//! What a command asks for: text that may be left out, passphrases without echo.
//!
//! A child's name, a contact or a note given as an argument stays in the shell's history: on a terminal it is refused,
//! and asked for instead. A line of a batch is never asked anything.

use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::Path;

use zeroize::Zeroizing;

use crate::bundle::words::typed_once;
use crate::error::{AppError, Kind, Result};
use crate::session::Session;
use crate::vault::keys::passphrase::{MAX_LEN, Passphrase};

use super::Cx;

/// The most that is read from standard input as one text, in bytes.
const MAX_TEXT: u64 = 1 << 20;
/// The variable that holds the passphrase, for automation.
pub const PASSPHRASE: &str = "MAHOE_PASSPHRASE";
/// The variable that holds a new passphrase, for automation.
pub const NEW_PASSPHRASE: &str = "MAHOE_NEW_PASSPHRASE";

/// The variable that holds the words for a new device, for automation.
pub const DEVICE_WORDS: &str = "MAHOE_DEVICE_WORDS";

/// True if somebody sits at a terminal and can be asked.
pub fn is_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// A text argument: as given, from standard input for `-`, asked for where it is left out on a terminal.
///
/// # Errors
/// [`Kind::Usage`] if it is missing and nobody can be asked.
pub fn text(cx: &Cx<'_>, given: Option<String>, what: &str) -> Result<String> {
    match given {
        Some(dash) if dash == "-" => from_stdin(cx),
        Some(given) => Ok(given),
        None if cx.asks => ask(what),
        None => Err(AppError::new(
            Kind::Usage,
            format!("{what}: it is missing."),
            "Give it as an argument, or - to read it from standard input.",
        )),
    }
}

/// As [`text`], for what must not stand in a shell's history.
///
/// # Errors
/// [`Kind::Refused`] if it was given as an argument at a terminal; as [`text`].
pub fn private(session: &Session, cx: &Cx<'_>, given: Option<String>, what: &str) -> Result<String> {
    check_private(session.practice(), cx, given.as_deref(), what)?;
    text(cx, given, what)
}

/// Refuses what must not stand in a shell's history.
///
/// # Errors
/// [`Kind::Refused`].
pub fn check_private(practice: bool, cx: &Cx<'_>, given: Option<&str>, what: &str) -> Result<()> {
    if given.is_some_and(|given| given != "-") && cx.asks && !cx.globals.in_args && !practice {
        return Err(AppError::new(
            Kind::Refused,
            format!("{what}: as an argument it would stay in the shell's history."),
            "Leave it out: it is asked for then. Or give -, or add --in-args.",
        ));
    }
    Ok(())
}

/// One line, asked for at the terminal; empty if the person just pressed Enter.
///
/// # Errors
/// [`Kind::Io`] if the terminal is gone, or its input was ended: nobody is asked the same again without end.
pub fn ask(what: &str) -> Result<String> {
    let mut err = std::io::stderr().lock();
    let mut line = String::new();
    let read = write!(err, "{what}: ")
        .and_then(|()| err.flush())
        .and_then(|()| std::io::stdin().lock().take(MAX_TEXT).read_line(&mut line));
    let read =
        read.map_err(|error| AppError::new(Kind::Io, format!("Could not read the answer: {error}."), "Try again."))?;
    if read == 0 {
        return Err(AppError::new(Kind::Io, "The answers ended here.", "Nothing was saved: run the command again."));
    }
    Ok(line.trim().to_owned())
}

fn from_stdin(cx: &Cx<'_>) -> Result<String> {
    if cx.batch {
        return Err(AppError::new(
            Kind::Usage,
            "A line of a batch can't read standard input.",
            "Write the text in quotes on the line itself.",
        ));
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_TEXT + 1).read_to_end(&mut bytes).map_err(|error| {
        AppError::new(Kind::Io, format!("Could not read standard input: {error}."), "Try again with a file.")
    })?;
    if bytes.len() as u64 > MAX_TEXT {
        return Err(AppError::new(Kind::Refused, "That is more than one text can hold.", "Split it into several."));
    }
    String::from_utf8(bytes).map(|text| text.trim().to_owned()).map_err(|_| {
        AppError::new(Kind::Usage, "Standard input is not UTF-8 text.", "Save it as UTF-8, then try again.")
    })
}

/// The passphrase that unlocks: the variable, the file, or asked for.
///
/// # Errors
/// [`Kind::Locked`] if there is none and nobody can be asked.
pub fn passphrase(cx: &Cx<'_>, who: &str) -> Result<Passphrase> {
    passphrase_of(cx, &format!("Passphrase of {who}"), "The vault is locked")
}

/// The passphrase of the key to a person's own card: the variable, the file, or asked for.
///
/// # Errors
/// [`Kind::Locked`] if there is none and nobody can be asked.
pub fn card_passphrase(cx: &Cx<'_>) -> Result<Passphrase> {
    passphrase_of(cx, "The passphrase of your card", "Your key is locked")
}

fn passphrase_of(cx: &Cx<'_>, asked: &str, locked: &str) -> Result<Passphrase> {
    if let Some(given) = automated(PASSPHRASE, cx.globals.passphrase_file.as_deref())? {
        return Ok(given);
    }
    if !cx.asks {
        return Err(AppError::new(
            Kind::Locked,
            format!("{locked} and there is no terminal to ask for the passphrase."),
            "Run it at a terminal, or give --passphrase-file FILE or MAHOE_PASSPHRASE.",
        ));
    }
    prompt(asked)
}

/// The words that the other computer showed: the variable, or asked for.
///
/// # Errors
/// [`Kind::Locked`] if there are none and nobody can be asked.
pub fn device_words(cx: &Cx<'_>) -> Result<Passphrase> {
    let typed = match automated(DEVICE_WORDS, None)? {
        Some(given) => given,
        None if cx.asks => prompt("The seven words from the other computer")?,
        None => {
            return Err(AppError::new(
                Kind::Locked,
                "There is no terminal to ask for the words from the other computer.",
                format!("Run it at a terminal, or give them in {DEVICE_WORDS}."),
            ));
        }
    };
    Ok(Passphrase::new(&typed_once(typed.expose()))?)
}

/// A passphrase that is to be set: the variable, the file, or typed twice.
///
/// # Errors
/// [`Kind::Usage`] if there is none and nobody can be asked; [`Kind::Refused`] if the two differ or it is too weak.
pub fn new_passphrase(
    cx: &Cx<'_>,
    variable: &str,
    file: Option<&Path>,
    who: &str,
    practice: bool,
) -> Result<Passphrase> {
    if let Some(given) = automated(variable, file)? {
        if !practice && weak(&given, who) {
            super::output::note("This passphrase is easy to guess. Change it with `mahoe vault passphrase`.");
        }
        return Ok(given);
    }
    if !cx.asks {
        return Err(AppError::new(
            Kind::Locked,
            "There is no terminal to ask for the new passphrase.",
            format!("Run it at a terminal, or give it in {variable}."),
        ));
    }
    let first = prompt(&format!("New passphrase of {who}"))?;
    if !practice && weak(&first, who) {
        return Err(AppError::new(
            Kind::Refused,
            "This passphrase is easy to guess.",
            "Take four or five words that have nothing to do with each other.",
        ));
    }
    if prompt("The same again")?.expose() != first.expose() {
        return Err(AppError::new(Kind::Refused, "The two are not the same.", "Type it again, slowly."));
    }
    Ok(first)
}

/// Whether a passphrase falls to some ten thousand million guesses.
fn weak(passphrase: &Passphrase, who: &str) -> bool {
    zxcvbn::zxcvbn(passphrase.expose(), &[who, "mahoe"]).score() < zxcvbn::Score::Three
}

fn prompt(what: &str) -> Result<Passphrase> {
    let typed = rpassword::prompt_password(format!("{what}: ")).map(Zeroizing::new);
    let typed = typed.map_err(|error| {
        AppError::new(Kind::Locked, format!("Could not read the passphrase: {error}."), "Run it at a terminal.")
    })?;
    Ok(Passphrase::new(&typed)?)
}

fn automated(variable: &str, file: Option<&Path>) -> Result<Option<Passphrase>> {
    if let Ok(given) = std::env::var(variable).map(Zeroizing::new)
        && !given.is_empty()
    {
        return Ok(Some(Passphrase::new(&given)?));
    }
    let Some(file) = file else { return Ok(None) };
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_LEN + 3));
    std::fs::File::open(file)
        .and_then(|opened| opened.take(MAX_LEN as u64 + 3).read_to_end(&mut text))
        .map_err(|error| super::open::io(&format!("read {}", file.display()), &error))?;
    let text = std::str::from_utf8(&text)
        .map_err(|_| AppError::new(Kind::Usage, "The passphrase file is not UTF-8 text.", "Save it as UTF-8."))?;
    Ok(Some(Passphrase::new(text)?))
}
