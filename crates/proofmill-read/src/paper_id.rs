//! arXiv ids in file names.

/// What a file name says about a paper.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PaperId {
    /// Id without version (`1706.00011`, `math/0401001`), or the bare name.
    pub family: String,
    /// Version from 1, if the name has one.
    pub version: Option<u32>,
    /// Whether the name has the form of an arXiv id.
    pub is_arxiv: bool,
}

impl PaperId {
    /// The id with its version, as people write it.
    pub(crate) fn origin(&self) -> String {
        match self.version {
            Some(version) => format!("{}v{version}", self.family),
            None => self.family.clone(),
        }
    }
}

/// Endings of archive and document names, longest first.
const ENDINGS: [&str; 15] = [
    ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tex.gz", ".html", ".tgz", ".tar", ".zst",
    ".pdf", ".tex", ".bz2", ".gz", ".ps", ".xz",
];

/// Reads the last part of `path`, a file or folder name; `None` if nothing is left of it.
///
/// A subject class (`math.AG/0401001`) is no part of the id; arXiv itself treats it as an alias.
pub(crate) fn of_name(path: &str) -> Option<PaperId> {
    let mut parts = path.trim_end_matches('/').rsplit('/');
    let name = parts.next().unwrap_or_default();
    let folder = parts.next().unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    let ending = ENDINGS
        .iter()
        .find(|ending| lower.ends_with(*ending))
        .map_or(0, |end| end.len());
    let stem = name.get(..name.len() - ending).unwrap_or(name);
    if stem.is_empty() {
        return None;
    }
    let (bare, version) = split_version(stem);
    if is_new_style(bare) {
        return Some(PaperId {
            family: bare.to_owned(),
            version,
            is_arxiv: true,
        });
    }
    let digits_from = bare
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(bare.len());
    let (archive, number) = bare.split_at(digits_from);
    let archive = if archive.is_empty() { folder } else { archive };
    if let Some(archive) = archive_name(archive)
        && is_digits(number, 7)
    {
        return Some(PaperId {
            family: format!("{archive}/{number}"),
            version,
            is_arxiv: true,
        });
    }
    Some(PaperId {
        family: stem.to_owned(),
        version: None,
        is_arxiv: false,
    })
}

/// The id of a file whose name says nothing.
pub(crate) fn plain(name: &str) -> PaperId {
    PaperId {
        family: name.to_owned(),
        version: None,
        is_arxiv: false,
    }
}

/// `x` and `2` of `xv2`; the whole and `None` without a version.
fn split_version(stem: &str) -> (&str, Option<u32>) {
    if let Some((bare, digits)) = stem.rsplit_once('v')
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(version) = digits.parse::<u32>()
        && version > 0
    {
        return (bare, Some(version));
    }
    (stem, None)
}

fn is_new_style(bare: &str) -> bool {
    bare.split_once('.').is_some_and(|(month, number)| {
        is_digits(month, 4) && (is_digits(number, 4) || is_digits(number, 5))
    })
}

/// `math` of `math`, `math.AG` and `math-`; `None` if the letters can be no archive.
fn archive_name(text: &str) -> Option<&str> {
    let archive = text
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end_matches(['-', '_']);
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    (archive.len() >= 2 && archive.len() <= 12 && archive.bytes().all(is_letter)).then_some(archive)
}

fn is_digits(text: &str, n_digits: usize) -> bool {
    text.len() == n_digits && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, family: &str, version: Option<u32>, is_arxiv: bool) {
        let expected = PaperId {
            family: family.to_owned(),
            version,
            is_arxiv,
        };
        assert_eq!(of_name(name), Some(expected), "for {name:?}");
    }

    #[test]
    fn names() {
        check("1706/1706.00011.gz", "1706.00011", None, true);
        check("1706.00011v2", "1706.00011", Some(2), true);
        check("0704.0001v12.tar.gz", "0704.0001", Some(12), true);
        check("0401/math0401001.gz", "math/0401001", None, true);
        check("hep-th9901001v3.gz", "hep-th/9901001", Some(3), true);
        check("math.AG0401001.pdf", "math/0401001", None, true);
        check("math/0401001.gz", "math/0401001", None, true);
        check("math/0401001v1/", "math/0401001", Some(1), true);
        check("paper.tex", "paper", None, false);
        check("largev2.tex", "largev2", None, false);
        check("2004/notes_v3.gz", "notes_v3", None, false);
        check("1706.00011v0.gz", "1706.00011v0", None, false);
        assert_eq!(of_name(".gz"), None);
        assert_eq!(of_name(""), None);
    }
}
