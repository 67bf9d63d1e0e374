//! Full-text search over pages: every word must occur; titles go before tags, tags before text.
//!
//! The index is small letters in memory, made when the pages change; nothing of it is ever on disk.

use super::Page;

/// The most words of a query that count.
const MOST_WORDS: usize = 8;
/// The most characters of what is shown around a word.
const AROUND: usize = 90;

/// Pages in small letters.
#[derive(Clone, Debug, Default)]
pub struct Index {
    pages: Vec<Folded>,
}

#[derive(Clone, Debug)]
struct Folded {
    title: String,
    tags: String,
    body: String,
}

/// A page that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its place among the pages that the index was made of.
    pub at: usize,
    /// How well it fits.
    pub score: u32,
    /// The first line of the text with one of the words; empty where only title or tags have them.
    pub line: String,
}

impl Index {
    /// The index of these pages.
    pub fn new(pages: &[Page<'_>]) -> Self {
        let fold = |page: &Page<'_>| Folded {
            title: page.title.to_lowercase(),
            tags: format!("{} {}", page.tags, page.name).to_lowercase(),
            body: page.body.to_lowercase(),
        };
        Self { pages: pages.iter().map(fold).collect() }
    }

    /// The pages with every word of the query, the best first. `pages` are those of which it was made.
    pub fn find(&self, pages: &[Page<'_>], query: &str) -> Vec<Hit> {
        let query = query.to_lowercase();
        let words: Vec<&str> = query.split_whitespace().take(MOST_WORDS).collect();
        if words.is_empty() {
            return Vec::new();
        }
        let score = |(at, page): (usize, &Folded)| Some((at, score(page, &words)?));
        let mut all: Vec<(usize, u32)> = self.pages.iter().enumerate().filter_map(score).collect();
        all.sort_by(|(a, x), (b, y)| y.cmp(x).then_with(|| self.pages[*a].title.cmp(&self.pages[*b].title)));
        let hit = |(at, score): (usize, u32)| {
            let line = pages.get(at).map(|page| line_of(page.body, &words)).unwrap_or_default();
            Hit { at, score, line }
        };
        all.into_iter().map(hit).collect()
    }
}

/// How well a page fits; `None` where one of the words is missing.
fn score(page: &Folded, words: &[&str]) -> Option<u32> {
    let mut sum = 0;
    for word in words {
        let mut of_word = 0;
        if let Some(at) = page.title.find(word) {
            of_word += if begins_word(&page.title, at) { 100 } else { 60 };
        }
        if page.tags.contains(word) {
            of_word += 40;
        }
        let found = page.body.match_indices(word).take(9);
        of_word += found.map(|(at, _)| if begins_word(&page.body, at) { 2 } else { 1 }).sum::<u32>();
        if of_word == 0 {
            return None;
        }
        sum += of_word;
    }
    Some(sum)
}

fn begins_word(text: &str, at: usize) -> bool {
    !text[..at].ends_with(char::is_alphanumeric)
}

/// The first line with one of the words, cut to what can be shown.
fn line_of(body: &str, words: &[&str]) -> String {
    let fits = |line: &&str| {
        let small = line.to_lowercase();
        words.iter().any(|word| small.contains(word))
    };
    let line = body.lines().find(fits).unwrap_or_default().trim_matches(['#', '>', '-', '*', ' ']).replace("**", "");
    let cut: String = line.chars().take(AROUND).collect();
    if cut.len() < line.len() { format!("{cut}…") } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page<'a>(title: &'a str, tags: &'a str, body: &'a str) -> Page<'a> {
        Page { item: None, name: "x", title, tags, source: "", date: None, body }
    }

    #[test]
    fn titles_go_first_and_every_word_counts() {
        let pages = [
            page("Stages", "way", "The *report* comes first. report report"),
            page("How to report", "211", "Call."),
            page("Agencies", "report", "Who."),
            page("Misreported", "", "No."),
        ];
        let index = Index::new(&pages);
        let titles = |query: &str| index.find(&pages, query).iter().map(|hit| pages[hit.at].title).collect::<Vec<_>>();
        assert_eq!(titles("REPORT"), ["How to report", "Misreported", "Agencies", "Stages"]);
        assert_eq!(titles("report first"), ["Stages"]);
        assert_eq!(titles("report nowhere"), [""; 0]);
        assert_eq!(titles("  "), [""; 0]);
        assert_eq!(index.find(&pages, "first")[0].line, "The *report* comes first. report report");
    }

    #[test]
    fn letters_that_grow_when_small_are_no_stumble() {
        let pages = [page("İstanbul", "", "İİİ é line\nß")];
        let index = Index::new(&pages);
        for query in ["i", "é", "ß", "İ", "\u{307}"] {
            let _ = index.find(&pages, query);
        }
        assert_eq!(index.find(&pages, "é").len(), 1);
    }
}
