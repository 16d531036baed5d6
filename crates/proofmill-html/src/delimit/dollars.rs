//! Formulas and prices: what stands between two single dollars.

/// Weighs what stands between two single dollars.
pub(super) fn is_dollar_formula(
    inner: &str,
    before: Option<char>,
    after: Option<char>,
    is_configured: bool,
) -> bool {
    let trimmed = inner.trim();
    let (Some(first), Some(last)) = (trimmed.chars().next(), trimmed.chars().next_back()) else {
        return false;
    };
    let is_tight = !inner.starts_with(char::is_whitespace) && !inner.ends_with(char::is_whitespace);
    let closes_price = after.is_some_and(|next| next.is_ascii_digit());
    let has_command = has_command(trimmed);
    let has_script = trimmed.contains(['^', '_']);
    let has_relation =
        trimmed.contains(['=', '<', '>', '+', '|', '*', '≤', '≥', '∈', '→', '×', '±']);
    let n_words = n_prose_words(trimmed);
    if has_command && (!closes_price || is_configured) {
        // prose between two prices may hold a formula of another kind, never many words
        return n_words < 12 && !starts_like_price(trimmed, n_words);
    }
    if closes_price || starts_like_price(trimmed, n_words) {
        return false;
    }
    if before.is_some_and(|letter| letter.is_alphanumeric() && !is_configured) {
        return false; // US$, A$, 5$
    }
    if is_configured {
        let is_short_symbol = n_words == 0 || (has_script || has_relation) && n_words < 6;
        return is_short_symbol
            || (is_tight && n_words <= 2 && !first.is_ascii_digit() && last != ',');
    }
    if !is_tight || n_words > 2 {
        return false;
    }
    let is_symbol = trimmed.chars().count() == 1 && first.is_alphabetic();
    let is_application =
        n_words == 0 && trimmed.contains('(') && trimmed.ends_with(')') && first.is_alphabetic();
    has_script
        || has_relation && n_words == 0 && trimmed.chars().any(char::is_alphabetic)
        || is_symbol
        || is_application
}

/// `5`, `5.99 and`, `20-`, `1,000 to`, `3 million`: an amount followed by words or by nothing but a
/// gap.
fn starts_like_price(text: &str, n_words: usize) -> bool {
    let n = text
        .bytes()
        .take_while(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.'))
        .count();
    if n == 0 || !text.as_bytes()[0].is_ascii_digit() {
        return false;
    }
    let rest = &text[n..];
    n_words > 0
        && !rest.starts_with(['\\', '^', '_'])
        && !rest
            .trim_start()
            .starts_with(['\\', '=', '<', '>', '+', '^', '_'])
        || matches!(
            rest.trim(),
            "-" | "–" | "to" | "or" | "/" | "k" | "M" | "," | "." | "+" | ";"
        )
}

/// Whether a control word occurs.
pub(super) fn has_command(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| {
        pair[0] == b'\\'
            && (pair[1].is_ascii_alphabetic()
                || matches!(pair[1], b'{' | b'|' | b',' | b';' | b'!'))
    })
}

/// Words of at least two letters that are neither control words nor inside `\text{}` and kin.
pub(super) fn n_prose_words(text: &str) -> usize {
    let mut n_words = 0;
    let mut rest = text;
    while let Some(at) = rest.find(|letter: char| letter.is_alphabetic() || letter == '\\') {
        rest = &rest[at..];
        let is_command = rest.starts_with('\\');
        let start = usize::from(is_command);
        let word_len = rest[start..]
            .find(|letter: char| !letter.is_alphabetic())
            .unwrap_or(rest.len() - start);
        let end = start + word_len;
        let word = &rest[start..end];
        if is_command {
            let takes_text = matches!(
                word,
                "text"
                    | "mbox"
                    | "textrm"
                    | "textbf"
                    | "textit"
                    | "operatorname"
                    | "mathrm"
                    | "begin"
                    | "end"
                    | "hbox"
                    | "label"
                    | "tag"
                    | "mathbf"
                    | "mathit"
                    | "mathsf"
                    | "mathtt"
                    | "textsf"
                    | "ref"
                    | "eqref"
                    | "cite"
                    | "color"
                    | "textcolor"
                    | "text*"
                    | "operatorname*"
                    | "mathcal"
                    | "mathbb"
                    | "mathfrak"
                    | "mathscr"
                    | "emph"
            );
            rest = &rest[end..];
            if word.is_empty() {
                // `\,` and kin: one character
                rest = rest
                    .chars()
                    .next()
                    .map_or("", |letter| &rest[letter.len_utf8()..]);
            } else if takes_text && rest.starts_with('{') {
                rest = rest.find('}').map_or("", |close| &rest[close..]);
            }
            continue;
        }
        let n_letters = word.chars().count();
        let is_latin_word = n_letters > 1
            && !matches!(
                word,
                "dx" | "dy"
                    | "dt"
                    | "mod"
                    | "sin"
                    | "cos"
                    | "tan"
                    | "log"
                    | "ln"
                    | "max"
                    | "min"
                    | "exp"
                    | "lim"
            );
        n_words += usize::from(is_latin_word);
        rest = &rest[end..];
    }
    n_words
}
