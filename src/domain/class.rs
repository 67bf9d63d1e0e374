//! Classes: kinds of data with their own need-to-know. One stream × one class is a *compartment* with its own key.

use std::fmt;

macro_rules! classes {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal;)*) => {
        /// A kind of data with its own need-to-know. The number is stored and never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[repr(u8)]
        pub enum Class {
            $($(#[$doc])* $variant = $number,)*
        }

        impl Class {
            /// Every class, in the order of the stored numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stored number.
            pub const fn number(self) -> u8 {
                self as u8
            }

            /// The class of a stored number; `None` if a newer version made it.
            pub const fn from_number(number: u8) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The word used in files, on the command line and on screens.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Reads [`Class::name`].
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|class| class.name() == name)
            }
        }
    };
}

classes! {
    /// Code, stage, risk; of an action owner, due and state; consent.
    Core = 1, "core";
    /// Who the child is.
    Identity = 2, "identity";
    /// The family home and the rules of safe contact.
    Contact = 3, "contact";
    /// Where the child is now.
    Placement = 4, "placement";
    /// Who reported.
    Reporter = 5, "reporter";
    /// Carers, siblings, alleged offenders, witnesses.
    People = 6, "people";
    /// The child's own words.
    Views = 7, "views";
    /// Ordinary notes.
    Notes = 8, "notes";
    /// Health.
    Health = 9, "health";
    /// Police and courts.
    Justice = 10, "justice";
    /// Forensic interview.
    Interview = 11, "interview";
    /// Who opened, revealed, printed, exported what. Team only.
    Access = 12, "access";
    /// Links between cases. Team only.
    Links = 13, "links";
}

impl Class {
    /// Team-only classes travel in no bundle but `sync`.
    pub const fn team_only(self) -> bool {
        matches!(self, Self::Access | Self::Links)
    }

    /// Words about a child may be kept under it: it is not the team's own, and not the core, which every profile sends and
    /// observers read.
    pub const fn keeps_words(self) -> bool {
        !self.team_only() && !matches!(self, Self::Core)
    }

    /// Its words say who or where somebody is: what is masked is masked as a whole, not word by word.
    pub const fn names(self) -> bool {
        matches!(self, Self::Identity | Self::Contact | Self::Placement | Self::Reporter | Self::People)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
