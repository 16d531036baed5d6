//! Blocks that are mostly links: menus, lists of related pages, tags.

use super::Chooser;
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// Text that dropping lists of links must leave, in visible characters, or they are the content.
const MIN_LEFT_CHARS: u32 = 250;

/// Shortest paragraph that makes the lists beside it part of an article, in characters of prose.
const MIN_PARAGRAPH_CHARS: u32 = 60;

/// How many siblings of a list are looked at.
const MAX_SIBLINGS: usize = 40;

impl Chooser<'_, '_> {
    /// Skips blocks that are mostly links, unless that would leave next to nothing.
    pub(super) fn drop_link_blocks(&mut self, root: NodeId) {
        let tree = self.tree;
        let mut dropped = Vec::new();
        let mut n_dropped_chars = 0_u32;
        let mut node = root + 1;
        while node < tree.end(root) {
            let tag = tree.tag(node);
            if tag == Tag::TEXT || self.skipped[node] {
                node = tree.end(node);
                continue;
            }
            let sums = self.sums[node];
            let is_candidate = matches!(
                tag,
                Tag::UL
                    | Tag::OL
                    | Tag::DIV
                    | Tag::TABLE
                    | Tag::SECTION
                    | Tag::P
                    | Tag::DL
                    | Tag::TR
                    | Tag::CENTER
                    | Tag::HEADER
            );
            let ratio = f64::from(sums.link) / f64::from(sums.text.max(1));
            let is_links = sums.links >= 2 && ratio > 0.8
                || sums.links >= 3 && ratio > 0.6 && sums.prose == 0
                || sums.links == 1 && ratio > 0.9 && tag == Tag::DIV;
            if is_candidate
                && is_links
                && sums.formulas == 0
                && !self.is_protected(node)
                && !has_heading_only(tree, node)
                && !self.is_list_of_text(node)
            {
                n_dropped_chars = n_dropped_chars.saturating_add(sums.text);
                dropped.push(node);
                self.skip(node);
                node = tree.end(node);
            } else {
                node += 1;
            }
        }
        let left = self.sums[root].text;
        if left < MIN_LEFT_CHARS && n_dropped_chars > left.saturating_mul(2) {
            for node in dropped {
                self.restore(node);
            }
        }
    }

    /// Whether a list stands between paragraphs of its parent, as lists of an article do, and does not
    /// lead to places of the same page, as a table of contents does.
    fn is_list_of_text(&self, list: NodeId) -> bool {
        let tree = self.tree;
        if !matches!(tree.tag(list), Tag::UL | Tag::OL) {
            return false;
        }
        let is_prose = |node: NodeId| {
            tree.tag(node) == Tag::P
                && !self.skipped[node]
                && self.sums[node].prose >= MIN_PARAGRAPH_CHARS
        };
        let parent = tree.parent(list);
        let before = tree
            .children(parent)
            .take(MAX_SIBLINGS)
            .take_while(|node| *node < list);
        if !before.into_iter().any(is_prose) {
            return false;
        }
        let mut next = tree.end(list);
        let has_after = (0..MAX_SIBLINGS).any(|_| {
            let is_found = next < tree.end(parent) && is_prose(next);
            next = if next < tree.end(parent) {
                tree.end(next)
            } else {
                next
            };
            is_found
        });
        let leads_inside = || {
            (list..tree.end(list)).any(|node| {
                tree.tag(node) == Tag::A
                    && tree
                        .attribute(node, "href")
                        .is_some_and(|value| value.starts_with('#'))
            })
        };
        has_after && !leads_inside()
    }
}

/// Whether a subtree is a linked heading, which titles often are.
fn has_heading_only(tree: &Tree<'_>, node: NodeId) -> bool {
    (node + 1..tree.end(node)).any(|at| tree.tag(at).is_heading())
}
