//! From the mean of the features to a probability for each label.

use super::matrix::Matrix;
use super::{FastTextError, Loss};
use crate::numeric::{exp, logistic};

/// What the reference adds to a probability before it takes the logarithm.
const FLOOR: f64 = 1e-5;

#[derive(Debug)]
pub(super) struct Output {
    rows: Matrix,
    n_labels: usize,
    shape: Shape,
}

#[derive(Debug)]
enum Shape {
    Softmax,
    Logistic,
    /// Left and right child of each inner node, in the order in which they were made.
    Tree(Vec<(usize, usize)>),
}

impl Output {
    /// `at` is where the output matrix ends, for messages.
    pub(super) fn new(
        rows: Matrix,
        loss: Loss,
        label_counts: &[i64],
        at: usize,
    ) -> Result<Self, FastTextError> {
        let n_labels = label_counts.len();
        if rows.n_rows() != n_labels {
            return Err(FastTextError::Value {
                what: "the number of rows of the output matrix, which ends",
                at,
                found: rows.n_rows().to_string(),
                allowed: "it is the number of labels",
            });
        }
        let shape = match loss {
            Loss::Softmax => Shape::Softmax,
            Loss::Logistic => Shape::Logistic,
            Loss::HierarchicalSoftmax => Shape::Tree(huffman_tree(label_counts)),
        };
        Ok(Self {
            rows,
            n_labels,
            shape,
        })
    }

    /// One probability for each label.
    pub(super) fn probabilities(&self, hidden: &[f32]) -> Vec<f64> {
        let score = |row: usize| f64::from(self.rows.dot_row(row, hidden));
        let mut all: Vec<f64> = match &self.shape {
            Shape::Softmax => {
                let scores: Vec<f64> = (0..self.n_labels).map(score).collect();
                let most = scores.iter().copied().fold(f64::MIN, f64::max);
                let mut powers: Vec<f64> = scores.iter().map(|score| exp(score - most)).collect();
                let sum: f64 = powers.iter().sum();
                for power in &mut powers {
                    *power = *power / sum + FLOOR;
                }
                powers
            }
            Shape::Logistic => {
                let of = |row| tabled_logistic(score(row)) + FLOOR;
                (0..self.n_labels).map(of).collect()
            }
            Shape::Tree(children) => {
                // Children were made before their parent, so one walk from the root is enough.
                let mut reached = vec![1.0; self.n_labels + children.len()];
                for (node, &(left, right)) in children.iter().enumerate().rev() {
                    let share = logistic(score(node));
                    let here = reached[self.n_labels + node];
                    reached[left] = here * (1.0 - share + FLOOR);
                    reached[right] = here * (share + FLOOR);
                }
                reached.truncate(self.n_labels);
                reached
            }
        };
        for probability in &mut all {
            // A matrix may hold numbers that are none.
            *probability = if probability.is_nan() {
                0.0
            } else {
                probability.clamp(0.0, 1.0)
            };
        }
        all
    }
}

/// The logistic function as the reference computes it: 512 steps between -8 and 8.
fn tabled_logistic(x: f64) -> f64 {
    const STEPS_PER_UNIT: f64 = 32.0;
    if x < -8.0 {
        0.0
    } else if x > 8.0 {
        1.0
    } else {
        logistic(((x + 8.0) * STEPS_PER_UNIT).floor() / STEPS_PER_UNIT - 8.0)
    }
}

/// The tree that joins the two rarest of what is left, again and again; labels are sorted by count,
/// most frequent first. Inner node `n` is number `counts.len() + n`.
fn huffman_tree(counts: &[i64]) -> Vec<(usize, usize)> {
    let n_labels = counts.len();
    let mut joined: Vec<(usize, usize)> = Vec::new();
    let mut joined_counts: Vec<i64> = Vec::new();
    let (mut n_leaves, mut next_joined) = (n_labels, 0);
    for _ in 1..n_labels {
        let mut rarest = || {
            let leaf = n_leaves.checked_sub(1).map(|leaf| (leaf, counts[leaf]));
            match (leaf, joined_counts.get(next_joined).copied()) {
                (Some((leaf, count)), other) if other.is_none_or(|other| count < other) => {
                    n_leaves = leaf;
                    (leaf, count)
                }
                (_, other) => {
                    next_joined += 1;
                    (n_labels + next_joined - 1, other.unwrap_or_default())
                }
            }
        };
        let ((left, left_count), (right, right_count)) = (rarest(), rarest());
        joined.push((left, right));
        joined_counts.push(left_count.saturating_add(right_count));
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_joins_the_rarest_first() {
        assert_eq!(huffman_tree(&[5]), []);
        assert_eq!(huffman_tree(&[9, 5, 2, 1]), [(3, 2), (4, 1), (5, 0)]);
        assert_eq!(huffman_tree(&[1, 1, 1, 1]), [(3, 2), (1, 0), (4, 5)]);
    }

    #[test]
    fn any_counts_give_a_tree_of_all_labels() {
        for counts in [
            vec![0; 9],
            vec![1, 2, 4, 8, 16],
            vec![i64::MAX, 3, i64::MAX, 0],
        ] {
            let tree = huffman_tree(&counts);
            let mut children: Vec<usize> = tree.iter().flat_map(|&(l, r)| [l, r]).collect();
            children.sort_unstable();
            let all: Vec<usize> = (0..2 * counts.len() - 2).collect();
            assert_eq!(children, all);
        }
    }
}
