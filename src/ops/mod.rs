//! Ops: one verb, one file. An op looks at the State and decides facts, or refuses with a sentence that says what to do.
//!
//! An op never writes, prints or asks: [`Session::run`](crate::session::Session::run) makes its plan durable.

mod action_add;
mod action_cancel;
mod action_done;
mod action_edit;
mod action_postpone;
mod action_reassign;
mod action_start;
mod action_why;
mod agency_add;
mod agency_edit;
mod agenda_add;
mod agenda_drop;
mod agenda_lines;
mod agenda_minutes;
mod agenda_move;
mod bundle_undo;
mod case_assign;
mod case_close;
mod case_edit;
mod case_identify;
mod case_link;
mod case_met;
mod case_note;
mod case_open;
mod case_reopen;
mod case_stage;
mod case_statutory;
mod case_strike;
mod conflict_decide;
mod consent_record;
mod consent_withdraw;
mod follow_policy;
mod followup_add;
mod followup_cancel;
mod followup_done;
mod followup_missed;
mod followup_move;
mod followup_reassign;
mod held;
mod meeting_action;
mod meeting_attend;
mod meeting_cancel;
mod meeting_carry;
mod meeting_conflict;
mod meeting_edit;
mod meeting_end;
mod meeting_new;
mod meeting_say;
mod meeting_start;
#[cfg(test)]
mod meeting_tests;
mod meeting_turn;
mod minutes_approve;
mod minutes_sent;
mod paper_issue;
mod peer_add;
mod peer_remove;
mod peer_update;
mod peer_verify;
mod plan;
mod policy_set;
mod referral_answer;
mod referral_receive;
mod referral_revoke;
mod referral_seen;
mod referral_send;
pub mod registry;
mod screening_finish;
#[cfg(test)]
mod screening_tests;
mod series_add;
mod series_end;
mod service_edit;
mod service_end;
mod service_need;
mod service_plan;
mod service_start;
#[cfg(test)]
mod service_tests;
mod share_end;
#[cfg(test)]
mod sharing_tests;
mod team_add;
mod team_away;
mod team_edit;
mod team_leave;

pub use plan::{At, Ctx, Plan, Refusal};
pub use registry::{Danger, Group, Op, Spec};

pub use action_add::ActionAdd;
pub use action_cancel::ActionCancel;
pub use action_done::ActionDone;
pub use action_edit::ActionEdit;
pub use action_postpone::ActionPostpone;
pub use action_reassign::ActionReassign;
pub use action_start::ActionStart;
pub use action_why::ActionWhy;
pub use agency_add::AgencyAdd;
pub use agency_edit::AgencyEdit;
pub use agenda_add::AgendaAdd;
pub use agenda_drop::AgendaDrop;
pub use agenda_lines::Matter;
pub use agenda_minutes::AgendaMinutes;
pub use agenda_move::AgendaMove;
pub use bundle_undo::BundleUndo;
pub use case_assign::CaseAssign;
pub use case_close::CaseClose;
pub use case_edit::CaseEdit;
pub use case_identify::CaseIdentify;
pub use case_link::CaseLink;
pub use case_met::{CaseMet, Met};
pub use case_note::CaseNote;
pub use case_open::{CaseOpen, Opened};
pub use case_reopen::CaseReopen;
pub use case_stage::CaseStage;
pub use case_statutory::CaseStatutory;
pub use case_strike::CaseStrike;
pub use conflict_decide::ConflictDecide;
pub use consent_record::ConsentRecord;
pub use consent_withdraw::ConsentWithdraw;
pub use followup_add::FollowUpAdd;
pub use followup_cancel::FollowUpCancel;
pub use followup_done::FollowUpDone;
pub use followup_missed::FollowUpMissed;
pub use followup_move::FollowUpMove;
pub use followup_reassign::FollowUpReassign;
pub use meeting_action::MeetingAction;
pub use meeting_attend::{MeetingAttend, Who};
pub use meeting_cancel::MeetingCancel;
pub use meeting_carry::MeetingCarry;
pub use meeting_conflict::MeetingConflict;
pub use meeting_edit::MeetingEdit;
pub use meeting_end::MeetingEnd;
pub use meeting_new::MeetingNew;
pub use meeting_say::MeetingSay;
pub use meeting_start::MeetingStart;
pub use meeting_turn::{MeetingTurn, must_leave, spent};
pub use minutes_approve::MinutesApprove;
pub use minutes_sent::MinutesSent;
pub use paper_issue::PaperIssue;
pub use peer_add::{PeerAdd, TheirCard};
pub use peer_remove::PeerRemove;
pub use peer_update::PeerUpdate;
pub use peer_verify::PeerVerify;
pub use policy_set::PolicySet;
pub use referral_answer::{Answer, ReferralAnswer};
pub use referral_receive::ReferralReceive;
pub use referral_revoke::ReferralRevoke;
pub use referral_seen::ReferralSeen;
pub use referral_send::ReferralSend;
pub use screening_finish::ScreeningFinish;
pub use series_add::SeriesAdd;
pub use series_end::SeriesEnd;
pub use service_edit::ServiceEdit;
pub use service_end::ServiceEnd;
pub use service_need::ServiceNeed;
pub use service_plan::{ServicePlan, is_private as is_private_service};
pub use service_start::ServiceStart;
pub use share_end::ShareEnd;
pub use team_add::TeamAdd;
pub use team_away::TeamAway;
pub use team_edit::TeamEdit;
pub use team_leave::TeamLeave;

use crate::domain::state::State;

/// What every verb is: a name for the registry, and a decision.
pub trait Verb {
    /// The verb's row in the registry.
    const SPEC: Spec;

    /// Decides what changes, or refuses.
    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal>;
}
