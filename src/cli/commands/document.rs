//! `document`: files that belong to a case, sealed in the vault.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::domain::class::Class;
use crate::domain::dates;
use crate::domain::document::{Document, size_words};
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::media::{self, Media};
use crate::domain::views::Case;
use crate::error::{AppError, Kind, Result};
use crate::ops::DocumentRemove;
use crate::session::{NewDocument, SealTo, Session};

use super::super::output::{self, Output, Table};
use super::super::words::{self, Veil};
use super::super::{Cx, files, find, input, open, shapes};
use super::case_edit::{codes, done};
use super::consent::optional;

/// How much of a text document is printed, in bytes.
const SHOWN: u64 = 256 << 10;

/// `document`.
#[derive(Debug, Subcommand)]
pub enum DocumentCommand {
    /// Attach files to a case: all of them or none
    Add(AddArgs),
    /// The documents of a case
    List {
        /// The case's code
        code: String,
        /// Show names, on record
        #[arg(long)]
        reveal: bool,
    },
    /// What is on record about a document; of a text also what stands in it
    Show {
        /// The document's code, like D-4TZB
        code: String,
        /// Show names, on record
        #[arg(long)]
        reveal: bool,
    },
    /// Write a document to a file outside: sealed to a member's card or a passphrase
    Export(ExportArgs),
    /// Take a document out of the case's list, or destroy it everywhere
    Remove {
        /// The document's code, like D-4TZB
        code: String,
        /// Destroy it in every copy, for ever; why, without repeating what is in it
        #[arg(long, value_name = "REASON")]
        strike: Option<String>,
    },
}

/// `document add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The case's code
    pub code: String,
    /// The files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What it is: birth-certificate, photo, medical-report, police-statement, court-order, consent-form, letter, other
    #[arg(long, value_name = "KIND", default_value = "other")]
    pub kind: String,
    /// Keep it under this class instead of the one that its kind proposes
    #[arg(long, value_name = "CLASS")]
    pub class: Option<String>,
    /// Its name, instead of the file's
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// The day that stands on it
    #[arg(long, value_name = "DATE")]
    pub date: Option<String>,
    /// From whom it came; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub source: Option<String>,
    /// Anything else; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// `document export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The document's code, like D-4TZB
    pub code: String,
    /// Write this file
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Seal it to this member's own card; without it to a passphrase, which is asked for
    #[arg(long, value_name = "NAME", conflicts_with = "clear")]
    pub to: Option<String>,
    /// A file with the passphrase that it is sealed to (the variable MAHOE_NEW_PASSPHRASE wins)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["to", "clear"])]
    pub new_passphrase_file: Option<PathBuf>,
    /// Why it must be a file that anybody can read; goes on record
    #[arg(long, value_name = "REASON")]
    pub clear: Option<String>,
}

/// Runs a command of the family.
///
/// # Errors
/// As the op's; [`Kind::Io`] if a file can't be read or written.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: DocumentCommand) -> Result<Output> {
    match command {
        DocumentCommand::Add(args) => add(session, cx, args),
        DocumentCommand::List { code, reveal } => list(session, &code, reveal),
        DocumentCommand::Show { code, reveal } => show(session, &code, reveal),
        DocumentCommand::Export(args) => export(session, cx, &args),
        DocumentCommand::Remove { code, strike } => {
            let document = find::document(session, &code)?;
            match strike {
                Some(reason) => done(session.strike_document(document, &reason)),
                None => done(session.run(DocumentRemove { document })),
            }
        }
    }
}

fn add(session: &mut Session, cx: &Cx<'_>, args: AddArgs) -> Result<Output> {
    let case = find::case(session, &args.code)?;
    if args.name.is_some() && args.files.len() > 1 {
        let hint = "Attach them one by one, or leave --name out.";
        return Err(AppError::new(Kind::Usage, "Several files can't have one name.", hint));
    }
    let class = args.class.as_deref().map(class_of).transpose()?;
    let kind = find::choice(session, "document-kind", &args.kind)?;
    let date = args.date.as_deref().map(|date| find::moment_back(session, date)).transpose()?;
    let date = date.map(|date| date.with_timezone(&dates::jamaica()).date_naive());
    let name = args.name.map(|name| input::private(session, cx, Some(name), "Name")).transpose()?;
    let source = optional(session, cx, args.source, "Source")?;
    let note = optional(session, cx, args.note, "Note")?;
    let made = session.all_or_nothing(|session| {
        let mut made = Vec::with_capacity(args.files.len());
        for path in &args.files {
            let file = plain(path)?;
            let own = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let new = NewDocument {
                kind: kind.clone(),
                class,
                name: name.clone().unwrap_or(own),
                date,
                source: source.clone(),
                note: note.clone(),
            };
            made.extend(session.add_document(case, new, file, &mut |_| true)?.made);
        }
        Ok(made)
    })?;
    Ok(codes(session, &made))
}

fn class_of(name: &str) -> Result<Class> {
    Class::from_name(name).ok_or_else(|| {
        let all: Vec<&str> = Class::ALL.iter().filter(|class| !class.team_only()).map(|class| class.name()).collect();
        AppError::new(Kind::Usage, "There is no such class.", format!("Use one of: {}.", all[1..].join(", ")))
    })
}

/// A plain file: a pipe or a device would never end.
fn plain(path: &Path) -> Result<File> {
    let failed = |error: std::io::Error| open::io(&format!("read {}", path.display()), &error);
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        let message = format!("{} is no file.", path.display());
        return Err(AppError::new(
            Kind::Usage,
            message,
            "Name the file itself; a folder's files are attached one by one.",
        ));
    }
    File::open(path).map_err(failed)
}

/// What a document is called: by its kind alone while names are masked and its kind of data says who somebody is.
fn name(document: Document<'_>, veil: &Veil) -> String {
    if veil.masks() && document.0.class.names() { "masked".to_owned() } else { veil.text(document.name()) }
}

fn list(session: &mut Session, code: &str, reveal: bool) -> Result<Output> {
    let id = find::case(session, code)?;
    super::case_show::on_record(session, id, reveal)?;
    let session = &*session;
    let veil = Veil::new(session, Some(id), reveal);
    let Some(case) = Case::get(session.state(), id) else { return Ok(Output::said("")) };
    let today = session.today_date();
    let all = Document::all(session.state(), case);
    let mut table = Table::new(&["Code", "What", "Name", "Dated", "Size", ""], 2);
    for document in &all {
        table.row([
            words::code(session, document.0.id),
            session.pack().label("document-kind", document.kind()).to_owned(),
            name(*document, &veil),
            document.date().map(|date| dates::people(date, today)).unwrap_or_default(),
            size_words(document.size()),
            if session.has_document_file(*document) { String::new() } else { "! its file is not here".to_owned() },
        ]);
    }
    let empty = format!("Case {} has no document. Attach one with `mahoe document add`.", words::code(session, id));
    let items = all.iter().map(|document| shape(session, *document, &veil)).collect();
    Ok(Output::list(table.render(output::width(), &empty), items))
}

fn shape(session: &Session, document: Document<'_>, veil: &Veil) -> Json {
    let item = document.0;
    let masked = veil.masks() && item.class.names();
    let at = |field| shapes::value(session, field, &item.value(field), veil);
    json!({
        "code": words::code(session, item.id),
        "id": item.id.to_string(),
        "case": words::code(session, item.stream.item()),
        "kind": document.kind(),
        "name": if masked { Json::Null } else { at(Field::DocumentName) },
        "date": at(Field::DocumentDate),
        "source": if masked { Json::Null } else { at(Field::DocumentSource) },
        "note": if masked { Json::Null } else { at(Field::DocumentNote) },
        "added": at(Field::DocumentAdded),
        "size": document.size(),
        "sha256": document.digest(),
        "media": document.media().name(),
        "class": item.class.name(),
        "here": session.has_document_file(document),
    })
}

fn show(session: &mut Session, code: &str, reveal: bool) -> Result<Output> {
    let id = find::document(session, code)?;
    let case = session.state().item(id).map(|item| item.stream.item());
    if let Some(case) = case {
        super::case_show::on_record(session, case, reveal)?;
    }
    let media = Document::get(session.state(), id).map_or(Media::Other, Document::media);
    let text = match media {
        Media::Text => Some(media::text(&session.view_document(id, SHOWN)?)),
        _ => None,
    };
    let session = &*session;
    let veil = Veil::new(session, case, reveal);
    let Some(document) = Document::get(session.state(), id) else { return Ok(Output::said("")) };
    let mut lines = vec![format!(
        "{}  {}  {}",
        words::code(session, id),
        session.pack().label("document-kind", document.kind()),
        name(document, &veil)
    )];
    let mut fact = |label: &str, value: String| {
        if !value.is_empty() {
            lines.push(format!("{label:<10}  {value}"));
        }
    };
    let masked = veil.masks() && document.0.class.names();
    let said = |text: &str| if masked && !text.is_empty() { "masked".to_owned() } else { veil.text(text) };
    fact("Case", case.map(|case| words::code(session, case)).unwrap_or_default());
    fact("Dated", document.date().map(|date| words::day(date, session.today_date())).unwrap_or_default());
    fact("From", said(document.source()));
    fact("Attached", document.added().map(words::moment).unwrap_or_default());
    fact("File", format!("{}, {}, {}", document.media().words(), size_words(document.size()), document.0.class));
    fact("SHA-256", document.digest().to_owned());
    fact("Note", said(document.note()));
    let mut json = shape(session, document, &veil);
    match &text {
        Some(_) if masked => lines.push("Its words are masked: --reveal shows them, on record.".to_owned()),
        Some(text) => {
            let text = veil.text(text);
            lines.extend([String::new(), text.clone()]);
            if document.size() > SHOWN {
                lines.push("… (the rest: mahoe document export)".to_owned());
            }
            json["text"] = Json::String(text);
        }
        None => lines.push("The screens show pictures; `mahoe document export` writes it to a sealed file.".to_owned()),
    }
    Ok(Output::new(lines.join("\n"), json))
}

fn export(session: &mut Session, cx: &Cx<'_>, args: &ExportArgs) -> Result<Output> {
    let id = find::document(session, &args.code)?;
    let to = match (&args.to, &args.clear) {
        (Some(name), _) => SealTo::Member(find::member(session, name)?),
        (None, Some(reason)) => SealTo::Nobody(reason.clone()),
        (None, None) => {
            let file = args.new_passphrase_file.as_deref();
            let practice = session.practice();
            SealTo::Passphrase(input::new_passphrase(cx, input::NEW_PASSPHRASE, file, "the file", practice)?)
        }
    };
    write(session, id, to, &args.output)
}

/// The file is there whole, or not at all.
fn write(session: &mut Session, id: ItemId, to: SealTo, path: &Path) -> Result<Output> {
    let mut file = std::io::BufWriter::new(files::create(path)?);
    let written = session.export_document(id, to, &mut file).and_then(|says| {
        let synced = file.flush().and_then(|()| file.get_ref().sync_all());
        synced.map(|()| says).map_err(|error| open::io(&format!("write {}", path.display()), &error))
    });
    if written.is_err() {
        // Half a file would be in the way of the next try.
        let _ = std::fs::remove_file(path);
    }
    written.map(Output::said)
}
