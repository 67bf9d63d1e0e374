//! Post by a shared folder: what waits in the outbox is put there, what lies there for us is fetched into the inbox.
//!
//! Nothing is taken in by that. It can be stopped between two bundles, and done again.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};

use crate::bundle::relay::{Carrier, FolderCarrier, Listing, Mailbox, Object};
use crate::error::Result;
use crate::session::Session;
use crate::session::exchange::{Pulled, Pushed};
use crate::text::counted;
use crate::tui::desk::Desk;
use crate::tui::effect::Effect;
use crate::tui::layers::Effects;
use crate::tui::screens::busy;

use super::plan;

/// A carrier that tells how far it is, and refuses to go on once it is to stop.
struct Telling<'a> {
    inner: FolderCarrier,
    tell: RefCell<busy::Tell<'a>>,
    done: RefCell<(u64, u64, bool)>,
}

impl<'a> Telling<'a> {
    fn new(folder: &Path, total: usize, tell: busy::Tell<'a>) -> Result<Self> {
        let inner = FolderCarrier::new(folder).map_err(|error| plan::io("The folder can't be used", &error))?;
        Ok(Self { inner, tell: RefCell::new(tell), done: RefCell::new((0, total as u64, false)) })
    }

    /// One bundle more.
    fn step(&self) -> io::Result<()> {
        let (done, total, stopped) = *self.done.borrow();
        let goes_on = !stopped && (self.tell.borrow_mut())(done, total);
        *self.done.borrow_mut() = (done + 1, total.max(done + 1), !goes_on);
        if goes_on { Ok(()) } else { Err(io::ErrorKind::Interrupted.into()) }
    }

    fn stopped(&self) -> bool {
        self.done.borrow().2
    }
}

impl Carrier for Telling<'_> {
    fn list(&self, mailbox: Mailbox) -> io::Result<Listing> {
        self.inner.list(mailbox)
    }

    fn open(&self, mailbox: Mailbox, object: Object) -> io::Result<Box<dyn io::Read>> {
        self.step()?;
        self.inner.open(mailbox, object)
    }

    fn put(&self, mailbox: Mailbox, bytes: &[u8]) -> io::Result<Object> {
        self.step()?;
        self.inner.put(mailbox, bytes)
    }

    fn remove(&self, mailbox: Mailbox, object: Object) -> io::Result<()> {
        self.inner.remove(mailbox, object)
    }
}

/// Puts what waits in the outbox into the folder.
pub(super) fn push(folder: PathBuf, drive: Option<String>) -> Effects<Desk> {
    let place = folder.clone();
    let work = move |session: &mut Session, tell: busy::Tell<'_>| {
        let carrier = Telling::new(&folder, session.outbox().len(), tell)?;
        let pushed = session.relay_push(&carrier);
        if carrier.stopped() {
            return Ok((None, session.outbox()));
        }
        let pushed = pushed?;
        Ok((Some(pushed), session.outbox()))
    };
    busy::then("Putting the outbox into the folder", work, move |(pushed, names), desk| {
        desk.keep_place(&place);
        let Some(pushed) = pushed else {
            return vec![Effect::info("Stopped: what lies in the folder already stays there. p puts in the rest.")];
        };
        for name in names {
            desk.trays.mark_carried(name);
        }
        desk.trays.changed();
        vec![Effect::info(format!("{}{}", put_words(&pushed), safe(drive.as_deref())))]
    })
}

/// "2 bundles lie in the folder for others to fetch, 1 of them since before; 1 that was answered was cleared away."
fn put_words(pushed: &Pushed) -> String {
    let lie = pushed.put + pushed.there;
    let mut says = match (lie, pushed.there) {
        (0, _) => "Nothing waits to be carried".to_owned(),
        (lie, 0) => format!("{} put into the folder for others to fetch", counted(lie, "bundle is", "bundles are")),
        (lie, there) if lie == there => {
            format!("{} in the folder already, for others to fetch", counted(lie, "bundle lies", "bundles lie"))
        }
        (lie, there) => {
            let lie = counted(lie, "bundle lies", "bundles lie");
            format!("{lie} in the folder for others to fetch, {there} of them since before")
        }
    };
    if pushed.cleared > 0 {
        let words = counted(pushed.cleared, "that was answered is cleared away", "that were answered are cleared away");
        says = format!("{says}; {words}");
    }
    says + "."
}

/// Fetches what lies there for us.
pub(super) fn pull(folder: PathBuf, drive: Option<String>) -> Effects<Desk> {
    let place = folder.clone();
    let work = move |session: &mut Session, tell: busy::Tell<'_>| {
        let there = session.relay_status(&Telling::new(&folder, 0, &mut |_, _| true)?)?.1;
        let carrier = Telling::new(&folder, there, tell)?;
        let pulled = session.relay_pull(&carrier)?;
        Ok((pulled, carrier.stopped()))
    };
    busy::then("Fetching from the folder", work, move |(pulled, stopped), desk| {
        desk.keep_place(&place);
        desk.trays.changed();
        desk.look_into_inbox();
        vec![Effect::info(format!("{}{}", fetched_words(&pulled, stopped), safe(drive.as_deref())))]
    })
}

fn fetched_words(pulled: &Pulled, stopped: bool) -> String {
    let fetched = pulled.fetched.len();
    let came = || counted(fetched, "bundle was", "bundles were");
    if stopped {
        return format!("Stopped: {} fetched until then. f fetches the rest.", came());
    }
    let says = match (fetched, pulled.known) {
        (0, 0) => "Nothing lies there for your team.".to_owned(),
        (0, known) => {
            format!("Nothing new lies there: {} here before.", counted(known, "bundle was", "bundles were"))
        }
        _ => format!("{} fetched into the inbox. Enter opens one; nothing is taken in before.", came()),
    };
    if pulled.left_alone == 0 {
        return says;
    }
    let files = counted(pulled.left_alone, "file is", "files are");
    format!("{says} {files} half-written, damaged or not for you, and left alone.")
}

fn safe(drive: Option<&str>) -> String {
    drive.map_or_else(String::new, |drive| format!(" {drive}: safe to pull out now."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_fit_the_numbers() {
        let put = |put, there, cleared| put_words(&Pushed { put, there, cleared });
        assert_eq!(put(0, 0, 0), "Nothing waits to be carried.");
        assert_eq!(put(1, 0, 0), "1 bundle is put into the folder for others to fetch.");
        assert_eq!(put(0, 2, 0), "2 bundles lie in the folder already, for others to fetch.");
        assert_eq!(
            put(2, 1, 1),
            "3 bundles lie in the folder for others to fetch, 1 of them since before; 1 that was answered is cleared away."
        );
    }
}
