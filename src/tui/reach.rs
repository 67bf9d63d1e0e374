//! How each op is reached from the screens, and the pages of `docs/generated/` that are made from it and from the
//! keymap.
//!
//! The table names commands and never keys: keys are the keymap's.

use std::fmt::Write as _;

use crate::ops::registry::SPECS;
use crate::ops::{Danger, Group};

use super::keymap::{Keymap, PLACES, label};

/// Each op with the commands that lead to it.
pub const REACH: &[(&str, &[&str])] = &[
    ("case.open", &["case.new", "report.quick", "case.sibling"]),
    ("case.edit", &["case.edit", "case.risk"]),
    ("case.stage", &["case.stage"]),
    ("case.note", &["case.note"]),
    // On a line that is a clock of the policy, and in a case's overview.
    ("case.statutory", &["action.done"]),
    ("case.met", &["action.done"]),
    ("case.assign", &["case.lead"]),
    ("case.link", &["case.link"]),
    // In the case's history: the entry that is selected.
    ("case.strike", &["list.open"]),
    ("case.close", &["case.close"]),
    ("case.reopen", &["case.reopen"]),
    // In the case's conflicts: the one that is selected.
    ("conflict.decide", &["list.open"]),
    ("action.add", &["action.new"]),
    ("action.start", &["action.start"]),
    ("action.done", &["action.done"]),
    ("action.why", &["action.why"]),
    ("action.postpone", &["action.postpone"]),
    ("action.reassign", &["action.owner"]),
    ("action.edit", &["action.edit"]),
    ("action.cancel", &["action.cancel"]),
    ("followup.add", &["followup.new"]),
    // On a line that is a planned contact.
    ("followup.done", &["action.done"]),
    ("followup.missed", &["action.why"]),
    ("followup.move", &["action.postpone"]),
    ("followup.reassign", &["action.owner"]),
    ("followup.cancel", &["action.cancel"]),
    ("consent.record", &["consent.record"]),
    ("consent.withdraw", &["consent.withdraw"]),
    ("consent.lift", &["consent.lift"]),
    ("views.tell", &["views.tell"]),
    ("document.add", &["document.add"]),
    ("document.remove", &["document.remove"]),
    ("referral.send", &["referral.send"]),
    ("referral.receive", &["referral.received"]),
    ("referral.answer", &["referral.accept", "referral.decline", "referral.done"]),
    ("referral.revoke", &["referral.revoke"]),
    // In a case, and on its line of Today.
    ("referral.seen", &["referral.seen", "action.done"]),
    ("service.need", &["service.needed", "service.not-needed", "service.needs"]),
    ("service.plan", &["service.plan"]),
    ("service.edit", &["service.edit"]),
    ("service.start", &["service.start", "action.done"]),
    ("service.end", &["service.end", "action.done"]),
    ("person.add", &["person.add"]),
    ("person.edit", &["person.edit"]),
    ("person.remove", &["person.remove"]),
    ("person.gather", &["person.gather"]),
    ("person.same", &["person.same"]),
    ("case.unlink", &["case.unlink"]),
    ("peer.add", &["peer.add"]),
    // A newer card of a known team, added or brought by a bundle.
    ("peer.update", &["peer.add", "plan.all"]),
    ("peer.verify", &["peer.verify"]),
    // On a line that is a team, or a bundle that was taken in.
    ("peer.remove", &["exchange.remove"]),
    ("share.end", &["share.end"]),
    ("bundle.undo", &["exchange.remove"]),
    ("team.add", &["team.new"]),
    ("team.edit", &["team.edit"]),
    ("team.away", &["team.away"]),
    ("team.leave", &["team.leave"]),
    ("agency.add", &["agency.new"]),
    // Among the agencies: the one that is selected.
    ("agency.edit", &["team.edit", "team.leave"]),
    ("policy.set", &["policy.set", "policy.edit", "policy.add", "policy.retire"]),
    ("meeting.new", &["meeting.new"]),
    ("meeting.edit", &["meeting.edit"]),
    ("meeting.cancel", &["meeting.cancel"]),
    ("series.add", &["series.add"]),
    ("series.end", &["series.end"]),
    ("agenda.add", &["agenda.add", "agenda.business"]),
    ("agenda.drop", &["agenda.drop"]),
    ("agenda.move", &["agenda.up", "agenda.down"]),
    ("agenda.minutes", &["agenda.minutes"]),
    ("meeting.start", &["meeting.start"]),
    ("meeting.attend", &["meeting.attendance", "live.attendance"]),
    ("meeting.turn", &["live.next", "live.previous", "live.go", "live.park"]),
    ("meeting.conflict", &["live.conflict"]),
    ("meeting.say", &["live.decision", "live.dissent", "live.views", "live.remark"]),
    ("meeting.action", &["live.action"]),
    ("meeting.carry", &["live.carry", "live.why"]),
    ("meeting.end", &["live.end"]),
    ("minutes.approve", &["minutes.approve"]),
    ("minutes.sent", &["minutes.sent"]),
    ("screening.finish", &["screening.new"]),
    ("case.identify", &["case.identify"]),
    ("case.best-interests", &["case.best-interests", "live.best-interests"]),
    // In a case, and on its line of Today.
    ("closure.approve", &["closure.answer", "action.done"]),
    ("closure.refuse", &["closure.answer", "action.done"]),
    ("paper.issue", &["meeting.minutes", "paper.print", "minutes.send"]),
    ("outreach.add", &["outreach.new"]),
    ("outreach.edit", &["outreach.edit"]),
    ("outreach.held", &["outreach.held"]),
    ("outreach.cancel", &["outreach.cancel"]),
    ("outreach.action", &["outreach.action"]),
    ("training.add", &["training.new"]),
    ("training.edit", &["training.edit"]),
    ("training.held", &["training.held"]),
    ("library.add", &["library.new"]),
    ("library.edit", &["library.edit"]),
    ("library.remove", &["library.remove"]),
];

/// Ops that have their command on the command line and no place on the screens yet.
pub const COMMAND_LINE: &[&str] = &[];

/// The keys of a command, each with the context that it stands in.
fn keys_of(keymap: &Keymap, command: &str) -> Vec<(String, String)> {
    let bound = keymap.contexts().flat_map(|context| keymap.bound(&[context]));
    bound.filter(|row| row.binding.command == command).map(|row| (row.label(), row.context)).collect()
}

/// One cell of a table: its sign must not end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// docs/generated/ops.md: every op, its command line, and its commands and keys on the screens.
pub fn ops_markdown() -> String {
    let keymap = Keymap::standard();
    let mut text = String::from(
        "# Ops\n\nAll that can change in a vault, each with its way from the command line and from the screens. Made \
         from the registry and the keymap by `mahoe manual --ops`; a test compares. Do not edit.\n",
    );
    for (group, title) in [
        (Group::Case, "Cases"),
        (Group::Action, "Actions"),
        (Group::FollowUp, "Follow-ups"),
        (Group::Meeting, "Meetings"),
        (Group::Team, "The team and its policy"),
        (Group::Outreach, "Outreach, training and the library"),
        (Group::Exchange, "Other parishes' teams"),
    ] {
        let _ = write!(text, "\n## {title}\n\n| Op | What it does | Command line | Screens |\n|---|---|---|---|\n");
        for spec in SPECS.iter().filter(|spec| spec.group == group) {
            let last = if spec.danger == Danger::Final { " **Can't be undone.**" } else { "" };
            let commands = REACH.iter().find(|(op, _)| *op == spec.name).map_or(&[][..], |(_, commands)| commands);
            let ways: Vec<String> = commands.iter().map(|command| way(&keymap, command)).collect();
            let ways = if ways.is_empty() { "–".to_owned() } else { ways.join("; ") };
            let (name, doc, cli) = (spec.name, cell(spec.doc), spec.cli);
            let _ = writeln!(text, "| `{name}` | {doc}{last} | `mahoe {cli}` | {ways} |");
        }
    }
    text
}

/// A command with its keys: "`case.note` (`n` in case)"; without keys it is the palette's alone.
fn way(keymap: &Keymap, command: &str) -> String {
    let keys = keys_of(keymap, command);
    if keys.is_empty() {
        return format!("`{command}` (palette)");
    }
    let keys: Vec<String> = keys.iter().map(|(keys, context)| format!("`{}` in {context}", cell(keys))).collect();
    format!("`{command}` ({})", keys.join(", "))
}

/// docs/generated/keys.md: every key that ships, by place, and the commands that only the palette has.
pub fn keys_markdown() -> String {
    let keymap = Keymap::standard();
    let mut text = String::from(
        "# Keys\n\nMade from the keymap that ships by `mahoe manual --keys`; a test compares. Do not edit.\n",
    );
    for (context, title) in PLACES {
        let _ = write!(text, "\n## {title}\n\n| Keys | Command | What it does |\n|---|---|---|\n");
        for row in keymap.bound(&[context]) {
            let keys: Vec<String> = row.keys.iter().map(|keys| format!("`{}`", cell(&label(keys)))).collect();
            let _ = writeln!(text, "| {} | `{}` | {} |", keys.join(", "), row.binding.command, cell(&row.binding.says));
        }
    }
    text.push_str("\n## Only in the palette (`:`)\n\n| Command | What it does |\n|---|---|\n");
    for command in keymap.commands().iter().filter(|it| it.everywhere && keys_of(&keymap, it.name).is_empty()) {
        let _ = writeln!(text, "| `{}` | {} |", command.name, command.says);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_op_is_reached_from_the_screens() {
        let keymap = Keymap::standard();
        for spec in SPECS.iter().filter(|spec| !COMMAND_LINE.contains(&spec.name)) {
            let (_, commands) = REACH.iter().find(|(op, _)| *op == spec.name).unwrap_or_else(|| {
                panic!("{} can't be reached from the screens: give it a command and a line in REACH", spec.name)
            });
            assert!(!commands.is_empty(), "{}", spec.name);
            for command in *commands {
                let known = keymap.commands().iter().find(|it| it.name == *command);
                let known = known.unwrap_or_else(|| panic!("{}: there is no command {command}", spec.name));
                let bound = !keys_of(&keymap, command).is_empty();
                assert!(bound || known.everywhere, "{command} has neither a key nor a place in the palette");
            }
        }
        for (op, _) in REACH {
            assert!(SPECS.iter().any(|spec| spec.name == *op), "there is no op {op}");
        }
    }

    #[test]
    fn every_context_has_its_place_on_the_page() {
        let named: Vec<&str> = PLACES.iter().map(|(context, _)| *context).collect();
        let keymap = Keymap::standard();
        for context in keymap.contexts() {
            assert!(named.contains(&context), "[{context}] is in no place of the page of keys");
        }
    }
}
