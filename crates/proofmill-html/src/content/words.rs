//! What classes and ids say: whole words, never parts of words.
//!
//! The names are data: `data/class-names.txt` for all pages, `data/site-families.txt` for the
//! furniture of known families of sites.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::tree::{NodeId, Tree, has};

/// How far into a page the signs of a family are looked for, in bytes.
const SIGN_WINDOW_BYTES: usize = 12 * 1024;

/// What whole names and single words of names say.
#[derive(Default)]
struct Names {
    whole: FxHashMap<&'static str, u8>,
    words: FxHashMap<&'static str, u8>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names::default();
    let mut section = "";
    for line in include_str!("../../data/class-names.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            continue;
        }
        for name in line.split_ascii_whitespace() {
            let (map, bits) = match section {
                "boilerplate-word" => (&mut names.words, says::BOILERPLATE),
                "comments-word" => (&mut names.words, says::COMMENTS),
                "boilerplate" => (&mut names.whole, says::BOILERPLATE),
                "content" => (&mut names.whole, says::STRONG),
                _ => (&mut names.whole, says::HIDDEN),
            };
            *map.entry(name).or_default() |= bits;
        }
    }
    names
});

/// A family of sites.
struct Family {
    name: &'static str,
    signs: Vec<&'static str>,
    /// Classes and ids of its furniture.
    skip: FxHashSet<&'static str>,
}

/// Families in the order of the table, and all their signs in one search.
struct Families {
    table: Vec<Family>,
    search: Option<AhoCorasick>,
    /// The family of each sign.
    owners: Vec<usize>,
}

static FAMILIES: LazyLock<Families> = LazyLock::new(|| {
    let mut families: Vec<Family> = Vec::new();
    for line in include_str!("../../data/site-families.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        if let Some(signs) = line.strip_prefix("  signs: ") {
            if let Some(family) = families.last_mut() {
                family.signs = signs.split(" | ").collect();
            }
        } else if let Some(skip) = line.strip_prefix("  skip: ") {
            if let Some(family) = families.last_mut() {
                family.skip = skip.split_ascii_whitespace().collect();
            }
        } else if !line.is_empty() {
            families.push(Family {
                name: line,
                signs: Vec::new(),
                skip: FxHashSet::default(),
            });
        }
    }
    let signs = families.iter().enumerate();
    let (owners, signs): (Vec<usize>, Vec<&str>) = signs
        .flat_map(|(index, family)| family.signs.iter().map(move |sign| (index, *sign)))
        .unzip();
    let search = AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .build(signs)
        .ok();
    Families {
        table: families,
        search,
        owners,
    }
});

/// The family of a page: of those whose signs are found, the first of the table.
pub(super) fn family_of(tree: &Tree<'_>) -> Option<&'static str> {
    let bytes = tree.source.as_bytes();
    let window = &bytes[..bytes.len().min(SIGN_WINDOW_BYTES)];
    let known = &*FAMILIES;
    let found = known.search.as_ref()?.find_iter(window);
    let index = found
        .filter_map(|found| known.owners.get(found.pattern().as_usize()))
        .min()?;
    known.table.get(*index).map(|family| family.name)
}

/// What a class or id says, as bits.
pub(super) mod says {
    /// Hidden from readers.
    pub(in super::super) const HIDDEN: u8 = 1;
    /// Boilerplate.
    pub(in super::super) const BOILERPLATE: u8 = 2;
    /// Readers' comments.
    pub(in super::super) const COMMENTS: u8 = 4;
    /// The content itself.
    pub(in super::super) const STRONG: u8 = 8;
}

/// What classes and ids say, each read once.
pub(super) struct Reader<'a> {
    furniture: Option<&'static FxHashSet<&'static str>>,
    seen: FxHashMap<&'a str, u8>,
    /// What class, id and role of each node say, with [`KNOWN`] once that was asked.
    elements: Vec<u8>,
}

/// Set where [`Reader::element`] has its answer.
const KNOWN: u8 = 0x80;

impl<'a> Reader<'a> {
    pub(super) fn new(family: Option<&str>, n_nodes: usize) -> Self {
        let known = FAMILIES
            .table
            .iter()
            .find(|known| Some(known.name) == family);
        Self {
            furniture: known.map(|known| &known.skip),
            seen: FxHashMap::default(),
            elements: vec![0; n_nodes],
        }
    }

    /// What the class of an element says.
    pub(super) fn class(&mut self, tree: &Tree<'a>, node: NodeId) -> u8 {
        let class = tree.class(node);
        if class.is_empty() {
            return 0;
        }
        if let Some(bits) = self.seen.get(class) {
            return *bits;
        }
        let bits = class
            .split_ascii_whitespace()
            .fold(0, |bits, name| bits | self.name(name));
        self.seen.insert(class, bits);
        bits
    }

    /// What class, id and role of an element say.
    pub(super) fn element(&mut self, tree: &Tree<'a>, node: NodeId) -> u8 {
        let known = self.elements[node];
        if known & KNOWN != 0 {
            return known & !KNOWN;
        }
        let bits = self.read_element(tree, node);
        self.elements[node] = bits | KNOWN;
        bits
    }

    fn read_element(&mut self, tree: &Tree<'a>, node: NodeId) -> u8 {
        let mut bits = self.class(tree, node);
        if tree.has_any(node, has::ID | has::ROLE) {
            for (name, value) in tree.attributes(node) {
                match name {
                    "id" | "ID" => bits |= self.name(value),
                    "role" => match value {
                        "navigation" | "banner" | "contentinfo" | "complementary" | "search"
                        | "dialog" | "menu" | "toolbar" => bits |= says::BOILERPLATE,
                        "main" | "article" => bits |= says::STRONG,
                        _ => {}
                    },
                    "itemprop" if value == "articleBody" => bits |= says::STRONG,
                    _ => {}
                }
            }
        }
        bits
    }

    /// What one class or id says.
    fn name(&self, name: &str) -> u8 {
        if name.is_empty() || name.len() > 60 {
            return 0;
        }
        let mut bits = NAMES.whole.get(name).copied().unwrap_or(0);
        if self
            .furniture
            .is_some_and(|furniture| furniture.contains(name))
        {
            return bits | says::BOILERPLATE;
        }
        // `has-sidebar` tells about the page, not about the element
        let is_state = [
            "no-", "has-", "with-", "without-", "is-", "js-", "wp-", "layout-", "hide-", "show-",
        ]
        .iter()
        .any(|start| name.starts_with(start));
        for part in words_of(name) {
            let mut lower = [0_u8; 20];
            let Some(lower) = lower.get_mut(..part.len()) else {
                continue;
            };
            lower.copy_from_slice(part);
            lower.make_ascii_lowercase();
            let word = std::str::from_utf8(lower).unwrap_or_default();
            let says = NAMES.words.get(word).copied().unwrap_or(0);
            bits |= if is_state {
                says & says::COMMENTS
            } else {
                says
            };
        }
        bits
    }
}

/// The words of a class or id: `post-navBar_2` is `post`, `nav`, `Bar`, `2`.
fn words_of(name: &str) -> impl Iterator<Item = &[u8]> {
    let bytes = name.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() && !bytes[at].is_ascii_alphanumeric() {
            at += 1;
        }
        let from = at;
        while at < bytes.len()
            && bytes[at].is_ascii_alphanumeric()
            && !(at > from && bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase())
        {
            at += 1;
        }
        (from < at).then(|| &bytes[from..at])
    })
}

/// How many words of at least three letters a heading shares with the title, which is in lower case.
pub(super) fn common_words(heading: &str, title: &str) -> usize {
    let words = heading
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().count() > 2);
    words
        .filter(|word| title.contains(&word.to_lowercase()))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!(NAMES.words.get("sidebar"), Some(&says::BOILERPLATE));
        assert_eq!(Reader::new(None, 0).name("has-sidebar"), 0);
        assert_eq!(Reader::new(None, 0).name("header-add-on"), 0);
        assert!(
            FAMILIES
                .table
                .iter()
                .all(|family| !family.signs.is_empty() && !family.skip.is_empty())
        );
        let read = |name: &'static str| -> Vec<String> {
            words_of(name)
                .map(|word| String::from_utf8_lossy(word).into_owned())
                .collect()
        };
        assert_eq!(read("post-navBar_2"), ["post", "nav", "Bar", "2"]);
        assert_eq!(read("__"), Vec::<String>::new());
        assert_eq!(common_words("Sidon set", "sidon set - wiki"), 2);
    }
}
