//! `consent notices`, and what follows `consent withdraw`: who holds what, and the notice for each team after a yes.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::domain::clean;
use crate::domain::ids::ItemId;
use crate::error::Result;
use crate::session::Session;

use super::super::output::{self, Output};
use super::super::{Cx, input, shapes, words};

/// Lists who holds what of the case and, after a yes, makes the notices. `says` stands before it.
pub(super) fn after(session: &mut Session, cx: &Cx<'_>, case: ItemId, yes: bool, says: &str) -> Result<Output> {
    let holders = session.who_holds(case)?;
    let mut text = says.to_owned();
    for line in holders.lines() {
        let _ = write!(text, "{}• {line}", if text.is_empty() { "" } else { "\n" });
    }
    let mut json = json!({
        "done": says,
        "teams": holders.teams.iter().map(|holds| json!({
            "team": holds.team, "classes": holds.classes, "since": holds.since.map(shapes::moment),
        })).collect::<Vec<_>>(),
        "agencies": holders.agencies.iter().map(|(code, when)| json!({
            "agency": code, "asked": when.map(shapes::moment),
        })).collect::<Vec<_>>(),
        "slips": holders.slips.iter().map(|(who, when)| json!({
            "for": who, "printed": shapes::moment(*when),
        })).collect::<Vec<_>>(),
        "notices": Json::Null,
    });
    if holders.teams.is_empty() {
        if text.is_empty() {
            text.push_str("No other team holds anything of this case, as far as the record says.");
        }
        return Ok(Output::new(text, json));
    }
    let asks = cx.asks && !cx.batch && input::is_terminal();
    if !yes && !asks {
        let code = words::code(session, case);
        let _ = write!(text, "\nNo team was told yet: `mahoe consent notices {code} --yes` makes the notice for each.");
        return Ok(Output::new(text, json));
    }
    if !yes {
        output::raw(&clean::shown(&format!("{text}\n")))?;
        text.clear();
        let answer =
            input::ask("Make the notice for each team? It tells of the withdrawal and of nothing else (yes or no)")?;
        if !answer.trim().eq_ignore_ascii_case("yes") {
            return Ok(Output::said("No team was told: `mahoe consent notices CODE` asks again."));
        }
    }
    let mut notices = Vec::new();
    for (team, made) in session.withdrawal_notices(case)? {
        let gap = if text.is_empty() { "" } else { "\n" };
        match made {
            Ok(sent) => {
                let _ = write!(text, "{gap}The notice for {team} is in the outbox.");
                notices.push(json!({ "team": team, "id": sent.id.to_string() }));
            }
            Err(error) => {
                let _ = write!(text, "{gap}! No notice for {team}. {} {}", error.message, error.hint);
                notices.push(json!({ "team": team, "error": error.message, "hint": error.hint }));
            }
        }
    }
    json["notices"] = Json::Array(notices);
    Ok(Output::new(text, json))
}
