//! Spreadsheets from offices, and from somebody who means harm.

use super::Team;

#[test]
fn a_spreadsheet_of_cases_and_one_of_actions_come_in() {
    let team = Team::new();
    let cases = "Concern;Risk;Child's name;Reported;Colour\r\nSeen at a bar;high;Zoë Riverstone;2026-10-01;blue\r\n\
                 \"=HYPERLINK(\"\"x\"\")\";low;;;\r\n";
    let bytes = [b"\xef\xbb\xbf".as_slice(), cases.as_bytes()].concat();
    let file = team.write("cases.csv", bytes);
    let unknown = team.mahoe(&["import", "csv", &file, "--kind", "cases"]);
    assert_eq!(unknown.code, 2, "no column is guessed");
    let arguments = ["--json", "import", "csv", &file, "--kind", "cases", "--map", "colour="];
    let dry = team.mahoe(&[&arguments[..], &["--dry-run"]].concat()).json();
    assert_eq!((dry["imported"].as_u64(), dry["would_import"].as_u64()), (Some(0), Some(2)));
    let done = team.mahoe(&arguments).json();
    assert_eq!(done["imported"], 2);
    let list = team.mahoe(&["--json", "case", "list"]).json();
    assert_eq!(list["items"][0]["reported"], "2026-10-01T00:00:00-05:00");
    assert_eq!(list["items"][1]["concern"], "=HYPERLINK(\"x\")", "a formula is text");
    let code = done["codes"][0].as_str().expect("a code");
    let actions = format!("what\towner\tdue\tcase\nCall\tMOH\tfri\t{code}\nWrite\tabrown\t2026-11-01\t\n");
    let file = team.write("actions.tsv.csv", actions);
    let done = team.mahoe(&["import", "csv", &file, "--kind", "actions"]);
    assert!(done.good().contains("2 rows imported") && done.good().contains("still holds all of this unprotected"));
    assert_eq!(team.mahoe(&["--json", "action", "list", "--case", code]).json()["count"], 1);
    let late = team.mahoe(&["--json", "action", "list", "--overdue"]).json();
    assert_eq!(late["items"][0]["due"], "2026-11-01", "what was late stays late: {late}");
    let file = team.write("moved.csv", "what,owner,due\nFile,abrown,2026-11-01\nSort,abrown,1990-01-01\n");
    let refused = team.mahoe(&["import", "csv", &file, "--kind", "actions"]);
    assert!(refused.err.contains("Line 3: The day lies more than twenty years back."), "{}", refused.err);
    let moved = team.mahoe(&["--json", "import", "csv", &file, "--kind", "actions", "--late-to", "mon"]).json();
    assert_eq!(moved["imported"], 2);
    let typed = team.mahoe(&["action", "add", "Call", "--owner", "abrown", "--due", "2026-11-01"]);
    assert_eq!(typed.code, 1, "nobody types a past day");
}

#[test]
fn a_bad_row_is_named_and_nothing_comes_in_unless_it_is_left_out() {
    let team = Team::new();
    let long = "x".repeat(20_001);
    let file = team.write("cases.csv", format!("concern,risk\ngood,high\nbad,huge\n,low\n{long},low\n"));
    let refused = team.mahoe(&["import", "csv", &file, "--kind", "cases"]);
    assert_eq!(refused.code, 1);
    for place in ["line 3, column B \"risk\"", "line 4, column A \"concern\"", "line 5, column A \"concern\""] {
        assert!(refused.err.contains(place), "{place}: {}", refused.err);
    }
    assert_eq!(team.mahoe(&["--json", "case", "list"]).json()["count"], 0);
    let some = team.mahoe(&["--json", "import", "csv", &file, "--kind", "cases", "--skip-bad"]).json();
    assert_eq!((some["imported"].as_u64(), some["skipped"].as_array().map(Vec::len)), (Some(1), Some(3)));
}

#[test]
fn hostile_files_are_refused_or_made_harmless() {
    let team = Team::new();
    let huge = format!("concern\n{}\n", "x".repeat(10 << 20));
    let wide = format!("concern\n{}\n", vec!["x"; 5_000].join(","));
    let files: [(&str, Vec<u8>); 6] = [
        ("empty.csv", Vec::new()),
        ("huge.csv", huge.into_bytes()),
        ("wide.csv", wide.into_bytes()),
        ("zeros.csv", vec![0; 1000]),
        ("fake.xlsx", b"PK\x03\x04 and nothing more".to_vec()),
        ("lies.csv", [b"\xff\xfe".as_slice(), &[0x00, 0xd8]].concat()),
    ];
    for (name, bytes) in files {
        let file = team.write(name, bytes);
        let ran = team.mahoe(&["import", "csv", &file, "--kind", "cases"]);
        assert!(matches!(ran.code, 1 | 2), "{name}: {} {}", ran.code, ran.err);
        ran.refused();
    }
    let file = team.write("escapes.csv", "concern\n\"a\u{1b}]0;x\u{7}\u{202e}b\u{200b}\"\n");
    team.mahoe(&["import", "csv", &file, "--kind", "cases"]).good();
    let shown = team.mahoe(&["case", "list"]);
    assert!(shown.good().contains("a]0;xb"), "{:?}", shown.out);
}

/// A workbook as small as one can be: stored, not packed.
fn workbook(sheet: &str) -> Vec<u8> {
    let members = [
        (
            "_rels/.rels",
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
             <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
             Target=\"xl/workbook.xml\"/></Relationships>"
                .to_owned(),
        ),
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"></Types>".to_owned(),
        ),
        (
            "xl/workbook.xml",
            "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
             xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">\
             <sheets><sheet name=\"One\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
                .to_owned(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
             <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" \
             Target=\"worksheets/sheet1.xml\"/></Relationships>"
                .to_owned(),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
                 <sheetData>{sheet}</sheetData></worksheet>"
            ),
        ),
    ];
    let (mut body, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in &members {
        let at = u32::try_from(body.len()).expect("small");
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        common.extend(crc32(text.as_bytes()).to_le_bytes());
        let size = u32::try_from(text.len()).expect("small").to_le_bytes();
        common.extend([size, size].concat());
        common.extend(u16::try_from(name.len()).expect("small").to_le_bytes());
        common.extend([0, 0]);
        body.extend(b"PK\x03\x04");
        body.extend(&common);
        body.extend(name.as_bytes());
        body.extend(text.as_bytes());
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = u32::try_from(body.len()).expect("small").to_le_bytes();
    let length = u32::try_from(directory.len()).expect("small").to_le_bytes();
    body.extend(directory);
    body.extend(b"PK\x05\x06\0\0\0\0");
    body.extend([5, 0, 5, 0]);
    body.extend([length, start].concat());
    body.extend([0, 0]);
    body
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[test]
fn a_workbook_is_read_and_a_cell_far_away_costs_nothing() {
    let cell = |at: &str, text: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let row = |number: u32, cells: &str| format!("<row r=\"{number}\">{cells}</row>");
    let team = Team::new();
    let head = row(1, &[cell("A1", "concern"), cell("B1", "risk")].concat());
    let good = head.clone() + &row(3, &[cell("A3", "Seen at a bar"), cell("B3", "high")].concat());
    let file = team.write("good.xlsx", workbook(&good));
    let done = team.mahoe(&["--json", "import", "csv", &file, "--kind", "cases"]).json();
    assert_eq!(done["imported"], 1);
    let far = head + &row(1_048_576, &cell("XFD1048576", "far"));
    let file = team.write("far.xlsx", workbook(&far));
    let refused = team.mahoe(&["import", "csv", &file, "--kind", "cases"]);
    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(refused.err.contains("columns"), "{}", refused.err);
}
