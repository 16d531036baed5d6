//! `SentencePiece` models of kind BPE, as Llama-2, Mistral and Gemma have them.
//!
//! Taken are models that leave characters as they are (`identity`), with and without byte
//! fallback, mark in front and removal of extra spaces. Control pieces become special tokens.
//! User-defined pieces become added tokens; where a mark is put before texts (`add_dummy_prefix`),
//! what stands behind one gets a mark too, as in Hugging Face's conversions.
//!
//! Refused are kinds other than BPE, maps of characters, unused pieces, and equal scores whose order could
//! matter: no list of merges gives the ids of `SentencePiece` for them.

mod runs;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Value, json};

use super::merges::{MAX_TOKEN_UNITS, Parting};
use super::proto::{self, Fields};
use super::ranks::MAX_TOKENS;
use super::write::{Added, Vocabulary};
use crate::bpe::symbols::MARK;

/// Kinds of models, by their number in the file; without one a model is Unigram.
const UNIGRAM: u64 = 1;
const BPE: u64 = 2;

/// Scores that several pieces may have: each takes a look at all pieces. Published models have one.
const MAX_EQUALS: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Normal,
    Unknown,
    Control,
    UserDefined,
    Unused,
    Byte,
}

struct Piece {
    text: String,
    score: f32,
    kind: Kind,
}

#[expect(clippy::struct_excessive_bools, reason = "the flags of the file")]
struct Model {
    pieces: Vec<Piece>,
    kind: u64,
    byte_fallback: bool,
    spaces_behind: bool,
    has_map: bool,
    mark_first: bool,
    removes_spaces: bool,
    marks: bool,
}

/// Whether a file begins with a piece of a model.
pub(super) fn is_model(bytes: &[u8]) -> bool {
    let Some(Ok((1, proto::Value::Bytes(piece)))) = Fields::new(bytes).next() else {
        return false;
    };
    matches!(
        Fields::new(piece).next(),
        Some(Ok((1, proto::Value::Bytes(_))))
    )
}

/// The `tokenizer.json` of a model.
pub(super) fn to_json(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let model = Model::read(bytes)?;
    model.check()?;
    let unknown = model.unknown()?;
    let tokens: Vec<(String, u32)> = model
        .pieces
        .iter()
        .map(|piece| piece.text.clone())
        .zip(0..)
        .collect();
    let merges = model.merges()?;
    Vocabulary {
        merges,
        added: model.added(),
        normalizer: model.normalizer(),
        pre_tokenizer: Value::Null,
        decoder: model.decoder(),
        unknown: Some(tokens[unknown].0.clone()),
        fuse_unknown: true,
        byte_fallback: model.byte_fallback,
        ignore_merges: false,
        tokens,
    }
    .to_json()
}

impl Model {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut model = Self {
            pieces: Vec::new(),
            kind: UNIGRAM,
            byte_fallback: false,
            spaces_behind: false,
            has_map: false,
            mark_first: true,
            removes_spaces: true,
            marks: true,
        };
        for field in Fields::new(bytes) {
            match field? {
                (1, proto::Value::Bytes(piece)) if model.pieces.len() < MAX_TOKENS => {
                    model.pieces.push(Piece::read(piece)?);
                }
                (1, _) => return Err(format!("it has more than {MAX_TOKENS} pieces")),
                (2, proto::Value::Bytes(training)) => model.read_training(training)?,
                (3, proto::Value::Bytes(normalizer)) => model.read_normalizer(normalizer)?,
                _ => {}
            }
        }
        Ok(model)
    }

    fn read_training(&mut self, message: &[u8]) -> Result<(), String> {
        for field in Fields::new(message) {
            match field? {
                (3, proto::Value::Number(kind)) => self.kind = kind,
                (24, proto::Value::Number(flag)) => self.spaces_behind = flag != 0,
                (35, proto::Value::Number(flag)) => self.byte_fallback = flag != 0,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_normalizer(&mut self, message: &[u8]) -> Result<(), String> {
        for field in Fields::new(message) {
            match field? {
                (2, proto::Value::Bytes(map)) => self.has_map = !map.is_empty(),
                (3, proto::Value::Number(flag)) => self.mark_first = flag != 0,
                (4, proto::Value::Number(flag)) => self.removes_spaces = flag != 0,
                (5, proto::Value::Number(flag)) => self.marks = flag != 0,
                _ => {}
            }
        }
        Ok(())
    }

    /// Refuses what cannot be rewritten.
    fn check(&self) -> Result<(), String> {
        let convert = "convert it to a `tokenizer.json` with the `transformers` library, whose ids then count";
        match self.kind {
            BPE => {}
            UNIGRAM => {
                return Err(format!(
                    "its kind is Unigram, only BPE has a list of merges; {convert}"
                ));
            }
            other => return Err(format!("its kind is number {other}, only BPE is taken")),
        }
        if self.has_map {
            return Err(format!("its normalizer maps characters; {convert}"));
        }
        if self.spaces_behind || !self.marks {
            return Err("it puts marks for spaces behind words, or none at all".to_owned());
        }
        let mut known = FxHashSet::default();
        for piece in &self.pieces {
            let text = &piece.text;
            let n_chars = text.chars().count();
            if n_chars == 0 || n_chars > MAX_TOKEN_UNITS {
                return Err(format!(
                    "a piece has {n_chars} characters, 1 to {MAX_TOKEN_UNITS} are possible"
                ));
            }
            if !known.insert(text.as_str()) {
                return Err(format!("its piece `{text}` is listed twice"));
            }
            let is_text = matches!(piece.kind, Kind::Normal | Kind::UserDefined);
            if n_chars == 1 && !is_text || n_chars > 1 && piece.kind == Kind::Unused {
                return Err(format!(
                    "its piece `{text}` stands in texts, but is no normal piece"
                ));
            }
            if piece.kind == Kind::Normal && !piece.score.is_finite() {
                return Err(format!("its piece `{text}` has no score"));
            }
            if piece.kind == Kind::UserDefined
                && n_chars > 1
                && self.mark_first
                && text.contains(MARK)
            {
                return Err(format!("its user-defined piece `{text}` holds a space"));
            }
        }
        let missing = (0..=255_u8)
            .map(|byte| format!("<0x{byte:02X}>"))
            .find(|name| self.byte_fallback && !known.contains(name.as_str()));
        match missing {
            Some(name) => Err(format!("it falls back to bytes, but has no piece `{name}`")),
            None => Ok(()),
        }
    }

    /// The index of the piece for unknown characters.
    fn unknown(&self) -> Result<usize, String> {
        let mut found =
            (0..self.pieces.len()).filter(|index| self.pieces[*index].kind == Kind::Unknown);
        match (found.next(), found.next()) {
            (Some(index), None) => Ok(index),
            _ => Err("it has no piece for unknown characters, or several".to_owned()),
        }
    }

    /// The merges that lead to the pieces which texts can be merged to.
    fn merges(&self) -> Result<Vec<(u32, u32)>, String> {
        // A user-defined character never merges.
        let frozen: FxHashSet<char> = self
            .pieces
            .iter()
            .filter(|piece| piece.kind == Kind::UserDefined)
            .filter_map(|piece| only_char(&piece.text))
            .collect();
        let index_of: FxHashMap<&str, u32> = (0..)
            .zip(&self.pieces)
            .filter(|(_, piece)| matches!(piece.kind, Kind::Normal))
            .map(|(index, piece)| (piece.text.as_str(), index))
            .collect();
        let piece = |index: u32| &self.pieces[index as usize];
        let mut by_score: Vec<u32> = index_of
            .values()
            .copied()
            .filter(|index| only_char(&piece(*index).text).is_none())
            .filter(|index| !piece(*index).text.contains(|c| frozen.contains(&c)))
            .collect();
        by_score.sort_unstable_by(|left, right| {
            let by_score = piece(*right).score.total_cmp(&piece(*left).score);
            by_score.then(left.cmp(right))
        });
        let rank_of: FxHashMap<&str, u32> = (0..)
            .zip(&by_score)
            .map(|(rank, index)| (piece(*index).text.as_str(), rank))
            .collect();
        let mut parting = Parting::default();
        let mut merges = Vec::with_capacity(by_score.len());
        let mut n_equals = 0;
        for equals in by_score
            .chunk_by(|left, right| piece(*left).score.total_cmp(&piece(*right).score).is_eq())
        {
            let mut partings = Vec::new();
            for index in equals {
                let text = piece(*index).text.as_str();
                let borders = text.char_indices().map(|(at, _)| at).chain([text.len()]);
                let rank_within =
                    |start: usize, end: usize| rank_of.get(&text[start..end]).copied();
                if let Some(border) = parting.find(borders, rank_within) {
                    partings.push((*index, text.split_at(border)));
                }
            }
            if partings.len() > 1 {
                let texts: Vec<&str> = equals
                    .iter()
                    .map(|index| piece(*index).text.as_str())
                    .collect();
                let all = rank_of.keys().copied();
                n_equals += 1;
                let runs = (n_equals <= MAX_EQUALS).then(|| runs::merges(&texts, all, &index_of));
                let runs = runs.flatten().ok_or_else(|| {
                    let (first, second) = (texts[0], texts[1]);
                    format!("its pieces `{first}` and `{second}` have the same score, so the place in a text decides which comes first")
                })?;
                merges.extend(runs);
                continue;
            }
            for (index, (left, right)) in partings {
                let (Some(left), Some(right)) = (index_of.get(left), index_of.get(right)) else {
                    let text = &piece(index).text;
                    return Err(format!(
                        "its piece `{text}` is merged from what is no piece"
                    ));
                };
                merges.push((*left, *right));
            }
        }
        Ok(merges)
    }

    fn added(&self) -> Vec<Added> {
        let mut added = Vec::new();
        for (id, piece) in (0..).zip(&self.pieces) {
            let text = piece.text.clone();
            match piece.kind {
                Kind::Unknown | Kind::Control => added.push(Added::new(text, id, false, true)),
                Kind::UserDefined if only_char(&text).is_none() => {
                    added.push(Added::new(text, id, !self.mark_first, false));
                }
                _ => {}
            }
        }
        added
    }

    fn normalizer(&self) -> Value {
        let replace = |pattern: Value, content: &str| json!({"type": "Replace", "pattern": pattern, "content": content});
        let by_regex = |pattern: &str, content: &str| replace(json!({"Regex": pattern}), content);
        let mut steps = Vec::new();
        if self.removes_spaces {
            steps.push(by_regex(r"\A +", ""));
            steps.push(by_regex(" {2,}", " "));
        }
        if self.mark_first {
            steps.push(json!({"type": "Prepend", "prepend": "▁"}));
        }
        steps.push(replace(json!({"String": " "}), "▁"));
        if self.removes_spaces {
            steps.push(by_regex(r"▁+\z", ""));
        }
        match steps.as_slice() {
            [step] => step.clone(),
            steps => json!({"type": "Sequence", "normalizers": steps}),
        }
    }

    fn decoder(&self) -> Value {
        let mut steps = vec![
            json!({"type": "Replace", "pattern": {"String": "▁"}, "content": " "}),
            json!({"type": "ByteFallback"}),
            json!({"type": "Fuse"}),
        ];
        if self.mark_first {
            steps.push(json!({"type": "Strip", "content": " ", "start": 1, "stop": 0}));
        }
        json!({"type": "Sequence", "decoders": steps})
    }
}

impl Piece {
    fn read(message: &[u8]) -> Result<Self, String> {
        let (mut text, mut score, mut kind) = (String::new(), 0.0, Kind::Normal);
        for field in Fields::new(message) {
            match field? {
                (1, proto::Value::Bytes(bytes)) => {
                    let spelled = std::str::from_utf8(bytes);
                    spelled
                        .map_err(|_| "one of its pieces is no text in UTF-8")?
                        .clone_into(&mut text);
                }
                (2, proto::Value::Four(bytes)) => score = f32::from_le_bytes(bytes),
                (3, proto::Value::Number(number)) => {
                    kind = match number {
                        1 => Kind::Normal,
                        2 => Kind::Unknown,
                        3 => Kind::Control,
                        4 => Kind::UserDefined,
                        5 => Kind::Unused,
                        6 => Kind::Byte,
                        other => {
                            return Err(format!(
                                "its piece `{text}` is of the unknown kind {other}"
                            ));
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(Self { text, score, kind })
    }
}

/// The character that is the whole text, if it is one.
fn only_char(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}
