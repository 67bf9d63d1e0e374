//! One fictional child's way through every stage, on the command line: what two people write down, and what Today, the
//! case and its history say after each step.

use serde_json::json;

use super::{Ran, Team, run};

const OTHER: &str = "four calm words here";
const ANSWERS: &str = "parents = no\nhousehold = employer\nworks = yes\nwork-kind = [\"begging\"]\n";

/// A case on its way, and the moment at which people work on it.
struct Way {
    team: Team,
    case: String,
    now: &'static str,
}

impl Way {
    /// A quick report, written down by the coordinator. The deputy has a key of their own.
    fn begin() -> Self {
        let team = Team::new();
        team.batch(&[], "team add 'D. Eputy' --agency MOH --handle deputy\nteam role deputy deputy\n").good();
        let mut join = team.command();
        join.args(["team", "join", "deputy", "--work-factor", "2"]).env("MAHOE_NEW_PASSPHRASE", OTHER);
        run(&mut join, b"").good();
        let mut way = Self { team, case: String::new(), now: super::NOW };
        let report = ["case", "new", "--quick", "--concern", "Sleeps in a shop", "--child-name", "Fern Riverstone"];
        way.case = way.brown(&report);
        way
    }

    fn at(&mut self, now: &'static str) -> &mut Self {
        self.now = now;
        self
    }

    fn run(&self, who: &str, passphrase: Option<&str>, arguments: &[&str]) -> Ran {
        let mut command = self.team.command_at(self.now);
        command.args(["--as", who]).args(arguments);
        passphrase.map(|words| command.env("MAHOE_PASSPHRASE", words));
        run(&mut command, b"")
    }

    /// What the coordinator is told.
    fn brown(&self, arguments: &[&str]) -> String {
        self.run("abrown", None, arguments).good().to_owned()
    }

    /// What the deputy is told.
    fn deputy(&self, arguments: &[&str]) -> String {
        self.run("deputy", Some(OTHER), arguments).good().to_owned()
    }

    /// Says something of the case: `words` stand between the command and what follows the case's code.
    fn say(&self, words: &str, more: &[&str]) -> String {
        let mut all: Vec<&str> = words.split(' ').collect();
        all.push(&self.case);
        all.extend(more);
        self.brown(&all)
    }

    fn stage(&self, stage: &str) {
        let said = self.say("case stage", &[stage]);
        assert!(said.starts_with(&format!("Case {} is now at: ", self.case)), "{said}");
    }

    /// What Today, the case and its history must say now; a part that begins with `!` must not be there.
    fn stands(&self, today: &[&str], case: &[&str], history: &[&str]) {
        let shown = [
            ("today", self.brown(&["today", "--all"]), today),
            ("case", self.say("case show", &[]), case),
            ("history", self.say("case history", &[]), history),
        ];
        for (place, text, parts) in shown {
            for part in parts {
                let (wanted, words) = part.strip_prefix('!').map_or((true, *part), |words| (false, words));
                assert_eq!(text.contains(words), wanted, "{place}: {part}\n{text}");
            }
            assert!(!text.contains("Riverstone"), "{place} masks names\n{text}");
        }
    }
}

#[test]
fn a_case_goes_through_every_stage() {
    let mut way = Way::begin();
    reported(&way);
    let screening = screened(&way);
    identified(&way, &screening);
    referred(way.at("2026-11-23T10:00:00-05:00"));
    let school = cared_for(way.at("2026-11-23T11:00:00-05:00"));
    heard(way.at("2026-11-30T10:00:00-05:00"), &school);
    with_others(&way);
    met(way.at("2026-12-02T10:00:00-05:00"));
    before_court_and_home(&way);
    closed_reopened_and_closed_again(way.at("2027-01-18T10:00:00-05:00"), &school);
    assert!(way.brown(&["vault", "verify"]).contains("Every signature and chain is good."));
}

/// The first report, the report to the Registry, how to reach the child.
fn reported(way: &Way) {
    let due = ["Complete the quick report", "Report to the Registry", "First contact"];
    way.stands(&due, &["? not yet assessed   Report", "Sleeps in a shop"], &["new case", "Stage: Report"]);
    let known = ["risk=high", "dob=2012-03-04", "flags=alleged", "channel=211", "quick=no"];
    let told = way.say("case edit", &known.map(|it| ["--set", it]).concat());
    assert!(told.contains("High risk: call every week"), "{told}");
    let told = way.say("case statutory", &["--when", "today 09:00", "--channel", "211"]);
    assert!(told.contains("its case ID is still to come"), "{told}");
    let due = ["!quick report", "!Report to the Registry", "Case ID of the Registry", "Screening: trafficking alleged"];
    let shown = ["● high   Report", "Report to the Registry          met 22 Nov 2026 09:00"];
    way.stands(&due, &shown, &["Risk: not yet assessed → high", "Statutory report through: 211"]);
    way.say("case statutory", &["--ncr", "26-0417"]);
    let safe = ["safe-phone=876-555-0142", "safe-when=after school", "safe-words=the library", "no-messages=yes"];
    way.say("case edit", &safe.map(|it| ["--set", it]).concat());
    way.say("case met", &["first-contact", "--when", "today 09:10"]);
    let shown = ["NCR case ID               26-0417", "Safe telephone            masked", "!0142"];
    way.stands(&["!Case ID", "!First contact"], &shown, &["NCR case ID: 26-0417", "Safe telephone: masked"]);
}

/// Screening, and what follows from it; its code.
fn screened(way: &Way) -> String {
    way.stage("screening");
    let file = way.team.write("answers.txt", ANSWERS);
    let code = way.say("screening new", &["--answers", &file, "--outcome", "strong", "--mode", "told"]);
    let proposed = way.brown(&["screening", "follow", &code]);
    assert!(proposed.contains("follow-police") && proposed.contains("follow-safe-place"), "{proposed}");
    let action = way.brown(&["screening", "follow", &code, "--take", "follow-police"]);
    assert!(action.starts_with("A-"), "{action}");
    let due = ["!Screening: trafficking", "Refer to the Anti-Trafficking in Persons unit"];
    let shown = ["● high   Screening", &action, &format!("{code}  strong indicators")];
    way.stands(&due, &shown, &["Stage: Report → Screening", "screening: Outcome: strong indicators"]);
    code
}

fn identified(way: &Way, screening: &str) {
    way.stage("identification");
    let on = ["--basis", "two statements", "--screening", screening, "--review", "+2w"];
    let what = ["--status", "actual", "--by", "police", "--act", "harbouring", "--purpose", "begging"];
    let told = way.say("case identify", &[&what[..], &on].concat());
    assert_eq!(told, "Identification recorded: identified as trafficked.");
    let shown = ["identified as trafficked", "police: identified as trafficked"];
    let past = ["decision: Purpose: forced begging", "decision: On what it rests: two statements"];
    way.stands(&["Look again at the decision: identification"], &shown, &past);
}

/// Referral within the parish: asked, arrived, accepted, seen, done; the medical check.
fn referred(way: &Way) {
    way.stage("protection");
    let agreed = ["--scope", "services,disclosure", "--by", "the mother", "--role", "mother", "--assent", "not-asked"];
    way.say("consent record", &agreed);
    let ask = ["--to", "VSD", "--service", "counselling", "--reason", "Hardly sleeps"];
    let code = way.say("referral send", &ask);
    let due = ["VSD has not answered, asked today", "Medical check"];
    let shown = ["Referral and protection", &format!("{code}  to VSD: Counselling"), "could not be asked yet"];
    way.stands(&due, &shown, &["State: sent", "!Their words"]);
    way.deputy(&["referral", "receive", &code]);
    way.deputy(&["referral", "accept", &code]);
    let due = ["VSD has accepted: take note", "!has not answered"];
    way.stands(
        &due,
        &["Counselling: VSD, planned"],
        &["State: sent → received", "State: received → accepted", "D. Eputy"],
    );
    way.brown(&["referral", "seen", &code]);
    way.brown(&["referral", "done", &code, "--outcome", "completed", "--note", "six talks"]);
    way.say("case met", &["medical-check", "--when", "today 09:00"]);
    let shown = ["done today: completed", "Counselling: VSD, today, completed"];
    way.stands(&["!VSD has", "!Medical check"], &shown, &["State: accepted → done", "Their words: six talks"]);
}

/// The care plan: what is needed, what is planned; the code of the school.
fn cared_for(way: &Way) -> String {
    way.stage("care");
    let needs = ["--needed", "medical,education", "--not-needed", "basic-needs,accommodation,legal,family-support"];
    let told = way.say("service plan", &needs);
    assert!(told.ends_with("is written down."), "{told}");
    let add = ["education", "--agency", "MOE", "--from", "mon 30 nov", "--dose", "two terms"];
    let school = way.say("service add", &add);
    let shown = ["School and training: MOE, from Mon 30 Nov, planned", "Medical care: needed, nothing planned"];
    let past = ["Stage: Referral and protection → Care and case plan", "How much: two terms"];
    way.stands(&["Care plan by the standards", "School and training: to begin"], &shown, &past);
    way.say("service add", &["medical", "--agency", "MOH", "--began", "today"]);
    way.stands(&["!Care plan by the standards"], &["Medical care: MOH, from today"], &["Care and case plan"]);
    school
}

/// Consent with assent, the child's views, a document, a best-interests decision.
fn heard(way: &Way, school: &str) {
    assert_eq!(way.brown(&["service", "start", school]), "School and training: begun.");
    let agreed = ["--scope", "services,disclosure,reporting", "--by", "the mother", "--role", "mother"];
    way.say("consent record", &[&agreed[..], &["--assent", "agreed", "--assent-when", "today 09:00"]].concat());
    let told = way.say("views add", &["I want to see my sister", "--may", "named", "--to", "VSD"]);
    assert_eq!(told, "Noted. It may be told to VSD.");
    assert!(way.say("views list", &[]).contains("I want to see my sister"));
    let file = way.team.write("letter.txt", "The school has a place.\n");
    let document = way.say("document add", &[&file, "--kind", "letter", "--source", "the school"]);
    assert!(way.say("document list", &[]).contains(&document));
    let told = way.say(
        "case best-interests",
        &[
            "--question",
            "Where to live?",
            "--option",
            "With the aunt; + knows her; - two buses",
            "--option",
            "In care; - another parish",
            "--decision",
            "With the aunt",
            "--panel",
            "A. Brown",
            "--panel",
            "D. Eputy",
            "--views-note",
            "--review",
            "+30d",
        ],
    );
    assert!(told.contains("looked at again on Wed 30 Dec"), "{told}");
    let due = ["Look again at the decision: best interests", "!School and training: to begin"];
    let shown = [
        "asked, and agreed 30 Nov 2026 09:00",
        "1 document: mahoe document list",
        "decision: With the aunt",
        "The child's views (1): --views shows them",
        "School and training: MOE, from today, running",
    ];
    let past =
        ["The child's assent: asked, and agreed", "document: Kind: letter", "decision: The question: Where to live?"];
    way.stands(&due, &shown, &past);
}

/// An aunt, and a brother whose case belongs to it.
fn with_others(way: &Way) {
    let aunt = ["--name", "Hazel Pebbleford", "--role", "carer", "--relation", "aunt", "--phone", "876-555-0177"];
    let aunt = way.say("person add", &aunt);
    let brother = ["case", "new", "--concern", "The brother of a child", "--risk", "low", "--no-followup"];
    let brother = way.brown(&brother);
    assert_eq!(way.say("case link", &[&brother, "--kind", "sibling"]), "Linked.");
    let shown = [&aunt[..], "aunt", "!Pebbleford", "!0177", &format!("{brother}  sibling")];
    way.stands(&[&brother], &shown, &[&format!("new person {aunt}"), "!Pebbleford"]);
}

/// A line of a meeting: a decision and an action.
fn met(way: &Way) {
    way.brown(&["meeting", "new", "--when", "2 dec 10:00", "--place", "parish office"]);
    let agenda: serde_json::Value = serde_json::from_str(&way.brown(&["--json", "meeting", "agenda"])).expect("JSON");
    let items = agenda["items"].as_array().expect("an agenda");
    let number = items.iter().find(|it| it["case"] == json!(way.case)).expect("it is on it")["number"].to_string();
    way.brown(&["meeting", "start", "--statement"]);
    way.brown(&["meeting", "attend", "A. Brown", "D. Eputy"]);
    way.brown(&["meeting", "turn", &number]);
    way.brown(&["meeting", "decide", &number, "Fern starts school in January"]);
    let give = ["Ask the school for a uniform", "--owner", "MOE", "--due", "9 dec"];
    let action = way.brown(&[&["meeting", "action", &number][..], &give].concat());
    way.brown(&["meeting", "close", "--anyway"]);
    let due = ["Ask the school for a uniform", "Approve and send the minutes of 2 Dec"];
    let past = [&format!("new action {action}")[..], "note: Kind: decision"];
    way.stands(&due, &[&action, "[child] starts school in January"], &past);
}

/// The justice track beside care, then reintegration.
fn before_court_and_home(way: &Way) {
    way.say("case track", &["justice"]);
    way.say("case note", &["Gave a statement, the aunt beside her", "--kind", "justice"]);
    let shown = ["Care and case plan +justice", "Gave a statement, the aunt beside her"];
    way.stands(&["● high"], &shown, &["Open tracks: Justice"]);
    way.say("case track", &["justice", "--off"]);
    way.stage("reintegration");
    way.stands(&["home visit"], &["● high   Reintegration", "!+justice"], &["Contact: call → home visit"]);
}

/// The school ends with its outcome; the closing is asked by one and approved by the other, reopened, closed again.
fn closed_reopened_and_closed_again(way: &Way, school: &str) {
    let end = ["service", "end", school, "--outcome", "completed", "--views", "I like the teacher"];
    assert_eq!(way.brown(&end), "School and training: ended.");
    way.stage("follow-up");
    let close = ["--reason", "goals-met", "--met", "goals,safe,care,no-concern", "--seen", "yesterday"];
    let early = way.run("abrown", None, &[&["case", "close", &way.case][..], &close].concat());
    assert!(early.refused().contains("still has 2 open actions"), "{}", early.refused());
    let told = way.say("case close", &[&close[..], &["--cancel-open"]].concat());
    assert!(told.ends_with("It stays open until D. Eputy approves."), "{told}");
    let shown = ["Long-term follow-up", "completed, 50 days", "asked: goals met", "!I like the teacher"];
    way.stands(&["Asked to close today: goals met (A. Brown)"], &shown, &["Outcome: completed"]);
    let told = way.deputy(&["case", "approve", &way.case]);
    assert!(told.starts_with(&format!("Approved: case {} is closed.", way.case)), "{told}");
    assert!(told.contains("1 service in its care plan still runs"), "the medical care: {told}");
    let due = [&format!("!{}", way.case)[..]];
    let shown = ["   closed", "D. Eputy (MOH) approved", "Review the risk                 stopped", "!late: due"];
    way.stands(&due, &shown, &["Stage: Long-term follow-up → Closed", "Why closed: goals met"]);

    let told = way.say("case reopen", &["--reason", "Not at school again"]);
    assert!(told.contains("open again; please assess its risk"), "{told}");
    let shown = ["? not yet assessed", "!   closed", "Reopened: Not at school again"];
    way.stands(&["? not yet assessed", "Review the risk"], &shown, &["Risk: high → not yet assessed"]);
    let close = [&["case", "close", &way.case][..], &close, &["--cancel-open"]].concat();
    assert!(way.deputy(&close).ends_with("It stays open until A. Brown approves."));
    assert!(way.say("case approve", &[]).starts_with(&format!("Approved: case {} is closed.", way.case)));
    way.stands(&due, &["D. Eputy (MOH) asked: goals met", "A. Brown (CPFSA) approved"], &["Closed: 18 Jan 2027 10:00"]);
}

#[test]
fn a_question_and_a_clock_of_the_teams_own_count_at_once() {
    let team = Team::new();
    let case = team.case();
    let clock = || {
        let shown = team.mahoe(&["--json", "case", "show", &case]).json();
        let clocks = shown["clocks"].as_array().expect("clocks").clone();
        clocks.iter().find(|it| it["clock"] == "first-contact").expect("it runs")["due"].clone()
    };
    assert_eq!(clock(), json!("2026-11-23T09:20:00-05:00"));
    team.mahoe(&["policy", "edit", "clock", "first-contact", "--high", "6"]).good();
    assert_eq!(clock(), json!("2026-11-22T15:20:00-05:00"), "also in a case that was open before");
    let today = team.mahoe(&["today"]);
    let line = today.good().lines().find(|line| line.contains("First contact")).expect("it is due");
    assert!(line.contains("15:20") || line.contains("today"), "{line}");

    let ask = ["policy", "edit", "ask", "form/trafficking/family", "Who has the key of the house?"];
    let choices = ["--type", "choice", "--choice", "the child", "--choice", "nobody"];
    team.mahoe(&[&ask[..], &choices].concat()).good();
    let blank = team.mahoe(&["screening", "form"]).good().to_owned();
    let at = blank.lines().position(|line| line.contains("Who has the key of the house?")).expect("it is asked");
    let line = blank.lines().skip(at).find(|line| line.contains(" =")).expect("a line to fill in");
    let (code, rest) = line.split_once(" =").expect("code = answer");
    let answer = rest.split_once('#').expect("what fits").1.split(',').next().expect("one").trim().to_owned();
    let file = team.write("answers.txt", format!("{code} = {answer}\n"));
    let made = team.mahoe(&["screening", "new", &case, "--answers", &file, "--outcome", "some"]).good().to_owned();
    let shown = team.mahoe(&["screening", "show", &made]);
    assert!(
        shown.good().contains("Who has the key of the house?") && shown.good().contains("the child"),
        "{}",
        shown.out
    );
}
