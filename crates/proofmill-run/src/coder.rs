//! The tokenizer of a run, with the marks that start and end a document.

use anyhow::{Context as _, Result};
use proofmill_tokenize::{Family, SpecialTokens, TokenizeError, Tokenizer};
use proofmill_types::{Reason, TokenId};
use rayon::prelude::*;

use crate::failure::Failure;
use crate::run::Run;
use crate::stage::Stage;
use crate::train::TOKENIZER;

/// Ids up to this many fit 16 bits.
const NARROW_VOCAB_TOKENS: u64 = 1 << 16;

/// Documents from twice this size on are encoded in parts of this size, at the same time.
const PART_BYTES: usize = 2 << 20;

/// The family that a user names.
pub(crate) fn family(name: Option<&str>) -> Result<Option<Family>> {
    let known = |name: &str| {
        Family::from_name(name).ok_or_else(|| {
            let names = Family::ALL.map(Family::name).join(", ");
            Failure::Usage.error(format!("tokenizer family `{name}` is none of {names}"))
        })
    };
    name.map(known).transpose()
}

/// A tokenizer and its document marks.
pub(crate) struct Coder {
    tokenizer: Tokenizer,
    special_tokens: SpecialTokens,
    eod: TokenId,
    bos: Option<TokenId>,
}

impl Coder {
    /// The tokenizer that the manifest names, or the one that the build has trained.
    pub(crate) fn load(run: &Run) -> Result<Self> {
        let plan = run.plan();
        let settings = &plan.manifest.tokenizer;
        let (name, path) = if let Some(input) = &plan.tokenizer {
            (input.file.name.to_string(), input.file.path.clone())
        } else {
            let trained = &run.commits(Stage::Train)?.commits[0];
            let folder = run.store().folder(Stage::Train, trained.key);
            (
                format!("{} (trained)", plan.manifest.corpus.name),
                folder.join(TOKENIZER),
            )
        };
        let bytes = std::fs::read(&path)
            .with_context(|| format!("cannot read tokenizer `{}`", path.display()))?;
        let special = match settings.special_tokens {
            proofmill_manifest::SpecialTokens::AsText => SpecialTokens::AsText,
            proofmill_manifest::SpecialTokens::Parse => SpecialTokens::Parse,
        };
        let wrong = |error: TokenizeError| Failure::Usage.error(error.to_string());
        // A trained tokenizer says itself how it splits words.
        let named = settings.family.as_deref().filter(|_| !plan.trains());
        let tokenizer = Tokenizer::from_bytes_of_family(&name, &bytes, family(named)?, special)
            .map_err(wrong)?;
        let eod = tokenizer.eod(settings.eod.as_deref()).map_err(wrong)?;
        let bos = match &settings.bos {
            Some(name) => Some(tokenizer.id_of(name).ok_or_else(|| {
                Failure::Usage.error(format!(
                    "tokenizer.bos: the vocabulary has no token `{name}`"
                ))
            })?),
            None => None,
        };
        if bos == Some(eod) {
            return Err(Failure::Usage.error(
                "tokenizer.bos and tokenizer.eod are the same token; a document is ended by exactly one EOD",
            ));
        }
        Ok(Self {
            tokenizer,
            special_tokens: special,
            eod,
            bos,
        })
    }

    /// Ids of a document with its marks.
    ///
    /// # Errors
    /// Why the text cannot be one document, a counted drop: it gives no token, it has the
    /// end-of-document id inside, where trainers would split it, or the engine cannot take it.
    pub(crate) fn document(&self, text: &str) -> Result<Vec<u32>, Reason> {
        let mut ids = Vec::with_capacity(text.len() / 3);
        ids.extend(self.bos.map(|id| id.0));
        let n_marks = ids.len();
        match self.encode(text, &mut ids) {
            Ok(()) => {}
            #[expect(clippy::cast_precision_loss, reason = "a length stays far below 2^53")]
            Err(TokenizeError::TooLong { n_bytes, .. }) => {
                return Err(Reason::measured("text-without-break", n_bytes as f64));
            }
            Err(error) => return Err(Reason::new("tokenizer-failed", error.to_string())),
        }
        if ids.len() == n_marks {
            return Err(Reason::new("no-tokens", "the text gives no token"));
        }
        if ids[n_marks..].contains(&self.eod.0) {
            return Err(Reason::measured("eod-inside", f64::from(self.eod.0)));
        }
        ids.push(self.eod.0);
        Ok(ids)
    }

    /// Appends the ids of `text`; a huge one is encoded in parts by all threads of the pool.
    fn encode(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), TokenizeError> {
        if text.len() < 2 * PART_BYTES {
            return self.tokenizer.encode_into(text, ids);
        }
        let parts = self.tokenizer.parts(text, PART_BYTES);
        let encoded: Vec<Result<Vec<u32>, TokenizeError>> = parts
            .into_par_iter()
            .enumerate()
            .map(|(index, part)| {
                let mut ids = Vec::with_capacity(part.len() / 3);
                match index {
                    0 => self.tokenizer.encode_into(part, &mut ids)?,
                    _ => self.tokenizer.encode_rest_into(part, &mut ids)?,
                }
                Ok(ids)
            })
            .collect();
        // Of several errors the first in the text counts, not the first in time.
        for part in encoded {
            ids.extend(part?);
        }
        Ok(())
    }

    /// Compares the ids of [`Coder::document`] with those of the reference engine.
    ///
    /// # Errors
    /// A difference, with its place; the build must not go on with ids that nobody else would get.
    pub(crate) fn check(&self, text: &str, ids: &[u32]) -> Result<()> {
        if self.tokenizer.fallback_reason().is_some() {
            return Ok(()); // the reference itself has encoded
        }
        let inner = &ids[usize::from(self.bos.is_some())..ids.len() - 1];
        let Some(found) = self.tokenizer.compare(text, inner)? else {
            return Ok(());
        };
        Err(Failure::Internal.error(format!(
            "engine `{}` and the reference give other ids after {} tokens, behind {:?}: {:?} and {:?}; \
             report the text with `proofmill tokenizer check`",
            self.tokenizer.engine(),
            found.n_equal,
            found.text_before,
            found.ours,
            found.reference
        )))
    }

    /// Whether ids are stored in 16 bits.
    pub(crate) fn is_narrow(&self) -> bool {
        self.tokenizer.vocab_tokens() <= NARROW_VOCAB_TOKENS
    }

    /// File name of the tokenizer, or the corpus name of a trained one.
    pub(crate) fn name(&self) -> &str {
        self.tokenizer.name().rsplit('/').next().unwrap_or_default()
    }

    /// `as-text` or `parse`.
    pub(crate) fn special_tokens(&self) -> &'static str {
        match self.special_tokens {
            SpecialTokens::AsText => "as-text",
            SpecialTokens::Parse => "parse",
        }
    }

    pub(crate) fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    pub(crate) fn eod(&self) -> TokenId {
        self.eod
    }

    pub(crate) fn bos(&self) -> Option<TokenId> {
        self.bos
    }
}

#[cfg(test)]
mod tests {
    use proofmill_tokenize::{TRAINED_EOD, train_as};

    use super::*;

    /// A coder with a small vocabulary of one family.
    fn coder(family: Family) -> Coder {
        let texts = [
            "let x = 12",
            " Let $x_1 \\in \\mathbb{R}$ be so. ",
            "größer 数学",
            "aaaa    b",
        ];
        let texts = texts.into_iter().cycle().take(200);
        let file = train_as(family, texts, 500, &[]).unwrap();
        let special_tokens = SpecialTokens::AsText;
        let tokenizer = Tokenizer::from_bytes("own", &file, special_tokens).unwrap();
        Coder {
            eod: tokenizer.eod(Some(TRAINED_EOD)).unwrap(),
            bos: None,
            special_tokens,
            tokenizer,
        }
    }

    /// Two parts and some, with words, runs and characters of every kind around the borders.
    fn huge_text() -> String {
        let mut text = String::new();
        for number in 0_u64.. {
            if text.len() > 2 * PART_BYTES + PART_BYTES / 2 {
                break;
            }
            let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
            text.push_str(match mixed % 8 {
                0 => "let x = 12\n\n",
                1 => " Let $x_1 \\in \\mathbb{R}$ be so.",
                2 => "größer als e\u{301} 数学。定理",
                3 => "aaaaaaaaaaaaaaaa",
                4 => "        \t\r\n",
                5 => "don't <|endoftext|> ½ \u{a0}",
                6 => "0123456789",
                _ => "====== ",
            });
        }
        text
    }

    #[test]
    fn a_huge_document_in_parts_is_the_whole_at_any_number_of_threads() {
        let text = huge_text();
        for family in [Family::Digits, Family::Cl100kBase, Family::O200kBase] {
            let coder = coder(family);
            let name = family.name();
            assert!(coder.tokenizer.parts(&text, PART_BYTES).len() > 1, "{name}");
            let mut expected = Vec::new();
            coder.tokenizer.encode_into(&text, &mut expected).unwrap();
            expected.push(coder.eod.0);
            for n_threads in [1, 2, 7] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads);
                let found = pool.build().unwrap().install(|| coder.document(&text));
                assert!(found.unwrap() == expected, "{name}, {n_threads} threads");
            }
        }
    }
}
