//! `search`, `case search`, `case duplicates`: what can be found in the cases that this participant may read.

use clap::Args;
use serde_json::{Value as Json, json};

use crate::domain::alike::{self, Fit, Known, Likely};
use crate::domain::clean;
use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::library::{self, Index};
use crate::domain::searchable::Depth;
use crate::domain::value::Value;
use crate::domain::views::Case;
use crate::error::{AppError, Kind, Result};
use crate::session::{Query, Session};

use super::super::output::{self, Output, Table};
use super::super::words::{self, Veil};
use super::super::{Cx, find, input, shapes};

/// So many lines of a case are printed.
const MOST_LINES: usize = 5;

/// `search`.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// The words, all of which must stand in a case or on a page; asked for if left out
    pub words: Vec<String>,
    /// Open cases only
    #[arg(long)]
    pub open: bool,
    /// In the child's own words and in interviews too (goes on record)
    #[arg(long)]
    pub views: bool,
    /// In names too, and show them (goes on record)
    #[arg(long)]
    pub reveal: bool,
}

/// `search`: the lines of cases and the pages of the library with all of the words.
///
/// # Errors
/// [`Kind::Usage`] if there is nothing to look for; as [`Session::note_access`].
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, args: &SearchArgs) -> Result<Output> {
    let given = Some(args.words.join(" ")).filter(|text| !text.is_empty());
    let text = input::private(session, cx, given, "What to look for")?;
    let depth = session.search_depth(if args.views { Depth::Confided } else { Depth::Told });
    let query = Query::new(&text, !args.reveal, depth);
    if query.is_empty() {
        return Err(AppError::new(Kind::Usage, "There is nothing to look for.", "Type a word or two."));
    }
    if args.reveal {
        session.note_access("reveal", session.state().team_stream().item(), "command line, search")?;
    }
    if depth == Depth::Confided {
        session.note_access("views", session.state().team_stream().item(), "command line, search")?;
    }
    session.read_words(usize::MAX);
    let case = |id: ItemId| Case::get(session.state(), id);
    let may = |id: ItemId| !args.open || case(id).is_some_and(Case::is_open);
    let (_, found) = session.all_words().find(&query, usize::MAX, may);
    let mut table = Table::new(&["Case", "Risk", "Where", "Line"], 3);
    let mut items = Vec::with_capacity(found.len());
    for case in found.iter().copied().filter_map(case) {
        let veil = Veil::new(session, Some(case.0.id), args.reveal);
        let hits = session.hits(case.0.id, &query, MOST_LINES);
        let mut json = shapes::case(session, case, &veil);
        json["hits"] = hits.iter().map(|hit| json!({ "where": hit.place, "line": hit.line })).collect();
        items.push(json);
        let first = || (words::code(session, case.0.id), words::risk(case.risk()).to_owned());
        if hits.is_empty() {
            // It was found by its code, its stage or its lead.
            let (code, risk) = first();
            table.row([code, risk, String::new(), veil.text(case.concern())]);
        }
        for (at, hit) in hits.into_iter().enumerate() {
            let (code, risk) = if at == 0 { first() } else { Default::default() };
            table.row([code, risk, hit.place, hit.line]);
        }
    }
    let mut text_out = table.render(output::width(), "No case with all of these words in what you may read.");
    let pages = pages(session, &text);
    if !pages.is_empty() {
        let mut table = Table::new(&["Page", "Title", "Line"], 2);
        for page in &pages {
            table.row(["name", "title", "line"].map(|key| page[key].as_str().unwrap_or("").to_owned()));
        }
        text_out = format!("{text_out}\n\n{}", table.render(output::width(), ""));
    }
    let mut output = Output::list(text_out, items);
    output.json["pages"] = Json::Array(pages);
    Ok(output)
}

/// The pages of the library with all of the words.
fn pages(session: &Session, text: &str) -> Vec<Json> {
    let all = library::pages(session.state());
    let hits = Index::new(&all).find(&all, text);
    let page = |hit: &library::Hit| {
        let page = &all[hit.at];
        json!({ "name": page.name, "title": page.title, "line": hit.line })
    };
    hits.iter().map(page).collect()
}

/// `case search`: cases by a name however it is spelt, by code, or by words in their fields, actions and notes.
///
/// # Errors
/// [`Kind::Usage`] if there is nothing to look for.
pub(super) fn cases(session: &Session, text: &str, open: bool) -> Result<Output> {
    let wanted = clean::line(text).to_lowercase();
    if wanted.is_empty() {
        return Err(AppError::new(Kind::Usage, "There is nothing to look for.", "Type a word or two."));
    }
    let state = session.state();
    session.read_words(usize::MAX);
    let named = if session.observes() { Vec::new() } else { session.all_words().children().named(text) };
    let named: std::collections::HashMap<ItemId, Fit> = named.into_iter().collect();
    let mut found: Vec<(Option<Fit>, Case<'_>, Vec<String>)> = Vec::new();
    for case in state.items(ItemKind::Case).map(Case).filter(|case| !open || case.is_open()) {
        let fit = named.get(&case.0.id).copied();
        let mut places = places(session, case, &wanted);
        if matches!(fit, Some(Fit::Alike | Fit::OneAlike)) && places.is_empty() {
            places.push("Name sounds alike".to_owned());
        } else if fit.is_some() && places.is_empty() {
            places.push("Name".to_owned());
        }
        if !places.is_empty() {
            found.push((fit, case, places));
        }
    }
    // Those with the name come first, the closest before the others.
    found.sort_by_key(|(fit, case, _)| (fit.is_none(), *fit, !case.is_open(), case.risk(), case.reported(), case.0.id));
    let mut table = Table::new(&["Case", "Risk", "Stage", "Reported", "Found in"], 4);
    let mut items = Vec::with_capacity(found.len());
    for (_, case, places) in found {
        let veil = Veil::new(session, Some(case.0.id), false);
        let mut json = shapes::case(session, case, &veil);
        json["found_in"] = json!(places);
        items.push(json);
        let reported = case.reported().map(|when| when.with_timezone(&dates::jamaica()).date_naive());
        table.row([
            words::code(session, case.0.id),
            words::risk(case.risk()).to_owned(),
            words::stage(session, case),
            reported.map(|day| dates::people(day, session.today_date())).unwrap_or_default(),
            places.join(", "),
        ]);
    }
    Ok(Output::list(table.render(output::width(), "Nothing found in what you may read."), items))
}

/// Where in a case and in what belongs to it the words stand.
fn places(session: &Session, case: Case<'_>, wanted: &str) -> Vec<String> {
    let state = session.state();
    let mut places = Vec::new();
    if words::code(session, case.0.id).to_lowercase() == wanted {
        places.push("Code".to_owned());
    }
    let observes = session.observes();
    let kinds = [ItemKind::Action, ItemKind::FollowUp, ItemKind::Note];
    let inside = kinds.into_iter().filter(|_| !observes).flat_map(|kind| state.items_in(case.0.stream, kind));
    for item in std::iter::once(case.0).chain(inside) {
        for (field, register) in item.fields().filter(|(field, _)| !observes || *field == Field::CaseConcern) {
            let holds = |value: &Value| value.as_str().is_some_and(|text| text.to_lowercase().contains(wanted));
            if register.heads().iter().any(|head| holds(&head.value)) {
                let own = item.kind == ItemKind::Case;
                places.push(if own { field.def().label } else { item.kind.name() }.to_owned());
            }
        }
    }
    places.sort();
    places.dedup();
    places
}

/// The cases that may be about the child of a new one, the likeliest first.
pub(super) fn likely(
    session: &Session,
    cx: &Cx<'_>,
    values: &[(Field, Value)],
    sibling_of: Option<ItemId>,
) -> Vec<Likely> {
    let child = Known::of_values(values);
    let mut found = if cx.batch {
        // Many cases are opened one after the other: what tells children apart is read once.
        session.read_words(usize::MAX);
        session.likely(&child)
    } else {
        alike::among(session.state(), &child)
    };
    found.retain(|one| Some(one.case) != sibling_of);
    found
}

/// What is known of likely cases, for scripts.
pub(super) fn likely_json(session: &Session, found: &[Likely]) -> Json {
    let one = |likely: &Likely| {
        let signs: Vec<&str> = likely.signs.iter().map(|sign| sign.words()).collect();
        json!({ "code": words::code(session, likely.case), "signs": signs })
    };
    found.iter().map(one).collect()
}

/// Tells of likely cases beside the output; the case was opened all the same.
pub(super) fn tell_likely(session: &Session, found: &[Likely]) {
    const TOLD: usize = 3;
    for likely in found.iter().take(TOLD) {
        let code = words::code(session, likely.case);
        output::note(&format!("Known already? Case {code}: {}. `mahoe case show {code}`", likely.words()));
    }
    if found.len() > TOLD {
        output::note(&format!("And {} more: `mahoe case duplicates` lists them.", found.len() - TOLD));
    }
}

/// `case duplicates`: cases that may be about the same child, as pairs; those that are linked were looked at.
///
/// # Errors
/// As [`find::case`].
pub(super) fn duplicates(session: &Session, code: Option<&str>) -> Result<Output> {
    let of = code.map(|code| find::case(session, code)).transpose()?;
    session.read_words(usize::MAX);
    let pairs = session.likely_pairs(of);
    if session.observes() {
        return Err(AppError::new(
            Kind::Refused,
            "Observers see no comparison of children.",
            "Ask a coordinator, a deputy or a champion of the team.",
        ));
    }
    let mut table = Table::new(&["Case", "And", "Why"], 2);
    let mut items = Vec::with_capacity(pairs.len());
    let named = |id: ItemId| {
        let open = Case::get(session.state(), id).is_none_or(Case::is_open);
        format!("{}{}", words::code(session, id), if open { "" } else { " (closed)" })
    };
    for (case, likely) in &pairs {
        table.row([named(*case), named(likely.case), likely.words()]);
        let signs: Vec<&str> = likely.signs.iter().map(|sign| sign.words()).collect();
        let codes = [*case, likely.case].map(|id| words::code(session, id));
        items.push(json!({ "case": codes[0], "other": codes[1], "weight": likely.weight, "signs": signs }));
    }
    let none = "No two cases look like one child's. Linked cases are left out: somebody has looked at them.";
    let mut text = table.render(output::width(), none);
    if !pairs.is_empty() {
        text.push_str("\nIf they are one child's: close one with --reason duplicate. If not: `mahoe case link` them.");
    }
    let hidden = session.restricted_cases();
    if hidden > 0 {
        let more = words::count(hidden, "case is", "cases are");
        text = format!("{text}\n{more} only for others, and not compared: ask those who may read them.");
    }
    Ok(Output::list(text, items))
}
