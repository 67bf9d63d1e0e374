//! `case`: the family's grammar, and opening, listing, finding cases. Editing is in `case_edit`, showing in `case_show`.

use clap::{Args, Subcommand};

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::today::Bucket;
use crate::domain::value::Value;
use crate::domain::views::Case;
use crate::error::{AppError, Kind, Result};
use crate::ops::{CaseOpen, Opened};
use crate::session::Session;

use super::super::output::{self, Output, Table};
use super::super::words::{self, Veil};
use super::super::{Cx, find, input, shapes};
use super::{case_edit, case_show, search};

/// `case`.
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// Open a case; prints its code alone
    New(NewArgs),
    /// Open a case for another child of the household; prints its code alone
    Sibling(SiblingArgs),
    /// The cases: open ones, if nothing is said
    List(ListArgs),
    /// One case, with its names masked
    Show(ShowArgs),
    /// Change what a case says
    Edit(EditArgs),
    /// Move a case to another stage of its way
    Stage {
        /// The case's code
        code: String,
        /// The stage: `mahoe policy show` lists them
        stage: String,
        /// Leave the planned contacts as they are, whatever the policy asks for
        #[arg(long)]
        no_followup: bool,
    },
    /// Open or end a track beside the stage (justice beside care)
    Track {
        /// The case's code
        code: String,
        /// The stage that runs beside
        track: String,
        /// End it
        #[arg(long)]
        off: bool,
    },
    /// Write a note, contact, visit, decision or the child's own words
    Note(NoteArgs),
    /// Write down who decided, on what, whether the child is identified as trafficked
    Identify(Box<super::screening::IdentifyArgs>),
    /// Record the report to the Registry, and the case ID that it was answered with
    Statutory(StatutoryArgs),
    /// Record the first contact or the medical check, which stops its clock
    Met(MetArgs),
    /// Destroy what was written in the wrong case; who, when and why stay
    Strike(StrikeArgs),
    /// Name the member who leads the case
    Assign {
        /// The case's code
        code: String,
        /// The member
        name: String,
    },
    /// Write down what was decided to be best for the child, what was weighed, who decided
    BestInterests(Box<super::best_interests::BestInterestsArgs>),
    /// Ask for approval to close a case, or close it where nobody has to approve
    Close(Box<super::closing::CloseArgs>),
    /// Approve that a case be closed, which somebody else has asked for
    Approve(super::closing::ApproveArgs),
    /// Refuse that a case be closed, or take one's own request back
    Refuse(super::closing::RefuseArgs),
    /// Open a closed case again
    Reopen {
        /// The case's code
        code: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Don't plan the contacts that the policy asks for
        #[arg(long)]
        no_followup: bool,
    },
    /// Find cases by a name, however it is spelt, or by words in them; those with the name first
    Search {
        /// What to look for; asked for if left out
        text: Option<String>,
        /// Open cases only
        #[arg(long)]
        open: bool,
    },
    /// Cases that may be about the same child, and why
    Duplicates {
        /// The code of one of them; all pairs, if left out
        code: Option<String>,
    },
    /// Say that two cases belong together
    Link {
        /// One case's code
        code: String,
        /// The other case's code
        other: String,
        /// sibling, household, network, other
        #[arg(long, default_value = "household")]
        kind: String,
        /// Why they belong together; the whole team can read it; - for standard input
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
        /// Who says so; needed for a suspected network
        #[arg(long, value_name = "TEXT")]
        said_by: Option<String>,
    },
    /// Say that two cases don't belong together after all
    Unlink {
        /// One case's code
        code: String,
        /// The other case's code
        other: String,
    },
    /// Settle a field to which two people wrote different values; without FIELD lists them
    Decide {
        /// The code of the case, action or follow-up
        code: String,
        /// The field
        field: Option<String>,
        /// What it shall say
        value: Option<String>,
        /// Leave the planned contacts as they are, whatever the policy asks for at this risk or stage
        #[arg(long)]
        no_followup: bool,
    },
    /// Who changed what, when
    History {
        /// The case's code
        code: String,
        /// Show names (goes on record)
        #[arg(long)]
        reveal: bool,
    },
}

/// `case new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The concern, in a sentence or more; asked for if left out
    #[arg(long, value_name = "TEXT")]
    pub concern: Option<String>,
    /// high, medium, low or unassessed
    #[arg(long)]
    pub risk: Option<String>,
    /// When it was reported; now, if left out
    #[arg(long, value_name = "DATE")]
    pub reported: Option<String>,
    /// The child's name; asked for if left out
    #[arg(long, value_name = "TEXT")]
    pub child_name: Option<String>,
    /// The day of birth
    #[arg(long, value_name = "DATE")]
    pub dob: Option<String>,
    /// female, male, other or unknown
    #[arg(long)]
    pub sex: Option<String>,
    /// The home community; asked for if left out
    #[arg(long, value_name = "TEXT")]
    pub community: Option<String>,
    /// The member who leads
    #[arg(long, value_name = "NAME")]
    pub lead: Option<String>,
    /// How it was reported
    #[arg(long)]
    pub channel: Option<String>,
    /// Any other field; may be given several times
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub sets: Vec<String>,
    /// A quick report: saved as it is, what is missing leads Today
    #[arg(long)]
    pub quick: bool,
    /// The concern touches somebody on the team: only these members (and you) may read the case
    #[arg(long, value_name = "HANDLE,HANDLE", value_delimiter = ',')]
    pub touches_team: Vec<String>,
    /// Don't plan the contacts that the policy asks for at this risk (a quick report never does)
    #[arg(long)]
    pub no_followup: bool,
}

/// `case sibling`.
#[derive(Debug, Args)]
pub struct SiblingArgs {
    /// The code of the first child's case
    pub code: String,
    /// What is new: household and reporter are carried over
    #[command(flatten)]
    pub new: NewArgs,
}

/// `case list`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub struct ListArgs {
    /// Open cases (the default)
    #[arg(long, conflicts_with_all = ["closed", "all"])]
    pub open: bool,
    /// Closed cases
    #[arg(long, conflicts_with = "all")]
    pub closed: bool,
    /// Open and closed
    #[arg(long)]
    pub all: bool,
    /// Only at this stage
    #[arg(long, value_name = "S")]
    pub stage: Option<String>,
    /// Only at this risk
    #[arg(long, value_name = "R")]
    pub risk: Option<String>,
    /// Only with something late
    #[arg(long)]
    pub overdue: bool,
    /// Only those that you lead
    #[arg(long)]
    pub mine: bool,
}

/// `case show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The case's code
    pub code: String,
    /// Show names (goes on record)
    #[arg(long)]
    pub reveal: bool,
    /// Show the child's own words
    #[arg(long)]
    pub views: bool,
}

/// `case edit`.
#[derive(Debug, Args)]
pub struct EditArgs {
    /// The case's code
    pub code: String,
    /// A field and its new value, `-` for asked; an empty value clears. May be given several times
    #[arg(long = "set", value_name = "FIELD=VALUE", required = true, num_args = 1..)]
    pub sets: Vec<String>,
    /// Leave the planned contacts as they are, whatever the policy asks for at a new risk
    #[arg(long)]
    pub no_followup: bool,
}

/// `case statutory`.
#[derive(Debug, Args)]
pub struct StatutoryArgs {
    /// The case's code
    pub code: String,
    /// When the report was made: "today 09:30", "12 nov"; needed once
    #[arg(long, value_name = "DATE")]
    pub when: Option<String>,
    /// How it was made, from the policy's channels: 211, station, in-person; needed once
    #[arg(long)]
    pub channel: Option<String>,
    /// The Registry's case ID, when it has come
    #[arg(long, value_name = "NUMBER")]
    pub ncr: Option<String>,
    /// Who made it; you, if left out
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

/// `case met`.
#[derive(Debug, Args)]
pub struct MetArgs {
    /// The case's code
    pub code: String,
    /// first-contact or medical-check
    pub what: String,
    /// When; now, if left out
    #[arg(long, value_name = "DATE")]
    pub when: Option<String>,
    /// What was found, kept as a note; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// `case note`.
#[derive(Debug, Args)]
pub struct NoteArgs {
    /// The case's code; several, with commas, for the same note in linked cases
    pub code: String,
    /// The words; asked for if left out, - for standard input
    pub text: Option<String>,
    /// general, contact, visit, decision, views, health, justice, interview
    #[arg(long, default_value = "general")]
    pub kind: String,
    /// Who may read it: notes, health, justice, interview, views; what the kind proposes, if left out
    #[arg(long)]
    pub class: Option<String>,
    /// When it happened or was said; now, if left out
    #[arg(long, value_name = "DATE")]
    pub when: Option<String>,
}

/// `case strike`.
#[derive(Debug, Args)]
pub struct StrikeArgs {
    /// The case's code
    pub code: String,
    /// The entry: the first 8 or more of its symbols in `case history`
    pub entry: String,
    /// Why, in words that don't repeat what is struck
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// Runs a command of the family.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: CaseCommand) -> Result<Output> {
    match command {
        CaseCommand::New(args) => {
            let how = if args.quick { Opened::Quick } else { Opened::Report };
            open(session, cx, how, args)
        }
        CaseCommand::Sibling(args) => {
            let first = find::case(session, &args.code)?;
            let mut new = args.new;
            if new.concern.is_none() {
                new.concern = Case::get(session.state(), first).map(|case| case.concern().to_owned());
            }
            open(session, cx, Opened::SiblingOf(first), new)
        }
        CaseCommand::List(args) => list(session, &args),
        CaseCommand::Show(args) => case_show::show(session, &args),
        CaseCommand::History { code, reveal } => case_show::history(session, &code, reveal),
        CaseCommand::Search { text, open } => {
            let text = input::private(session, cx, text, "What to look for")?;
            search::cases(session, &text, open)
        }
        CaseCommand::Duplicates { code } => search::duplicates(session, code.as_deref()),
        other => case_edit::run(session, cx, other),
    }
}

/// Opens a case: what was left out is asked for at a terminal.
fn open(session: &mut Session, cx: &Cx<'_>, how: Opened, args: NewArgs) -> Result<Output> {
    let practice = session.practice();
    for (given, what) in [(&args.child_name, "The child's name"), (&args.community, "The home community")] {
        input::check_private(practice, cx, given.as_deref(), what)?;
    }
    case_edit::check_sets(session, cx, &args.sets)?;
    // Only a person who left the concern out wants to be asked about the rest.
    let asks = cx.asks && args.concern.is_none();
    let asked = |given: Option<String>, what: &str| match given {
        None if asks => input::ask(&format!("{what} (Enter: not known)")),
        Some(dash) if dash == "-" => input::text(cx, Some(dash), what),
        given => Ok(given.unwrap_or_default()),
    };
    let concern = match (args.concern, &how) {
        (None, Opened::Quick) if !cx.asks => String::new(),
        (given, _) => input::text(cx, given, "Concern")?,
    };
    let risk = asked(args.risk, "Risk: high, medium, low or unassessed")?;
    let child = asked(args.child_name, "Child's name")?;
    let community = asked(args.community, "Home community")?;
    let touches = asked(
        (!args.touches_team.is_empty()).then(|| args.touches_team.join(",")),
        "Does it touch somebody on the team? Handles of those who may read it",
    )?;
    let typed = [
        (Field::CaseConcern, concern),
        (Field::CaseRisk, risk),
        (Field::CaseReported, args.reported.unwrap_or_default()),
        (Field::CaseChildName, child),
        (Field::CaseDob, args.dob.unwrap_or_default()),
        (Field::CaseSex, args.sex.unwrap_or_default()),
        (Field::CaseCommunity, community),
        (Field::CaseLead, args.lead.unwrap_or_default()),
        (Field::CaseChannel, args.channel.unwrap_or_default()),
    ];
    let mut values = Vec::new();
    for (field, text) in typed {
        let value = find::value(session, field, &text)?;
        if !value.is_nothing() {
            values.push((field, value));
        }
    }
    values.extend(find::sets(session, ItemKind::Case, &args.sets)?);
    let restricted_to = restricted(session, &touches, &values)?;
    let followup = !args.no_followup && how != Opened::Quick;
    let sibling_of = if let Opened::SiblingOf(first) = how { Some(first) } else { None };
    let likely = search::likely(session, cx, &values, sibling_of);
    let done = session.run(CaseOpen { how, values, restricted_to, followup })?;
    search::tell_likely(session, &likely);
    if asks {
        output::note(&done.says);
    }
    let mut output = case_edit::codes(session, &done.made[..1]);
    let planned =
        done.made.iter().filter(|it| session.state().item(**it).is_some_and(|it| it.kind == ItemKind::FollowUp));
    output.json["likely"] = search::likely_json(session, &likely);
    output.json["followups"] = planned.map(|it| shapes::made(session, *it)).collect();
    Ok(output)
}

/// Who may read a case that touches somebody on the team: those named, who must be able to unlock, and the writer.
fn restricted(session: &Session, handles: &str, values: &[(Field, Value)]) -> Result<Vec<ItemId>> {
    let handles: Vec<&str> = handles.split(',').map(str::trim).filter(|handle| !handle.is_empty()).collect();
    if handles.is_empty() {
        return Ok(Vec::new());
    }
    let mut chosen = vec![session.me()];
    for handle in handles {
        let member = find::member(session, handle)?;
        if !session.participants().contains(&member) {
            return Err(AppError::new(
                Kind::Refused,
                format!("{handle} can't unlock this vault, so the case can't be kept for them."),
                "Choose participants: `mahoe vault info` lists them.",
            ));
        }
        chosen.push(member);
    }
    let lead = values.iter().rev().find(|(field, _)| *field == Field::CaseLead).and_then(|(_, lead)| lead.as_item());
    if lead.is_some_and(|lead| !chosen.contains(&lead)) {
        return Err(AppError::new(
            Kind::Refused,
            "The lead is not among those who may read the case.",
            "Name them with --touches-team too, or choose another lead.",
        ));
    }
    Ok(chosen)
}

fn list(session: &mut Session, args: &ListArgs) -> Result<Output> {
    let stage = args.stage.as_deref().map(|stage| find::choice(session, "stage", stage)).transpose()?;
    let risk = args.risk.as_deref().map(|risk| find::choice(session, "risk", risk)).transpose()?;
    let late = |case: ItemId| session.due_in(case).first().is_some_and(|due| due.bucket == Bucket::Late);
    let state = session.state();
    let mut cases: Vec<Case<'_>> = state
        .items(ItemKind::Case)
        .map(Case)
        .filter(|case| args.all || case.is_open() != args.closed)
        .filter(|case| stage.as_deref().is_none_or(|stage| at_stage(*case, stage)))
        .filter(|case| risk.as_deref().is_none_or(|risk| case.risk().code() == risk))
        .filter(|case| !args.overdue || late(case.0.id))
        .filter(|case| !args.mine || case.lead() == Some(session.me()))
        .collect();
    cases.sort_by_key(|case| (!case.is_open(), case.risk(), case.reported(), case.0.id));
    let day = session.today_date();
    let mut table = Table::new(&["Case", "Risk", "Stage", "Lead", "Next", "Concern"], 5);
    let mut items = Vec::with_capacity(cases.len());
    for case in cases {
        let veil = Veil::new(session, Some(case.0.id), false);
        items.push(shapes::case(session, case, &veil));
        let next = session.due_in(case.0.id);
        let next = next.first().map(|due| words::due(due.day(), None, day));
        table.row([
            words::code(session, case.0.id),
            words::risk(case.risk()).to_owned(),
            words::stage(session, case),
            crate::domain::views::owner_name(state, case.lead()).into_owned(),
            if case.is_open() { next.unwrap_or_default() } else { "closed".to_owned() },
            veil.text(case.concern()),
        ]);
    }
    let mut text = table.render(output::width(), "No case here. `mahoe case new` opens one.");
    let hidden = session.restricted_cases();
    if hidden > 0 {
        let more = words::count(hidden, "case is", "cases are");
        text = format!("{text}\n{more} only for others.");
    }
    Ok(Output::list(text, items))
}

fn at_stage(case: Case<'_>, stage: &str) -> bool {
    case.stage() == stage || case.0.value(Field::CaseTracks).as_codes().iter().any(|track| **track == *stage)
}
