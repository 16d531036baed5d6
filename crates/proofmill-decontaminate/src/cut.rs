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
            let end = hit.end_byte.clamp(start, bytes.len());
            let line_start = bytes[..start]
                .iter()
                .rposition(|&byte| byte == b'\n')
                .map_or(0, |at| at + 1);
            let line_end = bytes[end..]
                .iter()
                .position(|&byte| byte == b'\n')
                .map_or(bytes.len(), |at| end + at + 1);
            (line_start, line_end)
        })
        .collect();
    spans.sort_unstable();
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end) in spans {
        if start > at {
            push_part(&mut kept, text, at, start);
        }
        at = at.max(end);
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

    proptest! {
        #[test]
        fn any_hits_are_fine(text: String, hits in prop::collection::vec((0_usize..60, 0_usize..60), 0..5)) {
            let hits: Vec<Hit<'_>> = hits.into_iter().map(|(start, end)| hit(start, end)).collect();
            prop_assert!(cut(&text, &hits).len() <= text.len());
        }
    }
}
