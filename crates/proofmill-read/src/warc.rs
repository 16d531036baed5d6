//! stub
use std::collections::VecDeque;
use std::sync::Arc;

use crate::entry::Entry;
use crate::reader::Entries;
use crate::stream::{Fault, Stream};
use crate::{Limits, Options};

pub(crate) struct WarcReader;
impl WarcReader {
    pub(crate) fn new(_: Arc<str>, _: Stream, _: u64, _: Arc<Options>) -> Self {
        Self
    }
}
impl Entries for WarcReader {
    fn more(&mut self, _: &mut VecDeque<Entry>) -> Result<bool, Fault> {
        Ok(false)
    }
}
pub(crate) fn next_record(_: &mut Stream, _: u64, _: &Limits) -> Result<Option<u64>, Fault> {
    Ok(None)
}
