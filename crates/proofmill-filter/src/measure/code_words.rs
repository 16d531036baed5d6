//! How many words source code has, all that is asked of them there.

use proofmill_types::bits;

/// Counts what stands between blanks and holds a letter or digit of any script.
pub(super) fn count(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut n_words = 0;
    // One if no letter or digit was read yet of what reaches up to the block, or nothing does.
    let mut is_open = 1;
    bits::each_block(bytes, |start, block| {
        let blank = bits::mask(block, |byte| byte == b' ' || byte.wrapping_sub(b'\t') < 5);
        let mut named = bits::mask(block, |byte| {
            (byte | 0x20).wrapping_sub(b'a') < 26 || byte.wrapping_sub(b'0') < 10
        });
        for place in bits::places(bits::mask(block, |byte| byte >= 0xC0)) {
            let wide = text
                .get(start + place..)
                .and_then(|rest| rest.chars().next());
            named |= u64::from(wide.is_some_and(char::is_alphanumeric)) << place;
        }
        let begins = !blank & (blank << 1 | is_open);
        let marks = !blank & !named;
        // Where marks open a word, the sum carries its beginning on to what follows them.
        let (moved, is_carried) = marks.overflowing_add(begins & marks);
        let first_named = (begins | moved & !marks) & named;
        n_words += first_named.count_ones() as usize;
        is_open = blank >> 63 | u64::from(is_carried);
    });
    n_words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(text: &str) -> usize {
        let is_blank = |c: char| matches!(c, ' ' | '\t'..='\r');
        text.split(is_blank)
            .filter(|word| word.contains(char::is_alphanumeric))
            .count()
    }

    #[test]
    fn cases() {
        for (text, n_words) in [
            ("", 0),
            ("x = (a + b)", 3),
            ("== -- /* */", 0),
            ("f(x)\n\t{ } ", 1),
            ("λ → ℕ · ⊢", 2),
        ] {
            assert_eq!(count(text), n_words, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn blocks_agree_with_the_definition(
            text in "[a1 \\-\\n\\t(é→½\u{a0}]{0,300}",
            any in any::<String>(),
            marks in 50_usize..140,
        ) {
            let long = format!("{}{text}{}{any}", "-".repeat(marks), "=".repeat(marks));
            prop_assert_eq!(count(&text), plain(&text));
            prop_assert_eq!(count(&any), plain(&any));
            prop_assert_eq!(count(&long), plain(&long));
        }
    }
}
