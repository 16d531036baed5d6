//! Bytes of mark-up to the flat tree, in one pass over the page.
//!
//! Follows the HTML standard as far as the order of text and the nesting of blocks go: raw text
//! elements, implied end tags, void elements, scopes of tables. Nothing is ever moved (no foster
//! parenting, no adoption agency); an end tag of an inline element inside a block that it contains
//! takes effect when that block ends. Time is linear in the page, memory in its nodes.

#[cfg(test)]
mod oracle;

use memchr::{memchr, memmem};

use crate::tag::Tag;
use crate::tree::{Node, Tree, has};

/// What bounds a tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ParseLimits {
    pub(crate) max_depth: usize,
    pub(crate) max_nodes: usize,
}

/// How much deeper than the page formulas may nest.
const FORMULA_DEPTH: usize = 128;

/// One open element.
struct Open {
    node: u32,
    tag: Tag,
    /// Its end tag has come already, inside a block that is still open.
    is_ended: bool,
    /// Elements right inside it that were too deep and whose end tags are still to come.
    n_flattened: u32,
}

struct Builder<'a> {
    tree: Tree<'a>,
    stack: Vec<Open>,
    /// Open elements by known name; unknown names share the last place.
    n_open: [u32; Tag::COUNT + 1],
    /// Open `math` and `svg` elements, where `/>` counts.
    n_foreign: u32,
    is_xhtml: bool,
    limits: ParseLimits,
}

/// Parses a page of at most `u32::MAX` bytes.
pub(crate) fn parse(source: &str, is_xhtml: bool, limits: ParseLimits) -> Tree<'_> {
    let mut nodes = Vec::with_capacity(source.len() / 24 + 16);
    nodes.push(Node {
        tag: Tag::DOCUMENT,
        n_class_bytes: 0,
        has: 0,
        parent: 0,
        end: 0,
        from: 0,
        to: 0,
        class_from: 0,
    });
    let mut builder = Builder {
        tree: Tree {
            source,
            nodes,
            is_cut: false,
            n_too_deep: 0,
        },
        stack: vec![Open {
            node: 0,
            tag: Tag::DOCUMENT,
            is_ended: false,
            n_flattened: 0,
        }],
        n_open: [0; Tag::COUNT + 1],
        n_foreign: 0,
        is_xhtml,
        limits,
    };
    builder.read_all();
    builder.pop_to(0);
    let end = index(builder.tree.nodes.len());
    builder.tree.nodes[0].end = end;
    builder.tree
}

/// Positions fit because the page is at most `u32::MAX` bytes long.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Builder<'_> {
    fn read_all(&mut self) {
        let bytes = self.tree.source.as_bytes();
        let mut at = 0; // next byte to look at
        let mut text_from = 0;
        while let Some(n) = bytes.get(at..).and_then(|rest| memchr(b'<', rest)) {
            let open = at + n;
            let next = bytes.get(open + 1).copied().unwrap_or(0);
            if !(next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?')) {
                at = open + 1; // a lone `<` is text
                continue;
            }
            if self.tree.nodes.len() >= self.limits.max_nodes {
                self.tree.is_cut = true;
                return;
            }
            self.text(text_from, open);
            at = match next {
                b'/' => self.end_tag(open),
                b'!' | b'?' => self.skip_declaration(open),
                _ => self.start_tag(open),
            };
            text_from = at;
        }
        self.text(text_from, bytes.len());
    }

    /// Adds a text node for `from..to`, unless it is empty.
    fn text(&mut self, from: usize, to: usize) {
        if from >= to {
            return;
        }
        if self.n_open[Tag::HEAD.0 as usize] > 0
            && !self.tree.source.as_bytes()[from..to]
                .iter()
                .all(u8::is_ascii_whitespace)
            && self.stack.last().is_some_and(|open| open.tag == Tag::HEAD)
        {
            self.pop_last();
        }
        self.push_node(Tag::TEXT, from, to, Noted::default());
    }

    fn push_node(&mut self, tag: Tag, from: usize, to: usize, noted: Noted) -> usize {
        let id = self.tree.nodes.len();
        let parent = self.stack.last().map_or(0, |open| open.node);
        let n_class_bytes = u16::try_from(noted.class_to - noted.class_from).unwrap_or(0);
        self.tree.nodes.push(Node {
            tag,
            n_class_bytes,
            has: noted.has,
            parent,
            end: index(id + 1),
            from: index(from),
            to: index(to),
            class_from: index(noted.class_from),
        });
        id
    }

    fn end_tag(&mut self, open: usize) -> usize {
        let bytes = self.tree.source.as_bytes();
        let from = open + 2;
        let Some(first) = bytes.get(from).copied() else {
            return bytes.len();
        };
        if !first.is_ascii_alphabetic() {
            return memchr(b'>', &bytes[from..]).map_or(bytes.len(), |n| from + n + 1);
        }
        let n_name = name_len(&bytes[from..]);
        let tag = Tag::of(&bytes[from..from + n_name]);
        let mut at = from + n_name;
        if bytes.get(at) == Some(&b'>') {
            at += 1;
        } else {
            at = memchr(b'>', &bytes[at..]).map_or(bytes.len(), |n| at + n + 1);
        }
        self.close(tag);
        at
    }

    fn start_tag(&mut self, open: usize) -> usize {
        let bytes = self.tree.source.as_bytes();
        let from = open + 1;
        let n_name = name_len(&bytes[from..]);
        let tag = Tag::of(&bytes[from..from + n_name]);
        let attributes_from = from + n_name;
        let mut noted = Noted::default();
        let Some(close) = scan_attributes(bytes, attributes_from, &mut noted) else {
            return bytes.len(); // the page ends inside the tag
        };
        let has_slash = close > attributes_from && bytes[close - 1] == b'/';
        let attributes_to = close - usize::from(has_slash);
        let is_repeated =
            matches!(tag, Tag::HTML | Tag::HEAD | Tag::BODY) && self.n_open[tag.0 as usize] > 0;
        if is_repeated {
            return close + 1;
        }
        self.imply_end_tags(tag);
        let id = self.push_node(tag, attributes_from, attributes_to, noted);
        if tag.is_void() {
            return close + 1;
        }
        let counts_slash = self.n_foreign > 0 || tag.is_mathml() || self.is_xhtml;
        if has_slash && counts_slash {
            return close + 1;
        }
        if tag.is_raw_text() && self.n_foreign == 0 {
            return self.raw_text(id, tag, close + 1);
        }
        // Formulas keep their structure even in a page that is nested too deep.
        let is_formula =
            tag.is_mathml() && self.stack.len() < self.limits.max_depth + FORMULA_DEPTH;
        if self.stack.len() >= self.limits.max_depth && !is_formula {
            if let Some(top) = self.stack.last_mut() {
                top.n_flattened = top.n_flattened.saturating_add(1);
            }
            self.tree.n_too_deep += 1;
            return close + 1;
        }
        self.stack.push(Open {
            node: index(id),
            tag,
            is_ended: false,
            n_flattened: 0,
        });
        *self.open_count(tag) += 1;
        self.n_foreign += u32::from(matches!(tag, Tag::MATH | Tag::SVG));
        close + 1
    }

    /// Reads the content of a raw text element; returns the position after its end tag.
    fn raw_text(&mut self, id: usize, tag: Tag, from: usize) -> usize {
        let bytes = self.tree.source.as_bytes();
        let mut to = bytes.len();
        let mut after = bytes.len();
        if tag != Tag::PLAINTEXT {
            for n in memmem::find_iter(&bytes[from..], b"</") {
                let name_from = from + n + 2;
                let n_name = name_len(&bytes[name_from..]);
                if n_name > 0 && Tag::of(&bytes[name_from..name_from + n_name]) == tag {
                    to = from + n;
                    let rest = name_from + n_name;
                    after = memchr(b'>', &bytes[rest..]).map_or(bytes.len(), |n| rest + n + 1);
                    break;
                }
            }
        }
        if from < to {
            let text = self.push_node(Tag::TEXT, from, to, Noted::default());
            self.tree.nodes[text].parent = index(id);
            self.tree.nodes[id].end = index(text + 1);
        }
        after
    }

    /// Skips a comment, a declaration or an instruction; the content of CDATA becomes text.
    fn skip_declaration(&mut self, open: usize) -> usize {
        let bytes = self.tree.source.as_bytes();
        let rest = &bytes[open..];
        if rest.starts_with(b"<!--") {
            if rest.starts_with(b"<!-->") {
                return open + 5;
            }
            if rest.starts_with(b"<!--->") {
                return open + 6;
            }
            let mut from = 4;
            while let Some(n) = memmem::find(&rest[from..], b"--") {
                let after = from + n + 2;
                match (rest.get(after), rest.get(after + 1)) {
                    (Some(b'>'), _) => return open + after + 1,
                    (Some(b'!'), Some(b'>')) => return open + after + 2,
                    _ => from = after - 1,
                }
            }
            return bytes.len();
        }
        if rest.starts_with(b"<![CDATA[") && (self.n_foreign > 0 || self.is_xhtml) {
            let from = open + 9;
            let n = memmem::find(&bytes[from..], b"]]>");
            let to = n.map_or(bytes.len(), |n| from + n);
            self.text(from, to);
            return (to + 3).min(bytes.len());
        }
        memchr(b'>', rest).map_or(bytes.len(), |n| open + n + 1)
    }

    fn open_count(&mut self, tag: Tag) -> &mut u32 {
        &mut self.n_open[usize::from(tag.0).min(Tag::COUNT)]
    }

    fn is_open(&self, tag: Tag) -> bool {
        self.n_open[usize::from(tag.0).min(Tag::COUNT)] > 0
    }

    fn pop_last(&mut self) {
        if self.stack.len() < 2 {
            return;
        }
        if let Some(open) = self.stack.pop() {
            let end = index(self.tree.nodes.len());
            self.tree.nodes[open.node as usize].end = end;
            *self.open_count(open.tag) -= 1;
            self.n_foreign -= u32::from(matches!(open.tag, Tag::MATH | Tag::SVG));
        }
    }

    /// Closes elements until `n_left` (at least the root) are open, then those ended already.
    fn pop_to(&mut self, n_left: usize) {
        while self.stack.len() > n_left.max(1) {
            self.pop_last();
        }
        while self.stack.last().is_some_and(|open| open.is_ended) {
            self.pop_last();
        }
    }

    /// Handles the end tag of `tag`.
    fn close(&mut self, tag: Tag) {
        if let Some(top) = self.stack.last_mut()
            && top.n_flattened > 0
        {
            top.n_flattened -= 1;
            return;
        }
        if tag == Tag::BR {
            self.push_node(Tag::BR, 0, 0, Noted::default());
            return;
        }
        if !self.is_open(tag) || matches!(tag, Tag::BODY | Tag::HTML) {
            return; // what follows `</body>` still belongs to the page
        }
        let mut crosses_block = false;
        for place in (1..self.stack.len()).rev() {
            let open = &self.stack[place];
            if open.tag == tag && !open.is_ended {
                if crosses_block && tag.is_formatting() {
                    self.stack[place].is_ended = true;
                } else {
                    self.pop_to(place);
                }
                return;
            }
            if stops_end_tag(open.tag, tag) {
                return;
            }
            crosses_block |= open.tag.is_block();
        }
    }

    /// Ends the elements that a start tag of `tag` ends.
    fn imply_end_tags(&mut self, tag: Tag) {
        if self.is_open(Tag::HEAD) && !tag.is_of_head() {
            self.close(Tag::HEAD);
        }
        if self.n_foreign > 0 {
            // Text mark-up inside MathML or SVG that nobody closed ends it.
            if tag.closes_p()
                && !self
                    .stack
                    .iter()
                    .rev()
                    .take(4)
                    .any(|open| is_html_host(open.tag))
            {
                self.close(Tag::MATH);
            }
            return;
        }
        if self.is_open(Tag::P) && tag.closes_p() {
            self.close_within(Tag::P, |open| {
                matches!(
                    open,
                    Tag::TABLE | Tag::TD | Tag::TH | Tag::CAPTION | Tag::BUTTON
                )
            });
        }
        match tag {
            Tag::LI => self.close_within(Tag::LI, |open| {
                matches!(
                    open,
                    Tag::UL | Tag::OL | Tag::MENU | Tag::DIR | Tag::TABLE | Tag::TD
                )
            }),
            Tag::DT | Tag::DD => {
                for other in [Tag::DT, Tag::DD] {
                    self.close_within(other, |open| {
                        matches!(open, Tag::DL | Tag::TABLE | Tag::TD | Tag::UL | Tag::OL)
                    });
                }
            }
            Tag::TR => {
                for other in [Tag::TR, Tag::CAPTION, Tag::COLGROUP] {
                    self.close_within(other, |open| open == Tag::TABLE);
                }
            }
            Tag::TD | Tag::TH => {
                for other in [Tag::TD, Tag::TH] {
                    self.close_within(other, |open| matches!(open, Tag::TABLE | Tag::TR));
                }
            }
            Tag::TBODY | Tag::THEAD | Tag::TFOOT => {
                for other in [
                    Tag::TBODY,
                    Tag::THEAD,
                    Tag::TFOOT,
                    Tag::CAPTION,
                    Tag::COLGROUP,
                ] {
                    self.close_within(other, |open| open == Tag::TABLE);
                }
            }
            Tag::OPTION | Tag::OPTGROUP => {
                self.close_within(Tag::OPTION, |open| open == Tag::SELECT);
            }
            Tag::A => self.close_within(Tag::A, |open| {
                matches!(open, Tag::TABLE | Tag::TD | Tag::TH | Tag::CAPTION)
            }),
            _ if tag.is_heading()
                && self.stack.last().is_some_and(|open| open.tag.is_heading()) =>
            {
                self.pop_to(self.stack.len() - 1);
            }
            _ => {}
        }
    }

    /// Closes the innermost `tag`, unless an element that `stops` lies between.
    fn close_within(&mut self, tag: Tag, stops: impl Fn(Tag) -> bool) {
        if !self.is_open(tag) {
            return;
        }
        for place in (1..self.stack.len()).rev() {
            let open = &self.stack[place];
            if open.tag == tag {
                if tag == Tag::A && place + 1 < self.stack.len() {
                    self.stack[place].is_ended = true;
                } else {
                    self.pop_to(place);
                }
                return;
            }
            if stops(open.tag) {
                return;
            }
        }
    }
}

/// MathML and SVG elements that may hold HTML.
fn is_html_host(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::MTEXT | Tag::ANNOTATION_XML | Tag::SVG | Tag::MI | Tag::MO | Tag::MN | Tag::G
    ) || tag.is_unknown()
}

/// Whether an open element hides the ones around it from an end tag.
fn stops_end_tag(open: Tag, wanted: Tag) -> bool {
    match wanted {
        Tag::TABLE => false,
        Tag::TR | Tag::TBODY | Tag::THEAD | Tag::TFOOT | Tag::TD | Tag::TH => open == Tag::TABLE,
        Tag::LI => matches!(open, Tag::UL | Tag::OL | Tag::TABLE | Tag::TD | Tag::TH),
        _ => matches!(open, Tag::TD | Tag::TH | Tag::CAPTION | Tag::TABLE),
    }
}

/// Length of the element name that `bytes` begin with.
fn name_len(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .position(|byte| matches!(byte, b'>' | b'/' | b' ' | b'\n' | b'\t' | b'\r' | 0x0C))
        .unwrap_or(bytes.len())
}

/// What the scan of a start tag notes for later.
#[derive(Clone, Copy, Default)]
struct Noted {
    class_from: usize,
    class_to: usize,
    has: u8,
}

/// Finds the `>` that ends a start tag, and notes what is looked for often.
fn scan_attributes(bytes: &[u8], from: usize, noted: &mut Noted) -> Option<usize> {
    let mut at = from;
    loop {
        match *bytes.get(at)? {
            b'>' => return Some(at),
            byte if byte.is_ascii_whitespace() || byte == b'/' => at += 1,
            _ => {
                let name_from = at;
                at += 1;
                while !matches!(
                    *bytes.get(at)?,
                    b'=' | b'>' | b'/' | b' ' | b'\n' | b'\t' | b'\r' | 0x0C
                ) {
                    at += 1;
                }
                let name = &bytes[name_from..at];
                noted.has |= has::bit_of(name);
                let mut after = at;
                while bytes.get(after)?.is_ascii_whitespace() {
                    after += 1;
                }
                if bytes[after] != b'=' {
                    continue;
                }
                at = after + 1;
                while bytes.get(at)?.is_ascii_whitespace() {
                    at += 1;
                }
                let quote = bytes[at];
                let (value_from, value_to) = if matches!(quote, b'"' | b'\'') {
                    let value_from = at + 1;
                    let value_to = value_from + memchr(quote, bytes.get(value_from..)?)?;
                    at = value_to + 1;
                    (value_from, value_to)
                } else {
                    let value_from = at;
                    while !(bytes.get(at)?.is_ascii_whitespace() || bytes[at] == b'>') {
                        at += 1;
                    }
                    (value_from, at)
                };
                if name.len() == 5 && noted.class_to == 0 && name.eq_ignore_ascii_case(b"class") {
                    noted.class_from = value_from;
                    noted.class_to = value_to;
                }
            }
        }
    }
}
