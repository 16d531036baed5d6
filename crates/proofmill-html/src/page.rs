//! What goes in and what comes out.

pub use crate::charset::CharsetSource;

/// One page as served.
#[derive(Clone, Copy, Debug, Default)]
pub struct Input<'a> {
    /// Body after transfer and content decoding, in an unknown charset.
    pub bytes: &'a [u8],
    /// The `Content-Type` header, if any.
    pub content_type: Option<&'a str>,
    /// Where the page was found, if known; some sites write formulas in their own way.
    pub url: Option<&'a str>,
}

/// Which part of a page is text worth keeping.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MainContent {
    /// The main content, without navigation, advertisements and the like.
    #[default]
    Main,
    /// The whole body, without scripts and hidden parts.
    Body,
}

/// Settings and limits; the default is the `proofmill` preset.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// Which part of the page to keep.
    pub main_content: MainContent,
    /// Whether readers' comments below an article are kept (posts of forums always are).
    pub keep_comments: bool,
    /// Longest page that is read, in bytes of UTF-8; the rest is cut and
    /// [`Page::is_truncated`] is set.
    pub max_page_bytes: usize,
    /// Deepest nesting that is kept as such; deeper elements are flattened.
    pub max_depth: usize,
    /// Most nodes of one page; the rest is cut.
    pub max_nodes: usize,
    /// Most formulas of one page; later ones are left out and counted.
    pub max_formulas: usize,
    /// Longest formula, in bytes of LaTeX; longer ones are left out and counted.
    pub max_formula_bytes: usize,
    /// Most bytes of macro definitions that the formulas of one page may go through together; formulas
    /// behind it are left out and counted.
    pub max_macro_bytes: usize,
    /// Most bytes that the search for delimiters and for rendered twins may look at in one page.
    pub max_search_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            main_content: MainContent::Main,
            keep_comments: false,
            max_page_bytes: 32 << 20,
            max_depth: 512,
            max_nodes: 4_000_000,
            max_formulas: 100_000,
            max_formula_bytes: 20_000,
            max_macro_bytes: 512 << 20,
            max_search_bytes: 32 << 20,
        }
    }
}

/// How a formula was written in the page, best source first; see [`Markup::rank`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Markup {
    /// `<script type="math/tex">`.
    Script,
    /// TeX annotation inside MathML.
    Annotation,
    /// `data-tex`, `data-latex`, `data-expr` and kin.
    DataAttribute,
    /// An element whose text is TeX: `<tex>`, `.math`, `.katex-error` and kin.
    Element,
    /// Delimiters in running text.
    Delimiters,
    /// `\begin{align}` and kin without delimiters.
    Environment,
    /// `$latex ...$`, `[latex]...[/latex]` and kin.
    Shortcode,
    /// `alttext` of MathML.
    Alttext,
    /// `alt` of an image.
    ImageAlt,
    /// Query of an image's URL.
    ImageUrl,
    /// MathML kept in an attribute.
    DataMathMl,
    /// MathML without TeX.
    MathMl,
    /// AsciiMath.
    AsciiMath,
    /// Glyphs of a KaTeX or MathJax rendering, put together again.
    Visual,
    /// Italics, `sup` and `sub` in an element that is marked as mathematics.
    SubSup,
}

impl Markup {
    /// All kinds, best source first.
    pub const ALL: [Self; 15] = [
        Self::Script,
        Self::Annotation,
        Self::DataAttribute,
        Self::Element,
        Self::Delimiters,
        Self::Environment,
        Self::Shortcode,
        Self::Alttext,
        Self::ImageAlt,
        Self::ImageUrl,
        Self::DataMathMl,
        Self::MathMl,
        Self::AsciiMath,
        Self::Visual,
        Self::SubSup,
    ];

    /// Stable name, e.g. `script`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Annotation => "annotation",
            Self::DataAttribute => "data-attribute",
            Self::Element => "element",
            Self::Delimiters => "delimiters",
            Self::Environment => "environment",
            Self::Shortcode => "shortcode",
            Self::Alttext => "alttext",
            Self::ImageAlt => "image-alt",
            Self::ImageUrl => "image-url",
            Self::DataMathMl => "data-mathml",
            Self::MathMl => "mathml",
            Self::AsciiMath => "asciimath",
            Self::Visual => "visual",
            Self::SubSup => "subsup",
        }
    }

    /// How far from the author's TeX this source is: 0 is best. Of several copies of one formula
    /// the lowest rank is kept.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::Script => 0,
            Self::Annotation => 1,
            Self::DataAttribute => 2,
            Self::Element | Self::Delimiters | Self::Environment | Self::Shortcode => 3,
            Self::Alttext => 4,
            Self::ImageAlt => 5,
            Self::ImageUrl => 6,
            Self::DataMathMl | Self::MathMl => 7,
            Self::AsciiMath => 8,
            Self::Visual => 9,
            Self::SubSup => 10,
        }
    }
}

/// One formula of the output, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Formula {
    /// LaTeX without delimiters, page macros expanded.
    pub latex: String,
    /// Whether it stands as `$$...$$`.
    pub is_display: bool,
    /// How the page wrote it.
    pub markup: Markup,
    /// [`Markup::rank`] of `markup`.
    pub rank: u8,
}

/// The text of a page and what was seen on the way.
///
/// The text is Markdown: `#` headings, nested lists, fenced code exactly as written, pipe tables for
/// tables of data, `> ` quotations; formulas are `$...$` and `$$...$$` with nothing escaped inside;
/// a dollar of the prose is `\$`. No other character is escaped.
#[derive(Clone, PartialEq, Debug)]
pub struct Page {
    /// The text; empty if there is none.
    pub text: String,
    /// `<title>`, white space collapsed.
    pub title: Option<String>,
    /// Name of the charset in the Encoding standard, e.g. `UTF-8`, `windows-1252`.
    pub charset: &'static str,
    /// What decided the charset.
    pub charset_from: CharsetSource,
    /// `lang` of the page, as written.
    pub declared_language: Option<String>,
    /// The formulas of `text`, in order.
    pub formulas: Vec<Formula>,
    /// Links (`a` with `href`) of the whole page.
    pub n_links: usize,
    /// Headings kept.
    pub n_headings: usize,
    /// List items kept.
    pub n_list_items: usize,
    /// Fenced code blocks kept.
    pub n_code_blocks: usize,
    /// Data tables kept.
    pub n_tables: usize,
    /// Characters of code kept.
    pub n_code_chars: usize,
    /// Characters of LaTeX kept.
    pub n_formula_chars: usize,
    /// Formulas that the whole page held before main content was chosen, not counting delimiters in
    /// running text.
    pub n_page_formulas: usize,
    /// Formulas left out because they are too long, too many or cannot be repaired.
    pub n_dropped_formulas: usize,
    /// Share of the kept text that lies in links.
    pub link_ratio: f64,
    /// Share of the page's visible text that was not kept.
    pub boilerplate_ratio: f64,
    /// Macros that the page itself defines.
    pub n_macros: usize,
    /// Family of sites that the page was recognised as, e.g. `mediawiki`.
    pub site_family: Option<&'static str>,
    /// Whether the main content had lost formulas and the page was kept more completely instead.
    pub is_recall_fallback: bool,
    /// Whether something was cut at a limit of [`Options`].
    pub is_truncated: bool,
}

impl Page {
    /// The text without formulas and code, one space in the place of each: what a language detector
    /// or a classifier of prose should see.
    #[must_use]
    pub fn prose(&self) -> String {
        crate::prose::prose_of(&self.text)
    }
}
