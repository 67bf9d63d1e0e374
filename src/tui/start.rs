//! Where the command line hands over to the screens.

use std::path::PathBuf;

use crate::error::{AppError, Kind, Result};
use crate::session::Session;

/// What the screens begin with.
pub struct Start {
    /// The vault's folder.
    pub root: PathBuf,
    /// An open session, for the demo.
    pub session: Option<Session>,
    /// Who is going to unlock it, if that was said.
    pub handle: Option<String>,
    /// No colours.
    pub no_color: bool,
    /// The sample parish.
    pub demo: bool,
}

/// Runs the screens until the person leaves.
///
/// # Errors
/// [`Kind::Usage`] while there are none.
pub fn run(start: Start) -> Result<()> {
    drop(start);
    Err(AppError::new(Kind::Usage, "The screens are not in this build.", "Use a command: mahoe --help."))
}
