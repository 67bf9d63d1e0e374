//! `introductions.txt`: what a bundle of the kind `cards` says of the teams whose cards it brings. It never says that a
//! card is the right one: whoever reads it compares words with that team. Format: docs/formats/bundle.md.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDateTime, Utc};

use super::lines::{LineError, Lines, hex, words};
use crate::domain::ids::RootId;

/// The most teams that one bundle introduces.
pub const MAX_TEAMS: usize = 64;
/// The largest file, in bytes.
pub const MAX_SIZE: u64 = 16 << 10;

const TITLE: &str = "mahoe introductions";
const MOMENT: &str = "%Y-%m-%dT%H:%M:%SZ";

/// A team that the sender knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Introduction {
    /// Its root, whose card comes along.
    pub root: RootId,
    /// When the sender compared words with it; `None` if nobody has.
    pub verified: Option<DateTime<Utc>>,
}

/// The file's bytes: sorted by root.
pub fn encode(teams: &[Introduction]) -> String {
    let mut teams: Vec<&Introduction> = teams.iter().collect();
    teams.sort_by_key(|team| team.root);
    let mut text = format!("{TITLE} 1\n");
    for team in teams {
        let standing =
            team.verified.map_or("unverified".to_owned(), |when| format!("verified {}", when.format(MOMENT)));
        // Writing into a string can't fail.
        let _ = writeln!(text, "team {} {standing}", team.root);
    }
    text
}

/// Reads the file: each team once, rising, in one spelling.
///
/// # Errors
/// [`LineError`] with the place.
pub fn decode(bytes: &[u8]) -> Result<Vec<Introduction>, LineError> {
    let mut lines = Lines::new(bytes, TITLE)?;
    let mut teams = Vec::new();
    for line in lines.all("team", MAX_TEAMS)? {
        teams.push(team(line).ok_or(LineError::At("team"))?);
    }
    let rising = teams.is_sorted_by(|a: &Introduction, b| a.root < b.root);
    if !rising || lines.bare().is_some() || encode(&teams).as_bytes() != bytes {
        return Err(LineError::At("spelling"));
    }
    Ok(teams)
}

fn team(line: &str) -> Option<Introduction> {
    let [root, standing] = words(line)?;
    let verified = match standing.strip_prefix("verified ") {
        Some(when) => Some(NaiveDateTime::parse_from_str(when, MOMENT).ok()?.and_utc()),
        None if standing == "unverified" => None,
        None => return None,
    };
    Some(Introduction { root: RootId(hex(root)?), verified })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes_and_one_spelling() {
        let teams = [
            Introduction { root: RootId([0xbb; 16]), verified: None },
            Introduction {
                root: RootId([0xaa; 16]),
                verified: Some("2026-11-22T10:00:00Z".parse().expect("a moment")),
            },
        ];
        let text = "mahoe introductions 1\n\
                    team aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa verified 2026-11-22T10:00:00Z\n\
                    team bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb unverified\n";
        assert_eq!(encode(&teams), text);
        assert_eq!(decode(text.as_bytes()), Ok(vec![teams[1], teams[0]]));
        let swapped = text.replace("aaaa", "cccc");
        let bad = [
            String::new(),
            text.replace(" 1\n", " 2\n"),
            swapped,
            text.replace("bbbb", "aaaa"),
            text.replace("unverified", "trusted"),
            text.replace("2026-11-22T10:00:00Z", "2026-11-22T10:00:00+00:00"),
            text.replace("team bb", "team  bb"),
            format!("{text}note words that nobody asked for\n"),
            text.trim_end().to_owned(),
        ];
        assert_eq!(decode(bad[1].as_bytes()), Err(LineError::Newer));
        for text in &bad {
            assert!(decode(text.as_bytes()).is_err(), "{text}");
        }
    }
}
