//! `init`: starts a team's vault, and shows the recovery words once.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::error::{AppError, Kind, Result};
use crate::session::{NewTeam, Session};
use crate::vault::config;
use crate::vault::keys::passphrase::WorkFactor;

use super::super::output::{self, Output};
use super::super::{Cx, input, open};
use super::sheet::Sheet;

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
    let handle = args.handle.clone().unwrap_or_else(|| handle_of(&args.name));
    if !config::handle_is_fine(&handle) {
        return Err(AppError::new(
            Kind::Usage,
            "The handle won't do.",
            "Give a short one: --handle abrown (small letters and digits).",
        ));
    }
    let work = WorkFactor::new(args.work_factor, args.practice)?;
    let place = open::place(cx.globals)?;
    let mut sheet = Sheet::ready(cx, args.recovery_out.as_deref(), &root, args.practice)?;
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
    let (mut session, words) = match Session::create(place, &new) {
        Ok(made) => made,
        Err(error) => {
            sheet.take_back();
            return Err(error);
        }
    };
    if sheet.hand_over(&words)? {
        session.words_read_back(&words)?;
    } else {
        output::note(
            "The vault stands, but nobody could read the words back. Make new ones: mahoe vault recovery-words",
        );
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_made_of_the_name() {
        assert_eq!(handle_of("A. Brown"), "abrown");
        assert_eq!(handle_of("Zoë O'Neil-Smith"), "zooneilsmith");
    }
}
