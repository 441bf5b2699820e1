//! Event tickets of pretix in their signed form, `pretix_sig1`.
//!
//! The text is canonical Base64 (RFC 4648 §4) written backwards. In it: a byte 1, the lengths of payload and signature as
//! big-endian numbers of 16 bits, the payload, and its Ed25519 signature. The payload is a Protocol Buffers message of
//! seed, item, variation, sub-event, and from when until when it is good. No key is named: an event has a few, and
//! another event's ticket fits none of them. pretix's default tickets are random letters without a signature.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use greenlit_core::cbor::Malformed;
use greenlit_core::scheme::{Algorithm, Contents, Fact, Parts, Presented, Scheme, Statement, Unread};
use greenlit_core::time::UnixTime;

use crate::Recognised;
use crate::protobuf::{Value, WireError, fields};

const VERSION: u8 = 1;
const SIGNATURE: usize = 64;

/// Letters of pretix's tickets in their default form, and how many a ticket has.
const UNSIGNED: (&[u8], usize) = (b"abcdefghjkmnpqrstuvwxyz23456789", 32);

/// A ticket, or nothing: its texts have no mark of their own.
pub(crate) fn recognise(text: &[u8]) -> Option<Recognised> {
    if text.len() == UNSIGNED.1 && text.iter().all(|letter| UNSIGNED.0.contains(letter)) {
        return Some(Recognised::OnlineOnly { scheme: Scheme::Pretix });
    }
    let backwards: Vec<u8> = text.iter().rev().copied().collect();
    let bytes = STANDARD.decode(backwards).ok()?;
    let (header, rest) = bytes.split_first_chunk::<5>()?;
    let [version, payload_high, payload_low, signature_high, signature_low] = *header;
    let payload = usize::from(u16::from_be_bytes([payload_high, payload_low]));
    let signature = usize::from(u16::from_be_bytes([signature_high, signature_low]));
    if version != VERSION || signature != SIGNATURE || payload == 0 || rest.len() != payload + signature {
        return None;
    }
    let (message, signature) = rest.split_at_checked(payload)?;
    Some(Recognised::Pass(Box::new(Presented::new(
        Scheme::Pretix,
        Parts {
            algorithm: Some(Algorithm::Ed25519),
            key_id: None,
            message: message.to_vec(),
            signed: 0..payload,
            signature: signature.to_vec(),
            contents: Ticket,
        },
    ))))
}

#[derive(Debug)]
struct Ticket;

impl Contents for Ticket {
    fn read(&self, signed: &[u8]) -> Result<Statement, Unread> {
        let all = fields(signed).map_err(|error| match error {
            WireError::Broken => Unread::Malformed(Malformed::Invalid { field: "ticket", why: "cut short" }),
            WireError::Unsupported => Unread::Newer("a field of an unknown kind".into()),
        })?;
        let mut statement = Statement { kind: "ticket".into(), ..Statement::default() };
        let mut seen = Vec::new();
        for (number, value) in all {
            // Programs differ in which of two they take.
            if seen.contains(&number) {
                return Err(Malformed::Invalid { field: "ticket", why: "a field stands in it twice" }.into());
            }
            seen.push(number);
            match (number, value) {
                (1, Value::Bytes(seed)) => statement.revocation_id = Some(seed.to_vec()),
                // Zero means none.
                (2..=6, Value::Number(0)) => {}
                (2..=4, Value::Number(value)) => {
                    let name = match number {
                        2 => "item",
                        3 => "variation",
                        _ => "sub-event",
                    };
                    statement.facts.push(Fact { name, value: value.to_string() });
                }
                (5, Value::Number(from)) => statement.not_before = Some(time(from)?),
                // It is still good in that second.
                (6, Value::Number(until)) => statement.expires = Some(time(until)?.plus(1)),
                (1..=6, _) => {
                    return Err(Malformed::Invalid { field: "ticket", why: "a field is of another kind" }.into());
                }
                _ => return Err(Unread::Newer(format!("field {number}"))),
            }
        }
        match &statement.revocation_id {
            Some(seed) if !seed.is_empty() => Ok(statement),
            _ => Err(Malformed::Missing("seed").into()),
        }
    }
}

fn time(seconds: u64) -> Result<UnixTime, Unread> {
    UnixTime::new(seconds).ok_or(Unread::Malformed(Malformed::Invalid { field: "time", why: "no time of this world" }))
}
