//! Arithmetic exercises by recipe and seed, in the manner of Goat and `MathGLM`.
//!
//! Row `number` of a recipe and a seed is always the same row, so any range can be made again on its own.
//! Every answer is computed exactly and checked by evaluating the exercise as text; a row that failed
//! that would be a defect of this module and is not given out.
//!
//! # Source
//! Goat (Liu and Low 2023, arXiv:2305.14201): sums and differences up to 16 digits, products up to 12 digits split by place
//! value, quotients with remainder. `MathGLM` (Yang et al. 2023, arXiv:2309.03241): expressions in steps.

use std::fmt::Write as _;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::arithmetic;

/// A recipe of exercises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipe {
    /// One operation in words, with the steps of the written method.
    Goat,
    /// An expression with parentheses, solved one operation at a time.
    MathGlm,
}

impl Recipe {
    /// All recipes.
    pub const ALL: [Self; 2] = [Self::Goat, Self::MathGlm];

    /// Its name in provenance.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Goat => "goat",
            Self::MathGlm => "mathglm",
        }
    }
}

/// One exercise with its solution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exercise {
    /// What is asked.
    pub exercise: String,
    /// Steps and answer.
    pub solution: String,
    /// The answer alone.
    pub answer: String,
}

/// Numbers that depend on seed and row only.
struct Dice {
    seed: u64,
    row: u64,
    n_thrown: u64,
}

impl Dice {
    /// A number below `bound`, which is not 0. The bias is below 2^-40 for the bounds in use.
    fn below(&mut self, bound: u64) -> u64 {
        self.n_thrown += 1;
        let mut input = [0; 16];
        input[..8].copy_from_slice(&self.row.to_le_bytes());
        input[8..].copy_from_slice(&self.n_thrown.to_le_bytes());
        let wide = u128::from(xxh3_64_with_seed(&input, self.seed)) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number of 1 to `max_digits` digits, every length equally often.
    fn number(&mut self, max_digits: u32) -> i128 {
        let n_digits = 1 + u32::try_from(self.below(u64::from(max_digits))).unwrap_or(0);
        let low = if n_digits == 1 {
            0
        } else {
            10_u64.pow(n_digits - 1)
        };
        i128::from(low + self.below(10_u64.pow(n_digits) - low))
    }
}

/// Row `number` of `recipe` with `seed`.
#[must_use]
pub fn exercise(recipe: Recipe, seed: u64, number: u64) -> Exercise {
    let mut dice = Dice {
        seed,
        row: number,
        n_thrown: 0,
    };
    match recipe {
        Recipe::Goat => goat(&mut dice),
        Recipe::MathGlm => math_glm(&mut dice),
    }
}

/// The exercise as an expression, its value, and the steps in between.
fn goat(dice: &mut Dice) -> Exercise {
    let operation = dice.below(4);
    let (expression, words, steps, answer) = match operation {
        0 => {
            let (a, b) = (dice.number(16), dice.number(16));
            (
                format!("{a} + {b}"),
                format!("the sum of {a} and {b}"),
                Vec::new(),
                (a + b).to_string(),
            )
        }
        1 => {
            let (a, b) = (dice.number(16), dice.number(16));
            (
                format!("{a} - {b}"),
                format!("{a} minus {b}"),
                Vec::new(),
                (a - b).to_string(),
            )
        }
        2 => {
            let (a, b) = (dice.number(6), dice.number(6));
            (
                format!("{a} * {b}"),
                format!("the product of {a} and {b}"),
                long_product(a, b),
                (a * b).to_string(),
            )
        }
        _ => {
            let (a, b) = (dice.number(12), dice.number(6).max(1));
            let (quotient, remainder) = (a / b, a % b);
            let answer = if remainder == 0 {
                quotient.to_string()
            } else {
                format!("{quotient} R {remainder}")
            };
            let check = format!("{b} * {quotient} + {remainder} = {a}");
            (
                format!("{a} / {b}"),
                format!("{a} divided by {b}"),
                vec![check],
                answer,
            )
        }
    };
    let exercise = match dice.below(4) {
        0 => format!("Compute {expression}."),
        1 => format!("What is {words}?"),
        2 => format!("{expression} = ?"),
        _ => format!("Find {words}."),
    };
    let mut solution = steps.join("\n");
    if !solution.is_empty() {
        solution.push('\n');
    }
    let _ = write!(solution, "{expression} = {answer}");
    Exercise {
        exercise,
        solution,
        answer,
    }
}

/// A product as the sum of the products with each place of `b`.
fn long_product(a: i128, b: i128) -> Vec<String> {
    let digits = b.to_string();
    let n_digits = digits.len();
    let places: Vec<i128> = digits
        .bytes()
        .zip((0..n_digits).rev())
        .map(|(digit, place)| {
            i128::from(digit - b'0') * 10_i128.pow(u32::try_from(place).unwrap_or(0))
        })
        .filter(|part| *part != 0)
        .collect();
    if places.len() < 2 {
        return Vec::new();
    }
    let join = |parts: Vec<String>| parts.join(" + ");
    let split = join(places.iter().map(ToString::to_string).collect());
    let products = join(places.iter().map(|part| format!("{a} * {part}")).collect());
    let values: Vec<i128> = places.iter().map(|part| a * part).collect();
    let mut steps = vec![
        format!("{a} * {b} = {a} * ({split})"),
        format!("= {products}"),
        format!(
            "= {}",
            join(values.iter().map(ToString::to_string).collect())
        ),
    ];
    // The terms are added one by one, as by hand.
    let mut sum = values[0];
    for (index, value) in values.iter().enumerate().skip(1) {
        sum += value;
        let rest: Vec<String> = std::iter::once(sum)
            .chain(values[index + 1..].iter().copied())
            .map(|n| n.to_string())
            .collect();
        steps.push(format!("= {}", join(rest)));
    }
    steps
}

/// One operand of an expression, or an operation on two.
enum Expression {
    Number(i128),
    Operation(Box<Expression>, char, Box<Expression>),
}

fn math_glm(dice: &mut Dice) -> Exercise {
    let n_operations = 2 + dice.below(5);
    let mut expression = grow(dice, n_operations);
    let first = expression.to_text();
    let mut chain = vec![first.clone()];
    while step(&mut expression) {
        chain.push(expression.to_text());
    }
    let answer = expression.to_text();
    Exercise {
        exercise: format!("{first} = ?"),
        solution: chain.join("\n= "),
        answer,
    }
}

/// A random expression with whole values throughout.
fn grow(dice: &mut Dice, n_operations: u64) -> Expression {
    if n_operations == 0 {
        return Expression::Number(dice.number(4));
    }
    let n_left = dice.below(n_operations);
    let left = grow(dice, n_left);
    let right = grow(dice, n_operations - 1 - n_left);
    let (left_value, right_value) = (left.value(), right.value());
    let sign = match dice.below(4) {
        1 => '-',
        // Products stay below 10^15, quotients whole.
        2 if left_value.abs() < 1_000_000 && right_value.abs() < 1_000_000 => '*',
        3 if right_value != 0 && left_value % right_value == 0 => '/',
        _ => '+',
    };
    Expression::Operation(Box::new(left), sign, Box::new(right))
}

impl Expression {
    fn value(&self) -> i128 {
        match self {
            Self::Number(value) => *value,
            Self::Operation(left, sign, right) => {
                let (left, right) = (left.value(), right.value());
                match sign {
                    '+' => left + right,
                    '-' => left - right,
                    '*' => left * right,
                    _ => left / right, // whole and not by 0, see `grow`
                }
            }
        }
    }

    fn precedence(&self) -> u8 {
        match self {
            Self::Number(value) if *value < 0 => 0,
            Self::Number(_) => 3,
            Self::Operation(_, '+' | '-', _) => 1,
            Self::Operation(..) => 2,
        }
    }

    fn to_text(&self) -> String {
        match self {
            Self::Number(value) => value.to_string(),
            Self::Operation(left, sign, right) => {
                let own = self.precedence();
                let put = |part: &Self, is_right: bool| {
                    let needs = part.precedence() < own || (is_right && part.precedence() == own);
                    if needs {
                        format!("({})", part.to_text())
                    } else {
                        part.to_text()
                    }
                };
                format!("{} {sign} {}", put(left, false), put(right, true))
            }
        }
    }
}

/// Carries out the leftmost operation on two numbers; false if there is none.
fn step(expression: &mut Expression) -> bool {
    let Expression::Operation(left, _, right) = expression else {
        return false;
    };
    if step(left) || step(right) {
        return true;
    }
    *expression = Expression::Number(expression.value());
    true
}

impl Exercise {
    /// Whether what is asked has the value of the answer, by the evaluator that also judges rows from outside.
    #[must_use]
    pub fn holds(&self) -> bool {
        let lines = || self.solution.lines();
        let stated = lines().next_back().and_then(|line| line.rsplit_once(" = "));
        let asked = stated.map_or_else(|| lines().next().unwrap_or_default(), |(asked, _)| asked);
        let (asked, answer) = match (asked.split_once(" / "), self.answer.split_once(" R ")) {
            (Some((a, b)), Some((quotient, remainder))) => {
                (a.to_owned(), format!("{b} * {quotient} + {remainder}"))
            }
            _ => (asked.to_owned(), self.answer.clone()),
        };
        arithmetic::have_equal_values(&asked, &answer) == Some(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_holds() {
        for recipe in Recipe::ALL {
            for number in 0..3_000 {
                let row = exercise(recipe, 42, number);
                assert!(row.holds(), "{recipe:?} {number}: {row:?}");
            }
        }
    }

    #[test]
    fn each_member_of_a_chain_has_the_same_value() {
        for number in 0..500 {
            let row = exercise(Recipe::MathGlm, 7, number);
            for member in row.solution.split("\n= ") {
                assert_eq!(
                    arithmetic::have_equal_values(member, &row.answer),
                    Some(true),
                    "{row:?}"
                );
            }
        }
    }

    #[test]
    fn rows_depend_on_recipe_seed_and_number_only() {
        let row = exercise(Recipe::MathGlm, 1, 5);
        assert_eq!(row, exercise(Recipe::MathGlm, 1, 5));
        assert_ne!(row, exercise(Recipe::MathGlm, 2, 5));
        assert_ne!(row, exercise(Recipe::MathGlm, 1, 6));
    }

    #[test]
    fn a_wrong_answer_does_not_hold() {
        let mut row = exercise(Recipe::MathGlm, 1, 5);
        row.answer.push('1');
        assert!(!row.holds());
    }
}
