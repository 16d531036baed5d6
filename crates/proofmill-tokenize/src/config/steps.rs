//! Pre-tokenizers without a scanner of their own, as [`Steps`].

use unicode_categories::UnicodeCategories as _;

use super::MarkFirst;
use super::json::{self, PreTokenizer, PrependScheme};
use super::model::spelled;
use crate::split::{self, Splitter};
use crate::steps::{Behavior, Pattern, Spelling, Step, Steps};

/// Steps of a file at most.
const MAX_STEPS: usize = 64;
/// What the `Whitespace` step keeps, as the reference writes it.
const WORDS: &str = r"\w+|[^\w\s]+";

impl Steps {
    /// The steps of `pre_tokenizer`; `keeps_places` if characters of a text are where they were
    /// in the document.
    ///
    /// # Errors
    /// Why the file is left to the reference engine.
    pub(super) fn new(pre_tokenizer: PreTokenizer, keeps_places: bool) -> Result<Self, String> {
        let mut steps = Vec::new();
        append(pre_tokenizer, &mut steps)?;
        if steps.len() > MAX_STEPS {
            return Err("it splits words in too many steps".to_owned());
        }
        let is_mark = |step: &Step| matches!(step, Step::Mark { .. });
        let at_start = |step: &Step| match step {
            Step::Mark { first, .. } => *first == MarkFirst::AtStart,
            _ => false,
        };
        if !keeps_places && steps.iter().any(at_start) {
            return Err("it looks for the start of a text that it has changed".to_owned());
        }
        let spells = |step: &Step| matches!(step, Step::Spell(_));
        let spelling = match steps.iter().position(spells) {
            None => Spelling::Chars,
            Some(first) if first + 1 == steps.len() => {
                steps.pop();
                Spelling::Bytes
            }
            Some(first) if steps[first..].iter().any(is_mark) => {
                return Err("it puts marks between spelled bytes".to_owned());
            }
            Some(_) => Spelling::SpelledBytes,
        };
        Ok(Self { steps, spelling })
    }
}

fn append(pre_tokenizer: PreTokenizer, steps: &mut Vec<Step>) -> Result<(), String> {
    let split = |pattern, behavior| Step::Split {
        pattern,
        behavior,
        invert: false,
    };
    match pre_tokenizer {
        PreTokenizer::Sequence { pretokenizers } => {
            for step in pretokenizers {
                append(step, steps)?;
            }
        }
        PreTokenizer::ByteLevel {
            add_prefix_space,
            use_regex,
            ..
        } => {
            if add_prefix_space {
                steps.push(Step::SpaceFirst);
            }
            if use_regex {
                steps.push(split(Pattern::Known(Splitter::Gpt2), Behavior::Isolated));
            }
            let letters: Vec<char> = (0..=u8::MAX).map(spelled).collect();
            let letters = letters.try_into().map_err(|_| "bytes are 256")?;
            steps.push(Step::Spell(letters));
        }
        PreTokenizer::Digits { individual_digits } => {
            let behavior = if individual_digits {
                Behavior::Isolated
            } else {
                Behavior::Contiguous
            };
            steps.push(split(Pattern::CharOf(char::is_numeric), behavior));
        }
        PreTokenizer::Metaspace {
            replacement,
            add_prefix_space,
            prepend_scheme,
            split: is_split,
            ..
        } => {
            let first = mark_first(add_prefix_space, prepend_scheme)?;
            steps.push(Step::Mark {
                mark: replacement,
                first,
            });
            if is_split {
                steps.push(split(Pattern::Char(replacement), Behavior::MergedWithNext));
            }
        }
        PreTokenizer::Punctuation { behavior } => {
            steps.push(split(Pattern::CharOf(is_punctuation), behavior));
        }
        PreTokenizer::Whitespace {} => {
            let words = regex::Regex::new(WORDS).map_err(|error| error.to_string())?;
            steps.push(Step::Split {
                pattern: Pattern::Own(words),
                behavior: Behavior::Removed,
                invert: true,
            });
        }
        PreTokenizer::WhitespaceSplit {} => {
            steps.push(split(
                Pattern::CharOf(char::is_whitespace),
                Behavior::Removed,
            ));
        }
        PreTokenizer::Bert {} => {
            steps.push(split(
                Pattern::CharOf(char::is_whitespace),
                Behavior::Removed,
            ));
            steps.push(split(Pattern::CharOf(is_punctuation), Behavior::Isolated));
        }
        PreTokenizer::Split {
            pattern,
            behavior,
            invert,
        } => steps.push(Step::Split {
            pattern: match pattern {
                json::Pattern::String(text) => Pattern::regex(&regex::escape(&text))?,
                json::Pattern::Regex(pattern) => of_file(&pattern, behavior, invert)?,
            },
            behavior,
            invert,
        }),
    }
    Ok(())
}

/// By a scanner if there is one, and if matches are all that it has to find.
fn of_file(pattern: &str, behavior: Behavior, invert: bool) -> Result<Pattern, String> {
    let gives_matches = matches!(
        (behavior, invert),
        (Behavior::Isolated, _) | (Behavior::Removed, true)
    );
    match Splitter::from_steps(&[split::Step::Pattern(pattern)]) {
        Some(splitter) if gives_matches && splitter.has_no_gaps() => Ok(Pattern::Known(splitter)),
        _ => Pattern::regex(pattern),
    }
}

/// Which texts get a mark, by two settings that may not contradict each other.
pub(super) fn mark_first(
    add_prefix_space: Option<bool>,
    scheme: PrependScheme,
) -> Result<MarkFirst, String> {
    if add_prefix_space == Some(false) && scheme != PrependScheme::Never {
        return Err("it both puts a mark before a text and does not".to_owned());
    }
    Ok(match scheme {
        PrependScheme::First => MarkFirst::AtStart,
        PrependScheme::Never => MarkFirst::Never,
        PrependScheme::Always => MarkFirst::Always,
    })
}

/// As the reference tells it, with its tables.
fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || c.is_punctuation()
}
