//! The files of the sample parish as they are written.

use serde::Deserialize;
use toml::{Table, Value};

/// The whole sample.
pub(super) struct Sample {
    pub team: Team,
    pub cases: Vec<SampleCase>,
    pub team_events: Vec<Event>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Team {
    pub name: String,
    pub parish: String,
    pub agency: Vec<Agency>,
    pub member: Vec<SampleMember>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Agency {
    pub code: String,
    pub name: String,
    pub kind: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleMember {
    pub handle: String,
    /// Their personal card's key, if they gave one.
    #[serde(default)]
    pub card: String,
    pub name: String,
    pub agency: String,
    pub role: String,
    pub phone: String,
    pub email: String,
    pub day: i64,
    pub away_from: Option<i64>,
    pub away_until: Option<i64>,
    pub cover: Option<String>,
    pub left: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleCase {
    pub key: String,
    pub event: Vec<Event>,
}

/// Something that somebody did. What belongs to the verb stands in `rest`.
#[derive(Deserialize)]
pub(super) struct Event {
    pub day: i64,
    pub at: String,
    pub by: String,
    #[serde(rename = "do")]
    pub verb: String,
    #[serde(flatten)]
    pub rest: Table,
}

impl Event {
    /// A text of the event; empty if it has none.
    pub fn text(&self, key: &str) -> &str {
        self.rest.get(key).and_then(Value::as_str).unwrap_or("")
    }

    /// A list of texts of the event; empty if it has none.
    pub fn texts(&self, key: &str) -> Vec<String> {
        let list = self.rest.get(key).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// A whole number of the event.
    pub fn number(&self, key: &str) -> Option<i64> {
        self.rest.get(key).and_then(Value::as_integer)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<SampleCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TeamEvents {
    event: Vec<Event>,
}

macro_rules! file {
    ($name:literal) => {
        ($name, include_str!(concat!("../../sample-data/saint-ann/", $name)))
    };
}

const CASES: [(&str, &str); 7] = [
    file!("cases-01.toml"),
    file!("cases-02.toml"),
    file!("cases-03.toml"),
    file!("cases-04.toml"),
    file!("cases-05.toml"),
    file!("care.toml"),
    file!("people.toml"),
];

/// Files that are attached to cases, by their names.
const DOCUMENTS: [(&str, &[u8]); 4] = [
    ("uncle-undertaking.txt", include_bytes!("../../sample-data/saint-ann/documents/uncle-undertaking.txt")),
    ("school-letter.txt", include_bytes!("../../sample-data/saint-ann/documents/school-letter.txt")),
    ("clinic-letter.txt", include_bytes!("../../sample-data/saint-ann/documents/clinic-letter.txt")),
    ("drawing.png", include_bytes!("../../sample-data/saint-ann/documents/drawing.png")),
];

/// A file that is attached to a case.
pub(super) fn document(name: &str) -> Option<&'static [u8]> {
    DOCUMENTS.into_iter().find(|(known, _)| *known == name).map(|(_, bytes)| bytes)
}

fn parse<T: for<'de> Deserialize<'de>>((name, text): (&str, &str)) -> Result<T, String> {
    toml::from_str(text).map_err(|error| format!("{name}: {}", error.message()))
}

/// Reads the sample that is built into the program.
pub(super) fn sample() -> Result<Sample, String> {
    let mut cases = Vec::new();
    for file in CASES {
        cases.append(&mut parse::<Cases>(file)?.case);
    }
    let TeamEvents { event: mut team_events } = parse(file!("team-actions.toml"))?;
    team_events.append(&mut parse::<TeamEvents>(file!("meetings.toml"))?.event);
    team_events.append(&mut parse::<TeamEvents>(file!("outreach.toml"))?.event);
    Ok(Sample { team: parse(file!("team.toml"))?, cases, team_events })
}
