//! Which part of a page is its content.
//!
//! Works on the flat tree in three passes. Bottom up: how much text, link text and how many formulas
//! each subtree holds, a formula counting as much as a short phrase, so that short pages full of
//! mathematics live. Top down: which subtrees are boilerplate, by element, by whole words of class and
//! id ([`words`]), by link density, never if they hold most of the page. At last the smallest subtree
//! that still holds nearly all prose becomes the root. If that loses the formulas, the page is kept
//! more completely and flagged.

mod links;
mod metadata;
mod root;
mod sections;
mod words;

use crate::detect::{Action, MathMap};
use crate::page::{MainContent, Options};
use crate::tag::Tag;
use crate::tree::{NodeId, Tree, has};
use words::says;

/// Characters of text that one formula counts as.
const FORMULA_CHARS: u32 = 30;

/// Share of the prose that a child must hold for the root to move down to it.
const DOMINANT_RATIO: f64 = 0.85;

/// Most subtrees of a page whose sums are taken off those around them.
const MAX_UPDATES: usize = 100_000;

/// Prose below which the root moves no further down.
const MIN_ROOT_PROSE: u32 = 200;

/// Prose in paragraphs right below a node that makes it the root.
const MIN_OWN_PROSE: u32 = 40;

/// Share of the page's prose that is never boilerplate.
const PROTECTED_RATIO: f64 = 0.5;

/// Least share of the page's formulas that main content must keep.
const MIN_FORMULA_RATIO: f64 = 0.3;

/// Formulas lost below which [`MIN_FORMULA_RATIO`] does not count, unless all are lost.
const MIN_LOST_FORMULAS: u32 = 4;

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

/// Where a node stands, while sums are made.
#[derive(Clone, Copy, Default)]
struct Place {
    /// The block that its text belongs to.
    block: u32,
    /// Text of this block itself, not of blocks inside it.
    own_text: u32,
    own_link: u32,
    is_link: bool,
}

/// Chooses the content.
pub(crate) fn choose(tree: &Tree<'_>, map: &MathMap, options: &Options) -> Content {
    let site_family = words::family_of(tree);
    let mut chooser = Chooser {
        tree,
        map,
        words: words::Reader::new(site_family, tree.len()),
        n_updates_left: MAX_UPDATES,
        sums: Vec::new(),
        skipped: vec![false; tree.len()],
        total: Sums::default(),
    };
    chooser.hide();
    chooser.add_up();
    let total = chooser.total;
    let body = (1..tree.len())
        .find(|node| tree.tag(*node) == Tag::BODY)
        .unwrap_or(0);
    let mut is_recall_fallback = false;
    let mut roots = vec![0];
    if options.main_content == MainContent::Main {
        let is_forum = matches!(
            site_family,
            Some("phpbb" | "xenforo" | "vbulletin" | "smf" | "discourse")
        );
        chooser.mark_boilerplate(options.keep_comments || is_forum);
        chooser.drop_named_sections(body, options.keep_comments || is_forum);
        let root = chooser.root(body);
        roots = chooser.with_head(root);
        chooser.drop_metadata(root);
        chooser.drop_link_blocks(root);
        let kept: u32 = roots.iter().map(|root| chooser.sums[*root].formulas).sum();
        let text: u32 = roots.iter().map(|root| chooser.sums[*root].text).sum();
        let lost_formulas = f64::from(kept) < MIN_FORMULA_RATIO * f64::from(total.formulas)
            && (kept == 0 || total.formulas - kept >= MIN_LOST_FORMULAS);
        let lost_text =
            f64::from(text) < 0.05 * f64::from(total.text) && text < 250 && total.text > 0;
        if lost_formulas || lost_text {
            is_recall_fallback = true;
            chooser.skipped.fill(false);
            chooser.hide();
            chooser.mark_recall();
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
    words: words::Reader<'a>,
    /// Subtrees whose sums may still be taken off; beyond, sums are too high, which keeps more.
    n_updates_left: usize,
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
                Tag::SCRIPT
                | Tag::STYLE
                | Tag::TEMPLATE
                | Tag::TITLE
                | Tag::TEXTAREA
                | Tag::SELECT
                | Tag::IFRAME
                | Tag::SVG
                | Tag::OBJECT
                | Tag::VIDEO
                | Tag::AUDIO
                | Tag::CANVAS
                | Tag::NOFRAMES
                | Tag::NOEMBED
                | Tag::BUTTON => self.map.action(node) == Action::Enter,
                Tag::NOSCRIPT => !self.has_formula(node),
                Tag::TEXT | Tag::BODY | Tag::HTML | Tag::HEAD => false,
                _ => {
                    self.map.action(node) == Action::Enter
                        && (self.words.class(tree, node) & says::HIDDEN != 0
                            || is_hidden(tree, node))
                        && !self.has_formula(node)
                }
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
        let mut places = vec![Place::default(); tree.len()];
        let mut node = 1;
        while node < tree.len() {
            let tag = tree.tag(node);
            let parent = tree.parent(node);
            let around = places[parent];
            if tag == Tag::TEXT {
                if !tree.is_raw(node) {
                    let raw = tree.raw_text(node);
                    let formulas = count_delimiters(raw);
                    let n = visible_chars(raw) + formulas * FORMULA_CHARS;
                    let link = if around.is_link { n } else { 0 };
                    self.sums[node] = Sums {
                        text: n,
                        link,
                        formulas,
                        ..Sums::default()
                    };
                    let block = &mut places[around.block as usize];
                    block.own_text += n;
                    block.own_link += link;
                }
                node += 1;
                continue;
            }
            if self.skipped[node] {
                node = tree.end(node);
                continue;
            }
            if let Action::Formula(_) = self.map.action(node) {
                self.sums[node] = Sums {
                    text: FORMULA_CHARS,
                    formulas: 1,
                    ..Sums::default()
                };
                places[around.block as usize].own_text += FORMULA_CHARS;
                node = tree.end(node);
                continue;
            }
            let is_link = tag == Tag::A && tree.has_any(node, has::HREF);
            self.sums[node].links = u32::from(is_link);
            places[node].is_link = around.is_link || is_link;
            places[node].block = if tag.is_block() {
                u32::try_from(node).unwrap_or(0)
            } else {
                around.block
            };
            node += 1;
        }
        for (node, place) in places.iter().enumerate() {
            let is_code = tree.tag(node) == Tag::PRE;
            if is_code || place.own_text >= 25 && place.own_link * 2 <= place.own_text {
                self.sums[node].prose = place.own_text - place.own_link;
            } else if place.own_link == 0 {
                self.sums[node].prose = place.own_text / 4; // cells, short items
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
            || sums.formulas > 2
                && f64::from(sums.formulas) > PROTECTED_RATIO * f64::from(self.total.formulas)
    }

    /// Skips a subtree and takes its sums off those around it.
    fn skip(&mut self, node: NodeId) {
        let gone = self.sums[node];
        self.skipped[node] = true;
        if gone.text == 0 && gone.formulas == 0 || self.n_updates_left == 0 {
            return;
        }
        self.n_updates_left -= 1;
        for at in self.tree.ancestors(node) {
            let sums = &mut self.sums[at];
            sums.text = sums.text.saturating_sub(gone.text);
            sums.link = sums.link.saturating_sub(gone.link);
            sums.prose = sums.prose.saturating_sub(gone.prose);
            sums.formulas = sums.formulas.saturating_sub(gone.formulas);
            sums.links = sums.links.saturating_sub(gone.links);
        }
    }

    /// Takes back a [`Self::skip`] that nothing around the subtree followed.
    fn restore(&mut self, node: NodeId) {
        let back = self.sums[node];
        self.skipped[node] = false;
        for at in self.tree.ancestors(node) {
            let sums = &mut self.sums[at];
            sums.text += back.text;
            sums.link += back.link;
            sums.prose += back.prose;
            sums.formulas += back.formulas;
            sums.links += back.links;
        }
    }

    /// Marks subtrees that element, class or id call boilerplate.
    fn mark_boilerplate(&mut self, keep_comments: bool) {
        let unwanted = says::BOILERPLATE | if keep_comments { 0 } else { says::COMMENTS };
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
                Tag::NAV | Tag::DIALOG | Tag::MENU | Tag::FOOTER => true,
                Tag::ASIDE => sums.formulas == 0 || !is_in_article,
                Tag::HEADER => !is_in_article && sums.prose < 200,
                Tag::FORM => sums.prose < 200 && sums.formulas == 0,
                _ => false,
            };
            let by_word = !by_tag
                && !matches!(
                    tag,
                    Tag::BODY | Tag::HTML | Tag::CODE | Tag::PRE | Tag::TD | Tag::TH | Tag::TR
                )
                && !tag.is_heading()
                && self.words.element(tree, node) & unwanted != 0;
            if (by_tag || by_word) && !self.is_protected(node) {
                self.skip(node);
                node = tree.end(node);
            } else {
                node += 1;
            }
        }
    }

    /// Marks only what elements, classes and ids call boilerplate and what holds no formula.
    fn mark_recall(&mut self) {
        let mut node = 1;
        while node < self.tree.len() {
            let tag = self.tree.tag(node);
            let is_boilerplate = tag != Tag::TEXT
                && !self.skipped[node]
                && !matches!(tag, Tag::BODY | Tag::HTML)
                && (matches!(tag, Tag::NAV | Tag::FOOTER | Tag::ASIDE | Tag::DIALOG)
                    || self.words.element(self.tree, node) & says::BOILERPLATE != 0)
                && !self.has_formula(node)
                && !(node..self.tree.end(node)).any(|at| {
                    self.tree.tag(at) == Tag::TEXT && count_delimiters(self.tree.raw_text(at)) > 0
                });
            if is_boilerplate || self.skipped[node] {
                self.skipped[node] = true;
                node = self.tree.end(node);
            } else {
                node += 1;
            }
        }
    }
}

/// Opening delimiters with a backslash in a text.
fn count_delimiters(raw: &str) -> u32 {
    let bytes = raw.as_bytes();
    let opens = memchr::memchr_iter(b'\\', bytes)
        .filter(|at| matches!(bytes.get(at + 1), Some(b'(' | b'[')));
    u32::try_from(opens.count()).unwrap_or(u32::MAX)
}

/// Characters that are not white space; references count as written.
fn visible_chars(raw: &str) -> u32 {
    let is_visible = |byte: &&u8| **byte > b' ' && !(0x80..0xC0).contains(*byte);
    u32::try_from(raw.as_bytes().iter().filter(is_visible).count()).unwrap_or(u32::MAX)
}

/// Whether attributes hide an element.
fn is_hidden(tree: &Tree<'_>, node: NodeId) -> bool {
    tree.has_any(node, has::STYLE)
        && tree.attributes(node).any(|(name, value)| match name {
            "hidden" => value != "until-found",
            "aria-hidden" => value == "true" && tree.end(node) - node < 40,
            "style" if value.contains("none") || value.contains("hidden") => {
                let compact: String = value.chars().filter(|letter| *letter != ' ').collect();
                compact.contains("display:none") || compact.contains("visibility:hidden")
            }
            _ => false,
        })
}
