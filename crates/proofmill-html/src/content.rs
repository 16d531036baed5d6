//! Which part of a page is its content.
//!
//! Works on the flat tree in three passes. Bottom up: how much text, link text and how many formulas
//! each subtree holds, a formula counting as much as a short phrase, so that short pages full of
//! mathematics live. Top down: which subtrees are boilerplate, by element, by whole words of class and
//! id ([`words`]), by link density, never if they hold most of the page. At last the smallest subtree
//! that still holds nearly all prose becomes the root. If that loses the formulas, the page is kept
//! more completely and flagged.

mod words;

use crate::detect::{Action, MathMap};
use crate::page::{MainContent, Options};
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// Characters of text that one formula counts as.
const FORMULA_CHARS: u32 = 30;

/// Share of the prose that a child must hold for the root to move down to it.
const DOMINANT_RATIO: f64 = 0.85;

/// Share of the page's prose that is never boilerplate.
const PROTECTED_RATIO: f64 = 0.5;

/// Least share of the page's formulas that main content must keep.
const MIN_FORMULA_RATIO: f64 = 0.3;

/// What is kept, and what was seen.
pub(crate) struct Content {
    /// Subtrees that are kept, in order.
    pub(crate) roots: Vec<NodeId>,
    /// Subtrees inside them that are not.
    skipped: Vec<bool>,
    pub(crate) site_family: Option<&'static str>,
    pub(crate) is_recall_fallback: bool,
    pub(crate) n_text_chars: usize,
    pub(crate) n_links: usize,
    pub(crate) n_formulas: usize,
}

impl Content {
    pub(crate) fn is_skipped(&self, node: NodeId) -> bool {
        self.skipped.get(node).copied().unwrap_or(false)
    }
}

/// Sums over a subtree.
#[derive(Clone, Copy, Default)]
struct Sums {
    /// Visible characters, white space not counted.
    text: u32,
    /// Those inside links.
    link: u32,
    /// Characters of prose: text of paragraphs and the like outside links, plus formulas.
    prose: u32,
    formulas: u32,
    links: u32,
}

/// Chooses the content.
pub(crate) fn choose(tree: &Tree<'_>, map: &MathMap, options: &Options) -> Content {
    let mut chooser = Chooser { tree, map, sums: Vec::new(), skipped: vec![false; tree.len()], total: Sums::default() };
    let site_family = words::family_of(tree);
    chooser.hide();
    chooser.add_up();
    let total = chooser.total;
    let body = (1..tree.len()).find(|node| tree.tag(*node) == Tag::BODY).unwrap_or(0);
    let mut is_recall_fallback = false;
    let hidden = chooser.skipped.clone();
    let mut roots = vec![0];
    if options.main_content == MainContent::Main {
        chooser.mark_boilerplate(options.keep_comments, site_family);
        chooser.add_up();
        let root = chooser.root(body);
        roots = chooser.with_title(root);
        chooser.drop_link_blocks(root);
        let kept: u32 = roots.iter().map(|root| chooser.kept_below(*root).formulas).sum();
        let prose: u32 = roots.iter().map(|root| chooser.kept_below(*root).text).sum();
        let lost_formulas = f64::from(kept) < MIN_FORMULA_RATIO * f64::from(total.formulas);
        let lost_text = f64::from(prose) < 0.05 * f64::from(total.text) && prose < 250 && total.text > 0;
        if lost_formulas || lost_text {
            is_recall_fallback = true;
            chooser.skipped = hidden;
            chooser.mark_recall();
            chooser.add_up();
            roots = vec![0];
        }
    }
    Content {
        roots,
        skipped: chooser.skipped,
        site_family,
        is_recall_fallback,
        n_text_chars: total.text as usize,
        n_links: total.links as usize,
        n_formulas: map.found.len(),
    }
}

struct Chooser<'t, 'a> {
    tree: &'t Tree<'a>,
    map: &'t MathMap,
    sums: Vec<Sums>,
    skipped: Vec<bool>,
    total: Sums,
}

impl Chooser<'_, '_> {
    /// Marks what no reader sees.
    fn hide(&mut self) {
        let tree = self.tree;
        let mut node = 1;
        while node < tree.len() {
            let tag = tree.tag(node);
            let is_hidden = match tag {
                Tag::TEXT => false,
                Tag::SCRIPT | Tag::STYLE | Tag::TEMPLATE | Tag::TITLE | Tag::TEXTAREA | Tag::SELECT | Tag::IFRAME
                | Tag::SVG | Tag::OBJECT | Tag::VIDEO | Tag::AUDIO | Tag::CANVAS | Tag::NOFRAMES | Tag::NOEMBED
                | Tag::BUTTON => self.map.action(node) == Action::Enter,
                Tag::NOSCRIPT => !self.has_formula(node),
                Tag::BODY | Tag::HTML | Tag::HEAD => false,
                _ => self.map.action(node) == Action::Enter && is_hidden(tree, node) && !self.has_formula(node),
            };
            if is_hidden || self.map.action(node) == Action::Skip {
                self.skipped[node] = true;
                node = tree.end(node);
            } else {
                node += 1;
            }
        }
    }

    fn has_formula(&self, node: NodeId) -> bool {
        (node..self.tree.end(node)).any(|at| matches!(self.map.action(at), Action::Formula(_)))
    }

    /// Sums up text, links and formulas of what is not skipped.
    fn add_up(&mut self) {
        let tree = self.tree;
        self.sums.clear();
        self.sums.resize(tree.len(), Sums::default());
        // own text of each block, so that prose can be told from menus
        let mut own = vec![(0_u32, 0_u32); tree.len()];
        let mut block_of: Vec<u32> = vec![0; tree.len()];
        let mut in_link: Vec<bool> = vec![false; tree.len()];
        let mut node = 1;
        while node < tree.len() {
            let tag = tree.tag(node);
            let parent = tree.parent(node);
            if tag == Tag::TEXT {
                if !tree.is_raw(node) {
                    let n = visible_chars(tree.raw_text(node));
                    let block = block_of[parent] as usize;
                    own[block].0 += n;
                    self.sums[node].text = n;
                    if in_link[parent] {
                        self.sums[node].link = n;
                        own[block].1 += n;
                    }
                }
                node += 1;
                continue;
            }
            if self.skipped[node] {
                node = tree.end(node);
                continue;
            }
            if let Action::Formula(_) = self.map.action(node) {
                self.sums[node] = Sums { text: FORMULA_CHARS, formulas: 1, ..Sums::default() };
                own[block_of[parent] as usize].0 += FORMULA_CHARS;
                node = tree.end(node);
                continue;
            }
            let is_link = tag == Tag::A && tree.raw_text(node).contains("href");
            self.sums[node].links = u32::from(is_link);
            in_link[node] = in_link[parent] || is_link;
            block_of[node] = if tag.is_block() { u32::try_from(node).unwrap_or(0) } else { block_of[parent] };
            node += 1;
        }
        for (node, (text, link)) in own.into_iter().enumerate() {
            let is_code = tree.tag(node) == Tag::PRE;
            if is_code || text >= 25 && link * 2 <= text {
                self.sums[node].prose = text - link;
            }
        }
        for node in (1..tree.len()).rev() {
            let sums = self.sums[node];
            let parent = &mut self.sums[tree.parent(node)];
            parent.text += sums.text;
            parent.link += sums.link;
            parent.prose += sums.prose;
            parent.formulas += sums.formulas;
            parent.links += sums.links;
        }
        self.total = self.sums[0];
    }

    fn is_protected(&self, node: NodeId) -> bool {
        let sums = &self.sums[node];
        f64::from(sums.prose) > PROTECTED_RATIO * f64::from(self.total.prose.max(1))
            || sums.formulas > 2 && f64::from(sums.formulas) > PROTECTED_RATIO * f64::from(self.total.formulas)
    }

    /// Marks subtrees that element, class or id call boilerplate.
    fn mark_boilerplate(&mut self, keep_comments: bool, family: Option<&'static str>) {
        let tree = self.tree;
        let mut n_in_article = 0_usize; // one past the article that the walk is in
        let mut node = 1;
        while node < tree.len() {
            let tag = tree.tag(node);
            if tag == Tag::TEXT || self.skipped[node] {
                node = tree.end(node);
                continue;
            }
            if matches!(tag, Tag::ARTICLE | Tag::MAIN) {
                n_in_article = n_in_article.max(tree.end(node));
            }
            let is_in_article = node < n_in_article;
            let sums = &self.sums[node];
            let by_tag = match tag {
                Tag::NAV | Tag::DIALOG | Tag::MENU => true,
                Tag::ASIDE => sums.formulas == 0 || !is_in_article,
                Tag::FOOTER => true,
                Tag::HEADER => !is_in_article && sums.prose < 200,
                Tag::FORM => sums.prose < 200 && sums.formulas == 0,
                _ => false,
            };
            let by_word = !by_tag
                && !matches!(tag, Tag::BODY | Tag::HTML | Tag::CODE | Tag::PRE | Tag::TD | Tag::TH | Tag::TR)
                && !tag.is_heading()
                && words::is_boilerplate(tree, node, keep_comments, family);
            if (by_tag || by_word) && !self.is_protected(node) {
                self.skipped[node] = true;
                node = tree.end(node);
            } else {
                node += 1;
            }
        }
    }

    /// Marks only what elements call navigation.
    fn mark_recall(&mut self) {
        for node in 1..self.tree.len() {
            if matches!(self.tree.tag(node), Tag::NAV | Tag::FOOTER | Tag::ASIDE | Tag::DIALOG)
                && !self.has_formula(node)
            {
                self.skipped[node] = true;
            }
        }
    }

    /// The smallest subtree that holds nearly all prose.
    fn root(&self, body: NodeId) -> NodeId {
        let tree = self.tree;
        let mut root = body;
        let total = self.sums[body].prose;
        if total == 0 {
            return body;
        }
        let mut strong: Vec<NodeId> = Vec::new();
        let mut node = body + 1;
        while node < tree.end(body) {
            if tree.tag(node) != Tag::TEXT && !self.skipped[node] && words::is_strong(tree, node) {
                strong.push(node);
                node = tree.end(node);
            } else if self.skipped[node] {
                node = tree.end(node);
            } else {
                node += 1;
            }
        }
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

    /// The root, and before it the page's heading if it stands outside.
    fn with_title(&self, root: NodeId) -> Vec<NodeId> {
        let tree = self.tree;
        let has_inside = (root..tree.end(root)).any(|node| tree.tag(node) == Tag::H1 && !self.skipped[node]);
        if has_inside || root == 0 {
            return vec![root];
        }
        let title = (1..root).find(|node| tree.tag(*node) == Tag::TITLE).map(|node| tree.text_below(node));
        let title = title.unwrap_or_default();
        let mut best: Option<(usize, NodeId)> = None;
        for node in 1..root {
            if tree.tag(node).heading_level().is_none_or(|level| level > 2) || tree.end(node) > root {
                continue;
            }
            let heading = tree.text_below(node);
            let n_common = words::common_words(&heading, &title);
            let is_near = tree.ancestors(node).take(4).any(|at| tree.end(at) > root && tree.tag(at) != Tag::BODY);
            if (n_common > 0 || tree.tag(node) == Tag::H1 && is_near)
                && best.is_none_or(|(other, _)| n_common >= other)
            {
                best = Some((n_common, node));
            }
        }
        best.map_or(vec![root], |(_, heading)| vec![heading, root])
    }

    /// Marks blocks that are mostly links: menus, lists of related pages, tag lists.
    fn drop_link_blocks(&mut self, root: NodeId) {
        let tree = self.tree;
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
                Tag::UL | Tag::OL | Tag::DIV | Tag::TABLE | Tag::SECTION | Tag::P | Tag::DL | Tag::TR | Tag::CENTER
                    | Tag::HEADER
            );
            let ratio = f64::from(sums.link) / f64::from(sums.text.max(1));
            let is_links = sums.links >= 2 && ratio > 0.8 || sums.links >= 3 && ratio > 0.6 && sums.prose == 0
                || sums.links == 1 && ratio > 0.9 && tag == Tag::DIV;
            if is_candidate && is_links && sums.formulas == 0 && !self.is_protected(node) && !has_heading_only(tree, node) {
                self.skipped[node] = true;
                node = tree.end(node);
            } else {
                node += 1;
            }
        }
    }

    /// Sums of a subtree without what has been skipped since they were added up.
    fn kept_below(&self, root: NodeId) -> Sums {
        let mut sums = self.sums[root];
        let mut node = root + 1;
        while node < self.tree.end(root) {
            if self.skipped[node] && self.tree.tag(node) != Tag::TEXT {
                sums.text = sums.text.saturating_sub(self.sums[node].text);
                sums.formulas = sums.formulas.saturating_sub(self.sums[node].formulas);
                node = self.tree.end(node);
            } else {
                node += 1;
            }
        }
        sums
    }
}

/// Whether a subtree is a linked heading, which titles often are.
fn has_heading_only(tree: &Tree<'_>, node: NodeId) -> bool {
    (node + 1..tree.end(node)).any(|at| tree.tag(at).is_heading())
}

/// Elements that can hold a page's content.
fn can_be_root(tag: Tag) -> bool {
    !matches!(
        tag,
        Tag::P | Tag::PRE | Tag::UL | Tag::OL | Tag::LI | Tag::BLOCKQUOTE | Tag::DL | Tag::DD | Tag::FIGURE
            | Tag::A | Tag::SPAN | Tag::B | Tag::STRONG | Tag::EM | Tag::I | Tag::HEADER
    ) && !tag.is_heading()
}

/// Characters that are not white space; a reference counts as one.
fn visible_chars(raw: &str) -> u32 {
    let mut n = 0_u32;
    let mut in_reference = 0_u8;
    for byte in raw.bytes() {
        match byte {
            b' ' | b'\n' | b'\t' | b'\r' => in_reference = 0,
            b'&' => {
                in_reference = 10;
                n += 1;
            }
            b';' if in_reference > 0 => in_reference = 0,
            _ if in_reference > 0 => in_reference -= 1,
            0x80..=0xBF => {} // the rest of a character
            _ => n += 1,
        }
    }
    n
}

/// Whether attributes hide an element.
fn is_hidden(tree: &Tree<'_>, node: NodeId) -> bool {
    let raw = tree.raw_text(node).as_bytes();
    if raw.len() < 6 {
        return false;
    }
    let class = tree.class(node);
    if !class.is_empty()
        && class.split_ascii_whitespace().any(|word| {
            matches!(
                word,
                "sr-only" | "visually-hidden" | "visuallyhidden" | "screen-reader-text" | "screenreader-only"
                    | "u-hidden" | "mw-empty-elt" | "noprint" | "hidden-print" | "MathJax_Hidden"
            )
        })
    {
        return true;
    }
    let says = |needle: &[u8]| memchr::memmem::find(raw, needle).is_some();
    if !(says(b"hidden") || says(b"none")) {
        return false;
    }
    for (name, value) in tree.attributes(node) {
        match name {
            "hidden" if value != "until-found" => return true,
            "aria-hidden" if value == "true" => {
                return tree.end(node) - node < 40;
            }
            "style" => {
                let compact: String = value.chars().filter(|letter| *letter != ' ').collect();
                if compact.contains("display:none") || compact.contains("visibility:hidden") {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}
