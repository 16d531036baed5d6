//! SPDX expressions: which leave a permissive choice, how several join, how people write them.

use super::{UNKNOWN, names};

/// SPDX identifiers that `permissive-only` keeps, sorted.
///
/// Licences that allow use and redistribution with attribution at most: those that the Blue Oak
/// Council rates bronze or better, as far as these occur in source code, and public-domain
/// dedications. `LicenseRef-Public-Domain` is a dedication in words of its own.
#[rustfmt::skip]
pub const PERMISSIVE: &[&str] = &[
    "0BSD", "AFL-1.1", "AFL-1.2", "AFL-2.0", "AFL-2.1", "AFL-3.0", "Apache-1.0", "Apache-1.1",
    "Apache-2.0", "Artistic-2.0", "BSD-1-Clause", "BSD-2-Clause", "BSD-2-Clause-Patent",
    "BSD-2-Clause-Views", "BSD-3-Clause", "BSD-3-Clause-Attribution", "BSD-3-Clause-Clear",
    "BSD-3-Clause-LBNL", "BSD-4-Clause", "BSD-4-Clause-UC", "BSD-Source-Code", "BSL-1.0",
    "BlueOak-1.0.0", "CC-BY-3.0", "CC-BY-4.0", "CC-PDDC", "CC0-1.0", "CDLA-Permissive-2.0", "CECILL-B",
    "ECL-1.0", "ECL-2.0", "EFL-2.0", "FSFAP", "FTL", "Fair", "HPND", "ICU", "ISC", "ImageMagick", "Intel",
    "LicenseRef-Public-Domain", "Linux-OpenIB", "MIT", "MIT-0", "MIT-CMU", "MIT-Modern-Variant",
    "MIT-advertising", "MITNFA", "MS-PL", "MulanPSL-1.0", "MulanPSL-2.0", "NCSA", "NIST-PD", "NTP",
    "OpenSSL", "PDDL-1.0", "PHP-3.01", "PSF-2.0", "PostgreSQL", "Python-2.0", "SGI-B-2.0", "SMLNJ", "TCL",
    "UPL-1.0", "Unicode-3.0", "Unicode-DFS-2016", "Unlicense", "VSL-1.0", "W3C", "WTFPL", "X11", "Xnet",
    "ZPL-2.0", "ZPL-2.1", "Zlib", "blessing", "curl", "libpng-2.0", "zlib-acknowledgement",
];

/// Parentheses deeper than this are refused.
const MAX_DEPTH: usize = 16;
/// Longer expressions are refused.
const MAX_BYTES: usize = 1000;

/// Whether SPDX identifier or expression `license` leaves a permissive choice.
///
/// `A OR B` needs one of both, `A AND B` needs both; an exception behind `WITH` only adds permission,
/// and so does `+`. Identifiers compare without case; [`UNKNOWN`] and empty text are not permissive.
#[must_use]
pub fn is_permissive(license: &str) -> bool {
    let spaced = license.replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    license.len() <= MAX_BYTES && any_permissive(&words, &mut at, 0) && at == words.len()
}

fn any_permissive(words: &[&str], at: &mut usize, depth: usize) -> bool {
    let mut is_ok = all_permissive(words, at, depth);
    while is_word(words.get(*at), "or") {
        *at += 1;
        is_ok |= all_permissive(words, at, depth);
    }
    is_ok
}

fn all_permissive(words: &[&str], at: &mut usize, depth: usize) -> bool {
    let mut is_ok = one_permissive(words, at, depth);
    while is_word(words.get(*at), "and") {
        *at += 1;
        is_ok &= one_permissive(words, at, depth);
    }
    is_ok
}

fn one_permissive(words: &[&str], at: &mut usize, depth: usize) -> bool {
    let Some(word) = words.get(*at) else {
        return false;
    };
    *at += 1;
    if *word == "(" {
        let is_ok = depth < MAX_DEPTH && any_permissive(words, at, depth + 1);
        let is_closed = words.get(*at) == Some(&")");
        *at += usize::from(is_closed);
        return is_ok && is_closed;
    }
    if is_word(words.get(*at), "with") {
        *at += 2;
    }
    let id = word.strip_suffix('+').unwrap_or(word);
    PERMISSIVE
        .iter()
        .any(|known| known.eq_ignore_ascii_case(id))
}

fn is_word(found: Option<&&str>, word: &str) -> bool {
    found.is_some_and(|found| found.eq_ignore_ascii_case(word))
}

/// The expression that asks for all of `licenses`, each once: `(A OR B) AND C`.
///
/// [`UNKNOWN`] when there is none.
#[must_use]
pub fn all_of<S: AsRef<str>>(licenses: &[S]) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for license in licenses {
        if !parts.contains(&license.as_ref()) {
            parts.push(license.as_ref());
        }
    }
    if let [only] = parts[..] {
        return only.to_owned();
    }
    let has_choice = |part: &&str| {
        part.split_whitespace()
            .any(|word| is_word(Some(&word), "or"))
    };
    let joined: Vec<String> = parts
        .iter()
        .map(|part| {
            if has_choice(part) {
                format!("({part})")
            } else {
                (*part).to_owned()
            }
        })
        .collect();
    if joined.is_empty() {
        UNKNOWN.to_owned()
    } else {
        joined.join(" AND ")
    }
}

/// The SPDX expression for a licence as rows and tags name it: `mit`, `Apache License 2.0`, `GPLv3+`,
/// `MIT/Apache-2.0`.
///
/// Identifiers get their official spelling; a name that is not known stays as it is, and what says
/// nothing (`other`, `NOASSERTION`, empty text) is [`UNKNOWN`].
#[must_use]
pub fn normalize(license: &str) -> String {
    normalized(license).0
}

/// The same, if all names in it are known.
pub(super) fn known(license: &str) -> Option<String> {
    const MAX_KNOWN_BYTES: usize = 100;
    if license.len() > MAX_KNOWN_BYTES {
        return None;
    }
    let (license, is_known) = normalized(license);
    is_known.then_some(license)
}

/// The expression, and whether all names in it are known.
fn normalized(license: &str) -> (String, bool) {
    const NOTHING: [&str; 10] = [
        "",
        "-",
        "n/a",
        "noassertion",
        "no-license",
        "none",
        "null",
        "other",
        "unknown",
        "unlicensed",
    ];
    const OPERATORS: [&str; 6] = ["or", "and", "with", "(", ")", END];
    const END: &str = "\0";
    let license = license.trim();
    if NOTHING
        .iter()
        .any(|word| license.eq_ignore_ascii_case(word))
    {
        return (UNKNOWN.to_owned(), false);
    }
    if let Some(id) = names::id_of(license) {
        return (id, true);
    }
    // Packages of R point to a file that fills in a template.
    let license = license.strip_suffix("+ file LICENSE").unwrap_or(license);
    // Before there were expressions, `/` and `|` stood for a choice.
    let license = if license.contains("://") {
        license.to_owned()
    } else {
        license.replace(['/', '|'], " OR ")
    };
    let spaced = license.replace('(', " ( ").replace(')', " ) ");
    let mut normal = String::with_capacity(license.len());
    let mut is_known = true;
    let mut name: Vec<&str> = Vec::new();
    let mut is_exception = false;
    for word in spaced.split_whitespace().chain([END]) {
        if !OPERATORS
            .iter()
            .any(|operator| word.eq_ignore_ascii_case(operator))
        {
            name.push(word);
            continue;
        }
        if !name.is_empty() {
            let joined = name.join(" ");
            let id = names::id_of(&joined);
            is_known &= id.is_some() || is_exception;
            push_word(&mut normal, &id.unwrap_or(joined));
            name.clear();
        }
        if word != END {
            push_word(&mut normal, &word.to_uppercase());
        }
        is_exception = word.eq_ignore_ascii_case("with");
    }
    (normal, is_known)
}

fn push_word(text: &mut String, word: &str) {
    if !text.is_empty() && !text.ends_with('(') && word != ")" {
        text.push(' ');
    }
    text.push_str(word);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(PERMISSIVE.is_sorted());
    }
}
