//! Removes hits from a text.

use crate::Hit;

/// `text` without the lines that `hits` touch.
///
/// Whole lines go, so that no half formula and no unpaired delimiter stays behind. Of blank lines on
/// both sides of a cut those before it stay. Hits may come in any order; hits outside the text are
/// taken as far as they reach into it.
#[must_use]
pub fn cut(text: &str, hits: &[Hit<'_>]) -> String {
    let bytes = text.as_bytes();
    let mut spans: Vec<(usize, usize)> = hits
        .iter()
        .map(|hit| {
            let start = hit.start_byte.min(bytes.len());
            (start, hit.end_byte.clamp(start, bytes.len()))
        })
        .collect();
    spans.sort_unstable();
    let mut kept = String::with_capacity(text.len());
    // Everything before `at`, a line start, is kept or cut already, so each byte is looked at once.
    let mut at = 0;
    for (start, end) in spans {
        if end < at {
            continue;
        }
        let before = bytes.get(at..start).unwrap_or_default();
        let line_start = before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(at, |found| at + found + 1);
        let rest = end.max(at);
        let line_end = bytes[rest..]
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(bytes.len(), |found| rest + found + 1);
        push_part(&mut kept, text, at, line_start);
        at = line_end;
    }
    push_part(&mut kept, text, at, text.len());
    kept
}

/// Adds `text[start..end]`, both at line starts, without doubling a blank line at the seam.
fn push_part(kept: &mut String, text: &str, start: usize, end: usize) {
    let part = text.get(start..end).unwrap_or_default();
    let is_seam_blank = start > 0 && (kept.is_empty() || kept.ends_with("\n\n"));
    kept.push_str(if is_seam_blank {
        part.trim_start_matches('\n')
    } else {
        part
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hit(start_byte: usize, end_byte: usize) -> Hit<'static> {
        Hit {
            benchmark: "b",
            item: "i",
            field: "f",
            start_byte,
            end_byte,
            n_words: 1,
        }
    }

    #[test]
    fn whole_lines_go() {
        let text = "one\n\ntwo $x$ two\n\nthree\nfour";
        assert_eq!(cut(text, &[]), text);
        assert_eq!(cut(text, &[hit(9, 12)]), "one\n\nthree\nfour");
        assert_eq!(
            cut(text, &[hit(25, 26), hit(0, 1)]),
            "two $x$ two\n\nthree\n"
        );
        assert_eq!(cut(text, &[hit(0, 999)]), "");
    }

    /// The definition: a line goes if a hit touches it, its line end included.
    fn plain(text: &str, hits: &[Hit<'_>]) -> Vec<String> {
        let mut start = 0;
        let mut lines = Vec::new();
        for line in text.split_inclusive('\n') {
            let end = start + line.len();
            let is_touched = hits
                .iter()
                .any(|hit| hit.start_byte < end && hit.end_byte.max(hit.start_byte) >= start);
            if !is_touched && line != "\n" {
                lines.push(line.trim_end_matches('\n').to_owned());
            }
            start = end;
        }
        lines
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(
            text in "([a-z ]{0,5}\n){0,12}[a-z]{0,3}",
            hits in prop::collection::vec((0_usize..40, 1_usize..9), 0..6),
        ) {
            let hits: Vec<Hit<'_>> = hits.into_iter().map(|(start, n)| hit(start, start + n)).filter(|hit| hit.end_byte <= text.len()).collect();
            let found = cut(&text, &hits);
            let found: Vec<&str> = found.split('\n').filter(|line| !line.is_empty()).collect();
            prop_assert_eq!(found, plain(&text, &hits));
        }

        #[test]
        fn any_hits_are_fine(text: String, hits in prop::collection::vec((0_usize..60, 0_usize..60), 0..5)) {
            let hits: Vec<Hit<'_>> = hits.into_iter().map(|(start, end)| hit(start, end)).collect();
            prop_assert!(cut(&text, &hits).len() <= text.len());
        }
    }
}
