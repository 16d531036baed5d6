//! Tables that describe the page: author, date, classification, one key and one value a row.
//!
//! The keys are data (`data/metadata-keys.txt`), compared as whole cells.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::Chooser;
use crate::tag::Tag;
use crate::tree::NodeId;

/// Longest key, in bytes of text.
const MAX_KEY_BYTES: usize = 40;

/// Most rows of such a table.
const MAX_ROWS: usize = 60;

/// Least rows whose key is known, and their least share of all rows.
const MIN_KNOWN_ROWS: usize = 3;
const MIN_KNOWN_RATIO: f64 = 0.6;

static KEYS: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("../../data/metadata-keys.txt").lines();
    lines.filter(|line| !line.starts_with('#')).collect()
});

impl Chooser<'_, '_> {
    /// Skips tables below `root` that describe the page.
    pub(super) fn drop_metadata(&mut self, root: NodeId) {
        let tree = self.tree;
        let mut node = root;
        while node < tree.end(root) {
            let tag = tree.tag(node);
            if tag == Tag::TEXT || self.skipped[node] {
                node = tree.end(node);
                continue;
            }
            if tag == Tag::TABLE && self.is_metadata(node) {
                self.skip(node);
                node = tree.end(node);
            } else {
                node += 1;
            }
        }
    }

    fn is_metadata(&self, table: NodeId) -> bool {
        let tree = self.tree;
        let (mut n_rows, mut n_known) = (0, 0);
        let mut node = table + 1;
        while node < tree.end(table) {
            match tree.tag(node) {
                Tag::TABLE => return false,
                Tag::TR => {
                    n_rows += 1;
                    if n_rows > MAX_ROWS {
                        return false;
                    }
                    n_known += usize::from(self.has_known_key(node));
                    node = tree.end(node);
                }
                _ => node += 1,
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "at most MAX_ROWS")]
        let ratio = n_known as f64 / n_rows.max(1) as f64;
        n_known >= MIN_KNOWN_ROWS && ratio >= MIN_KNOWN_RATIO
    }

    /// Whether a row is a known key and a value.
    fn has_known_key(&self, row: NodeId) -> bool {
        let tree = self.tree;
        let mut cells = tree
            .element_children(row)
            .filter(|cell| matches!(tree.tag(*cell), Tag::TD | Tag::TH));
        let (Some(key), Some(_), None) = (cells.next(), cells.next(), cells.next()) else {
            return false;
        };
        if tree.end(key) - key > 8 {
            return false;
        }
        let text = tree.text_below(key);
        let words: Vec<&str> = text.split_whitespace().collect();
        let name = words.join(" ");
        name.len() <= MAX_KEY_BYTES
            && KEYS.contains(name.trim_end_matches(':').to_lowercase().as_str())
    }
}
