//! The table of all fields: number, item kind, name, type, class and merge rule.
//!
//! A field belongs to its class for ever and its number is never reused; `docs/formats/entry.md` lists this table
//! and a test refuses any change that the document doesn't have. Forms, `--set FIELD=VALUE`, history, conflicts and
//! the spreadsheet import are all made from it.

use super::class::Class;

/// What an item is. The number is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ItemKind {
    /// A case; its item id is its stream's id.
    Case = 1,
    /// Something that somebody has to do by a day.
    Action = 2,
    /// A planned contact with the child or the household.
    FollowUp = 3,
    /// Something written down: a note, a contact made, a visit, a decision, the child's own words.
    Note = 4,
    /// Two cases that belong together.
    Link = 5,
    /// A person on the team's roster.
    Member = 6,
    /// An agency.
    Agency = 7,
    /// The team itself; its item id is the team stream's id.
    Team = 8,
    /// Another parish's team.
    Peer = 9,
    /// A bundle that was sent or received.
    Bundle = 10,
    /// A case that another parish holds as well.
    Share = 11,
    /// Consent that was given, for what, by whom, until when.
    Consent = 12,
    /// A case, or a part of it, that another team was asked to take up; with its answer.
    Referral = 13,
    /// A person on another parish's team, as a bundle named them; the item id is theirs.
    Colleague = 14,
    /// A meeting of the team; its item id is its stream's id.
    Meeting = 15,
    /// One item of a meeting's agenda: a case, or a matter of the team.
    Agenda = 16,
    /// Who was at a meeting, sent apologies, or stayed away.
    Attendance = 17,
    /// Meetings that recur by a rule: "second tuesday".
    Series = 18,
    /// A paper that left the program: a copy of minutes, printed or saved.
    Paper = 19,
    /// A form of the policy about a child, filled in once.
    Screening = 20,
    /// A decision about a child with its grounds: an identification, a best-interests decision.
    Decision = 21,
    /// That a case be closed: asked, with its checklist, and answered by somebody else who leads.
    Closure = 22,
    /// Something that is done for a child: one line of a care plan.
    Service = 23,
    /// Something that the team holds for others: a town hall, a school session.
    Outreach = 26,
    /// A training of the team's own people.
    Training = 27,
    /// A page of the library.
    Page = 28,
    /// Somebody in the life of a child: family, carers, alleged offenders, witnesses, the reporter.
    Person = 24,
    /// A file that belongs to a case: a scan, a photo, a letter. Its bytes lie sealed beside the journal.
    Document = 25,
}

impl ItemKind {
    /// Every kind, in the order of the stored numbers.
    pub const ALL: [Self; 28] = [
        Self::Case,
        Self::Action,
        Self::FollowUp,
        Self::Note,
        Self::Link,
        Self::Member,
        Self::Agency,
        Self::Team,
        Self::Peer,
        Self::Bundle,
        Self::Share,
        Self::Consent,
        Self::Referral,
        Self::Colleague,
        Self::Meeting,
        Self::Agenda,
        Self::Attendance,
        Self::Series,
        Self::Paper,
        Self::Screening,
        Self::Decision,
        Self::Closure,
        Self::Service,
        Self::Outreach,
        Self::Training,
        Self::Page,
        Self::Person,
        Self::Document,
    ];

    /// The kind of a stored number; `None` if a newer version made it.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Action => "action",
            Self::FollowUp => "follow-up",
            Self::Note => "note",
            Self::Link => "link",
            Self::Member => "member",
            Self::Agency => "agency",
            Self::Team => "team",
            Self::Peer => "peer",
            Self::Bundle => "bundle",
            Self::Share => "share",
            Self::Consent => "consent",
            Self::Referral => "referral",
            Self::Colleague => "colleague",
            Self::Meeting => "meeting",
            Self::Agenda => "agenda item",
            Self::Attendance => "attendance",
            Self::Series => "series",
            Self::Paper => "paper",
            Self::Screening => "screening",
            Self::Decision => "decision",
            Self::Closure => "closure",
            Self::Service => "service",
            Self::Outreach => "outreach event",
            Self::Training => "training",
            Self::Page => "library page",
            Self::Person => "person",
            Self::Document => "document",
        }
    }

    /// The class in which an item of this kind is created. That there is a note, a document or a person is as
    /// need-to-know as what is in it.
    pub const fn created_in(self, own: Class) -> Class {
        match self {
            Self::Note | Self::Document | Self::Person => own,
            Self::Link | Self::Bundle | Self::Share => Class::Links,
            _ => Class::Core,
        }
    }

    /// The classes that an item's own words may have: never the team's own, and never `core`, which every profile sends,
    /// where the words are about a child.
    pub const fn may_have(self, own: Class) -> bool {
        match self {
            Self::Case
            | Self::Note
            | Self::Document
            | Self::Action
            | Self::FollowUp
            | Self::Screening
            | Self::Decision
            | Self::Closure
            | Self::Service => own.keeps_words(),
            Self::Person => matches!(own, Class::People | Class::Reporter),
            _ => !own.team_only(),
        }
    }
}

/// What may be typed into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// One line of words.
    Line,
    /// Several lines of words.
    Prose,
    /// One code from the pack's list of this name.
    Choice(&'static str),
    /// Several codes from the pack's list of this name.
    Choices(&'static str),
    /// A day.
    Date,
    /// A day and a time of day.
    When,
    /// A whole number.
    Number,
    /// Yes, no or unknown.
    YesNo,
    /// A member of the team.
    Member,
    /// Several members.
    Members,
    /// An agency.
    Agency,
    /// A member or an agency.
    Owner,
    /// Another item of any kind.
    Item,
}

/// Which compartment a field's value is sealed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldClass {
    /// Always this class.
    Of(Class),
    /// The class that its item was made with.
    Own,
}

/// What rules while two values stand side by side, until a person decides (all are kept and shown).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// The highest in the order (Lamport number, device, id).
    Latest,
    /// The higher risk; *not yet assessed* counts as high.
    HigherRisk,
    /// The earlier day.
    Earlier,
    /// Yes before no before unknown.
    Yes,
    /// Everything that any side lists: more caution.
    Union,
    /// Only what every side lists: fewer people may see.
    Narrower,
    /// Nothing before anything: what one side keeps open stays open.
    Open,
}

/// One row of the table.
#[derive(Debug)]
pub struct FieldDef {
    /// The field.
    pub field: Field,
    /// Whose field.
    pub kind: Option<ItemKind>,
    /// The name on the command line, in sample data and in JSON.
    pub name: &'static str,
    /// The label in forms and history.
    pub label: &'static str,
    /// What it holds.
    pub ty: FieldType,
    /// Where it is sealed.
    pub class: FieldClass,
    /// What rules while values conflict.
    pub merge: Merge,
}

macro_rules! fields {
    ($($variant:ident = $number:literal, $kind:expr, $name:literal, $label:literal, $ty:expr, $class:expr, $merge:ident;)*) => {
        /// A field of an item. The number is stored and never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        #[expect(missing_docs, reason = "each variant's meaning is its row's label in the table")]
        pub enum Field {
            $($variant = $number,)*
        }

        /// The table, in the order of the numbers.
        pub const FIELDS: &[FieldDef] = &[
            $(FieldDef {
                field: Field::$variant,
                kind: $kind,
                name: $name,
                label: $label,
                ty: $ty,
                class: $class,
                merge: Merge::$merge,
            },)*
        ];

        impl Field {
            /// The field of a stored number; `None` if a newer version made it.
            pub const fn from_number(number: u16) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

use FieldClass::{Of, Own};
use FieldType::{Agency, Choice, Choices, Date, Item, Line, Member, Members, Number, Owner, Prose, When, YesNo};

const CASE: Option<ItemKind> = Some(ItemKind::Case);
const ACTION: Option<ItemKind> = Some(ItemKind::Action);
const FOLLOW_UP: Option<ItemKind> = Some(ItemKind::FollowUp);
const NOTE: Option<ItemKind> = Some(ItemKind::Note);
const LINK: Option<ItemKind> = Some(ItemKind::Link);
const MEMBER: Option<ItemKind> = Some(ItemKind::Member);
const AGENCY: Option<ItemKind> = Some(ItemKind::Agency);
const TEAM: Option<ItemKind> = Some(ItemKind::Team);
const PEER: Option<ItemKind> = Some(ItemKind::Peer);
const BUNDLE: Option<ItemKind> = Some(ItemKind::Bundle);
const SHARE: Option<ItemKind> = Some(ItemKind::Share);
const CONSENT: Option<ItemKind> = Some(ItemKind::Consent);
const REFERRAL: Option<ItemKind> = Some(ItemKind::Referral);
const COLLEAGUE: Option<ItemKind> = Some(ItemKind::Colleague);
const MEETING: Option<ItemKind> = Some(ItemKind::Meeting);
const AGENDA: Option<ItemKind> = Some(ItemKind::Agenda);
const ATTENDANCE: Option<ItemKind> = Some(ItemKind::Attendance);
const SERIES: Option<ItemKind> = Some(ItemKind::Series);
const PAPER: Option<ItemKind> = Some(ItemKind::Paper);
const SCREENING: Option<ItemKind> = Some(ItemKind::Screening);
const DECISION: Option<ItemKind> = Some(ItemKind::Decision);
const CLOSURE: Option<ItemKind> = Some(ItemKind::Closure);
const SERVICE: Option<ItemKind> = Some(ItemKind::Service);
const OUTREACH: Option<ItemKind> = Some(ItemKind::Outreach);
const TRAINING: Option<ItemKind> = Some(ItemKind::Training);
const PAGE: Option<ItemKind> = Some(ItemKind::Page);
const PERSON: Option<ItemKind> = Some(ItemKind::Person);
const DOCUMENT: Option<ItemKind> = Some(ItemKind::Document);
const CORE: FieldClass = Of(Class::Core);
const IDENTITY: FieldClass = Of(Class::Identity);
const CONTACT: FieldClass = Of(Class::Contact);
const PLACEMENT: FieldClass = Of(Class::Placement);
const REPORTER: FieldClass = Of(Class::Reporter);
const PEOPLE: FieldClass = Of(Class::People);
const LINKS: FieldClass = Of(Class::Links);

fields! {
    Retracted = 1, None, "retracted", "Taken back", YesNo, Own, Latest;

    CaseParish = 100, CASE, "parish", "Parish number", Number, CORE, Latest;
    CaseSymbols = 101, CASE, "symbols", "Symbols in the code", Number, CORE, Latest;
    CaseOpened = 102, CASE, "opened", "Opened", When, CORE, Latest;
    CaseReported = 103, CASE, "reported", "Reported", When, CORE, Latest;
    CaseChannel = 104, CASE, "channel", "Reported how", Choice("channel"), CORE, Latest;
    CaseConcern = 105, CASE, "concern", "Concern", Prose, CORE, Latest;
    CaseExploitation = 106, CASE, "exploitation", "Suspected exploitation", Choices("exploitation"), CORE, Union;
    CaseRisk = 107, CASE, "risk", "Risk", Choice("risk"), CORE, HigherRisk;
    CaseStage = 108, CASE, "stage", "Stage", Choice("stage"), CORE, Latest;
    CaseTracks = 109, CASE, "tracks", "Open tracks", Choices("stage"), CORE, Union;
    CaseLead = 110, CASE, "lead", "Lead", Member, CORE, Latest;
    CaseFlags = 111, CASE, "flags", "Flags", Choices("flag"), CORE, Union;
    CaseClosed = 112, CASE, "closed", "Closed", When, CORE, Open;
    CaseCloseReason = 113, CASE, "close-reason", "Why closed", Choice("close-reason"), CORE, Latest;
    CaseCloseNote = 114, CASE, "close-note", "Closing words", Prose, Of(Class::Notes), Latest;
    CaseStatus = 115, CASE, "trafficking-status", "Trafficking", Choice("trafficking-status"), CORE, Latest;
    CaseDied = 116, CASE, "died", "Died", Date, CORE, Latest;
    CaseRestricted = 117, CASE, "restricted", "Only for", Members, CORE, Narrower;
    CaseReview = 118, CASE, "review", "Next risk review", Date, CORE, Earlier;
    CaseRiskSet = 119, CASE, "risk-set", "Risk last assessed", When, CORE, Latest;
    CaseStatutory = 120, CASE, "statutory", "Statutory report made", When, CORE, Latest;
    CaseStatutoryChannel = 121, CASE, "statutory-channel", "Statutory report through", Choice("channel"), CORE, Latest;
    CaseNcr = 122, CASE, "ncr", "NCR case ID", Line, CORE, Latest;
    CaseStatutoryBy = 123, CASE, "statutory-by", "Statutory report by", Member, CORE, Latest;
    CaseFirstContact = 124, CASE, "first-contact", "First contact made", When, CORE, Latest;
    CaseMedical = 125, CASE, "medical", "Medical check done", When, CORE, Latest;
    CaseQuick = 126, CASE, "quick", "Quick report, to be completed", YesNo, CORE, Yes;
    CaseWithChild = 127, CASE, "with-child", "Who is with the child", Line, Of(Class::Placement), Latest;
    CaseHolder = 128, CASE, "holder", "Responsible team", Line, CORE, Latest;
    CaseLeadHere = 129, CASE, "lead-here", "Lead in this team", Member, LINKS, Latest;

    CaseChildName = 130, CASE, "child-name", "Child's name", Line, IDENTITY, Latest;
    CaseAlias = 131, CASE, "alias", "Also called", Line, IDENTITY, Latest;
    CaseDob = 132, CASE, "dob", "Born", Date, IDENTITY, Latest;
    CaseDobEstimated = 133, CASE, "dob-estimated", "Birth date estimated", YesNo, IDENTITY, Yes;
    CaseSex = 134, CASE, "sex", "Sex", Choice("sex"), IDENTITY, Latest;
    CaseNationality = 135, CASE, "nationality", "Nationality", Line, IDENTITY, Latest;
    CaseSchool = 136, CASE, "school", "School", Line, IDENTITY, Latest;

    CaseRestrictedHere = 139, CASE, "restricted-here", "Only for, in this team", Members, LINKS, Narrower;

    CaseCommunity = 140, CASE, "community", "Home community", Line, CONTACT, Latest;
    CaseAddress = 141, CASE, "address", "Home address", Prose, CONTACT, Latest;
    CasePhone = 142, CASE, "phone", "Home telephone", Line, CONTACT, Latest;
    CaseSafePhone = 143, CASE, "safe-phone", "Safe telephone", Line, CONTACT, Latest;
    CaseSafeWhen = 144, CASE, "safe-when", "Safe when", Line, CONTACT, Latest;
    CaseSafeWords = 145, CASE, "safe-words", "Say", Line, CONTACT, Latest;
    CaseSafeNever = 146, CASE, "safe-never", "Must not know", Line, CONTACT, Latest;
    CaseNoMessages = 147, CASE, "no-messages", "No messages", YesNo, CONTACT, Yes;
    CasePlaceSafety = 148, CASE, "place-safety", "Going there", Choices("place-safety"), CONTACT, Union;
    CasePlaceNote = 149, CASE, "place-note", "About the place", Line, CONTACT, Latest;

    CasePlacementKind = 150, CASE, "placement-kind", "Where the child is", Choice("placement-kind"), PLACEMENT, Latest;
    CasePlacement = 151, CASE, "placement", "Placement", Line, PLACEMENT, Latest;
    CasePlacementSince = 152, CASE, "placement-since", "There since", Date, PLACEMENT, Latest;

    CaseReporter = 160, CASE, "reporter", "Reporter", Line, REPORTER, Latest;
    CaseReporterPhone = 161, CASE, "reporter-phone", "Reporter's telephone", Line, REPORTER, Latest;
    CaseReporterRelation = 162, CASE, "reporter-relation", "Reporter is", Line, REPORTER, Latest;

    CaseHousehold = 170, CASE, "household", "Who lives there", Prose, PEOPLE, Latest;
    CaseMother = 171, CASE, "mother", "Mother", Line, PEOPLE, Latest;
    CaseFather = 172, CASE, "father", "Father", Line, PEOPLE, Latest;
    CaseCarer = 173, CASE, "carer", "Carer", Line, PEOPLE, Latest;
    CaseAlleged = 174, CASE, "alleged", "Person named in the concern", Line, PEOPLE, Latest;

    ActionText = 201, ACTION, "text", "What", Prose, Own, Latest;
    ActionOwner = 202, ACTION, "owner", "Owner", Owner, CORE, Latest;
    ActionDue = 203, ACTION, "due", "Due", Date, CORE, Earlier;
    ActionPriority = 204, ACTION, "priority", "Priority", Choice("priority"), CORE, Latest;
    ActionState = 205, ACTION, "state", "State", Choice("action-state"), CORE, Latest;
    ActionWhy = 206, ACTION, "why", "Why not", Choice("why"), CORE, Latest;
    ActionWhyNote = 207, ACTION, "why-note", "Why, in words", Line, Own, Latest;
    ActionDone = 208, ACTION, "done", "Finished", When, CORE, Latest;
    ActionCreated = 209, ACTION, "created", "Given", When, CORE, Latest;
    ActionGroup = 210, ACTION, "group", "Given together with", Item, Of(Class::Links), Latest;
    ActionTime = 211, ACTION, "time", "At (minutes after midnight)", Number, CORE, Earlier;
    ActionSymbols = 212, ACTION, "symbols", "Symbols in the code", Number, CORE, Latest;
    // The agenda item under which it was given; a meeting is the team's own business and leaves in no bundle but `sync`.
    ActionMeeting = 213, ACTION, "meeting", "Given under", Item, LINKS, Latest;
    // The meeting at which people last said that it goes on.
    ActionCarried = 214, ACTION, "carried", "Carried on at", Item, LINKS, Latest;

    FollowUpKind = 301, FOLLOW_UP, "kind", "Contact", Line, CORE, Latest;
    FollowUpDue = 302, FOLLOW_UP, "due", "Due", Date, CORE, Earlier;
    FollowUpEvery = 303, FOLLOW_UP, "every", "Repeats every (days)", Number, CORE, Earlier;
    FollowUpWho = 304, FOLLOW_UP, "who", "By", Owner, CORE, Latest;
    FollowUpState = 305, FOLLOW_UP, "state", "State", Choice("followup-state"), CORE, Latest;
    FollowUpNote = 306, FOLLOW_UP, "note", "What was found", Prose, Own, Latest;
    FollowUpDone = 307, FOLLOW_UP, "done", "Made", When, CORE, Latest;
    FollowUpSymbols = 308, FOLLOW_UP, "symbols", "Symbols in the code", Number, CORE, Latest;
    FollowUpAuto = 309, FOLLOW_UP, "auto", "From the policy", YesNo, CORE, Latest;
    FollowUpWhy = 310, FOLLOW_UP, "why", "Why changed", Line, Own, Latest;
    FollowUpGroup = 311, FOLLOW_UP, "group", "Planned together with", Item, Of(Class::Links), Latest;

    NoteKind = 401, NOTE, "kind", "Kind", Choice("note-kind"), Own, Latest;
    NoteText = 402, NOTE, "text", "Text", Prose, Own, Latest;
    NoteWhen = 403, NOTE, "when", "When", When, Own, Latest;
    // The agenda item under which it was said.
    NoteMeeting = 404, NOTE, "meeting", "Said under", Item, LINKS, Latest;
    // Who said it, where that is somebody else than who typed it.
    NoteSaidBy = 405, NOTE, "said-by", "Said by", Line, Own, Latest;
    // What the child agreed may be told of it, and the teams and agencies that are meant, a party on a line.
    NoteMayTell = 406, NOTE, "may-tell", "May be told", Choice("may-tell"), Own, Latest;
    NoteTellTo = 407, NOTE, "tell-to", "May be told to", Prose, Own, Latest;

    LinkA = 501, LINK, "a", "Case", Item, LINKS, Latest;
    LinkB = 502, LINK, "b", "Case", Item, LINKS, Latest;
    LinkKind = 503, LINK, "kind", "How they belong together", Choice("link-kind"), LINKS, Latest;

    // Why they belong together, and who says so.
    LinkNote = 504, LINK, "note", "Why", Prose, LINKS, Latest;
    LinkSaidBy = 505, LINK, "said-by", "Who says so", Line, LINKS, Latest;

    MemberName = 601, MEMBER, "name", "Name", Line, CORE, Latest;
    MemberHandle = 602, MEMBER, "handle", "Handle", Line, CORE, Latest;
    MemberAgency = 603, MEMBER, "agency", "Agency", Agency, CORE, Latest;
    MemberRole = 604, MEMBER, "role", "Role", Choice("role"), CORE, Latest;
    MemberPhone = 605, MEMBER, "phone", "Telephone", Line, CORE, Latest;
    MemberEmail = 606, MEMBER, "email", "E-mail", Line, CORE, Latest;
    MemberAwayFrom = 607, MEMBER, "away-from", "Away from", Date, CORE, Latest;
    MemberAwayUntil = 608, MEMBER, "away-until", "Away until", Date, CORE, Latest;
    MemberCover = 609, MEMBER, "cover", "Covered by", Member, CORE, Latest;
    MemberLeft = 610, MEMBER, "left", "Left", Date, CORE, Earlier;
    MemberRecipient = 611, MEMBER, "recipient", "Recipient", Line, CORE, Latest;
    // In older vaults the recovery sheets to which this member has sealed the restricted cases that they may read.
    MemberSheets = 612, MEMBER, "sheets", "Sheets that open the member's restricted cases", Line, CORE, Latest;
    // Whom papers are sealed to that this member opens without a vault: an age recipient, from their own card.
    MemberCard = 613, MEMBER, "card", "Personal card", Line, CORE, Latest;

    AgencyCode = 701, AGENCY, "code", "Code", Line, CORE, Latest;
    AgencyName = 702, AGENCY, "name", "Name", Line, CORE, Latest;
    AgencyKind = 703, AGENCY, "kind", "Kind", Choice("agency-kind"), CORE, Latest;
    AgencyPhone = 704, AGENCY, "phone", "Telephone", Line, CORE, Latest;
    AgencyContact = 705, AGENCY, "contact", "Who to ask for", Line, CORE, Latest;
    AgencyRetired = 706, AGENCY, "retired", "Retired", Date, CORE, Earlier;

    TeamName = 801, TEAM, "name", "Team", Line, CORE, Latest;
    TeamParish = 802, TEAM, "parish", "Parish number", Number, CORE, Latest;
    TeamPractice = 803, TEAM, "practice", "Practice", YesNo, CORE, Yes;
    TeamPolicy = 804, TEAM, "policy", "Policy pack", Prose, CORE, Latest;
    // One age recipient for each recovery sheet in force, the oldest first, with a space between them.
    TeamRecovery = 805, TEAM, "recovery", "Recovery recipient", Line, CORE, Latest;
    TeamCard = 806, TEAM, "card", "Public card", Prose, CORE, Latest;
    TeamCardShort = 807, TEAM, "card-short", "Public card without devices", Prose, CORE, Latest;
    // Those recovery sheets whose words somebody has read back from the paper.
    TeamRecoveryRead = 808, TEAM, "recovery-read", "Recovery sheets that were read back", Line, CORE, Latest;
    // Every recovery sheet that was ever replaced: it opens nothing new, whatever another copy says.
    TeamReplaced = 809, TEAM, "replaced", "Recovery sheets that were replaced", Line, CORE, Latest;
    // As they would leave: who wrote it prepared them, and another releases them.
    TeamFigures = 810, TEAM, "figures", "Figures that were prepared", Prose, CORE, Latest;

    PeerName = 901, PEER, "name", "Team", Line, CORE, Latest;
    PeerParish = 902, PEER, "parish", "Parish number", Number, CORE, Latest;
    PeerRoot = 903, PEER, "root", "Root key", Line, CORE, Latest;
    PeerCard = 904, PEER, "card", "Card", Prose, CORE, Latest;
    PeerVerified = 905, PEER, "verified", "Words compared", When, CORE, Latest;
    PeerVerifiedHow = 906, PEER, "verified-how", "Compared how", Line, CORE, Latest;
    PeerVerifiedBy = 907, PEER, "verified-by", "Compared by", Member, CORE, Latest;
    PeerRemoved = 908, PEER, "removed", "Removed", When, CORE, Latest;
    PeerAlarm = 909, PEER, "alarm", "Another root key was shown", Prose, CORE, Latest;
    PeerIntroduced = 910, PEER, "introduced", "Introduced by", Item, CORE, Latest;

    BundleOurs = 1001, BUNDLE, "ours", "We sent it", YesNo, LINKS, Latest;
    BundleKind = 1002, BUNDLE, "kind", "Kind", Line, LINKS, Latest;
    BundlePeer = 1003, BUNDLE, "peer", "Peer", Item, LINKS, Latest;
    BundleCases = 1004, BUNDLE, "cases", "Cases", Prose, LINKS, Latest;
    BundleId = 1005, BUNDLE, "id", "Bundle number", Line, LINKS, Latest;
    BundleLane = 1006, BUNDLE, "lane", "Number in its lane", Number, LINKS, Latest;
    BundleDevice = 1007, BUNDLE, "device", "Sending device", Line, LINKS, Latest;
    BundleHash = 1008, BUNDLE, "hash", "Manifest", Line, LINKS, Latest;
    BundleMade = 1009, BUNDLE, "made", "Made", When, LINKS, Latest;
    BundleFile = 1010, BUNDLE, "file", "File", Line, LINKS, Latest;
    BundleAnswers = 1011, BUNDLE, "answers", "Answers bundle", Line, LINKS, Latest;
    BundleReceived = 1012, BUNDLE, "received", "Taken in", When, LINKS, Latest;
    BundleSetAside = 1013, BUNDLE, "set-aside", "Set aside", YesNo, LINKS, Latest;
    BundleNote = 1014, BUNDLE, "note", "Note", Prose, LINKS, Latest;
    BundleReceipt = 1015, BUNDLE, "receipt", "Receipt came", When, LINKS, Latest;
    BundleFigures = 1016, BUNDLE, "figures", "Figures", Prose, LINKS, Latest;
    BundleObject = 1017, BUNDLE, "object", "Name on a relay", Line, LINKS, Latest;
    BundlePrepared = 1018, BUNDLE, "prepared", "Prepared by", Member, LINKS, Latest;

    SharePeer = 1101, SHARE, "peer", "Peer", Item, LINKS, Latest;
    ShareClasses = 1102, SHARE, "classes", "Kinds of data shared", Prose, LINKS, Latest;
    ShareProfile = 1103, SHARE, "profile", "Profile", Line, LINKS, Latest;
    ShareSince = 1104, SHARE, "since", "Since", When, LINKS, Latest;
    ShareEnded = 1105, SHARE, "ended", "Ended", When, LINKS, Latest;
    ShareHeads = 1106, SHARE, "heads", "What they told us they hold", Prose, LINKS, Latest;
    ShareOurs = 1107, SHARE, "ours", "We opened or sent it", YesNo, LINKS, Latest;
    ShareWithheld = 1108, SHARE, "withheld", "Single things withheld", Prose, LINKS, Latest;

    ConsentScopes = 1201, CONSENT, "scopes", "Consent to", Choices("consent-scope"), CORE, Narrower;
    ConsentBy = 1202, CONSENT, "by", "Given by", Line, PEOPLE, Latest;
    ConsentGiven = 1203, CONSENT, "given", "Given", When, CORE, Latest;
    ConsentUntil = 1204, CONSENT, "until", "Until", Date, CORE, Earlier;
    ConsentWithdrawn = 1205, CONSENT, "withdrawn", "Withdrawn", When, CORE, Earlier;
    ConsentNote = 1206, CONSENT, "note", "Words", Prose, Of(Class::Notes), Latest;
    ConsentRole = 1207, CONSENT, "role", "Given as", Choice("consent-giver"), CORE, Latest;
    ConsentCapacity = 1208, CONSENT, "capacity", "Understood how", Choice("consent-capacity"), Of(Class::Notes), Latest;
    ConsentAssent = 1209, CONSENT, "assent", "The child's assent", Choice("assent"), Of(Class::Notes), Latest;
    ConsentAssentWhen = 1210, CONSENT, "assent-when", "The child was asked", When, Of(Class::Notes), Latest;
    // Telling is agreed to for these alone, a party on a line; empty: for whoever is asked to help.
    ConsentTo = 1211, CONSENT, "to", "Only to", Prose, CORE, Latest;
    ConsentRefused = 1212, CONSENT, "refused", "Not agreed to", Choices("consent-scope"), CORE, Union;
    // What is kept from whom, and why, is the team's own: whom it is kept from must not read it.
    ConsentKeepFrom = 1213, CONSENT, "keep-from", "Kept from", Prose, LINKS, Latest;
    // Classes by name, with spaces between; empty: all of it.
    ConsentKeepWhat = 1214, CONSENT, "keep-what", "What is kept from them", Line, LINKS, Latest;
    ConsentKeepWhy = 1215, CONSENT, "keep-why", "Kept from them because", Prose, LINKS, Latest;
    ConsentKeepLifted = 1216, CONSENT, "keep-lifted", "No longer kept from them", When, LINKS, Latest;

    ReferralKind = 1301, REFERRAL, "kind", "Kind", Choice("referral-kind"), CORE, Latest;
    ReferralFrom = 1302, REFERRAL, "from", "From", Line, CORE, Latest;
    ReferralTo = 1303, REFERRAL, "to", "To", Line, CORE, Latest;
    ReferralService = 1304, REFERRAL, "service", "Asked for", Line, CORE, Latest;
    ReferralUrgency = 1305, REFERRAL, "urgency", "Urgency", Choice("priority"), CORE, Latest;
    ReferralReason = 1306, REFERRAL, "reason", "Why", Prose, CORE, Latest;
    ReferralSent = 1307, REFERRAL, "sent", "Sent", When, CORE, Latest;
    ReferralDue = 1308, REFERRAL, "due", "Answer due", When, CORE, Earlier;
    ReferralState = 1309, REFERRAL, "state", "State", Choice("referral-state"), CORE, Latest;
    ReferralAnswer = 1310, REFERRAL, "answer", "Their words", Prose, CORE, Latest;
    ReferralAnswered = 1311, REFERRAL, "answered", "Answered", When, CORE, Latest;
    ReferralOverride = 1312, REFERRAL, "override", "Sent without consent because", Prose, CORE, Latest;
    ReferralSymbols = 1313, REFERRAL, "symbols", "Symbols in the code", Number, CORE, Latest;
    ReferralCategory = 1314, REFERRAL, "category", "Service", Choice("service"), CORE, Latest;
    // The agency of whoever asked, where an agency of the own parish is asked.
    ReferralBy = 1315, REFERRAL, "by", "Asked by", Line, CORE, Latest;
    ReferralReceived = 1316, REFERRAL, "received", "Arrived", When, CORE, Earlier;
    ReferralGiven = 1317, REFERRAL, "given", "Service given", Date, CORE, Earlier;
    ReferralOutcome = 1318, REFERRAL, "outcome", "Outcome", Choice("service-outcome"), CORE, Latest;
    // When whoever asked has taken note of the answer: the team's own business.
    ReferralSeen = 1319, REFERRAL, "seen", "Answer seen", When, LINKS, Latest;

    ColleagueName = 1401, COLLEAGUE, "name", "Name", Line, CORE, Latest;
    ColleagueAgency = 1402, COLLEAGUE, "agency", "Agency", Line, CORE, Latest;
    ColleaguePeer = 1403, COLLEAGUE, "peer", "Team", Item, CORE, Latest;

    MeetingType = 1501, MEETING, "type", "Type", Choice("meeting-type"), CORE, Latest;
    MeetingWhen = 1502, MEETING, "when", "When", When, CORE, Latest;
    MeetingPlace = 1503, MEETING, "place", "Place", Line, CORE, Latest;
    MeetingChair = 1504, MEETING, "chair", "Chair", Member, CORE, Latest;
    MeetingScribe = 1505, MEETING, "minute-taker", "Minute-taker", Member, CORE, Latest;
    MeetingExpected = 1506, MEETING, "expected", "Who is expected", Members, CORE, Union;
    MeetingSeries = 1507, MEETING, "series", "One of the series", Item, CORE, Latest;
    MeetingNote = 1508, MEETING, "note", "Words", Prose, CORE, Latest;
    MeetingStatement = 1509, MEETING, "statement", "Confidentiality statement read", When, CORE, Earlier;
    MeetingStatementBy = 1510, MEETING, "statement-by", "Read by", Member, CORE, Latest;
    MeetingStarted = 1511, MEETING, "started", "Began", When, CORE, Earlier;
    MeetingEnded = 1512, MEETING, "ended", "Ended", When, CORE, Latest;
    MeetingCancelled = 1513, MEETING, "cancelled", "Called off because", Line, CORE, Latest;
    // The agenda item that people are talking about.
    MeetingAt = 1514, MEETING, "at", "At", Item, CORE, Latest;
    MeetingApproved = 1515, MEETING, "approved", "Minutes approved", When, CORE, Earlier;
    MeetingApprovedBy = 1516, MEETING, "approved-by", "Approved by", Member, CORE, Latest;
    MeetingSent = 1518, MEETING, "sent", "Minutes sent", When, CORE, Earlier;
    MeetingSentHow = 1519, MEETING, "sent-how", "Sent how", Line, CORE, Latest;
    MeetingSymbols = 1520, MEETING, "symbols", "Symbols in the code", Number, CORE, Latest;

    AgendaCase = 1601, AGENDA, "case", "Case", Item, CORE, Latest;
    AgendaText = 1602, AGENDA, "text", "Matter", Line, CORE, Latest;
    AgendaWhy = 1603, AGENDA, "why", "Why it is here", Choices("agenda-why"), CORE, Union;
    AgendaPlace = 1604, AGENDA, "place", "Place in the order", Number, CORE, Latest;
    AgendaMinutes = 1605, AGENDA, "minutes", "Minutes", Number, CORE, Latest;
    AgendaState = 1606, AGENDA, "state", "State", Choice("agenda-state"), CORE, Latest;
    AgendaOpened = 1607, AGENDA, "opened", "Taken up", When, CORE, Earlier;
    AgendaSpent = 1608, AGENDA, "spent", "Time spent (seconds)", Number, CORE, Latest;
    AgendaConflicted = 1609, AGENDA, "conflicted", "Declared a conflict of interest", Members, CORE, Union;

    AttendanceMember = 1701, ATTENDANCE, "member", "Member", Member, CORE, Latest;
    AttendanceName = 1702, ATTENDANCE, "name", "Visitor", Line, CORE, Latest;
    AttendanceAgency = 1703, ATTENDANCE, "agency", "Visitor's agency", Line, CORE, Latest;
    AttendanceMark = 1704, ATTENDANCE, "mark", "Attendance", Choice("attendance"), CORE, Latest;
    AttendanceInfo = 1705, ATTENDANCE, "info", "Sent information", YesNo, CORE, Latest;
    AttendanceSigned = 1706, ATTENDANCE, "signed", "Signed the statement", YesNo, CORE, Latest;

    SeriesRule = 1801, SERIES, "rule", "Recurs", Line, CORE, Latest;
    SeriesTime = 1802, SERIES, "time", "At (minutes after midnight)", Number, CORE, Latest;
    SeriesType = 1803, SERIES, "type", "Type", Choice("meeting-type"), CORE, Latest;
    SeriesPlace = 1804, SERIES, "place", "Place", Line, CORE, Latest;
    SeriesChair = 1805, SERIES, "chair", "Chair", Member, CORE, Latest;
    SeriesScribe = 1806, SERIES, "minute-taker", "Minute-taker", Member, CORE, Latest;
    SeriesStanding = 1807, SERIES, "standing", "Standing attendees", Members, CORE, Union;
    SeriesFrom = 1808, SERIES, "from", "From", Date, CORE, Latest;
    SeriesEnded = 1809, SERIES, "ended", "Ended", Date, CORE, Earlier;

    PaperWhat = 1901, PAPER, "what", "What", Line, CORE, Latest;
    PaperFor = 1902, PAPER, "for", "For whom", Line, CORE, Latest;
    PaperForm = 1903, PAPER, "form", "Form", Line, CORE, Latest;
    // BLAKE3 of the file, in hex: by it a copy is known again, and that nothing in it was changed.
    PaperDigest = 1904, PAPER, "digest", "Digest", Line, CORE, Latest;
    PaperMade = 1905, PAPER, "made", "Made", When, CORE, Latest;
    PaperWhy = 1906, PAPER, "why", "Why it left unsealed", Line, CORE, Latest;

    ScreeningForm = 2001, SCREENING, "form", "Form", Line, CORE, Latest;
    ScreeningLabel = 2002, SCREENING, "label", "Screening", Line, CORE, Latest;
    ScreeningVersion = 2003, SCREENING, "version", "Version of the form", Number, CORE, Latest;
    // Its code and version: "jm-default 1".
    ScreeningPack = 2004, SCREENING, "pack", "Policy", Line, CORE, Latest;
    ScreeningWhen = 2005, SCREENING, "when", "When", When, CORE, Latest;
    ScreeningWhy = 2006, SCREENING, "why", "Why", Choice("screening-why"), CORE, Latest;
    ScreeningMode = 2007, SCREENING, "mode", "How it is known", Choice("screening-mode"), CORE, Latest;
    ScreeningBy = 2008, SCREENING, "by", "By", Member, CORE, Latest;
    ScreeningOutcome = 2009, SCREENING, "outcome", "Outcome", Choice("screening-outcome"), CORE, Latest;
    ScreeningFollows = 2010, SCREENING, "follows", "Follows", Item, CORE, Latest;
    ScreeningWhere = 2011, SCREENING, "where", "Where", Line, Own, Latest;
    ScreeningStopped = 2012, SCREENING, "stopped", "Stopped because the child began to tell", YesNo, Own, Yes;
    ScreeningNote = 2013, SCREENING, "note", "Note", Prose, Own, Latest;
    // Question by question, in the lines of docs/formats/answers.md.
    ScreeningAnswers = 2014, SCREENING, "answers", "Answers", Prose, Own, Latest;
    ScreeningSymbols = 2015, SCREENING, "symbols", "Symbols in the code", Number, CORE, Latest;

    DecisionKind = 2101, DECISION, "kind", "Decision", Choice("decision-kind"), CORE, Latest;
    DecisionWhen = 2102, DECISION, "when", "Decided", When, CORE, Latest;
    DecisionBy = 2103, DECISION, "by", "Decided by", Choice("decision-by"), CORE, Latest;
    DecisionStatus = 2104, DECISION, "status", "Trafficking", Choice("trafficking-status"), CORE, Latest;
    // The means need not be shown: the child was under eighteen then, or of unknown age.
    DecisionChild = 2105, DECISION, "child", "A child", YesNo, CORE, Latest;
    DecisionPurposes = 2106, DECISION, "purposes", "Purpose", Choices("exploitation"), CORE, Union;
    DecisionReview = 2107, DECISION, "review", "Look at it again on", Date, CORE, Earlier;
    DecisionPanel = 2108, DECISION, "panel", "Members of the panel", Members, CORE, Union;
    DecisionScreening = 2109, DECISION, "screening", "After the screening", Item, CORE, Latest;
    DecisionActs = 2110, DECISION, "acts", "Act", Choices("trafficking-act"), Own, Union;
    DecisionMeans = 2111, DECISION, "means", "Means", Choices("trafficking-means"), Own, Union;
    DecisionBasis = 2112, DECISION, "basis", "On what it rests", Prose, Own, Latest;
    DecisionOptions = 2113, DECISION, "options", "Options considered", Prose, Own, Latest;
    DecisionViews = 2114, DECISION, "views", "The child's views, as considered", Prose, Of(Class::Views), Latest;
    DecisionText = 2115, DECISION, "decision", "What was decided", Prose, Own, Latest;
    DecisionDissent = 2116, DECISION, "dissent", "Who sees it otherwise, and why", Prose, Own, Latest;
    // People on the panel who are not on the team.
    DecisionOthers = 2117, DECISION, "others", "Others on the panel", Line, Own, Latest;
    DecisionQuestion = 2118, DECISION, "question", "The question", Prose, Own, Latest;
    DecisionHeard = 2119, DECISION, "heard", "The child's views were considered", YesNo, CORE, Latest;
    DecisionUnheard = 2120, DECISION, "unheard", "Why they were not", Prose, Own, Latest;
    // The note in which the child's words stand: that there is one is as need-to-know as what is in it.
    DecisionViewsNote = 2121, DECISION, "views-note", "The child's words", Item, Of(Class::Views), Latest;
    DecisionMeeting = 2122, DECISION, "meeting", "Decided under", Item, LINKS, Latest;

    // Who asked and who answered, the entries say that were signed.
    ClosureReason = 2201, CLOSURE, "reason", "Why it is to be closed", Choice("close-reason"), CORE, Latest;
    ClosureAsked = 2202, CLOSURE, "asked", "Closing asked for", When, CORE, Latest;
    ClosureSeen = 2203, CLOSURE, "seen", "Child last seen", Date, CORE, Earlier;
    ClosureStage = 2204, CLOSURE, "stage", "Stage until then", Choice("stage"), CORE, Latest;
    ClosureFilled = 2205, CLOSURE, "filled", "Checklist filled in", YesNo, CORE, Latest;
    ClosureCancel = 2206, CLOSURE, "cancel", "Open actions end with it", YesNo, CORE, Latest;
    // Nothing while it waits; no: approved; yes: refused, which goes before an approval that did not know of it.
    ClosureRefused = 2207, CLOSURE, "refused", "Closing refused", YesNo, CORE, Yes;
    // Why nobody else was asked, where nobody was.
    ClosureHow = 2208, CLOSURE, "how", "Closed without approval", Line, CORE, Latest;
    // A line for each criterion: "yes CODE LABEL", "no CODE LABEL".
    ClosureCriteria = 2209, CLOSURE, "criteria", "Checklist", Prose, Own, Latest;
    ClosureWhy = 2210, CLOSURE, "why", "All the same because", Prose, Own, Latest;
    ClosureNote = 2211, CLOSURE, "note", "Closing words", Prose, Own, Latest;
    ClosureWords = 2212, CLOSURE, "words", "Words of the answer", Prose, Own, Latest;

    // The core says what kind of help, whether, and from when to when: type and duration can be counted without names.
    ServiceCategory = 2301, SERVICE, "category", "Service", Choice("service"), CORE, Latest;
    ServiceNeeded = 2302, SERVICE, "needed", "Needed", YesNo, CORE, Yes;
    ServiceAgency = 2303, SERVICE, "agency", "Agency", Agency, Own, Latest;
    ServiceProvider = 2304, SERVICE, "provider", "Provider", Line, Own, Latest;
    ServicePlannedStart = 2305, SERVICE, "planned-start", "Planned from", Date, CORE, Earlier;
    ServicePlannedEnd = 2306, SERVICE, "planned-end", "Planned until", Date, CORE, Latest;
    ServiceStarted = 2307, SERVICE, "started", "Began", Date, CORE, Earlier;
    ServiceEnded = 2308, SERVICE, "ended", "Ended", Date, CORE, Latest;
    ServiceDose = 2309, SERVICE, "dose", "How much", Line, Own, Latest;
    ServiceOutcome = 2310, SERVICE, "outcome", "Outcome", Choice("service-outcome"), CORE, Latest;
    ServiceOutcomeNote = 2311, SERVICE, "outcome-note", "What came of it", Prose, Own, Latest;
    ServiceViews = 2312, SERVICE, "views", "What the child says of it", Prose, Of(Class::Views), Latest;
    ServiceReferral = 2313, SERVICE, "referral", "From referral", Item, CORE, Latest;
    ServiceNote = 2314, SERVICE, "note", "Plan", Prose, Own, Latest;
    ServiceSymbols = 2315, SERVICE, "symbols", "Symbols in the code", Number, CORE, Latest;
    // All of a person is of its own class: `people`, or `reporter` for whoever reported.
    PersonSymbols = 2401, PERSON, "symbols", "Symbols in the code", Number, Own, Latest;
    PersonName = 2402, PERSON, "name", "Name", Line, Own, Latest;
    PersonRoles = 2403, PERSON, "roles", "Who it is", Choices("person-role"), Own, Union;
    PersonRelation = 2404, PERSON, "relation", "To the child", Line, Own, Latest;
    // The relationship codes of the Human Trafficking Case Data Standard, for whoever is named in the concern.
    PersonKnows = 2405, PERSON, "knows", "Knows the child as", Choice("person-knows"), Own, Latest;
    PersonNamed = 2406, PERSON, "named", "Named in the concern", YesNo, Own, Yes;
    PersonDob = 2407, PERSON, "dob", "Born", Date, Own, Latest;
    PersonAge = 2408, PERSON, "age", "Age, about", Number, Own, Latest;
    // The day on which the age was written down: from then on it grows.
    PersonAgeOn = 2409, PERSON, "age-on", "Age as of", Date, Own, Latest;
    PersonSex = 2410, PERSON, "sex", "Sex", Choice("sex"), Own, Latest;
    PersonPhone = 2411, PERSON, "phone", "Telephone", Line, Own, Latest;
    PersonNoCalls = 2412, PERSON, "no-calls", "Must not be called", YesNo, Own, Yes;
    PersonUnaware = 2413, PERSON, "unaware", "Must not know", YesNo, Own, Yes;
    PersonSafe = 2414, PERSON, "safe", "When and how", Line, Own, Latest;
    PersonCommunity = 2415, PERSON, "community", "Community", Line, Own, Latest;
    PersonAddress = 2416, PERSON, "address", "Address", Prose, Own, Latest;
    PersonNote = 2417, PERSON, "note", "Note", Prose, Own, Latest;
    // A child with a case of their own; which one stays with this team.
    PersonCase = 2418, PERSON, "case", "Own case", Item, LINKS, Latest;
    // All of a document is of its own class: even its name can say too much.
    DocumentSymbols = 2501, DOCUMENT, "symbols", "Symbols in the code", Number, Own, Latest;
    DocumentKind = 2502, DOCUMENT, "kind", "Kind", Choice("document-kind"), Own, Latest;
    DocumentName = 2503, DOCUMENT, "name", "Name", Line, Own, Latest;
    DocumentDate = 2504, DOCUMENT, "date", "Dated", Date, Own, Latest;
    DocumentSource = 2505, DOCUMENT, "source", "From whom", Line, Own, Latest;
    DocumentNote = 2506, DOCUMENT, "note", "Note", Prose, Own, Latest;
    DocumentAdded = 2507, DOCUMENT, "added", "Attached", When, Own, Latest;
    DocumentSize = 2508, DOCUMENT, "size", "Size (bytes)", Number, Own, Latest;
    DocumentDigest = 2509, DOCUMENT, "sha256", "SHA-256", Line, Own, Latest;
    DocumentMedia = 2510, DOCUMENT, "media", "Content", Line, Own, Latest;
    // The key that its bytes are sealed under, 64 hex digits. Whoever may read the entry may read the file.
    DocumentKey = 2511, DOCUMENT, "key", "File key", Line, Own, Latest;

    OutreachSymbols = 2601, OUTREACH, "symbols", "Symbols in the code", Number, CORE, Latest;
    OutreachKind = 2602, OUTREACH, "kind", "Kind", Choice("outreach-kind"), CORE, Latest;
    OutreachTopic = 2603, OUTREACH, "topic", "Topic", Line, CORE, Latest;
    OutreachWhen = 2604, OUTREACH, "when", "When", When, CORE, Latest;
    OutreachCommunity = 2605, OUTREACH, "community", "Community", Line, CORE, Latest;
    OutreachPlace = 2606, OUTREACH, "place", "Place", Line, CORE, Latest;
    OutreachLead = 2607, OUTREACH, "lead", "Who sees to it", Member, CORE, Latest;
    OutreachFacilitators = 2608, OUTREACH, "facilitators", "Who facilitates", Members, CORE, Union;
    OutreachOthers = 2609, OUTREACH, "others", "Speakers from outside", Line, CORE, Latest;
    OutreachPartners = 2610, OUTREACH, "partners", "Partners", Line, CORE, Latest;
    OutreachHeld = 2611, OUTREACH, "held", "Held", When, CORE, Earlier;
    OutreachCancelled = 2612, OUTREACH, "cancelled", "Called off because", Line, CORE, Latest;
    // "female 0-11: 12", a line for each: whole, because two people who counted the same hall counted the same people.
    OutreachAudience = 2613, OUTREACH, "audience", "Who came", Prose, CORE, Latest;
    OutreachMaterials = 2614, OUTREACH, "materials", "Material given", Line, CORE, Latest;
    OutreachCost = 2615, OUTREACH, "cost", "Cost (J$)", Number, CORE, Latest;
    // "who-to-call: asked 30, before 12, after 25", a line for each question.
    OutreachResults = 2616, OUTREACH, "results", "Right before, after", Prose, CORE, Latest;
    OutreachReports = 2617, OUTREACH, "reports", "Reports after it", Number, CORE, Latest;
    OutreachReportsNote = 2618, OUTREACH, "reports-note", "About the reports", Prose, CORE, Latest;
    OutreachNote = 2619, OUTREACH, "note", "Words", Prose, CORE, Latest;
    // Said on the side of the case alone: nothing about an event leads to a child.
    CaseOutreach = 2620, CASE, "outreach", "Came in after the event", Item, LINKS, Latest;
    ActionOutreach = 2621, ACTION, "outreach", "After the event", Item, LINKS, Latest;

    TrainingSymbols = 2701, TRAINING, "symbols", "Symbols in the code", Number, CORE, Latest;
    TrainingTopic = 2702, TRAINING, "topic", "Topic", Choice("training-topic"), CORE, Latest;
    TrainingTitle = 2703, TRAINING, "title", "Title", Line, CORE, Latest;
    TrainingDate = 2704, TRAINING, "date", "Day", Date, CORE, Latest;
    TrainingHours = 2705, TRAINING, "hours", "Hours", Number, CORE, Latest;
    TrainingTrainer = 2706, TRAINING, "trainer", "Trainer", Line, CORE, Latest;
    TrainingWho = 2707, TRAINING, "who", "Who took part", Members, CORE, Latest;
    TrainingHeld = 2708, TRAINING, "held", "Held", Date, CORE, Earlier;
    TrainingUntil = 2709, TRAINING, "until", "Certificate until", Date, CORE, Earlier;
    TrainingCancelled = 2710, TRAINING, "cancelled", "Called off because", Line, CORE, Latest;
    TrainingNote = 2711, TRAINING, "note", "Words", Prose, CORE, Latest;

    PageName = 2801, PAGE, "name", "Name", Line, CORE, Latest;
    PageTitle = 2802, PAGE, "title", "Title", Line, CORE, Latest;
    PageTags = 2803, PAGE, "tags", "Tags", Line, CORE, Latest;
    PageSource = 2804, PAGE, "source", "Source", Line, CORE, Latest;
    PageDate = 2805, PAGE, "date", "As of", Date, CORE, Latest;
    PageBody = 2806, PAGE, "body", "Text", Prose, CORE, Latest;
}

impl Field {
    /// True for what is only ever written along with another field, about which people decide.
    pub const fn follows(self) -> bool {
        matches!(self, Self::CaseRiskSet | Self::ClosureRefused | Self::ClosureWords)
    }

    /// True for what no person reads: a key, and how long a code is shown.
    pub const fn is_silent(self) -> bool {
        matches!(
            self,
            Self::CaseSymbols
                | Self::ActionSymbols
                | Self::FollowUpSymbols
                | Self::ReferralSymbols
                | Self::MeetingSymbols
                | Self::ScreeningSymbols
                | Self::ServiceSymbols
                | Self::DocumentSymbols
                | Self::PersonSymbols
                | Self::PersonAgeOn
                | Self::OutreachSymbols
                | Self::TrainingSymbols
                | Self::DocumentKey
        )
    }

    /// The stored number.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The field's row.
    pub fn def(self) -> &'static FieldDef {
        let at = FIELDS.binary_search_by_key(&self.number(), |def| def.field.number());
        &FIELDS[at.expect("every variant is a row, and the rows are in the order of their numbers")]
    }

    /// The class in which the value is sealed, for an item made with class `own`.
    pub fn class(self, own: Class) -> Class {
        match self.def().class {
            Of(class) => class,
            Own => own,
        }
    }

    /// The field of an item kind by its name.
    pub fn named(kind: ItemKind, name: &str) -> Option<Self> {
        FIELDS.iter().find(|def| def.kind == Some(kind) && def.name == name).map(|def| def.field)
    }

    /// All fields of an item kind.
    pub fn of(kind: ItemKind) -> impl Iterator<Item = &'static FieldDef> {
        FIELDS.iter().filter(move |def| def.kind == Some(kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn rows_stand_in_the_order_of_their_numbers_and_names_are_unique_within_a_kind() {
        assert!(FIELDS.windows(2).all(|pair| pair[0].field.number() < pair[1].field.number()));
        let mut seen = HashSet::new();
        assert!(FIELDS.iter().all(|def| seen.insert((def.kind, def.name))));
        assert!(FIELDS.iter().all(|def| def.field.def().name == def.name));
        assert!(FIELDS.iter().all(|def| Field::from_number(def.field.number()) == Some(def.field)));
    }
}
