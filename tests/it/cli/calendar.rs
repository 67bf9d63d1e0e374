//! The month on the command line, and the calendar file as another program reads it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};

use super::Team;

/// What `MAHOE_PYTHON` or python3 does with the `icalendar` package: every entry of a file, or nothing where a line breaks
/// the standard.
const READ: &str = "
import sys, json, icalendar
data = open(sys.argv[1], 'rb').read()
assert data.count(b'\\n') == data.count(b'\\r\\n') and data.endswith(b'END:VCALENDAR\\r\\n'), 'line ends'
assert all(len(line) <= 75 for line in data.split(b'\\r\\n')), 'folding'
calendar = icalendar.Calendar.from_ical(data)
assert not calendar.errors and calendar['VERSION'] == '2.0' and calendar['PRODID'], calendar.errors
events = []
for event in calendar.walk('VEVENT'):
    assert not event.errors, event.errors
    start = event.decoded('DTSTART')
    assert event.decoded('DTSTAMP').utcoffset().total_seconds() == 0
    events.append({'uid': str(event['UID']), 'summary': str(event['SUMMARY']), 'place': str(event.get('LOCATION', '')),
                   'start': start.isoformat(), 'minutes': event.get('DURATION') and event.decoded('DURATION').total_seconds() / 60,
                   'status': str(event.get('STATUS', ''))})
print(json.dumps(events))
";

/// A python that has the package; `None`, with a line that says so, where there is none.
fn python() -> Option<String> {
    let given = std::env::var("MAHOE_PYTHON").ok();
    let python = given.clone().unwrap_or_else(|| "python3".to_owned());
    let asked = Command::new(&python).args(["-c", "import icalendar"]).stderr(Stdio::null()).status();
    if asked.is_ok_and(|status| status.success()) {
        return Some(python);
    }
    assert!(given.is_none(), "{python} has no icalendar package: pip install icalendar");
    let _ = writeln!(std::io::stderr(), "SKIPPED: no python3 with the icalendar package (pip install icalendar)");
    None
}

fn read(python: &str, file: &Path) -> Vec<Json> {
    let out = Command::new(python).args(["-c", READ]).arg(file).output().expect("it starts");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("a list")
}

/// A case, an action with an hour and one without, and a meeting whose place tries to break out of its line.
fn busy() -> (Team, String) {
    let team = Team::new();
    let case = team.case();
    let act = ["action", "add", "Police statement of Fern Riverstone", "--owner", "A. Brown", "--case", &case];
    team.mahoe(&[&act[..], &["--due", "tue 14:00"]].concat()).good();
    team.mahoe(&["action", "add", "HIV test result", "--owner", "MOH", "--due", "wed", "--case", &case]).good();
    let place =
        "parish office; room 2, upstairs \\n END:VEVENT – ask for the key at the desk beside the stairs, please";
    team.mahoe(&["meeting", "new", "--when", "tue 10:00", "--place", place]).good();
    (team, case)
}

#[test]
fn a_calendar_file_names_no_child_and_no_matter() {
    let (team, case) = busy();
    let file = team.path("team.ics");
    let export = ["export", "ics", "-o", file.to_str().expect("plain")];
    let said = team.mahoe(&export);
    assert!(said.good().contains("It names no child"), "{}", said.out);
    let text = std::fs::read_to_string(&file).expect("written").replace("\r\n ", "");
    for secret in
        ["Riverstone", "Fern", "Police", "HIV", "Mango", "20120304", "first contact", "First contact", "Registry"]
    {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(text.contains(&format!("SUMMARY:PRACTICE {case}: action due (CPFSA)")), "{text}");
    assert!(text.contains(&format!("SUMMARY:PRACTICE {case}: action due (MOH)")), "{text}");
    assert!(text.contains("X-WR-CALNAME:PRACTICE "), "{text}");
    // It is never written over, and what left is on record.
    assert!(team.mahoe(&export).refused().starts_with('5'));
    assert_eq!(team.mahoe(&["vault", "verify"]).code, 0);
    let unknown = ["export", "ics", "-o", "x.ics", "--for", "Nobody"];
    assert!(team.mahoe(&unknown).refused().starts_with("1\nThere is no member or agency called"));
}

#[test]
fn another_programs_parser_reads_the_file() {
    let Some(python) = python() else { return };
    let (team, case) = busy();
    let (first, second) = (team.path("first.ics"), team.path("second.ics"));
    team.mahoe(&["export", "ics", "-o", first.to_str().expect("plain")]).good();
    team.mahoe(&["meeting", "cancel", &code(&team), "--reason", "storm"]).good();
    team.mahoe(&["export", "ics", "-o", second.to_str().expect("plain")]).good();
    let (before, after) = (read(&python, &first), read(&python, &second));
    let find = |events: &[Json], with: &str| -> Json {
        let found = events.iter().find(|it| it["summary"].as_str().is_some_and(|text| text.contains(with)));
        found.unwrap_or_else(|| panic!("{with} in {events:?}")).clone()
    };
    let meeting = find(&before, "meeting, regular review");
    assert_eq!((&meeting["start"], &meeting["minutes"]), (&json!("2026-11-24T15:00:00+00:00"), &json!(60.0)));
    let place = meeting["place"].as_str().expect("a place");
    assert!(
        place.starts_with("parish office; room 2, upstairs \\n END:VEVENT – ask") && place.ends_with("please"),
        "{place}"
    );
    assert_eq!(find(&before, "(CPFSA)")["start"], "2026-11-24T19:00:00+00:00");
    assert_eq!(find(&before, "(MOH)")["start"], "2026-11-25", "an action without an hour is a whole day");
    assert!(find(&before, &format!("{case}: deadline"))["uid"].as_str().is_some_and(|uid| uid.ends_with("@mahoe")));
    // The same thing keeps its id, so that a program changes the entry that it has.
    let gone = find(&after, "meeting, regular review");
    assert_eq!((&gone["uid"], &gone["status"]), (&meeting["uid"], &json!("CANCELLED")));
    assert_eq!(find(&before, "(MOH)")["uid"], find(&after, "(MOH)")["uid"]);
    let mut ids: Vec<&str> = before.iter().filter_map(|event| event["uid"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), before.len(), "no two entries share an id");
}

fn code(team: &Team) -> String {
    let list = team.mahoe(&["--json", "meeting", "list"]).json();
    list["items"][0]["code"].as_str().expect("a code").to_owned()
}

#[test]
fn one_members_file_has_what_is_theirs() {
    let (team, case) = busy();
    team.mahoe(&["team", "add", "M. Clarke", "--agency", "MOH", "--role", "champion"]).good();
    team.mahoe(&["meeting", "new", "--when", "thu 9:00", "--expect", "A. Brown"]).good();
    let export = |name: &str, who: &str| {
        let file = team.path(name);
        team.mahoe(&["export", "ics", "-o", file.to_str().expect("plain"), "--for", who]).good();
        std::fs::read_to_string(&file).expect("written").replace("\r\n ", "")
    };
    let clarke = export("clarke.ics", "M. Clarke");
    assert!(clarke.contains("action due (MOH)") && !clarke.contains("action due (CPFSA)"), "{clarke}");
    assert!(!clarke.contains("meeting"), "not expected at any: {clarke}");
    let brown = export("brown.ics", "A. Brown");
    assert_eq!(brown.matches(r": meeting\, ").count(), 2, "{brown}");
    // What only some may read stands in nobody else's file, and not in the team's.
    team.mahoe(&["case", "edit", &case, "--set", "restricted=A. Brown"]).good();
    let none = team.path("none.ics");
    let refused = team.mahoe(&["export", "ics", "-o", none.to_str().expect("plain"), "--for", "M. Clarke"]).refused();
    assert!(refused.starts_with("1\nThere is nothing to put into a calendar."), "{refused}");
    assert!(!none.exists());
    assert!(export("brown2.ics", "A. Brown").contains(&case));
    let whole = team.path("whole.ics");
    team.mahoe(&["export", "ics", "-o", whole.to_str().expect("plain")]).good();
    assert!(!std::fs::read_to_string(&whole).expect("written").contains(&case));
}

#[test]
fn a_month_is_printed_with_what_stands_in_it() {
    let (team, case) = busy();
    let shown = team.mahoe(&["calendar"]);
    let text = shown.good();
    assert!(text.starts_with("November 2026\nMon        Tue"), "{text}");
    assert!(text.contains("22<") && text.contains("24 M1D1"), "{text}");
    assert!(text.contains("Tue 24 Nov") && text.contains("Police statement of [child]"), "{text}");
    assert!(!text.contains("Riverstone"), "{text}");
    let month = team.mahoe(&["--json", "calendar", "--month", "2026-11"]).json();
    assert_eq!((&month["month"], month["days"].as_array().map(Vec::len)), (&json!("2026-11"), Some(30)));
    assert_eq!(month["days"][23]["meetings"], 1);
    let items = month["items"].as_array().expect("items");
    let action = items.iter().find(|it| it["text"] == "HIV test result").expect("the action");
    assert_eq!(
        (&action["day"], &action["kind"], &action["case"]),
        (&json!("2026-11-25"), &json!("deadline"), &json!(case))
    );
    let december = team.mahoe(&["--json", "calendar", "--month", "2026-12"]).json();
    assert_eq!(december["days"][24]["holiday"], "Christmas Day");
    assert!(team.mahoe(&["calendar", "--month", "next"]).refused().starts_with("2\nThis month can't be read."));
    assert!(team.mahoe(&["calendar", "--month", "99999-12"]).refused().starts_with("2\n"));
}

#[test]
fn a_calendar_file_is_there_whole_or_not_at_all() {
    let team = Team::new();
    let file = team.path("team.ics");
    let export = ["export", "ics", "-o", file.to_str().expect("a path")];
    assert!(team.mahoe(&export).refused().starts_with("1\nThere is nothing to put into a calendar."));
    assert!(!file.exists(), "an empty file would be in the way of the next try");
    team.case();
    team.mahoe(&export).good();
    assert!(team.mahoe(&export).refused().starts_with("5\n"));
}
