//! Consent that is withdrawn, and what an agency is asked for and answers.

use crate::domain::clean;
use crate::domain::consent::Consent;
use crate::domain::ids::ItemId;
use crate::domain::referral::Referral;
use crate::domain::teams;
use crate::domain::views::Case;
use crate::error::AppError;
use crate::ops::{Answer, ConsentWithdraw, ReferralAnswer, ReferralRevoke, ShareEnd};
use crate::tui::desk::Desk;
use crate::tui::effect::Effect;
use crate::tui::forms::{self, Form};
use crate::tui::layers::Layer;
use crate::tui::screens::exchange;
use crate::tui::widgets::Choice;

use super::fields::{names_nobody, refused};
use super::{draft_name, layer, said};

/// Withdrawing consent: of a case, or one consent alone.
pub(super) fn withdraw(desk: &Desk, about: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let session = desk.open_session();
    let state = session.state();
    let one = Consent::get(state, about);
    let view = match one {
        Some(one) => Case::of_stream(state, one.0.stream)?,
        None => desk.case(about)?,
    };
    let (case, only) = (view.0.id, one.map(|one| one.0.id));
    let all = Consent::all(state, view);
    let standing = all.iter().filter(|of| of.withdrawn().is_none() && only.is_none_or(|only| only == of.0.id));
    let held: Vec<&str> = standing.flat_map(|of| of.scopes()).collect();
    let choices = session.pack().list("consent-scope").iter().filter(|scope| held.contains(&scope.code.as_str()));
    let choices = choices.map(|scope| (scope.code.clone(), scope.label.clone()));
    let scopes = forms::Field::many("scopes", "Consent to", choices).required();
    // Where there is one thing only, nobody has to choose it.
    let scopes = match held.as_slice() {
        [one] => scopes.value(one),
        _ => scopes,
    };
    let reason = forms::Field::prose("reason", "Why").hint("where it was said; may be empty");
    let mut fields = vec![scopes, reason.check(names_nobody(session.mask(Some(case))))];
    let told: Vec<String> = teams::shared_with(state, view)
        .into_iter()
        .map(|share| format!("{} holds {}.", share.team, share.classes.join(", ")))
        .collect();
    let told = if told.is_empty() {
        String::new()
    } else {
        let notices = forms::Field::yes_no("notices", "Tell them by a bundle").value("no");
        fields.push(notices.hint("a notice for each team, of the withdrawal and of nothing else"));
        format!("{} The lead is given an action to tell them, due today.", told.join(" "))
    };
    let form =
        Form::new(format!("Withdraw consent in case {}", desk.code(case)), fields).preview(move |_| told.clone());
    Some(layer(desk, draft_name("consent.withdraw", Some(case)), form, move |values, _, desk| {
        let scopes = values.many("scopes").map(str::to_owned).collect();
        let op = ConsentWithdraw { case, scopes, consent: only, reason: values.get("reason").to_owned() };
        let mut says = desk.try_run(op).map_err(|error| refused(&error))?.says;
        if values.yes("notices") {
            // It is withdrawn, whatever becomes of a notice.
            let made = desk.open_session_mut().withdrawal_notices(case);
            let lines: Vec<String> = made.map_or_else(
                |error| vec![format!(" No notice was made: {}", error.message)],
                |made| made.into_iter().map(|(team, made)| notice(&team, made.err().as_ref())).collect(),
            );
            says.push_str(&lines.concat());
            desk.trays.changed();
        }
        said(says)
    }))
}

fn notice(team: &str, error: Option<&AppError>) -> String {
    match error {
        None => format!(" The notice for {team} is in the outbox."),
        Some(error) => format!(" No notice for {team}: {}", error.message),
    }
}

/// Declining a referral, with a reason.
pub(super) fn decline(desk: &Desk, referral: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let (title, words) = about(desk, referral, "Decline", "Why")?;
    let words = words.required().hint("they read it: what is missing, whom to ask instead");
    let form = Form::new(title, vec![words]);
    Some(layer(desk, draft_name("referral.decline", Some(referral)), form, move |values, _, desk| {
        let op = ReferralAnswer::new(referral, Answer::Decline, values.get("words"));
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        let mut effects = vec![Effect::info(done.says)];
        effects.extend(exchange::answered(referral, desk));
        Ok(effects)
    }))
}

/// Taking a referral back.
pub(super) fn revoke(desk: &Desk, referral: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let (title, words) = about(desk, referral, "Take back", "Why")?;
    let form = Form::new(title, vec![words.required()]).preview(|_| "What they were sent, they still hold.".to_owned());
    Some(layer(desk, draft_name("referral.revoke", Some(referral)), form, move |values, _, desk| {
        let op = ReferralRevoke { referral, reason: values.get("words").to_owned() };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// Ending the sharing of a case with one team.
pub(super) fn end(desk: &Desk, case: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let shares = teams::shared_with(desk.open_session().state(), desk.case(case)?);
    let choice = |share: &teams::Shared| Choice::new(share.peer.to_string(), clean::shown(&share.team).into_owned());
    let with = forms::Field::pick("with", "With", shares.iter().map(choice).collect()).required();
    // Where there is one team only, nobody has to choose it.
    let with = match shares.as_slice() {
        [one] => with.value(&one.peer.to_string()),
        _ => with,
    };
    let form = Form::new(format!("Stop sharing case {}", desk.code(case)), vec![with])
        .preview(|_| "Nothing more is sent or taken; what they hold, they keep. Tell them.".to_owned());
    Some(layer(desk, draft_name("share.end", Some(case)), form, move |values, _, desk| {
        let peer = ItemId::from_hex(values.get("with")).unwrap_or(case);
        let done = desk.try_run(ShareEnd { case, peer }).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

fn about(desk: &Desk, referral: ItemId, what: &str, label: &'static str) -> Option<(String, forms::Field)> {
    let session = desk.open_session();
    let found = Referral::get(session.state(), referral)?;
    let case = found.case(session.state())?;
    let words = forms::Field::prose("words", label).check(names_nobody(session.mask(Some(case.0.id))));
    let other = found.other_side(session.state());
    Some((format!("{what}: referral {} ({other}), case {}", desk.code(referral), desk.code(case.0.id)), words))
}
