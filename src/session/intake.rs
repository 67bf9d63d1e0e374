//! Taking in what the vault hands over: put in order on one thread, folded on another.
//!
//! The order of all entries and the State know nothing of each other, so that the one can go ahead while the other
//! follows; what is folded, and in which order, is the same as on one thread.

use std::collections::HashSet;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::{Ready, Session, push_block};
use crate::domain::ids::StreamId;
use crate::domain::state::{Applied, Body, Stamp, State};
use crate::error::{AppError, Kind, Result};
use crate::log::order::{Ledger, Taken};
use crate::vault::{Handed, LoadedBody, Vault, reserve_memory};

/// So many entries go to the other thread together.
const BATCH: usize = 1_024;
/// So many batches may wait to be folded.
const AHEAD: usize = 8;

/// What folding changes, apart from where the entries come from.
pub(super) struct Intake<'a> {
    pub state: &'a mut State,
    /// The streams that are to be folded again once everything is in.
    pub stale: &'a mut HashSet<StreamId>,
    pub unfinished_strike: &'a mut bool,
    /// Bodies that could not be decoded.
    pub unreadable: usize,
}

/// What is to be folded next.
enum Step {
    /// These, in this order; each of them for the first time.
    Fold(Vec<Ready>),
    /// This one, whose header was folded before.
    Fill(Ready),
    /// What was folded so far does not count.
    Anew,
}

impl Session {
    /// Folds everything that the vault hands over: at unlock, or anew.
    pub(super) fn take_in(
        &mut self,
        read: impl FnOnce(&mut Vault, &mut dyn FnMut(Handed<'_>)) -> Result<()>,
    ) -> Result<()> {
        let Self { vault, state, ledger, blocks, stale, unfinished_strike, refused_entries, .. } = self;
        let intake = Intake { state, stale, unfinished_strike, unreadable: 0 };
        let (send, steps) = sync_channel(AHEAD);
        thread::scope(|scope| {
            let folding = thread::Builder::new().name("fold".to_owned());
            let folding = folding.spawn_scoped(scope, move || intake.follow(&steps)).map_err(|error| {
                AppError::new(Kind::Io, format!("Could not begin to read the vault: {error}."), "Try again.")
            })?;
            let mut queue = Queue { waiting: Vec::with_capacity(BATCH), send };
            let mut last = None;
            let result = read(vault, &mut |handed| {
                let Handed::Entry { id, standing, body, block } = handed else {
                    (*ledger, *refused_entries) = (Ledger::default(), 0);
                    blocks.clear();
                    last = None;
                    return queue.anew();
                };
                // What is written together lies together.
                if last.replace((standing.stream, block)) != Some((standing.stream, block)) {
                    push_block(blocks.entry(standing.stream).or_default(), block);
                }
                match ledger.take(id, standing) {
                    Ok(Taken::Ready(released)) => {
                        queue.push((standing.stamp(id), body));
                        for ready in released {
                            queue.push(ready);
                        }
                    }
                    Ok(Taken::Waits(missing)) => ledger.park(id, standing.clone(), (standing.stamp(id), body), missing),
                    // A body that came after its header is a second record of one entry.
                    Ok(Taken::Known) if matches!(body, LoadedBody::Present(_) | LoadedBody::Packed(_)) => {
                        if ledger.contains(id) {
                            queue.fill((standing.stamp(id), body));
                        } else {
                            ledger.replace_parked(id, (standing.stamp(id), body));
                        }
                    }
                    Ok(Taken::Known) => {}
                    Err(_) => *refused_entries += 1,
                }
            });
            queue.flush();
            drop(queue);
            vault.tell_unreadable(folding.join().unwrap_or_else(|panic| resume_unwind(panic)));
            result
        })
    }

    /// Folds in what another laptop might have written, without keeping it: for tests of conflicts.
    #[cfg(test)]
    pub(crate) fn fold_for_test(&mut self, stamp: &Stamp, facts: &[crate::domain::fact::Fact]) {
        let _ = self.state.apply(stamp, Body::Present(facts.into()));
    }
}

/// The way to the thread that folds. If that has stopped, joining it tells.
struct Queue {
    waiting: Vec<Ready>,
    send: SyncSender<Step>,
}

impl Queue {
    fn push(&mut self, ready: Ready) {
        self.waiting.push(ready);
        if self.waiting.len() == BATCH {
            self.flush();
        }
    }

    fn fill(&mut self, ready: Ready) {
        self.flush();
        let _ = self.send.send(Step::Fill(ready));
    }

    fn flush(&mut self) {
        let batch = std::mem::replace(&mut self.waiting, Vec::with_capacity(BATCH));
        let _ = self.send.send(Step::Fold(batch));
    }

    fn anew(&mut self) {
        self.waiting.clear();
        let _ = self.send.send(Step::Anew);
    }
}

impl Intake<'_> {
    /// Folds what comes; how many bodies could not be decoded.
    fn follow(mut self, steps: &Receiver<Step>) -> usize {
        for step in steps {
            match step {
                Step::Fold(batch) => {
                    // For what the State keeps of them.
                    reserve_memory();
                    for (stamp, body) in batch {
                        self.put(&stamp, body, State::apply_new);
                    }
                }
                Step::Fill((stamp, body)) => self.fold(&stamp, body),
                Step::Anew => {
                    *self.state = self.state.renewed();
                    *self.unfinished_strike = false;
                    self.stale.clear();
                    self.unreadable = 0;
                }
            }
        }
        self.unreadable
    }

    pub fn fold(&mut self, stamp: &Stamp, body: LoadedBody) {
        self.put(stamp, body, State::apply);
    }

    fn put(&mut self, stamp: &Stamp, body: LoadedBody, apply: fn(&mut State, &Stamp, Body<'_>) -> Applied) {
        let body = match body {
            LoadedBody::Present(facts) => Body::Present(facts.into()),
            LoadedBody::Packed(packed) => packed.facts().map_or_else(
                || {
                    self.unreadable += 1;
                    Body::Missing
                },
                |facts| Body::Present(facts.into()),
            ),
            LoadedBody::Withheld => Body::Withheld,
            LoadedBody::Destroyed => Body::Destroyed,
            LoadedBody::Missing(_) => Body::Missing,
        };
        let present = matches!(body, Body::Present(_));
        let folded = apply(self.state, stamp, body);
        if let Applied::Refold(streams) = folded {
            // While loading, the refold comes after everything is in.
            self.stale.extend(streams);
        }
        *self.unfinished_strike |= present && self.state.strike(stamp.id).is_some();
    }
}
