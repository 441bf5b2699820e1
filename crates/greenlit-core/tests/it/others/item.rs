//! CBOR by another hand: a tree of values, a reader that takes every spelling, and a writer that
//! gives the deterministic one or any other.

use greenlit_core::cbor::Writer;
use proptest::collection::vec;
use proptest::prelude::*;

/// A data item; of a float only that it is one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    Uint(u64),
    /// -1 minus the number, as it is encoded.
    Neg(u64),
    Bytes(Vec<u8>),
    Text(String),
    List(Vec<Item>),
    Map(Vec<(Item, Item)>),
    Tag(u64, Box<Item>),
    Simple(u8),
    Float,
}

/// The head of an item in the shortest form, or wider: `widen` of 1 takes the next longer form, and
/// so on up to eight bytes.
pub(crate) fn head(major: u8, value: u64, widen: usize) -> Vec<u8> {
    let shortest = match value {
        0..24 => 0,
        24..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xffff_ffff => 3,
        _ => 4,
    };
    let form = (shortest + widen).min(4);
    let bytes = value.to_be_bytes();
    if form == 0 {
        return vec![major << 5 | bytes[7]];
    }
    let mut out = vec![major << 5 | (23 + u8::try_from(form).unwrap())];
    out.extend_from_slice(&bytes[8 - (1 << (form - 1))..]);
    out
}

impl Item {
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// Reads one item that is all of the input. Keys in any order and number, integers of any
    /// length; indefinite lengths and reserved forms are `None`.
    pub(crate) fn decode(mut input: &[u8]) -> Option<Self> {
        Self::next(&mut input).filter(|_| input.is_empty())
    }

    fn next(input: &mut &[u8]) -> Option<Self> {
        let initial = take(input, 1)?[0];
        let (major, info) = (initial >> 5, initial & 31);
        let value = match info {
            0..24 => u64::from(info),
            24..28 => take(input, 1 << (info - 24))?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)),
            _ => return None,
        };
        Some(match (major, info) {
            (0, _) => Self::Uint(value),
            (1, _) => Self::Neg(value),
            (2, _) => Self::Bytes(take(input, value)?.to_vec()),
            (3, _) => Self::Text(String::from_utf8(take(input, value)?.to_vec()).ok()?),
            (4, _) => Self::List((0..value).map(|_| Self::next(input)).collect::<Option<_>>()?),
            (5, _) => {
                let entry = |_| Some((Self::next(input)?, Self::next(input)?));
                Self::Map((0..value).map(entry).collect::<Option<_>>()?)
            }
            (6, _) => Self::Tag(value, Box::new(Self::next(input)?)),
            (_, 0..24) => Self::Simple(u8::try_from(value).ok()?),
            (_, 24) => Self::Simple(u8::try_from(value).ok().filter(|v| *v >= 32)?),
            _ => Self::Float,
        })
    }

    /// The one deterministic encoding, or `None` where our rules allow none: floats, other simple
    /// values, a key twice, or more than eight levels around a value.
    pub(crate) fn canonical(&self) -> Option<Vec<u8>> {
        self.is_plain().then(|| self.clone().tidy()).filter(|tidy| tidy == self).map(|tidy| tidy.loose(&mut || 0))
    }

    /// Only of kinds that our readers know, and nested no deeper than they follow.
    pub(crate) fn is_plain(&self) -> bool {
        self.depth() <= 8 && self.all(&|item| !matches!(item, Self::Float | Self::Simple(..20 | 24..)))
    }

    /// Whether some map has a key twice.
    pub(crate) fn repeats_a_key(&self) -> bool {
        let twice =
            |entries: &[(Self, Self)]| (1..entries.len()).any(|i| entries[..i].iter().any(|e| e.0 == entries[i].0));
        !self.all(&|item| !matches!(item, Self::Map(entries) if twice(entries)))
    }

    fn all(&self, holds: &impl Fn(&Self) -> bool) -> bool {
        holds(self)
            && match self {
                Self::List(items) => items.iter().all(|item| item.all(holds)),
                Self::Map(entries) => entries.iter().all(|(key, value)| key.all(holds) && value.all(holds)),
                Self::Tag(_, inner) => inner.all(holds),
                _ => true,
            }
    }

    fn depth(&self) -> usize {
        let deepest = match self {
            Self::List(items) => items.iter().map(Self::depth).max(),
            Self::Map(entries) => entries.iter().flat_map(|(key, value)| [key.depth(), value.depth()]).max(),
            Self::Tag(_, inner) => Some(inner.depth()),
            _ => None,
        };
        deepest.map_or(0, |below| below + 1)
    }

    /// The same with the keys of every map sorted and each kept once.
    pub(crate) fn tidy(self) -> Self {
        match self {
            Self::List(items) => Self::List(items.into_iter().map(Self::tidy).collect()),
            Self::Map(entries) => {
                let sorted: std::collections::BTreeMap<_, _> = entries
                    .into_iter()
                    .map(|(key, value)| (key.tidy(), value.tidy()))
                    .map(|(key, value)| (key.loose(&mut || 0), (key, value)))
                    .collect();
                Self::Map(sorted.into_values().collect())
            }
            Self::Tag(number, inner) => Self::Tag(number, Box::new(inner.tidy())),
            other => other,
        }
    }

    /// An encoding with the entries in the order they have here, each head widened by what `widen` says.
    pub(crate) fn loose(&self, widen: &mut impl FnMut() -> usize) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out, widen);
        out
    }

    fn write(&self, out: &mut Vec<u8>, widen: &mut impl FnMut() -> usize) {
        let mut start = |major, value: usize| out.extend(head(major, value as u64, widen()));
        match self {
            Self::Uint(value) => out.extend(head(0, *value, widen())),
            Self::Neg(value) => out.extend(head(1, *value, widen())),
            Self::Bytes(bytes) => {
                start(2, bytes.len());
                out.extend_from_slice(bytes);
            }
            Self::Text(text) => {
                start(3, text.len());
                out.extend_from_slice(text.as_bytes());
            }
            Self::List(items) => {
                start(4, items.len());
                items.iter().for_each(|item| item.write(out, widen));
            }
            Self::Map(entries) => {
                start(5, entries.len());
                for (key, value) in entries {
                    key.write(out, widen);
                    value.write(out, widen);
                }
            }
            Self::Tag(number, inner) => {
                out.extend(head(6, *number, widen()));
                inner.write(out, widen);
            }
            Self::Simple(value) if *value < 24 => out.push(7 << 5 | value),
            Self::Simple(value) => out.extend([0xf8, *value]),
            Self::Float => out.extend([0xf9, 0x7e, 0x00]),
        }
    }

    /// The same by the library's own writer.
    pub(crate) fn write_with(&self, writer: &mut Writer) {
        match self {
            Self::Uint(value) => _ = writer.uint(*value),
            Self::Neg(value) => _ = writer.int(-1 - i64::try_from(*value).unwrap()),
            Self::Bytes(bytes) => _ = writer.bytes(bytes),
            Self::Text(text) => _ = writer.text(text),
            Self::List(items) => {
                writer.array(items.len());
                items.iter().for_each(|item| item.write_with(writer));
            }
            Self::Map(entries) => {
                writer.map(entries.len());
                entries.iter().flat_map(|(key, value)| [key, value]).for_each(|item| item.write_with(writer));
            }
            Self::Tag(number, inner) => inner.write_with(writer.tag(*number)),
            Self::Simple(value) => _ = writer.bool(*value == 21),
            Self::Float => panic!("the library writes no floats"),
        }
    }

    /// The same for a third implementation.
    pub(crate) fn to_ciborium(&self) -> ciborium::Value {
        use ciborium::Value;
        match self {
            Self::Uint(value) => (*value).into(),
            Self::Neg(value) => Value::Integer((-1 - i128::from(*value)).try_into().unwrap()),
            Self::Bytes(bytes) => Value::Bytes(bytes.clone()),
            Self::Text(text) => text.as_str().into(),
            Self::List(items) => Value::Array(items.iter().map(Self::to_ciborium).collect()),
            Self::Map(entries) => {
                Value::Map(entries.iter().map(|(key, value)| (key.to_ciborium(), value.to_ciborium())).collect())
            }
            Self::Tag(number, inner) => Value::Tag(*number, Box::new(inner.to_ciborium())),
            Self::Simple(value) => (*value == 21).into(),
            Self::Float => Value::Float(f64::NAN),
        }
    }
}

/// Anything well-formed, also what no reader of ours takes.
pub(crate) fn any_item() -> impl Strategy<Value = Item> {
    let odd = prop_oneof![
        Just(Item::Float),
        (0..24u8).prop_map(Item::Simple),
        (32..=255u8).prop_map(Item::Simple),
        any::<u64>().prop_map(Item::Neg),
    ];
    nested(prop_oneof![15 => leaf(), 1 => odd], 10)
}

/// What [`Writer`] can write, nested no deeper than our readers follow.
pub(crate) fn writable_item() -> impl Strategy<Value = Item> {
    nested(leaf(), 8)
}

fn leaf() -> impl Strategy<Value = Item> {
    // Shifting gives every width of number its share.
    prop_oneof![
        (0..30u64).prop_map(Item::Uint),
        (any::<u64>(), 0..64u32).prop_map(|(value, shift)| Item::Uint(value >> shift)),
        (any::<u64>(), 1..64u32).prop_map(|(value, shift)| Item::Neg(value >> shift)),
        vec(any::<u8>(), 0..30).prop_map(Item::Bytes),
        vec(any::<char>(), 0..12).prop_map(|signs| Item::Text(signs.into_iter().collect())),
        (20..=21u8).prop_map(Item::Simple),
    ]
}

fn nested(leaf: impl Strategy<Value = Item> + 'static, depth: u32) -> impl Strategy<Value = Item> {
    leaf.prop_recursive(depth, 40, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Item::List),
            vec((inner.clone(), inner.clone()), 0..4).prop_map(Item::Map),
            (0..300u64, inner).prop_map(|(number, inner)| Item::Tag(number, Box::new(inner))),
        ]
    })
}

fn take<'b>(input: &mut &'b [u8], length: u64) -> Option<&'b [u8]> {
    let (taken, rest) = input.split_at_checked(usize::try_from(length).ok()?)?;
    *input = rest;
    Some(taken)
}
