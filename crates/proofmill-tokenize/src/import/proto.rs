//! Reads protocol buffers: fields with their numbers, as they are on the wire.

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// A number of any whole type, or a truth value.
    Number(u64),
    /// Four bytes.
    Four([u8; 4]),
    /// A text, bytes, or a message.
    Bytes(&'a [u8]),
    /// Eight bytes, of which nothing is needed here.
    Eight,
}

/// The fields of a message one after the other; ends with an error where the bytes are no message.
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self, n_bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(n_bytes)?;
        self.rest = rest;
        Some(taken)
    }

    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let tag = self.number()?;
        let value = match tag & 7 {
            0 => Value::Number(self.number()?),
            1 => self.take(8).map(|_| Value::Eight)?,
            2 => {
                let n_bytes = usize::try_from(self.number()?).ok()?;
                Value::Bytes(self.take(n_bytes)?)
            }
            5 => Value::Four(self.take(4)?.try_into().ok()?),
            _ => return None,
        };
        Some((tag >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.rest = &[];
        }
        Some(
            field.ok_or_else(|| {
                "it ends in the middle of a field, or is no protocol buffer".to_owned()
            }),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_and_cut_ones_are_errors() {
        let message = [
            0x08, 0x96, 0x01, 0x12, 2, b'h', b'i', 0x1d, 0, 0, 0x80, 0x3f,
        ];
        let fields: Vec<_> = Fields::new(&message).map(Result::unwrap).collect();
        assert_eq!(fields[0], (1, Value::Number(150)));
        assert_eq!(fields[1], (2, Value::Bytes(b"hi")));
        assert_eq!(fields[2], (3, Value::Four(1_f32.to_le_bytes())));
        for n_bytes in 1..message.len() {
            let whole = [3, 7].contains(&n_bytes);
            let fine = Fields::new(&message[..n_bytes]).all(|field| field.is_ok());
            assert_eq!(fine, whole, "{n_bytes}");
        }
        assert!(Fields::new(&[0xff; 20]).any(|field| field.is_err()));
    }
}
