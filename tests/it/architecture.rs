//! The house keeps its shape: layer walls, one file for bincode, no forgotten test file, no secret in `keys/`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The layers, lowest first: a module may use those before it in this list, and itself.
const LAYERS: &[&str] = &["error", "text", "domain", "policy", "ops", "log", "vault", "bundle", "session", "demo"];
/// Front ends use every layer and never each other.
const FRONTS: &[&str] = &["tui", "cli"];
/// What a layer uses although it stands higher, with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of the source") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The top-level module that a file belongs to.
fn module(file: &Path) -> String {
    let inside = file.strip_prefix(root().join("src")).expect("a file of src");
    let first = inside.components().next().expect("not empty").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The code of a file without comments and without its unit tests.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("source is UTF-8");
    let text = text.split("#[cfg(test)]\n").next().unwrap_or_default().to_owned();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Top-level modules named by `crate::…` paths, also inside one level of braces.
fn uses(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let names = rest.strip_prefix('{').map_or(rest, |inside| inside.split('}').next().unwrap_or(""));
        let several = rest.starts_with('{');
        for name in names.split(',').take(if several { usize::MAX } else { 1 }) {
            let word: String = name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.insert(word);
        }
    }
    found
}

#[test]
fn each_layer_uses_only_those_below_it() {
    let mut wrong = Vec::new();
    for file in rust_files(&root().join("src")) {
        let own = module(&file);
        if matches!(own.as_str(), "lib" | "main" | "testing") || file.ends_with("tests.rs") || is_test_only(&file) {
            continue;
        }
        for used in uses(&code(&file)) {
            if used == own || EXCEPTIONS.contains(&(own.as_str(), used.as_str())) {
                continue;
            }
            let height = |name: &str| LAYERS.iter().position(|layer| *layer == name);
            let allowed = match (height(&own), height(&used)) {
                (Some(own), Some(used)) => used < own,
                (None, Some(_)) => FRONTS.contains(&own.as_str()),
                (_, None) => !FRONTS.contains(&used.as_str()) && used != "testing" && !used.is_empty(),
            };
            // `main` chooses the front end, so cli may start the tui, and through nothing but its one door.
            let door = own == "cli" && used == "tui" && code(&file).matches("crate::tui::").all_of("crate::tui::start");
            if !allowed && !door {
                wrong.push(format!("{} ({own}) uses crate::{used}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "layer walls are broken:\n{}", wrong.join("\n"));
}

/// Files that are compiled for tests alone.
fn is_test_only(file: &Path) -> bool {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.ends_with("_tests.rs")
        || matches!(name.as_str(), "suite.rs" | "testdisk.rs")
        || file.ends_with("screens/testing.rs")
}

trait AllOf {
    fn all_of(self, door: &str) -> bool;
}

impl<'a, I: Iterator<Item = &'a str>> AllOf for I {
    fn all_of(mut self, door: &str) -> bool {
        self.all(|used| door.starts_with(used))
    }
}

#[test]
fn the_domain_is_pure() {
    let banned = [
        "std::fs",
        "std::net",
        "std::env",
        "std::time",
        "SystemTime",
        "Utc::now",
        "ratatui",
        "crossterm",
        " age::",
        "blake3",
        "getrandom",
        "rand_core",
        "println!",
        "eprintln!",
    ];
    let mut wrong = Vec::new();
    for layer in ["domain", "ops"] {
        for file in rust_files(&root().join("src").join(layer)) {
            let code = code(&file);
            wrong.extend(
                banned.iter().filter(|word| code.contains(**word)).map(|word| format!("{}: {word}", file.display())),
            );
        }
    }
    assert!(wrong.is_empty(), "the pure core reaches out:\n{}", wrong.join("\n"));
}

#[test]
fn bincode_and_sled_are_each_named_in_one_place() {
    for (word, place) in [("bincode", "log/codec.rs"), ("sled::", "vault/store/sled.rs")] {
        let named: Vec<_> =
            rust_files(&root().join("src")).into_iter().filter(|file| code(file).contains(word)).collect();
        let wanted = root().join("src").join(place);
        let stray: Vec<_> = named.iter().filter(|file| **file != wanted && !is_test_only(file)).collect();
        assert!(stray.iter().all(|file| !code(file).contains(&format!("use {word}")) || word == "sled::"), "{stray:?}");
        assert!(named.contains(&wanted), "{word} is not in {place}");
        if word == "bincode" {
            assert!(stray.is_empty(), "bincode is named outside {place}: {stray:?}");
        }
    }
}

#[test]
fn no_test_file_is_forgotten() {
    let folder = root().join("tests/it");
    for file in rust_files(&folder) {
        let inside = file.strip_prefix(&folder).expect("inside");
        if inside == Path::new("main.rs") {
            continue;
        }
        let stem = inside.file_stem().expect("a name").to_string_lossy().into_owned();
        let (parent, name) = match (inside.parent().filter(|parent| !parent.as_os_str().is_empty()), stem.as_str()) {
            (None, name) => (folder.join("main.rs"), name.to_owned()),
            (Some(parent), "mod") => {
                let up = parent.parent().filter(|up| !up.as_os_str().is_empty());
                let owner = up.map_or(folder.join("main.rs"), |up| folder.join(up).join("mod.rs"));
                (owner, parent.file_name().expect("a name").to_string_lossy().into_owned())
            }
            (Some(parent), name) => (folder.join(parent).join("mod.rs"), name.to_owned()),
        };
        let owner = fs::read_to_string(&parent).unwrap_or_default();
        assert!(owner.contains(&format!("mod {name};")), "{} is in no module of {}", file.display(), parent.display());
    }
}

#[test]
fn keys_holds_no_secret_that_is_not_marked_demo() {
    for entry in fs::read_dir(root().join("keys")).expect("keys/") {
        let path = entry.expect("readable").path();
        let bytes = fs::read(&path).expect("readable");
        let text = String::from_utf8_lossy(&bytes);
        let secret =
            text.contains("AGE-SECRET-KEY-1") || text.contains("age-encryption.org") || text.contains("PRIVATE KEY");
        let demo = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("demo-"));
        assert!(!secret || demo || path.ends_with("README.md"), "{} looks like a secret", path.display());
    }
}

#[test]
fn the_project_speaks_only_of_itself() {
    let mut files = rust_files(&root().join("src"));
    files.extend(rust_files(&root().join("tests")));
    let banned = [concat!("../", "shared"), concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("before", "-stop")];
    for file in files {
        let text = fs::read_to_string(&file).expect("UTF-8");
        for word in banned {
            assert!(!text.contains(word), "{} names {word}", file.display());
        }
    }
}
