//! Attaching a document, and handing one out.

use std::path::PathBuf;

use crate::domain::document::clean_name;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::views::Member;
use crate::error::{AppError, Kind as ErrorKind};
use crate::session::{NewDocument, SealTo, Session};
use crate::tui::desk::Desk;
use crate::tui::effect::Effect;
use crate::tui::forms::{self, Form, FormLayer, Secrets, Values, Wrong};
use crate::tui::layers::{Effects, Layer};
use crate::tui::places;
use crate::tui::screens::busy;
use crate::tui::widgets::Choice;
use crate::vault::keys::passphrase::Passphrase;

use super::fields::{field, members, names_nobody, person, value};

/// The choices beside people.
const PASSPHRASE: &str = "passphrase";
const CLEAR: &str = "clear";

/// What a chosen file is: its kind, and what stands on it.
pub(in crate::tui::screens) fn attach(desk: &Desk, case: ItemId, path: PathBuf) -> Box<dyn Layer<Desk>> {
    let mask = desk.open_session().mask(Some(case));
    let own = path.file_name().map(|name| clean_name(&name.to_string_lossy())).unwrap_or_default();
    let all = vec![
        field(desk, Field::DocumentKind).required(),
        field(desk, Field::DocumentName).required().value(&own),
        field(desk, Field::DocumentDate).hint("the day that stands on it; may be empty"),
        field(desk, Field::DocumentSource).hint("who gave it to you; may be empty").check(names_nobody(mask)),
        field(desk, Field::DocumentNote).hint("may be empty"),
    ];
    let form = Form::new(format!("Attach to case {}", desk.code(case)), all).preview(|_| {
        "It is sealed into the vault; who may read it follows from what it is. The file outside stays where it is."
            .to_owned()
    });
    Box::new(FormLayer::new(form, move |values: &Values, _: &mut Secrets, desk: &mut Desk| {
        let new = NewDocument {
            kind: values.get("kind").to_owned(),
            class: None,
            name: values.get("name").to_owned(),
            date: value(desk, Field::DocumentDate, values)?.as_date(),
            source: values.get("source").to_owned(),
            note: values.get("note").to_owned(),
        };
        Ok(attached(case, new, path.clone()))
    }))
}

fn attached(case: ItemId, new: NewDocument, path: PathBuf) -> Effects<Desk> {
    let place = path.parent().map(std::path::Path::to_path_buf);
    let work = move |session: &mut Session, tell: busy::Tell<'_>| {
        let unreadable = |error: std::io::Error| {
            let message = format!("The file can't be read: {error}.");
            AppError::new(ErrorKind::Io, message, "Check that the stick is still in, then choose it again.")
        };
        let file = places::open(&path).map_err(unreadable)?;
        let size = file.metadata().map_or(0, |data| data.len());
        session.add_document(case, new, file, &mut |done| tell(done, size)).map(|done| done.says)
    };
    busy::then("Attaching the document", work, move |says, desk| {
        if let Some(place) = &place {
            desk.keep_place(place);
        }
        vec![Effect::info(says)]
    })
}

/// For whom a document is sealed that is written into a folder.
pub(in crate::tui::screens) fn export(
    desk: &Desk,
    document: ItemId,
    folder: PathBuf,
    drive: Option<String>,
) -> Box<dyn Layer<Desk>> {
    let state = desk.open_session().state();
    let card = |choice: &Choice| {
        person(state, &choice.code)
            .and_then(|id| Member::get(state, id))
            .is_some_and(|member| !member.0.str(Field::MemberCard).is_empty())
    };
    let mut to = vec![Choice::new(PASSPHRASE, "a passphrase").noted("told by telephone")];
    to.extend(members(state).into_iter().filter(card));
    to.push(Choice::new(CLEAR, "nobody: a clear copy").noted("on record, with the reason"));
    let all = vec![
        forms::Field::pick("to", "Sealed to", to).required(),
        forms::Field::passphrase("secret", "Passphrase").only_if("to", PASSPHRASE).required(),
        forms::Field::passphrase("again", "The same again").only_if("to", PASSPHRASE).required(),
        forms::Field::line("why", "Why it must be clear").only_if("to", CLEAR).required(),
    ];
    let form = Form::new(format!("Write document {}", desk.code(document)), all);
    Box::new(FormLayer::new(form, move |values: &Values, secrets: &mut Secrets, desk: &mut Desk| {
        let to = match values.get("to") {
            CLEAR => SealTo::Nobody(values.get("why").to_owned()),
            PASSPHRASE => {
                let (first, again) = (secrets.remove("secret"), secrets.remove("again"));
                let (first, again) = (first.unwrap_or_default(), again.unwrap_or_default());
                if *first != *again {
                    return Err(Wrong::field("again", "The two are not the same."));
                }
                SealTo::Passphrase(Passphrase::new(&first).map_err(|_| Wrong::field("secret", "Type a passphrase."))?)
            }
            code => {
                let member = person(desk.open_session().state(), code);
                SealTo::Member(member.ok_or_else(|| Wrong::field("to", "Choose one from the list."))?)
            }
        };
        Ok(exported(document, to, folder.clone(), drive.clone()))
    }))
}

fn exported(document: ItemId, to: SealTo, folder: PathBuf, drive: Option<String>) -> Effects<Desk> {
    let place = folder.clone();
    let work = move |session: &mut Session, _: busy::Tell<'_>| {
        let found = crate::domain::document::Document::get(session.state(), document);
        let plain = found.map(crate::domain::document::Document::file_name).unwrap_or_default();
        // A sealed file's name is seen by everybody.
        let name = match to {
            SealTo::Nobody(_) => plain,
            _ => format!("document-{}.age", session.state().code(document)),
        };
        let written = places::write_with(&folder, &name, |out| {
            let mut out = std::io::BufWriter::new(out);
            let says = session.export_document(document, to, &mut out)?;
            std::io::Write::flush(&mut out)?;
            Ok::<_, Refused>(says)
        });
        written.map_err(|Refused(error)| error)
    };
    busy::then("Writing the document", work, move |(path, says), desk| {
        desk.keep_place(&place);
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let at = drive.map_or_else(|| place.display().to_string(), |drive| format!("{drive}; safe to pull out now"));
        vec![Effect::info(format!("{says} {file} is in {at}."))]
    })
}

struct Refused(AppError);

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self(error)
    }
}

impl From<std::io::Error> for Refused {
    fn from(error: std::io::Error) -> Self {
        let message = format!("The document can't be written: {error}.");
        Self(AppError::new(ErrorKind::Io, message, "Check that the stick is there and has room, then try again."))
    }
}
