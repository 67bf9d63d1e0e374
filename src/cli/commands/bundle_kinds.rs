//! Bundles that carry no case: introductions, figures, requests to destroy, papers for one person.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::bundle::statistics::{Figures, LEAST};
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::views::owner_name;
use crate::error::{AppError, Kind, Result};
use crate::session::Session;
use crate::session::exchange::{CardStanding, ImportPlan, Opened, Release, Wish, kept_figures};

use super::super::output::Output;
use super::super::{Cx, find, input, open, words};
use super::bundle::{ExportArgs, SendKind, hand_over, write_file};
use super::peer;

/// The longest text of a paper that is read from a file, in bytes.
const MAX_TEXT: u64 = crate::bundle::paper::MAX_TEXT;

/// Makes what carries no case; `None` for the other kinds.
pub(super) fn export(session: &mut Session, cx: &Cx<'_>, args: &ExportArgs) -> Result<Option<Output>> {
    let asked = matches!(args.kind, SendKind::Cards | SendKind::Statistics | SendKind::Strike | SendKind::Paper);
    if !asked {
        return Ok(None);
    }
    if args.prepare {
        return prepare(session, args).map(Some);
    }
    if args.kind == SendKind::Statistics && args.dry_run {
        let release = session.figures(year(args)?)?;
        return Ok(Some(Output::new(release_text(&release), release_json(&release))));
    }
    if args.dry_run {
        return Err(AppError::new(
            Kind::Usage,
            "This kind has no preview.",
            "It carries what you name; `mahoe bundle inspect` shows it to whoever gets it.",
        ));
    }
    let to = args.to.as_deref().ok_or_else(|| {
        AppError::new(Kind::Usage, "Whom is it for?", "Name the team, or for a paper the member, with --to.")
    })?;
    if args.kind == SendKind::Paper {
        return paper(session, cx, args, to).map(Some);
    }
    let wish = Wish {
        peer: Some(peer::find(session, to)?),
        case: args.case.as_deref().map(|code| find::case(session, code)).transpose()?,
        override_reason: args.override_reason.clone().unwrap_or_default(),
        alone: args.alone,
        ..Wish::default()
    };
    let sent = match args.kind {
        SendKind::Cards => {
            let teams = args.card.iter().map(|name| peer::find(session, name)).collect::<Result<Vec<ItemId>>>()?;
            session.introduce_teams(&wish, &teams)?
        }
        SendKind::Statistics => session.send_figures(&wish, year(args)?)?,
        _ => session.ask_to_strike(&wish)?,
    };
    hand_over(args, &sent).map(Some)
}

/// Puts the figures of a year on record, for another person to release.
fn prepare(session: &mut Session, args: &ExportArgs) -> Result<Output> {
    if args.kind != SendKind::Statistics {
        return Err(AppError::new(
            Kind::Usage,
            "Only figures are prepared.",
            "Leave --prepare out, or use --kind statistics.",
        ));
    }
    let year = year(args)?;
    let says = session.prepare_figures(year)?;
    let release = session.figures(year)?;
    let mut json = release_json(&release);
    json["done"] = json!(says);
    Ok(Output::new(format!("{}\n{says}", release_text(&release)), json))
}

fn year(args: &ExportArgs) -> Result<u16> {
    args.year.ok_or_else(|| AppError::new(Kind::Usage, "Of which year?", "Give a year that is over: --year 2025."))
}

fn paper(session: &mut Session, cx: &Cx<'_>, args: &ExportArgs, to: &str) -> Result<Output> {
    let member = find::member(session, to)?;
    let about = args.case.as_deref().map(|code| find::case(session, code)).transpose()?;
    let text = match args.paper.as_deref() {
        None => {
            return Err(AppError::new(
                Kind::Usage,
                "What stands on the paper?",
                "Give a text file with --paper FILE, or - for standard input: mahoe action slip NAME | mahoe bundle …",
            ));
        }
        Some("-") => input::text(cx, Some("-".to_owned()), "The paper")?,
        Some(file) => text_of(Path::new(file))?,
    };
    let made = session.seal_paper(member, &text, about)?;
    let out = args.out.as_deref().expect("clap asks for it unless it is a dry run");
    write_file(out, &made.bytes, "Nothing was handed over: try another place.")?;
    let json = json!({ "id": made.id.to_string(), "file": out.display().to_string(), "bytes": made.bytes.len() });
    Ok(Output::new(format!("{} It is in {}.", made.says, out.display()), json))
}

fn text_of(file: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(MAX_TEXT + 1).read_to_end(&mut bytes))
        .map_err(|error| open::io(&format!("read {}", file.display()), &error))?;
    String::from_utf8(bytes).map_err(|_| {
        AppError::new(
            Kind::Usage,
            format!("{} is no UTF-8 text.", file.display()),
            "A paper holds text: a plain or a Markdown file. Save it as UTF-8, then try again.",
        )
    })
}

/// Of the teams that a bundle introduces keeps only those that were named.
pub(super) fn choose(opened: &mut Opened, plan: &ImportPlan, named: &[String]) -> Result<()> {
    if named.is_empty() {
        return Ok(());
    }
    let mut chosen = BTreeSet::new();
    for name in named {
        let wanted = name.trim().to_lowercase();
        let parish = crate::domain::parish::Parish::parse(name).ok().map(|parish| parish.number);
        let fits = |team: &&crate::session::exchange::Introduced| {
            team.name.to_lowercase() == wanted || parish == Some(team.parish.number)
        };
        let found: Vec<_> = plan.introduced.iter().filter(fits).collect();
        let [team] = found.as_slice() else {
            let all: Vec<&str> = plan.introduced.iter().map(|team| team.name.as_str()).collect();
            return Err(AppError::new(
                Kind::Refused,
                format!("The bundle introduces no single team called \"{}\".", super::super::output::cut(name, 40)),
                format!("It introduces: {}.", if all.is_empty() { "nobody".to_owned() } else { all.join(", ") }),
            ));
        };
        chosen.insert(team.root);
    }
    opened.choose_cards(chosen);
    Ok(())
}

/// What is kept of one bundle.
pub(super) fn show(session: &Session, bundle: ItemId) -> Output {
    let Some(item) = session.state().item(bundle) else { return Output::said("") };
    let kept = kept_figures(item);
    let made = item.value(Field::BundleMade).as_when().map(words::moment).unwrap_or_default();
    let mut text = format!("{}  {} · {made}", item.str(Field::BundleId), item.str(Field::BundleKind));
    let note = item.str(Field::BundleNote);
    if !note.is_empty() {
        let _ = write!(text, "\n{note}");
    }
    let prepared = item.value(Field::BundlePrepared).as_item();
    let prepared = prepared.map(|by| owner_name(session.state(), Some(by)).into_owned());
    if let Some(name) = &prepared {
        let _ = write!(text, "\nPrepared by {name}.");
    }
    if let Some(figures) = &kept {
        let _ = write!(text, "\n{}", figures_text(figures));
    }
    let json = json!({
        "id": item.str(Field::BundleId), "kind": item.str(Field::BundleKind), "note": note,
        "figures": kept.as_ref().map(figures), "prepared": prepared,
    });
    Output::new(text, json)
}

fn figures_text(figures: &Figures) -> String {
    let counts = figures.counts.iter().map(|count| format!("  {:>6}  {}", count.number, count.label()));
    std::iter::once(format!("Figures of {}", figures.year)).chain(counts).collect::<Vec<_>>().join("\n")
}

fn release_text(release: &Release) -> String {
    let mut text = match &release.before {
        Some(when) => format!("Released before, on {}: it leaves again as it was.\n", words::moment(*when)),
        None => String::new(),
    };
    if let (None, Some(prepared)) = (&release.before, &release.prepared) {
        let _ = writeln!(text, "Prepared by {}.", prepared.name);
    }
    if release.figures.counts.is_empty() {
        let _ = write!(
            text,
            "Nothing of {} can leave: every number has fewer than {LEAST} cases behind it, and would point at a child.",
            release.figures.year
        );
        return text;
    }
    let _ = write!(text, "Leaves, and nothing else\n{}", figures_text(&release.figures));
    if !release.left_out.is_empty() {
        let _ = write!(text, "\nToo small to leave");
        for measure in &release.left_out {
            let _ = write!(text, "\n  × {}", measure.label);
        }
    }
    if release.unread > 0 {
        let _ = write!(text, "\nNot counted: {} that you may not read.", words::count(release.unread, "case", "cases"));
    }
    if release.declined > 0 {
        let cases = words::count(release.declined, "case", "cases");
        let _ =
            write!(text, "\nIn no figure: {cases}, because use in reports was refused. Nobody else is told how many.");
    }
    text
}

fn release_json(release: &Release) -> Json {
    json!({
        "figures": figures(&release.figures), "prepared": release.prepared.as_ref().map(|prepared| &prepared.name), "released": release.before.map(|when| when.to_rfc3339()),
        "left_out": release.left_out.iter().map(|measure| measure.name).collect::<Vec<_>>(), "unread": release.unread,
        "declined": release.declined,
    })
}

/// Figures for scripts.
pub(super) fn figures(figures: &Figures) -> Json {
    let counts = figures.counts.iter().map(|count| {
        json!({ "measure": count.measure.name, "group": count.group, "number": count.number, "label": count.label() })
    });
    json!({ "year": figures.year, "counts": counts.collect::<Vec<_>>() })
}

/// The teams that a bundle introduces, for scripts.
pub(super) fn introduced(plan: &ImportPlan) -> Vec<Json> {
    let standing = |meeting: CardStanding| match meeting {
        CardStanding::New => "new",
        CardStanding::Newer => "newer",
        CardStanding::Known => "known",
        CardStanding::Removed => "removed",
        CardStanding::Rival => "alarm",
    };
    let team = |team: &crate::session::exchange::Introduced| {
        json!({
            "name": team.name, "parish": team.parish.to_string(), "standing": standing(team.standing),
            "verified_there": team.verified_there.map(|when| when.to_rfc3339()),
        })
    };
    plan.introduced.iter().map(team).collect()
}

/// What the sender asks to destroy, for scripts.
pub(super) fn strikes(session: &Session, plan: &ImportPlan) -> Vec<Json> {
    let strike = |strike: &crate::session::exchange::AskedStrike| {
        json!({
            "case": words::code(session, strike.case), "entry": strike.entry.to_string(), "by": strike.by,
            "reason": strike.reason, "about": strike.about, "open": strike.is_open(),
        })
    };
    plan.strikes.iter().map(strike).collect()
}
