//! A State as text that is the same wherever the same entries were folded, in whatever order they came.

use std::fmt::Write as _;

use crate::domain::ids::EntryId;
use crate::domain::item::EntryNo;
use crate::domain::state::State;

/// Items with every head, epochs, devices, strikes and bodies that can't be read; all sorted, entries by their ids.
pub fn dump(state: &State) -> String {
    let id = |no: EntryNo| state.stamp(no).map_or(EntryId([0; 32]), |stamp| stamp.id);
    let mut lines = Vec::new();
    for item in state.every_item() {
        let place = format!("item {} in {}", item.id, item.stream);
        if let Some(created) = item.created {
            let rank = if item.is_outranked() { " outranked" } else { "" };
            lines.push(format!("{place} {} {} {}{rank}", item.kind.name(), item.class, id(created)));
        }
        for (field, register) in item.every_field() {
            let mut line = format!("{place} field {}", field.number());
            for head in register.heads() {
                // Writing to a string can't fail.
                let _ = write!(line, " [{} {:?}]", id(head.entry), head.value);
            }
            lines.push(line);
        }
    }
    lines.extend(state.epochs().iter().map(|epoch| format!("{epoch:?}")));
    lines.extend(state.devices().map(|(device, is)| format!("device {device} {:?} {}", is.key, is.member)));
    for entry in state.strikes() {
        if let Some(strike) = state.strike(entry) {
            lines.push(format!("strike {entry} by {}: {}", id(strike.by), strike.reason));
        }
    }
    for stream in state.streams() {
        lines.extend(state.entries_of(stream).map(|stamp| format!("entry {} {stream} {}", stamp.id, stamp.class)));
        for class in crate::domain::class::Class::ALL {
            let count = state.unreadable(stream, *class);
            if count > 0 {
                lines.push(format!("unreadable {stream} {class} {count}"));
            }
        }
    }
    lines.push(format!("unknown facts {}", state.unknown_facts()));
    lines.sort_unstable();
    lines.join("\n")
}
