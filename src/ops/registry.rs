//! The one registry of ops. Keymap, palette, help, the CLI's documents and a parity test are made from it.

use crate::domain::state::State;

use super::{Ctx, Plan, Refusal, Verb};

/// Where an op stands in help and palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// About a case.
    Case,
    /// About an action.
    Action,
    /// About a follow-up.
    FollowUp,
    /// About meetings, their agenda and minutes.
    Meeting,
    /// About the team and its policy.
    Team,
    /// About outreach, training and the library.
    Outreach,
    /// About other parishes' teams and what passes between them.
    Exchange,
}

/// What an op can destroy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Danger {
    /// It can be undone with one key.
    Undoable,
    /// It can't be taken back: the front end asks for the thing's name first.
    Final,
}

/// An op's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its name: in the keymap, the palette and the documents.
    pub name: &'static str,
    /// Its few words.
    pub label: &'static str,
    /// One sentence of help.
    pub doc: &'static str,
    /// Where it stands.
    pub group: Group,
    /// What it can destroy.
    pub danger: Danger,
    /// Its command line form.
    pub cli: &'static str,
}

macro_rules! ops {
    ($($op:ident,)*) => {
        /// An intention of a user.
        #[derive(Clone, Debug)]
        #[expect(missing_docs, reason = "each variant's meaning is its verb's own doc")]
        pub enum Op {
            $($op(super::$op),)*
        }

        /// Every op there is.
        pub const SPECS: &[Spec] = &[$(<super::$op as Verb>::SPEC,)*];

        impl Op {
            /// The op's row.
            pub fn spec(&self) -> Spec {
                match self {
                    $(Self::$op(_) => <super::$op as Verb>::SPEC,)*
                }
            }

            /// Decides what changes, or refuses.
            pub fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
                let plan = match self {
                    $(Self::$op(op) => op.decide(state, cx),)*
                }?;
                super::held::check(state, &plan)?;
                Ok(plan)
            }
        }

        $(impl From<super::$op> for Op {
            fn from(op: super::$op) -> Self {
                Self::$op(op)
            }
        })*
    };
}

ops! {
    CaseOpen,
    CaseEdit,
    CaseStage,
    CaseNote,
    CaseStatutory,
    CaseMet,
    CaseAssign,
    CaseLink,
    CaseStrike,
    CaseClose,
    CaseReopen,
    ConflictDecide,
    ConsentRecord,
    ConsentWithdraw,
    ConsentLift,
    ViewsTell,
    ReferralSend,
    ReferralReceive,
    ReferralAnswer,
    ReferralRevoke,
    ReferralSeen,
    ServiceNeed,
    ServicePlan,
    ServiceEdit,
    ServiceStart,
    ServiceEnd,
    PersonAdd,
    PersonEdit,
    PersonRemove,
    PersonGather,
    PersonSame,
    CaseUnlink,
    ActionAdd,
    ActionStart,
    ActionDone,
    ActionWhy,
    ActionPostpone,
    ActionReassign,
    ActionEdit,
    ActionCancel,
    FollowUpAdd,
    FollowUpDone,
    FollowUpMissed,
    FollowUpMove,
    FollowUpReassign,
    FollowUpCancel,
    MeetingNew,
    MeetingEdit,
    MeetingCancel,
    SeriesAdd,
    SeriesEnd,
    AgendaAdd,
    AgendaDrop,
    AgendaMove,
    AgendaMinutes,
    MeetingStart,
    MeetingAttend,
    MeetingTurn,
    MeetingConflict,
    MeetingSay,
    MeetingAction,
    MeetingCarry,
    MeetingEnd,
    MinutesApprove,
    MinutesSent,
    PaperIssue,
    TeamAdd,
    TeamEdit,
    TeamAway,
    TeamLeave,
    AgencyAdd,
    BundleUndo,
    AgencyEdit,
    PolicySet,
    PeerAdd,
    PeerUpdate,
    PeerVerify,
    PeerRemove,
    ShareEnd,
    ScreeningFinish,
    CaseIdentify,
    CaseBestInterests,
    ClosureApprove,
    ClosureRefuse,
    OutreachAdd,
    OutreachEdit,
    OutreachHeld,
    OutreachCancel,
    OutreachAction,
    TrainingAdd,
    TrainingEdit,
    TrainingHeld,
    PageAdd,
    PageEdit,
    PageRemove,
    DocumentAdd,
    DocumentRemove,
}
