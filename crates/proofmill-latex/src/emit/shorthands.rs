//! Text mode: what `"` and the characters behind it stand for in some languages of babel.

use std::borrow::Cow;
use std::sync::LazyLock;

/// The shorthands of some languages: characters behind the `"`, and what they stand for.
pub(super) struct Shorthands {
    languages: Vec<&'static str>,
    /// Longer keys first.
    pairs: Vec<(&'static str, &'static str)>,
}

static FAMILIES: LazyLock<Vec<Shorthands>> = LazyLock::new(|| {
    let lines = include_str!("../../data/shorthands.txt").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (languages, pairs) = line.split_once(" | ")?;
            let words: Vec<&str> = pairs.split_ascii_whitespace().collect();
            let mut pairs: Vec<(&str, &str)> = words
                .chunks_exact(2)
                .map(|pair| (pair[0], if pair[1] == "." { "" } else { pair[1] }))
                .collect();
            pairs.sort_by_key(|(key, _)| std::cmp::Reverse(key.len()));
            Some(Shorthands {
                languages: languages.split_ascii_whitespace().collect(),
                pairs,
            })
        })
        .collect()
});

/// The shorthands of a language; `None` for most.
pub(super) fn shorthands(language: &str) -> Option<&'static Shorthands> {
    FAMILIES
        .iter()
        .find(|family| family.languages.contains(&language))
}

impl Shorthands {
    /// `text` with its shorthands written out.
    pub(super) fn write_out<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !text.contains('"') {
            return Cow::Borrowed(text);
        }
        let mut written = String::with_capacity(text.len());
        let mut parts = text.split('"');
        written.push_str(parts.next().unwrap_or_default());
        let mut used = false; // the `"` was the second of a shorthand
        for part in parts {
            if std::mem::take(&mut used) {
                written.push_str(part);
                continue;
            }
            let found = self
                .pairs
                .iter()
                .find(|(key, _)| !part.is_empty() && part.starts_with(key));
            match found {
                Some((key, stands_for)) => {
                    written.push_str(stands_for);
                    written.push_str(&part[key.len()..]);
                }
                // `""`: the next part belongs to it.
                None if part.is_empty() => used = true,
                None => {
                    written.push('"');
                    written.push_str(part);
                }
            }
        }
        if used {
            written.push('"');
        }
        Cow::Owned(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_out() {
        let german = shorthands("ngerman").unwrap();
        assert_eq!(german.write_out("\"Uber Stra\"se"), "Über Straße");
        assert_eq!(german.write_out("a\"\"b \"-c \"=d \"x\""), "ab c -d \"x\"");
        assert_eq!(german.write_out("Dru\"cker"), "Drucker");
        assert!(shorthands("english").is_none());
    }
}
