//! `bundle`: what is sent to other teams, and what comes from them.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value as Json, json};

use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::item::Item;
use crate::domain::value::Value;
use crate::error::{AppError, Kind, Result};
use crate::ops::BundleUndo;
use crate::session::Session;
use crate::session::exchange::{Aside, CasePlan, ImportPlan, Line, Preview, Sent, Since, Trust, Views, Wish};

use super::super::output::{self, Output, Table};
use super::super::{Cx, find, input, open, words};
use super::bundle_file::Place;
use super::case_edit::done;
use super::{bundle_kinds, peer};

/// `bundle`.
#[derive(Debug, Subcommand)]
pub enum BundleCommand {
    /// Send a case, what is new in shared cases, an answer, introductions, figures, a request to destroy, a paper for
    /// one person, or a sync to your own devices
    Export(ExportArgs),
    /// Open a bundle and say what taking it in would do; nothing is changed
    Inspect {
        /// The bundle
        file: PathBuf,
    },
    /// Take a bundle in
    Import(BundleImportArgs),
    /// Bundles that were sent and received
    List {
        /// Remove files from the outbox that never went on record because mahoe was cut off.
        #[arg(long)]
        tidy: bool,
    },
    /// What is kept of one bundle: when it went, and its figures
    Show {
        /// The beginning of its number, as `bundle list` shows it
        id: String,
    },
    /// Set aside what a bundle brought
    Undo {
        /// The beginning of its number, as `bundle list` shows it
        id: String,
        /// Take it back from there: what it brought counts again
        #[arg(long)]
        back: bool,
    },
}

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SendKind {
    /// A case or a part of it: they are asked for something
    Refer,
    /// A case is handed over
    Transfer,
    /// What is new in cases that are shared already
    Update,
    /// The answer to a bundle that came
    Receipt,
    /// What the team's other devices lack, by what they told; no --to
    Sync,
    /// Cards of teams that you know, for a team that may not know them
    Cards,
    /// Numbers of a whole year (--year), none of which can point at a child
    Statistics,
    /// The request to destroy what was struck here and they were sent
    Strike,
    /// A text (--paper) for a member of your team who has given their own card (--to NAME)
    Paper,
}

/// Which of the child's own words leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TellViews {
    /// What the child said that they may be told
    Agreed,
    /// Also what the child wanted to be asked about first: they were asked now, and agree
    Asked,
    /// Also what the child wanted nobody to be told; it is on record
    All,
}

impl From<TellViews> for Views {
    fn from(tell: TellViews) -> Self {
        match tell {
            TellViews::Agreed => Self::Agreed,
            TellViews::Asked => Self::Asked,
            TellViews::All => Self::All,
        }
    }
}

/// `bundle export`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
pub struct ExportArgs {
    /// The team: its name or its parish
    #[arg(long, value_name = "PEER")]
    pub to: Option<String>,
    /// What is sent
    #[arg(long, value_enum)]
    pub kind: SendKind,
    /// The case; an update without one carries every case that is shared with them
    #[arg(long, value_name = "CODE")]
    pub case: Option<String>,
    /// Which kinds of data leave: a profile of the policy
    #[arg(long, value_name = "NAME", default_value = "parish-partner")]
    pub profile: String,
    /// Keep single things back: codes of actions, follow-ups or notes
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub keep_back: Vec<String>,
    /// Which of the child's own words leave with a profile that has them: agreed (what the child said that they may be
    /// told), asked (the child was asked now, and agrees), all
    #[arg(long, value_enum, default_value = "agreed")]
    pub views: TellViews,
    /// What they are asked for
    #[arg(long, value_name = "TEXT")]
    pub service: Option<String>,
    /// high, normal or low; from the risk, if left out
    #[arg(long, value_name = "URGENCY")]
    pub urgency: Option<String>,
    /// Why it is sent
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// The law asks for this report: no consent is needed
    #[arg(long)]
    pub mandatory: bool,
    /// Send although consent is missing, or nobody compared words: a coordinator's reason, kept on record
    #[arg(long = "override", value_name = "REASON")]
    pub override_reason: Option<String>,
    /// For a receipt: the beginning of the number of the bundle that it answers
    #[arg(long, value_name = "ID")]
    pub answers: Option<String>,
    /// For a sync: everything, whatever the other devices told
    #[arg(long)]
    pub all: bool,
    /// For cards: the teams to introduce, by name or parish; all that you know, if left out
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub card: Vec<String>,
    /// For statistics: the calendar year, which must be over
    #[arg(long, value_name = "YEAR")]
    pub year: Option<u16>,
    /// For statistics: put them on record for another person to release; nothing leaves
    #[arg(long, conflicts_with = "out")]
    pub prepare: bool,
    /// For statistics: nobody else leads the team, and you release what you prepared; the bundle says so
    #[arg(long)]
    pub alone: bool,
    /// For a paper: the text, a file or - for standard input
    #[arg(long, value_name = "FILE|-")]
    pub paper: Option<String>,
    /// Only say what would leave and what would stay
    #[arg(long)]
    pub dry_run: bool,
    /// Write the bundle into this file
    #[arg(short, long, value_name = "FILE", required_unless_present_any = ["dry_run", "prepare"])]
    pub out: Option<PathBuf>,
}

/// `bundle import`.
#[derive(Debug, Args)]
pub struct BundleImportArgs {
    /// The bundle
    pub file: PathBuf,
    /// Take it in without asking
    #[arg(long)]
    pub yes: bool,
    /// Take in these cases only
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub case: Vec<String>,
    /// Of the teams that it introduces take only these, by name or parish
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub card: Vec<String>,
    /// Write the receipt into this file as well; it is in the outbox anyway
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
}

/// Runs a command of the family.
///
/// # Errors
/// As the session's.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: BundleCommand) -> Result<Output> {
    match command {
        BundleCommand::Export(args) => export(session, cx, &args),
        BundleCommand::Inspect { file } => {
            let place = Place::of(session, &file);
            if place.is_sync(session)? {
                let bytes = place.bytes(session)?;
                return inspect_sync(session, &bytes);
            }
            let opened = place.open(session)?;
            let plan = session.plan_import(&opened)?;
            Ok(Output::new(plan_text(session, &plan), plan_json(session, &plan)))
        }
        BundleCommand::Import(args) => import(session, cx, &args),
        BundleCommand::List { tidy } => {
            let gone = if tidy { session.drop_unrecorded()? } else { 0 };
            let out = list(session);
            let says = || format!("{} removed from the outbox.", words::count(gone, "file was", "files were"));
            Ok(if gone > 0 { out.after(&says()) } else { out })
        }
        BundleCommand::Show { id } => {
            let bundle = bundle(session, &id)?;
            Ok(bundle_kinds::show(session, bundle))
        }
        BundleCommand::Undo { id, back } => {
            let bundle = bundle(session, &id)?;
            done(session.run(BundleUndo { bundle, back }))
        }
    }
}

fn export(session: &mut Session, cx: &Cx<'_>, args: &ExportArgs) -> Result<Output> {
    if args.kind == SendKind::Sync {
        return export_sync(session, args);
    }
    if let Some(output) = bundle_kinds::export(session, cx, args)? {
        return Ok(output);
    }
    let to = args.to.as_deref().ok_or_else(|| {
        AppError::new(Kind::Usage, "Whom is it for?", "Name the team with --to; `mahoe peer list` shows them.")
    })?;
    let peer = peer::find(session, to)?;
    let case = args.case.as_deref().map(|code| find::case(session, code)).transpose()?;
    let keep_back = args.keep_back.iter().map(|code| find::any(session, code)).collect::<Result<Vec<ItemId>>>()?;
    let urgency = args.urgency.as_deref().map(|text| find::choice(session, "priority", text)).transpose()?;
    let wish = Wish {
        peer: Some(peer),
        case,
        profile: args.profile.clone(),
        keep_back,
        let_go: Vec::new(),
        views: args.views.into(),
        category: find::service_kind(session, args.service.as_deref().unwrap_or_default()),
        service: args.service.clone().unwrap_or_default(),
        urgency: urgency.unwrap_or_default(),
        reason: args.reason.clone().unwrap_or_default(),
        mandatory: args.mandatory,
        alone: false,
        override_reason: args.override_reason.clone().unwrap_or_default(),
    };
    let transfer = args.kind == SendKind::Transfer;
    if args.dry_run {
        if !matches!(args.kind, SendKind::Refer | SendKind::Transfer) {
            return Err(AppError::new(
                Kind::Usage,
                "Only a referral or a transfer has a preview.",
                "An update or a receipt carries what they may see already.",
            ));
        }
        let preview = session.preview_referral(&wish, transfer)?;
        return Ok(Output::new(preview_text(&preview), preview_json(&preview)));
    }
    let sent = match args.kind {
        SendKind::Refer | SendKind::Transfer => session.refer(&wish, transfer)?,
        SendKind::Receipt => {
            let answers = args.answers.as_deref().ok_or_else(|| {
                AppError::new(
                    Kind::Usage,
                    "Which bundle does the receipt answer?",
                    "Give its number with --answers; `mahoe bundle list` shows it.",
                )
            })?;
            let bundle = bundle(session, answers)?;
            session.receipt(bundle)?
        }
        _ => session.update(&wish)?,
    };
    hand_over(args, &sent)
}

/// Writes a bundle that was made into the file that was asked for.
pub(super) fn hand_over(args: &ExportArgs, sent: &Sent) -> Result<Output> {
    let out = args.out.as_deref().expect("clap asks for it unless it is a dry run");
    write(out, sent)?;
    let text = format!("{} It is also in {}.", sent.says, out.display());
    Ok(Output::new(
        text,
        json!({ "id": sent.id.to_string(), "file": out.display().to_string(), "bytes": sent.bytes.len() }),
    ))
}

/// What the team's other devices lack. Nothing of it is recorded, and it waits in no outbox: the next one carries it
/// again until they told that they have it.
fn export_sync(session: &mut Session, args: &ExportArgs) -> Result<Output> {
    let (Some(out), None, None) = (&args.out, &args.to, &args.case) else {
        return Err(AppError::new(
            Kind::Usage,
            "A sync goes to your own devices, with everything they lack.",
            "Use: mahoe bundle export --kind sync -o FILE",
        ));
    };
    let made = session.sync_bundle(if args.all { Since::Beginning } else { Since::Told })?;
    write_file(out, &made.bytes, "Nothing was handed over: try another place.")?;
    let json = json!({
        "id": made.id.to_string(), "file": out.display().to_string(), "bytes": made.bytes.len(), "entries": made.entries,
    });
    Ok(Output::new(format!("{} It is in {}.", made.says, out.display()), json))
}

/// What a sync is: from which device, how much of it is new, and what of it would count for nothing.
fn inspect_sync(session: &mut Session, bytes: &[u8]) -> Result<Output> {
    let plan = session.inspect_sync(bytes)?;
    let device: String = plan.device.to_string().chars().take(8).collect();
    let whose =
        if plan.member.is_empty() { "a device that is new here".to_owned() } else { clean::line_owned(&plan.member) };
    let mut text = format!(
        "A sync of your own team, made by device {device} ({whose}) on {}.\n{} in it, {} new here.",
        words::moment(plan.made),
        words::count(plan.entries, "entry", "entries"),
        plan.new
    );
    if plan.keys {
        text.push_str("\nIt brings newer keys of the team.");
    }
    for aside in &plan.aside {
        let _ = write!(text, "\n{}", aside.says());
    }
    let left_out = plan.left_out + plan.unbelieved;
    if left_out > 0 {
        let _ = write!(
            text,
            "\n{} whose writer is not known here would be left out.",
            words::count(left_out, "entry", "entries")
        );
    }
    let json = json!({
        "kind": "sync", "id": plan.id.to_string(), "device": plan.device.to_string(),
        "member": (!plan.member.is_empty()).then_some(&plan.member), "made": plan.made.to_rfc3339(),
        "entries": plan.entries, "new": plan.new, "left_out": left_out, "keys": plan.keys, "aside": aside_json(&plan.aside),
    });
    Ok(Output::new(text, json))
}

fn aside_json(aside: &[Aside]) -> Vec<Json> {
    aside.iter().map(|aside| json!({ "who": aside.who, "what": aside.what, "says": aside.says() })).collect()
}

fn import_sync(session: &mut Session, bytes: &[u8], name: &str) -> Result<Output> {
    let taken = session.take_sync(bytes)?;
    session.leave_inbox(name)?;
    let json = json!({
        "kind": "sync", "entries": taken.entries, "waiting": taken.waiting, "left_out": taken.left_out,
        "forks": taken.forks, "aside": aside_json(&taken.aside), "unbelieved": taken.unbelieved,
    });
    Ok(Output::new(taken.says, json))
}

fn write(out: &Path, sent: &Sent) -> Result<()> {
    write_file(out, &sent.bytes, "The bundle is in the vault's outbox: `mahoe relay push` carries it.")
}

/// Writes a file beside its name first, so that a half-written one is never taken for whole. `hint` is for a disk that
/// refuses.
pub(super) fn write_file(out: &Path, bytes: &[u8], hint: &str) -> Result<()> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut name = out.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    let part = folder.join(name);
    // Never through what somebody left there: a link leads anywhere.
    let _ = std::fs::remove_file(&part);
    let written = std::fs::File::create_new(&part).and_then(|mut file| {
        std::io::Write::write_all(&mut file, bytes)?;
        file.sync_all()
    });
    written.and_then(|()| std::fs::rename(&part, out)).map_err(|error| {
        let _ = std::fs::remove_file(&part);
        let error = open::io(&format!("write {}", out.display()), &error);
        AppError::new(error.kind, error.message, hint)
    })
}

fn import(session: &mut Session, cx: &Cx<'_>, args: &BundleImportArgs) -> Result<Output> {
    let place = Place::of(session, &args.file);
    if place.is_sync(session)? {
        // It is the team's own, and adds: there is nothing to decide.
        let bytes = place.bytes(session)?;
        return import_sync(session, &bytes, &place.name());
    }
    let mut opened = place.open(session)?;
    let plan = session.plan_import(&opened)?;
    bundle_kinds::choose(&mut opened, &plan, &args.card)?;
    if !args.yes && !agreed(session, cx, &plan)? {
        return Ok(Output::said("Nothing was taken in; the file is where it was."));
    }
    let chosen = chosen(&args.case, &plan)?;
    let taken = session.import_arrived(&place.name(), &opened, chosen.as_ref())?;
    if taken.rest {
        place.keep(session)?;
    }
    let mut json = plan_json(session, &plan);
    json["imported"] = json!({ "entries": taken.imported.entries, "says": taken.imported.says });
    json["receipt"] = taken.receipt.as_ref().map_or(Json::Null, |receipt| json!(receipt.id.to_string()));
    if let (Some(file), Some(receipt)) = (&args.receipt, &taken.receipt) {
        write(file, receipt)?;
    }
    let mut text = taken.says;
    for referral in &taken.imported.to_answer {
        let _ = write!(
            text,
            "\nThey wait for an answer to {0}: `mahoe referral accept {0}`.",
            words::code(session, *referral)
        );
    }
    json["to_answer"] = taken.imported.to_answer.iter().map(|item| json!(words::code(session, *item))).collect();
    json["rest"] = json!(taken.rest);
    Ok(Output::new(text, json))
}

/// Shows the plan, and asks.
fn agreed(session: &Session, cx: &Cx<'_>, plan: &ImportPlan) -> Result<bool> {
    if !(cx.asks && input::is_terminal()) {
        return Err(AppError::new(
            Kind::Refused,
            "Nothing was taken in: nobody said yes.",
            "Read what `mahoe bundle inspect` says of it, then add --yes.",
        ));
    }
    output::raw(&crate::domain::clean::shown(&plan_text(session, plan)))?;
    let answer = input::ask("Take it in? (yes or no)")?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}

/// The streams of the cases that were named; `None` for all.
fn chosen(codes: &[String], plan: &ImportPlan) -> Result<Option<HashSet<StreamId>>> {
    if codes.is_empty() {
        return Ok(None);
    }
    let mut streams = HashSet::new();
    for code in codes {
        let same = |case: &&CasePlan| case.code.eq_ignore_ascii_case(code);
        let Some(case) = plan.cases.iter().find(same) else {
            let all: Vec<&str> = plan.cases.iter().map(|case| case.code.as_str()).collect();
            return Err(AppError::new(
                Kind::Refused,
                format!("The bundle holds no case {code}."),
                format!("It holds: {}.", all.join(", ")),
            ));
        };
        streams.insert(case.stream);
    }
    Ok(Some(streams))
}

/// A bundle by the beginning of its number.
fn bundle(session: &Session, id: &str) -> Result<ItemId> {
    let wanted = id.trim().to_lowercase();
    let found: Vec<ItemId> = session
        .state()
        .items(ItemKind::Bundle)
        .filter(|item| wanted.len() >= 4 && item.str(Field::BundleId).starts_with(&wanted))
        .map(|item| item.id)
        .collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(AppError::new(
            Kind::Refused,
            "There is no bundle with this number.",
            "Give at least its first four characters, as `mahoe bundle list` shows them.",
        )),
        _ => Err(AppError::new(Kind::Refused, "This can mean several bundles.", "Give more of its number.")),
    }
}

fn list(session: &Session) -> Output {
    let owed = session.owed_receipts();
    let mut bundles: Vec<&Item> = session.state().items(ItemKind::Bundle).collect();
    bundles.sort_by_key(|item| (item.value(Field::BundleMade).as_when(), item.id));
    let mut table = Table::new(&["Number", "", "Kind", "Team", "Cases", "Made", "Answer"], 4);
    let mut items = Vec::new();
    for item in bundles {
        let ours = item.value(Field::BundleOurs) == Value::YesNo(true);
        let team = item.value(Field::BundlePeer).as_item().and_then(|peer| session.peer(peer).ok());
        let team = team.map_or_else(|| "a team that was removed".to_owned(), |peer| peer.name);
        let cases: Vec<String> = item
            .str(Field::BundleCases)
            .split_whitespace()
            .filter_map(StreamId::from_hex)
            .map(|stream| words::code(session, stream.item()))
            .collect();
        let made = item.value(Field::BundleMade).as_when();
        let aside = item.value(Field::BundleSetAside) == Value::YesNo(true);
        let receipt = item.value(Field::BundleReceipt).as_when();
        let answer = match (ours, aside, receipt) {
            (_, true, _) => "set aside".to_owned(),
            (true, _, Some(when)) => format!("came {}", words::moment(when)),
            (true, _, None) if item.str(Field::BundleKind) != "receipt" => "awaited".to_owned(),
            (false, ..) if owed.contains(&item.id) => "receipt owed".to_owned(),
            _ => String::new(),
        };
        items.push(json!({
            "id": item.str(Field::BundleId), "sent": ours, "kind": item.str(Field::BundleKind), "team": team,
            "cases": cases, "made": made.map(|when| when.to_rfc3339()), "number": item.value(Field::BundleLane).as_number(),
            "receipt": receipt.map(|when| when.to_rfc3339()), "set_aside": aside, "receipt_owed": owed.contains(&item.id),
        }));
        table.row([
            item.str(Field::BundleId).chars().take(8).collect(),
            if ours { "to" } else { "from" }.to_owned(),
            item.str(Field::BundleKind).to_owned(),
            team,
            cases.join(" "),
            made.map(words::moment).unwrap_or_default(),
            answer,
        ]);
    }
    let mut text = table.render(output::width(), "No bundle was sent or received yet.");
    if !owed.is_empty() {
        text.push_str(
            "\nA receipt that is owed: mahoe bundle export --kind receipt --answers NUMBER --to TEAM -o FILE",
        );
    }
    let lost = session.outbound().iter().filter(|bundle| !bundle.recorded).count();
    if lost > 0 {
        let files = words::count(lost, "file lies", "files lie");
        let _ = write!(
            text,
            "\n{files} in the outbox that never went on record, because mahoe was cut off: they count as not sent, so send \
             again. `mahoe bundle list --tidy` removes them."
        );
    }
    Output::list(text, items)
}

fn preview_text(preview: &Preview) -> String {
    let mut text = format!("Case {}\n{}\n", preview.code, preview.readers);
    let mut lines = |title: &str, lines: &[Line], sign: &str| {
        text.push_str(title);
        for line in lines {
            let _ = writeln!(text, "  {sign} {}", line.what);
        }
    };
    lines("Leaves\n", &preview.leaves, "√");
    lines("Stays here\n", &preview.stays, "×");
    for remark in &preview.remarks {
        let _ = writeln!(text, "! {remark}.");
    }
    if preview.show_as_existing > 0 {
        let _ = writeln!(
            text,
            "{} show as existing, without their words.",
            words::count(preview.show_as_existing, "entry", "entries")
        );
    }
    text
}

fn preview_json(preview: &Preview) -> Json {
    let lines = |lines: &[Line]| -> Vec<Json> {
        lines
            .iter()
            .map(|line| json!({ "class": line.class.name(), "what": line.what, "count": line.items.len() }))
            .collect()
    };
    json!({
        "case": preview.code, "leaves": lines(&preview.leaves), "stays": lines(&preview.stays),
        "show_as_existing": preview.show_as_existing, "readers": preview.readers,
        "remarks": preview.remarks,
    })
}

fn plan_text(session: &Session, plan: &ImportPlan) -> String {
    let trust = match &plan.trust {
        Trust::Verified(..) => "verified",
        Trust::Unverified => "not verified",
        Trust::Unknown => "not in your list",
    };
    let mut text = format!(
        "From {} ({trust}) · {} · number {} · {}\n",
        plan.from,
        plan.kind,
        plan.number,
        words::moment(plan.made)
    );
    if let Some(why) = &plan.blocked {
        let _ = writeln!(text, "{why}");
    }
    if plan.nothing_new {
        text.push_str("Everything in it is here already.\n");
    }
    for case in &plan.cases {
        let what = if case.new { "new case" } else { "changed" };
        let _ = writeln!(text, "{what} {}  {}", case.code, case.state);
        for line in &case.changes {
            let _ = writeln!(text, "    {line}");
        }
        for line in &case.conflicts {
            let _ = writeln!(text, "    conflict: {line}");
        }
        for other in &case.same_child {
            let _ = writeln!(text, "    may be the same child as case {}", words::code(session, *other));
        }
        if case.withheld > 0 {
            let _ = writeln!(text, "    {} came without their words", words::count(case.withheld, "entry", "entries"));
        }
    }
    for line in plan.tells() {
        let _ = writeln!(text, "{line}");
    }
    for check in &plan.checks {
        let _ = writeln!(text, "please check: {check}");
    }
    if !plan.note.is_empty() {
        let _ = writeln!(text, "They say: {}", plan.note);
    }
    text
}

fn plan_json(session: &Session, plan: &ImportPlan) -> Json {
    let cases: Vec<Json> = plan
        .cases
        .iter()
        .map(|case| {
            json!({
                "case": case.code, "new": case.new, "changes": case.changes, "conflicts": case.conflicts,
                "withheld": case.withheld,
                "same_child": case.same_child.iter().map(|other| words::code(session, *other)).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "id": plan.id, "kind": plan.kind, "from": plan.from, "number": plan.number, "made": plan.made.to_rfc3339(),
        "trust": match &plan.trust { Trust::Verified(..) => "verified", Trust::Unverified => "unverified", Trust::Unknown => "unknown" },
        "cases": cases, "checks": plan.checks, "blocked": plan.blocked, "nothing_new": plan.nothing_new,
        "introduced": bundle_kinds::introduced(plan), "figures": plan.figures.as_ref().map(bundle_kinds::figures),
        "strikes": bundle_kinds::strikes(session, plan),
    })
}
