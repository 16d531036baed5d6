//! Checks the calculator spans of worked solutions: `<<48/2=24>>` must hold.
//!
//! Exact rational arithmetic over `+ - * / ( )`, decimals and per cent. A span that is no plain
//! arithmetic (units, powers, unknowns), or too large for 128 bits, is not judged. A result may be
//! rounded to the decimals it states, or cut off there.
//!
//! # Source
//! Calculator annotations: Cobbe et al. 2021, arXiv:2110.14168. The rejection: Yuan et al. 2023,
//! arXiv:2308.01825, which allows a difference of 0.001.

/// Longest expression that is judged, and deepest nesting of parentheses.
const MAX_BYTES: usize = 200;
const MAX_DEPTH: usize = 20;

/// The first span of `text` whose two sides differ, without its brackets.
pub(crate) fn wrong_span(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("<<") {
        let (span, next) = after.split_once(">>")?;
        if holds(span) == Some(false) {
            return Some(span);
        }
        rest = next;
    }
    None
}

/// The calculator spans of `text` in their order, without blanks; without any, the equations of its prose.
pub(crate) fn equations(text: &str) -> Vec<String> {
    let spans: Vec<String> = text
        .split("<<")
        .skip(1)
        .filter_map(|part| part.split_once(">>"))
        .map(|(span, _)| span.chars().filter(|c| !c.is_whitespace()).collect())
        .collect();
    if spans.is_empty() {
        plain_equations(text)
            .map(|(left, right)| format!("{left}={right}"))
            .collect()
    } else {
        spans
    }
}

/// Equations between numbers in prose, such as `48/2 = 24`, and how many of them do not hold.
pub(crate) fn count_equations(text: &str) -> (usize, usize) {
    let mut counts = (0, 0);
    for (left, right) in plain_equations(text) {
        if let Some(is_right) = holds(&format!("{left}={right}")) {
            counts.0 += 1;
            counts.1 += usize::from(!is_right);
        }
    }
    counts
}

/// Both sides of the equations in `text` that have arithmetic on the left and one number on the right.
///
/// Careful rather than complete: an expression that touches a letter, an unknown sign or another
/// equation is passed over, so what is found wrong is wrong.
fn plain_equations(text: &str) -> impl Iterator<Item = (String, String)> {
    let of_expression = |c: char| c.is_ascii_digit() || " .,+-*/x×÷()$%".contains(c);
    text.lines().flat_map(move |line| {
        line.match_indices('=').filter_map(move |(at, _)| {
            let before = &line[..at];
            let start = before.rfind(|c| !of_expression(c)).map_or(0, |found| {
                found + before[found..].chars().next().map_or(1, char::len_utf8)
            });
            // An expression that hangs on a word (`x3`, `a(2)`), a formula or another equation is not whole.
            let is_cut = before[..start]
                .chars()
                .next_back()
                .is_some_and(|c| !(c.is_alphabetic() || ":;!?\"'’”".contains(c)))
                || (before[..start].ends_with(char::is_alphanumeric)
                    && !before[start..].starts_with(' '));
            let left = before[start..].trim().trim_matches([',', '.']).trim();
            let after = &line[at + 1..];
            let end = after.find(|c| !of_expression(c)).unwrap_or(after.len());
            let tail = after[end..].chars().next();
            let right = after[..end].trim().trim_end_matches(['.', ',', '(', ' ']);
            let is_number = right
                .trim_start_matches(['$', '-'])
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b".,".contains(&byte))
                && right.bytes().any(|byte| byte.is_ascii_digit());
            let has_operation = left.contains(['+', '-', '*', '/', 'x', '×', '÷']);
            // `= 3/4`, `= 2x`, `= 1.5 million`: the number goes on. A percentage may be of anything.
            let after_number = &after[end..];
            let goes_on = tail.is_some_and(|c| "=^_\\{".contains(c))
                || ["million", "R ", "remainder"]
                    .iter()
                    .any(|word| after_number.starts_with(word))
                || after[..end].contains('%')
                || left.contains('%');
            let begins_well = left.starts_with(|c: char| c.is_ascii_digit() || "($.".contains(c));
            let is_dated = left.contains([','])
                && left.contains(' ')
                && left
                    .split(',')
                    .any(|part| part.ends_with(char::is_whitespace) || part.starts_with(' '));
            if is_cut || !is_number || !has_operation || goes_on || !begins_well || is_dated {
                return None;
            }
            let left: String = left
                .chars()
                .filter(|c| *c != ' ')
                .map(|c| match c {
                    'x' | '×' => '*',
                    '÷' => '/',
                    c => c,
                })
                .collect();
            Some((left, right.to_owned()))
        })
    })
}

/// Whether two numbers or expressions have the same value; `None` if one is no plain arithmetic.
pub(crate) fn have_equal_values(left: &str, right: &str) -> Option<bool> {
    Some(evaluate(left)? == evaluate(right)?)
}

/// Whether `left=right` holds; `None` if it is not plain arithmetic.
fn holds(span: &str) -> Option<bool> {
    let (left, right) = span.rsplit_once('=')?;
    let (left_value, right_value) = (evaluate(left)?, evaluate(right)?);
    let difference = left_value.minus(right_value)?;
    let step = Rational::new(1, 10_i128.checked_pow(decimals(right))?)?;
    let is_near = difference.is_within(Rational::new(1, 1000)?)?;
    let is_rounded =
        decimals(right) > 0 && difference.is_within(step.over(Rational::new(2, 1)?)?)?;
    let is_cut_off = decimals(right) > 0
        && difference.is_within(step)?
        && difference.numerator.signum() == left_value.numerator.signum();
    Some(is_near || is_rounded || is_cut_off)
}

/// Digits after the point of a number.
fn decimals(number: &str) -> u32 {
    let digits = number.trim().rsplit_once('.').map_or(0, |(_, digits)| {
        digits.bytes().filter(u8::is_ascii_digit).count()
    });
    u32::try_from(digits).unwrap_or(u32::MAX)
}

/// Value of an arithmetic expression.
fn evaluate(text: &str) -> Option<Rational> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let cleaned: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | ',' | '$'))
        .collect();
    let mut parser = Parser {
        bytes: cleaned.as_bytes(),
        at: 0,
    };
    let value = parser.sum(0)?;
    (parser.at == parser.bytes.len()).then_some(value)
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn sum(&mut self, depth: usize) -> Option<Rational> {
        let mut value = self.product(depth)?;
        loop {
            match self.peek() {
                Some(b'+') => {
                    self.at += 1;
                    value = value.plus(self.product(depth)?)?;
                }
                Some(b'-') => {
                    self.at += 1;
                    value = value.minus(self.product(depth)?)?;
                }
                _ => return Some(value),
            }
        }
    }

    fn product(&mut self, depth: usize) -> Option<Rational> {
        let mut value = self.factor(depth)?;
        loop {
            match self.peek() {
                Some(b'*') => {
                    self.at += 1;
                    value = value.times(self.factor(depth)?)?;
                }
                Some(b'/') => {
                    self.at += 1;
                    value = value.over(self.factor(depth)?)?;
                }
                _ => return Some(value),
            }
        }
    }

    fn factor(&mut self, depth: usize) -> Option<Rational> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut value = match self.peek()? {
            b'-' => {
                self.at += 1;
                return Rational::new(0, 1)?.minus(self.factor(depth + 1)?);
            }
            b'(' => {
                self.at += 1;
                let value = self.sum(depth + 1)?;
                if self.peek() != Some(b')') {
                    return None;
                }
                self.at += 1;
                value
            }
            _ => self.number()?,
        };
        while self.peek() == Some(b'%') {
            self.at += 1;
            value = value.over(Rational::new(100, 1)?)?;
        }
        Some(value)
    }

    fn number(&mut self) -> Option<Rational> {
        let (mut numerator, mut denominator, mut n_digits) = (0_i128, 1_i128, 0);
        let mut is_fraction = false;
        while let Some(byte) = self.peek() {
            match byte {
                b'0'..=b'9' => {
                    numerator = numerator
                        .checked_mul(10)?
                        .checked_add(i128::from(byte - b'0'))?;
                    if is_fraction {
                        denominator = denominator.checked_mul(10)?;
                    }
                    n_digits += 1;
                }
                b'.' if !is_fraction => is_fraction = true,
                _ => break,
            }
            self.at += 1;
        }
        (n_digits > 0).then(|| Rational::new(numerator, denominator))?
    }
}

/// A fraction in lowest terms with a positive denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rational {
    numerator: i128,
    denominator: i128,
}

impl Rational {
    fn new(numerator: i128, denominator: i128) -> Option<Self> {
        let divisor = greatest_divisor(numerator, denominator)?;
        if divisor == 0 || denominator == 0 {
            return None;
        }
        let sign = denominator.signum();
        Some(Self {
            numerator: sign.checked_mul(numerator / divisor)?,
            denominator: sign.checked_mul(denominator / divisor)?,
        })
    }

    fn plus(self, other: Self) -> Option<Self> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        Self::new(
            left.checked_add(right)?,
            self.denominator.checked_mul(other.denominator)?,
        )
    }

    fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self {
            numerator: other.numerator.checked_neg()?,
            ..other
        })
    }

    fn times(self, other: Self) -> Option<Self> {
        Self::new(
            self.numerator.checked_mul(other.numerator)?,
            self.denominator.checked_mul(other.denominator)?,
        )
    }

    fn over(self, other: Self) -> Option<Self> {
        self.times(Self::new(other.denominator, other.numerator)?)
    }

    /// Whether the absolute value is at most `bound`.
    fn is_within(self, bound: Self) -> Option<bool> {
        let left = self
            .numerator
            .checked_abs()?
            .checked_mul(bound.denominator)?;
        Some(left <= bound.numerator.checked_mul(self.denominator)?)
    }
}

fn greatest_divisor(left: i128, right: i128) -> Option<i128> {
    let (mut left, mut right) = (left.checked_abs()?, right.checked_abs()?);
    while right != 0 {
        (left, right) = (right, left % right);
    }
    Some(left)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spans() {
        let right = [
            "48/2=24",
            "0.1+0.2=0.3",
            "(2+3)*4=20",
            "20%*50=10",
            "10/3=3.33",
            "1,000*2=2,000",
            "$5*3=$15",
            "-3+5=2",
            "2/3=.67",
            "2/3=.66",
        ];
        for span in right {
            assert_eq!(holds(span), Some(true), "{span}");
        }
        for span in ["15*8=125", "37*4=158", "10/3=3", "1/3=0.4", "7-9=2"] {
            assert_eq!(holds(span), Some(false), "{span}");
        }
        for span in ["x+1=2", "3 apples=3", "1/0=0", "2^3=8", "=5", "5", "(1=1"] {
            assert_eq!(holds(span), None, "{span}");
        }
    }

    #[test]
    fn the_first_wrong_span_is_named() {
        let text = "He has <<2+2=4>>4, then <<4*3=13>>13 and <<1+1=3>>3.";
        assert_eq!(wrong_span(text), Some("4*3=13"));
        assert_eq!(wrong_span("plain << text"), None);
    }

    proptest! {
        #[test]
        fn any_span_is_fine(span in "[-0-9+*/()%.,=x ]{0,60}") {
            let _ = holds(&span);
        }

        #[test]
        fn whole_sums_hold_exactly(a in -1000_i64..1000, b in 1_i64..1000, off in 1_i64..50) {
            let (sum, wrong) = (a + b, a + b + off);
            prop_assert_eq!(holds(&format!("{a}+{b}={sum}")), Some(true));
            prop_assert_eq!(holds(&format!("{a}+{b}={wrong}")), Some(false));
        }
    }
}
