//! What a field can hold.

use super::ids::ItemId;

/// The value of one field. How it lies on disk is the business of `log/codec.rs`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub enum Value {
    /// Unset, or taken back.
    #[default]
    Nothing,
    /// Words typed by a person; cleaned before it is stored.
    Text(Box<str>),
    /// A code from one of the policy pack's lists.
    Code(Box<str>),
    /// Several codes, sorted, each once.
    Codes(Box<[Box<str>]>),
    /// A day: days since 1 January of the year 1 (chrono's count from the common era).
    Date(i32),
    /// A moment: milliseconds since 1970, UTC.
    When(i64),
    /// A whole number.
    Number(i64),
    /// Yes or no; unknown is [`Value::Nothing`].
    YesNo(bool),
    /// Another item: a member, an agency, a case.
    Item(ItemId),
    /// Several items, sorted, each once.
    Items(Box<[ItemId]>),
}

impl Value {
    /// Text, or nothing if it is empty.
    pub fn text(text: &str) -> Self {
        if text.is_empty() { Self::Nothing } else { Self::Text(text.into()) }
    }

    /// A code from a list.
    pub fn code(code: &str) -> Self {
        if code.is_empty() { Self::Nothing } else { Self::Code(code.into()) }
    }

    /// Several codes: sorted, each once; nothing if there are none.
    pub fn codes<S: AsRef<str>>(codes: impl IntoIterator<Item = S>) -> Self {
        let mut codes: Vec<Box<str>> = codes.into_iter().map(|code| code.as_ref().into()).collect();
        codes.sort();
        codes.dedup();
        if codes.is_empty() { Self::Nothing } else { Self::Codes(codes.into()) }
    }

    /// Several items: sorted, each once; nothing if there are none.
    pub fn items(items: impl IntoIterator<Item = ItemId>) -> Self {
        let mut items: Vec<ItemId> = items.into_iter().collect();
        items.sort_unstable();
        items.dedup();
        if items.is_empty() { Self::Nothing } else { Self::Items(items.into()) }
    }

    /// A day.
    pub fn date(date: chrono::NaiveDate) -> Self {
        use chrono::Datelike;
        Self::Date(date.num_days_from_ce())
    }

    /// A moment.
    pub fn when(when: chrono::DateTime<chrono::Utc>) -> Self {
        Self::When(when.timestamp_millis())
    }

    /// The words or the code.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Code(text) => Some(text),
            _ => None,
        }
    }

    /// The codes of a list value.
    pub fn as_codes(&self) -> &[Box<str>] {
        match self {
            Self::Codes(codes) => codes,
            _ => &[],
        }
    }

    /// The day.
    pub fn as_date(&self) -> Option<chrono::NaiveDate> {
        match self {
            Self::Date(days) => chrono::NaiveDate::from_num_days_from_ce_opt(*days),
            _ => None,
        }
    }

    /// The moment.
    pub fn as_when(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        match self {
            Self::When(ms) => chrono::DateTime::from_timestamp_millis(*ms),
            _ => None,
        }
    }

    /// The number.
    pub fn as_number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Yes or no.
    pub fn as_yes_no(&self) -> Option<bool> {
        match self {
            Self::YesNo(yes) => Some(*yes),
            _ => None,
        }
    }

    /// The item.
    pub fn as_item(&self) -> Option<ItemId> {
        match self {
            Self::Item(item) => Some(*item),
            _ => None,
        }
    }

    /// The items of a list value.
    pub fn as_items(&self) -> &[ItemId] {
        match self {
            Self::Items(items) => items,
            _ => &[],
        }
    }

    /// True if nothing is set.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }
}
