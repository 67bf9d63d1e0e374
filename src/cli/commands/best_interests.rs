//! `case best-interests`: what was decided to be best for the child, and how `case show` tells of it.

use clap::Args;
use serde_json::{Value as Json, json};

use crate::domain::class::Class;
use crate::domain::decision::{BEST_INTERESTS, Decision};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::meeting::Meeting;
use crate::domain::views::Case;
use crate::error::{AppError, Kind, Result};
use crate::ops::CaseBestInterests;
use crate::session::Session;

use super::super::output::Output;
use super::super::words::{self, Veil};
use super::super::{Cx, find, input, shapes};
use super::case_edit::done;
use super::consent::optional;

/// `case best-interests`.
#[derive(Debug, Args)]
pub struct BestInterestsArgs {
    /// The case's code
    pub code: String,
    /// What was to be decided; asked for if left out; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub question: Option<String>,
    /// An option with what speaks for and against it: "Stay; + near the school; - too loud"; several times; asked for if left out
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub option: Vec<String>,
    /// What was decided; asked for if left out; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub decision: Option<String>,
    /// A member of the team who decided; several times
    #[arg(long, value_name = "NAME")]
    pub panel: Vec<String>,
    /// Others who decided
    #[arg(long, value_name = "TEXT")]
    pub others: Option<String>,
    /// The child's views, as they were considered; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub views: Option<String>,
    /// The child's views were considered as they were written down last
    #[arg(long)]
    pub views_note: bool,
    /// Why the child's views were not considered; asked for if nothing is said of them
    #[arg(long, value_name = "TEXT")]
    pub unheard: Option<String>,
    /// Who sees it otherwise, and why; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub dissent: Option<String>,
    /// On which day it is looked at again
    #[arg(long, value_name = "DATE")]
    pub review: Option<String>,
    /// When it was decided; now, if left out
    #[arg(long, value_name = "DATE")]
    pub when: Option<String>,
    /// The meeting at which it was decided
    #[arg(long, value_name = "CODE")]
    pub meeting: Option<String>,
}

/// `case best-interests`.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn record(session: &mut Session, cx: &Cx<'_>, args: BestInterestsArgs) -> Result<Output> {
    let case = find::case(session, &args.code)?;
    let panel = args.panel.iter().flat_map(|name| name.split(',')).map(|name| find::member(session, name.trim()));
    let panel = panel.collect::<Result<Vec<ItemId>>>()?;
    let when = args.when.as_deref().map(|when| find::moment_back(session, when)).transpose()?;
    let review = args.review.as_deref().map(|day| find::day_ahead(session, day)).transpose()?;
    let under = args.meeting.as_deref().map(|meeting| item_of(session, meeting, case)).transpose()?;
    let views_note = if args.views_note { Some(newest_views(session, case)?) } else { None };
    let views = optional(session, cx, args.views, "The child's views")?;
    let others = optional(session, cx, args.others, "Others who decided")?;
    let dissent = optional(session, cx, args.dissent, "Dissent")?;
    let question = input::private(session, cx, args.question, "The question")?;
    let options = options(session, cx, &args.option)?;
    let decision = input::private(session, cx, args.decision, "What was decided")?;
    let heard = !views.is_empty() || views_note.is_some();
    let unheard = match args.unheard {
        None if heard => String::new(),
        unheard => input::private(session, cx, unheard, "Why the child's views were not considered")?,
    };
    done(session.run(CaseBestInterests {
        case,
        question,
        options,
        heard,
        views,
        views_note,
        unheard,
        decision,
        panel,
        others,
        dissent,
        when,
        review,
        under,
    }))
}

/// The options in lines: as given, or asked for one after the other.
fn options(session: &Session, cx: &Cx<'_>, given: &[String]) -> Result<String> {
    for option in given {
        input::check_private(session.practice(), cx, Some(option), "An option")?;
    }
    let mut lines: Vec<String> =
        given.iter().flat_map(|option| option.split(';')).map(|part| part.trim().to_owned()).collect();
    while given.is_empty() && cx.asks {
        let option = input::ask("An option (Enter alone: no more)")?;
        if option.is_empty() {
            break;
        }
        lines.push(option);
        for (sign, what) in [('+', "What speaks for it"), ('-', "What speaks against it")] {
            let said = input::ask(what)?;
            lines.extend(said.split(';').map(str::trim).filter(|it| !it.is_empty()).map(|it| format!("{sign} {it}")));
        }
    }
    Ok(lines.join("\n"))
}

/// The item of a meeting's agenda about a case.
fn item_of(session: &Session, meeting: &str, case: ItemId) -> Result<ItemId> {
    let meeting = find::meeting(session, Some(meeting))?;
    let found = Meeting::get(session.state(), meeting)
        .and_then(|meeting| meeting.items(session.state()).into_iter().find(|item| item.case_id() == Some(case)));
    found.map(|item| item.0.id).ok_or_else(|| {
        AppError::new(
            Kind::Refused,
            "That meeting's agenda does not have this case.",
            "Leave --meeting out, or add the case to its agenda.",
        )
    })
}

/// The note in which the child's words were written down last.
fn newest_views(session: &Session, case: ItemId) -> Result<ItemId> {
    let stream = session.state().item(case).map(|case| case.stream);
    let notes = stream.into_iter().flat_map(|stream| session.state().items_in(stream, ItemKind::Note));
    let newest = notes
        .filter(|note| note.class == Class::Views)
        .max_by_key(|note| (note.held(Field::NoteWhen).as_when(), note.id));
    newest.map(|note| note.id).ok_or_else(|| {
        AppError::new(
            Kind::Refused,
            "The child's own words are not written down in this case.",
            "Write them down first (`mahoe case note CODE --kind views`), or give --views or --unheard.",
        )
    })
}

fn panel(session: &Session, it: Decision<'_>, veil: &Veil) -> String {
    let parts = [Field::DecisionPanel, Field::DecisionOthers]
        .map(|field| veil.text(&session.value_text(field, &it.0.value(field))));
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The best-interests decisions of a case, for `case show`. The child's words stay where they are.
pub(super) fn lines(session: &Session, case: Case<'_>, veil: &Veil, views: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for it in Decision::all(session.state(), case, BEST_INTERESTS) {
        let text = |field: Field| veil.text(it.0.str(field)).replace('\n', " / ");
        let when = it.when().map(words::moment).unwrap_or_default();
        lines.push(format!("{when}  {}", panel(session, it, veil)));
        let said = [
            ("question", text(Field::DecisionQuestion)),
            ("options", text(Field::DecisionOptions)),
            ("decision", text(Field::DecisionText)),
            ("dissent", text(Field::DecisionDissent)),
        ];
        let said = said.into_iter().filter(|(_, text)| !text.is_empty());
        lines.extend(said.map(|(label, text)| format!("    {label}: {text}")));
        lines.push(match it.heard() {
            Some(true) if views => format!("    the child's views: {}", text(Field::DecisionViews)),
            Some(true) => "    the child's views were considered: --views shows them".to_owned(),
            _ => format!("    the child's views were not considered: {}", text(Field::DecisionUnheard)),
        });
        if let Some(day) = it.review() {
            lines.push(format!("    looked at again {}", words::day(day, session.today_date())));
        }
    }
    lines
}

/// The same as objects.
pub(super) fn shape(session: &Session, case: Case<'_>, veil: &Veil, views: bool) -> Json {
    let one = |it: Decision<'_>| {
        let at = |field: Field| shapes::value(session, field, &it.0.value(field), veil);
        let options: Vec<Json> = it
            .options()
            .into_iter()
            .map(|option| {
                let all = |words: &[&str]| words.iter().map(|words| veil.text(words)).collect::<Vec<_>>();
                json!({ "option": veil.text(option.what), "for": all(&option.pro), "against": all(&option.con) })
            })
            .collect();
        json!({
            "id": it.0.id.to_string(),
            "when": it.when().map(shapes::moment),
            "question": at(Field::DecisionQuestion),
            "options": options,
            "heard": it.heard(),
            "views": if views { at(Field::DecisionViews) } else { Json::Null },
            "unheard": at(Field::DecisionUnheard),
            "decision": at(Field::DecisionText),
            "panel": at(Field::DecisionPanel),
            "others": at(Field::DecisionOthers),
            "dissent": at(Field::DecisionDissent),
            "review": at(Field::DecisionReview),
        })
    };
    Decision::all(session.state(), case, BEST_INTERESTS).into_iter().map(one).collect()
}
