//! What classes and ids say: whole words, never parts of words.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use rustc_hash::FxHashMap;

use crate::tree::{NodeId, Tree, has};

/// Words that name boilerplate wherever they stand in a class or id.
const WORDS: [&str; 96] = [
    "ad",
    "addthis",
    "ads",
    "adsense",
    "advert",
    "advertisement",
    "advertising",
    "adverts",
    "affiliate",
    "alsoread",
    "banner",
    "bookmarks",
    "breadcrumb",
    "breadcrumbs",
    "byline",
    "categories",
    "catlinks",
    "consent",
    "cookie",
    "cookiebar",
    "cookies",
    "copyright",
    "credits",
    "dateline",
    "disclaimer",
    "disqus",
    "donate",
    "editsection",
    "flyout",
    "followus",
    "foot",
    "footer",
    "gdpr",
    "hatnote",
    "infobar",
    "jumplinks",
    "legal",
    "login",
    "masthead",
    "megamenu",
    "menu",
    "menubar",
    "modal",
    "mostread",
    "nav",
    "navbar",
    "navbox",
    "navi",
    "navigation",
    "newsletter",
    "offcanvas",
    "outbrain",
    "pager",
    "pagination",
    "paging",
    "paywall",
    "popular",
    "popup",
    "printfooter",
    "privacy",
    "promo",
    "promotion",
    "rating",
    "ratings",
    "readmore",
    "recirc",
    "recommendations",
    "recommended",
    "register",
    "relatedposts",
    "share",
    "sharebar",
    "sharedaddy",
    "sharing",
    "shoutbox",
    "sidebar",
    "sidenav",
    "signature",
    "signin",
    "signup",
    "sitemap",
    "skiplink",
    "skiplinks",
    "social",
    "socials",
    "sponsor",
    "sponsored",
    "subnav",
    "subscribe",
    "subscription",
    "taboola",
    "tagcloud",
    "teaser",
    "teasers",
    "toolbar",
    "trending",
];

/// Words that name boilerplate only as a whole class or id, or together with another word.
const PHRASES: [&str; 60] = [
    "related",
    "related-posts",
    "related-articles",
    "related-content",
    "related-links",
    "post-tags",
    "tags",
    "tag-list",
    "post-taglist",
    "entry-meta",
    "post-meta",
    "post-metadata",
    "meta",
    "postmetadata",
    "author-box",
    "author-bio",
    "about-author",
    "post-navigation",
    "nav-links",
    "nav-below",
    "site-header",
    "site-footer",
    "page-header-nav",
    "topbar",
    "top-bar",
    "header-top",
    "toc",
    "table-of-contents",
    "skip-link",
    "back-to-top",
    "widget",
    "widget-area",
    "user-info",
    "user-details",
    "post-signature",
    "postprofile",
    "votecell",
    "js-voting-container",
    "js-post-menu",
    "post-menu",
    "message-user",
    "message-signature",
    "message-actionBar",
    "postbit",
    "language-list",
    "lang-switch",
    "search",
    "search-form",
    "searchbox",
    "searchform",
    "print-link",
    "site-title",
    "tagline",
    "siteSub",
    "contentSub",
    "jump-to-nav",
    "p-lang-btn",
    "post-footer",
    "entry-footer",
    "wp-caption-dd",
];

/// Words of readers' comments.
const COMMENTS: [&str; 9] = [
    "comments",
    "commentlist",
    "respond",
    "comment",
    "commentarea",
    "livefyre",
    "kommentare",
    "comentarios",
    "commentaires",
];

/// Classes and ids that name the content itself.
const STRONG: [&str; 34] = [
    "entry-content",
    "post-content",
    "article-content",
    "article-body",
    "article__body",
    "articleBody",
    "article-text",
    "articletext",
    "story-body",
    "storybody",
    "mw-parser-output",
    "mw-content-text",
    "markdown-body",
    "post-body",
    "td-post-content",
    "rst-content",
    "body-content",
    "post-text",
    "single-content",
    "page-content",
    "content-body",
    "entry-body",
    "post-entry",
    "article_body",
    "article_content",
    "articlebody",
    "story-content",
    "news-text",
    "ltx_document",
    "ltx_page_content",
    "field-name-body",
    "blog-post-content",
    "post__content",
    "article__content",
];

/// Classes of what only screen readers or nobody sees.
const HIDDEN: [&str; 17] = [
    "linenos",
    "lineno",
    "linenodiv",
    "gutter",
    "rouge-gutter",
    "blob-num",
    "hljs-ln-numbers",
    "sr-only",
    "visually-hidden",
    "visuallyhidden",
    "screen-reader-text",
    "screenreader-only",
    "u-hidden",
    "mw-empty-elt",
    "noprint",
    "hidden-print",
    "MathJax_Hidden",
];

/// A family of sites: name, what its pages contain, and classes or ids of its furniture.
struct Family {
    name: &'static str,
    signs: &'static [&'static str],
    skip: &'static [&'static str],
}

const FAMILIES: [Family; 20] = [
    Family {
        name: "latexml",
        signs: &["ltx_document", "LaTeXML"],
        skip: &[
            "ltx_page_footer",
            "ltx_page_logo",
            "ltx_tag_itemize",
            "ltx_tag_enumerate",
            "ltx_tag_item",
            "ltx_page_navbar",
            "ltx_role_display-none",
            "ltx_dates",
            "ltx_note_mark",
            "ltx_note_type",
        ],
    },
    Family {
        name: "mediawiki",
        signs: &["mw-parser-output", "content=\"MediaWiki", "mw-body"],
        skip: &[
            "mw-editsection",
            "editsection",
            "catlinks",
            "printfooter",
            "mw-jump-link",
            "toc",
            "navbox",
            "metadata",
            "ambox",
            "mw-indicators",
            "vertical-navbox",
            "sistersitebox",
            "noprint",
            "mw-hidden-catlinks",
            "mw-navigation",
            "footer",
            "reflist",
            "mw-references-wrap",
            "reference",
        ],
    },
    Family {
        name: "stackexchange",
        signs: &[
            "s-prose",
            "js-post-body",
            "post-text\" itemprop",
            "stackexchange.com",
            "math-container",
        ],
        skip: &[
            "js-voting-container",
            "votecell",
            "post-taglist",
            "user-details",
            "user-info",
            "js-post-menu",
            "post-menu",
            "comments-link",
            "js-comments-container",
            "comments",
            "bottom-notice",
            "js-post-notice",
            "module",
            "s-sidebarwidget",
            "post-signature",
            "left-sidebar",
            "js-vote-count",
            "answer-option",
            "post-form",
            "hot-network-questions",
        ],
    },
    Family {
        name: "discourse",
        signs: &["content=\"Discourse", "discourse-"],
        skip: &[
            "topic-avatar",
            "post-menu-area",
            "topic-map",
            "crawler-post-meta",
            "names",
            "post-infos",
            "topic-category",
            "crawler-linkback-list",
            "more-topics__container",
        ],
    },
    Family {
        name: "phpbb",
        signs: &["phpbb", "postprofile"],
        skip: &[
            "postprofile",
            "signature",
            "post-buttons",
            "action-bar",
            "author",
            "linklist",
            "display-options",
            "stat-block",
            "notice",
        ],
    },
    Family {
        name: "xenforo",
        signs: &["XenForo", "xf-init", "message-userContent"],
        skip: &[
            "message-cell--user",
            "message-signature",
            "message-attribution",
            "message-actionBar",
            "message-user",
            "p-breadcrumbs",
            "p-nav",
            "bbCodeBlock-expandLink",
            "reactionsBar",
            "js-reactionsList",
        ],
    },
    Family {
        name: "vbulletin",
        signs: &["vBulletin", "vbmenu", "postbit"],
        skip: &[
            "postuserinfo",
            "signature",
            "userinfo",
            "postfoot",
            "postcontrols",
            "navbar",
        ],
    },
    Family {
        name: "smf",
        signs: &["Simple Machines", "smf_"],
        skip: &[
            "poster",
            "signature",
            "keyinfo",
            "moderatorbar",
            "navigate_section",
        ],
    },
    Family {
        name: "aops",
        signs: &["artofproblemsolving.com"],
        skip: &["cmty-bbcode-hide", "aops-sidebar"],
    },
    Family {
        name: "sphinx",
        signs: &[
            "Sphinx",
            "sphinxsidebar",
            "documentation_options",
            "headerlink",
        ],
        skip: &[
            "headerlink",
            "sphinxsidebar",
            "related",
            "sphinxsidebarwrapper",
            "bd-sidebar",
            "bd-toc",
            "prev-next-area",
            "prev-next-bottom",
            "rst-footer-buttons",
            "wy-nav-side",
            "bd-header",
            "banner",
            "linenos",
            "toctree-wrapper",
            "announcement",
            "eqno",
            "relations",
            "viewcode-back",
            "bd-navbar",
            "navbar-main",
        ],
    },
    Family {
        name: "doxygen",
        signs: &["content=\"Doxygen", "Generated by Doxygen", "doxygen.css"],
        skip: &[
            "titlearea",
            "top",
            "tabs",
            "navpath",
            "ttc",
            "memnav",
            "side-nav",
            "nav-tree",
            "footer",
            "MSearchSelectWindow",
            "MSearchResultsWindow",
            "mlabels",
            "header",
            "lineno",
            "headertitle-nav",
            "nav-path",
            "main-nav",
            "dynheader",
            "dyncontent",
            "summary",
        ],
    },
    Family {
        name: "gapdoc",
        signs: &["GAPDoc2HTML"],
        skip: &[
            "chlinktop",
            "chlinkbot",
            "chlinkprevnexttop",
            "chlinkprevnextbot",
            "pcenter",
            "mathjaxlink",
        ],
    },
    Family {
        name: "texinfo",
        signs: &["GNU Texinfo", "texi2html", "makeinfo"],
        skip: &[
            "header",
            "nav-panel",
            "copiable-anchor",
            "copiable-link",
            "contents",
            "shortcontents",
            "node",
        ],
    },
    Family {
        name: "nlab",
        signs: &["ncatlab.org", "instiki"],
        skip: &[
            "navigation",
            "pageName-nav",
            "pagelogo",
            "byline",
            "rightsidebar",
            "context",
        ],
    },
    Family {
        name: "libretexts",
        signs: &["libretexts", "mt-content"],
        skip: &[
            "mt-guide-tabs",
            "elm-header",
            "mt-breadcrumbs",
            "mt-article-footer",
            "elm-nav",
            "mt-toc-container",
        ],
    },
    Family {
        name: "zhihu",
        signs: &["zhihu.com", "RichText ztext"],
        skip: &[
            "AppHeader",
            "ContentItem-actions",
            "Post-Sub",
            "AuthorInfo",
            "Recommendations-Main",
            "Reward",
            "ContentItem-time",
        ],
    },
    Family {
        name: "khan",
        signs: &["khanacademy.org"],
        skip: &["perseus-hint-toggle"],
    },
    Family {
        name: "pressbooks",
        signs: &["pressbooks"],
        skip: &[
            "reading-header",
            "nav-reading",
            "block-reading-meta",
            "a11y-toolbar",
            "block-reading-toc",
        ],
    },
    Family {
        name: "jupyter",
        signs: &["jp-Notebook", "nbconvert", "text_cell_render"],
        skip: &[
            "prompt",
            "jp-InputPrompt",
            "jp-OutputPrompt",
            "anchor-link",
            "jp-InputCollapser",
            "jp-OutputCollapser",
        ],
    },
    Family {
        name: "wordpress",
        signs: &["wp-content", "wordpress.com", "content=\"WordPress"],
        skip: &[
            "sharedaddy",
            "jp-relatedposts",
            "entry-meta",
            "post-navigation",
            "sd-sharing",
            "wpcnt",
            "post-date",
            "widget-area",
            "sidebar",
            "navigation",
            "metadata",
            "postmetadata",
            "meta",
            "tagline",
            "menu",
        ],
    },
];

/// How far into a page the signs of a family are looked for, in bytes.
const SIGN_WINDOW_BYTES: usize = 32 * 1024;

/// All signs of all families in one search, and the family of each.
static SIGNS: LazyLock<Option<(AhoCorasick, Vec<usize>)>> = LazyLock::new(|| {
    let signs = FAMILIES.iter().enumerate();
    let (owners, signs): (Vec<usize>, Vec<&str>) = signs
        .flat_map(|(index, family)| family.signs.iter().map(move |sign| (index, *sign)))
        .unzip();
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .build(signs)
        .ok()
        .map(|search| (search, owners))
});

/// The family of a page: of those whose signs are found, the first of the table.
pub(super) fn family_of(tree: &Tree<'_>) -> Option<&'static str> {
    let bytes = tree.source.as_bytes();
    let window = &bytes[..bytes.len().min(SIGN_WINDOW_BYTES)];
    let (search, owners) = SIGNS.as_ref()?;
    let found = search
        .find_iter(window)
        .filter_map(|found| owners.get(found.pattern().as_usize()))
        .min();
    found
        .and_then(|index| FAMILIES.get(*index))
        .map(|family| family.name)
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
    furniture: &'static [&'static str],
    seen: FxHashMap<&'a str, u8>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(family: Option<&str>) -> Self {
        let furniture = FAMILIES
            .iter()
            .find(|known| Some(known.name) == family)
            .map_or(&[][..], |known| known.skip);
        Self {
            furniture,
            seen: FxHashMap::default(),
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
        let mut bits = 0;
        if HIDDEN.contains(&name) {
            bits |= says::HIDDEN;
        }
        if STRONG.contains(&name) {
            bits |= says::STRONG;
        }
        if self.furniture.contains(&name) || PHRASES.contains(&name) {
            return bits | says::BOILERPLATE;
        }
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
            if WORDS.binary_search(&word).is_ok() && !is_state {
                bits |= says::BOILERPLATE;
            }
            if COMMENTS.contains(&word) {
                bits |= says::COMMENTS;
            }
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

/// How many words of at least three letters a heading shares with the title.
pub(super) fn common_words(heading: &str, title: &str) -> usize {
    let title = title.to_lowercase();
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
        assert!(WORDS.is_sorted());
        let read = |name: &'static str| -> Vec<String> {
            words_of(name)
                .map(|word| String::from_utf8_lossy(word).into_owned())
                .collect()
        };
        assert_eq!(read("post-navBar_2"), ["post", "nav", "Bar", "2"]);
        assert_eq!(read("__"), Vec::<String>::new());
        assert_eq!(common_words("Sidon set", "Sidon set - Wiki"), 2);
    }
}
