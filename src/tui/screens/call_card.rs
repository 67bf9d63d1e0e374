//! The call card: whom to call before anything is written. It stands on every screen on which a report may begin.

use crate::domain::pack::Pack;

/// The card in one or two sentences: "Child in danger now: police 119 · Report child abuse 211 (24 h). Call first,
/// write after."
pub fn text(pack: &Pack) -> String {
    let line = |line: &crate::domain::pack::CallLine| {
        let hours = line.hours.as_ref().map(|hours| format!(" ({hours})")).unwrap_or_default();
        format!("{} {}{hours}", line.label, line.number)
    };
    let lines: Vec<String> = pack.call_card.iter().map(line).collect();
    if lines.is_empty() {
        return "Call first, write after.".to_owned();
    }
    format!("{}. Call first, write after.", lines.join(" · "))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_card_says_whom_to_call_and_when() {
        let card = super::text(crate::policy::builtin());
        assert_eq!(card, "Child in danger now: police 119 · Report child abuse 211 (24 h). Call first, write after.");
    }
}
