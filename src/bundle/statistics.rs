//! `statistics.txt`: what a bundle of the kind `statistics` holds: whole numbers under names of one fixed list.
//!
//! Nothing in it can point at a child, and a reader refuses what could: no number is under [`LEAST`], a table has one
//! dimension and its groups add up to the total beside it, so that nothing can be worked out by subtracting. There are
//! no words of anybody's own. Format: docs/formats/bundle.md.

use std::fmt::Write as _;

use super::lines::{LineError, Lines, number, words};

/// The least number that leaves: what is smaller is merged with something else, or left out.
pub const LEAST: u64 = 10;
/// The largest number: larger ones are no parish's.
pub const MOST: u64 = 9_999_999;
/// The largest file, in bytes.
pub const MAX_SIZE: u64 = 4 << 10;

const TITLE: &str = "mahoe statistics";
/// The group of a measure that has no categories.
const ALL: &str = "all";

/// Something that is counted.
#[derive(Debug, PartialEq, Eq)]
pub struct Measure {
    /// Its name in the file.
    pub name: &'static str,
    /// Its words for people.
    pub label: &'static str,
    /// The measure whose total its categories add up to; none for a total.
    pub of: Option<&'static str>,
    /// Its categories, in their order; none for a total.
    pub categories: &'static [&'static str],
}

/// Every measure there is, in the order of the file. Only ever appended to.
pub const MEASURES: &[Measure] = &[
    Measure { name: "cases-reported", label: "Cases reported", of: None, categories: &[] },
    Measure {
        name: "cases-reported-by-risk",
        label: "Cases reported, by their risk now",
        of: Some("cases-reported"),
        categories: &["high", "unassessed", "medium", "low"],
    },
    Measure { name: "cases-closed", label: "Cases closed", of: None, categories: &[] },
    Measure { name: "actions-done", label: "Actions finished in cases", of: None, categories: &[] },
    Measure { name: "follow-ups-made", label: "Follow-up contacts made", of: None, categories: &[] },
    Measure { name: "referrals-sent", label: "Referrals to other teams and agencies", of: None, categories: &[] },
];

/// The measure of a name.
pub fn measure(name: &str) -> Option<&'static Measure> {
    MEASURES.iter().find(|measure| measure.name == name)
}

/// A number, and what it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// What is counted.
    pub measure: &'static Measure,
    /// The categories that were put together, in the measure's order; empty for a total.
    pub group: Vec<&'static str>,
    /// How many.
    pub number: u64,
}

impl Count {
    /// "Cases reported, by their risk now (medium or low)": what the number is of.
    pub fn label(&self) -> String {
        if self.group.is_empty() {
            return self.measure.label.to_owned();
        }
        format!("{} ({})", self.measure.label, self.group.join(" or "))
    }
}

/// The numbers of one year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// The calendar year.
    pub year: u16,
    /// The numbers, in the order of [`MEASURES`].
    pub counts: Vec<Count>,
}

impl Figures {
    /// The file's text.
    pub fn text(&self) -> String {
        let mut text = format!("{TITLE} 1\nyear {}\n", self.year);
        for count in &self.counts {
            let group = if count.group.is_empty() { ALL.to_owned() } else { count.group.join("+") };
            // Writing into a string can't fail.
            let _ = writeln!(text, "count {} {group} {}", count.measure.name, count.number);
        }
        text
    }

    /// Reads the file: known names only, in their order and spelling, and nothing that could point at anybody.
    ///
    /// # Errors
    /// [`LineError`] with the place.
    pub fn parse(bytes: &[u8]) -> Result<Self, LineError> {
        let mut lines = Lines::new(bytes, TITLE)?;
        let year = lines.one("year")?;
        let year = year.parse().ok().filter(|year| (2000..3000).contains(year)).ok_or(LineError::At("year"))?;
        let most = MEASURES.iter().map(|measure| measure.categories.len().max(1)).sum();
        let mut counts = Vec::new();
        for line in lines.all("count", most)? {
            counts.push(count(line).ok_or(LineError::At("count"))?);
        }
        let figures = Self { year, counts };
        if lines.bare().is_some() || figures.text().as_bytes() != bytes {
            return Err(LineError::At("spelling"));
        }
        if figures.is_sound() { Ok(figures) } else { Err(LineError::At("count")) }
    }

    /// True if the counts stand in their order, each category once, none too small, and every table adds up to its
    /// total.
    fn is_sound(&self) -> bool {
        let place = |count: &Count| MEASURES.iter().position(|measure| measure == count.measure);
        let in_order = self.counts.is_sorted_by(|a, b| match place(a).cmp(&place(b)) {
            std::cmp::Ordering::Equal => first_of(a) < first_of(b),
            order => order.is_lt(),
        });
        let bounded = self.counts.iter().all(|count| (LEAST..=MOST).contains(&count.number));
        let tables = MEASURES.iter().filter(|measure| measure.of.is_some());
        in_order && bounded && tables.into_iter().all(|table| self.adds_up(table))
    }

    fn adds_up(&self, table: &Measure) -> bool {
        let rows: Vec<&Count> = self.counts.iter().filter(|count| count.measure == table).collect();
        if rows.is_empty() {
            return true;
        }
        let mut named: Vec<&str> = rows.iter().flat_map(|row| row.group.iter().copied()).collect();
        named.sort_unstable();
        let mut all = table.categories.to_vec();
        all.sort_unstable();
        let total = self.counts.iter().find(|count| Some(count.measure.name) == table.of);
        let sum: u64 = rows.iter().map(|row| row.number).sum();
        rows.len() >= 2 && named == all && total.is_some_and(|total| total.number == sum)
    }
}

/// The place of a group's first category.
fn first_of(count: &Count) -> Option<usize> {
    let first = count.group.first()?;
    count.measure.categories.iter().position(|category| category == first)
}

fn count(line: &str) -> Option<Count> {
    let [name, group, figure] = words(line)?;
    let measure = measure(name)?;
    let group = if measure.categories.is_empty() {
        (group == ALL).then(Vec::new)?
    } else {
        let known = |word: &str| measure.categories.iter().position(|category| *category == word);
        let places = group.split('+').map(known).collect::<Option<Vec<usize>>>()?;
        let rising = places.is_sorted_by(|a, b| a < b);
        rising.then(|| places.iter().map(|place| measure.categories[*place]).collect())?
    };
    Some(Count { measure, group, number: number(figure)? })
}

/// Puts the categories of a table together until no group is under [`LEAST`], the smallest first; `None` if nothing but
/// the total would be left. `numbers` are those of the measure's categories, in their order.
pub fn merged(measure: &'static Measure, numbers: &[u64]) -> Option<Vec<Count>> {
    let mut groups: Vec<(Vec<usize>, u64)> =
        numbers.iter().enumerate().map(|(at, number)| (vec![at], *number)).collect();
    loop {
        groups.sort_by_key(|(places, number)| (*number, places[0]));
        match groups.first() {
            _ if groups.len() < 2 => return None,
            Some((_, number)) if *number < LEAST => {
                let (places, number) = groups.remove(0);
                groups[0].0.extend(places);
                groups[0].0.sort_unstable();
                groups[0].1 += number;
            }
            _ => break,
        }
    }
    groups.sort();
    let count = |(places, number): (Vec<usize>, u64)| {
        let group = places.iter().map(|place| measure.categories[*place]).collect();
        Count { measure, group, number }
    };
    Some(groups.into_iter().map(count).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "mahoe statistics 1\n\
                        year 2025\n\
                        count cases-reported all 41\n\
                        count cases-reported-by-risk high 12\n\
                        count cases-reported-by-risk unassessed+low 14\n\
                        count cases-reported-by-risk medium 15\n\
                        count actions-done all 120\n";

    #[test]
    fn golden_bytes() {
        let figures = Figures::parse(TEXT.as_bytes()).expect("sound");
        assert_eq!((figures.year, figures.counts.len()), (2025, 5));
        assert_eq!(figures.counts[2].label(), "Cases reported, by their risk now (unassessed or low)");
        assert_eq!(figures.text(), TEXT);
    }

    #[test]
    fn what_could_point_at_anybody_or_says_more_is_refused() {
        let bad = [
            TEXT.replace(" 1\n", " 2\n"),
            TEXT.replace("year 2025", "year 25"),
            // Under ten; and what would let it be worked out.
            TEXT.replace("all 120", "all 9"),
            TEXT.replace("high 12\n", "high 11\n"),
            TEXT.replace("count cases-reported-by-risk high 12\n", ""),
            TEXT.replace("count cases-reported all 41\n", ""),
            TEXT.replace("medium 15", "medium+high 15"),
            // Names and words that no list has.
            TEXT.replace("actions-done", "actions-of-fern"),
            TEXT.replace("unassessed+low", "unassessed+fern"),
            TEXT.replace("unassessed+low", "low+unassessed"),
            TEXT.replace("actions-done all", "actions-done high"),
            TEXT.replace("all 120", "all 0120"),
            TEXT.replace("all 120", "all 10000000"),
            TEXT.replace("all 120", "all 12.5"),
            format!("{TEXT}count actions-done all 120\n"),
            format!("{TEXT}note anything\n"),
            TEXT.trim_end().to_owned(),
        ];
        for text in &bad {
            assert!(Figures::parse(text.as_bytes()).is_err(), "{text}");
        }
        let none = "mahoe statistics 1\nyear 2025\n";
        assert_eq!(Figures::parse(none.as_bytes()).expect("sound").counts, []);
    }

    #[test]
    fn small_categories_are_merged_until_none_is_small_or_nothing_is_left() {
        let risk = measure("cases-reported-by-risk").expect("there");
        let groups = |numbers: [u64; 4]| {
            merged(risk, &numbers)
                .map(|counts| counts.iter().map(|count| (count.group.join("+"), count.number)).collect::<Vec<_>>())
        };
        let wanted = vec![("high".to_owned(), 13), ("unassessed+low".to_owned(), 14), ("medium".to_owned(), 15)];
        assert_eq!(groups([13, 2, 15, 12]), Some(wanted));
        assert_eq!(groups([12, 2, 3, 4]), None, "nine beside twelve would be told by the total");
        assert_eq!(groups([30, 0, 0, 0]), None);
        let two = vec![("high".to_owned(), 30), ("unassessed+medium+low".to_owned(), 10)];
        assert_eq!(groups([30, 0, 5, 5]), Some(two));
    }
}
