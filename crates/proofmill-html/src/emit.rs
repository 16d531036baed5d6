//! The kept part of a tree to Markdown.
//!
//! One walk in document order. Inline content is collected per block ([`run`]) and resolved when the
//! block ends ([`resolve`]), so that delimiters may span inline tags. Lists and quotations are
//! prefixes of lines. Nothing is escaped but the dollar of prose.

mod code;
mod customary;
mod resolve;
mod run;
mod scripts;
mod tables;

use crate::config::Config;
use crate::content::Content;
use crate::detect::{Action, MathMap};
use crate::page::{Formula, Options};
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};
use resolve::{Piece, Place};
use run::{Mark, Run};

/// What the walk gives.
#[derive(Default)]
pub(crate) struct Emitted {
    pub(crate) text: String,
    pub(crate) formulas: Vec<Formula>,
    pub(crate) n_headings: usize,
    pub(crate) n_list_items: usize,
    pub(crate) n_code_blocks: usize,
    pub(crate) n_tables: usize,
    pub(crate) n_code_chars: usize,
    pub(crate) n_formula_chars: usize,
    pub(crate) n_link_chars: usize,
    pub(crate) n_dropped: usize,
}

/// What happens when an open element ends.
#[derive(Clone, Copy)]
enum Exit {
    Block,
    List,
    /// Restores the prefix to this length.
    Prefix(usize),
    Heading,
    Emphasis(&'static str),
    Link(usize),
    Row,
    Cell,
}

struct Frame {
    end: NodeId,
    exit: Exit,
}

/// An open list: the next number, or none for bullets.
type List = Option<u64>;

struct Emitter<'e, 'a> {
    tree: &'e Tree<'a>,
    map: &'e MathMap,
    content: &'e Content,
    config: &'e mut Config,
    options: &'e Options,
    out: String,
    formulas: Vec<Formula>,
    run: Run,
    frames: Vec<Frame>,
    lists: Vec<List>,
    /// Before each line but the first of a block.
    prefix: String,
    /// Before the first line of the next block: length of `prefix` that goes before it, and a marker.
    first: Option<(usize, String)>,
    /// Line ends wanted before the next block.
    gap: usize,
    /// How much of `prefix` goes on since the last block: what a blank line between them gets.
    n_shared_prefix: usize,
    place: Place,
    n_search_left: usize,
    n_macro_bytes: usize,
    n_headings: usize,
    n_list_items: usize,
    n_code_blocks: usize,
    n_tables: usize,
    n_code_chars: usize,
    n_formula_chars: usize,
    n_link_chars: usize,
    n_dropped: usize,
}

/// Writes what `content` keeps.
pub(crate) fn emit(
    tree: &Tree<'_>,
    map: &MathMap,
    content: &Content,
    config: &mut Config,
    options: &Options,
) -> Emitted {
    let mut emitter = Emitter {
        tree,
        map,
        content,
        config,
        options,
        out: String::with_capacity(tree.source.len() / 8),
        formulas: Vec::new(),
        run: Run::default(),
        frames: Vec::new(),
        lists: Vec::new(),
        prefix: String::new(),
        first: None,
        gap: 0,
        n_shared_prefix: 0,
        place: Place::Block,
        n_search_left: options.max_search_bytes,
        n_macro_bytes: 0,
        n_headings: 0,
        n_list_items: 0,
        n_code_blocks: 0,
        n_tables: 0,
        n_code_chars: 0,
        n_formula_chars: 0,
        n_link_chars: 0,
        n_dropped: 0,
    };
    emitter.run.clear();
    for root in &content.roots {
        emitter.walk(*root);
    }
    Emitted {
        text: emitter.out,
        formulas: emitter.formulas,
        n_headings: emitter.n_headings,
        n_list_items: emitter.n_list_items,
        n_code_blocks: emitter.n_code_blocks,
        n_tables: emitter.n_tables,
        n_code_chars: emitter.n_code_chars,
        n_formula_chars: emitter.n_formula_chars,
        n_link_chars: emitter.n_link_chars,
        n_dropped: emitter.n_dropped,
    }
}

impl Emitter<'_, '_> {
    fn walk(&mut self, root: NodeId) {
        let end = self.tree.end(root);
        let mut node = root;
        while node < end {
            self.close_frames(node);
            node = self.visit(node);
        }
        self.close_frames(usize::MAX);
        self.flush();
        self.gap = 2;
    }

    fn close_frames(&mut self, node: NodeId) {
        while let Some(frame) = self.frames.last()
            && frame.end <= node
        {
            let exit = frame.exit;
            self.frames.pop();
            self.exit(exit);
        }
    }

    /// Handles one node; returns the next one to visit.
    fn visit(&mut self, node: NodeId) -> NodeId {
        let tree = self.tree;
        let end = tree.end(node);
        let tag = tree.tag(node);
        if tag == Tag::TEXT {
            self.run.push_node(tree, node);
            return end;
        }
        match self.map.action(node) {
            Action::Skip => return end,
            Action::Formula(index) => {
                self.run.mark(Mark::Formula(index));
                return end;
            }
            Action::Enter => {}
        }
        if self.content.is_skipped(node) || is_never_shown(tag) {
            return end;
        }
        match tag {
            Tag::BR => {
                self.run.mark(Mark::Break);
                return end;
            }
            Tag::HR => {
                self.flush();
                self.gap = 2;
                return end;
            }
            Tag::PRE | Tag::LISTING | Tag::XMP => {
                self.code_block(node);
                return end;
            }
            Tag::CODE | Tag::TT | Tag::KBD | Tag::SAMP if self.code_span(node) => {
                return end;
            }
            Tag::SUP | Tag::SUB => return self.script(node),
            Tag::TABLE if self.data_table(node) => return end,
            Tag::DIV if tree.has_class(node, "fragment") && is_line_block(tree, node) => {
                self.code_block(node);
                return end;
            }
            Tag::A => {
                if self.is_anchor_mark(node) {
                    return end;
                }
                let n_before = self.run.text.len();
                self.frames.push(Frame {
                    end,
                    exit: Exit::Link(n_before),
                });
                return node + 1;
            }
            Tag::SPAN if tree.class(node) == "classifier" => self.run.push(" : "),
            Tag::EM | Tag::STRONG => {
                let original = if tag == Tag::EM { "_" } else { "__" };
                self.run.mark(Mark::Emphasis(original));
                self.frames.push(Frame {
                    end,
                    exit: Exit::Emphasis(original),
                });
                return node + 1;
            }
            _ => {}
        }
        if tag.is_block() {
            self.enter_block(node, tag);
        }
        node + 1
    }

    fn enter_block(&mut self, node: NodeId, tag: Tag) {
        let end = self.tree.end(node);
        match tag {
            Tag::TR => {
                self.flush();
                self.gap = self.gap.max(1);
                self.frames.push(Frame {
                    end,
                    exit: Exit::Row,
                });
                return;
            }
            Tag::TD | Tag::TH => {
                let is_inline = !(node + 1..end).any(|at| self.tree.tag(at).is_block());
                if is_inline && end - node < 64 {
                    self.run.space(' ');
                    self.frames.push(Frame {
                        end,
                        exit: Exit::Cell,
                    });
                    return;
                }
            }
            _ => {}
        }
        self.flush();
        self.gap = self.gap.max(2);
        let exit = match tag {
            Tag::H1 | Tag::H2 | Tag::H3 | Tag::H4 | Tag::H5 | Tag::H6 => {
                let level = tag.heading_level().unwrap_or(1);
                self.marker(&format!("{} ", "#".repeat(level)));
                self.place = Place::Line;
                Exit::Heading
            }
            Tag::UL | Tag::MENU | Tag::DIR => {
                self.open_list(None);
                Exit::List
            }
            Tag::OL => {
                let start = self
                    .tree
                    .attribute(node, "start")
                    .and_then(|value| value.trim().parse().ok());
                self.open_list(Some(start.unwrap_or(1)));
                Exit::List
            }
            Tag::LI => {
                let n_before = self.prefix.len();
                let marker = match (self.label_of_item(node), self.lists.last_mut()) {
                    (Some(label), _) => label,
                    (None, Some(Some(number))) => {
                        *number = number.saturating_add(1);
                        format!("{}. ", *number - 1)
                    }
                    (None, _) => "- ".to_owned(),
                };
                self.marker(&marker);
                if n_before < 64 {
                    self.prefix.push_str(&" ".repeat(marker.len()));
                }
                if !self.out.is_empty() && self.lists.last().is_some() && self.n_list_items > 0 {
                    self.gap = if self.is_first_item(node) && self.lists.len() < 2 {
                        2
                    } else {
                        1
                    };
                }
                self.n_list_items += 1;
                Exit::Prefix(n_before)
            }
            Tag::BLOCKQUOTE => {
                let n_before = self.prefix.len();
                if n_before < 64 {
                    self.prefix.push_str("> ");
                }
                Exit::Prefix(n_before)
            }
            _ => Exit::Block,
        };
        self.frames.push(Frame { end, exit });
    }

    /// The label that `LaTeXML` writes into an item, e.g. `(a)`; none for bullets.
    fn label_of_item(&self, node: NodeId) -> Option<String> {
        let tree = self.tree;
        let first = tree.element_children(node).next()?;
        if !tree.has_class(first, "ltx_tag") {
            return None;
        }
        let label = tree
            .text_below(first)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        (label.len() <= 24 && label.chars().any(char::is_alphanumeric)).then(|| format!("{label} "))
    }

    fn is_first_item(&self, node: NodeId) -> bool {
        let tree = self.tree;
        tree.element_children(tree.parent(node)).next() == Some(node)
    }

    fn open_list(&mut self, list: List) {
        if !self.lists.is_empty() {
            self.gap = 1;
        }
        self.lists.push(list);
    }

    fn exit(&mut self, exit: Exit) {
        match exit {
            Exit::Block => {
                self.flush();
                self.gap = self.gap.max(2);
            }
            Exit::List => {
                self.flush();
                self.lists.pop();
                self.gap = if self.lists.is_empty() { 2 } else { 1 };
            }
            Exit::Prefix(n_before) => {
                self.flush();
                self.prefix.truncate(n_before);
                self.n_shared_prefix = self.n_shared_prefix.min(n_before);
                if self
                    .first
                    .as_ref()
                    .is_some_and(|(base, _)| *base >= n_before)
                {
                    self.first = None; // an empty item
                }
                self.gap = self.gap.max(2);
            }
            Exit::Heading => {
                self.flush();
                self.first = None;
                self.place = Place::Block;
                self.gap = 2;
            }
            Exit::Emphasis(original) => self.run.mark(Mark::Emphasis(original)),
            Exit::Link(n_before) => {
                self.n_link_chars += self.run.text.len().saturating_sub(n_before);
            }
            Exit::Row => {
                self.flush();
                self.gap = self.gap.max(1);
            }
            Exit::Cell => self.run.space(' '),
        }
    }

    /// Sets what goes before the next block's first line.
    fn marker(&mut self, marker: &str) {
        let n_prefix = self.prefix.len();
        match &mut self.first {
            Some((_, before)) if before.len() < 64 => before.push_str(marker),
            _ => self.first = Some((n_prefix, marker.to_owned())),
        }
    }

    /// Ends the block whose inline content was collected.
    fn flush(&mut self) {
        if self.run.is_blank() {
            self.run.clear();
            return;
        }
        let run = std::mem::take(&mut self.run);
        let pieces = self.resolve(&run, self.place);
        self.run = run;
        self.run.clear();
        let is_heading = self
            .first
            .as_ref()
            .is_some_and(|(_, marker)| marker.starts_with('#'));
        for piece in pieces {
            match piece {
                Piece::Text(text) => {
                    if is_heading {
                        self.n_headings += 1;
                    }
                    self.block(&text);
                }
                Piece::Display(formula) => self.block(&formula),
            }
            self.gap = 2;
        }
    }

    /// Writes one block with its gap and prefixes.
    fn block(&mut self, text: &str) {
        if !self.out.is_empty() {
            self.out.push('\n');
            if self.gap >= 2 {
                let n_shared = self.n_shared_prefix.min(self.prefix.len());
                self.out.push_str(self.prefix[..n_shared].trim_end());
                self.out.push('\n');
            }
        }
        self.n_shared_prefix = self.prefix.len();
        match self.first.take() {
            Some((base, marker)) => {
                self.out
                    .push_str(&self.prefix[..base.min(self.prefix.len())]);
                self.out.push_str(&marker);
            }
            None => self.out.push_str(&self.prefix),
        }
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.out.push('\n');
                if line.is_empty() {
                    self.out.push_str(self.prefix.trim_end());
                } else {
                    self.out.push_str(&self.prefix);
                }
            }
            self.out.push_str(line);
        }
        self.gap = 2;
    }

    fn code_block(&mut self, node: NodeId) {
        let tree = self.tree;
        let has_formula =
            (node + 1..tree.end(node)).any(|at| matches!(self.map.action(at), Action::Formula(_)));
        if has_formula {
            // formulas were rendered inside: running text in a `pre`
            self.flush();
            self.gap = 2;
            for at in node + 1..tree.end(node) {
                if tree.tag(at) == Tag::TEXT && self.map.action(tree.parent(at)) == Action::Enter {
                    self.run.push_node(tree, at);
                } else if let Action::Formula(index) = self.map.action(at) {
                    self.run.mark(Mark::Formula(index));
                }
            }
            return self.flush();
        }
        let text = code::text_of(tree, node);
        if text.trim().is_empty() {
            return;
        }
        self.flush();
        if let Some(paragraphs) = code::prose_paragraphs(tree, node, &text) {
            for paragraph in paragraphs {
                self.gap = 2;
                self.block(&paragraph);
            }
            return;
        }
        self.gap = 2;
        self.n_code_blocks += 1;
        self.n_code_chars += text.chars().count();
        let language = code::language_of(tree, node);
        self.block(&code::fenced(&text, language.as_deref()));
    }

    /// Code in the line; returns whether it was one.
    fn code_span(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        let is_plain = (node + 1..tree.end(node)).all(|at| {
            let tag = tree.tag(at);
            !tag.is_block() && tag != Tag::BR && !matches!(self.map.action(at), Action::Formula(_))
        });
        if !is_plain {
            return false;
        }
        let text = tree.text_below(node);
        let code = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if code.is_empty() {
            return true;
        }
        self.n_code_chars += code.chars().count();
        if text.starts_with(char::is_whitespace) {
            self.run.space(' ');
        }
        self.run.mark(Mark::Code(code));
        if text.ends_with(char::is_whitespace) {
            self.run.space(' ');
        }
        true
    }

    /// Links that only mark a place: `¶`, `#`, `[edit]`.
    fn is_anchor_mark(&self, node: NodeId) -> bool {
        let tree = self.tree;
        if tree.end(node) - node > 4 {
            return false;
        }
        let class = tree.class(node);
        let has_word = class.split_ascii_whitespace().any(|word| {
            matches!(
                word,
                "headerlink"
                    | "anchor-link"
                    | "anchorjs-link"
                    | "anchor"
                    | "permalink"
                    | "copiable-anchor"
                    | "header-anchor"
                    | "heading-anchor"
                    | "headeranchor-link"
                    | "sectionedit"
                    | "hash-link"
            )
        });
        let text = tree.text_below(node);
        let text = text.trim();
        matches!(
            text,
            "¶" | "#" | "§" | "🔗" | "∞" | "[#]" | "[edit]" | "[source]" | "[Source]"
        ) || has_word && text.chars().count() <= 2
    }
}

/// Elements whose content is never text.
fn is_never_shown(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::SCRIPT
            | Tag::STYLE
            | Tag::TEMPLATE
            | Tag::IFRAME
            | Tag::OBJECT
            | Tag::EMBED
            | Tag::VIDEO
            | Tag::AUDIO
            | Tag::CANVAS
            | Tag::SELECT
            | Tag::OPTION
            | Tag::OPTGROUP
            | Tag::INPUT
            | Tag::TEXTAREA
            | Tag::SVG
            | Tag::TITLE
            | Tag::META
            | Tag::LINK
            | Tag::MATH
            | Tag::RP
            | Tag::RT
            | Tag::NOEMBED
            | Tag::NOFRAMES
            | Tag::BUTTON
            | Tag::PARAM
    )
}

/// Whether a block holds lines of code, one element each.
fn is_line_block(tree: &Tree<'_>, node: NodeId) -> bool {
    tree.element_children(node)
        .next()
        .is_some_and(|child| tree.has_class(child, "line"))
}
