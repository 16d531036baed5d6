//! Final answers of worked solutions, and whether two are the same.

use crate::arithmetic;

/// What stands before a final answer, the most certain first.
const MARKS: [&str; 7] = [
    "####",
    "The final answer is",
    "the final answer is",
    "The answer is",
    "the answer is",
    "Answer:",
    "\nA:",
];

/// The final answer that `text` states; a text without any mark that is one short line is an answer itself.
pub(crate) fn last(text: &str) -> Option<&str> {
    if let Some(boxed) = last_boxed(text) {
        return Some(boxed);
    }
    let found = MARKS
        .iter()
        .find_map(|mark| Some(text.rfind(mark)? + mark.len()));
    let rest = match found {
        Some(at) => text[at..].trim_start_matches([':', ' ', '\n']),
        None if text.trim().len() <= 40 && !text.trim().contains('\n') => text,
        None => return None,
    };
    let answer = rest.lines().next().unwrap_or_default().trim();
    (!answer.is_empty()).then_some(answer)
}

/// What the last `\boxed{...}` holds.
fn last_boxed(text: &str) -> Option<&str> {
    let start = text.rfind("\\boxed{")? + "\\boxed{".len();
    let mut depth = 1_u32;
    for (index, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(text[start..index].trim());
        }
    }
    None
}

/// Whether two final answers are the same: equal numbers, exactly, or the same text without units' signs.
pub(crate) fn are_equal(left: &str, right: &str) -> bool {
    let (left, right) = (bare(left), bare(right));
    left == right || arithmetic::have_equal_values(&left, &right) == Some(true)
}

/// An answer without blanks, dollar signs, degree and per cent signs, a final point and words behind a number.
fn bare(answer: &str) -> String {
    let text = answer
        .replace("\\$", "")
        .replace("\\%", "")
        .replace("\\!", "")
        .replace("\\frac", "frac")
        .replace("\\dfrac", "frac");
    let text = text.trim().trim_matches('$').trim().trim_end_matches('.');
    let number = text.trim_start_matches('$');
    let length = number
        .find(|c: char| !(c.is_ascii_digit() || ".,/-".contains(c)))
        .unwrap_or(number.len());
    let (number, unit) = number.split_at(length);
    let is_unit = unit.starts_with([' ', '%', '°']) || unit.is_empty();
    if number.bytes().any(|byte| byte.is_ascii_digit()) && is_unit {
        return number.replace(',', "").trim_end_matches('.').to_owned();
    }
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks() {
        for (text, answer) in [
            ("Steps.\n#### 24", Some("24")),
            ("So. The answer is: 1,000 eggs.", Some("1,000 eggs.")),
            ("hence $\\boxed{\\frac{1}{2}}$.", Some("\\frac{1}{2}")),
            ("72", Some("72")),
            (
                "A long explanation that never comes to a point, sadly.",
                None,
            ),
            ("#### ", None),
        ] {
            assert_eq!(last(text), answer, "{text}");
        }
    }

    #[test]
    fn equal_answers() {
        for (left, right) in [
            ("24", "24.0"),
            ("$1,000", "1000"),
            ("0.5", "1/2"),
            ("18 eggs", "18"),
            ("\\frac{1}{2}", "\\frac{1}{2}"),
            ("15%", "15"),
        ] {
            assert!(are_equal(left, right), "{left} and {right}");
        }
        for (left, right) in [("24", "25"), ("x+1", "x"), ("-3", "3")] {
            assert!(!are_equal(left, right), "{left} and {right}");
        }
    }
}
