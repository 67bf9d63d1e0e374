//! A paper for one person: words that only they can read, on a stick or in a folder.

use std::path::PathBuf;

use crate::domain::ids::ItemId;
use crate::session::Session;
use crate::tui::desk::Desk;
use crate::tui::effect::Effect;
use crate::tui::forms::{self, Form, FormLayer, Secrets, Values};
use crate::tui::layers::{Effects, Layer};
use crate::tui::places;
use crate::tui::screens::{busy, exchange};

use super::fields::case_of;

/// What stands on the paper, and which case it is about.
pub(in crate::tui::screens) fn paper(
    desk: &Desk,
    member: ItemId,
    folder: PathBuf,
    drive: Option<String>,
) -> Box<dyn Layer<Desk>> {
    let name = desk.owner(Some(member));
    let all = vec![
        forms::Field::prose("text", "What it says").required().private(),
        forms::Field::line("case", "About case").hint("its code, like 7K3Q; may be empty"),
    ];
    let form = Form::new(format!("A paper for {name}"), all).preview(move |_| {
        format!("Only {name} can read it: mahoe open FILE, with their own passphrase. That it was made is on record.")
    });
    Box::new(FormLayer::new(form, move |values: &Values, _: &mut Secrets, desk: &mut Desk| {
        let about = case_of(desk, values)?;
        Ok(sealed(member, values.get("text").to_owned(), about, (folder.clone(), drive.clone())))
    }))
}

fn sealed(
    member: ItemId,
    text: String,
    about: Option<ItemId>,
    (folder, drive): (PathBuf, Option<String>),
) -> Effects<Desk> {
    let place = folder.clone();
    let work = move |session: &mut Session, tell: busy::Tell<'_>| {
        let made = session.seal_paper(member, &text, about)?;
        let name = format!("paper-{}.mahoe", &made.id.to_string()[..8]);
        let path = places::write(&folder, &name, &made.bytes, tell);
        path.map(|path| (path, made.says)).map_err(|error| exchange::io("The paper can't be written", &error))
    };
    busy::then("Sealing the paper", work, move |(path, says), desk| {
        desk.keep_place(&place);
        vec![Effect::info(format!("{says} {}", exchange::written(drive, "It", &path)))]
    })
}
