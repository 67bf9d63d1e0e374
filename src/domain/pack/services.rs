//! The services of a pack: the categories of a care plan, and for whom each is a minimum standard.

use std::fmt;

use crate::domain::class::Class;
use crate::domain::field::Field;
use crate::domain::views::Case;

use super::check::Faults;
use super::{Origin, Pack, is_code};

/// The list whose items are the pack's services; a pack writes it as `[[service]]`.
pub const SERVICES: &str = "service";

/// Types of support of the IOM Human Trafficking Case Data Standard v2.0 (CC BY 4.0).
pub const SUPPORT: &[&str] = &[
    "Education",
    "Financial",
    "Health",
    "LabourExploitationRehab",
    "Legal",
    "Livelihood",
    "RightsTraining",
    "SexualExploitationRehab",
    "SocialCare",
];

/// A category of help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceKind {
    /// Its code.
    pub code: String,
    /// What people read.
    pub label: String,
    /// A sentence that helps to choose.
    pub hint: Option<String>,
    /// Types of support in the HTCDS v2.0 export: some of [`SUPPORT`].
    pub htcds: Vec<String>,
    /// In which cases the pack asks for it; `None`: in none.
    pub standard: Option<When>,
    /// The class of the free words of such a service: where, by whom, what came of it.
    pub class: Class,
    /// Where it comes from.
    pub origin: Origin,
}

/// In which cases a service is a minimum standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// In every case.
    Always,
    /// In cases that have come to this stage, or for which it is an open track.
    Stage(String),
    /// In cases with this flag.
    Flag(String),
}

impl When {
    /// Reads `always`, `stage:CODE` or `flag:CODE`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            None if text == "always" => Some(Self::Always),
            Some(("stage", code)) if is_code(code) => Some(Self::Stage(code.to_owned())),
            Some(("flag", code)) if is_code(code) => Some(Self::Flag(code.to_owned())),
            _ => None,
        }
    }

    /// Whether it holds for a case.
    pub fn holds(&self, pack: &Pack, case: Case<'_>) -> bool {
        let among = |field: Field, code: &str| case.0.held(field).as_codes().iter().any(|held| **held == *code);
        match self {
            Self::Always => true,
            Self::Flag(code) => among(Field::CaseFlags, code),
            Self::Stage(code) => {
                let place = |code: &str| pack.stages.iter().position(|stage| stage.code == code);
                place(case.stage()) >= place(code) || among(Field::CaseTracks, code)
            }
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => f.write_str("always"),
            Self::Stage(code) => write!(f, "stage:{code}"),
            Self::Flag(code) => write!(f, "flag:{code}"),
        }
    }
}

impl Pack {
    /// A service by its code.
    pub fn service(&self, code: &str) -> Option<&ServiceKind> {
        self.services.iter().find(|kind| kind.code == code)
    }

    pub(super) fn check_services(&self, faults: &mut Faults) {
        faults.unique(SERVICES, self.services.iter().map(|kind| kind.code.as_str()));
        for kind in &self.services {
            let at = format!("service.{}", kind.code);
            faults.code(&at, "code", &kind.code);
            faults.text(&at, "label", &kind.label);
            faults.origin(&at, &kind.origin);
            for code in kind.htcds.iter().filter(|code| !SUPPORT.contains(&code.as_str())) {
                faults.add(&format!("{at}.htcds"), format!("HTCDS has no support \"{code}\": {}", SUPPORT.join(", ")));
            }
            if kind.class == Class::Core || kind.class == Class::Views || kind.class.team_only() {
                let message =
                    format!("a service's words can't have the class \"{}\": take notes, health or such", kind.class);
                faults.add(&format!("{at}.class"), message);
            }
            match &kind.standard {
                Some(When::Stage(code)) if self.stage(code).is_none() => {
                    faults.add(&format!("{at}.when"), format!("there is no stage \"{code}\""));
                }
                Some(When::Flag(code)) => faults.in_list(self, &format!("{at}.when"), "flag", code),
                _ => {}
            }
        }
    }
}
