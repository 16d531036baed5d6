//! The text of a page without formulas and code.

/// Removes `$...$`, `$$...$$`, fenced code and code spans from Markdown as this crate writes it.
///
/// Each leaves one space; `\$` becomes `$`. Linear in the text.
pub(crate) fn prose_of(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut fence: Option<usize> = None;
    let mut rest = markdown;
    while !rest.is_empty() {
        // `rest` is at the start of a line
        let line_end = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |at| at + 1);
        let line = &rest[..line_end];
        let marks = line.trim_start_matches([' ', '>']);
        let n_ticks = marks.bytes().take_while(|byte| *byte == b'`').count();
        if let Some(n_open) = fence {
            if n_ticks >= n_open && marks[n_ticks..].trim().is_empty() {
                fence = None;
            }
            rest = &rest[line_end..];
            continue;
        }
        if n_ticks >= 3 && !marks[n_ticks..].contains('`') {
            fence = Some(n_ticks);
            out.push('\n');
            rest = &rest[line_end..];
            continue;
        }
        let used = prose_line(rest, line_end, &mut out);
        rest = &rest[used..];
    }
    out
}

/// Copies up to the end of the line, or of the formula or code span that crosses it; returns how
/// many bytes were read.
fn prose_line(text: &str, line_end: usize, out: &mut String) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < line_end {
        let Some(n) = memchr::memchr3(b'$', b'`', b'\\', &bytes[at..line_end]) else {
            break;
        };
        out.push_str(&text[at..at + n]);
        at += n;
        match bytes[at] {
            b'\\' if bytes.get(at + 1) == Some(&b'$') => {
                out.push('$');
                at += 2;
            }
            b'\\' => {
                out.push('\\');
                at += 1;
            }
            mark => {
                let n_marks = bytes[at..].iter().take_while(|byte| **byte == mark).count();
                let n_marks = if mark == b'$' {
                    n_marks.min(2)
                } else {
                    n_marks
                };
                let from = at + n_marks;
                let close = find_close(&bytes[from..], mark, n_marks);
                out.push(' ');
                at = close.map_or(from, |n| from + n + n_marks);
            }
        }
    }
    if at < line_end {
        out.push_str(&text[at..line_end]);
        at = line_end;
    }
    at
}

/// Where `n_marks` of `mark` end what began before `bytes`; dollars inside braces do not.
fn find_close(bytes: &[u8], mark: u8, n_marks: usize) -> Option<usize> {
    let mut at = 0;
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(at) {
        match *byte {
            b'\\' if mark == b'$' => at += 1,
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b'\n' if bytes.get(at + 1) == Some(&b'\n') => return None,
            byte if byte == mark && (mark == b'`' || depth == 0) => {
                let n_here = bytes[at..].iter().take_while(|byte| **byte == mark).count();
                if n_here >= n_marks {
                    return Some(at);
                }
                at += n_here - 1;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose() {
        for (markdown, expected) in [
            ("Let $x$ be $$\\text{if $a$}$$ so.", "Let   be   so."),
            ("cost \\$5 and `a $b` more", "cost $5 and   more"),
            ("a\n\n```python\nx = $1\n```\n\nb", "a\n\n\n\nb"),
            ("$$\na\n+b\n$$\nend", " \nend"),
            ("open $x", "open  x"),
            ("> ````\n> ```\n> ````\nz", "\nz"),
        ] {
            assert_eq!(prose_of(markdown), expected, "for {markdown:?}");
        }
    }
}
