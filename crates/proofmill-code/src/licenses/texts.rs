//! Recognises licences by what their texts and notices say.
//!
//! A text is made even first ([`even`]): words in lower case with one blank between them, without
//! marks of comments and punctuation, so that phrases are found however lines are broken. Whole
//! licences are told by distinctive phrases ([`TEXTS`]), named ones by their name and a version near
//! it ([`named`]), short notices by what stands behind `under the` and `License:`.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::expression::{all_of, known};
use super::names::{gnu_id, id_of};
use super::{HEAD_BYTES, licenses, start_of};

/// A licence, the phrases that all occur in its text, and those that make it another one.
struct Text {
    id: &'static str,
    all: &'static [&'static str],
    none: &'static [&'static str],
}

const MIT: &str = "permission is hereby granted free of charge to any person obtaining a copy";
const BSD: &str = "redistribution and use in source and binary forms with or without modification";
const BINARY: &str = "redistributions in binary form must reproduce";
const ENDORSE: &str = "endorse or promote products";
const ADVERTISING: &str = "all advertising materials mentioning features";
const ISC: &str = "distribute this software for any purpose with or without fee is hereby granted";
const NOTICE: &str =
    "provided that the above copyright notice and this permission notice appear in all copies";
const DOCUMENTATION: &str = "distribute this software and its documentation for any purpose";

/// Of texts that begin with one phrase the first counts, so the special ones come first.
#[rustfmt::skip]
const TEXTS: &[Text] = &[
    text("Unicode-3.0", &["unicode license v3"], &[]),
    text("Unicode-DFS-2016", &["unicode data files and software", MIT], &["unicode license v3"]),
    text("JSON", &[MIT, "shall be used for good not evil"], &[]),
    text("X11", &[MIT, "except as contained in this notice"], &[]),
    text("NCSA", &[MIT, "redistributions of source code must retain"], &[BSD]),
    text("MIT", &[MIT, "without restriction"], &["unicode license v3", "unicode data files and software"]),
    text("BSD-4-Clause", &[BSD, BINARY, ADVERTISING], &[]),
    text("Apache-1.1", &[BSD, "the end user documentation included with the redistribution"], &[]),
    text("BSD-3-Clause-Clear", &[BSD, BINARY, "no express or implied licenses to any party s patent rights"], &[]),
    text("BSD-3-Clause", &[BSD, BINARY, ENDORSE], &[]),
    text("BSD-2-Clause", &[BSD, BINARY], &[]),
    text("BSD-1-Clause", &[BSD, "redistributions of source code must retain"], &[]),
    text("0BSD", &[ISC], &[NOTICE]),
    text("curl", &[ISC, NOTICE, "provided as is without warranty of any kind"], &[]),
    text("ISC", &[ISC, NOTICE], &["provided as is without warranty of any kind"]),
    text("HPND", &[DOCUMENTATION], &[]),
    text("Zlib", &["in no event will the authors be held liable for any damages", "altered source versions must be plainly marked"], &[]),
    text("Unlicense", &["this is free and unencumbered software released into the public domain"], &[]),
    text("CC0-1.0", &["cc0 1.0"], &[]),
    text("CC0-1.0", &["creative commons zero"], &["cc0 1.0"]),
    text("CC0-1.0", &["publicdomain zero 1.0"], &["cc0 1.0", "creative commons zero"]),
    text("WTFPL", &["do what the fuck you want to public license"], &[]),
    text("BlueOak-1.0.0", &["blue oak model license"], &[]),
    text("FSFAP", &["are permitted in any medium without royalty provided the copyright notice and this notice are preserved"], &[]),
    text("CECILL-B", &["cecill b"], &[]),
    text("CECILL-C", &["cecill c"], &[]),
    text("PSF-2.0", &["python software foundation license version 2"], &[]),
    text("OpenSSL", &["openssl license", BSD], &[]),
    text("SMLNJ", &["standard ml of new jersey copyright notice"], &[]),
    text("LicenseRef-Public-Domain", &["is in the public domain"], &[]),
    text("LicenseRef-Public-Domain", &["placed in the public domain"], &[]),
    text("LicenseRef-Public-Domain", &["placed into the public domain"], &[]),
    text("LicenseRef-Public-Domain", &["released to the public domain"], &[]),
    text("LicenseRef-Public-Domain", &["released into the public domain"], &[
        "this is free and unencumbered software released into the public domain",
    ]),
    text("LicenseRef-Public-Domain", &["dedicated to the public domain"], &["cc0 1.0", "creative commons zero"]),
];

const fn text(
    id: &'static str,
    all: &'static [&'static str],
    none: &'static [&'static str],
) -> Text {
    Text { id, all, none }
}

/// Names of licences that have versions, and their identifiers without it.
const NAMED: &[(&str, &str)] = &[
    ("academic free license", "AFL"),
    ("affero general public license", "AGPL"),
    ("apache license", "Apache"),
    ("apache software license", "Apache"),
    ("artistic license", "Artistic"),
    ("boost software license", "BSL"),
    ("cecill free software license agreement", "CECILL"),
    ("common development and distribution license", "CDDL"),
    ("common public license", "CPL"),
    ("creative commons attribution", "CC"),
    ("creativecommons org licenses", "CC"),
    ("attribution", "CC"),
    ("cc by", "CC"),
    ("eclipse public license", "EPL"),
    ("educational community license", "ECL"),
    ("european union public licence", "EUPL"),
    ("european union public license", "EUPL"),
    ("gnu free documentation license", "GFDL"),
    ("gnu general public license", "GPL"),
    ("gnu gpl", "GPL"),
    ("gnu lesser general public license", "LGPL"),
    ("gnu lesser public license", "LGPL"),
    ("gnu lgpl", "LGPL"),
    ("gnu library general public license", "LGPL"),
    ("latex project public license", "LPPL"),
    ("mozilla public license", "MPL"),
    ("open software license", "OSL"),
    ("sil open font license", "OFL"),
    ("universal permissive license", "UPL"),
    ("zope public license", "ZPL"),
];

/// Licence that the head of a source file states by a tag, by its text, by a notice or in a line
/// `License: NAME`; joined with `AND` where it states several.
///
/// Looks at the first 6 KiB, comment or not. Linear.
#[must_use]
pub fn header_license(text: &str) -> Option<String> {
    let tagged = licenses(text);
    if !tagged.is_empty() {
        return Some(all_of(&tagged));
    }
    let head = start_of(text, HEAD_BYTES);
    // Most files say nothing; these letters are in every text and notice there is.
    let speaks = [
        "icens",
        "ICENS",
        "icenc",
        "ermission",
        "edistribution",
        "ublic domain",
        "PUBLIC DOMAIN",
        "GPL",
        "CILL",
    ];
    let bytes = head.as_bytes();
    if !speaks
        .iter()
        .any(|part| memchr::memmem::find(bytes, part.as_bytes()).is_some())
    {
        return None;
    }
    let even = even(head);
    let mut found = recognise(&even);
    if found.is_empty() {
        found.extend(of_notice(&even));
    }
    if found.is_empty() {
        found.extend(of_line(head));
    }
    (!found.is_empty()).then(|| {
        if offers_choice(&even) {
            found.join(" OR ")
        } else {
            all_of(&found)
        }
    })
}

/// Licence that the text of a LICENSE or COPYING file is, if it is a known one.
///
/// Looks at the first 64 KiB. Where a file holds several, the first one counts, unless it says that
/// one may choose; licences of parts come behind that of the whole.
#[must_use]
pub fn license_of_text(text: &str) -> Option<String> {
    const MAX_BYTES: usize = 64 << 10;
    const TITLE_BYTES: usize = 2 << 10;
    if let Some(tagged) = licenses(text).into_iter().next() {
        return Some(tagged);
    }
    let even = even(start_of(text, MAX_BYTES));
    let title = &even[..even.len().min(TITLE_BYTES)];
    if offers_choice(title) {
        let offered = recognise(title);
        if offered.len() > 1 {
            return Some(offered.join(" OR "));
        }
    }
    let found = recognise(&even).into_iter().next();
    let head = start_of(text, TITLE_BYTES);
    found
        .or_else(|| known(text.trim()))
        .or_else(|| of_notice(&even))
        .or_else(|| of_line(head))
}

/// Whether a notice leaves a choice between the licences that it names.
fn offers_choice(even: &str) -> bool {
    let phrases = [
        "under either",
        "dual licensed",
        "dual licenced",
        "either of these licenses",
        "either license",
        "choose either",
        "your choice",
        "one of the following licenses",
    ];
    phrases.iter().any(|phrase| even.contains(phrase))
}

/// Words in lower case with one blank between them: letters, digits, and points between digits.
/// Marks of comments that are words (`c` of Fortran, `dnl`, `rem`) go from the start of lines. ASCII.
fn even(text: &str) -> String {
    let mut even = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.trim_start();
        let marks = ["c ", "C ", "dnl ", "rem ", "REM "];
        let line = marks
            .iter()
            .find_map(|mark| line.strip_prefix(mark))
            .unwrap_or(line);
        let bytes = line.as_bytes();
        let is_digit = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at))
                .is_some_and(u8::is_ascii_digit)
        };
        for (at, byte) in bytes.iter().enumerate() {
            let is_point = *byte == b'.' && is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
            if byte.is_ascii_alphanumeric() || is_point {
                even.push(char::from(byte.to_ascii_lowercase()));
            } else if !even.ends_with(' ') {
                even.push(' ');
            }
        }
        if !even.ends_with(' ') {
            even.push(' ');
        }
    }
    even
}

/// The licences in an even text, in the order in which they begin, each once.
fn recognise(even: &str) -> Vec<String> {
    const MAX_NAMED: usize = 32;
    let index = Index::get();
    let mut first: Vec<Option<usize>> = vec![None; index.phrases.len()];
    let mut found: Vec<(usize, String)> = Vec::new();
    for hit in index.automaton.find_overlapping_iter(even) {
        let phrase = hit.pattern().as_usize();
        first[phrase].get_or_insert(hit.start());
        if let Some((_, family)) = NAMED
            .iter()
            .find(|(name, _)| *name == index.phrases[phrase])
            && found.len() < MAX_NAMED
            && let Some(id) = named(family, even, hit.start(), hit.end())
        {
            found.push((hit.start(), id));
        }
    }
    let place = |phrase: &&str| {
        index
            .phrases
            .iter()
            .position(|known| known == phrase)
            .and_then(|at| first[at])
    };
    for text in TEXTS {
        let starts: Option<Vec<usize>> = text.all.iter().map(place).collect();
        if let Some(start) = starts.as_deref().and_then(<[usize]>::first)
            && !text.none.iter().any(|phrase| place(phrase).is_some())
            && !found.iter().any(|(other, _)| other == start)
        {
            found.push((*start, text.id.to_owned()));
        }
    }
    found.sort();
    let mut ids: Vec<String> = Vec::new();
    for (_, id) in found {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// All phrases, to be found in one pass.
struct Index {
    automaton: AhoCorasick,
    phrases: Vec<&'static str>,
}

impl Index {
    fn get() -> &'static Self {
        static INDEX: OnceLock<Index> = OnceLock::new();
        INDEX.get_or_init(|| {
            let of_texts = TEXTS
                .iter()
                .flat_map(|text| text.all.iter().chain(text.none).copied());
            let mut phrases: Vec<&str> = of_texts
                .chain(NAMED.iter().map(|(name, _)| *name))
                .collect();
            phrases.sort_unstable();
            phrases.dedup();
            let automaton = AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .kind(Some(AhoCorasickKind::DFA))
                .build(&phrases)
                .expect("some short phrases stay far below the limits of the automaton");
            Self { automaton, phrases }
        })
    }
}

/// The licence of `family` whose name stands at `start..end`, by the version near it.
fn named(family: &str, even: &str, start: usize, end: usize) -> Option<String> {
    const MAX_WORDS_BEHIND: usize = 16;
    const NEAR: usize = 4;
    let behind: Vec<&str> = even[end..]
        .split(' ')
        .filter(|word| !word.is_empty())
        .take(MAX_WORDS_BEHIND + 24)
        .collect();
    if family == "CC" {
        return attribution(&even[start..end], &behind);
    }
    let is_gnu = matches!(family, "AGPL" | "GFDL" | "GPL" | "LGPL");
    let n_near = if is_gnu { MAX_WORDS_BEHIND } else { NEAR };
    // `version 2 of the GNU General Public License`
    let before: Vec<&str> = even[..start].split_whitespace().rev().take(5).collect();
    let before = before
        .iter()
        .position(|word| matches!(*word, "version" | "v"))
        .and_then(|at| before.get(at.checked_sub(1)?))
        .copied();
    let place = behind
        .iter()
        .take(n_near)
        .enumerate()
        .find_map(|(at, word)| {
            let follows = at == 0 || matches!(behind[at - 1], "version" | "v" | "ver") || !is_gnu;
            let number = word.strip_prefix('v').unwrap_or(word);
            (follows && is_version(number)).then_some((at, number))
        });
    let (at, version) = match (before.filter(|word| is_version(word)), place) {
        (Some(version), _) => (0, version),
        (None, Some((at, version))) => (at + 1, version),
        (None, None) => return None,
    };
    if is_gnu {
        let tail = behind.get(at..).unwrap_or_default();
        let tail = tail[..tail.len().min(12)].join(" ");
        let is_later = ["any later version", "or later", "or newer", "or any later"]
            .iter()
            .any(|words| tail.contains(words));
        return gnu_id(family, version, is_later);
    }
    let version = match (family, version) {
        ("LPPL", "1.3") => "1.3c".to_owned(),
        (_, version) if version.contains('.') => version.to_owned(),
        (_, version) => format!("{version}.0"),
    };
    id_of(&format!("{family}-{version}"))
}

/// `attribution noncommercial 4.0 international` and the like: the parts of a licence of Creative
/// Commons up to its version.
fn attribution(name: &str, behind: &[&str]) -> Option<String> {
    let mut id = if name.ends_with("licenses") {
        "cc".to_owned()
    } else {
        "cc by".to_owned()
    };
    for word in behind.iter().take(8) {
        if is_version(word) {
            return id_of(&format!("{id} {word}"));
        }
        match *word {
            "by" | "nc" | "nd" | "sa" | "noncommercial" | "noderivatives" | "noderivs"
            | "sharealike" | "non" | "commercial" | "share" | "alike" | "no" | "derivatives"
            | "derivs" => {
                id.push(' ');
                id.push_str(word);
            }
            "license" | "licence" | "version" | "cc" | "international" | "unported" => {}
            _ => return None,
        }
    }
    None
}

fn is_version(word: &str) -> bool {
    let number = word.strip_suffix(['a', 'b', 'c']).unwrap_or(word);
    number.len() <= 4
        && number.starts_with(|c: char| c.is_ascii_digit())
        && number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// `released under the Apache 2.0 license`, `under GPLv3`, `license is MIT`, `MIT license`: the name
/// behind `under` or `license is`, or in front of `license`, if it is one.
fn of_notice(even: &str) -> Option<String> {
    const MAX_NAME_WORDS: usize = 6;
    const MAX_TRIES: usize = 16;
    let is_sure = |name: &str| {
        let names = ["mit", "bsd", "gpl", "lgpl", "agpl", "isc", "cc0"];
        name.contains(|c: char| c.is_ascii_digit()) || names.contains(&name)
    };
    for lead in [" under ", " license is ", " licence is "] {
        for (at, _) in even.match_indices(lead).take(MAX_TRIES) {
            let idle = ["the", "a", "an", "terms", "of", "conditions", "and"];
            let behind = even[at + lead.len()..].split(' ');
            let words = behind.skip_while(|word| idle.contains(word));
            let words: Vec<&str> = words.take(MAX_NAME_WORDS + 1).collect();
            for n_words in (1..words.len()).rev() {
                let name = words[..n_words].join(" ");
                let is_called = words[n_words].starts_with("licen");
                if let (true, Some(id)) = (is_called || is_sure(&name), id_of(&name)) {
                    return Some(id);
                }
            }
        }
    }
    for (at, _) in even.match_indices(" licen").take(MAX_TRIES) {
        let mut words: Vec<&str> = even[..at].rsplit(' ').take(4).collect();
        words.reverse();
        let names = (0..words.len()).map(|from| words[from..].join(" "));
        if let Some(id) = names
            .filter(|name| is_sure(name))
            .find_map(|name| id_of(&name))
        {
            return Some(id);
        }
    }
    None
}

/// The value of a line `License: NAME` or `__license__ = "NAME"`, if it is a known name.
fn of_line(head: &str) -> Option<String> {
    const MAX_LINES: usize = 100;
    const MAX_KEY_BYTES: usize = 24;
    for line in head.lines().take(MAX_LINES) {
        let Some((key, value)) = line.split_once([':', '=']) else {
            continue;
        };
        let key = key
            .trim_matches(|c: char| !c.is_ascii_alphabetic())
            .to_ascii_lowercase();
        // `:License: MIT` of reStructuredText has the key behind the first colon.
        let (key, value) = match value.split_once(':') {
            Some((inner, rest)) if key.is_empty() => (inner.trim().to_ascii_lowercase(), rest),
            _ => (key, value),
        };
        let is_key =
            key.len() <= MAX_KEY_BYTES && (key.ends_with("license") || key.ends_with("licence"));
        if !is_key {
            continue;
        }
        let value = value.trim_matches(|c: char| c.is_whitespace() || "\"'`,;*{}().#%".contains(c));
        if let Some(license) = known(value) {
            return Some(license);
        }
    }
    None
}
