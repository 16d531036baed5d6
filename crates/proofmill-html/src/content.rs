//! Which part of a page is its content.

use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// What is kept.
pub(crate) struct Content {
    /// Subtrees that are kept, in order.
    pub(crate) roots: Vec<NodeId>,
    /// Subtrees inside them that are not; empty if none.
    skipped: Vec<bool>,
}

impl Content {
    pub(crate) fn is_skipped(&self, node: NodeId) -> bool {
        self.skipped.get(node).copied().unwrap_or(false)
    }

    /// Whether an inline or unknown element is a block here.
    pub(crate) fn is_block(&self, _tree: &Tree<'_>, _node: NodeId) -> bool {
        false
    }

    pub(crate) fn all(tree: &Tree<'_>) -> Self {
        let skipped = (0..tree.len())
            .map(|n| matches!(tree.tag(n), Tag::NAV | Tag::FOOTER | Tag::ASIDE | Tag::HEAD))
            .collect();
        Self { roots: vec![0], skipped }
    }
}
