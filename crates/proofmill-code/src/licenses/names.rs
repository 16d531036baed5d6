//! Names of licences as people write them, to SPDX identifiers.

use super::expression::PERMISSIVE;

/// SPDX identifiers of licences that are not permissive, in their official spelling.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "AGPL-1.0-only", "AGPL-1.0-or-later", "AGPL-3.0-only", "AGPL-3.0-or-later", "APSL-2.0", "Artistic-1.0",
    "Artistic-1.0-Perl", "BSD-Protection", "BUSL-1.1", "CC-BY-NC-3.0", "CC-BY-NC-4.0", "CC-BY-NC-ND-3.0",
    "CC-BY-NC-ND-4.0", "CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-3.0", "CC-BY-ND-4.0",
    "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CDDL-1.0", "CDDL-1.1", "CECILL-2.0", "CECILL-2.1", "CECILL-C",
    "CPAL-1.0", "CPL-1.0", "Elastic-2.0", "EPL-1.0", "EPL-2.0", "EUPL-1.1", "EUPL-1.2", "GFDL-1.1-only",
    "GFDL-1.2-only", "GFDL-1.3-only", "GFDL-1.1-or-later", "GFDL-1.2-or-later", "GFDL-1.3-or-later",
    "GPL-1.0-only", "GPL-1.0-or-later", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only",
    "GPL-3.0-or-later", "IPL-1.0", "JSON", "LGPL-2.0-only", "LGPL-2.0-or-later", "LGPL-2.1-only",
    "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "LPL-1.02", "LPPL-1.0", "LPPL-1.1",
    "LPPL-1.2", "LPPL-1.3a", "LPPL-1.3c", "MPL-1.0", "MPL-1.1", "MPL-2.0",
    "MPL-2.0-no-copyleft-exception", "MS-RL", "NASA-1.3", "NPL-1.1", "ODbL-1.0", "OFL-1.1", "OSL-3.0",
    "QPL-1.0", "RPL-1.5", "Ruby", "SISSL", "SSPL-1.0", "Sleepycat", "Vim", "Watcom-1.0", "W3C-19980720",
];

/// Other names, squeezed as [`squeeze`] does it, beside those that follow a rule.
#[rustfmt::skip]
const NAMES: &[(&str, &str)] = &[
    ("2clausebsd", "BSD-2-Clause"), ("3clausebsd", "BSD-3-Clause"), ("4clausebsd", "BSD-4-Clause"),
    ("academicfree3.0", "AFL-3.0"), ("apache", "Apache-2.0"), ("apache2", "Apache-2.0"),
    ("apachev2", "Apache-2.0"), ("apachev2.0", "Apache-2.0"), ("apachesoftware", "Apache-2.0"),
    ("apachesoftware2.0", "Apache-2.0"), ("apl2.0", "Apache-2.0"), ("artistic2", "Artistic-2.0"),
    ("asl2", "Apache-2.0"), ("asl2.0", "Apache-2.0"), ("berkeleysoftwaredistribution", "BSD-3-Clause"),
    ("boost", "BSL-1.0"), ("boost1.0", "BSL-1.0"), ("boostsoftware", "BSL-1.0"),
    ("boostsoftware1.0", "BSL-1.0"),
    // A bare BSD is nearly always the text of three clauses, and permissive in every form.
    ("bsd", "BSD-3-Clause"), ("bsd2", "BSD-2-Clause"), ("bsd2clause", "BSD-2-Clause"),
    ("bsd3", "BSD-3-Clause"), ("bsd3clause", "BSD-3-Clause"), ("bsd4", "BSD-4-Clause"),
    ("bsd4clause", "BSD-4-Clause"), ("bsdnew", "BSD-3-Clause"), ("bsdsimplified", "BSD-2-Clause"),
    ("cc0", "CC0-1.0"), ("ccby", "CC-BY-4.0"), ("ccbysa", "CC-BY-SA-4.0"), ("cc0publicdomain", "CC0-1.0"),
    ("cecill", "CECILL-2.1"), ("cecillb", "CECILL-B"), ("cecillc", "CECILL-C"), ("eclipse", "EPL-1.0"),
    ("eclipsepublic", "EPL-1.0"), ("eclipsepublic1.0", "EPL-1.0"), ("eclipsepublic2.0", "EPL-2.0"),
    ("epl", "EPL-1.0"), ("expat", "MIT"), ("freebsd", "BSD-2-Clause"), ("iscl", "ISC"),
    ("latexprojectpublic", "LPPL-1.3c"), ("lppl", "LPPL-1.3c"), ("lppl1.3", "LPPL-1.3c"),
    ("mitexpat", "MIT"), ("mitx11", "MIT"), ("mozilla2.0", "MPL-2.0"), ("mozillapublic", "MPL-2.0"),
    ("mozillapublic1.1", "MPL-1.1"), ("mozillapublic2.0", "MPL-2.0"), ("mpl", "MPL-2.0"),
    ("mpl2", "MPL-2.0"), ("mplv2", "MPL-2.0"), ("mplv2.0", "MPL-2.0"), ("modifiedbsd", "BSD-3-Clause"),
    ("newbsd", "BSD-3-Clause"), ("psf", "PSF-2.0"), ("publicdomain", "LicenseRef-Public-Domain"),
    ("python", "Python-2.0"), ("pythonsoftwarefoundation", "PSF-2.0"),
    ("revisedbsd", "BSD-3-Clause"), ("simplifiedbsd", "BSD-2-Clause"), ("unlicence", "Unlicense"),
    ("zliblibpng", "Zlib"), ("zopepublic", "ZPL-2.1"),
];

/// The SPDX identifier that `name` stands for, if it is a known licence.
pub(super) fn id_of(name: &str) -> Option<String> {
    const MAX_NAME_BYTES: usize = 100;
    if name.len() > MAX_NAME_BYTES {
        return None;
    }
    let name = name.trim();
    let exact = PERMISSIVE
        .iter()
        .chain(OTHERS)
        .find(|id| id.eq_ignore_ascii_case(name));
    if let Some(id) = exact {
        return Some((*id).to_owned());
    }
    let squeezed = squeeze(name);
    gnu(name, &squeezed)
        .or_else(|| creative_commons(&squeezed))
        .or_else(|| {
            let is_same = |id: &&&str| squeeze(id) == squeezed;
            let of_ids = || PERMISSIVE.iter().chain(OTHERS).find(is_same).copied();
            let of_names = NAMES
                .iter()
                .find(|(known, _)| *known == squeezed)
                .map(|(_, id)| *id);
            of_names
                .or_else(of_ids)
                .filter(|_| !squeezed.is_empty())
                .map(str::to_owned)
        })
}

/// Letters, digits, and points between digits, in lower case, without words that say nothing.
fn squeeze(name: &str) -> String {
    const IDLE: [&str; 10] = [
        "the", "a", "an", "license", "licence", "licensed", "version", "v", "ver", "clauses",
    ];
    let is_separator = |c: char| !(c.is_ascii_alphanumeric() || c == '.');
    let lower = name.to_ascii_lowercase();
    let words = lower.split(is_separator).map(|word| word.trim_matches('.'));
    words.filter(|word| !IDLE.contains(word)).collect()
}

/// `GPLv2`, `GPL (>= 2)`, `LGPL-2.1+`, `GNU Affero General Public License v3 or later`.
fn gnu(name: &str, squeezed: &str) -> Option<String> {
    const FAMILIES: [(&str, &str, &str); 12] = [
        ("gnuaffero", "AGPL", "1.0"),
        ("affero", "AGPL", "1.0"),
        ("gnulesser", "LGPL", "2.0"),
        ("gnulibrary", "LGPL", "2.0"),
        ("gnufreedocumentation", "GFDL", "1.1"),
        ("gnugeneralpublic", "GPL", "1.0"),
        ("gnuagpl", "AGPL", "1.0"),
        ("gnulgpl", "LGPL", "2.0"),
        ("gnugpl", "GPL", "1.0"),
        ("agpl", "AGPL", "1.0"),
        ("lgpl", "LGPL", "2.0"),
        ("gpl", "GPL", "1.0"),
    ];
    let (rest, family, oldest) = FAMILIES.iter().find_map(|(prefix, family, oldest)| {
        Some((squeezed.strip_prefix(prefix)?, *family, *oldest))
    })?;
    let rest = rest.strip_prefix("generalpublic").unwrap_or(rest);
    let rest = rest.strip_prefix('v').unwrap_or(rest);
    let n_version = rest
        .bytes()
        .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
        .count();
    let (version, tail) = rest.split_at(n_version);
    let tails = ["orlater", "oranylater", "oratyouroptionanylater", "ornewer"];
    let is_later = name.ends_with('+') || name.contains(">=") || tails.contains(&tail);
    if !matches!(tail, "" | "only") && !tails.contains(&tail) {
        return None;
    }
    // No version means any that was ever published.
    if version.is_empty() {
        return Some(format!("{family}-{oldest}-or-later"));
    }
    gnu_id(family, version, is_later)
}

/// The identifier of a licence of the GNU project; `None` for a version that there is not.
pub(super) fn gnu_id(family: &str, version: &str, is_later: bool) -> Option<String> {
    let version = if version.contains('.') {
        version.to_owned()
    } else {
        format!("{version}.0")
    };
    let suffix = if is_later { "or-later" } else { "only" };
    let id = format!("{family}-{version}-{suffix}");
    OTHERS.contains(&id.as_str()).then_some(id)
}

/// `CC BY-SA 4.0`, `Creative Commons Attribution 4.0 International`.
fn creative_commons(squeezed: &str) -> Option<String> {
    let rest = squeezed
        .strip_prefix("creativecommons")
        .or_else(|| squeezed.strip_prefix("cc"))?;
    let mut rest = rest
        .strip_prefix("attribution")
        .or_else(|| rest.strip_prefix("by"))?;
    let mut id = "CC-BY".to_owned();
    for (words, part) in [
        (&["noncommercial", "nc"][..], "-NC"),
        (&["noderivatives", "noderivs", "nd"], "-ND"),
        (&["sharealike", "sa"], "-SA"),
    ] {
        if let Some(tail) = words.iter().find_map(|word| rest.strip_prefix(word)) {
            id.push_str(part);
            rest = tail;
        }
    }
    let n_version = rest
        .bytes()
        .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
        .count();
    let version = rest[..n_version].trim_end_matches('.');
    let is_version = version.len() == 3 && version.as_bytes()[1] == b'.';
    is_version.then(|| format!("{id}-{version}"))
}
