//! A page as a flat tree: nodes in document order, each knowing where its subtree ends.
//!
//! Text and attributes stay byte ranges of the page and are decoded when somebody looks. Because
//! nodes lie in document order and nothing is ever moved, every walk is a loop over indices and
//! needs no recursion: the children of `i` are `i + 1`, then the `end` of each child.

use std::borrow::Cow;

use crate::attributes::Attributes;
use crate::entities;
use crate::tag::Tag;

/// Index of a node.
pub(crate) type NodeId = usize;

/// Attributes whose presence the parser notes, so that nobody looks for them in vain.
pub(crate) mod has {
    /// `id`.
    pub(crate) const ID: u8 = 1;
    /// `role` or `itemprop`.
    pub(crate) const ROLE: u8 = 2;
    /// `style`, `hidden` or `aria-hidden`.
    pub(crate) const STYLE: u8 = 4;
    /// Any that begins with `data-`.
    pub(crate) const DATA: u8 = 8;
    /// `href`.
    pub(crate) const HREF: u8 = 16;

    /// The bit of a name.
    pub(crate) fn bit_of(name: &[u8]) -> u8 {
        match name {
            b"id" | b"ID" => ID,
            b"role" | b"itemprop" => ROLE,
            b"style" | b"hidden" | b"aria-hidden" | b"STYLE" => STYLE,
            b"href" | b"HREF" | b"Href" => HREF,
            _ if name.starts_with(b"data-") => DATA,
            _ => 0,
        }
    }
}

/// A text node or an element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    /// Name; [`Tag::TEXT`] for text.
    pub(crate) tag: Tag,
    /// Length of the class value, in bytes.
    pub(crate) n_class_bytes: u16,
    /// Which attributes there are; see [`has`].
    pub(crate) has: u8,
    /// Index of the parent; the root is its own.
    pub(crate) parent: u32,
    /// One past the last node of the subtree.
    pub(crate) end: u32,
    /// First byte of the text, or of the attributes.
    pub(crate) from: u32,
    /// One past the last byte of the text, or of the attributes.
    pub(crate) to: u32,
    /// First byte of the class value, where there is one.
    pub(crate) class_from: u32,
}

/// How far a search below a node goes, so that nested containers stay cheap.
pub(crate) const MAX_BELOW_NODES: usize = 10_000;

/// The tree of a page.
pub(crate) struct Tree<'a> {
    /// The page.
    pub(crate) source: &'a str,
    /// All nodes; the first is the root.
    pub(crate) nodes: Vec<Node>,
    /// Whether the page had more nodes than the limit and the rest was left out.
    pub(crate) is_cut: bool,
    /// How many elements lay deeper than the limit and were flattened.
    pub(crate) n_too_deep: usize,
}

impl<'a> Tree<'a> {
    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The name of a node.
    pub(crate) fn tag(&self, node: NodeId) -> Tag {
        self.nodes[node].tag
    }

    /// One past the last node of the subtree.
    pub(crate) fn end(&self, node: NodeId) -> NodeId {
        self.nodes[node].end as usize
    }

    /// The parent; the root's is itself.
    pub(crate) fn parent(&self, node: NodeId) -> NodeId {
        self.nodes[node].parent as usize
    }

    /// The children in order.
    pub(crate) fn children(&self, node: NodeId) -> Children<'_> {
        Children {
            nodes: &self.nodes,
            next: node + 1,
            end: self.end(node),
        }
    }

    /// The element children in order.
    pub(crate) fn element_children(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.children(node)
            .filter(|child| self.tag(*child) != Tag::TEXT)
    }

    /// The next sibling that is an element, skipping blank text; `None` at other text.
    pub(crate) fn next_element(&self, node: NodeId) -> Option<NodeId> {
        let parent_end = self.end(self.parent(node));
        let mut next = self.end(node);
        while next < parent_end {
            if self.tag(next) != Tag::TEXT {
                return Some(next);
            }
            if !self
                .raw_text(next)
                .bytes()
                .all(|byte| byte.is_ascii_whitespace())
            {
                return None;
            }
            next = self.end(next);
        }
        None
    }

    /// The parents from the nearest to the root.
    pub(crate) fn ancestors(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let mut at = node;
        std::iter::from_fn(move || {
            (at != 0).then(|| {
                at = self.parent(at);
                at
            })
        })
    }

    /// A text node as written, references not decoded.
    pub(crate) fn raw_text(&self, node: NodeId) -> &'a str {
        let node = &self.nodes[node];
        self.source
            .get(node.from as usize..node.to as usize)
            .unwrap_or_default()
    }

    /// Whether the references of a text node stand for themselves (it lies in a script or style).
    pub(crate) fn is_raw(&self, node: NodeId) -> bool {
        let parent = self.tag(self.parent(node));
        parent.is_raw_text() && !matches!(parent, Tag::TITLE | Tag::TEXTAREA)
    }

    /// A text node, decoded.
    pub(crate) fn text(&self, node: NodeId) -> Cow<'a, str> {
        if self.is_raw(node) {
            return Cow::Borrowed(self.raw_text(node));
        }
        entities::decode(self.raw_text(node), false)
    }

    /// All text below a node, decoded, nothing added between the parts.
    pub(crate) fn text_below(&self, node: NodeId) -> String {
        let mut out = String::new();
        for at in node..self.end(node) {
            if self.tag(at) == Tag::TEXT {
                if self.is_raw(at) {
                    out.push_str(self.raw_text(at));
                } else {
                    entities::decode_into(self.raw_text(at), false, &mut out);
                }
            }
        }
        out
    }

    /// The attributes of an element as written.
    pub(crate) fn attributes(&self, node: NodeId) -> Attributes<'a> {
        if self.tag(node) == Tag::TEXT {
            return Attributes::new("");
        }
        Attributes::new(self.raw_text(node))
    }

    /// The value of an attribute, decoded.
    pub(crate) fn attribute(&self, node: NodeId, name: &str) -> Option<Cow<'a, str>> {
        let found = self
            .attributes(node)
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| entities::decode(value, true))
    }

    /// Whether the element has one of the attributes of `bits`; see [`has`].
    pub(crate) fn has_any(&self, node: NodeId, bits: u8) -> bool {
        self.nodes[node].has & bits != 0
    }

    /// The class value as written; empty if there is none.
    pub(crate) fn class(&self, node: NodeId) -> &'a str {
        let node = &self.nodes[node];
        let from = node.class_from as usize;
        self.source
            .get(from..from + usize::from(node.n_class_bytes))
            .unwrap_or_default()
    }

    /// Whether the class list has `word`.
    pub(crate) fn has_class(&self, node: NodeId, word: &str) -> bool {
        self.class(node)
            .split_ascii_whitespace()
            .any(|part| part == word)
    }

    /// The first descendant that `is_wanted`, among the first [`MAX_BELOW_NODES`].
    pub(crate) fn find_below(
        &self,
        node: NodeId,
        mut is_wanted: impl FnMut(&Self, NodeId) -> bool,
    ) -> Option<NodeId> {
        (node + 1..self.end(node).min(node + MAX_BELOW_NODES)).find(|at| is_wanted(self, *at))
    }
}

/// See [`Tree::children`].
pub(crate) struct Children<'t> {
    nodes: &'t [Node],
    next: NodeId,
    end: NodeId,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        (self.next < self.end).then(|| {
            let child = self.next;
            self.next = self.nodes[child].end as usize;
            child
        })
    }
}
