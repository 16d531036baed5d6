//! What the name of a command says by itself: that it opens a heading, refers or cites.
//!
//! Told once per name, when it gets its number, and looked up by number from then on.

use crate::emit::is_reference;

/// What one name says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Roles {
    /// Level of the heading that it opens: 0 for a part to 6 for a subparagraph.
    pub(crate) level: Option<u8>,
    /// It stands for a number given elsewhere, as `\ref`.
    pub(crate) is_reference: bool,
    /// It cites, as `\cite`.
    pub(crate) is_citation: bool,
    /// It is a note, or a diagram that is not kept; text mode looks for it in formulas.
    pub(crate) is_aside: bool,
}

impl Roles {
    /// Roles of `name`.
    pub(crate) fn of(name: &str) -> Self {
        Self {
            level: level_of(name),
            is_reference: is_reference(name),
            is_citation: is_citation(name),
            is_aside: matches!(
                name,
                "footnote"
                    | "footnotemark"
                    | "footnotetext"
                    | "qedhere"
                    | "xymatrix"
                    | "xymatrixcolsep"
            ),
        }
    }

    /// Whether text mode does not leave it in a formula as it is.
    pub(crate) fn is_foreign_in_formula(self) -> bool {
        self.is_reference || self.is_citation || self.is_aside
    }
}

fn level_of(name: &str) -> Option<u8> {
    Some(match name {
        "part" => 0,
        "chapter" => 1,
        "section" => 2,
        "subsection" => 3,
        "subsubsection" => 4,
        "paragraph" => 5,
        "subparagraph" => 6,
        _ => return None,
    })
}

fn is_citation(name: &str) -> bool {
    let lower = name.trim_end_matches('*');
    (lower.starts_with("cite") || lower.starts_with("Cite") || lower.ends_with("cite"))
        || matches!(
            lower,
            "onlinecite" | "fullcite" | "shortciteN" | "nocitex" | "citealt"
        )
}
