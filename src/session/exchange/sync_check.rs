//! What a sync is believed for: who may sign, by what is on record and what comes along, and that everything was signed.
//!
//! Nothing is changed here; a refusal leaves the vault as it was.

use std::collections::{HashMap, HashSet};

use crate::bundle::entries::{Body, Record};
use crate::bundle::manifest::Manifest;
use crate::domain::class::Class;
use crate::domain::fact::Fact;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{CompartmentKeyId, DeviceId, EntryId, ItemId, KeyId};
use crate::domain::value::Value;
use crate::domain::views::Member;
use crate::error::Result;
use crate::log::entry::{self, Header};
use crate::log::{codec, sign};
use crate::session::Session;
use crate::vault::{BroughtKeys, LoadedBody, Named, SealedBody, Tried};

use super::held::Index;
use super::read::{forged, refuse};
use super::sync_take::{Aside, Checked, SyncTaken};

/// Signatures that are checked together.
const BATCH: usize = 1024;

/// Who may sign, by what is on record and what comes along.
#[derive(Default)]
struct Writers {
    own: HashMap<DeviceId, ([u8; 32], ItemId)>,
    others: HashMap<DeviceId, Vec<([u8; 32], ItemId)>>,
    /// Epochs that an entry names.
    epochs: HashSet<KeyId>,
    /// What counts for nothing because of who says it and when it came.
    aside: Vec<Aside>,
    /// Devices that were introduced by that and by nothing else.
    unbelieved: HashSet<DeviceId>,
    /// Devices that count no longer, by what comes along: each with the highest number in the order at which it does.
    revoked: HashMap<DeviceId, u64>,
}

/// An introduction that comes along.
struct Introduction {
    by: DeviceId,
    author: ItemId,
    device: DeviceId,
    key: [u8; 32],
    member: ItemId,
    /// It stands at the very beginning of a vault.
    genesis: bool,
}

impl Session {
    /// Checks everything; nothing is changed. Gives back what is new here.
    pub(super) fn check_sync(
        &mut self,
        manifest: &Manifest,
        records: Vec<Record>,
        keys: &mut BroughtKeys,
        taken: &mut SyncTaken,
    ) -> Result<Vec<Checked>> {
        let mut bodies: Option<HashMap<EntryId, bool>> = None;
        let mut checked = Vec::new();
        let mut seen = HashSet::new();
        for record in records {
            let header = Header::decode(&record.header).map_err(|error| match error {
                entry::HeaderError::Version(_) | entry::HeaderError::Class(_) => refuse(
                    "An entry in this bundle was made by a newer mahoe.",
                    "Nothing was changed. Install the current mahoe on this computer too, then take the bundle in.",
                ),
                _ => forged("an entry's header is malformed"),
            })?;
            let id = entry::id_of(&record.header);
            if !seen.insert(id) {
                return Err(forged("it holds an entry twice"));
            }
            let fills = self.ledger.contains(id) || self.ledger.is_parked(id);
            if fills && !self.is_wanted(id, &record, &mut bodies)? {
                continue;
            }
            let plain = match &record.body {
                Body::Sealed(key, sealed) => match self.vault.try_body(keys, id, *key, sealed) {
                    Tried::Plain(plain) if entry::body_matches(&header, &plain) => Some(plain),
                    Tried::Plain(_) => return Err(forged("the words of an entry are not the ones that were signed")),
                    Tried::NotForUs => None,
                    Tried::Bad(what) => return Err(forged(what)),
                },
                Body::Open(_) => return Err(forged("an entry lies open, as none between own devices does")),
                Body::Destroyed | Body::Withheld => None,
            };
            checked.push(Checked { id, header, record, plain, fills });
        }
        self.doubt_destroyed(&mut checked);
        // A removal always counts, whoever says it: so it is never taken in from somebody who had left when it came.
        self.refuse_disputes(&checked)?;
        let mut writers = self.sync_writers(&checked, keys)?;
        taken.aside = std::mem::take(&mut writers.aside);
        self.check_signer(manifest, &writers)?;
        self.check_signatures(&mut checked, &writers, taken)?;
        self.justify_keys(&checked, keys)?;
        let named = |epoch: &KeyId| writers.epochs.contains(epoch) || self.state.doubts_epoch(*epoch);
        if !keys.epochs().iter().all(named) {
            return Err(forged("it brings keys of an epoch that no entry names"));
        }
        Ok(checked)
    }

    /// A wrap is taken because of the checked entries that name its key, or for a key that is here.
    fn justify_keys(&self, checked: &[Checked], keys: &mut BroughtKeys) -> Result<()> {
        let mut named: HashMap<CompartmentKeyId, Named> = HashMap::new();
        for it in checked {
            if let Body::Sealed(key, _) = &it.record.body {
                let (place, opens) = ((it.header.stream, it.header.class), it.plain.is_some());
                named.entry(*key).or_insert(Named { place, opens }).opens |= opens;
            }
        }
        let entries = |stream, class| {
            let known = self.state.entries_of(stream).filter(|stamp| stamp.class == class).count();
            let coming = checked.iter().filter(|it| (it.header.stream, it.header.class) == (stream, class)).count();
            (known + coming) as u64
        };
        keys.justify(&named, &entries).map_err(forged)
    }

    /// Words of our own vault are destroyed by a strike on record and by nothing else: where none says so, they count as
    /// kept back, so that they are taken when they come.
    fn doubt_destroyed(&self, checked: &mut [Checked]) {
        let struck: HashSet<EntryId> = checked
            .iter()
            .filter_map(|it| codec::decode_body(it.plain.as_ref()?).ok())
            .flatten()
            .filter_map(|fact| match fact {
                Fact::Struck { entry, .. } => Some(entry),
                _ => None,
            })
            .collect();
        for it in checked.iter_mut().filter(|it| it.record.body == Body::Destroyed) {
            let said = struck.contains(&it.id) || self.state.is_struck(it.header.stream, it.id);
            if it.header.vault == self.vault.id() && !said {
                it.record.body = Body::Withheld;
            }
        }
    }

    /// True if an entry that is here lacks the body that came.
    fn is_wanted(&self, id: EntryId, record: &Record, bodies: &mut Option<HashMap<EntryId, bool>>) -> Result<bool> {
        if !matches!(record.body, Body::Sealed(..)) || self.state.is_folded(id) || self.state.strike(id).is_some() {
            return Ok(false);
        }
        if bodies.is_none() {
            *bodies = Some(Index::of(&self.vault)?.bodies());
        }
        Ok(bodies.as_ref().is_some_and(|bodies| bodies.get(&id) == Some(&false)))
    }

    /// Who may sign: on record, or introduced by what comes along, in as many steps as it takes.
    fn sync_writers(&mut self, checked: &[Checked], keys: &mut BroughtKeys) -> Result<Writers> {
        let unread = self.unread_of_team(keys)?;
        let mut writers = Writers::default();
        writers.own.extend(self.state.devices().map(|(id, device)| (id, (device.key, device.member))));
        writers.epochs.extend(self.state.epochs().iter().map(|epoch| epoch.key));
        for (device, is) in self.state.peer_devices() {
            writers.others.entry(device).or_default().push((is.key, is.member));
        }
        let empty = writers.own.is_empty();
        let mut leads = HashSet::new();
        let mut introductions = Vec::new();
        let team = self.state.team_stream();
        let of_team = |header: &Header| header.stream == team && header.vault == self.vault.id();
        let brought = checked.iter().filter(|it| of_team(&it.header)).filter_map(|it| {
            // What can't be read says nothing; the fold shows it as such.
            Some((&it.header, codec::decode_body(it.plain.as_ref()?).ok()?))
        });
        let mut brought: Vec<(&Header, Vec<Fact>)> = brought.collect();
        self.set_rulings_aside(&mut brought, &mut writers)?;
        let brought = brought.into_iter();
        for (header, facts) in brought.chain(unread.iter().map(|(header, facts)| (header, facts.clone()))) {
            for fact in facts {
                match fact {
                    Fact::Device { device, key, member } => introductions.push(Introduction {
                        by: header.device,
                        author: header.author,
                        genesis: empty && header.sequence == 1 && header.parents.is_empty(),
                        device,
                        key,
                        member,
                    }),
                    Fact::PeerDevice { device, key, member, .. } if sign::device_of(&key) == device => {
                        writers.others.entry(device).or_default().push((key, member));
                    }
                    Fact::Epoch { key, .. } => {
                        writers.epochs.insert(key);
                    }
                    Fact::Set { item, field: Field::MemberRole, value, .. }
                        if leading(&value)
                            && (empty
                                || header.author == team.item()
                                || leads.contains(&header.author)
                                || self.leads_now(header.author)) =>
                    {
                        leads.insert(item);
                    }
                    _ => {}
                }
            }
        }
        introductions.retain(|it| !writers.own.contains_key(&it.device));
        if introductions.iter().any(|it| it.author != it.member && !self.leads_now(it.author)) {
            leads.extend(self.ever_led()?);
        }
        self.introduce_all(introductions, &leads, &mut writers)?;
        writers.unbelieved.extend(self.state.doubted_devices().map(|(id, _)| id));
        let own = &writers.own;
        writers.unbelieved.retain(|device| !own.contains_key(device));
        Ok(writers)
    }

    /// Of whoever left, and of recovery sheets that were replaced, nothing about keys, devices and roles is believed that
    /// was not here before, whoever carries it: it is taken in like the rest, and counts for nothing.
    fn set_rulings_aside(&self, brought: &mut [(&Header, Vec<Fact>)], writers: &mut Writers) -> Result<()> {
        let rescuer = self.state.team_stream().item();
        for (header, facts) in brought.iter().filter(|(header, _)| header.author != rescuer) {
            for fact in facts {
                if let Fact::Revoked { device, upto } = fact {
                    let limit = writers.revoked.entry(*device).or_insert(*upto);
                    *limit = (*upto).min(*limit);
                }
                // Nor by another device of theirs.
                if let Fact::Device { device, member, .. } = fact
                    && *member == header.author
                    && self.is_beyond(header, &writers.revoked)
                {
                    writers.revoked.entry(*device).or_default();
                }
            }
        }
        for (header, facts) in brought {
            let beyond = self.is_beyond(header, &writers.revoked);
            let late = !self.ledger.contains(header.id());
            let left = Member::get(&self.state, header.author).is_some_and(Member::left);
            let counts_not = |fact: &Fact| header.author == rescuer || fact.rules_the_team(header.author);
            if left && late && !beyond && facts.iter().any(counts_not) {
                return Err(refuse(
                    "Somebody who left the team wrote about its keys, devices or roles in this bundle.",
                    "Nothing was changed. A coordinator or deputy has to unlock this copy first: then the rest is taken in.",
                ));
            }
            if !beyond {
                continue;
            }
            let what = facts.iter().filter(|fact| counts_not(fact)).map(about).max();
            if let Some((_, what)) = what.filter(|_| late) {
                let who = Member::get(&self.state, header.author).map_or("", |member| member.0.str(Field::MemberName));
                writers.aside.push(Aside { who: who.to_owned(), when: header.wall, what });
            }
            // Its key may have to be known for the rest to be read; nothing new is written under it.
            writers.epochs.extend(facts.iter().filter_map(|fact| match fact {
                Fact::Epoch { key, .. } => Some(*key),
                _ => None,
            }));
            writers.unbelieved.extend(facts.iter().filter(|fact| counts_not(fact)).filter_map(|fact| match fact {
                Fact::Device { device, .. } => Some(*device),
                _ => None,
            }));
            facts.retain(|fact| !counts_not(fact));
        }
        Ok(())
    }

    fn is_beyond(&self, header: &Header, coming: &HashMap<DeviceId, u64>) -> bool {
        self.state.is_beyond(header.device, header.lamport)
            || coming.get(&header.device).is_some_and(|upto| header.lamport > *upto)
    }

    /// What the team's own entries say that are here and in no State yet: they wait for their predecessors, or came
    /// before the key to them. They were checked when they came.
    fn unread_of_team(&mut self, keys: &mut BroughtKeys) -> Result<Vec<(Header, Vec<Fact>)>> {
        let team = self.state.team_stream();
        if self.ledger.waiting().all(|(header, _)| header.stream != team)
            && self.state.unreadable(team, Class::Core) == 0
        {
            return Ok(Vec::new());
        }
        let mut unread = Vec::new();
        self.vault.walk_sealed(&mut |id, header, entry| {
            let own = header.stream == team && header.class == Class::Core && header.vault == self.vault.id();
            if let (true, SealedBody::Sealed(key, sealed)) = (own && !self.state.is_folded(id), entry.body) {
                unread.push((id, header.clone(), key, sealed));
            }
        })?;
        let mut facts = Vec::new();
        for (id, header, key, sealed) in unread {
            if let Tried::Plain(plain) = self.vault.try_body(keys, id, key, &sealed) {
                facts.extend(codec::decode_body(&plain).ok().map(|said| (header, said)));
            }
        }
        Ok(facts)
    }

    fn leads_now(&self, member: ItemId) -> bool {
        Member::get(&self.state, member).is_some_and(Member::leads)
    }

    /// Everybody who was ever made coordinator or deputy: what they introduced then stays introduced.
    fn ever_led(&mut self) -> Result<HashSet<ItemId>> {
        let team = self.state.team_stream();
        let blocks = self.blocks.get(&team).cloned().unwrap_or_default();
        let mut led = HashSet::new();
        for loaded in self.vault.entries_of(team, &blocks)? {
            let LoadedBody::Present(facts) = loaded.body else { continue };
            led.extend(facts.iter().filter_map(|fact| match fact {
                Fact::Set { item, field: Field::MemberRole, value, .. } if leading(value) => Some(*item),
                _ => None,
            }));
        }
        Ok(led)
    }

    /// Follows the introductions from devices that are known. Whoever introduces another person's device leads the team,
    /// or holds its recovery words; their own anybody introduces with an earlier one.
    fn introduce_all(
        &self,
        mut waiting: Vec<Introduction>,
        leads: &HashSet<ItemId>,
        writers: &mut Writers,
    ) -> Result<()> {
        let rescuer = self.state.team_stream().item();
        loop {
            let before = waiting.len();
            let mut later = Vec::new();
            for it in waiting {
                let itself = it.genesis && it.by == it.device;
                let author = writers.own.get(&it.by).map(|(_, member)| *member);
                if author.is_none() && !itself {
                    later.push(it);
                    continue;
                }
                let authentic = sign::device_of(&it.key) == it.device && author.is_none_or(|is| is == it.author);
                let may = it.author == it.member
                    || it.author == rescuer
                    || leads.contains(&it.author)
                    || self.leads_now(it.author);
                if !authentic || !may {
                    return Err(forged("a device was introduced by somebody who may not"));
                }
                writers.own.entry(it.device).or_insert((it.key, it.member));
            }
            if later.is_empty() || later.len() == before {
                // Whoever was let in by a device that is not believed is not believed either.
                while let Some(at) = later.iter().position(|it| writers.unbelieved.contains(&it.by)) {
                    writers.unbelieved.insert(later.swap_remove(at).device);
                }
                return Ok(());
            }
            waiting = later;
        }
    }

    /// The device that signed the manifest writes for the team, and for somebody who is still on it.
    fn check_signer(&self, manifest: &Manifest, writers: &Writers) -> Result<()> {
        let device = sign::device_of(&manifest.from.device);
        let known = writers.own.get(&device).filter(|(key, _)| *key == manifest.from.device);
        let left = |member: ItemId| Member::get(&self.state, member).is_some_and(Member::left);
        if known.is_some_and(|(_, member)| left(*member)) {
            return Err(refuse(
                "The device that made this bundle belongs to somebody who left the team.",
                "Nothing was changed. Keep the file and tell your coordinator.",
            ));
        }
        let revoked = writers.revoked.contains_key(&device) || self.state.is_revoked(device);
        if revoked || writers.unbelieved.contains(&device) {
            return Err(refuse(
                "The device that made this bundle counts no longer: somebody who left let it in, or a recovery sheet that was replaced.",
                "Nothing was changed. Keep the file and tell your coordinator.",
            ));
        }
        if known.is_none() {
            return Err(refuse(
                "The device that made this bundle is not one of your team's.",
                "Nothing was changed. Ask its owner; `mahoe device list` shows the devices that are known here.",
            ));
        }
        Ok(())
    }

    /// Every signature, and that each device writes for the author it names.
    fn check_signatures(&self, checked: &mut Vec<Checked>, writers: &Writers, taken: &mut SyncTaken) -> Result<()> {
        let own = self.vault.id();
        let mut signers = Vec::with_capacity(checked.len());
        let mut wrong = None;
        checked.retain(|it| {
            let header = &it.header;
            let key = if header.vault == own {
                match writers.own.get(&header.device) {
                    Some((key, member)) if *member == header.author => Some(*key),
                    Some(_) => {
                        wrong = Some("an entry names another author than the one its device writes for");
                        None
                    }
                    None if writers.unbelieved.contains(&header.device) => {
                        taken.unbelieved += 1;
                        None
                    }
                    None => {
                        wrong = Some("an entry was signed by a device that nobody introduced");
                        None
                    }
                }
            } else {
                let claims = writers.others.get(&header.device).into_iter().flatten();
                let key = claims.into_iter().find(|(_, member)| *member == header.author).map(|(key, _)| *key);
                taken.left_out += usize::from(key.is_none());
                key
            };
            signers.extend(key);
            key.is_some()
        });
        if let Some(wrong) = wrong {
            return Err(forged(wrong));
        }
        for (some, keys) in checked.chunks(BATCH).zip(signers.chunks(BATCH)) {
            let signed = some.iter().zip(keys);
            if !sign::verify_all(signed.map(|(it, key)| (key, it.record.header.as_slice(), &it.record.signature))) {
                return Err(forged("the signature of an entry is not good"));
            }
        }
        Ok(())
    }
}

/// What a fact that rules the team is about, the weightier the higher.
fn about(fact: &Fact) -> (u8, &'static str) {
    match fact {
        Fact::Device { .. } => (3, "whose device may write"),
        Fact::Epoch { .. } => (2, "who can open the team's key"),
        Fact::Set { field: Field::MemberRole, .. } => (1, "somebody's role"),
        Fact::Set { field: Field::Retracted, .. } => (1, "what was taken back"),
        Fact::Set { field: Field::TeamPolicy, .. } => (1, "the policy"),
        Fact::Set { field, .. } if field.def().kind == Some(ItemKind::Peer) => (1, "another team"),
        Fact::Set { field: Field::BundleSetAside, .. } => (1, "what a bundle brought"),
        _ => (0, "the team's keys"),
    }
}

fn leading(role: &Value) -> bool {
    ["coordinator", "deputy"].iter().any(|code| *role == Value::code(code))
}
