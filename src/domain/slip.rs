//! A slip: what one or several people are to do, to be carried away. Codes and days, nobody's name but theirs.
//!
//! Whoever makes one masks the words; a slip lies in pockets and on desks.

use super::paper::{Block, Paper};

/// One thing to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Task {
    /// What it is, masked; the action's code where its words are on no slip.
    pub what: String,
    /// What it belongs to: "case 06-7K3Q", "the team".
    pub about: String,
    /// By when, as people read it.
    pub by: String,
    /// Who does it; empty where the slip's head says so.
    pub who: String,
}

/// The slip. `head`: whose it is, or which team's.
pub fn paper(head: &str, day: &str, practice: bool, tasks: &[Task]) -> Paper {
    let mut blocks = Vec::with_capacity(tasks.len() * 3);
    for task in tasks {
        blocks.push(Block::Part(task.what.clone()));
        let who = if task.who.is_empty() { String::new() } else { format!("{}, ", task.who) };
        blocks.push(Block::Para(format!("{who}for {}, due {}", task.about, task.by)));
        blocks.push(Block::Para(format!("[ ] done   [ ] not done because {}", "_".repeat(28))));
    }
    if tasks.is_empty() {
        blocks.push(Block::Para("Nothing open.".to_owned()));
    }
    Paper { title: format!("{head}, {day}"), practice, copies: 0, only: None, blocks }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::paper::Form;

    #[test]
    fn a_slip_says_what_for_which_case_and_by_when() {
        let task = Task {
            what: "A-7K3Q".into(),
            about: "case 06-7K3Q".into(),
            by: "Thu 26 Nov 2026".into(),
            who: "M. Clarke".into(),
        };
        let text = paper("Saint Ann MDT", "22 November 2026", true, &[task]).render(Form::Text);
        assert!(text.contains("M. Clarke, for case 06-7K3Q, due Thu 26 Nov 2026\n"), "{text}");
        assert!(text.contains("A-7K3Q") && text.contains("[ ] not done because ___"), "{text}");
        assert!(paper("M. Clarke", "today", false, &[]).render(Form::Text).contains("Nothing open."));
    }
}
