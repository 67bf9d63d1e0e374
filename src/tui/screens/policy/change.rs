//! The simplest changes to the policy, by form: words, numbers, a further choice, a further question.

use crate::error::Result;
use crate::ops::PolicySet;
use crate::policy::edit::Edit;
use crate::policy::rules::{Rule, Step};
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::Effect;
use crate::tui::forms::{Field, Form, FormLayer, Values, Wrong};
use crate::tui::layers::Layer;

type Door = Box<dyn Layer<Desk>>;

/// The types of questions, and how people call them.
const TYPES: &[(&str, &str)] = &[
    ("yes-no-unknown", "yes, no or not known"),
    ("text", "words"),
    ("choice", "one of several"),
    ("several", "any of several"),
    ("date", "a day"),
    ("number", "a number"),
    ("member", "somebody on the team"),
    ("agency", "an agency"),
];

/// Makes changes and puts the policy in force; says what is different now.
///
/// # Errors
/// As the op's; if the policy would not be sound.
pub(super) fn held(desk: &mut Desk, edits: &[Edit]) -> Result<String> {
    let session = desk.open_session();
    let text = session.policy_edited(edits)?;
    let changes = session.policy_changes(&text);
    let told = changes.iter().map(|change| change.says.as_str());
    // The version and the source change along; what was meant is the rest.
    let meant: Vec<&str> = told.filter(|says| !says.starts_with("pack: ") && !says.contains(": source ")).collect();
    let says = meant.join("; ");
    desk.try_run(PolicySet { text })?;
    Ok(format!("In force: {says}."))
}

fn save(desk: &mut Desk, edits: &[Edit]) -> std::result::Result<Vec<Effect<Desk>>, Wrong> {
    match held(desk, edits) {
        Ok(says) => Ok(vec![Effect::info(says)]),
        Err(error) => Err(Wrong::whole(error_text(&error))),
    }
}

/// The key under which a rule has its numbers for each risk.
fn numbers_of(rule: &Rule) -> Option<&'static str> {
    match rule.kind() {
        "clock" => Some("value"),
        "followup" => Some("every"),
        _ => None,
    }
}

pub(super) fn can_edit(rule: &Rule) -> bool {
    !rule.name_key.is_empty()
}

/// The words of a rule, and its numbers where it has them.
pub(super) fn edit(desk: &Desk, rule: &Rule) -> Option<Door> {
    desk.session().filter(|_| can_edit(rule))?;
    let mut fields = vec![Field::line("label", "Words").required().value(&rule.name)];
    let risks = [("high", "High risk"), ("medium", "Medium risk"), ("low", "Low risk")];
    let key = numbers_of(rule);
    let mut before = [0; 3];
    if let Some(key) = key {
        let unit = rule.unit();
        for (at, (risk, label)) in risks.into_iter().enumerate() {
            let now = rule.part(&format!("{key}.{risk}")).unwrap_or_default();
            before[at] = now.parse().unwrap_or(0);
            fields.push(Field::number(risk, format!("{label}, {unit}")).required().value(now));
        }
    }
    let (at, label) = (rule.at.clone(), rule.name.clone());
    let says = "It holds for everybody on the team, on the record; u takes it back.";
    let form = Form::new(format!("Policy: {}", rule.name), fields).preview(|_| says.to_owned());
    Some(Box::new(FormLayer::new(form, move |values: &Values, _, desk: &mut Desk| {
        let mut edits = Vec::new();
        if values.get("label") != label {
            edits.push(Edit::Label { at: at.clone(), label: values.get("label").to_owned() });
        }
        if key.is_some() {
            let mut value = [0; 3];
            for (number, (risk, _)) in value.iter_mut().zip(risks) {
                let wrong = |_| Wrong::field(risk, "Type a whole number, such as 24.");
                *number = values.get(risk).parse().map_err(wrong)?;
            }
            if value != before {
                edits.push(Edit::Numbers { at: at.clone(), value });
            }
        }
        if edits.is_empty() {
            return Ok(vec![Effect::info("Nothing was changed.")]);
        }
        save(desk, &edits)
    })))
}

pub(super) fn can_add(rule: &Rule) -> bool {
    rule.group() == "list" || section_of(rule).is_some()
}

/// The section of a form to which a rule belongs.
fn section_of(rule: &Rule) -> Option<&[Step]> {
    let last = rule.at.iter().position(|step| step.key == "section")?;
    rule.at.get(..=last)
}

/// A further choice of the list, or a further question of the section, that a rule belongs to.
pub(super) fn add(desk: &Desk, rule: &Rule, rules: &[Rule]) -> Option<Door> {
    desk.session()?;
    if let Some(section) = section_of(rule) {
        return Some(question(section, rules));
    }
    let list = rule.at.first().filter(|step| step.key == "list")?.code.clone();
    let field = Field::line("label", "Words").required().hint("what people read when they choose");
    let form = Form::new(format!("Add to the list {list}"), vec![field])
        .preview(|_| "It is offered at once, at the end of the list, for everybody on the team.".to_owned());
    Some(Box::new(FormLayer::new(form, move |values: &Values, _, desk: &mut Desk| {
        save(desk, &[Edit::Choice { list: list.clone(), label: values.get("label").to_owned() }])
    })))
}

fn question(section: &[Step], rules: &[Rule]) -> Door {
    let title = rules.iter().find(|rule| rule.at == section).map_or("", |rule| &rule.name);
    let types = TYPES.iter().map(|(code, label)| (*code, *label));
    let fields = vec![
        Field::line("text", "Question").required().hint("in plain words"),
        Field::choice("type", "Answer", types).required().value("yes-no-unknown"),
        Field::prose("choices", "Choices").hint("one a line, where one or any of several can be chosen"),
    ];
    let form = Form::new(format!("Add a question to \"{title}\""), fields)
        .preview(|_| "It is asked from the next form on; forms that were begun keep theirs.".to_owned());
    let section = section.to_vec();
    Box::new(FormLayer::new(form, move |values: &Values, _, desk: &mut Desk| {
        let several = matches!(values.get("type"), "choice" | "several");
        let choices: Vec<String> = values.many("choices").map(str::to_owned).collect();
        if several && choices.len() < 2 {
            return Err(Wrong::field("choices", "Write at least two, one a line."));
        }
        let edit = Edit::Question {
            section: section.clone(),
            text: values.get("text").to_owned(),
            answer: values.get("type").to_owned(),
            choices: if several { choices } else { Vec::new() },
        };
        save(desk, &[edit])
    }))
}
