//! Counts arithmetic: operators that stand between two operands.
//!
//! Formulas without a word in them (`y += alpha * x[i]`) are mathematics that no vocabulary sees.
//! Steps of a counter (`i + 1`, `n - 1`) are in every program and do not count, nor do pointers
//! (`char *name`), signs and comment marks.

use crate::scan::is_name_byte;

/// How far from an operator its operands may stand.
const MAX_GAP_BYTES: usize = 3;

/// Counts `*`, `/`, `^` and the assignments `+=`, `-=`, `*=`, `/=` in scanned code.
pub(crate) fn operators(classes: &[u8]) -> usize {
    let products = memchr::memchr3_iter(b'*', b'/', b'^', classes);
    products.filter(|&at| is_product(classes, at)).count()
}

fn is_product(classes: &[u8], at: usize) -> bool {
    let (before, gap_before) = operand_before(classes, at);
    let mut next = at + 1;
    // `**` is one power.
    if classes.get(next) == Some(&b'*') {
        next += 1;
    }
    if classes.get(next) == Some(&b'=') {
        return is_end(before);
    }
    let (after, gap_after) = operand_after(classes, next);
    is_end(before) && is_start(after) && (gap_before == 0) == (gap_after == 0)
}

fn operand_before(classes: &[u8], at: usize) -> (u8, usize) {
    let gap = classes[..at]
        .iter()
        .rev()
        .take(MAX_GAP_BYTES)
        .take_while(|&&byte| byte == b' ')
        .count();
    // MATLAB's `.*` belongs to the operator.
    let mut end = at - gap;
    if end > 0 && classes[end - 1] == b'.' && gap == 0 {
        end -= 1;
        let gap = classes[..end]
            .iter()
            .rev()
            .take(MAX_GAP_BYTES)
            .take_while(|&&byte| byte == b' ')
            .count();
        return (end.checked_sub(gap + 1).map_or(0, |at| classes[at]), gap);
    }
    (end.checked_sub(1).map_or(0, |at| classes[at]), gap)
}

fn operand_after(classes: &[u8], from: usize) -> (u8, usize) {
    let rest = classes.get(from..).unwrap_or_default();
    let gap = rest
        .iter()
        .take(MAX_GAP_BYTES)
        .take_while(|&&byte| byte == b' ')
        .count();
    (rest.get(gap).copied().unwrap_or(0), gap)
}

fn is_end(byte: u8) -> bool {
    is_name_byte(byte) || matches!(byte, b')' | b']' | b'}' | b'\'')
}

fn is_start(byte: u8) -> bool {
    is_name_byte(byte) || matches!(byte, b'(' | b'[' | b'-' | b'&' | b'.')
}
