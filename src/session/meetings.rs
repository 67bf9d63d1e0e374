//! What the front ends ask about meetings.

use crate::domain::ids::ItemId;
use crate::domain::meeting::Meeting;
use crate::domain::meeting::agenda::{self, Line};

use super::Session;

impl Session {
    /// The agenda of a meeting as it stands now, in order; empty if there is no such meeting.
    pub fn agenda(&self, meeting: ItemId) -> Vec<Line> {
        let Some(meeting) = Meeting::get(&self.state, meeting) else { return Vec::new() };
        agenda::agenda(&self.state, &self.pack, &self.today(), meeting, self.now())
    }
}
