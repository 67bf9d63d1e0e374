//! Every form of the program, each opened by its name. A form asks, shows what the rule will do, and runs one op.
//!
//! Forms keep what was typed as a draft, sealed to its writer, when they are left or the vault is locked.

mod action;
mod case_open;
mod fields;
#[cfg(test)]
mod tests;

use crate::domain::ids::ItemId;
use crate::tui::desk::Desk;
use crate::tui::effect::Effect;
use crate::tui::forms::{Form, FormLayer, Secrets, Values, Wrong};
use crate::tui::layers::{Effects, Layer};

type Opened = Option<Box<dyn Layer<Desk>>>;

/// The form of that name, about a case, an action, a follow-up or a member; `None` if there is no such form, or if it
/// needs something to be about that is not there.
pub fn open(name: &str, about: Option<ItemId>, desk: &mut Desk) -> Opened {
    desk.session()?;
    match name {
        "case.open" => Some(case_open::full(desk)),
        "case.quick" => Some(case_open::quick(desk)),
        "case.sibling" => case_open::sibling(desk, about?),
        "action.add" => Some(action::add(desk, about)),
        "action.edit" => action::edit(desk, about?),
        _ => None,
    }
}

/// The name under which a form's draft is kept: what is typed about one case never turns up in another.
fn draft_name(form: &str, about: Option<ItemId>) -> String {
    about.map_or_else(|| form.to_owned(), |about| format!("{form}/{about}"))
}

/// A form with its draft from before, kept anew when it is left; saving forgets it.
fn layer(
    desk: &Desk,
    draft: String,
    form: Form,
    mut save: impl FnMut(&Values, &mut Secrets, &mut Desk) -> Result<Effects<Desk>, Wrong> + 'static,
) -> Box<dyn Layer<Desk>> {
    let form = match desk.draft(&draft) {
        Some(values) => form.filled(values),
        None => form,
    };
    let fresh = form.values();
    let kept = draft.clone();
    let layer = FormLayer::new(form, move |values, secrets, desk: &mut Desk| {
        let effects = save(values, secrets, desk)?;
        desk.drop_draft(&draft);
        Ok(effects)
    });
    Box::new(layer.keep(move |values, desk: &mut Desk| {
        // A form that was only looked at leaves no draft.
        if *values != fresh {
            desk.keep_draft(&kept, values);
        }
    }))
}

/// The toast of a saved form.
fn said(text: impl Into<String>) -> Result<Effects<Desk>, Wrong> {
    Ok(vec![Effect::info(text)])
}
