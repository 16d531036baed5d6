//! One spelling of equal text.
//!
//! The same sentence reaches us with three kinds of line ends, in composed and decomposed letters,
//! with invisible characters between the visible ones. After this stop equal text has equal bytes,
//! which is what hashing, dedup and a tokenizer need. Nothing that a reader sees is changed, and
//! normalizing twice changes nothing more.
//!
//! | | prose (arXiv, web, text, instruct) | code |
//! |---|---|---|
//! | CRLF, CR | LF | LF |
//! | form feed, vertical tab, NEL, U+2028, U+2029 | LF | kept |
//! | byte order marks | dropped | dropped at the start |
//! | control characters except tab and line feed | dropped | only NUL is dropped |
//! | invisible characters ([`is_invisible`]) | dropped | kept |
//! | no-break and typographic spaces | one space | kept |
//! | Unicode composition | NFC, angle brackets kept mathematical | kept |
//! | blanks at line ends | dropped outside code fences | kept |
//! | two and more blank lines | one, outside code fences | kept |
//! | blank lines at start and end | dropped | kept |
//!
//! Whether a document is worth keeping is `proofmill-filter`'s job; only empty text ends here.

mod characters;
mod lines;

use std::borrow::Cow;

use proofmill_types::{Document, Kind, Reason, Stage, Stop, Verdict};

pub use characters::is_invisible;

/// The rule that a document with no visible text is dropped by.
pub const EMPTY_TEXT: &str = "empty-text";

/// Gives equal text one spelling; drops documents without any text.
#[derive(Clone, Copy, Debug)]
pub struct Normalize {
    kind: Kind,
}

impl Normalize {
    /// The stage for documents of `kind`.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self { kind }
    }

    /// The one spelling of `text`; borrowed when `text` has it already.
    ///
    /// Idempotent, linear in the length of `text`, and never longer than three times its bytes
    /// (some characters of NFC are longer than what they replace).
    #[must_use]
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if matches!(self.kind, Kind::Code | Kind::ProofSteps) {
            return characters::code(text);
        }
        match characters::prose(text) {
            Cow::Borrowed(text) => lines::tidy(text),
            Cow::Owned(text) => match lines::tidy(&text) {
                Cow::Borrowed(tidy) if tidy.len() == text.len() => Cow::Owned(text),
                tidy => Cow::Owned(tidy.into_owned()),
            },
        }
    }
}

impl Stage for Normalize {
    fn stop(&self) -> Stop {
        Stop::Normalize
    }

    fn apply(&self, doc: &mut Document) -> Verdict {
        if let Cow::Owned(text) = self.text(&doc.text) {
            doc.text = text;
        }
        if doc.text.trim().is_empty() {
            return Verdict::Drop(Reason::new(EMPTY_TEXT, ""));
        }
        Verdict::Keep
    }
}
