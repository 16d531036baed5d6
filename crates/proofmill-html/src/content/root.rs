//! The subtree that holds the content, and what of the page's head belongs to it.

use super::words::{self, says};
use super::{Chooser, DOMINANT_RATIO, MIN_OWN_PROSE, MIN_ROOT_PROSE};
use crate::tag::Tag;
use crate::tree::NodeId;

/// Longest text between a heading and the content, in visible characters, that is kept with them.
const MAX_LEAD_CHARS: u32 = 1_000;

/// Shortest paragraph between a heading and the content that is kept with them.
const MIN_LEAD_CHARS: u32 = 30;

/// How much of titles and headings is compared, in bytes.
const MAX_TITLE_BYTES: usize = 400;

impl Chooser<'_, '_> {
    /// The smallest subtree that holds nearly all prose.
    pub(super) fn root(&mut self, body: NodeId) -> NodeId {
        let tree = self.tree;
        let mut root = body;
        let total = self.sums[body].prose;
        if total == 0 {
            return body;
        }
        let strong = self.strong(body);
        let best = strong.iter().max_by_key(|node| self.sums[**node].prose);
        if let Some(best) = best {
            let prose: u32 = strong.iter().map(|node| self.sums[*node].prose).sum();
            if f64::from(self.sums[*best].prose) >= 0.5 * f64::from(total)
                && f64::from(self.sums[*best].prose) >= 0.8 * f64::from(prose)
            {
                root = *best;
            }
        }
        loop {
            let prose = self.sums[root].prose;
            if prose < MIN_ROOT_PROSE {
                return root;
            }
            let n_own: u32 = tree
                .element_children(root)
                .filter(|child| !self.skipped[*child] && !can_be_root(tree.tag(*child)))
                .map(|child| self.sums[child].prose)
                .sum();
            if n_own >= MIN_OWN_PROSE {
                return root; // paragraphs of its own
            }
            let child = tree.element_children(root).find(|child| {
                !self.skipped[*child]
                    && f64::from(self.sums[*child].prose) >= DOMINANT_RATIO * f64::from(prose)
            });
            match child {
                Some(child) if can_be_root(tree.tag(child)) => root = child,
                _ => return root,
            }
        }
    }

    /// The outermost elements that say of themselves that they are the content.
    fn strong(&mut self, body: NodeId) -> Vec<NodeId> {
        let tree = self.tree;
        let mut strong: Vec<NodeId> = Vec::new();
        let mut node = body + 1;
        while node < tree.end(body) {
            let tag = tree.tag(node);
            if tag == Tag::TEXT || self.skipped[node] {
                node = tree.end(node);
            } else if matches!(tag, Tag::MAIN | Tag::ARTICLE)
                || self.words.element(tree, node) & says::STRONG != 0
            {
                strong.push(node);
                node = tree.end(node);
            } else {
                node += 1;
            }
        }
        strong
    }

    /// The root, and before it the page's heading, with what introduces the page, if they stand outside.
    pub(super) fn with_head(&self, root: NodeId) -> Vec<NodeId> {
        let Some(heading) = self.heading_before(root) else {
            return vec![root];
        };
        let mut roots = vec![heading];
        roots.extend(self.lead(heading, root));
        roots.push(root);
        roots
    }

    /// The page's heading before the root, unless the root has one.
    fn heading_before(&self, root: NodeId) -> Option<NodeId> {
        let tree = self.tree;
        let has_inside =
            (root..tree.end(root)).any(|node| tree.tag(node) == Tag::H1 && !self.skipped[node]);
        if has_inside || root == 0 {
            return None;
        }
        let title = (1..root)
            .find(|node| tree.tag(*node) == Tag::TITLE)
            .map(|node| tree.text_below(node));
        let mut title = title.unwrap_or_default().to_lowercase();
        cut(&mut title);
        let mut best: Option<(usize, NodeId)> = None;
        let mut last = None;
        for node in 1..root {
            if tree.tag(node).heading_level().is_none_or(|level| level > 2) || tree.end(node) > root
            {
                continue;
            }
            let mut heading = tree.text_below(node);
            cut(&mut heading);
            let n_common = words::common_words(&heading, &title);
            let is_near = tree
                .ancestors(node)
                .take(4)
                .any(|at| tree.end(at) > root && tree.tag(at) != Tag::BODY);
            if (n_common > 0 || tree.tag(node) == Tag::H1 && is_near)
                && best.is_none_or(|(other, _)| n_common >= other)
            {
                best = Some((n_common, node));
            }
            last = Some(node);
        }
        let best = best.map(|(_, heading)| heading);
        best.or(last.filter(|heading| {
            !self.is_below_skipped(*heading) && self.text_between(*heading, root) < MIN_LEAD_CHARS
        }))
    }

    /// What stands between a heading and the root as blocks that are not skipped, each the largest
    /// that ends before the root.
    fn between(&self, heading: NodeId, root: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let tree = self.tree;
        let mut at = tree.end(heading);
        std::iter::from_fn(move || {
            while at < root {
                let node = at;
                if tree.end(node) > root {
                    at += 1; // holds the root
                    continue;
                }
                at = tree.end(node);
                if !self.skipped[node] {
                    return Some(node);
                }
            }
            None
        })
        .filter(move |node| !self.is_below_skipped(*node))
    }

    fn is_below_skipped(&self, node: NodeId) -> bool {
        self.tree.ancestors(node).any(|at| self.skipped[at])
    }

    /// Visible characters between a heading and the root.
    fn text_between(&self, heading: NodeId, root: NodeId) -> u32 {
        let texts = self
            .between(heading, root)
            .map(|node| self.sums[node].text - self.sums[node].link.min(self.sums[node].text));
        texts.fold(0, u32::saturating_add)
    }

    /// Paragraphs between the page's heading and the root: a summary, a subtitle.
    fn lead(&self, heading: NodeId, root: NodeId) -> Vec<NodeId> {
        if self.text_between(heading, root) > MAX_LEAD_CHARS {
            return Vec::new();
        }
        let is_lead = |node: &NodeId| {
            let sums = &self.sums[*node];
            self.tree.tag(*node) != Tag::TEXT
                && sums.prose >= MIN_LEAD_CHARS
                && sums.prose * 2 >= sums.text
                && sums.link * 2 <= sums.text
        };
        self.between(heading, root).filter(is_lead).collect()
    }
}

/// Leaves the first [`MAX_TITLE_BYTES`] of a text.
fn cut(text: &mut String) {
    let mut ends = (0..=text.len().min(MAX_TITLE_BYTES)).rev();
    let end = ends.find(|at| text.is_char_boundary(*at));
    text.truncate(end.unwrap_or(0));
}

/// Elements that can hold a page's content.
fn can_be_root(tag: Tag) -> bool {
    !matches!(
        tag,
        Tag::P
            | Tag::PRE
            | Tag::UL
            | Tag::OL
            | Tag::LI
            | Tag::BLOCKQUOTE
            | Tag::DL
            | Tag::DD
            | Tag::FIGURE
            | Tag::A
            | Tag::SPAN
            | Tag::B
            | Tag::STRONG
            | Tag::EM
            | Tag::I
            | Tag::HEADER
    ) && !tag.is_heading()
}
