//! The command line's grammar: global flags and the families of commands.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::commands::action::ActionCommand;
use super::commands::bundle::BundleCommand;
use super::commands::card::CardCommand;
use super::commands::case::CaseCommand;
use super::commands::consent::ConsentCommand;
use super::commands::device::DeviceCommand;
use super::commands::document::DocumentCommand;
use super::commands::export::ExportCommand;
use super::commands::followup::FollowupCommand;
use super::commands::library::LibraryCommand;
use super::commands::meeting::MeetingCommand;
use super::commands::outreach::OutreachCommand;
use super::commands::peer::PeerCommand;
use super::commands::person::PersonCommand;
use super::commands::policy::PolicyCommand;
use super::commands::referral::ReferralCommand;
use super::commands::relay::RelayCommand;
use super::commands::screening::ScreeningCommand;
use super::commands::service::ServiceCommand;
use super::commands::team::TeamCommand;
use super::commands::training::TrainingCommand;
use super::commands::vault::VaultCommand;
use super::commands::views::ViewsCommand;

/// Case, action and follow-up memory of a parish's anti-trafficking team. Without a command: the screens.
#[derive(Debug, Parser)]
#[command(name = "mahoe", version, about, disable_help_subcommand = true)]
pub struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do; the terminal interface, if nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// One line of a batch.
#[derive(Debug, Parser)]
#[command(name = "", no_binary_name = true, disable_help_flag = true, disable_help_subcommand = true)]
pub struct Line {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The heading of the flags that every command takes: a command's own stand before them, not among them.
const EVERYWHERE: &str = "With every command";

/// Flags that every command takes.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Globals {
    /// The vault's folder; by default in the platform's data folder
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "DIR", env = "MAHOE_VAULT", hide_env_values = true)]
    pub vault: Option<PathBuf>,
    /// Whose passphrase opens it; may be left out where only one person can
    // An id of its own: a flag `--who` of a command must never be taken for it.
    #[arg(id = "as", long = "as", global = true, help_heading = EVERYWHERE, value_name = "NAME")]
    pub who: Option<String>,
    /// A file that holds the passphrase (the variable MAHOE_PASSPHRASE wins; both are for automation)
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Print one JSON object instead of text
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
    /// Reckon as if it were this moment
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "RFC3339", hide = true)]
    pub now: Option<String>,
    /// No colours
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub no_color: bool,
    /// Your own keys for the screens; by default keymap.toml in the platform's folder for settings
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FILE", env = "MAHOE_KEYMAP", hide_env_values = true)]
    pub keymap: Option<PathBuf>,
    /// Let the mouse select, open and scroll in the screens; the terminal's own selection then needs Shift
    #[arg(long, global = true, help_heading = EVERYWHERE, env = "MAHOE_MOUSE", value_parser = clap::builder::FalseyValueParser::new())]
    pub mouse: bool,
    /// Take names and notes from the arguments on a terminal too, although the shell remembers them
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub in_args: bool,
}

/// The families of commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The screens on a sample parish, in a throw-away vault
    Demo(DemoArgs),
    /// Start a team's vault; prints the recovery words once
    Init(super::commands::init::InitArgs),
    /// What is due: late, today, this week, later
    Today(super::commands::today::TodayArgs),
    /// A month: meetings, contacts, deadlines and holidays
    Calendar(super::commands::calendar::CalendarArgs),
    /// Find words in cases and in the library
    Search(super::commands::search::SearchArgs),
    /// Cases
    #[command(subcommand)]
    Case(CaseCommand),
    /// Actions: who does what by when
    #[command(subcommand)]
    Action(ActionCommand),
    /// Planned contacts with the child or the household
    #[command(subcommand)]
    Followup(FollowupCommand),
    /// Consent: who agreed to what, until when
    #[command(subcommand)]
    Consent(ConsentCommand),
    /// The child's views and wishes, and what the child agreed may be told
    #[command(subcommand)]
    Views(ViewsCommand),
    /// Screenings: forms that are filled in about a child, and what may follow
    #[command(subcommand)]
    Screening(ScreeningCommand),
    /// Referrals: who was asked to take a case up, and what they answered
    #[command(subcommand)]
    Referral(ReferralCommand),
    /// The care plan: which help a child needs, who gives it, from when to when, what came of it
    #[command(subcommand)]
    Service(ServiceCommand),
    /// People around a child: who may be called, who must not know
    #[command(subcommand)]
    Person(PersonCommand),
    /// Documents: files that belong to a case, sealed
    #[command(subcommand)]
    Document(DocumentCommand),
    /// Meetings: agenda, attendance, decisions, actions, minutes
    #[command(subcommand)]
    Meeting(MeetingCommand),
    /// Outreach: town halls, school sessions; who came, what they learnt
    #[command(subcommand)]
    Outreach(OutreachCommand),
    /// Training of the team's own people, and what runs out
    #[command(subcommand)]
    Training(TrainingCommand),
    /// Pages to read and search: the team's own and those of the program
    #[command(subcommand)]
    Library(LibraryCommand),
    /// The team's roster, and who can unlock this vault
    #[command(subcommand)]
    Team(TeamCommand),
    /// Other parishes' teams, and your team's card
    #[command(subcommand)]
    Peer(PeerCommand),
    /// The team's devices: your copies of this vault
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Bundles to and from other teams and your own devices
    #[command(subcommand)]
    Bundle(BundleCommand),
    /// Bundles carried by a shared folder
    #[command(subcommand)]
    Relay(RelayCommand),
    /// The vault itself
    #[command(subcommand)]
    Vault(VaultCommand),
    /// A card of your own, without a vault
    #[command(subcommand)]
    Card(CardCommand),
    /// Read what was sealed to your own card, without a vault
    Open(super::commands::open::OpenArgs),
    /// Bring in a spreadsheet
    #[command(subcommand)]
    Import(ImportCommand),
    /// Files for other programs
    #[command(subcommand)]
    Export(ExportCommand),
    /// The team's rules: stages, clocks, code lists
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Run many commands, one a line, with one unlock
    Batch(BatchArgs),
    /// Completions for a shell
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
    /// The whole manual of the command line, or a page of keys
    Manual(ManualArgs),
}

/// `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Keep the practice vault in this folder, which must not exist yet
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}

/// `import`.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// A spreadsheet: .csv (commas, semicolons or tabs; UTF-8, UTF-16 or Windows-1252) or .xlsx
    Csv(ImportArgs),
}

/// `import csv`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The spreadsheet
    pub file: PathBuf,
    /// What its rows are
    #[arg(long, value_enum)]
    pub kind: ImportKind,
    /// Check everything and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Leave out rows that can't be read, instead of importing nothing
    #[arg(long)]
    pub skip_bad: bool,
    /// Read a column as this field; may be given several times; `COLUMN=` leaves the column out
    #[arg(long, value_name = "COLUMN=FIELD")]
    pub map: Vec<String>,
    /// Give actions whose day is past this day instead of their own, late one
    #[arg(long, value_name = "DATE")]
    pub late_to: Option<String>,
}

/// What a row of a spreadsheet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ImportKind {
    /// A case a row.
    Cases,
    /// An action a row.
    Actions,
}

/// `batch`.
#[derive(Debug, Args)]
pub struct BatchArgs {
    /// The file with the commands, or - for standard input
    #[arg(value_name = "FILE|-")]
    pub file: PathBuf,
    /// Go on after a command that failed
    #[arg(long, conflicts_with = "atomic")]
    pub keep_going: bool,
    /// All of it or nothing
    #[arg(long)]
    pub atomic: bool,
}

/// `manual`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct ManualArgs {
    /// One page with the keys, to print
    #[arg(long)]
    pub card: bool,
    /// As a manual page for `man`
    #[arg(long, conflicts_with = "card")]
    pub man: bool,
    /// docs/generated/ops.md
    #[arg(long, hide = true, conflicts_with_all = ["card", "man"])]
    pub ops: bool,
    /// docs/generated/keys.md
    #[arg(long, hide = true, conflicts_with_all = ["card", "man", "ops"])]
    pub keys: bool,
}
