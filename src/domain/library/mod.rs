//! The library: pages that are part of the program, and the team's own.
//!
//! A built-in page says where each thing comes from and what is unverified. A team that knows better writes its own page
//! under the same name: the team's stands first, the built-in one stays beside it.

mod file;
mod search;

use std::sync::OnceLock;

use chrono::NaiveDate;

use super::field::{Field, ItemKind};
use super::ids::ItemId;
use super::item::Item;
use super::pack::is_code;
use super::state::State;

pub use file::{MOST_BYTES, Read, read, write};
pub use search::{Hit, Index};

/// The longest name of a page.
const LONGEST_NAME: usize = 32;

macro_rules! built_in {
    ($($name:literal,)*) => {
        const BUILT_IN: &[(&str, &str)] = &[$(($name, include_str!(concat!("pages/", $name, ".md"))),)*];
    };
}

built_in! {
    "how-to-report",
    "first-24-hours",
    "speaking-with-a-child",
    "at-a-disclosure",
    "consent-and-views",
    "safe-contact",
    "stages",
    "data-breach",
    "using-bundles",
    "agencies",
}

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page<'a> {
    /// The team's item; `None` for a page that is part of the program.
    pub item: Option<ItemId>,
    /// Its name, as a code is written: `how-to-report`.
    pub name: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Tags, with commas between them.
    pub tags: &'a str,
    /// Where it comes from.
    pub source: &'a str,
    /// The day on which it was true.
    pub date: Option<NaiveDate>,
    /// Markdown.
    pub body: &'a str,
}

impl<'a> Page<'a> {
    /// One of the team's pages.
    pub fn of(item: &'a Item) -> Self {
        Self {
            item: Some(item.id),
            name: item.str(Field::PageName),
            title: item.str(Field::PageTitle),
            tags: item.str(Field::PageTags),
            source: item.str(Field::PageSource),
            date: item.held(Field::PageDate).as_date(),
            body: item.str(Field::PageBody),
        }
    }

    /// A standing page of the team by its id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Page && item.stands()).map(Self::of)
    }

    /// True for a page that is part of the program.
    pub const fn is_built_in(&self) -> bool {
        self.item.is_none()
    }

    /// Its tags, one by one.
    pub fn tag_list(&self) -> Vec<&'a str> {
        self.tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).collect()
    }
}

/// The pages that are part of the program.
///
/// # Panics
/// Never: a test reads each of them.
pub fn built_in() -> &'static [Page<'static>] {
    static PAGES: OnceLock<Vec<Page<'static>>> = OnceLock::new();
    PAGES.get_or_init(|| {
        let page = |(name, text): &(&'static str, &'static str)| {
            let read = file::parts(text);
            let date = NaiveDate::parse_from_str(read.date, "%Y-%m-%d").ok();
            Page { item: None, name, title: read.title, tags: read.tags, source: read.source, date, body: read.body }
        };
        BUILT_IN.iter().map(page).collect()
    })
}

/// Every page: the team's own by title, then those of the program.
pub fn pages(state: &State) -> Vec<Page<'_>> {
    let mut all: Vec<Page<'_>> = state.items(ItemKind::Page).map(Page::of).collect();
    all.sort_by_key(|page| (page.title.to_lowercase(), page.item));
    all.extend(built_in().iter().copied());
    all
}

/// True for a page of the program of which the team has a version of its own.
pub fn has_own(state: &State, page: &Page<'_>) -> bool {
    page.is_built_in() && state.items(ItemKind::Page).any(|item| item.str(Field::PageName) == page.name)
}

/// The pages that a name means: the team's, else that of the program. More than one only where two devices made a page
/// of one name. An id in hex names a team's page, too.
pub fn find<'a>(state: &'a State, name: &str, only_built_in: bool) -> Vec<Page<'a>> {
    let wanted = name.trim().to_lowercase();
    if !only_built_in {
        if let Some(page) = ItemId::from_hex(&wanted).and_then(|id| Page::get(state, id)) {
            return vec![page];
        }
        let own = state.items(ItemKind::Page).map(Page::of).filter(|page| page.name == wanted);
        let own: Vec<Page<'_>> = own.collect();
        if !own.is_empty() {
            return own;
        }
    }
    built_in().iter().filter(|page| page.name == wanted).copied().collect()
}

/// A page's name from its title: "What to do first" becomes `what-to-do-first`; empty if nothing of it fits.
pub fn name_from(title: &str) -> String {
    let mut name = String::new();
    for c in title.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => name.push(c),
            _ if !name.ends_with('-') && !name.is_empty() => name.push('-'),
            _ => {}
        }
        if name.len() == LONGEST_NAME {
            break;
        }
    }
    let name = name.trim_end_matches('-').to_owned();
    if is_code(&name) { name } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{clean, markdown};

    #[test]
    fn every_built_in_page_is_whole_and_says_where_it_comes_from() {
        for page in built_in() {
            let at = page.name;
            assert!(is_code(page.name), "{at}");
            assert!(!page.title.is_empty() && !page.tag_list().is_empty(), "{at}");
            assert!(page.source.len() > 10 && page.date.is_some(), "{at}: source and date");
            assert!(page.body.len() > 400 && !page.body.starts_with('#'), "{at}");
            assert_eq!(clean::prose(page.body.trim_end()), page.body.trim_end(), "{at}: hidden characters");
            assert!(markdown::read(page.body).len() > 5, "{at}");
            assert!(!name_from(page.title).is_empty(), "{at}");
        }
        let mut names: Vec<&str> = built_in().iter().map(|page| page.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), built_in().len());
    }

    #[test]
    fn what_is_unverified_is_said_to_be() {
        let of = |name: &str| built_in().iter().find(|page| page.name == name).expect("there").body;
        for (name, word) in [("how-to-report", "119"), ("stages", "path"), ("first-24-hours", "24")] {
            assert!(of(name).contains(word) && of(name).to_lowercase().contains("unverified"), "{name}");
        }
    }

    #[test]
    fn names_come_from_titles() {
        assert_eq!(name_from("What to do first?"), "what-to-do-first");
        assert_eq!(name_from("  Été – 2026  "), "t-2026");
        assert_eq!(name_from("日本"), "");
        assert_eq!(name_from(&"long word ".repeat(9)), "long-word-long-word-long-word-lo");
    }
}
