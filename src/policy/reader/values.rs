//! Reads one value each, with its faults: texts, numbers, flags, words, numbers by risk, origins.

use toml::Spanned;
use toml::de::DeValue;

use super::{Item, LONGEST_TEXT, MOST_ITEMS, Reader};
use crate::domain::clean;
use crate::domain::pack::{Origin, PerRisk};

impl Item<'_> {
    /// Whether a part that may be left out is there; from now on its key is known.
    pub(super) fn has(&mut self, key: &'static str) -> bool {
        self.asked.push(key);
        self.table.contains_key(key)
    }
}

impl Reader {
    pub(super) fn value<'a>(
        &mut self,
        item: &mut Item<'a>,
        key: &'static str,
        required: bool,
    ) -> Option<&'a Spanned<DeValue<'a>>> {
        item.asked.push(key);
        let value = item.table.get(key);
        match value {
            Some(value) => {
                let at = if item.at.is_empty() { key.to_owned() } else { format!("{}.{key}", item.at) };
                self.places.insert(at, value.span());
            }
            None if required => self.fault(item.span.clone(), format!("\"{key}\" is missing")),
            None => {}
        }
        value
    }

    /// Every key that nobody asked for is a mistake.
    pub(super) fn finish(&mut self, item: &Item<'_>) {
        if let Some(kind) = kind_of_table(item) {
            self.known.entry(kind).or_default().extend(item.asked.iter().copied());
        }
        for key in item.table.keys().filter(|key| !item.asked.contains(&key.get_ref().as_ref())) {
            let known = item.asked.join(", ");
            self.fault(
                key.span(),
                format!("the key \"{}\" is unknown here; known are {known}", clean::line(key.get_ref())),
            );
        }
    }

    pub(super) fn table<'a>(&mut self, item: &mut Item<'a>, key: &'static str, required: bool) -> Option<Item<'a>> {
        let value = self.value(item, key, required)?;
        match value.get_ref() {
            DeValue::Table(table) => {
                Some(Item { table, span: value.span(), at: key.to_owned(), asked: Vec::new(), origin: None })
            }
            other => self.wrong(value, "a table", other),
        }
    }

    /// As [`Reader::items`], of what a pack may do without.
    pub(super) fn items_if_any<T>(
        &mut self,
        holder: &mut Item<'_>,
        key: &'static str,
        read: fn(&mut Self, &mut Item<'_>) -> Option<T>,
    ) -> Vec<T> {
        if holder.table.contains_key(key) {
            return self.items(holder, key, read);
        }
        holder.asked.push(key);
        Vec::new()
    }

    /// An array of tables with codes. `key` is also the kind of item in paths, but for the choices of a list.
    pub(super) fn items<T>(
        &mut self,
        holder: &mut Item<'_>,
        key: &'static str,
        read: fn(&mut Self, &mut Item<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(value) = self.value(holder, key, true) else { return Vec::new() };
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong::<()>(value, "an array of tables", value.get_ref());
            return Vec::new();
        };
        if array.len() > MOST_ITEMS {
            self.fault(value.span(), format!("at most {MOST_ITEMS} of these"));
            return Vec::new();
        }
        let kind = if holder.at.is_empty() { key } else { &holder.at };
        let mut items = Vec::with_capacity(array.len());
        for value in array {
            let DeValue::Table(table) = value.get_ref() else {
                self.wrong::<()>(value, "a table", value.get_ref());
                continue;
            };
            let code = table.get("code").and_then(|code| code.get_ref().as_str()).unwrap_or_default();
            let mut item = Item {
                table,
                span: value.span(),
                at: format!("{kind}.{code}"),
                asked: Vec::new(),
                origin: holder.origin.clone(),
            };
            // The later of two with one code: that is the one to correct.
            self.places.insert(item.at.clone(), table.get("code").map_or_else(|| value.span(), Spanned::span));
            items.extend(read(self, &mut item));
            self.finish(&item);
        }
        items
    }

    /// As [`Reader::items`], for what a pack may leave out.
    pub(super) fn optional_items<T>(
        &mut self,
        holder: &mut Item<'_>,
        key: &'static str,
        read: fn(&mut Self, &mut Item<'_>) -> Option<T>,
    ) -> Vec<T> {
        if holder.table.contains_key(key) {
            return self.items(holder, key, read);
        }
        holder.asked.push(key);
        Vec::new()
    }

    pub(super) fn wrong<T>(&mut self, value: &Spanned<DeValue<'_>>, wanted: &str, found: &DeValue<'_>) -> Option<T> {
        self.fault(value.span(), format!("this must be {wanted}, not {}", kind_of(found)));
        None
    }

    pub(super) fn text(&mut self, item: &mut Item<'_>, key: &'static str) -> Option<String> {
        let value = self.value(item, key, true)?;
        self.as_text(value)
    }

    pub(super) fn optional_text(&mut self, item: &mut Item<'_>, key: &'static str) -> Option<String> {
        let value = self.value(item, key, false)?;
        self.as_text(value)
    }

    pub(super) fn as_text(&mut self, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let DeValue::String(text) = value.get_ref() else { return self.wrong(value, "text", value.get_ref()) };
        if clean::line(text) != text.as_ref() {
            self.fault(value.span(), "this text holds hidden characters, a line break, or spaces at its ends");
            return None;
        }
        match clean::bounded(text, LONGEST_TEXT) {
            Ok(text) => Some(text.to_owned()),
            Err(error) => {
                self.fault(value.span(), error.to_string());
                None
            }
        }
    }

    pub(super) fn texts(&mut self, item: &mut Item<'_>, key: &'static str) -> Option<Vec<String>> {
        let value = self.value(item, key, true)?;
        match value.get_ref() {
            DeValue::Array(array) if array.len() <= MOST_ITEMS => {
                array.iter().map(|value| self.as_text(value)).collect()
            }
            other => self.wrong(value, "an array of texts", other),
        }
    }

    /// As [`Reader::texts`], for what an item may leave out.
    pub(super) fn optional_texts(&mut self, item: &mut Item<'_>, key: &'static str) -> Vec<String> {
        if item.table.contains_key(key) {
            return self.texts(item, key).unwrap_or_default();
        }
        item.asked.push(key);
        Vec::new()
    }

    /// As [`Reader::number`], for what an item may leave out.
    pub(super) fn optional_number(&mut self, item: &mut Item<'_>, key: &'static str) -> Option<u32> {
        if item.table.contains_key(key) {
            return self.number(item, key);
        }
        item.asked.push(key);
        None
    }

    /// True or false; without a `default` the key must be there.
    pub(super) fn flag(&mut self, item: &mut Item<'_>, key: &'static str, default: Option<bool>) -> Option<bool> {
        let Some(value) = self.value(item, key, default.is_none()) else { return default };
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            other => self.wrong(value, "true or false", other),
        }
    }

    pub(super) fn number(&mut self, item: &mut Item<'_>, key: &'static str) -> Option<u32> {
        self.integer(item, key, 0..=1_000_000).and_then(|number| u32::try_from(number).ok())
    }

    /// A number that older packs don't have.
    pub(super) fn number_or(&mut self, item: &mut Item<'_>, key: &'static str, default: u32) -> Option<u32> {
        let Some(value) = self.value(item, key, false) else { return Some(default) };
        self.as_integer(value, &(0..=1_000_000)).and_then(|number| u32::try_from(number).ok())
    }

    pub(super) fn integer(
        &mut self,
        item: &mut Item<'_>,
        key: &'static str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Option<i64> {
        let value = self.value(item, key, true)?;
        self.as_integer(value, &range)
    }

    pub(super) fn as_integer(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        range: &std::ops::RangeInclusive<i64>,
    ) -> Option<i64> {
        let DeValue::Integer(digits) = value.get_ref() else {
            return self.wrong(value, "a whole number", value.get_ref());
        };
        match i64::from_str_radix(digits.as_str(), digits.radix()) {
            Ok(number) if range.contains(&number) => Some(number),
            _ => {
                self.fault(value.span(), format!("this goes from {} to {}", range.start(), range.end()));
                None
            }
        }
    }

    /// One number for every risk, or a table of high, medium and low.
    pub(super) fn per_risk(&mut self, item: &mut Item<'_>, key: &'static str) -> Option<PerRisk> {
        let value = self.value(item, key, true)?;
        let DeValue::Table(table) = value.get_ref() else {
            let all = u32::try_from(self.as_integer(value, &(0..=1_000_000))?).ok()?;
            return Some(PerRisk { high: all, medium: all, low: all });
        };
        let at = format!("{}.{key}", item.at);
        let mut risks = Item { table, span: value.span(), at, asked: Vec::new(), origin: None };
        let [high, medium, low] = ["high", "medium", "low"].map(|risk| self.number(&mut risks, risk));
        self.finish(&risks);
        Some(PerRisk { high: high?, medium: medium?, low: low? })
    }

    /// A text that must be one of some words; `known` lists them.
    pub(super) fn word<T>(
        &mut self,
        item: &mut Item<'_>,
        key: &'static str,
        required: bool,
        known: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(item, key, required)?;
        let text = self.as_text(value)?;
        let word = read(&text);
        if word.is_none() {
            self.fault(value.span(), format!("\"{text}\" is none of: {known}"));
        }
        word
    }

    /// Source and verified mark: the item's own, or those of the list that holds it.
    pub(super) fn origin(&mut self, item: &mut Item<'_>) -> Option<Origin> {
        let holder = item.origin.clone();
        let source = match &holder {
            Some(holder) => self.optional_text(item, "source").or_else(|| Some(holder.source.clone())),
            None => self.text(item, "source"),
        };
        let verified = self.flag(item, "verified", holder.map(|holder| holder.verified));
        if let Some(who) = self.optional_text(item, "confirm-with") {
            self.confirms.push((self.place(&format!("{}.confirm-with", item.at)), who));
        }
        Some(Origin { source: source?, verified: verified? })
    }
}

/// The kind of table that an item is: `clock`, `list`, `list.choices`; `None` for a part of one, such as a number for each
/// risk.
fn kind_of_table(item: &Item<'_>) -> Option<String> {
    let steps: Vec<&str> = item.at.split('.').collect();
    match steps.as_slice() {
        [""] => Some("pack".to_owned()),
        ["form", _, _] if item.asked.contains(&"title") => Some("form.section".to_owned()),
        ["form", _, _] => Some("form.follows".to_owned()),
        ["form", _, _, _] if item.asked.contains(&"type") => Some("form.questions".to_owned()),
        ["form", _, _, _, _] if item.asked.contains(&"label") => Some("form.choices".to_owned()),
        ["list", _, _] => Some("list.choices".to_owned()),
        _ if item.asked.contains(&"source") => Some(steps[0].to_owned()),
        _ => None,
    }
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
