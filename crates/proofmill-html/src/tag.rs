//! Element names as small numbers, and what the tree builder has to know about each.

/// An element's name: a known one, or a hash of an unknown one (so that end tags still match).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Tag(pub(crate) u16);

/// First value of hashed names.
const UNKNOWN: u16 = 0x8000;

macro_rules! tags {
    ($($name:ident = $text:literal,)*) => {
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "counts names only")]
        #[repr(u16)]
        enum Number { TEXT, DOCUMENT, $($name,)* COUNT }
        impl Tag {
            /// A text node.
            pub(crate) const TEXT: Self = Self(Number::TEXT as u16);
            /// The root.
            pub(crate) const DOCUMENT: Self = Self(Number::DOCUMENT as u16);
            $(pub(crate) const $name: Self = Self(Number::$name as u16);)*
            /// How many known names there are.
            pub(crate) const COUNT: usize = Number::COUNT as usize;

            /// The number of a lower-case name.
            fn of_lower(name: &[u8]) -> Self {
                const BUCKETS: usize = 1024;
                const fn bucket(name: &[u8]) -> usize {
                    let mut hash = name.len();
                    let mut at = 0;
                    while at < name.len() {
                        hash = hash.wrapping_mul(31) ^ (name[at] as usize);
                        at += 1;
                    }
                    (hash ^ (hash >> 9)) % BUCKETS
                }
                const NAMES: [(&[u8], Tag); Tag::COUNT - 2] = [$(($text, Tag::$name),)*];
                // Open addressing, built at compile time: slot -> index into NAMES plus one.
                const SLOTS: [u8; BUCKETS] = {
                    let mut slots = [0_u8; BUCKETS];
                    let mut at = 0;
                    while at < NAMES.len() {
                        let mut slot = bucket(NAMES[at].0);
                        while slots[slot] != 0 { slot = (slot + 1) % BUCKETS; }
                        #[expect(clippy::cast_possible_truncation, reason = "fewer than 255 names")]
                        { slots[slot] = at as u8 + 1; }
                        at += 1;
                    }
                    slots
                };
                let mut slot = bucket(name);
                while SLOTS[slot] != 0 {
                    let (text, tag) = NAMES[SLOTS[slot] as usize - 1];
                    if text == name { return tag; }
                    slot = (slot + 1) % BUCKETS;
                }
                Self(UNKNOWN | hash_of(name))
            }

            /// The number of a known name of at most 8 bytes in any case, compared as one integer.
            fn of_short(name: &[u8]) -> Option<Self> {
                const SLOTS: [(u64, Tag); SHORT_SLOTS] = {
                    let mut slots = [(0, Tag::TEXT); SHORT_SLOTS];
                    $({
                        let name: &[u8] = $text;
                        if name.len() <= 8 {
                            let key = key_of(name);
                            let mut slot = short_slot(key);
                            while slots[slot].0 != 0 { slot = (slot + 1) % SHORT_SLOTS; }
                            slots[slot] = (key, Tag::$name);
                        }
                    })*
                    slots
                };
                let key = lower_case(key_of(name));
                let mut slot = short_slot(key);
                while SLOTS[slot].0 != 0 {
                    if SLOTS[slot].0 == key { return Some(SLOTS[slot].1); }
                    slot = (slot + 1) % SHORT_SLOTS;
                }
                None
            }
        }
    };
}

tags! {
    A = b"a", ABBR = b"abbr", ACRONYM = b"acronym", ADDRESS = b"address", ARTICLE = b"article",
    ASIDE = b"aside", AUDIO = b"audio", B = b"b", BASE = b"base", BIG = b"big",
    BLOCKQUOTE = b"blockquote", BODY = b"body", BR = b"br", BUTTON = b"button",
    CANVAS = b"canvas", CAPTION = b"caption", CENTER = b"center", CITE = b"cite", CODE = b"code",
    COL = b"col", COLGROUP = b"colgroup", DD = b"dd", DEL = b"del", DETAILS = b"details",
    DFN = b"dfn", DIALOG = b"dialog", DIR = b"dir", DIV = b"div", DL = b"dl", DT = b"dt",
    EM = b"em", EMBED = b"embed", FIELDSET = b"fieldset", FIGCAPTION = b"figcaption",
    FIGURE = b"figure", FONT = b"font", FOOTER = b"footer", FORM = b"form", FRAME = b"frame",
    FRAMESET = b"frameset", H1 = b"h1", H2 = b"h2", H3 = b"h3", H4 = b"h4", H5 = b"h5",
    H6 = b"h6", HEAD = b"head", HEADER = b"header", HGROUP = b"hgroup", HR = b"hr",
    HTML = b"html", I = b"i", IFRAME = b"iframe", IMG = b"img", INPUT = b"input", INS = b"ins",
    KBD = b"kbd", LABEL = b"label", LEGEND = b"legend", LI = b"li", LINK = b"link",
    LISTING = b"listing", MAIN = b"main", MARK = b"mark", MENU = b"menu", META = b"meta",
    NAV = b"nav", NOBR = b"nobr", NOEMBED = b"noembed", NOFRAMES = b"noframes",
    NOSCRIPT = b"noscript", OBJECT = b"object", OL = b"ol", OPTGROUP = b"optgroup",
    OPTION = b"option", P = b"p", PARAM = b"param", PICTURE = b"picture",
    PLAINTEXT = b"plaintext", PRE = b"pre", Q = b"q", RP = b"rp", RT = b"rt", RUBY = b"ruby",
    S = b"s", SAMP = b"samp", SCRIPT = b"script", SECTION = b"section", SELECT = b"select",
    SMALL = b"small", SOURCE = b"source", SPAN = b"span", STRIKE = b"strike",
    STRONG = b"strong", STYLE = b"style", SUB = b"sub", SUMMARY = b"summary", SUP = b"sup",
    SVG = b"svg", TABLE = b"table", TBODY = b"tbody", TD = b"td", TEMPLATE = b"template",
    TEXTAREA = b"textarea", TFOOT = b"tfoot", TH = b"th", THEAD = b"thead", TIME = b"time",
    TITLE = b"title", TR = b"tr", TRACK = b"track", TT = b"tt", U = b"u", UL = b"ul",
    VAR = b"var", VIDEO = b"video", WBR = b"wbr", XMP = b"xmp",
    // MathML
    MATH = b"math", SEMANTICS = b"semantics", ANNOTATION = b"annotation",
    ANNOTATION_XML = b"annotation-xml", MI = b"mi", MN = b"mn", MO = b"mo", MS = b"ms",
    MTEXT = b"mtext", MSPACE = b"mspace", MROW = b"mrow", MFRAC = b"mfrac", MSQRT = b"msqrt",
    MROOT = b"mroot", MSTYLE = b"mstyle", MERROR = b"merror", MPADDED = b"mpadded",
    MPHANTOM = b"mphantom", MFENCED = b"mfenced", MENCLOSE = b"menclose", MSUB = b"msub",
    MSUP = b"msup", MSUBSUP = b"msubsup", MUNDER = b"munder", MOVER = b"mover",
    MUNDEROVER = b"munderover", MMULTISCRIPTS = b"mmultiscripts",
    MPRESCRIPTS = b"mprescripts", NONE = b"none", MTABLE = b"mtable", MTR = b"mtr",
    MLABELEDTR = b"mlabeledtr", MTD = b"mtd", MALIGNGROUP = b"maligngroup",
    MALIGNMARK = b"malignmark", MGLYPH = b"mglyph", MACTION = b"maction",
    // Elements of mathematical pages
    MJX_CONTAINER = b"mjx-container", MJX_ASSISTIVE_MML = b"mjx-assistive-mml",
    MJX_MATH = b"mjx-math", MJX_C = b"mjx-c", TEX = b"tex", LATEX = b"latex",
    TEX_MATH = b"tex-math", ITEX = b"itex", MATHJAX = b"mathjax", D_MATH = b"d-math",
    LA_TEX = b"la-tex", MATH_RENDERER = b"math-renderer", KATEX = b"katex", X_KATEX = b"x-katex",
    USE = b"use", G = b"g", PATH = b"path",
}

/// Slots for the names of at most 8 bytes.
const SHORT_SLOTS: usize = 1024;

/// The first 8 bytes of a name as an integer.
const fn key_of(name: &[u8]) -> u64 {
    let mut key = 0;
    let mut at = 0;
    while at < name.len() && at < 8 {
        key |= (name[at] as u64) << (8 * at);
        at += 1;
    }
    key
}

/// Where the search for a key begins.
const fn short_slot(key: u64) -> usize {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54) as usize % SHORT_SLOTS
}

/// Eight bytes with the letters of ASCII in lower case.
const fn lower_case(bytes: u64) -> u64 {
    let low = bytes & 0x7F7F_7F7F_7F7F_7F7F;
    let from_a = low + 0x3F3F_3F3F_3F3F_3F3F; // top bit set from `A` on
    let after_z = low + 0x2525_2525_2525_2525; // top bit set after `Z`
    let is_upper = !bytes & (from_a ^ after_z) & 0x8080_8080_8080_8080;
    bytes | (is_upper >> 2)
}

fn hash_of(name: &[u8]) -> u16 {
    let mut hash = 0x811C_9DC5_u32;
    for byte in name {
        hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    u16::try_from((hash ^ (hash >> 15)) & 0x7FFF).unwrap_or(0)
}

impl Tag {
    /// The number of a name in any case; a namespace prefix before a MathML name is dropped.
    pub(crate) fn of(name: &[u8]) -> Self {
        // a NUL at the end would not show in the integer
        if name.len() <= 8
            && name.last() != Some(&0)
            && let Some(tag) = Self::of_short(name)
        {
            return tag;
        }
        Self::of_any(name)
    }

    /// [`Self::of`] without its short cut.
    fn of_any(name: &[u8]) -> Self {
        let mut lower = [0_u8; 24];
        let Some(lower) = lower.get_mut(..name.len()) else {
            return Self(UNKNOWN | hash_of(&name.to_ascii_lowercase()));
        };
        for (to, from) in lower.iter_mut().zip(name) {
            *to = from.to_ascii_lowercase();
        }
        let tag = Self::of_lower(lower);
        if tag.0 >= UNKNOWN
            && let Some(colon) = memchr::memchr(b':', lower)
        {
            let local = Self::of_lower(&lower[colon + 1..]);
            if local.is_mathml() {
                return local;
            }
        }
        tag
    }

    /// Whether the name is none of the known ones.
    pub(crate) fn is_unknown(self) -> bool {
        self.0 >= UNKNOWN
    }

    /// Whether this is an element of MathML.
    pub(crate) fn is_mathml(self) -> bool {
        (Self::MATH.0..=Self::MACTION.0).contains(&self.0)
    }

    /// Elements that have no content and no end tag.
    pub(crate) fn is_void(self) -> bool {
        matches!(
            self,
            Self::BASE
                | Self::BR
                | Self::COL
                | Self::EMBED
                | Self::FRAME
                | Self::HR
                | Self::IMG
                | Self::INPUT
                | Self::LINK
                | Self::META
                | Self::PARAM
                | Self::SOURCE
                | Self::TRACK
                | Self::WBR
        )
    }

    /// Elements whose content is text up to their own end tag.
    pub(crate) fn is_raw_text(self) -> bool {
        matches!(
            self,
            Self::SCRIPT
                | Self::STYLE
                | Self::TEXTAREA
                | Self::TITLE
                | Self::XMP
                | Self::IFRAME
                | Self::NOEMBED
                | Self::NOFRAMES
                | Self::PLAINTEXT
        )
    }

    /// Headings, `h1` to `h6`.
    pub(crate) fn is_heading(self) -> bool {
        (Self::H1.0..=Self::H6.0).contains(&self.0)
    }

    /// `1..=6` for headings.
    pub(crate) fn heading_level(self) -> Option<usize> {
        self.is_heading()
            .then(|| usize::from(self.0 - Self::H1.0) + 1)
    }

    /// Elements that start a block of their own in the output.
    pub(crate) fn is_block(self) -> bool {
        matches!(
            self,
            Self::ADDRESS
                | Self::ARTICLE
                | Self::ASIDE
                | Self::BLOCKQUOTE
                | Self::BODY
                | Self::CAPTION
                | Self::CENTER
                | Self::DD
                | Self::DETAILS
                | Self::DIALOG
                | Self::DIR
                | Self::DIV
                | Self::DL
                | Self::DT
                | Self::FIELDSET
                | Self::FIGCAPTION
                | Self::FIGURE
                | Self::FOOTER
                | Self::FORM
                | Self::H1
                | Self::H2
                | Self::H3
                | Self::H4
                | Self::H5
                | Self::H6
                | Self::HEAD
                | Self::HEADER
                | Self::HGROUP
                | Self::HR
                | Self::HTML
                | Self::LEGEND
                | Self::LI
                | Self::LISTING
                | Self::MAIN
                | Self::MENU
                | Self::NAV
                | Self::OL
                | Self::OPTGROUP
                | Self::OPTION
                | Self::P
                | Self::PLAINTEXT
                | Self::PRE
                | Self::SECTION
                | Self::SUMMARY
                | Self::TABLE
                | Self::TBODY
                | Self::TD
                | Self::TFOOT
                | Self::TH
                | Self::THEAD
                | Self::TITLE
                | Self::TR
                | Self::UL
                | Self::XMP
                | Self::FRAMESET
                | Self::NOFRAMES
                | Self::DOCUMENT
                | Self::SELECT
        )
    }

    /// Start tags that end an open `p`.
    pub(crate) fn closes_p(self) -> bool {
        self.is_block()
            && !matches!(
                self,
                Self::BODY
                    | Self::HTML
                    | Self::HEAD
                    | Self::CAPTION
                    | Self::TBODY
                    | Self::TD
                    | Self::TFOOT
                    | Self::TH
                    | Self::THEAD
                    | Self::TR
                    | Self::OPTGROUP
                    | Self::OPTION
                    | Self::SELECT
                    | Self::TITLE
                    | Self::LEGEND
            )
    }

    /// Inline elements whose end tag may come inside a block that they contain.
    pub(crate) fn is_formatting(self) -> bool {
        matches!(
            self,
            Self::A
                | Self::B
                | Self::BIG
                | Self::CODE
                | Self::EM
                | Self::FONT
                | Self::I
                | Self::NOBR
                | Self::S
                | Self::SMALL
                | Self::STRIKE
                | Self::STRONG
                | Self::TT
                | Self::U
                | Self::SPAN
                | Self::SUB
                | Self::SUP
                | Self::VAR
                | Self::INS
                | Self::DEL
        )
    }

    /// Elements that may stand in `head`.
    pub(crate) fn is_of_head(self) -> bool {
        matches!(
            self,
            Self::TITLE
                | Self::META
                | Self::LINK
                | Self::SCRIPT
                | Self::STYLE
                | Self::BASE
                | Self::NOSCRIPT
                | Self::TEMPLATE
                | Self::HTML
                | Self::HEAD
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(Tag::of(b"DIV"), Tag::DIV);
        assert_eq!(Tag::of(b"m:mfrac"), Tag::MFRAC);
        assert_eq!(Tag::of(b"mml:math"), Tag::MATH);
        assert_eq!(Tag::of(b"mjx-container"), Tag::MJX_CONTAINER);
        assert!(Tag::of(b"o:p").is_unknown());
        assert_eq!(Tag::of(b"My-Element"), Tag::of(b"my-element"));
        assert_ne!(Tag::of(b"my-element"), Tag::of(b"my-elements"));
        assert!(Tag::of(&[b'x'; 1000]).is_unknown());
        assert!(Tag::of(b"div\0").is_unknown());
        assert_eq!(Tag::H3.heading_level(), Some(3));
    }

    proptest::proptest! {
        #[test]
        fn short_names_agree_with_the_definition(name in "[ -~é\\x00]{0,12}|(?i:h[1-6]|div|span|math|m[a-z]{1,7}|annotation|frameset)") {
            proptest::prop_assert_eq!(Tag::of(name.as_bytes()), Tag::of_any(name.as_bytes()));
        }
    }
}
