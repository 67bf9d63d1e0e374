//! The fourteen parishes of Jamaica (ISO 3166-2:JM).
//!
//! The hyphenated code is what is stored: FIPS codes look alike without the hyphen and number the parishes differently.

use std::fmt;

/// A parish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parish {
    /// 1 to 14, as in ISO 3166-2:JM; what a case code starts with.
    pub number: u8,
    /// The name, with "Saint" written out.
    pub name: &'static str,
    /// The parish's capital.
    pub town: &'static str,
}

const fn parish(number: u8, name: &'static str, town: &'static str) -> Parish {
    Parish { number, name, town }
}

/// Every parish, by number.
pub const ALL: [Parish; 14] = [
    parish(1, "Kingston", "Kingston"),
    parish(2, "Saint Andrew", "Half Way Tree"),
    parish(3, "Saint Thomas", "Morant Bay"),
    parish(4, "Portland", "Port Antonio"),
    parish(5, "Saint Mary", "Port Maria"),
    parish(6, "Saint Ann", "Saint Ann's Bay"),
    parish(7, "Trelawny", "Falmouth"),
    parish(8, "Saint James", "Montego Bay"),
    parish(9, "Hanover", "Lucea"),
    parish(10, "Westmoreland", "Savanna-la-Mar"),
    parish(11, "Saint Elizabeth", "Black River"),
    parish(12, "Manchester", "Mandeville"),
    parish(13, "Clarendon", "May Pen"),
    parish(14, "Saint Catherine", "Spanish Town"),
];

/// Text that names no parish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoParish {
    fips: bool,
}

impl fmt::Display for NoParish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.fips {
            "a parish code has a hyphen, because FIPS codes without one mean other parishes: type JM-06, or the parish's name"
        } else {
            "no parish is called that: type a code from JM-01 to JM-14, or a name like Saint Ann"
        })
    }
}

impl std::error::Error for NoParish {}

impl Parish {
    /// The parish of a number from 1 to 14.
    pub fn by_number(number: u8) -> Option<Self> {
        ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// Reads a code (`JM-06`, `06`, `6`) or a name in any case, with "Saint", "St" or "St.".
    pub fn parse(text: &str) -> Result<Self, NoParish> {
        let folded: String = text.trim().chars().take(40).map(|c| c.to_ascii_lowercase()).collect();
        let code = folded.strip_prefix("jm-").or_else(|| folded.strip_prefix("jm ")).unwrap_or(&folded);
        if matches!(code.len(), 1..=2) && code.bytes().all(|byte| byte.is_ascii_digit()) {
            return code.parse().ok().and_then(Self::by_number).ok_or(NoParish { fips: false });
        }
        let fips = folded.strip_prefix("jm").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
        let words = |name: &str| -> Vec<String> {
            name.split([' ', '-', '.', '_'])
                .filter(|word| !word.is_empty())
                .map(
                    |word| if word.eq_ignore_ascii_case("st") { "saint".to_owned() } else { word.to_ascii_lowercase() },
                )
                .collect()
        };
        let asked = words(&folded);
        ALL.into_iter().find(|parish| words(parish.name) == asked).ok_or(NoParish { fips })
    }
}

/// The code, `JM-06`.
impl fmt::Display for Parish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JM-{:02}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parish_is_found_by_number_code_and_name() {
        for (index, parish) in ALL.into_iter().enumerate() {
            assert_eq!(usize::from(parish.number), index + 1);
            assert_eq!(Parish::by_number(parish.number), Some(parish));
            assert_eq!(Parish::parse(&parish.to_string()), Ok(parish));
            assert_eq!(Parish::parse(parish.name), Ok(parish));
            assert_eq!(Parish::parse(&parish.name.replace("Saint", "st.").to_uppercase()), Ok(parish));
        }
        assert_eq!(Parish::by_number(0), None);
        assert_eq!(Parish::by_number(15), None);
        assert_eq!(Parish::parse("6").unwrap().name, "Saint Ann");
        assert_eq!(Parish::parse("saint-james").unwrap().town, "Montego Bay");
    }

    #[test]
    fn a_refusal_tells_fips_codes_apart() {
        assert!(Parish::parse("JM06").unwrap_err().to_string().starts_with("a parish code has a hyphen"));
        for text in ["", "JM-15", "0", "Kent", "JM-006", "jm-é"] {
            assert!(Parish::parse(text).unwrap_err().to_string().starts_with("no parish is called that"), "{text}");
        }
    }
}
