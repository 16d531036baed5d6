//! Vocabulary and merges, checked and put into the form in which they are used.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::json::{self, MergeText, Text, Vocab};
use super::{Normalizer, Words};
use crate::bpe::Bpe;
use crate::bpe::cache::Scratch;
use crate::bpe::cuts::Cuts;
use crate::bpe::direct::Direct;
use crate::bpe::inner::Inner;
use crate::bpe::pairs::{MAX_IDS, MAX_MERGES, Merge, Pairs};
use crate::bpe::symbols::{ABSENT, Absent, Chars, MARK, Symbols};
use crate::bpe::whole::Whole;
use crate::steps::Spelling;

/// A BPE model.
pub(crate) struct Model {
    pub(crate) bpe: Bpe,
    /// Where texts without words can be cut.
    pub(crate) cuts: Cuts,
    /// Neighbours with this id, the unknown token, become one.
    pub(crate) fused: Option<u32>,
    /// Tokens as they stand in a text, single symbols first and then in the order of merges.
    pub(crate) words: Vec<Word>,
    /// Tokens as they are spelled in the file, in the order of ids.
    pub(crate) tokens: Vec<(u32, Box<str>)>,
}

/// A token as it stands in a text.
pub(crate) struct Word {
    pub(crate) text: Box<str>,
    /// Its id, if that is all that this word can become.
    pub(crate) id: Option<u32>,
}

type Made<'a> = (Merge, Cow<'a, str>); // with the spelling of the result

impl Model {
    pub(super) fn new(
        model: &json::Model,
        normalizer: Normalizer,
        words: Words,
    ) -> Result<Self, String> {
        check_options(model)?;
        let vocab = &model.vocab;
        let mut tokens: Vec<(u32, Box<str>)> = vocab
            .0
            .iter()
            .map(|(token, id)| (*id, token.0.as_ref().into()))
            .collect();
        tokens.sort_unstable();
        if tokens.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err("two of its tokens have the same id".to_owned());
        }
        if tokens.last().is_none_or(|(id, _)| *id >= MAX_IDS) {
            return Err("its vocabulary is empty or its ids are very large".to_owned());
        }
        let merges = merges(&model.merges, vocab)?;
        let is_bytes = matches!(words, Words::Bytes { .. } | Words::Steps(Spelling::Bytes));
        let marks = normalizer.marks || matches!(words, Words::Metaspace { .. });
        let symbols = if is_bytes {
            Symbols::Bytes(byte_symbols(vocab)?)
        } else if words == Words::Steps(Spelling::SpelledBytes) {
            byte_symbols(vocab)?;
            Symbols::Chars(Box::new(chars(vocab, Absent::Never)))
        } else {
            Symbols::Chars(Box::new(char_symbols(model, marks, normalizer.mark_first)?))
        };
        let made_tokens = made_tokens(&merges);
        let made = || made_tokens.iter().map(|(_, token)| *token);
        let fused = check_absent(&symbols, &merges, model.fuse_unk == Some(true))?;
        let cuts = if is_bytes {
            Cuts::new([].into_iter(), false, false)
        } else {
            let before_marks = matches!(words, Words::Metaspace { split: true, .. });
            Cuts::new(made(), marks, before_marks)
        };
        let listed: Vec<_> = merges.iter().map(|(merge, _)| *merge).collect();
        let pairs = Pairs::new(&listed);
        let mut bpe = Bpe {
            direct: Direct::new(&symbols, &pairs),
            symbols,
            pairs,
            whole: Whole::default(),
            inner: None,
            longest_token_bytes: tokens
                .iter()
                .map(|(_, token)| token.len())
                .max()
                .unwrap_or(0),
        };
        let in_text = |token: &str| -> Option<Box<str>> {
            if is_bytes {
                spelled_as_bytes(token)
            } else if marks {
                Some(token.replace(MARK, " ").into())
            } else {
                Some(token.into())
            }
        };
        if model.ignore_merges == Some(true) {
            if !is_bytes {
                return Err("it takes whole texts for tokens (`ignore_merges`)".to_owned());
            }
            bpe.whole = Whole::new(whole_words(&bpe, &tokens));
        }
        if is_bytes {
            // All that a word can become, by its merges or as a whole.
            let by_merges = made().filter_map(bytes_of).map(Cow::Owned);
            let whole = bpe
                .whole
                .words()
                .map(|(word, _)| Cow::Borrowed(word.as_bytes()));
            bpe.inner = Some(Inner::new(by_merges.chain(whole)));
        }
        let is_whole = model.ignore_merges == Some(true);
        let single = tokens
            .iter()
            .filter(|(_, token)| token.chars().nth(1).is_none())
            .map(|(id, token)| (*id, token.as_ref()));
        let word = |(id, token): (u32, &str)| {
            Some(Word {
                text: in_text(token)?,
                id: is_whole.then_some(id),
            })
        };
        let words = single.chain(made_tokens.iter().copied()).filter_map(word);
        let mut words: Vec<Word> = words.collect();
        let n_made = words.len();
        words.extend(bpe.whole.words().map(|(text, id)| Word {
            text: text.into(),
            id: Some(id),
        }));
        words[n_made..].sort_unstable_by(|left, right| left.text.cmp(&right.text));
        Ok(Self {
            bpe,
            cuts,
            fused,
            words,
            tokens,
        })
    }
}

fn check_options(model: &json::Model) -> Result<(), String> {
    if model.kind.0 != "BPE" {
        return Err(format!("its model is `{}`, not BPE", model.kind.0));
    }
    if model.dropout.is_some_and(|share| share != 0.0) {
        return Err("it drops merges at random".to_owned());
    }
    let is_set = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    if is_set(&model.continuing_subword_prefix) || is_set(&model.end_of_word_suffix) {
        return Err("it marks parts of words by prefixes or suffixes".to_owned());
    }
    Ok(())
}

/// The merges with their ranks; of a pair that is listed twice only the last one counts, as in
/// the reference.
fn merges<'a>(listed: &'a [MergeText], vocab: &Vocab) -> Result<Vec<Made<'a>>, String> {
    let is_line = |merge: &MergeText| matches!(merge, MergeText::Line(_));
    if listed.iter().any(is_line) && !listed.iter().all(is_line) {
        return Err("its merges are written in two ways".to_owned());
    }
    let id = |token: &str| {
        let known = vocab.0.get(&Text(token.into())).copied();
        known.ok_or_else(|| format!("its merges use `{token}`, which is no token"))
    };
    let mut merges = Vec::with_capacity(listed.len());
    for merge in listed {
        let (left, right) = match merge {
            MergeText::Pair(left, right) => (left.0.as_ref(), right.0.as_ref()),
            MergeText::Line(line) if line.0.starts_with("#version") => continue,
            MergeText::Line(line) => line
                .0
                .split_once(' ')
                .filter(|(_, right)| !right.contains(' '))
                .ok_or_else(|| format!("its merge `{}` is no pair", line.0))?,
        };
        let spelling = [left, right].concat();
        if merges.len() == MAX_MERGES {
            return Err("it has too many merges".to_owned());
        }
        let merge = Merge {
            left: id(left)?,
            right: id(right)?,
            rank: u32::try_from(merges.len()).map_err(|_| "it has too many merges")?,
            result: id(&spelling)?,
        };
        merges.push((merge, Cow::Owned(spelling)));
    }
    Ok(merges)
}

/// What merges make, each token once, in the order of the first merge that makes it.
fn made_tokens<'a>(merges: &'a [Made]) -> Vec<(u32, &'a str)> {
    let highest = merges.iter().map(|(merge, _)| merge.result as usize).max();
    let mut is_made = vec![false; highest.map_or(0, |id| id + 1)];
    let is_new = |(merge, _): &&Made| !std::mem::replace(&mut is_made[merge.result as usize], true);
    let new = merges.iter().filter(is_new);
    new.map(|(merge, token)| (merge.result, token.as_ref()))
        .collect()
}

/// Ids of all bytes that a text in UTF-8 can hold.
fn byte_symbols(vocab: &Vocab) -> Result<Box<[u32; 256]>, String> {
    let mut ids = Box::new([ABSENT; 256]);
    for byte in 0..=255_u8 {
        let spelling = spelled(byte).to_string();
        match vocab.0.get(&Text(spelling.into())) {
            Some(id) => ids[usize::from(byte)] = *id,
            None if is_in_no_text(byte) => {}
            None => return Err(format!("it has no token for the byte {byte:#04x}")),
        }
    }
    Ok(ids)
}

fn char_symbols(model: &json::Model, marks: bool, mark_first: bool) -> Result<Chars, String> {
    let vocab = &model.vocab;
    let of = |token: &str| vocab.0.get(&Text(token.into())).copied();
    let absent = if model.byte_fallback == Some(true) {
        let mut ids = Box::new([ABSENT; 256]);
        for byte in 0..=255_u8 {
            let name = byte_token(byte);
            match of(&name) {
                Some(id) => ids[usize::from(byte)] = id,
                None if is_never_absent(byte, vocab) => {}
                None => return Err(format!("it has no token `{name}`")),
            }
        }
        Absent::Bytes(ids)
    } else {
        let name = model.unk_token.as_deref();
        let id = name
            .and_then(of)
            .ok_or("it has no token for unknown characters")?;
        Absent::Unknown(id)
    };
    let mut chars = chars(vocab, absent);
    let mark = chars.others.get(&MARK).copied();
    if (marks || mark_first) && mark.is_none() {
        return Err("it has no token for the mark `▁`".to_owned());
    }
    if let (true, Some(mark)) = (marks, mark) {
        chars.ascii[usize::from(b' ')] = mark;
    }
    Ok(chars)
}

/// Whether no text has a character that is absent from `vocab` and has this byte: Gemma has a
/// token for the tab, but none for its byte.
fn is_never_absent(byte: u8, vocab: &Vocab) -> bool {
    let is_char = |c: char| vocab.0.contains_key(&Text(c.to_string().into()));
    is_in_no_text(byte) || byte.is_ascii() && is_char(char::from(byte))
}

/// Whether UTF-8 never has this byte.
fn is_in_no_text(byte: u8) -> bool {
    matches!(byte, 0xC0 | 0xC1 | 0xF5..)
}

/// The tokens that are one character.
fn chars(vocab: &Vocab, absent: Absent) -> Chars {
    let mut ascii = [ABSENT; 128];
    let mut others = FxHashMap::default();
    let single = vocab.0.iter().filter_map(|(token, id)| {
        let mut chars = token.0.chars();
        let first = chars.next()?;
        chars.next().is_none().then_some((first, *id))
    });
    others.extend(single);
    others.retain(|c, id| match ascii.get_mut(*c as usize) {
        Some(place) => {
            *place = *id;
            false
        }
        None => true,
    });
    Chars {
        ascii,
        others,
        absent,
    }
}

/// Tokens that stand for absent characters must come from nothing else, and merge with nothing.
///
/// Gives the token whose runs are fused.
fn check_absent(symbols: &Symbols, merges: &[Made], fuse: bool) -> Result<Option<u32>, String> {
    let Symbols::Chars(chars) = symbols else {
        return Ok(None);
    };
    let mut fallbacks: Vec<u32> = match &chars.absent {
        Absent::Bytes(ids) => ids.iter().copied().filter(|id| *id != ABSENT).collect(),
        Absent::Unknown(id) => vec![*id],
        Absent::Never => return Ok(None),
    };
    fallbacks.sort_unstable();
    let is_fallback = |id: &u32| fallbacks.binary_search(id).is_ok();
    if let Some((_, made)) = merges
        .iter()
        .find(|(merge, _)| is_fallback(&merge.left) || is_fallback(&merge.right))
    {
        return Err(format!("its merge to `{made}` starts from a fallback"));
    }
    let Absent::Unknown(id) = &chars.absent else {
        return Ok(None);
    };
    let is_char = chars.ascii.contains(id) || chars.others.values().any(|other| other == id);
    if is_char || merges.iter().any(|(merge, _)| merge.result == *id) {
        return Err("its unknown token is spelled by known characters".to_owned());
    }
    Ok(fuse.then_some(*id))
}

/// Words that are one token only because the vocabulary says so: their merges end elsewhere.
fn whole_words(bpe: &Bpe, tokens: &[(u32, Box<str>)]) -> FxHashMap<Box<str>, u32> {
    let mut scratch = Scratch::default();
    let mut ids = Vec::new();
    let mut whole = FxHashMap::default();
    for (id, token) in tokens {
        let Some(word) = spelled_as_bytes(token) else {
            continue;
        };
        ids.clear();
        // A token is far shorter than what is too long.
        if bpe.encode_word(&word, &mut scratch, &mut ids).is_err() || ids != [*id] {
            whole.insert(word, *id);
        }
    }
    whole
}

/// The token for a byte of an absent character.
fn byte_token(byte: u8) -> String {
    format!("<0x{byte:02X}>")
}

/// The character by which byte-level vocabularies spell a byte: itself if it is visible in
/// Latin-1, else the next one from U+0100 on.
pub(crate) fn spelled(byte: u8) -> char {
    let is_visible = |byte: u8| matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..);
    if is_visible(byte) {
        return char::from(byte);
    }
    let n_before = (0..byte).filter(|other| !is_visible(*other)).count();
    u32::try_from(n_before)
        .ok()
        .and_then(|n_before| char::from_u32(0x100 + n_before))
        .unwrap_or_default()
}

/// The text that a token of a byte-level vocabulary spells, if it is one.
fn spelled_as_bytes(token: &str) -> Option<Box<str>> {
    String::from_utf8(bytes_of(token)?)
        .ok()
        .map(String::into_boxed_str)
}

/// The bytes that a token of a byte-level vocabulary spells.
fn bytes_of(token: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(token.len());
    for c in token.chars() {
        bytes.push(match c {
            '!'..='~' | '\u{A1}'..='\u{AC}' | '\u{AE}'..='\u{FF}' => u8::try_from(c).ok()?,
            '\u{100}'..='\u{143}' => HIDDEN[c as usize - 0x100],
            _ => return None,
        });
    }
    Some(bytes)
}

/// The bytes that are spelled from U+0100 on, in order.
const HIDDEN: [u8; 68] = {
    let mut bytes = [0; 68];
    let (mut byte, mut n_bytes) = (0_u8, 0);
    loop {
        if !matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..) {
            bytes[n_bytes] = byte;
            n_bytes += 1;
        }
        if byte == u8::MAX {
            break bytes;
        }
        byte += 1;
    }
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_spelled_both_ways() {
        for byte in 0..=0x7F_u8 {
            let token = spelled(byte).to_string();
            let text = char::from(byte).to_string();
            assert_eq!(
                spelled_as_bytes(&token).as_deref(),
                Some(text.as_str()),
                "{byte}"
            );
        }
        assert_eq!(spelled(b' '), 'Ġ');
        assert_eq!(spelled(0xAD), '\u{143}');
        assert_eq!(spelled_as_bytes("Ã©").as_deref(), Some("é"));
        assert_eq!(spelled_as_bytes("▁a"), None);
        assert_eq!(byte_token(10), "<0x0A>");
    }
}
