//! What is written when a case is sent to another team, and why where a rule is in the way.

use crate::session::exchange::Wish;
use crate::tui::desk::Desk;
use crate::tui::forms::{self, Form, FormLayer};
use crate::tui::layers::Layer;

use super::fields::{choice, names_nobody, refused};
use super::{draft_name, layer, said};

/// What is asked of the other team, and why; saving makes the bundle.
pub(in crate::tui::screens) fn refer(
    desk: &Desk,
    wish: &Wish,
    transfer: bool,
    team: &str,
) -> Option<Box<dyn Layer<Desk>>> {
    let case = wish.case?;
    let session = desk.open_session();
    let mask = || session.mask(Some(case));
    let mut fields = vec![
        forms::Field::line("service", "Asked for")
            .required()
            .hint("a visit, a place at school; no names")
            .check(names_nobody(mask())),
        choice(session.pack(), "priority", "urgency", "Urgency").hint("empty: high at high risk, else normal"),
        forms::Field::prose("reason", "Why").required().hint("they read it").check(names_nobody(mask())),
    ];
    if wish.mandatory {
        // It is no question: nothing is asked for, and nobody answers.
        fields.clear();
        fields.push(
            forms::Field::yes_no("sure", "Send it")
                .value("yes")
                .hint("a report that the law asks for; no answer is awaited"),
        );
    }
    let what = if transfer { "Hand over case" } else { "Refer case" };
    let title = format!("{what} {} to {team}", desk.code(case));
    let preview = if transfer {
        "The bundle goes into the outbox. Once they accept, their team is responsible."
    } else {
        "The bundle goes into the outbox. Your team stays responsible for the case."
    };
    let form = Form::new(title, fields).preview(move |_| preview.to_owned());
    let wish = wish.clone();
    Some(layer(desk, draft_name("referral.team", Some(case)), form, move |values, _, desk| {
        if wish.mandatory && !values.yes("sure") {
            return Err(forms::Wrong::field("sure", "Esc leaves it: nothing is sent then."));
        }
        let text = |name| values.get(name).to_owned();
        let wish = Wish { service: text("service"), urgency: text("urgency"), reason: text("reason"), ..wish.clone() };
        let sent = desk.open_session_mut().refer(&wish, transfer).map_err(|error| refused(&error))?;
        said(format!("{} 6, then w, writes it to a stick.", sent.says))
    }))
}

/// Why it goes although a rule is in the way; the answer carries it as `override`.
pub(in crate::tui::screens) fn override_reason(obstacle: &str) -> Box<dyn Layer<Desk>> {
    let field = forms::Field::prose("override", "Why all the same").required().hint("kept on record with your name");
    let form = Form::new("Send although a rule is in the way", vec![field]).notice(obstacle);
    Box::new(FormLayer::new(form, |_, _, _: &mut Desk| Ok(Vec::new())))
}
