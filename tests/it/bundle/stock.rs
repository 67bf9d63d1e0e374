//! A bundle of ours, opened and verified with stock tools alone, as docs/formats/bundle.md tells.

use std::fs;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};

use mahoe::bundle::container::{Outgoing, Written, write};
use mahoe::bundle::heads;
use mahoe::bundle::manifest::{Kind, Manifest, Part};
use mahoe::bundle::minisig;
use mahoe::bundle::source::Attachment;
use mahoe::testing::entropy::SeededEntropy;

use super::{Whole, identity, read_all, signer, vector};

/// What the shell has to have. `.ci/run` installs them and sets `MAHOE_STOCK_TOOLS=required`.
const TOOLS: [&str; 4] = ["age", "tar", "minisign", "sha256sum"];

fn tools() -> bool {
    let missing: Vec<&str> = TOOLS
        .into_iter()
        .filter(|tool| {
            let asked = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            // minisign has no --version of its own; that it starts is enough.
            asked.is_err()
        })
        .collect();
    if missing.is_empty() {
        return true;
    }
    let required = std::env::var_os("MAHOE_STOCK_TOOLS").is_some();
    assert!(!required, "{missing:?} must be installed here: apt-get install age minisign");
    let _ = writeln!(std::io::stderr(), "SKIPPED: {missing:?} not installed (apt-get install age minisign)");
    false
}

/// Runs a line of the document in a shell; its output.
fn shell(folder: &Path, line: &str) -> Result<String, String> {
    let out = Command::new("bash").args(["-o", "pipefail", "-c", line]).current_dir(folder).output();
    let out = out.map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    if out.status.success() { Ok(text) } else { Err(text) }
}

/// A bundle with the contents of a vector and a large document, in `folder`.
fn make(folder: &Path) -> Written {
    let file = vector("refer.bundle");
    let reader = mahoe::bundle::container::Reader::open(file.as_slice(), file.len() as u64, &[&identity("receiver")]);
    let Whole { manifest, records, attachments } = read_all(reader.expect("good")).expect("good");
    let manifest = Manifest { kind: Kind::Transfer, ..manifest };
    let mut attachments: Vec<Attachment> =
        attachments.into_iter().map(|(name, bytes)| Attachment { name, source: Box::new(bytes) }).collect();
    attachments.push(Attachment { name: Part::Blob([0xf0; 32]).name(), source: Box::new(vec![b'~'; 300_001]) });
    let outgoing = Outgoing { manifest, entries: &records, heads: heads::encode(&[]), attachments };
    let mut out = fs::File::create(folder.join("bundle.mahoe")).expect("a file");
    let signer = signer("device of Testy McSample");
    write(outgoing, &signer, &mut SeededEntropy::new(1), &mut out, &mut |_| ControlFlow::Continue(())).expect("written")
}

#[test]
fn stock_tools_open_and_verify_a_bundle() {
    if !tools() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let written = make(at);
    fs::write(at.join("key.txt"), vector("test-keys.txt")).expect("room");
    let key = minisig::public_key(&written.manifest.from.device);
    // The lines of the document, word for word but for the names of the files.
    let document = include_str!("../../../docs/formats/bundle.md");
    let lines = [
        "age -d -i key.txt bundle.mahoe > plain.tar".to_owned(),
        "tar xf plain.tar".to_owned(),
        "minisign -V -P \"$KEY\" -m manifest.txt".to_owned(),
        r"sed -n 's/^file \([0-9a-f]*\)  [0-9]*  /\1  /p' manifest.txt | sha256sum -c --strict".to_owned(),
    ];
    for line in &lines {
        assert!(document.contains(line.as_str()), "docs/formats/bundle.md lacks: {line}");
        let said = shell(at, &format!("export KEY={key}; {line}")).unwrap_or_else(|said| panic!("{line}: {said}"));
        if line.starts_with("minisign") {
            assert!(said.contains(&written.manifest.comment()), "{said}");
        }
    }
    // Each member once, nothing besides, plain files with the documented mode.
    let listed = shell(at, "tar tvf plain.tar").expect("an archive");
    let names: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().last()).collect();
    let files = written.manifest.files.iter().map(|file| file.name.as_str());
    assert_eq!(names, ["manifest.txt", "manifest.txt.minisig"].into_iter().chain(files).collect::<Vec<_>>());
    assert!(listed.lines().all(|line| line.starts_with("-rw-r--r-- 0/0 ")), "{listed}");
    // And they notice what we notice.
    shell(at, "printf x >> heads.bin").expect("room");
    assert!(shell(at, &lines[3]).is_err(), "a changed member");
    shell(at, "printf x >> manifest.txt").expect("room");
    assert!(shell(at, &format!("export KEY={key}; {}", lines[2])).is_err(), "a changed manifest");
}
