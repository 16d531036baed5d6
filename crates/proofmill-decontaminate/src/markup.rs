//! Mark-up that is no word: LaTeX commands, HTML tags and entities, calculator notes.

/// What a LaTeX command is to the word cutter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Layout, a font, an operator or a relation: no word.
    Ignored,
    /// As `Ignored`, together with the argument that follows (`\begin{align}`).
    IgnoredWithArgument,
    /// A name: a word.
    Name,
}

/// What the command `name`, given without backslash, is.
pub(crate) fn command(name: &str) -> Command {
    let mut slot = slot_of(name.as_bytes());
    loop {
        let index = usize::from(SLOTS[slot]);
        if index == 0 {
            return Command::Name;
        }
        if listed(index - 1) == name {
            return if index > IGNORED.len() {
                Command::IgnoredWithArgument
            } else {
                Command::Ignored
            };
        }
        slot = (slot + 1) % N_SLOTS;
    }
}

/// Slots of the hash table of both lists; a quarter of them is taken.
const N_SLOTS: usize = 1024;

/// Place of each listed command in the lists, from 1; 0 is free. A command lies in its slot or in one
/// of the taken slots that follow.
static SLOTS: [u16; N_SLOTS] = {
    let mut slots = [0_u16; N_SLOTS];
    let mut index = 0_u16;
    while (index as usize) < IGNORED.len() + WITH_ARGUMENT.len() {
        let mut slot = slot_of(listed(index as usize).as_bytes());
        while slots[slot] != 0 {
            slot = (slot + 1) % N_SLOTS;
        }
        index += 1;
        slots[slot] = index;
    }
    slots
};

/// Entry `index` of both lists, one after the other.
const fn listed(index: usize) -> &'static str {
    if index < IGNORED.len() {
        IGNORED[index]
    } else {
        WITH_ARGUMENT[index - IGNORED.len()]
    }
}

const fn slot_of(name: &[u8]) -> usize {
    let mut hash = 0_u32;
    let mut at = 0;
    // Longer names differ early.
    while at < name.len() && at < 24 {
        hash = (hash ^ name[at] as u32)
            .wrapping_mul(0x9E37_79B1)
            .rotate_left(15);
        at += 1;
    }
    (hash >> 22) as usize % N_SLOTS
}

/// Names of Greek letters in the order of the alphabet; also as commands and entities.
#[rustfmt::skip]
pub(crate) const GREEK: [&str; 24] = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi",
    "psi", "omega",
];

/// Commands that are no words, sorted.
#[rustfmt::skip]
const IGNORED: [&str; 274] = [
    "Bbb", "Big", "Bigg", "Biggl", "Biggr", "Bigl", "Bigm", "Bigr", "LARGE", "Large",
    "Leftarrow", "Leftrightarrow", "Longrightarrow", "Rightarrow", "Vert", "angle", "approx",
    "ast", "asymp", "atop", "backslash", "bar", "because", "bf", "big", "bigcap", "bigcup",
    "bigg", "biggl", "biggr", "bigl", "bigm", "bigr", "bigskip", "binom", "bm", "boldsymbol",
    "box", "boxed", "bullet", "cal", "cap", "cdot", "cdotp", "cdots", "centering", "cfrac",
    "choose", "circ", "cline", "colon", "cong", "cup", "dbinom", "ddot", "ddots", "degree",
    "dfrac", "displaylimits", "displaystyle", "div", "dollar", "dot", "doteq", "dots", "dotsb",
    "dotsc", "dotsm", "downarrow", "em", "emph", "emptyset", "enspace", "ensuremath", "equiv",
    "exists", "fbox", "footnotesize", "forall", "frac", "ge", "geq", "geqslant", "gg", "gt",
    "hat", "hbox", "hfil", "hfill", "hline", "hookrightarrow", "hphantom", "hskip", "huge",
    "iff", "iiint", "iint", "implies", "in", "indent", "infty", "int", "it", "item", "kern",
    "lVert", "land", "langle", "large", "lbrace", "lbrack", "lceil", "ldotp", "ldots", "le",
    "left", "leftarrow", "leftrightarrow", "leq", "leqslant", "lfloor", "limits", "linebreak",
    "ll", "longleftarrow", "longmapsto", "longrightarrow", "lor", "lt", "lvert", "mapsto",
    "mathbb", "mathbf", "mathbin", "mathcal", "mathclose", "mathfrak", "mathit", "mathnormal",
    "mathop", "mathopen", "mathord", "mathrel", "mathrm", "mathscr", "mathsf", "mathtt", "mbox",
    "medskip", "mid", "middle", "mkern", "mp", "nabla", "ne", "neg", "neq", "newline", "newpage",
    "nexists", "ni", "nmid", "nobreak", "noindent", "nolimits", "nonumber", "normalsize", "not",
    "notag", "notin", "nparallel", "odot", "oint", "ominus", "operatorname", "oplus", "otimes",
    "over", "overbrace", "overleftarrow", "overleftrightarrow", "overline", "overrightarrow",
    "overset", "par", "parallel", "partial", "percent", "perp", "phantom", "pm", "pmb", "prime",
    "prod", "propto", "protect", "qquad", "quad", "rVert", "rangle", "rbrace", "rbrack", "rceil",
    "relax", "rfloor", "right", "rightarrow", "rm", "root", "rvert", "sc", "scriptscriptstyle",
    "scriptstyle", "setminus", "sf", "sim", "simeq", "small", "smallsetminus", "smallskip",
    "smash", "space", "sqrt", "square", "stackrel", "star", "strut", "subset", "subseteq",
    "subsetneq", "sum", "supset", "supseteq", "tbinom", "text", "textbackslash", "textbf",
    "textdegree", "textit", "textnormal", "textquotedblleft", "textquotedblright",
    "textquoteleft", "textquoteright", "textrm", "textsc", "textsf", "textstyle", "texttt",
    "textup", "tfrac", "therefore", "thinspace", "tilde", "times", "tiny", "to", "triangle",
    "tt", "underbrace", "underline", "underset", "uparrow", "varnothing", "vdots", "vec", "vee",
    "vert", "vfill", "vphantom", "wedge", "widebar", "widehat", "widetilde",
];

/// Commands whose first argument is no text either, sorted.
#[rustfmt::skip]
const WITH_ARGUMENT: [&str; 20] = [
    "begin", "cite", "citep", "citet", "color", "documentclass", "end", "eqref", "fontsize",
    "hspace", "includegraphics", "input", "label", "mspace", "pagestyle", "ref", "tag",
    "textcolor", "usepackage", "vspace",
];

/// Longest tag, in bytes, that is skipped; a longer one is text.
const MAX_TAG_BYTES: usize = 512;
/// Longest entity, from `&` to `;`.
const MAX_ENTITY_BYTES: usize = 12;
/// Longest calculator note, from `<<` to `>>`.
const MAX_NOTE_BYTES: usize = 96;
/// Longest argument that is skipped with its command.
const MAX_ARGUMENT_BYTES: usize = 128;

/// Bytes of the HTML tag, comment or calculator note that starts at the `<` of `rest`; 0 if none.
///
/// A tag has a name and then `>`, `/`, or attributes with `=` before its `>`, so that `a<b and c>d`
/// is text. Comments are skipped by their opening only, since their text may hold an item.
pub(crate) fn angle_bytes(rest: &[u8]) -> usize {
    if rest.starts_with(b"<<") {
        let inside = rest.iter().take(MAX_NOTE_BYTES).skip(2);
        let length = inside
            .take_while(|&&byte| !matches!(byte, b'>' | b'<' | b'\n'))
            .count();
        let is_note = rest
            .get(2 + length..)
            .is_some_and(|end| end.starts_with(b">>"));
        return if is_note { length + 4 } else { 0 };
    }
    let name_at = if rest.get(1) == Some(&b'/') { 2 } else { 1 };
    let name = rest.get(name_at..).unwrap_or_default();
    if !name.first().is_some_and(u8::is_ascii_alphabetic) {
        return 0;
    }
    let name_bytes = name
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':'))
        .count();
    let after = &name[name_bytes.min(name.len())..];
    let inside = after
        .iter()
        .take(MAX_TAG_BYTES)
        .take_while(|&&byte| !matches!(byte, b'>' | b'<'))
        .count();
    let (inside, end) = after.split_at(inside);
    let is_tag = inside.is_empty()
        || (inside[0].is_ascii_whitespace() && inside.contains(&b'='))
        || inside == b"/"
        || inside == b" /";
    if is_tag && end.first() == Some(&b'>') {
        name_at + name_bytes + inside.len() + 1
    } else {
        0
    }
}

/// Bytes of the entity that starts at the `&` of `rest`, and its name; 0 if none.
pub(crate) fn entity(rest: &[u8]) -> (usize, &[u8]) {
    let inside = rest.get(1..).unwrap_or_default();
    let length = inside
        .iter()
        .take(MAX_ENTITY_BYTES)
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#')
        .count();
    let (name, end) = inside.split_at(length);
    if length > 1 && end.first() == Some(&b';') {
        (length + 2, name)
    } else {
        (0, name)
    }
}

/// Bytes of the arguments at the start of `rest`: any `[...]`, then one `{...}`; 0 if none.
pub(crate) fn argument_bytes(rest: &[u8]) -> usize {
    let mut at = 0;
    for (open, close) in [(b'[', b']'), (b'{', b'}')] {
        if rest.get(at) == Some(&open) {
            let inside = rest[at..].iter().take(MAX_ARGUMENT_BYTES);
            let length = inside
                .take_while(|&&byte| byte != close && byte != b'\n')
                .count();
            if rest.get(at + length) != Some(&close) {
                return at;
            }
            at += length + 1;
        }
    }
    at
}

/// Whether the argument of `\begin`, in braces, names an environment with a column description.
pub(crate) fn is_table(argument: &[u8]) -> bool {
    let name = argument.strip_prefix(b"{").unwrap_or_default();
    [&b"array"[..], b"tabular", b"longtable", b"minipage"]
        .iter()
        .any(|table| name.starts_with(table))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        assert!(IGNORED.is_sorted() && WITH_ARGUMENT.is_sorted());
    }

    #[test]
    fn every_listed_command_is_found() {
        assert!(IGNORED.iter().all(|name| command(name) == Command::Ignored));
        assert!(
            WITH_ARGUMENT
                .iter()
                .all(|name| command(name) == Command::IgnoredWithArgument)
        );
        assert!(
            GREEK
                .iter()
                .chain(&["sin", "", "lef", "leftt"])
                .all(|name| command(name) == Command::Name)
        );
    }

    #[test]
    fn angles() {
        for (text, expected) in [
            ("<p>x", 3),
            ("</div>", 6),
            ("<br/>", 5),
            ("<br />", 6),
            ("<a href=\"x\">y", 12),
            ("<<16-3=13>>13", 11),
            ("<b and c>d", 0),
            ("<x<y>", 0),
            ("<", 0),
            ("<<", 0),
            ("<3>", 0),
            ("</", 0),
        ] {
            assert_eq!(angle_bytes(text.as_bytes()), expected, "{text}");
        }
    }
}
