//! Putting a policy file in force.

use std::io::Read;
use std::path::Path;

use crate::ops::PolicySet;
use crate::policy;
use crate::tui::desk::Desk;
use crate::tui::forms::{self, Form, Wrong};
use crate::tui::layers::Layer;

use super::fields::refused;
use super::{layer, said};

/// A policy from a file, read and checked before anything changes.
pub(super) fn set(desk: &Desk) -> Box<dyn Layer<Desk>> {
    let hint = "A TOML file. `mahoe policy show --text` writes the one in force, to edit.";
    let file = forms::Field::line("file", "File").required().hint(hint);
    let form = Form::new("Put a policy in force", vec![file]).preview(|_| {
        "It is checked first. Then it holds for everybody on the team, on the record; u takes it back.".to_owned()
    });
    layer(desk, String::new(), form, |values, _, desk| {
        let text = read(Path::new(values.get("file"))).map_err(|says| Wrong::field("file", says))?;
        let done = desk.try_run(PolicySet { text }).map_err(|error| refused(&error))?;
        said(done.says)
    })
}

/// The text of a policy file that holds no mistake.
fn read(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(policy::LARGEST as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("It can't be read: {error}."))?;
    let text = String::from_utf8(bytes).map_err(|_| "It is not UTF-8 text: save it as UTF-8.".to_owned())?;
    match policy::parse(&text) {
        Ok(_) => Ok(text),
        Err(errors) => {
            let first = errors.first().map(ToString::to_string).unwrap_or_default();
            let more = if errors.len() > 1 { format!(" (and {} more)", errors.len() - 1) } else { String::new() };
            Err(format!("{}{more}.", first.trim_end_matches('.')))
        }
    }
}
