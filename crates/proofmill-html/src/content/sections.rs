//! Sections whose heading says that they are not content: readers' comments, related pages.
//!
//! The headings are data (`data/section-names.txt`), compared as whole phrases. What a heading rules
//! goes with it: the rest of its parent up to the next heading of its level. Nothing that holds a
//! formula or much of the page's prose is ever dropped by the name of its heading.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::Chooser;
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// Longest heading that is looked up, in bytes of text.
const MAX_HEADING_BYTES: usize = 160;

/// Most nodes of a heading that is looked up.
const MAX_HEADING_NODES: usize = 24;

/// Most words of a name.
const MAX_NAME_WORDS: usize = 8;

/// Most prose of the page that one named section may hold.
const MAX_SECTION_RATIO: f64 = 0.5;

/// Most siblings of headings that are looked at in one page.
const MAX_STEPS: usize = 20_000;

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Comments,
    Related,
}

/// Names, and whether the heading may go on after them.
static NAMES: LazyLock<FxHashMap<&'static str, (Section, bool)>> = LazyLock::new(|| {
    let mut names = FxHashMap::default();
    let mut section = Section::Related;
    for line in include_str!("../../data/section-names.txt").lines() {
        match line {
            "[comments]" => section = Section::Comments,
            "[related]" => section = Section::Related,
            _ if line.is_empty() || line.starts_with('#') => {}
            _ => {
                let name = line.strip_suffix('*');
                names.insert(name.unwrap_or(line), (section, name.is_some()));
            }
        }
    }
    names
});

impl Chooser<'_, '_> {
    /// Skips sections that their headings name as boilerplate.
    pub(super) fn drop_named_sections(&mut self, body: NodeId, keep_comments: bool) {
        let tree = self.tree;
        let mut n_steps_left = MAX_STEPS;
        let mut node = body + 1;
        while node < tree.end(body) && n_steps_left > 0 {
            let tag = tree.tag(node);
            if tag == Tag::TEXT || self.skipped[node] {
                node = tree.end(node);
                continue;
            }
            let section = tag.heading_level().and_then(|_| named(tree, node));
            match section {
                Some(section) if section == Section::Related || !keep_comments => {
                    self.drop_section(node, body, &mut n_steps_left);
                    node = tree.end(node);
                }
                _ => node += 1,
            }
        }
    }

    /// Skips a heading and what follows it up to the next heading of its level.
    fn drop_section(&mut self, heading: NodeId, body: NodeId, n_steps_left: &mut usize) {
        let tree = self.tree;
        let level = tree.tag(heading).heading_level().unwrap_or(6);
        // The box around a heading stands for it where it holds nothing else.
        let mut top = heading;
        while tree.parent(top) != body
            && tree.parent(top) != 0
            && self.sums[tree.parent(top)].text == self.sums[heading].text
        {
            top = tree.parent(top);
        }
        let parent_end = tree.end(tree.parent(top));
        let mut end = tree.end(top);
        let mut prose = self.sums[top].prose;
        let mut n_formulas = self.sums[top].formulas;
        while end < parent_end && !self.has_heading(end, level) {
            let Some(left) = n_steps_left.checked_sub(1) else {
                return;
            };
            *n_steps_left = left;
            if !self.skipped[end] {
                prose += self.sums[end].prose;
                n_formulas += self.sums[end].formulas;
            }
            end = tree.end(end);
        }
        let is_most = f64::from(prose) > MAX_SECTION_RATIO * f64::from(self.total.prose);
        if n_formulas > 0 || is_most {
            return;
        }
        let mut node = top;
        while node < end {
            if !self.skipped[node] {
                self.skip(node);
            }
            node = tree.end(node);
        }
    }

    /// Whether a subtree is, or begins with, a heading of at least a level that is not named itself.
    fn has_heading(&self, node: NodeId, level: usize) -> bool {
        let tree = self.tree;
        let end = tree.end(node).min(node + MAX_HEADING_NODES);
        (node..end)
            .find(|at| tree.tag(*at).is_heading() && !self.skipped[*at])
            .is_some_and(|at| {
                tree.tag(at)
                    .heading_level()
                    .is_some_and(|found| found <= level)
                    && named(tree, at).is_none()
            })
    }
}

/// What a heading stands for, if its text is a known name.
fn named(tree: &Tree<'_>, heading: NodeId) -> Option<Section> {
    if tree.end(heading) - heading > MAX_HEADING_NODES {
        return None;
    }
    let text = tree.text_below(heading);
    if text.len() > MAX_HEADING_BYTES {
        return None;
    }
    let lower = text.to_lowercase();
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let mut words: Vec<&str> = lower
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .skip_while(|word| is_number(word))
        .collect();
    while words.last().is_some_and(|word| is_number(word)) {
        words.pop();
    }
    let mut name = String::with_capacity(lower.len());
    for (index, word) in words.iter().take(MAX_NAME_WORDS).enumerate() {
        if index > 0 {
            name.push(' ');
        }
        name.push_str(word);
        if let Some((section, goes_on)) = NAMES.get(name.as_str()).copied()
            && (goes_on || index + 1 == words.len())
        {
            return Some(section);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_a_heading_becomes() {
        assert!(NAMES.len() > 100);
        let is_canonical = |name: &&str| {
            let words: Vec<&str> = name.split(' ').collect();
            words.len() <= MAX_NAME_WORDS
                && words
                    .iter()
                    .all(|word| word.chars().all(char::is_alphanumeric))
                && name.to_lowercase() == **name
        };
        assert_eq!(NAMES.keys().find(|name| !is_canonical(name)), None);
    }
}
