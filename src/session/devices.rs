//! The team's devices, as lists show them.

use std::collections::HashMap;

use crate::domain::class::Class;
use crate::domain::fact::{Fact, Placed};
use crate::domain::ids::{DeviceId, ItemId};
use crate::domain::views::{Member, owner_name};
use crate::error::{AppError, Kind, Result};

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

    /// Devices that only somebody introduced who had left by then, or a replaced recovery sheet: what they sign is not
    /// taken in. Id, and the name of the member for whom they would write.
    pub fn doubted_devices(&self) -> Vec<(DeviceId, String)> {
        let name = |member| owner_name(&self.state, Some(member)).into_owned();
        let mut all: Vec<_> = self.state.doubted_devices().map(|(id, device)| (id, name(device.member))).collect();
        all.sort();
        all
    }

    /// Introduces such a device after all: what it signed is taken in with the next sync.
    ///
    /// # Errors
    /// [`Kind::Refused`] for members who may not, for a device that is not one of those, and for one of somebody who is
    /// not on the team; [`Kind::Io`].
    pub fn accept_device(&mut self, id: DeviceId) -> Result<()> {
        if !Member::get(&self.state, self.me).is_some_and(Member::leads) {
            return Err(AppError::new(
                Kind::Refused,
                "Only a coordinator or a deputy can let a device write for the team.",
                "Ask one of them: Team lists who they are.",
            ));
        }
        let doubted = self.state.doubted_devices().find(|(known, _)| *known == id).map(|(_, device)| *device);
        let stays = |member: ItemId| Member::get(&self.state, member).is_some_and(|member| !member.left());
        let Some(device) = doubted.filter(|device| stays(device.member)) else {
            return Err(AppError::new(
                Kind::Refused,
                "No device of somebody on the team waits for this.",
                "`mahoe device list` shows those that do.",
            ));
        };
        let fact = Fact::Device { device: id, key: device.key, member: device.member };
        self.write(vec![Placed { stream: self.state.team_stream(), class: Class::Core, fact }])?;
        self.undo.clear();
        self.settle()
    }
}
