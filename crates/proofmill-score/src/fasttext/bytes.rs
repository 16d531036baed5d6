//! A cursor over the bytes of a model: little-endian numbers, each checked before it is believed.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::FastTextError;

pub(super) struct Bytes<'a> {
    file: &'a [u8],
    at: usize,
}

impl<'a> Bytes<'a> {
    pub(super) fn new(file: &'a [u8]) -> Self {
        Self { file, at: 0 }
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The next `n_bytes`.
    pub(super) fn take(
        &mut self,
        what: &'static str,
        n_bytes: usize,
    ) -> Result<&'a [u8], FastTextError> {
        let rest = self.file.get(self.at..).unwrap_or_default();
        let Some(taken) = rest.get(..n_bytes) else {
            return Err(FastTextError::Truncated { what, at: self.at });
        };
        self.at += n_bytes;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], FastTextError> {
        let taken = self.take(what, N)?;
        let mut array = [0; N];
        array.copy_from_slice(taken);
        Ok(array)
    }

    pub(super) fn i32_in(
        &mut self,
        what: &'static str,
        range: RangeInclusive<i32>,
        allowed: &'static str,
    ) -> Result<i32, FastTextError> {
        let at = self.at;
        let value = i32::from_le_bytes(self.array(what)?);
        check(value, &range, what, at, allowed)
    }

    pub(super) fn i64_in(
        &mut self,
        what: &'static str,
        range: RangeInclusive<i64>,
        allowed: &'static str,
    ) -> Result<i64, FastTextError> {
        let at = self.at;
        let value = i64::from_le_bytes(self.array(what)?);
        check(value, &range, what, at, allowed)
    }

    /// A count of things that take at least `unit_bytes` each, so that no more can follow than fit.
    pub(super) fn count(
        &mut self,
        what: &'static str,
        unit_bytes: usize,
    ) -> Result<usize, FastTextError> {
        let at = self.at;
        let value = i64::from_le_bytes(self.array(what)?);
        self.fits(value, what, at, unit_bytes)
    }

    /// As [`Bytes::count`], for counts of 32 bits.
    pub(super) fn count_32(
        &mut self,
        what: &'static str,
        unit_bytes: usize,
    ) -> Result<usize, FastTextError> {
        let at = self.at;
        let value = i32::from_le_bytes(self.array(what)?);
        self.fits(i64::from(value), what, at, unit_bytes)
    }

    fn fits(
        &self,
        value: i64,
        what: &'static str,
        at: usize,
        unit_bytes: usize,
    ) -> Result<usize, FastTextError> {
        let n_left = self.file.len() - self.at;
        match usize::try_from(value) {
            Ok(count)
                if count
                    .checked_mul(unit_bytes)
                    .is_some_and(|all| all <= n_left) =>
            {
                Ok(count)
            }
            _ => Err(FastTextError::Value {
                what,
                at,
                found: value.to_string(),
                allowed: "it is not negative, and what it counts lies in the file",
            }),
        }
    }

    pub(super) fn flag(&mut self, what: &'static str) -> Result<bool, FastTextError> {
        let at = self.at;
        let [value] = self.array(what)?;
        Ok(check(value, &(0..=1), what, at, "it is 0 or 1")? == 1)
    }

    /// `n` numbers of single precision.
    pub(super) fn floats(
        &mut self,
        what: &'static str,
        n: usize,
    ) -> Result<Vec<f32>, FastTextError> {
        let at = self.at;
        let n_bytes = n
            .checked_mul(4)
            .ok_or(FastTextError::Truncated { what, at })?;
        let (fours, _) = self.take(what, n_bytes)?.as_chunks::<4>();
        Ok(fours.iter().map(|four| f32::from_le_bytes(*four)).collect())
    }

    /// The bytes up to the next zero, which is passed over.
    pub(super) fn until_zero(&mut self, what: &'static str) -> Result<&'a [u8], FastTextError> {
        let rest = self.file.get(self.at..).unwrap_or_default();
        let Some(length) = rest.iter().position(|&byte| byte == 0) else {
            return Err(FastTextError::Truncated { what, at: self.at });
        };
        self.at += length + 1;
        Ok(&rest[..length])
    }
}

fn check<T: PartialOrd + Display>(
    value: T,
    range: &RangeInclusive<T>,
    what: &'static str,
    at: usize,
    allowed: &'static str,
) -> Result<T, FastTextError> {
    if range.contains(&value) {
        return Ok(value);
    }
    Err(FastTextError::Value {
        what,
        at,
        found: value.to_string(),
        allowed,
    })
}
