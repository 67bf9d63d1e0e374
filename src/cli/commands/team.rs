//! `team`: the roster, and who can unlock this vault.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::value::Value;
use crate::domain::views::{Member, owner_name};
use crate::error::{AppError, Kind, Result};
use crate::ops::{AgencyAdd, AgencyEdit, TeamAdd, TeamAway, TeamEdit, TeamLeave};
use crate::session::{NewPerson, Session};
use crate::vault::keys::passphrase::WorkFactor;

use super::super::output::{self, Output, Table};
use super::super::{Cx, find, input, shapes};
use super::case_edit::done;
use super::peer;

/// `team`.
#[derive(Debug, Subcommand)]
pub enum TeamCommand {
    /// Everybody on the team, and every agency
    List {
        /// Those who left, and retired agencies, too
        #[arg(long)]
        all: bool,
    },
    /// Put a person on the roster; prints the name of the handle, or the id
    Add(AddArgs),
    /// Change a member's role
    Role {
        /// The member
        name: String,
        /// coordinator, deputy, champion or observer
        role: String,
    },
    /// Change what the roster says about a member
    Edit {
        /// The member
        name: String,
        /// name, handle, agency, role, phone, email; an empty value clears. May be given several times
        #[arg(long = "set", value_name = "FIELD=VALUE", required = true, num_args = 1..)]
        sets: Vec<String>,
    },
    /// Say that a member is away and who covers
    Away {
        /// The member
        name: String,
        /// The last day away
        #[arg(long, value_name = "DATE")]
        until: String,
        /// The first day away; today, if left out
        #[arg(long, value_name = "DATE")]
        from: Option<String>,
        /// Who covers
        #[arg(long, value_name = "NAME")]
        cover: Option<String>,
    },
    /// Say that a member is back
    Back {
        /// The member
        name: String,
    },
    /// Record that a member left; their name stays on what they wrote
    Remove {
        /// The member
        name: String,
    },
    /// Take the card that a member made with `card new`: papers can be sealed to them
    Card {
        /// The member
        name: String,
        /// The card
        file: PathBuf,
    },
    /// Let a member unlock this vault: they type a passphrase of their own
    Join(JoinArgs),
    /// The agencies to which actions can be given
    #[command(subcommand)]
    Agency(AgencyCommand),
}

/// `team agency`.
#[derive(Debug, Subcommand)]
pub enum AgencyCommand {
    /// Add an agency
    Add {
        /// Its short code
        code: String,
        /// Its name
        #[arg(long, default_value = "")]
        name: String,
        /// Its kind in the policy
        #[arg(long, default_value = "")]
        kind: String,
    },
    /// Change what the list says about an agency
    Edit {
        /// Its code or name
        code: String,
        /// code, name, kind, phone, contact; an empty value clears. May be given several times
        #[arg(long = "set", value_name = "FIELD=VALUE", required = true, num_args = 1..)]
        sets: Vec<String>,
    },
    /// Give an agency nothing new to do; its name stays on what it did
    Retire {
        /// Its code or name
        code: String,
    },
    /// Bring a retired agency back
    Back {
        /// Its code or name
        code: String,
    },
}

/// `team add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// Their name as the team knows it
    pub name: String,
    /// coordinator, deputy, champion or observer
    #[arg(long, default_value = "champion")]
    pub role: String,
    /// Their agency's code
    #[arg(long, value_name = "CODE")]
    pub agency: Option<String>,
    /// A short name: small letters, digits, dots, dashes
    #[arg(long)]
    pub handle: Option<String>,
    /// Their telephone
    #[arg(long)]
    pub phone: Option<String>,
    /// Their e-mail
    #[arg(long)]
    pub email: Option<String>,
}

/// `team join`.
#[derive(Debug, Args)]
pub struct JoinArgs {
    /// The member
    pub name: String,
    /// What they type at unlock, seen by whoever sees the folder; the roster's, if left out
    #[arg(long)]
    pub handle: Option<String>,
    /// A file that holds their passphrase (the variable MAHOE_NEW_PASSPHRASE wins; both are for automation)
    #[arg(long, value_name = "FILE")]
    pub new_passphrase_file: Option<PathBuf>,
    /// How hard guessing the passphrase is made, as a power of two
    #[arg(long, value_name = "N", default_value_t = WorkFactor::DEFAULT.get())]
    pub work_factor: u8,
}

/// Runs a command of the family.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: TeamCommand) -> Result<Output> {
    match command {
        TeamCommand::List { all } => Ok(list(session, all)),
        TeamCommand::Add(args) => add(session, &args),
        TeamCommand::Role { name, role } => {
            let member = find::member(session, &name)?;
            let role = find::value(session, Field::MemberRole, &role)?;
            done(session.run(TeamEdit { member, values: vec![(Field::MemberRole, role)] }))
        }
        TeamCommand::Edit { name, sets } => {
            let member = find::member(session, &name)?;
            let values = find::sets(session, ItemKind::Member, &sets)?;
            done(session.run(TeamEdit { member, values }))
        }
        TeamCommand::Away { name, until, from, cover } => {
            let member = find::member(session, &name)?;
            let day = |text: &str| find::day_ahead(session, text);
            let until = Some(day(&until)?);
            let today = session.today_date();
            let from = from.as_deref().map(|from| find::day_ahead(session, from)).transpose()?;
            let cover = cover.as_deref().map(|cover| find::member(session, cover)).transpose()?;
            done(session.run(TeamAway { member, from: from.unwrap_or(today), until, cover }))
        }
        TeamCommand::Back { name } => {
            let member = find::member(session, &name)?;
            let from = session.today_date();
            done(session.run(TeamAway { member, from, until: None, cover: None }))
        }
        TeamCommand::Remove { name } => {
            let member = find::member(session, &name)?;
            done(session.run(TeamLeave { member }))
        }
        TeamCommand::Card { name, file } => card(session, &name, &file),
        TeamCommand::Join(args) => join(session, cx, &args),
        TeamCommand::Agency(command) => agency(session, command),
    }
}

fn card(session: &mut Session, name: &str, file: &Path) -> Result<Output> {
    let member = find::member(session, name)?;
    let card = session.take_member_card(member, &peer::read(file)?)?;
    let text = format!(
        "Papers for them are sealed to this card from now on. Have them read out its end, and compare: {}",
        card.read_out()
    );
    Ok(Output::new(text, serde_json::json!({ "name": card.name, "read_out": card.read_out() })))
}

fn agency(session: &mut Session, command: AgencyCommand) -> Result<Output> {
    let (code, values) = match command {
        AgencyCommand::Add { code, name, kind } => return done(session.run(AgencyAdd { code, name, kind })),
        AgencyCommand::Edit { code, sets } => (code, find::sets(session, ItemKind::Agency, &sets)?),
        AgencyCommand::Retire { code } => {
            let today = Value::date(session.today_date());
            (code, vec![(Field::AgencyRetired, today)])
        }
        AgencyCommand::Back { code } => (code, vec![(Field::AgencyRetired, Value::Nothing)]),
    };
    let agency = find::agency(session, &code)?;
    done(session.run(AgencyEdit { agency, values }))
}

fn add(session: &mut Session, args: &AddArgs) -> Result<Output> {
    let typed = [
        (Field::MemberName, Some(&args.name)),
        (Field::MemberRole, Some(&args.role)),
        (Field::MemberAgency, args.agency.as_ref()),
        (Field::MemberHandle, args.handle.as_ref()),
        (Field::MemberPhone, args.phone.as_ref()),
        (Field::MemberEmail, args.email.as_ref()),
    ];
    let mut values = Vec::new();
    for (field, text) in typed {
        if let Some(text) = text {
            values.push((field, find::value(session, field, text)?));
        }
    }
    let made = session.run(TeamAdd { values })?.made[0];
    let member = Member::get(session.state(), made);
    let handle = member.map_or("", Member::handle);
    let text = if handle.is_empty() { made.to_string() } else { handle.to_owned() };
    let json = member.map_or(serde_json::Value::Null, |member| shapes::member(session, member));
    Ok(Output::new(text, json))
}

fn list(session: &Session, all: bool) -> Output {
    let state = session.state();
    let mut members: Vec<Member<'_>> = state.items(ItemKind::Member).map(Member).collect();
    members.retain(|member| all || !member.left());
    members.sort_by_key(|member| (member.left(), member.name(), member.0.id));
    let today = session.today_date();
    let mut table = Table::new(&["Name", "Handle", "Agency", "Role", "Unlocks", "Away"], 0);
    let mut items = Vec::with_capacity(members.len());
    for member in members {
        items.push(shapes::member(session, member));
        let until = member.0.value(Field::MemberAwayUntil).as_date();
        let away = match (member.left(), member.away(today), until) {
            (true, ..) => "left".to_owned(),
            (false, true, Some(until)) => {
                let cover = member.covered_by(today);
                let cover = cover.map(|cover| format!(", {} covers", owner_name(state, Some(cover))));
                format!("until {}{}", dates::people(until, today), cover.unwrap_or_default())
            }
            _ => String::new(),
        };
        table.row([
            member.name().to_owned(),
            member.handle().to_owned(),
            member.agency().map_or_else(String::new, |agency| owner_name(state, Some(agency)).into_owned()),
            session.pack().label("role", member.role()).to_owned(),
            if session.participants().contains(&member.0.id) { "yes" } else { "no" }.to_owned(),
            away,
        ]);
    }
    let mut agencies: Vec<_> = state.items(ItemKind::Agency).collect();
    agencies.sort_by_key(|agency| agency.str(Field::AgencyCode));
    agencies.retain(|agency| all || agency.value(Field::AgencyRetired).is_nothing());
    let mut second = Table::new(&["Agency", "Name", "Telephone", "Ask for", ""], 1);
    for agency in &agencies {
        let retired = if agency.value(Field::AgencyRetired).is_nothing() { "" } else { "retired" };
        let [code, name, phone, contact] =
            [Field::AgencyCode, Field::AgencyName, Field::AgencyPhone, Field::AgencyContact]
                .map(|field| agency.str(field).to_owned());
        second.row([code, name, phone, contact, retired.to_owned()]);
    }
    let width = output::width();
    let text = format!("{}\n\n{}", table.render(width, "Nobody."), second.render(width, "No agency."));
    let mut output = Output::list(text, items);
    output.json["agencies"] = agencies.into_iter().map(shapes::agency).collect();
    output
}

fn join(session: &mut Session, cx: &Cx<'_>, args: &JoinArgs) -> Result<Output> {
    if cx.batch {
        return Err(AppError::new(
            Kind::Usage,
            "This command can't stand in a batch: a person types their passphrase.",
            "Run it by itself.",
        ));
    }
    let member = find::member(session, &args.name)?;
    let known = Member::get(session.state(), member).map_or("", Member::handle).to_owned();
    let handle = args.handle.clone().unwrap_or(known);
    if handle.is_empty() {
        return Err(AppError::new(
            Kind::Usage,
            "This member has no handle yet.",
            "Give one: --handle mclarke (small letters and digits).",
        ));
    }
    let practice = session.practice();
    let work = WorkFactor::new(args.work_factor, practice)?;
    let file = args.new_passphrase_file.as_deref();
    let passphrase = input::new_passphrase(cx, input::NEW_PASSPHRASE, file, &handle, practice)?;
    session.add_participant(&NewPerson { member, handle: &handle, passphrase: &passphrase, work })?;
    Ok(Output::new(
        format!("{handle} can unlock this vault now."),
        serde_json::json!({ "handle": handle, "id": member.to_string() }),
    ))
}
