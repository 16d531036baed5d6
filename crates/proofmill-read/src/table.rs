//! stub
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use crate::disk::{Progress, Raw};
use crate::entry::Entry;
use crate::reader::Entries;
use crate::stream::Fault;
use crate::{InputFile, Options, Slice};

pub(crate) enum Refusal {
    Disk(io::Error),
    Damage(String),
}
pub(crate) struct Table;
impl Table {
    pub(crate) fn open(
        _: Box<dyn Raw>,
        _: u64,
        _: &Slice,
        _: &Progress,
        _: Arc<Options>,
    ) -> Result<Self, Refusal> {
        Err(Refusal::Damage(String::new()))
    }
}
impl Entries for Table {
    fn more(&mut self, _: &mut VecDeque<Entry>) -> Result<bool, Fault> {
        Ok(false)
    }
}
pub(crate) fn slices(_: &InputFile, _: Box<dyn Raw>, _: u64) -> Result<Vec<Slice>, Fault> {
    Ok(Vec::new())
}
