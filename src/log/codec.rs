//! Facts as bytes. The only file that names bincode.
//!
//! bincode 1.3 in its variable-length form, with a size limit and trailing bytes refused. Each (kind, version) has
//! one frozen struct here with golden bytes in the tests; a change is a new kind number, never a changed struct.
//! Encoded bytes are hashed and kept as received, never re-encoded.

use bincode::Options;
use serde::{Deserialize, Serialize};

use crate::domain::class::Class;
use crate::domain::fact::Fact;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{DeviceId, EntryId, ItemId, KeyId};
use crate::domain::value::Value;

/// The largest encoded fact, in bytes. A body is bounded by the same figure.
pub const MAX_FACT: usize = 1 << 20;

/// Why bytes are not facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodecError {
    /// The bytes end inside a fact, or a length points beyond them.
    Cut,
    /// A fact of a known kind whose bytes say nothing sensible.
    Malformed(u16),
    /// A fact or a body over the limit.
    TooLarge,
    /// Something other than zeros stands after the last fact.
    DirtyPadding,
}

const CREATED: u16 = 1;
const SET: u16 = 2;
const STRUCK: u16 = 3;
const EPOCH: u16 = 4;
const DEVICE: u16 = 5;
const ACCESSED: u16 = 6;
const PEER_DEVICE: u16 = 7;
const BROUGHT: u16 = 8;
const REVOKED: u16 = 9;

#[derive(Serialize)]
struct CreatedV1 {
    item: [u8; 16],
    kind: u8,
    class: u8,
}

#[derive(Serialize)]
struct SetV1 {
    item: [u8; 16],
    field: u16,
    value: ValueV1,
    replaces: Vec<[u8; 32]>,
}

/// [`SetV1`] behind its item, which is read by hand.
#[derive(Deserialize)]
struct SetRestV1 {
    field: u16,
    value: ValueV1,
    replaces: Vec<[u8; 32]>,
}

#[derive(Serialize, Deserialize)]
enum ValueV1 {
    Nothing,
    Text(Box<str>),
    Code(Box<str>),
    Codes(Vec<Box<str>>),
    Date(i32),
    When(i64),
    Number(i64),
    YesNo(bool),
    Item([u8; 16]),
    Items(Vec<[u8; 16]>),
}

#[derive(Serialize, Deserialize)]
struct StruckV1 {
    entry: [u8; 32],
    reason: String,
}

#[derive(Serialize, Deserialize)]
struct EpochV1 {
    key: [u8; 16],
    follows: Vec<[u8; 16]>,
    recipients: Vec<([u8; 16], String)>,
}

#[derive(Serialize, Deserialize)]
struct DeviceV1 {
    device: [u8; 32],
    key: [u8; 32],
    member: [u8; 16],
}

#[derive(Serialize, Deserialize)]
struct AccessedV1 {
    what: String,
    item: [u8; 16],
    detail: String,
}

#[derive(Serialize, Deserialize)]
struct PeerDeviceV1 {
    peer: [u8; 16],
    device: [u8; 32],
    key: [u8; 32],
    member: [u8; 16],
}

#[derive(Serialize, Deserialize)]
struct BroughtV1 {
    bundle: [u8; 16],
    entries: Vec<[u8; 32]>,
}

#[derive(Serialize, Deserialize)]
struct RevokedV1 {
    device: [u8; 32],
    upto: u64,
}

fn options() -> impl Options {
    bincode::DefaultOptions::new().with_limit(MAX_FACT as u64)
}

fn pack<T: Serialize>(kind: u16, value: &T) -> Result<(u16, Vec<u8>), CodecError> {
    options().serialize(value).map(|bytes| (kind, bytes)).map_err(|_| CodecError::TooLarge)
}

fn unpack<T: for<'de> Deserialize<'de>>(kind: u16, bytes: &[u8]) -> Result<T, CodecError> {
    options().deserialize(bytes).map_err(|_| CodecError::Malformed(kind))
}

/// The item that the commonest facts begin with: sixteen bytes that lie as they are, for which the decoder would take
/// sixteen steps. Of a million facts that is half of what decoding costs.
fn split_item(kind: u16, bytes: &[u8]) -> Result<(ItemId, &[u8]), CodecError> {
    let (item, rest) = bytes.split_first_chunk().ok_or(CodecError::Malformed(kind))?;
    Ok((ItemId(*item), rest))
}

/// One fact as its kind and bytes.
pub fn encode(fact: &Fact) -> Result<(u16, Vec<u8>), CodecError> {
    match fact {
        Fact::Created { item, kind, class } => {
            pack(CREATED, &CreatedV1 { item: item.0, kind: *kind as u8, class: class.number() })
        }
        Fact::Set { item, field, value, replaces } => pack(
            SET,
            &SetV1 {
                item: item.0,
                field: field.number(),
                value: ValueV1::from(value),
                replaces: replaces.iter().map(|id| id.0).collect(),
            },
        ),
        Fact::Struck { entry, reason } => pack(STRUCK, &StruckV1 { entry: entry.0, reason: reason.clone() }),
        Fact::Epoch { key, follows, recipients } => pack(
            EPOCH,
            &EpochV1 {
                key: key.0,
                follows: follows.iter().map(|id| id.0).collect(),
                recipients: recipients.iter().map(|(member, recipient)| (member.0, recipient.clone())).collect(),
            },
        ),
        Fact::Device { device, key, member } => {
            pack(DEVICE, &DeviceV1 { device: device.0, key: *key, member: member.0 })
        }
        Fact::Accessed { what, item, detail } => {
            pack(ACCESSED, &AccessedV1 { what: what.clone(), item: item.0, detail: detail.clone() })
        }
        Fact::PeerDevice { peer, device, key, member } => {
            pack(PEER_DEVICE, &PeerDeviceV1 { peer: peer.0, device: device.0, key: *key, member: member.0 })
        }
        Fact::Brought { bundle, entries } => {
            pack(BROUGHT, &BroughtV1 { bundle: bundle.0, entries: entries.iter().map(|id| id.0).collect() })
        }
        Fact::Revoked { device, upto } => pack(REVOKED, &RevokedV1 { device: device.0, upto: *upto }),
        Fact::Unknown { kind, bytes } => Ok((*kind, bytes.clone())),
    }
}

/// The fact of a kind and its bytes. A kind, field, item kind or class that a newer version made becomes
/// [`Fact::Unknown`], so that it hides one fact and not the entry.
pub fn decode(kind: u16, bytes: &[u8]) -> Result<Fact, CodecError> {
    let known = match kind {
        CREATED => {
            let (item, rest) = split_item(kind, bytes)?;
            let &[number, class] = rest else { return Err(CodecError::Malformed(kind)) };
            let known = ItemKind::from_number(number).zip(Class::from_number(class));
            known.map(|(kind, class)| Fact::Created { item, kind, class })
        }
        SET => {
            let (item, rest) = split_item(kind, bytes)?;
            let v: SetRestV1 = unpack(kind, rest)?;
            Field::from_number(v.field).map(|field| Fact::Set {
                item,
                field,
                value: v.value.into(),
                replaces: v.replaces.into_iter().map(EntryId).collect(),
            })
        }
        STRUCK => {
            let v: StruckV1 = unpack(kind, bytes)?;
            Some(Fact::Struck { entry: EntryId(v.entry), reason: v.reason })
        }
        EPOCH => {
            let v: EpochV1 = unpack(kind, bytes)?;
            Some(Fact::Epoch {
                key: KeyId(v.key),
                follows: v.follows.into_iter().map(KeyId).collect(),
                recipients: v.recipients.into_iter().map(|(member, r)| (ItemId(member), r)).collect(),
            })
        }
        DEVICE => {
            let v: DeviceV1 = unpack(kind, bytes)?;
            Some(Fact::Device { device: DeviceId(v.device), key: v.key, member: ItemId(v.member) })
        }
        ACCESSED => {
            let v: AccessedV1 = unpack(kind, bytes)?;
            Some(Fact::Accessed { what: v.what, item: ItemId(v.item), detail: v.detail })
        }
        PEER_DEVICE => {
            let v: PeerDeviceV1 = unpack(kind, bytes)?;
            let (peer, member) = (ItemId(v.peer), ItemId(v.member));
            Some(Fact::PeerDevice { peer, device: DeviceId(v.device), key: v.key, member })
        }
        BROUGHT => {
            let v: BroughtV1 = unpack(kind, bytes)?;
            Some(Fact::Brought { bundle: ItemId(v.bundle), entries: v.entries.into_iter().map(EntryId).collect() })
        }
        REVOKED => {
            let v: RevokedV1 = unpack(kind, bytes)?;
            Some(Fact::Revoked { device: DeviceId(v.device), upto: v.upto })
        }
        _ => None,
    };
    Ok(known.unwrap_or_else(|| Fact::Unknown { kind, bytes: bytes.to_vec() }))
}

impl From<&Value> for ValueV1 {
    fn from(value: &Value) -> Self {
        match value {
            Value::Nothing => Self::Nothing,
            Value::Text(text) => Self::Text(text.clone()),
            Value::Code(code) => Self::Code(code.clone()),
            Value::Codes(codes) => Self::Codes(codes.to_vec()),
            Value::Date(days) => Self::Date(*days),
            Value::When(ms) => Self::When(*ms),
            Value::Number(number) => Self::Number(*number),
            Value::YesNo(yes) => Self::YesNo(*yes),
            Value::Item(item) => Self::Item(item.0),
            Value::Items(items) => Self::Items(items.iter().map(|item| item.0).collect()),
        }
    }
}

impl From<ValueV1> for Value {
    fn from(value: ValueV1) -> Self {
        match value {
            ValueV1::Nothing => Self::Nothing,
            ValueV1::Text(text) => Self::Text(text),
            ValueV1::Code(code) => Self::Code(code),
            ValueV1::Codes(codes) => Self::Codes(codes.into()),
            ValueV1::Date(days) => Self::Date(days),
            ValueV1::When(ms) => Self::When(ms),
            ValueV1::Number(number) => Self::Number(number),
            ValueV1::YesNo(yes) => Self::YesNo(yes),
            ValueV1::Item(item) => Self::Item(ItemId(item)),
            ValueV1::Items(items) => Self::Items(items.into_iter().map(ItemId).collect()),
        }
    }
}

/// Length of the random bytes that a body starts with, so that equal facts have unequal hashes.
pub const SALT: usize = 16;
/// The shortest body, in bytes.
pub const MIN_BODY: usize = 64;

/// A body: salt, then (kind u16, length u32, bytes) for each fact, then zeros up to a power of two from 64 bytes.
pub fn encode_body(salt: [u8; SALT], facts: &[Fact]) -> Result<Vec<u8>, CodecError> {
    let mut body = salt.to_vec();
    for fact in facts {
        let (kind, bytes) = encode(fact)?;
        let length = u32::try_from(bytes.len()).map_err(|_| CodecError::TooLarge)?;
        body.extend_from_slice(&kind.to_le_bytes());
        body.extend_from_slice(&length.to_le_bytes());
        body.extend_from_slice(&bytes);
    }
    if body.len() > MAX_FACT {
        return Err(CodecError::TooLarge);
    }
    body.resize(body.len().next_power_of_two().max(MIN_BODY), 0);
    Ok(body)
}

/// How many zeros at a body's end are padding: without them the same facts are read, and with them it is the same body.
/// 0 for a body whose facts can't be read.
pub fn padding(body: &[u8]) -> usize {
    let mut rest = body.get(SALT..).unwrap_or_default();
    while let [a, b, c, d, e, f, behind @ ..] = rest
        && [*a, *b] != [0, 0]
    {
        let length = u32::from_le_bytes([*c, *d, *e, *f]) as usize;
        let Some(next) = behind.get(length..) else { return 0 };
        rest = next;
    }
    if rest.iter().all(|byte| *byte == 0) { rest.len() } else { 0 }
}

/// The facts of a body. Kind 0 ends them; after it only zeros may stand.
pub fn decode_body(body: &[u8]) -> Result<Vec<Fact>, CodecError> {
    if body.len() > MAX_FACT {
        return Err(CodecError::TooLarge);
    }
    let mut rest = body.get(SALT..).ok_or(CodecError::Cut)?;
    let mut facts = Vec::new();
    while rest.len() >= 6 {
        let kind = u16::from_le_bytes([rest[0], rest[1]]);
        if kind == 0 {
            break;
        }
        let length = u32::from_le_bytes([rest[2], rest[3], rest[4], rest[5]]) as usize;
        let bytes = rest.get(6..6usize.saturating_add(length)).ok_or(CodecError::Cut)?;
        facts.push(decode(kind, bytes)?);
        rest = &rest[6 + length..];
    }
    let (words, last) = rest.as_chunks::<16>();
    if words.iter().any(|word| u128::from_ne_bytes(*word) != 0) || last.iter().any(|byte| *byte != 0) {
        return Err(CodecError::DirtyPadding);
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    fn golden() -> Vec<(Fact, u16, &'static str)> {
        let set = |value| Fact::Set { item: ItemId([1; 16]), field: Field::CaseRisk, value, replaces: Vec::new() };
        vec![
            (
                Fact::Created { item: ItemId([1; 16]), kind: ItemKind::Case, class: Class::Core },
                1,
                "010101010101010101010101010101010101",
            ),
            (set(Value::Nothing), 2, "010101010101010101010101010101016b0000"),
            (set(Value::text("ab")), 2, "010101010101010101010101010101016b0102616200"),
            (set(Value::code("high")), 2, "010101010101010101010101010101016b02046869676800"),
            (set(Value::codes(["b", "a"])), 2, "010101010101010101010101010101016b03020161016200"),
            (set(Value::Date(-1)), 2, "010101010101010101010101010101016b040100"),
            (set(Value::When(1)), 2, "010101010101010101010101010101016b050200"),
            (set(Value::Number(-2)), 2, "010101010101010101010101010101016b060300"),
            (set(Value::YesNo(true)), 2, "010101010101010101010101010101016b070100"),
            (
                set(Value::Item(ItemId([2; 16]))),
                2,
                "010101010101010101010101010101016b080202020202020202020202020202020200",
            ),
            (
                set(Value::items([ItemId([2; 16])])),
                2,
                "010101010101010101010101010101016b09010202020202020202020202020202020200",
            ),
            (
                Fact::Struck { entry: EntryId([3; 32]), reason: "no".into() },
                3,
                "0303030303030303030303030303030303030303030303030303030303030303026e6f",
            ),
            (
                Fact::Epoch {
                    key: KeyId([4; 16]),
                    follows: vec![KeyId([5; 16])],
                    recipients: vec![(ItemId([6; 16]), "age1".into())],
                },
                4,
                "040404040404040404040404040404040105050505050505050505050505050505010606060606060606060606060606060604\
                 61676531",
            ),
            (
                Fact::Device { device: DeviceId([7; 32]), key: [8; 32], member: ItemId([9; 16]) },
                5,
                "0707070707070707070707070707070707070707070707070707070707070707\
                 0808080808080808080808080808080808080808080808080808080808080808\
                 09090909090909090909090909090909",
            ),
            (
                Fact::Accessed { what: "open".into(), item: ItemId([1; 16]), detail: String::new() },
                6,
                "046f70656e0101010101010101010101010101010100",
            ),
            (
                Fact::PeerDevice {
                    peer: ItemId([1; 16]),
                    device: DeviceId([7; 32]),
                    key: [8; 32],
                    member: ItemId([9; 16]),
                },
                7,
                "01010101010101010101010101010101\
                 0707070707070707070707070707070707070707070707070707070707070707\
                 0808080808080808080808080808080808080808080808080808080808080808\
                 09090909090909090909090909090909",
            ),
            (
                Fact::Brought { bundle: ItemId([1; 16]), entries: vec![EntryId([3; 32])] },
                8,
                "0101010101010101010101010101010101\
                 0303030303030303030303030303030303030303030303030303030303030303",
            ),
            (
                Fact::Revoked { device: DeviceId([7; 32]), upto: 300 },
                9,
                "0707070707070707070707070707070707070707070707070707070707070707fb2c01",
            ),
        ]
    }

    /// Stored bytes never change: a line of this list may be added, never edited.
    #[test]
    fn golden_bytes_of_every_fact_ever_released() {
        for (fact, kind, want) in golden() {
            let (got_kind, bytes) = encode(&fact).expect("small");
            assert_eq!((got_kind, hex(&bytes).as_str()), (kind, want), "{fact:?}");
            assert_eq!(decode(kind, &bytes), Ok(fact));
        }
    }

    #[test]
    fn trailing_bytes_cut_bytes_and_absurd_lengths_are_refused() {
        for (_, kind, want) in golden() {
            let mut bytes: Vec<u8> =
                (0..want.len() / 2).map(|at| u8::from_str_radix(&want[at * 2..at * 2 + 2], 16).expect("hex")).collect();
            bytes.push(0);
            assert_eq!(decode(kind, &bytes), Err(CodecError::Malformed(kind)));
            bytes.truncate(bytes.len() - 2);
            assert_eq!(decode(kind, &bytes), Err(CodecError::Malformed(kind)));
        }
        assert_eq!(
            decode(STRUCK, &[[3u8; 32].as_slice(), &[253, 255, 255, 255, 255, 255, 255, 255, 127]].concat()),
            Err(CodecError::Malformed(3))
        );
    }

    #[test]
    fn a_newer_kind_field_or_class_hides_one_fact_only() {
        let known = Fact::Created { item: ItemId([1; 16]), kind: ItemKind::Note, class: Class::Views };
        let newer = Fact::Unknown { kind: 999, bytes: vec![1, 2, 3] };
        let body = encode_body([0; 16], &[newer.clone(), known.clone()]).expect("small");
        assert_eq!(decode_body(&body), Ok(vec![newer, known]));
        let mut created = encode(&Fact::Created { item: ItemId([1; 16]), kind: ItemKind::Note, class: Class::Views })
            .expect("small")
            .1;
        created[17] = 200;
        assert!(matches!(decode(1, &created), Ok(Fact::Unknown { kind: 1, .. })));
    }

    #[test]
    fn a_body_is_a_power_of_two_from_64_and_its_padding_is_zeros() {
        let empty = encode_body([7; 16], &[]).expect("small");
        assert_eq!(empty.len(), 64);
        let fact = Fact::Struck { entry: EntryId([1; 32]), reason: "x".repeat(100) };
        let mut body = encode_body([7; 16], std::slice::from_ref(&fact)).expect("small");
        assert_eq!(body.len(), 256);
        assert_eq!(decode_body(&body), Ok(vec![fact]));
        *body.last_mut().expect("not empty") = 1;
        assert_eq!(decode_body(&body), Err(CodecError::DirtyPadding));
        assert_eq!(decode_body(&[0; 3]), Err(CodecError::Cut));
        let huge = Fact::Struck { entry: EntryId([1; 32]), reason: "x".repeat(MAX_FACT) };
        assert_eq!(encode_body([7; 16], &[huge]), Err(CodecError::TooLarge));
    }
}
