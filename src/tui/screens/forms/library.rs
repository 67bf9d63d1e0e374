//! The library's pages: writing one, changing one, and making the team's own version of one that is part of the program.

use crate::domain::dates::{self, Lean};
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::library::{self, Page};
use crate::domain::value::Value;
use crate::ops::{PageAdd, PageEdit};
use crate::tui::desk::Desk;
use crate::tui::forms::{self, Form, Values, Wrong};
use crate::tui::layers::Layer;

use super::fields::{date, refused, sentence};
use super::{draft_name, layer, said};

fn fields(desk: &Desk, page: Option<&Page<'_>>) -> Vec<forms::Field> {
    let held = |text: fn(&Page<'_>) -> String| page.map(text).unwrap_or_default();
    vec![
        forms::Field::line("title", "Title").required().value(&held(|page| page.title.to_owned())),
        forms::Field::prose("body", "Text")
            .required()
            .hint("Markdown: # heading, - list, **strong**, > quote")
            .value(&held(|page| page.body.to_owned())),
        forms::Field::line("tags", "Tags")
            .hint("with commas: shelter, night")
            .value(&held(|page| page.tags.to_owned())),
        forms::Field::line("source", "Source")
            .hint("where it comes from, and who has agreed to it")
            .value(&held(|page| page.source.to_owned())),
        date(desk, "date", "As of", Lean::Back)
            .placeholder("today")
            .value(&held(|page| page.date.map(|date| date.to_string()).unwrap_or_default())),
    ]
}

fn add(values: &Values, name: &str, desk: &Desk) -> Result<PageAdd, Wrong> {
    let text = |key: &str| values.get(key).to_owned();
    let date = values.some("date").map(|text| dates::parse_date(text, desk.today(), Lean::Back)).transpose();
    let date = date.map_err(|error| Wrong::field("date", sentence(&error.to_string())))?;
    let (title, tags, source) = (text("title"), text("tags"), text("source"));
    Ok(PageAdd { name: name.to_owned(), title, tags, source, date, body: text("body") })
}

/// Writes a page.
pub(super) fn new(desk: &Desk) -> Box<dyn Layer<Desk>> {
    let mut all = fields(desk, None);
    all.push(forms::Field::line("name", "Name").placeholder("made from the title").hint("letters, digits, hyphens"));
    layer(desk, draft_name("library.add", None), Form::new("New library page", all), move |values, _, desk| {
        let op = add(values, values.get("name"), desk)?;
        said(desk.try_run(op).map_err(|error| refused(&error))?.says)
    })
}

/// The team's own version of a page that is part of the program; `None` if there is no such page.
pub(in crate::tui::screens) fn own_version(desk: &Desk, name: &str) -> Option<Box<dyn Layer<Desk>>> {
    let page = library::built_in().iter().find(|page| page.name == name)?;
    let form = Form::new(format!("Our own version: {}", page.title), fields(desk, Some(page)))
        .notice("It stands in the place of the built-in page, which stays beside it.");
    Some(layer(desk, format!("library.add/{name}"), form, move |values, _, desk| {
        let op = add(values, page.name, desk)?;
        said(desk.try_run(op).map_err(|error| refused(&error))?.says)
    }))
}

/// Changes a page of the team's own.
pub(super) fn edit(desk: &Desk, item: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let page = Page::get(desk.open_session().state(), item)?;
    let form = Form::new(format!("Page {}", page.name), fields(desk, Some(&page)));
    Some(layer(desk, draft_name("library.edit", Some(item)), form, move |values, _, desk| {
        let new = add(values, "", desk)?;
        let mut set = vec![
            (Field::PageTitle, Value::text(&new.title)),
            (Field::PageTags, Value::text(&new.tags)),
            (Field::PageSource, Value::text(&new.source)),
            (Field::PageBody, Value::text(&new.body)),
        ];
        set.extend(new.date.map(|date| (Field::PageDate, Value::date(date))));
        said(desk.try_run(PageEdit { page: item, set }).map_err(|error| refused(&error))?.says)
    }))
}
