//! `today`: everything that is due, computed and never typed.

use std::fmt::Write as _;

use clap::Args;

use crate::domain::today::{self, Bucket, Due};
use crate::session::{PolicyTrouble, Session};

use super::super::output::{self, Output, Table};
use super::super::{shapes, words};

/// `today`.
#[derive(Debug, Args)]
pub struct TodayArgs {
    /// Only what is yours: your own, your agency's, your cases', and of those you cover for
    #[arg(long)]
    pub mine: bool,
    /// Also what is due later than in a week
    #[arg(long)]
    pub all: bool,
}

/// Lists what is due.
pub(in crate::cli) fn run(session: &Session, args: &TodayArgs) -> Output {
    let all = session.today();
    let list: Vec<Due> =
        if args.mine { today::mine(session.state(), session.me(), session.today_date(), &all) } else { all.to_vec() };
    let shown: Vec<&Due> = list.iter().filter(|due| args.all || due.bucket != Bucket::Later).collect();
    let items = shown.iter().map(|due| shapes::due(session, due)).collect();
    let mut output = Output::list(text(session, &list, &shown), items);
    output.json["notices"] = session.policy_trouble().map(PolicyTrouble::says).into_iter().collect();
    output
}

fn text(session: &Session, list: &[Due], shown: &[&Due]) -> String {
    let day = session.today_date();
    let mut text = day.format("%A %-d %B %Y").to_string();
    if let Some(trouble) = session.policy_trouble() {
        let _ = write!(text, "\n\n! {}", trouble.says());
    }
    if shown.is_empty() {
        text.push_str("\n\nNothing is due.");
    }
    for bucket in Bucket::ALL {
        let here: Vec<&&Due> = shown.iter().filter(|due| due.bucket == bucket).collect();
        if here.is_empty() {
            continue;
        }
        let mut table = Table::new(&["", "", "", "", ""], 2);
        for due in &here {
            table.row([
                due.case.map_or_else(|| "–".to_owned(), |case| words::code(session, case)),
                due.risk.map_or("", words::risk).to_owned(),
                words::what(session, due),
                crate::domain::views::owner_name(session.state(), due.owner).into_owned(),
                words::due(due.day(), due.timed.then(|| due.at.format("%H:%M").to_string()), day),
            ]);
        }
        // Writing into a string can't fail.
        let _ = write!(text, "\n\n{} ({})\n{}", bucket.title(), here.len(), table.render(output::width(), ""));
    }
    // Nothing else says it to somebody who never opens the screens.
    if session.sheets().unread > 0 {
        text.push_str("\n\n! Nobody has read the recovery words back: mahoe vault recovery-words");
    }
    let later = list.len() - shown.len();
    if later > 0 {
        let _ = write!(text, "\n\n{later} more due after this week: mahoe today --all");
    }
    text
}
