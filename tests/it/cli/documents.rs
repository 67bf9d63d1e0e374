//! What is written about the command line is made from it, and every op can be reached.

use std::path::PathBuf;

use clap::CommandFactory;
use mahoe::cli::args::Cli;
use mahoe::ops::registry::SPECS;

use super::Team;

#[test]
fn every_op_has_its_command() {
    let mut root = Cli::command();
    root.build();
    for spec in SPECS {
        let mut at = &root;
        for word in spec.cli.split(' ') {
            let next = at.get_subcommands().find(|command| command.get_name() == word);
            at = next.unwrap_or_else(|| panic!("{}: there is no `mahoe {}`", spec.name, spec.cli));
        }
    }
}

#[test]
fn the_generated_pages_are_what_the_program_says() {
    let pages = [
        ("cli.md", "", mahoe::cli::manual::markdown()),
        ("ops.md", " --ops", mahoe::tui::reach::ops_markdown()),
        ("keys.md", " --keys", mahoe::tui::reach::keys_markdown()),
    ];
    for (name, flag, says) in pages {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/generated").join(name);
        let page = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            page.trim_end() == says.trim_end(),
            "docs/generated/{name} is behind: run `mahoe manual{flag} > docs/generated/{name}`"
        );
    }
}

#[test]
fn the_manual_the_card_and_completions_need_no_vault() {
    let team = Team { folder: tempfile::tempdir().expect("a folder") };
    assert!(team.mahoe(&["manual"]).good().contains("### mahoe case new"));
    assert!(team.mahoe(&["manual", "--man"]).good().contains(".TH"));
    let card = team.mahoe(&["manual", "--card"]);
    assert!(card.good().lines().count() <= 60, "one page: {}", card.out.lines().count());
    assert!(card.good().lines().all(|line| line.chars().count() <= 164), "{}", card.out);
    assert!(card.good().contains("Call first"), "{}", card.out);
    assert!(team.mahoe(&["completions", "bash"]).good().contains("mahoe"));
    assert!(team.mahoe(&["--version"]).good().starts_with("mahoe "));
    assert!(team.mahoe(&["case", "--help"]).good().contains("sibling"));
}
