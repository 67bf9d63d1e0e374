//! Puts a page of the team's own into the library.

use chrono::NaiveDate;

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::library::{self, name_from};
use crate::domain::pack::is_code;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Puts a page into the library. Under the name of a page that is part of the program it stands in its place.
#[derive(Clone, Debug, Default)]
pub struct PageAdd {
    /// Its name, as a code is written; made from the title, if empty.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Tags, with commas between them.
    pub tags: String,
    /// Where it comes from.
    pub source: String,
    /// The day on which it was true; today, if not said.
    pub date: Option<NaiveDate>,
    /// Markdown.
    pub body: String,
}

impl Verb for PageAdd {
    const SPEC: Spec = Spec {
        name: "library.add",
        label: "Write a library page",
        doc: "Puts a page of the team's own into the library; under a built-in page's name it stands in its place.",
        group: Group::Outreach,
        danger: Danger::Undoable,
        cli: "library add",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let title = clean::line_owned(&self.title);
        if title.is_empty() {
            return Err(needs(&Self::SPEC, "the title"));
        }
        let name = match clean::line(&self.name).as_ref() {
            "" => name_from(&title),
            given => given.to_lowercase(),
        };
        if !is_code(&name) {
            return Err(Refusal::new(
                "A page needs a name of letters, digits and single hyphens, at most 32.",
                "Give one, like \"night-duty\".",
            ));
        }
        if library::find(state, &name, false).iter().any(|page| !page.is_built_in()) {
            return Err(Refusal::new(
                format!("The team has a page called \"{name}\"."),
                "Change that page, or give this one another name.",
            ));
        }
        let at = At { stream: state.team_stream(), item: cx.new_id(), class: Class::Core };
        let mut plan = Plan::default();
        plan.create(at, ItemKind::Page);
        for (field, value) in [
            (Field::PageName, Value::text(&name)),
            (Field::PageTitle, Value::text(&title)),
            (Field::PageTags, Value::text(&tags(&self.tags))),
            (Field::PageSource, Value::text(&clean::line(&self.source))),
            (Field::PageDate, Value::date(self.date.unwrap_or_else(|| cx.today()))),
            (Field::PageBody, body(&self.body)?),
        ] {
            cx.check_value(state, field, &value)?;
            plan.set(state, at, field, value);
        }
        Ok(plan.say(format!("Page written: {name}.")))
    }
}

/// A page's text: it can't be empty.
pub(super) fn body(text: &str) -> Result<Value, Refusal> {
    let text = clean::prose_owned(text);
    if text.trim().is_empty() {
        return Err(Refusal::new("The page is empty.", "Write its text; Markdown is shown as it is meant."));
    }
    Ok(Value::text(&text))
}

/// Tags as they are kept: small letters, a comma and a blank between them.
pub(super) fn tags(text: &str) -> String {
    let line = clean::line(text).to_lowercase();
    line.split(',').map(str::trim).filter(|tag| !tag.is_empty()).collect::<Vec<_>>().join(", ")
}
