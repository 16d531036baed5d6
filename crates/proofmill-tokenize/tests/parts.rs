//! A text in parts, or piece by piece, gives the ids of the whole.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod families;
mod soup;

use proofmill_tokenize::{SpecialTokens, Stream, Tokenizer};
use soup::Soup;

const N_TEXTS: usize = 400;

fn whole(tokenizer: &Tokenizer, text: &str) -> Vec<u32> {
    let mut ids = Vec::new();
    tokenizer.encode_into(text, &mut ids).unwrap();
    ids
}

#[test]
fn every_cut_of_every_family() {
    let mut with_places = Vec::new();
    for (name, file) in families::with_places() {
        for special in [SpecialTokens::AsText, SpecialTokens::Parse] {
            let tokenizer = Tokenizer::from_bytes(name, &file, special).unwrap();
            let reference = tokenizers::Tokenizer::from_bytes(&file).unwrap();
            let added = reference.get_added_tokens_decoder().into_values();
            let mut added: Vec<String> = added.map(|token| token.content).collect();
            added.sort();
            let mut soup = Soup::new(21, &added).with_vocabulary(&reference);
            let mut n_places = 0;
            for _ in 0..N_TEXTS {
                let text = soup.text();
                let parts = tokenizer.parts(&text, 1);
                assert_eq!(parts.concat(), text);
                n_places += parts.len() - 1;
                let mut ids = whole(&tokenizer, parts[0]);
                for part in &parts[1..] {
                    tokenizer.encode_rest_into(part, &mut ids).unwrap();
                }
                let expected = whole(&tokenizer, &text);
                assert!(
                    ids == expected,
                    "{name} {special:?} {parts:?}\n{ids:?}\n{expected:?}"
                );
            }
            if n_places > N_TEXTS {
                with_places.push(name);
            }
        }
    }
    // All but those whose added tokens look at their neighbours.
    assert!(
        with_places.len() >= 2 * (families::with_places().len() - 3),
        "{with_places:?}"
    );
}

#[test]
fn streams() {
    for (name, file) in families::with_places() {
        let tokenizer = Tokenizer::from_bytes(name, &file, SpecialTokens::AsText).unwrap();
        let mut soup = Soup::new(22, &[]);
        let mut text = String::new();
        while text.len() < 3 << 20 {
            text.push_str(&soup.text());
        }
        let mut ids = Vec::new();
        let mut stream = Stream::new(&tokenizer);
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let most = rest.chars().count().min(1 + soup.below(400_000));
            let (at, c) = rest.char_indices().nth(most - 1).unwrap();
            let (piece, later) = rest.split_at(at + c.len_utf8());
            stream.push(piece, &mut ids).unwrap();
            rest = later;
        }
        stream.finish(&mut ids).unwrap();
        assert!(ids == whole(&tokenizer, &text), "{name}");
    }
}

#[test]
fn nothing_is_cut_where_nothing_is_known() {
    let all = families::all();
    let n_with_places = families::with_places().len();
    for (name, file) in &all[n_with_places..] {
        let tokenizer = Tokenizer::from_bytes(name, file, SpecialTokens::AsText).unwrap();
        assert!(tokenizer.slow_parts().is_some(), "{name}");
        assert_eq!(tokenizer.next_cut("a b 1. c\nd", 0), None, "{name}");
    }
}

#[test]
fn places_are_inside_the_text() {
    let (name, file) = families::with_places().swap_remove(0);
    let tokenizer = Tokenizer::from_bytes(name, &file, SpecialTokens::AsText).unwrap();
    assert_eq!(tokenizer.next_cut("", 0), None);
    assert_eq!(tokenizer.next_cut("ab", 9), None);
    assert_eq!(tokenizer.next_cut("a b", 0), Some(1));
    assert_eq!(tokenizer.next_cut("a b", 2), None);
    assert_eq!(tokenizer.next_cut("aaaa", 0), None);
    assert_eq!(tokenizer.next_cut("é=1", 1), Some(3));
    assert_eq!(tokenizer.parts("", 1), [""]);
}
