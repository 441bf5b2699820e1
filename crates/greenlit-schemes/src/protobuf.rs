//! As much of Protocol Buffers' wire format as a ticket needs: numbers and strings of bytes.

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'b> {
    Number(u64),
    Bytes(&'b [u8]),
}

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WireError {
    /// Cut short, or a number of more than 64 bits.
    Broken,
    /// A kind of value that no field here has.
    Unsupported,
}

/// The fields of a message, in the order they stand in.
pub(crate) fn fields(mut bytes: &[u8]) -> Result<Vec<(u64, Value<'_>)>, WireError> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = number(&mut bytes)?;
        let value = match tag & 7 {
            0 => Value::Number(number(&mut bytes)?),
            2 => {
                let length = usize::try_from(number(&mut bytes)?).map_err(|_| WireError::Broken)?;
                let (value, rest) = bytes.split_at_checked(length).ok_or(WireError::Broken)?;
                bytes = rest;
                Value::Bytes(value)
            }
            _ => return Err(WireError::Unsupported),
        };
        fields.push((tag >> 3, value));
    }
    Ok(fields)
}

/// A number of up to 64 bits, seven of them a byte, the lowest ones first.
fn number(bytes: &mut &[u8]) -> Result<u64, WireError> {
    let mut number = 0u64;
    for at in 0..10 {
        let (byte, rest) = bytes.split_first().ok_or(WireError::Broken)?;
        *bytes = rest;
        let part = u64::from(byte & 0x7f);
        if at == 9 && part > 1 {
            return Err(WireError::Broken);
        }
        number |= part << (7 * at);
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(WireError::Broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_strings_are_read_and_nothing_else() {
        let message = b"\x0a\x03abc\x10\xac\x02\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
        let wanted = [(1, Value::Bytes(b"abc")), (2, Value::Number(300)), (3, Value::Number(u64::MAX))];
        assert_eq!(fields(message).unwrap(), wanted);
        assert_eq!(fields(b""), Ok(vec![]));
        for cut in [1, 2, 4, 6, 7, 9, 16] {
            assert_eq!(fields(&message[..cut]), Err(WireError::Broken), "{cut}");
        }
        assert_eq!(fields(b"\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), Err(WireError::Broken));
        assert_eq!(fields(b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), Err(WireError::Broken));
        assert_eq!(fields(b"\x0d\0\0\0\0"), Err(WireError::Unsupported));
    }
}
