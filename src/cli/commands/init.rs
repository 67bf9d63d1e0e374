//! `init`: starts a team's vault, and shows the recovery words once.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::error::{AppError, Kind, Result};
use crate::session::{NewTeam, Session};
use crate::vault::config;
use crate::vault::keys::passphrase::WorkFactor;
use crate::vault::keys::recovery::RecoveryWords;

use super::super::output::{self, Output};
use super::super::{Cx, input, open};

/// `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The parish: JM-06, 6 or "Saint Ann"
    #[arg(long)]
    pub parish: String,
    /// Your name as the team knows it
    #[arg(long)]
    pub name: String,
    /// Your agency's code
    #[arg(long, value_name = "CODE")]
    pub agency: String,
    /// coordinator or deputy
    #[arg(long, default_value = "coordinator")]
    pub role: String,
    /// What you type at unlock, seen by whoever sees the folder; made from your name if left out
    #[arg(long)]
    pub handle: Option<String>,
    /// The team's name; "Saint Ann MDT" if left out
    #[arg(long, default_value = "")]
    pub team: String,
    /// Where to write the recovery words; needed where there is no terminal. Print it, then delete it
    #[arg(long, value_name = "FILE")]
    pub recovery_out: Option<PathBuf>,
    /// A practice vault: nothing in it is real
    #[arg(long)]
    pub practice: bool,
    /// How hard guessing the passphrase is made, as a power of two
    #[arg(long, value_name = "N", default_value_t = WorkFactor::DEFAULT.get())]
    pub work_factor: u8,
}

/// Starts a vault.
///
/// # Errors
/// [`Kind::Refused`] if there is one already; [`Kind::Usage`] if the recovery words would have nowhere to go.
pub(in crate::cli) fn run(cx: &Cx<'_>, args: &InitArgs) -> Result<Output> {
    let root = open::root(cx.globals)?;
    if root.join(config::FILE_NAME).exists() {
        return Err(AppError::new(
            Kind::Refused,
            "There is a vault in this folder already.",
            "Unlock it, or give another folder with --vault.",
        ));
    }
    let asks = cx.asks && std::env::var_os(input::PASSPHRASE).is_none();
    if args.recovery_out.is_none() && !asks {
        return Err(AppError::new(
            Kind::Usage,
            "The recovery words would be shown to nobody.",
            "Give --recovery-out FILE, or run it at a terminal without MAHOE_PASSPHRASE.",
        ));
    }
    let handle = args.handle.clone().unwrap_or_else(|| handle_of(&args.name));
    if !config::handle_is_fine(&handle) {
        return Err(AppError::new(
            Kind::Usage,
            "The handle won't do.",
            "Give a short one: --handle abrown (small letters and digits).",
        ));
    }
    let work = WorkFactor::new(args.work_factor, args.practice)?;
    if args.recovery_out.as_ref().is_some_and(|path| path.starts_with(&root)) {
        output::note("The recovery words would lie in the vault that they open: move them out of it at once.");
    }
    let place = open::place(cx.globals)?;
    // The file first: words that can't be kept must not be made.
    let sheet = args.recovery_out.as_deref().map(create).transpose()?;
    let file = cx.globals.passphrase_file.as_deref();
    let passphrase = input::new_passphrase(cx, input::PASSPHRASE, file, &handle, args.practice)?;
    let new = NewTeam {
        parish: &args.parish,
        name: &args.name,
        handle: &handle,
        agency: &args.agency,
        role: &args.role,
        team: &args.team,
        practice: args.practice,
        passphrase: &passphrase,
        work,
    };
    let created = Session::create(place, &new);
    let (session, words) = match (created, &args.recovery_out) {
        (Ok(made), _) => made,
        (Err(error), Some(empty)) => {
            // Nothing was written into it.
            let _ = std::fs::remove_file(empty);
            return Err(error);
        }
        (Err(error), None) => return Err(error),
    };
    match (sheet, &args.recovery_out) {
        (Some(mut sheet), Some(path)) => sheet
            .write_all(text_of(&words, args.practice).as_bytes())
            .and_then(|()| sheet.sync_all())
            .map_err(|error| open::io(&format!("write {}", path.display()), &error))?,
        _ => show(&words, args.practice)?,
    }
    output::practice(&session);
    let team = crate::domain::field::Field::TeamName;
    let name = session.state().item(session.state().team_stream().item()).map_or("", |item| item.str(team)).to_owned();
    let mut text = format!("{name}: the vault stands in {}. Your handle is {handle}.", root.display());
    if let Some(path) = &args.recovery_out {
        text = format!(
            "{text}\nThe recovery words are in {}: print them, lock the sheet away, delete the file.",
            path.display()
        );
    }
    let json = json!({
        "vault": root.display().to_string(),
        "id": session.vault().id().to_string(),
        "team": name,
        "parish": session.vault().config().parish,
        "handle": handle,
        "practice": args.practice,
        "recovery_out": args.recovery_out.as_ref().map(|path| path.display().to_string()),
    });
    Ok(Output::new(text, json))
}

/// A handle from a name: "A. Brown" → "abrown".
fn handle_of(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase());
    letters.take(24).collect()
}

/// A new file that only its owner can read.
fn create(path: &Path) -> Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map_err(|error| open::io(&format!("make {}", path.display()), &error))
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

/// Shows the words once, and waits until they are written down.
fn show(words: &RecoveryWords, practice: bool) -> Result<()> {
    output::raw_to_stderr("Is a projector on? Turn it off first.");
    input::ask("Press Enter to see the recovery words")?;
    output::raw_to_stderr(&text_of(words, practice));
    let word = words.words()[6];
    for _ in 0..3 {
        if input::ask("Written down? Type word 7")?.eq_ignore_ascii_case(word) {
            return Ok(());
        }
        output::raw_to_stderr("That is another word: please check the paper.");
    }
    output::raw_to_stderr("The vault stands. Check the paper against the words above before you close this window.");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_made_of_the_name() {
        assert_eq!(handle_of("A. Brown"), "abrown");
        assert_eq!(handle_of("Zoë O'Neil-Smith"), "zooneilsmith");
    }
}
