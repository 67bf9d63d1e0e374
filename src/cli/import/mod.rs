//! `import csv`: a spreadsheet becomes cases or actions, all of it or nothing.

use crate::error::{AppError, Kind, Result};
use crate::session::Session;

use super::Cx;
use super::args::ImportArgs;
use super::output::Output;

/// Imports a spreadsheet.
pub(super) fn run(_session: &mut Session, _cx: &Cx<'_>, _args: &ImportArgs) -> Result<Output> {
    Err(AppError::new(Kind::Usage, "Not yet.", "Not yet."))
}
