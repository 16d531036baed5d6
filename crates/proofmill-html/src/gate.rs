//! Whether a page can hold mathematics, from its raw bytes and without a parse.
//!
//! One pass looks for marks that mathematical mark-up leaves in every ASCII-compatible charset. A
//! page without any is looked at again through a few windows: superscripts, signs of mathematics and
//! the words of mathematical prose decide. The gate is generous, since what it drops nobody sees again.

use std::sync::LazyLock;

use aho_corasick::packed::{Config, MatchKind, Searcher};
use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Least length of a page that can pass, in bytes.
const MIN_PAGE_BYTES: usize = 64;

/// Windows that the prose score reads, and their length in bytes.
const N_WINDOWS: usize = 8;
const WINDOW_BYTES: usize = 2048;

/// Most that superscripts, subscripts and signs together add to the prose score.
const MAX_SIGNS: u32 = 4;

/// Least prose score that passes: distinct mathematical words seen, plus superscripts, subscripts
/// and signs (at most [`MAX_SIGNS`]), per page.
pub(crate) const MIN_PROSE_SCORE: u32 = 4;

/// What the gate says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gate {
    /// The page may hold mathematics.
    Pass,
    /// It holds none, and why: `not-html` (binary content), `too-short`, `no-math-marker`.
    Drop(&'static str),
}

/// What the gate saw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GateReport {
    /// Pass or drop.
    pub gate: Gate,
    /// The mark of mathematical mark-up that was found first, e.g. `<math`.
    pub marker: Option<&'static str>,
    /// Distinct mathematical words plus signs, super- and subscripts seen in the windows; 0 where a
    /// marker decided.
    pub prose_score: u32,
}

/// Marks of mathematical mark-up. Upper and lower case where both occur in the wild.
const MARKERS: [&str; 36] = [
    "athJax",
    "athjax",
    "MATHJAX",
    "<math",
    ":math",
    "katex",
    "KaTeX",
    "latex",
    "LaTeX",
    "\\begin{",
    "\\frac",
    "\\sum",
    "\\mathbb",
    "\\mathcal",
    "\\sqrt",
    "\\alpha",
    "\\leq",
    "\\cdot",
    "\\left(",
    "tex.cgi",
    "codecogs",
    "=\"tex",
    "='tex",
    "=tex",
    "data-tex",
    "=\"math",
    "='math",
    "=math",
    "ion?tex=",
    "data-expr",
    "mwe-math",
    "[tex]",
    "[itex]",
    "[math]",
    "cht=tx",
    "=\"AM",
];

/// Whether what surrounds a mark shows that it is one: `translatex`, `class="text"` and
/// `data-text` are none.
fn is_marker(marker: &str, bytes: &[u8], from: usize) -> bool {
    let before = from
        .checked_sub(1)
        .and_then(|at| bytes.get(at))
        .copied()
        .unwrap_or(b' ');
    let after = bytes.get(from + marker.len()).copied().unwrap_or(b' ');
    let ends_word = !(after.is_ascii_alphanumeric() || after == b':');
    match marker {
        "latex" => before != b's',
        ":math" | "<math" => matches!(after, b'>' | b' ' | b'\n' | b'\t' | b'\r' | b'/'),
        "data-tex" | "data-expr" => after == b'=',
        _ if marker.starts_with('=') => ends_word && after != b'=',
        _ => true,
    }
}

/// Words that are frequent in mathematical prose and rare elsewhere: one bit of a `u128` each.
const WORDS: [&str; 124] = [
    "theorem",
    "lemma",
    "corollary",
    "polynomial",
    "eigenvalue",
    "integral",
    "derivative",
    "equation",
    "matrix",
    "matrices",
    "algebra",
    "topolog",
    "prime number",
    "integer",
    "rational",
    "vector space",
    "manifold",
    "convex",
    "isomorphi",
    "homomorphi",
    "homolog",
    "bijecti",
    "continuous function",
    "differential",
    "probabilit",
    "variance",
    "hypotenuse",
    "triangle",
    "trigonometr",
    "logarithm",
    "modulo",
    "numerator",
    "denominator",
    "quadratic",
    "exponent",
    "proof",
    "inequality",
    "conjecture",
    "axiom",
    "geometr",
    "vertices",
    "polygon",
    "subset",
    "coefficient",
    "arithmetic",
    "calculus",
    "cosine",
    "fourier",
    "gaussian",
    "determinant",
    "divisor",
    "factorial",
    "orthogon",
    "permutation",
    "finite",
    "converge",
    "commutative",
    "subgroup",
    "bounded",
    "fraction",
    "multiplication",
    "cardinality",
    "tangent",
    "cubic",
    "square root",
    "standard deviation",
    "divisible",
    "infinitely many",
    "if and only if",
    "perpendicular",
    "parallelogram",
    "circumference",
    "radians",
    "binomial",
    "factoriz",
    "congruen",
    "even number",
    "odd number",
    "parabola",
    "perimeter",
    "right angle",
    "squaring",
    "recurrence",
    "countabl",
    "induction",
    "quadrilateral",
    "rhombus",
    "diagonal",
    "interior angle",
    "confidence interval",
    "regression",
    "random variable",
    "expected value",
    "normal distribution",
    "prime factor",
    "remainder",
    "contradiction",
    "greatest common",
    "least common",
    "suppose that",
    "holds for",
    "such that",
    "linear algebra",
    "linear equation",
    "nonzero",
    "multiplied by",
    "divided by",
    "trapezi",
    "opposite sides",
    "fair die",
    "fair coin",
    "degrees of freedom",
    "optimiz",
    "quotient",
    "least squares",
    "bayes",
    "mathematic",
    "invariant",
    "p-value",
    "null hypothesis",
    "two thirds",
    "one third",
    "equally likely",
    "equivalent",
];

/// Signs of mathematics in running text: UTF-8 of operators and relations (the first two bytes of
/// three), of powers and of lowered digits, their character references, and the power, the sum and
/// the equation of plain text.
const SIGNS: [&[u8]; 34] = [
    b"\xE2\x88",
    b"\xE2\x89",
    b"\xE2\x8A",
    b"\xE2\x81\xBF",
    b"\xE2\x82\x80",
    b"\xE2\x82\x81",
    b"\xE2\x82\x99",
    b"\xC2\xB2",
    b"\xC2\xB3",
    b"\xC2\xB1",
    b"\xC3\x97",
    b"\xC3\xB7",
    b"&int;",
    b"&sum;",
    b"&radic;",
    b"&le;",
    b"&ge;",
    b"&ne;",
    b"&isin;",
    b"&infin;",
    b"&minus;",
    b"&sup2;",
    b"&sup3;",
    b"&divide;",
    b"&plusmn;",
    b"&forall;",
    b"&part;",
    b"&#87",
    b"&#88",
    b"&#x22",
    b"^",
    b" = ",
    b" + ",
    b" * ",
];

/// Whether the sign at `window[from..to]` is one of a formula. A cross alone closes a box, a
/// circumflex is one of regular expressions, and scripts assign to names and join strings: an
/// equation or a sum of plain text has a number or a bracket before the sign.
fn is_sign(window: &[u8], from: usize, to: usize) -> bool {
    let before = from.checked_sub(1).and_then(|at| window.get(at)).copied();
    let before = before.unwrap_or(b'<');
    let after = window.get(to).copied().unwrap_or(b'>');
    match window.get(from..to) {
        Some(b"^") => {
            (before.is_ascii_alphanumeric() || before == b')')
                && (after.is_ascii_alphanumeric() || matches!(after, b'(' | b'{' | b'-'))
        }
        Some(b" = ") => {
            (before == b')' || ends_number(&window[..from]))
                && (after.is_ascii_alphanumeric() || matches!(after, b'(' | b'-'))
        }
        Some(b" + " | b" * ") => ends_number(&window[..from]) && after.is_ascii_digit(),
        Some(b"\xC3\x97") => {
            let is_side = |byte: u8| byte == b' ' || byte.is_ascii_digit();
            is_side(before) && is_side(after)
        }
        _ => true,
    }
}

/// Whether `text` ends in a number that is no part of a name.
fn ends_number(text: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'/' | b',');
    let n_chars = text
        .iter()
        .rev()
        .take(12)
        .take_while(|byte| is_part(byte))
        .count();
    let before = text.iter().rev().nth(n_chars).copied().unwrap_or(b' ');
    text.last().is_some_and(u8::is_ascii_digit)
        && !(before.is_ascii_alphanumeric() || matches!(before, b'_' | b'$' | b']'))
}

static MARKER_SEARCH: LazyLock<Option<Searcher>> = LazyLock::new(|| {
    Config::new()
        .match_kind(MatchKind::LeftmostFirst)
        .builder()
        .extend(MARKERS)
        .build()
});

static WORD_SEARCH: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(WORDS.iter().map(|word| word.as_bytes()).chain(SIGNS))
        .ok()
});

/// Judges the raw bytes of a page, in any charset.
///
/// Reads the page once at memory speed; a page without markers costs at most 16 KiB more.
#[must_use]
pub fn gate(bytes: &[u8]) -> GateReport {
    let report = |gate, marker, prose_score| GateReport {
        gate,
        marker,
        prose_score,
    };
    if bytes.len() < MIN_PAGE_BYTES {
        return report(Gate::Drop("too-short"), None, 0);
    }
    let head = &bytes[..bytes.len().min(512)];
    let is_utf16 = head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF");
    if is_utf16 {
        return report(Gate::Pass, None, 0); // rare, and no mark can be seen in it
    }
    let is_binary = [
        &b"%PDF"[..],
        b"\x89PNG",
        b"GIF8",
        b"\xFF\xD8\xFF",
        b"PK\x03\x04",
        b"\x1F\x8B",
    ]
    .iter()
    .any(|magic| head.starts_with(magic));
    if is_binary || memchr::memchr_iter(0, head).count() > head.len() / 8 {
        return report(Gate::Drop("not-html"), None, 0);
    }
    if let Some(marker) = first_marker(bytes) {
        return report(Gate::Pass, Some(marker), 0);
    }
    let score = prose_score(bytes);
    if score >= MIN_PROSE_SCORE {
        report(Gate::Pass, None, score)
    } else {
        report(Gate::Drop("no-math-marker"), None, score)
    }
}

fn first_marker(bytes: &[u8]) -> Option<&'static str> {
    if let Some(search) = MARKER_SEARCH.as_ref() {
        return search.find_iter(bytes).find_map(|found| {
            let marker = MARKERS.get(found.pattern().as_usize()).copied()?;
            is_marker(marker, bytes, found.start()).then_some(marker)
        });
    }
    // No vector instructions on this machine: one plain search for each.
    MARKERS.into_iter().find(|marker| {
        memchr::memmem::find_iter(bytes, marker.as_bytes()).any(|at| is_marker(marker, bytes, at))
    })
}

/// Distinct words plus scripts and signs over evenly spread windows.
fn prose_score(bytes: &[u8]) -> u32 {
    let Some(search) = WORD_SEARCH.as_ref() else {
        return 0;
    };
    let mut seen = 0_u128;
    let mut n_signs = 0_u32;
    let stride = (bytes.len() / N_WINDOWS).max(WINDOW_BYTES);
    for window in bytes.chunks(stride) {
        let window = &window[..window.len().min(WINDOW_BYTES)];
        for found in search.find_iter(window) {
            let pattern = found.pattern().as_usize();
            if pattern < WORDS.len() {
                seen |= 1 << pattern;
            } else {
                n_signs += u32::from(is_sign(window, found.start(), found.end()));
            }
        }
        let scripts = memchr::memmem::find_iter(window, b"<su")
            .filter(|at| matches!(window.get(at + 3..at + 5), Some(b"p>" | b"b>")));
        n_signs += u32::try_from(scripts.count()).unwrap_or(0);
    }
    seen.count_ones() + n_signs.min(MAX_SIGNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: Gate) {
        let page =
            format!("<html><body>{body} and some text to reach the least length</body></html>");
        assert_eq!(gate(page.as_bytes()).gate, expected, "for {body:?}");
    }

    #[test]
    fn verdicts() {
        let none = Gate::Drop("no-math-marker");
        check("<math><mi>x</mi></math>", Gate::Pass);
        check("<m:math>", Gate::Pass);
        check("<script src=MathJax.js></script>", Gate::Pass);
        check("<img src='/cgi-bin/mimetex.cgi?x'>", Gate::Pass);
        check(
            "<div class=\"textwidget\" data-text=x style=transform:translatex(0)><m:mathPr>",
            none,
        );
        check(
            "<img src='https://www.zhihu.com/equation?tex=x'>",
            Gate::Pass,
        );
        check("We sell shoes and a proof of purchase.", none);
        check(
            "The variance is 32 / 7 ≈ 4.57; the standard deviation is its square root.",
            Gate::Pass,
        );
        check(
            "Every theorem and lemma on a polynomial with integer roots.",
            Gate::Pass,
        );
        check(
            "x<sup>2</sup>+y<sup>2</sup>=z<sup>2</sup>, an <sub>i</sub>",
            Gate::Pass,
        );
        check("a² + b² ≥ 2ab ≠ 0", Gate::Pass);
        check("&int; f &le; &sum; a &#8712; A", Gate::Pass);
        check("24 ÷ 8 = 3, 5 × 3 = 15, 6 ÷ 2 = 3, 4 × 4 = 16", Gate::Pass);
        check("x^2 + (a+b)^2 = c^n - 2^{n-1}", Gate::Pass);
        check(
            "w(w + 4) = 96, (w + 12)(w - 8) = 0, (w + 2)^2 = 100",
            Gate::Pass,
        );
        check(
            "6/6 + 6/5 + 6/4 + 6/3 + 6/2 + 6/1 = 14.7 throws",
            Gate::Pass,
        );
        check(
            "var a1 = 0, b = x + 1; c[0] = d + 2; $e1 = 1; i = 0 + '4' + '5' + 6;",
            none,
        );
        check(
            "A rhombus is a parallelogram; the diagonals of a quadrilateral with four right angles are equal.",
            Gate::Pass,
        );
        check(
            "Each move keeps the number of colourings: such an invariant, like the polynomial of a knot, tells mathematicians which are equivalent.",
            Gate::Pass,
        );
        check("<b>×</b><b>×</b><b>×</b><b>×</b> an offer", none);
        check("/^(a|^b)[^c]^/ ^^ ^", none);
        check("m² of flat, m² of garden", none);
        assert_eq!(gate(b"").gate, Gate::Drop("too-short"));
        assert_eq!(gate(&[b'%'; 100]).gate, none);
        assert_eq!(
            gate(format!("%PDF-1.4 {}", "x".repeat(100)).as_bytes()).gate,
            Gate::Drop("not-html")
        );
    }
}
