//! What names mean now, and what they meant before the group was opened.

use super::{Engine, Meaning};

impl Engine {
    /// What `name` means here.
    pub(crate) fn meaning(&self, name: u32) -> Meaning {
        self.meanings
            .get(name as usize)
            .copied()
            .unwrap_or(Meaning::Builtin)
    }

    pub(super) fn set_meaning(&mut self, name: u32, meaning: Meaning) -> Meaning {
        let slot = name as usize;
        if slot >= self.meanings.len() {
            self.meanings
                .resize(self.names.len().max(slot + 1), Meaning::Builtin);
        }
        std::mem::replace(&mut self.meanings[slot], meaning)
    }

    /// Gives `name` a meaning that lasts to the end of the group, or for ever after `\global`.
    pub(super) fn assign(&mut self, name: u32, meaning: Meaning) {
        let global = std::mem::take(&mut self.global);
        let old = self.set_meaning(name, meaning);
        if self.undo_level() == 0 {
            return;
        }
        if global {
            self.global_at.insert(name, self.undo.len());
        } else {
            self.undo.push((name, old));
        }
    }

    pub(super) fn undo_level(&self) -> usize {
        self.groups.len()
    }

    pub(super) fn undo_to(&mut self, mark: u32) {
        while self.undo.len() > mark as usize {
            let Some((name, old)) = self.undo.pop() else {
                return;
            };
            let is_global = self
                .global_at
                .get(&name)
                .is_some_and(|at| self.undo.len() < *at);
            if !is_global {
                self.set_meaning(name, old);
            }
        }
    }
}
