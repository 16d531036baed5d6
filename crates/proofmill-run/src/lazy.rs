//! A value made at its first use, once, however many threads ask for it at the same time.

use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::Result;

/// A shared value that costs too much to be made twice, and whose making may fail.
#[derive(Debug)]
pub(crate) struct Lazy<T> {
    value: OnceLock<T>,
    turn: Mutex<()>, // held while the value is made
}

impl<T> Default for Lazy<T> {
    fn default() -> Self {
        Self {
            value: OnceLock::new(),
            turn: Mutex::new(()),
        }
    }
}

impl<T> Lazy<T> {
    /// The value; after a failure the next caller tries again. `make` must not ask for this value.
    pub(crate) fn get(&self, make: impl FnOnce() -> Result<T>) -> Result<&T> {
        if let Some(value) = self.value.get() {
            return Ok(value);
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = self.value.get() {
            return Ok(value);
        }
        let value = make()?;
        Ok(self.value.get_or_init(|| value))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn made_once_by_many_and_again_after_a_failure() {
        let lazy = Lazy::default();
        assert!(lazy.get(|| anyhow::bail!("not yet")).is_err());
        let n_made = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let value = lazy
                        .get(|| Ok(n_made.fetch_add(1, Ordering::Relaxed)))
                        .unwrap();
                    assert_eq!(*value, 0);
                });
            }
        });
        assert_eq!(n_made.into_inner(), 1);
    }
}
