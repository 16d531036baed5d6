//! Finds licences: SPDX tags in source files, and the licence that a LICENSE file holds.
//!
//! An unknown licence is [`UNKNOWN`], a value of its own and never permissive.

/// Stands for a licence that nobody stated.
pub const UNKNOWN: &str = "unknown";

/// SPDX identifiers that `permissive-only` keeps, sorted.
///
/// Licences that allow use and redistribution with attribution at most; the list of the Blue Oak
/// Council's model, bronze or better, as far as these occur in source code, and public-domain
/// dedications.
pub const PERMISSIVE: &[&str] = &[
    "0BSD",
    "Apache-1.1",
    "Apache-2.0",
    "Artistic-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-2-Clause-Patent",
    "BSD-3-Clause",
    "BSD-3-Clause-Clear",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC0-1.0",
    "CECILL-B",
    "FTL",
    "HPND",
    "ISC",
    "Intel",
    "MIT",
    "MIT-0",
    "MIT-Modern-Variant",
    "MIT-advertising",
    "MITNFA",
    "MS-PL",
    "NCSA",
    "NTP",
    "OpenSSL",
    "PSF-2.0",
    "PostgreSQL",
    "Python-2.0",
    "SGI-B-2.0",
    "SMLNJ",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "W3C",
    "WTFPL",
    "X11",
    "Xnet",
    "ZPL-2.1",
    "Zlib",
    "libpng-2.0",
    "zlib-acknowledgement",
];

/// Whether SPDX identifier or expression `license` leaves a permissive choice.
///
/// `A OR B` needs one of both, `A AND B` needs both; an exception behind `WITH` only adds permission.
/// Identifiers compare without case; [`UNKNOWN`] and empty text are not permissive.
#[must_use]
pub fn is_permissive(license: &str) -> bool {
    let spaced = license.replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    any_of(&words, &mut at, 0) && at == words.len()
}

/// Parentheses deeper than this are refused.
const MAX_DEPTH: usize = 16;

fn any_of(words: &[&str], at: &mut usize, depth: usize) -> bool {
    let mut is_ok = all_of(words, at, depth);
    while words
        .get(*at)
        .is_some_and(|word| word.eq_ignore_ascii_case("or"))
    {
        *at += 1;
        is_ok |= all_of(words, at, depth);
    }
    is_ok
}

fn all_of(words: &[&str], at: &mut usize, depth: usize) -> bool {
    let mut is_ok = one(words, at, depth);
    while words
        .get(*at)
        .is_some_and(|word| word.eq_ignore_ascii_case("and"))
    {
        *at += 1;
        is_ok &= one(words, at, depth);
    }
    is_ok
}

fn one(words: &[&str], at: &mut usize, depth: usize) -> bool {
    let Some(word) = words.get(*at) else {
        return false;
    };
    *at += 1;
    if *word == "(" {
        let is_ok = depth < MAX_DEPTH && any_of(words, at, depth + 1);
        let is_closed = words.get(*at) == Some(&")");
        *at += usize::from(is_closed);
        return is_ok && is_closed;
    }
    if words
        .get(*at)
        .is_some_and(|word| word.eq_ignore_ascii_case("with"))
    {
        *at += 2;
    }
    PERMISSIVE
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word))
}

/// SPDX expressions tagged in `text` (`SPDX-License-Identifier: ...`), in order, without repeats.
///
/// Linear; at most 16, an expression has at most 200 bytes.
#[must_use]
pub fn licenses(text: &str) -> Vec<String> {
    const TAG: &str = "SPDX-License-Identifier:";
    const MAX_TAGS: usize = 16;
    const MAX_EXPRESSION_BYTES: usize = 200;
    let mut found: Vec<String> = Vec::new();
    for at in memchr::memmem::find_iter(text.as_bytes(), TAG) {
        if found.len() >= MAX_TAGS {
            break;
        }
        let rest = text.get(at + TAG.len()..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let is_part = |c: char| c.is_ascii_alphanumeric() || " .-+()\t".contains(c);
        let length = line.find(|c: char| !is_part(c)).unwrap_or(line.len());
        let expression = line[..length]
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let expression = expression.trim_end_matches([' ', '-', '.']).to_owned();
        let fits = !expression.is_empty() && expression.len() <= MAX_EXPRESSION_BYTES;
        if fits && !found.contains(&expression) {
            found.push(expression);
        }
    }
    found
}

/// Phrases that tell licence texts apart, most specific first: all phrases of a row must occur.
const TEXTS: &[(&str, &[&str])] = &[
    (
        "AGPL-3.0",
        &["gnu affero general public license", "version 3"],
    ),
    (
        "LGPL-3.0",
        &["gnu lesser general public license", "version 3"],
    ),
    (
        "LGPL-2.1",
        &["gnu lesser general public license", "version 2.1"],
    ),
    ("LGPL-2.0", &["gnu library general public license"]),
    ("GPL-3.0", &["gnu general public license", "version 3"]),
    ("GPL-2.0", &["gnu general public license", "version 2"]),
    (
        "GFDL-1.3",
        &["gnu free documentation license", "version 1.3"],
    ),
    ("Apache-2.0", &["apache license", "version 2.0"]),
    ("MPL-2.0", &["mozilla public license", "2.0"]),
    ("EPL-2.0", &["eclipse public license", "2.0"]),
    ("BSL-1.0", &["boost software license"]),
    ("CC0-1.0", &["cc0 1.0 universal"]),
    ("CC-BY-NC-4.0", &["attribution-noncommercial 4.0"]),
    ("CC-BY-SA-4.0", &["attribution-sharealike 4.0"]),
    ("CC-BY-4.0", &["attribution 4.0 international"]),
    ("CECILL-B", &["cecill-b"]),
    (
        "Unlicense",
        &["this is free and unencumbered software released into the public domain"],
    ),
    (
        "ISC",
        &["permission to use, copy, modify, and/or distribute this software for any purpose"],
    ),
    (
        "ISC",
        &["permission to use, copy, modify, and distribute this software for any purpose"],
    ),
    (
        "MIT",
        &[
            "permission is hereby granted, free of charge, to any person obtaining a copy",
            "without restriction",
        ],
    ),
    (
        "BSD-4-Clause",
        &[
            "redistribution and use in source and binary forms",
            "all advertising materials",
        ],
    ),
    (
        "BSD-3-Clause",
        &[
            "redistribution and use in source and binary forms",
            "endorse or promote",
        ],
    ),
    (
        "BSD-2-Clause",
        &["redistribution and use in source and binary forms"],
    ),
    (
        "Zlib",
        &[
            "this software is provided 'as-is', without any express or implied warranty",
            "altered source versions",
        ],
    ),
    ("WTFPL", &["do what the fuck you want to public license"]),
];

/// SPDX identifier of the licence that a LICENSE or COPYING file states, if it is a known one.
///
/// Looks at the first 16 KiB, with white space and case made even; a tag wins over phrases.
#[must_use]
pub fn license_of_file(text: &str) -> Option<String> {
    const MAX_BYTES: usize = 16 << 10;
    if let Some(tagged) = licenses(text).into_iter().next() {
        return Some(tagged);
    }
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let even = text[..end]
        .to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let holds = |phrases: &&[&str]| phrases.iter().all(|phrase| even.contains(phrase));
    TEXTS
        .iter()
        .find(|(_, phrases)| holds(phrases))
        .map(|(id, _)| (*id).to_owned())
}
