//! A whole meeting on the command line: planned, held, ended, and the next one's agenda.

use serde_json::{Value as Json, json};

use super::{Team, run};

/// The program two days later, where the meeting is held.
fn at(team: &Team, now: &str, arguments: &[&str]) -> super::Ran {
    run(team.command_at(now).args(arguments), b"")
}

const TUESDAY: &str = "2026-11-24T10:00:00-05:00";
const LATER: &str = "2026-11-24T10:12:00-05:00";

#[test]
fn a_meeting_is_planned_held_and_carried_on() {
    let team = Team::new();
    let case = team.case();
    let none = team.mahoe(&["meeting", "agenda"]).refused();
    assert!(none.starts_with("1\nNo meeting runs, and none is planned."), "{none}");
    let new = ["meeting", "new", "--when", "tue 10:00", "--place", "parish office"];
    let code = team.mahoe(&new).good().to_owned();
    assert!(code.starts_with("M-"), "{code}");
    assert!(team.mahoe(&["meeting", "new", "--when", "tue"]).refused().starts_with("2\nThe hour is missing."));
    assert!(team.mahoe(&new).refused().contains("is at that hour"));
    assert!(team.mahoe(&["today"]).good().contains("Meeting: regular review, parish office"));

    // The agenda is there before anybody typed a word of it, and says why.
    let agenda = team.mahoe(&["--json", "meeting", "agenda"]).json();
    assert_eq!(agenda["items"][0]["case"], json!(case));
    assert!(agenda["items"][0]["why"].as_array().expect("reasons").contains(&json!("new")), "{agenda}");
    team.mahoe(&["meeting", "agenda", "--business", "Keys of the new room", "--minutes", "3"]).good();
    team.mahoe(&["meeting", "agenda", "--move", "2", "--to", "1"]).good();
    let said = ["meeting", "decide", "1", "Placement continues"];
    assert!(team.mahoe(&said).refused().contains("Begin it first"));
    assert!(team.mahoe(&["meeting", "agenda", "--drop", "9"]).refused().contains("has no line 9"));

    assert!(at(&team, TUESDAY, &["meeting", "start"]).refused().contains("statement was not read"));
    at(&team, TUESDAY, &["meeting", "start", "--statement"]).good();
    at(&team, TUESDAY, &["meeting", "attend", "A. Brown"]).good();
    let visitor = ["meeting", "attend", "R. Guest", "--visitor", "--agency", "School board"];
    assert!(at(&team, TUESDAY, &visitor).refused().contains("sign"));
    at(&team, TUESDAY, &[&visitor[..], &["--signed"]].concat()).good();
    at(&team, TUESDAY, &["meeting", "turn", "2"]).good();
    at(&team, LATER, &["meeting", "decide", "2", "Placement continues, review in two weeks"]).good();
    at(&team, LATER, &["meeting", "decide", "2", "I want to sing", "--kind", "views"]).good();
    let give = ["meeting", "action", "2", "Medical check for Fern Riverstone", "--owner", "MOH", "--due", "thu"];
    let action = at(&team, LATER, &give).good().to_owned();
    assert!(action.starts_with("A-"), "{action}");
    let shown = at(&team, LATER, &["meeting", "show"]);
    assert!(shown.good().contains("D Placement continues, review in two weeks"), "{}", shown.out);
    assert!(shown.good().contains("A Medical check for [child]"), "names stay masked: {}", shown.out);
    assert!(!shown.good().contains("sing"), "the child's words are not shown unasked: {}", shown.out);
    assert!(at(&team, LATER, &["meeting", "close"]).refused().starts_with("1\n1 item was not dealt with."));
    at(&team, LATER, &["meeting", "close", "--anyway"]).good();
    let list = at(&team, LATER, &["--json", "meeting", "list", "--all"]).json();
    assert_eq!(list["items"][0]["phase"], "ended");
    assert!(at(&team, LATER, &["today"]).good().contains("Approve and send the minutes of 24 Nov"));
    // What was said stands in the child's case.
    assert!(at(&team, LATER, &["case", "show", &case]).good().contains("Placement continues"));

    // Next time, what was given comes first.
    let recurs = ["meeting", "series", "add", "second tuesday", "--at", "9:30"];
    assert!(at(&team, LATER, &recurs).good().contains("second tuesday of the month"));
    let agenda = at(&team, LATER, &["--json", "meeting", "agenda"]).json();
    assert_eq!(agenda["items"][0]["why"][0], "unfinished", "{agenda}");
    let start = |now: &str| at(&team, now, &["meeting", "start", "--statement"]).good().to_owned();
    start("2026-12-08T09:30:00-05:00");
    let carry = ["meeting", "carry", "1", &action, "--why", "agency"];
    at(&team, "2026-12-08T09:35:00-05:00", &carry).good();
    let shown: Json = at(&team, "2026-12-08T09:36:00-05:00", &["--json", "meeting", "show"]).json();
    assert_eq!(shown["agenda"][0]["last_time"][0]["outcome"], "not done: the agency has not acted", "{shown}");
    assert_eq!(team.mahoe(&["vault", "verify"]).code, 0);
}

#[test]
fn minutes_write_themselves_and_a_changed_copy_is_known() {
    let team = Team::new();
    let case = team.case();
    let restricted =
        ["case", "new", "--concern", "About somebody here", "--risk", "high", "--touches-team", "A. Brown"];
    team.mahoe(&restricted).good();
    team.mahoe(&["meeting", "new", "--when", "tue 10:00", "--place", "parish office"]).good();
    at(&team, TUESDAY, &["meeting", "start", "--statement"]).good();
    at(&team, TUESDAY, &["meeting", "attend", "A. Brown"]).good();
    let agenda = at(&team, TUESDAY, &["--json", "meeting", "agenda"]).json();
    let items = agenda["items"].as_array().expect("items");
    let number = items.iter().find(|item| item["case"] == json!(case)).expect("on it")["number"].to_string();
    at(&team, TUESDAY, &["meeting", "turn", &number]).good();
    let said = "Fern Riverstone stays with the aunt in Mango Walk <b>";
    at(&team, LATER, &["meeting", "decide", &number, said]).good();
    at(&team, LATER, &["meeting", "decide", &number, "I want to sing", "--kind", "views"]).good();
    at(&team, LATER, &["meeting", "decide", &number, "Seen by the nurse", "--kind", "health"]).good();
    let give = ["meeting", "action", &number, "Letter to the school", "--owner", "MOE", "--due", "thu"];
    at(&team, LATER, &give).good();
    at(&team, LATER, &["meeting", "close", "--anyway"]).good();
    let code = at(&team, LATER, &["--json", "meeting", "list", "--all"]).json()["items"][0]["code"].clone();
    let code = code.as_str().expect("a code");
    assert!(
        at(&team, LATER, &["meeting", "sent", code, "--how", "by hand"]).refused().contains("once they are approved")
    );
    at(&team, LATER, &["meeting", "approve", code]).good();
    assert!(
        at(&team, LATER, &["meeting", "decide", &number, "More", "--meeting", code])
            .refused()
            .contains("minutes approved")
    );

    let text = at(&team, LATER, &["meeting", "minutes"]);
    let text = text.good();
    assert!(text.contains("D [child] stays with the aunt in [community] <b>"), "{text}");
    assert!(!text.contains("sing") && !text.contains("nurse") && !text.contains("Riverstone"), "{text}");
    assert!(text.contains("Who does what by when") && text.contains("Thu 26 Nov 2026"), "{text}");
    assert!(text.contains("1 item is not in this copy."), "{text}");
    let file = team.path("minutes.html").display().to_string();
    let save = ["meeting", "minutes", code, "--for", "MOE", "-o", &file];
    assert!(at(&team, LATER, &save).good().starts_with("Saved."));
    assert!(at(&team, LATER, &save).refused().starts_with("5\n"), "a file that is there is never written over");
    let verified = at(&team, LATER, &["meeting", "verify", &file]);
    assert!(verified.good().contains("was made for MOE") && verified.good().contains("nothing in it was changed"));
    let mut page = std::fs::read_to_string(&file).expect("there");
    assert!(page.contains("in [community] &lt;b&gt;"), "{page}");
    page = page.replace("Thu 26 Nov", "Thu 27 Nov");
    let forged = team.write("forged.html", page);
    assert!(at(&team, LATER, &["meeting", "verify", &forged]).refused().starts_with("4\nThis is no copy"));
    // Nobody has a card: nothing is sealed, and it says what to do instead.
    let sent = at(&team, LATER, &["--json", "meeting", "send", code]).json();
    assert_eq!((&sent["count"], &sent["here"]), (&json!(0), &json!(["A. Brown"])));
    let copies = team.path("copies.html").display().to_string();
    let print = ["meeting", "minutes", code, "--copies", "3", "--clear", "printed for the room", "-o", &copies];
    at(&team, LATER, &print).good();
    assert!(std::fs::read_to_string(&copies).expect("there").contains("Copy 3 of 3."));
    assert!(at(&team, LATER, &["meeting", "verify", &copies]).good().contains("was made for anybody"));
    at(&team, LATER, &["meeting", "sent", code, "--how", "9 numbered copies"]).good();
    assert!(!at(&team, LATER, &["today"]).good().contains("minutes of"), "their clock has stopped");
}

#[test]
fn papers_and_feedback_are_made_on_the_command_line() {
    let team = Team::new();
    let case = team.case();
    let file = |name: &str| team.path(name).display().to_string();
    let blank = file("report.html");
    team.mahoe(&["meeting", "papers", "--what", "report", "-o", &blank]).good();
    assert!(std::fs::read_to_string(&blank).expect("there").contains("Call first, write after"));
    let text = file("agenda.txt");
    let agenda = ["meeting", "papers", "--what", "agenda", "--copies", "2", "-o", &text];
    assert!(team.mahoe(&agenda).refused().contains("No meeting runs, and none is planned."));
    assert!(team.mahoe(&["meeting", "papers", "--what", "poster", "-o", &text]).refused().starts_with("2\n"));
    team.mahoe(&["meeting", "new", "--when", "tue 10:00", "--place", "parish office"]).good();
    team.mahoe(&agenda).good();
    let printed = std::fs::read_to_string(&text).expect("there");
    assert!(
        printed.contains(&case) && printed.contains("Copy 2 of 2.") && !printed.contains("Riverstone"),
        "{printed}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&text).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "nobody else reads it");
    }
    assert!(team.mahoe(&["meeting", "feedback"]).good().contains("No meeting was held yet."));
    at(&team, TUESDAY, &["meeting", "start", "--statement"]).good();
    at(&team, TUESDAY, &["meeting", "attend", "A. Brown"]).good();
    at(&team, TUESDAY, &["meeting", "turn", "1"]).good();
    at(&team, LATER, &["meeting", "action", "1", "Medical check", "--owner", "MOH", "--due", "thu"]).good();
    at(&team, LATER, &["meeting", "close", "--anyway"]).good();
    let told = at(&team, LATER, &["--json", "meeting", "feedback"]).json();
    let of = |code: &str| told["items"].as_array().expect("items").iter().find(|it| it["agency"] == code).cloned();
    let moh = of("MOH").expect("it was given something");
    assert_eq!((&moh["given"], &moh["open"], &moh["expected"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!(of("CPFSA").expect("it was there")["attended"], json!(1));
    assert_eq!((&told["meetings"], &told["from"]), (&json!(1), &json!("2026-11-24")));
}
