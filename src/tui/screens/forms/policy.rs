//! The path of a policy file, typed: what it would change is shown before it holds.

use std::path::Path;

use crate::tui::desk::{Desk, error_text};
use crate::tui::forms::{self, Form, Wrong};
use crate::tui::layers::Layer;
use crate::tui::screens::policy;

use super::layer;

/// A policy from a file, read and checked before anything changes.
pub(super) fn set(desk: &Desk) -> Box<dyn Layer<Desk>> {
    let hint = "A TOML file. `mahoe policy show --text` writes the one in force, to edit.";
    let file = forms::Field::line("file", "File").required().hint(hint);
    let form = Form::new("Put a policy in force", vec![file])
        .preview(|_| "It is checked first, and what it changes is shown before it holds.".to_owned());
    layer(desk, String::new(), form, |values, _, desk| {
        let text =
            policy::read(Path::new(values.get("file"))).map_err(|error| Wrong::field("file", error_text(&error)))?;
        Ok(policy::propose(desk, text))
    })
}
