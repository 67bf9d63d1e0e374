//! The team's devices, as lists show them.

use std::collections::HashMap;

use crate::domain::ids::{DeviceId, ItemId};
use crate::domain::views::owner_name;

use super::Session;

/// One person's seat in one copy of the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// Its id.
    pub id: DeviceId,
    /// For whom it writes; the team itself for a recovery sheet.
    pub member: ItemId,
    /// Their name; empty for a recovery sheet.
    pub name: String,
    /// When it was introduced, by the writer's clock: milliseconds since 1970.
    pub since: Option<i64>,
    /// The newest that it wrote, by its own clock.
    pub last: Option<i64>,
    /// True for the one that signs here and now.
    pub this: bool,
}

impl Session {
    /// Every device that writes for the team, the newest first.
    pub fn devices(&self) -> Vec<DeviceInfo> {
        let mut last: HashMap<DeviceId, i64> = HashMap::new();
        for stamp in self.state.streams().flat_map(|stream| self.state.entries_of(stream)) {
            let newest = last.entry(stamp.device).or_insert(stamp.wall);
            *newest = stamp.wall.max(*newest);
        }
        let this = self.vault.participant().device().device_id();
        let team = self.state.team_stream().item();
        let info = |(id, device): (DeviceId, &crate::domain::state::Device)| DeviceInfo {
            id,
            member: device.member,
            name: if device.member == team {
                String::new()
            } else {
                owner_name(&self.state, Some(device.member)).into_owned()
            },
            since: self.state.device_since(id).map(|stamp| stamp.wall),
            last: last.get(&id).copied(),
            this: id == this,
        };
        let mut devices: Vec<DeviceInfo> = self.state.devices().map(info).collect();
        devices.sort_by_key(|device| (std::cmp::Reverse(device.since), device.id));
        devices
    }
}
