//! Every form of the program, each opened by its name. A form asks, shows what the rule will do, and runs one op.
//!
//! Forms keep what was typed as a draft, sealed to its writer, while they are typed, when they are left and when the vault is
//! locked.

mod action;
mod agree;
mod best_interests;
mod care;
mod case_done;
mod case_edit;
mod case_move;
mod case_open;
mod case_words;
mod closing;
mod document;
mod exchange;
mod fields;
mod followup;
mod library;
mod likely;
mod meeting;
mod outreach;
mod paper;
mod person;
mod policy;
mod proposal;
mod screening;
mod sharing;
mod team;
#[cfg(test)]
mod tests;

use crate::domain::ids::ItemId;
use crate::domain::meeting::AgendaItem;
use crate::domain::pack::Clock;
use crate::domain::views::Case;
use crate::ops::Met;
use crate::tui::desk::Desk;
use crate::tui::effect::Effect;
use crate::tui::forms::{Form, FormLayer, Secrets, Values, Wrong};
use crate::tui::layers::{Effects, Layer};

use super::childs_views;

pub(super) use care::{plan as plan_service, refer_inside};
pub(super) use document::{attach as attach_document, export as export_document};
pub(super) use exchange::{override_reason, refer};
pub(super) use fields::sentence;
pub(super) use paper::paper;

pub(in crate::tui::screens) use library::own_version;
pub(in crate::tui::screens) use meeting::{minutes as agenda_minutes, new_on as meeting_on, sent as minutes_sent};

type Opened = Option<Box<dyn Layer<Desk>>>;

/// The form of that name, or of the command of that name, about a case, an action, a follow-up or a member; `None` if
/// there is no such form, or if it needs something to be about that is not there.
pub fn open(name: &str, about: Option<ItemId>, desk: &mut Desk) -> Opened {
    desk.session()?;
    match name {
        "case.open" | "case.new" => Some(case_open::full(desk)),
        "case.quick" | "report.quick" => Some(case_open::quick(desk)),
        "case.sibling" => case_open::sibling(desk, about?),
        "case.edit" => case_edit::edit(desk, about?),
        "case.stage" => case_move::stage(desk, about?),
        "case.risk" => case_move::risk(desk, about?),
        "case.statutory" => case_done::statutory(desk, about?),
        "case.contact" => case_done::met(desk, about?, Met::FirstContact),
        "case.medical" => case_done::met(desk, about?, Met::MedicalCheck),
        "case.note" => Some(case_words::note(desk, about)),
        "case.close" => closing::close(desk, about?),
        "closure.answer" => closing::answer(desk, about?),
        "case.reopen" => case_words::reopen(desk, about?),
        "case.link" => case_words::link(desk, about?),
        "action.add" | "action.new" => Some(action::add(desk, about)),
        "action.edit" => action::edit(desk, about?),
        "followup.add" | "followup.new" => Some(followup::add(desk, about)),
        "followup.done" => followup::done(desk, about?),
        "followup.missed" => followup::missed(desk, about?),
        "consent.record" => agree::record(desk, about?),
        "consent.lift" => agree::lift(desk, about?),
        "views.tell" => agree::tell(desk, about?),
        "consent.withdraw" => sharing::withdraw(desk, about?),
        "referral.decline" => sharing::decline(desk, about?),
        "referral.done" => care::given(desk, about?),
        "referral.revoke" => sharing::revoke(desk, about?),
        "share.end" => sharing::end(desk, about?),
        "screening.new" => screening::new(desk, about?),
        "screening.follow" => screening::follow(desk, about?),
        "case.identify" => screening::identify(desk, about?),
        "person.add" => person::add(desk, about?),
        "person.edit" => person::edit(desk, about?),
        "person.same" => person::same(desk, about?),
        "case.best-interests" => best_interests::open(desk, about?),
        "live.best-interests" => best_interests::under(desk, about?),
        "service.needs" => care::needs(desk, about?),
        "service.plan" => care::plan(desk, about?, None),
        "service.edit" => care::edit(desk, about?),
        "service.end" => care::end(desk, about?),
        "team.add" | "team.new" => Some(team::add(desk)),
        "team.edit" => team::edit(desk, about?),
        "team.away" => team::away(desk, about?),
        "team.key" => team::key(desk, about?),
        "agency.add" | "agency.new" => Some(team::agency(desk)),
        "agency.edit" => team::agency_edit(desk, about?),
        "meeting.new" => Some(meeting::new(desk)),
        "meeting.edit" => meeting::edit(desk, about?),
        "meeting.cancel" => meeting::cancel(desk, about?),
        "meeting.visitor" => meeting::visitor(desk, about?),
        "series.add" => Some(meeting::series(desk)),
        "agenda.add" => meeting::agenda_case(desk, about?),
        "agenda.business" => meeting::business(desk, about?),
        "live.decision" => meeting::say(desk, about?, "decision"),
        "live.dissent" => meeting::say(desk, about?, "dissent"),
        "live.views" => meeting::say(desk, about?, "views"),
        "live.remark" => meeting::say(desk, about?, "general"),
        "live.action" => meeting::give(desk, about?),
        "minutes.sent" => meeting::sent(desk, about?, ""),
        "outreach.add" | "outreach.new" => Some(outreach::new(desk)),
        "outreach.edit" => outreach::edit(desk, about?),
        "outreach.held" => outreach::held(desk, about?),
        "outreach.cancel" => outreach::cancel(desk, about?),
        "outreach.action" => outreach::give(desk, about?),
        "training.add" | "training.new" => Some(outreach::training(desk)),
        "training.edit" => outreach::training_edit(desk, about?),
        "training.held" => outreach::training_held(desk, about?),
        "library.add" | "library.new" => Some(library::new(desk)),
        "library.edit" => library::edit(desk, about?),
        "policy.set" => Some(policy::set(desk)),
        "vault.passphrase" => Some(team::passphrase()),
        _ => None,
    }
}

/// The form that stops a clock of the policy, by its name; `None` if no form does.
pub fn for_clock(clock: &Clock) -> Option<&'static str> {
    case_done::for_clock(clock)
}

/// The name under which a form's draft is kept: what is typed about one case never turns up in another.
fn draft_name(form: &str, about: Option<ItemId>) -> String {
    about.map_or_else(|| form.to_owned(), |about| format!("{form}/{about}"))
}

/// The case of the child about whom a form decides, as its draft is named after what it is about.
fn child_of(desk: &Desk, draft: &str) -> Option<ItemId> {
    let about = ItemId::from_hex(draft.rsplit_once('/')?.1)?;
    let state = desk.open_session().state();
    match AgendaItem::get(state, about) {
        Some(item) => item.case_id(),
        None => Case::of_stream(state, state.item(about)?.stream).map(|case| case.0.id),
    }
}

/// A form with its draft from before, kept anew when it is left; saving forgets it.
fn layer(
    desk: &Desk,
    draft: String,
    form: Form,
    save: impl FnMut(&Values, &mut Secrets, &mut Desk) -> Result<Effects<Desk>, Wrong> + 'static,
) -> Box<dyn Layer<Desk>> {
    Box::new(form_layer(desk, draft, form, save))
}

/// As [`layer`], for a form of which more is asked.
fn form_layer(
    desk: &Desk,
    draft: String,
    form: Form,
    mut save: impl FnMut(&Values, &mut Secrets, &mut Desk) -> Result<Effects<Desk>, Wrong> + 'static,
) -> FormLayer<Desk> {
    let fresh = form.values();
    let form = match desk.draft(&draft) {
        Some(values) => form.filled(values).remark("your draft from before"),
        None => form,
    };
    let kept = draft.clone();
    let child = child_of(desk, &draft);
    let layer = FormLayer::new(form, move |values, secrets, desk: &mut Desk| {
        let effects = save(values, secrets, desk)?;
        desk.drop_draft(&draft);
        Ok(effects)
    });
    // The child's views are one key away from whatever is decided about the child.
    let layer = match child {
        Some(case) => layer.aside("form.views", move |desk: &mut Desk| childs_views::open(case, desk)),
        None => layer,
    };
    layer.veil(Desk::masked).keep(move |values, desk: &mut Desk| {
        // Only what was changed: a draft must never bring back a value that somebody else has changed since, and a
        // form that was only looked at leaves none.
        let typed: Values = values.0.iter().filter(|(name, value)| fresh.0.get(*name) != Some(value)).collect();
        if typed.0.is_empty() {
            desk.drop_draft(&kept);
        } else {
            desk.keep_draft(&kept, &typed);
        }
    })
}

/// The toast of a saved form.
#[expect(clippy::unnecessary_wraps, reason = "the last word of what saves a form, which may refuse")]
fn said(text: impl Into<String>) -> Result<Effects<Desk>, Wrong> {
    Ok(vec![Effect::info(text)])
}
