//! Puts the outputs of a finished build where readers look for them.
use anyhow::Result;
use crate::run::Run;
pub(crate) fn publish(_run: &Run) -> Result<bool> { Ok(false) }
