//! `library`: pages that are part of the program, and the team's own.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::domain::dates::{self, Lean};
use crate::domain::field::{Field, ItemKind};
use crate::domain::library::{self, Index, MOST_BYTES, Page};
use crate::domain::markdown;
use crate::domain::value::Value;
use crate::error::{AppError, Kind, Result};
use crate::ops::{PageAdd, PageEdit, PageRemove};
use crate::session::Session;

use super::super::output::{self, Output, Table};
use super::super::{Cx, files, find, input, words};
use super::case_edit::done;

/// `library`.
#[derive(Debug, Subcommand)]
pub enum LibraryCommand {
    /// Every page: the team's own, then those of the program
    List,
    /// Read a page
    Show {
        /// Its name in `library list`
        name: String,
        /// The page that is part of the program, although the team has its own
        #[arg(long)]
        built_in: bool,
        /// As it was written, in Markdown
        #[arg(long)]
        source: bool,
    },
    /// The pages with all of these words, the best first
    Search {
        /// The words
        #[arg(required = true)]
        words: Vec<String>,
    },
    /// Write a page; under the name of one of the program's it stands in its place; prints its name alone
    Add(AddArgs),
    /// Change a page of the team's own
    Edit {
        /// Its name
        name: String,
        /// FIELD=VALUE: title, tags, source, date, body; several times
        #[arg(long, value_name = "FIELD=VALUE", required = true)]
        set: Vec<String>,
    },
    /// Take a page of the team's own out of the library
    Remove {
        /// Its name
        name: String,
    },
    /// Bring in Markdown files; a page of the same name is changed. All of them or none
    Import {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Write a page into a new file, unsealed
    Export {
        /// Its name
        name: String,
        /// The new file
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// The page that is part of the program
        #[arg(long)]
        built_in: bool,
    },
}

/// `library add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// Its title
    pub title: String,
    /// Its text in Markdown; asked for if left out, - for standard input
    #[arg(long, value_name = "TEXT")]
    pub body: Option<String>,
    /// Its name; made from the title, if left out
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// With commas between them
    #[arg(long, value_name = "TAGS")]
    pub tags: Option<String>,
    /// Where it comes from
    #[arg(long, value_name = "TEXT")]
    pub source: Option<String>,
    /// The day on which it was true; today, if left out
    #[arg(long, value_name = "DATE")]
    pub date: Option<String>,
}

/// Runs a command of the family.
///
/// # Errors
/// As the op's; [`Kind::Refused`] for a page that is not there or a file that is no page.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: LibraryCommand) -> Result<Output> {
    match command {
        LibraryCommand::List => Ok(list(session)),
        LibraryCommand::Show { name, built_in, source } => {
            let page = one(session, &name, built_in)?;
            Ok(show(session, &page, source))
        }
        LibraryCommand::Search { words } => Ok(search(session, &words.join(" "))),
        LibraryCommand::Add(args) => add(session, cx, args),
        LibraryCommand::Edit { name, set } => {
            let page = own(session, &name)?;
            let set = find::sets(session, ItemKind::Page, &set)?;
            done(session.run(PageEdit { page, set }))
        }
        LibraryCommand::Remove { name } => {
            let page = own(session, &name)?;
            done(session.run(PageRemove { page }))
        }
        LibraryCommand::Import { files } => import(session, &files),
        LibraryCommand::Export { name, output, built_in } => {
            let page = one(session, &name, built_in)?;
            let text = library::write(&page);
            let item = page.item.unwrap_or_else(|| session.state().team_stream().item());
            let what = format!("library page {}", page.name);
            session.note_access("export", item, &what)?;
            files::write_new(&output, text.as_bytes())?;
            let file = output.display().to_string();
            Ok(Output::new(format!("Written to {file}, unsealed."), json!({ "file": file })))
        }
    }
}

fn missing(name: &str) -> AppError {
    let name = crate::domain::clean::line(name).chars().take(40).collect::<String>();
    AppError::new(
        Kind::Refused,
        format!("There is no page \"{name}\"."),
        "`mahoe library list` shows every name; `mahoe library search WORDS` looks into the pages.",
    )
}

/// The page of a name.
fn one<'s>(session: &'s Session, name: &str, built_in: bool) -> Result<Page<'s>> {
    match library::find(session.state(), name, built_in).as_slice() {
        [] => Err(missing(name)),
        [page] => Ok(*page),
        several => {
            let ids: Vec<String> = several.iter().filter_map(|page| page.item).map(|id| id.to_string()).collect();
            Err(AppError::new(
                Kind::Refused,
                format!("Two devices each made a page called \"{name}\": both are kept."),
                format!("Name one by its id: {}. Then remove or rewrite one of them.", ids.join(", ")),
            ))
        }
    }
}

/// One of the team's own pages.
fn own(session: &Session, name: &str) -> Result<crate::domain::ids::ItemId> {
    one(session, name, false)?.item.ok_or_else(|| {
        AppError::new(
            Kind::Refused,
            format!("\"{name}\" is part of the program: it stays as it is."),
            "Write your own under the same name: `mahoe library add TITLE --name NAME`, or e in Library.",
        )
    })
}

fn whose(session: &Session, page: &Page<'_>) -> &'static str {
    match page.is_built_in() {
        true if library::has_own(session.state(), page) => "built-in; the team has its own",
        true => "built-in",
        false => "the team's own",
    }
}

fn list(session: &Session) -> Output {
    let pages = library::pages(session.state());
    let mut table = Table::new(&["Name", "Title", "Tags", "As of", ""], 1);
    for page in &pages {
        table.row([
            page.name.to_owned(),
            page.title.to_owned(),
            page.tags.to_owned(),
            page.date.map(|date| date.format("%-d %b %Y").to_string()).unwrap_or_default(),
            whose(session, page).to_owned(),
        ]);
    }
    let items = pages.iter().map(|page| shape(session, page)).collect();
    Output::list(table.render(output::width(), ""), items)
}

fn shape(session: &Session, page: &Page<'_>) -> Json {
    json!({
        "name": page.name,
        "id": page.item.map(|id| id.to_string()),
        "title": page.title,
        "tags": page.tag_list(),
        "source": page.source,
        "date": page.date.map(|date| date.to_string()),
        "built_in": page.is_built_in(),
        "replaced": library::has_own(session.state(), page),
    })
}

fn show(session: &Session, page: &Page<'_>, source: bool) -> Output {
    let mut shape = shape(session, page);
    shape["body"] = json!(page.body);
    if source {
        return Output::new(library::write(page).trim_end().to_owned(), shape);
    }
    let date = page.date.map(|date| date.format("as of %-d %b %Y").to_string()).unwrap_or_default();
    let head = [whose(session, page).to_owned(), date, page.source.to_owned()];
    let head = head.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    Output::new(format!("{}\n({head})\n\n{}", page.title, markdown::plain(page.body)), shape)
}

fn search(session: &Session, query: &str) -> Output {
    let pages = library::pages(session.state());
    let hits = Index::new(&pages).find(&pages, query);
    let mut table = Table::new(&["Name", "Title", ""], 2);
    let mut items = Vec::new();
    for hit in &hits {
        let page = &pages[hit.at];
        table.row([page.name.to_owned(), page.title.to_owned(), hit.line.clone()]);
        let mut shape = shape(session, page);
        shape["line"] = json!(hit.line);
        items.push(shape);
    }
    Output::list(table.render(output::width(), "No page has all of these words."), items)
}

fn add(session: &mut Session, cx: &Cx<'_>, args: AddArgs) -> Result<Output> {
    let date = args.date.as_deref().map(|date| dates::parse_date(date, session.today_date(), Lean::Back)).transpose();
    let date = date.map_err(|error| {
        AppError::new(Kind::Usage, "The day can't be read.", format!("{}.", output::sentence(&error.to_string())))
    })?;
    let body = input::text(cx, args.body, "Text")?;
    let op = PageAdd {
        name: args.name.unwrap_or_default(),
        title: args.title,
        tags: args.tags.unwrap_or_default(),
        source: args.source.unwrap_or_default(),
        date,
        body,
    };
    let made = session.run(op)?.made;
    let name = made.first().and_then(|id| Page::get(session.state(), *id)).map(|page| page.name.to_owned());
    let name = name.unwrap_or_default();
    Ok(Output::new(name.clone(), json!({ "name": name, "id": made.first().map(ToString::to_string) })))
}

/// Brings files in: new pages, or new text of pages that are there.
fn import(session: &mut Session, paths: &[PathBuf]) -> Result<Output> {
    let mut pages = Vec::new();
    for path in paths {
        let bytes = files::read_bounded(path, MOST_BYTES)?;
        let page = library::read(&bytes).map_err(|error| {
            AppError::new(
                Kind::Refused,
                format!("{}: {error}. Nothing was brought in.", path.display()),
                "Save it as UTF-8 text in Markdown; the first lines may be title:, tags:, source:, date: and then ---.",
            )
        })?;
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        pages.push((page, stem));
    }
    let (mut new, mut changed) = (0, 0);
    session.all_or_nothing(|session| {
        for (page, stem) in pages {
            let title = if page.title.is_empty() { stem.clone() } else { page.title };
            let name = [page.name, library::name_from(&stem), library::name_from(&title)];
            let name = name.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
            let there = if name.is_empty() { None } else { one(session, &name, false).ok().and_then(|page| page.item) };
            let (tags, source, body) = (page.tags, page.source, page.body);
            let Some(item) = there else {
                session.run(PageAdd { name, title, tags, source, date: page.date, body })?;
                new += 1;
                continue;
            };
            let date = page.date.unwrap_or_else(|| session.today_date());
            let mut set = vec![(Field::PageTitle, Value::text(&title)), (Field::PageDate, Value::date(date))];
            set.push((Field::PageBody, Value::text(&body)));
            // A file without tags or source says nothing about them.
            let more =
                [(Field::PageTags, tags), (Field::PageSource, source)].into_iter().filter(|(_, text)| !text.is_empty());
            set.extend(more.map(|(field, text)| (field, Value::text(&text))));
            session.run(PageEdit { page: item, set })?;
            changed += 1;
        }
        Ok(())
    })?;
    let says = format!("{} and {} changed.", words::count(new, "new page", "new pages"), changed);
    Ok(Output::new(says, json!({ "new": new, "changed": changed })))
}
