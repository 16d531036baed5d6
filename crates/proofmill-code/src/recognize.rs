//! Decides the language of a file by its path and its content.
//!
//! The extension nominates, the content decides: where an extension belongs to several languages, each
//! nominee and each known look-alike has patterns, every pattern found is one vote, and the most votes
//! win. A row's claim breaks ties and nominates files without a known extension.

use std::sync::Arc;

use proofmill_types::{Reason, bits};

use crate::language::{Contest, Languages};
use crate::signs::Haystack;

/// Text beyond this is refused unread, whatever its language.
pub const MAX_TEXT_BYTES: usize = 64 << 20;

/// How far into a file patterns look at first.
const FIRST_VOTING_BYTES: usize = 8 << 10;
/// How far into a file patterns look.
const MAX_VOTING_BYTES: usize = 64 << 10;
/// How far into a file the look for binary content goes.
const MAX_SNIFFED_BYTES: usize = 8 << 10;
/// Share of control and replacement characters from which content is no text.
const MAX_CONTROL_RATIO: f64 = 0.03;

/// A file before anything is known about it.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Path inside its repository, `/` between folders; may be empty.
    pub path: &'a str,
    /// Content as UTF-8.
    pub text: &'a str,
    /// Language as the row claims it, in any of the names that definitions list.
    pub claimed_language: Option<&'a str>,
}

/// What a file is written in, or why that is not one of the languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recognition {
    /// One of the languages, by its name.
    Language(Arc<str>),
    /// Another language under a shared extension, e.g. `verilog`.
    LookAlike(Arc<str>),
    /// No text: binary content or a stand-in for it; says which.
    NotText(&'static str),
    /// Longer than [`MAX_TEXT_BYTES`].
    TooLarge,
    /// White space only.
    Blank,
    /// Neither path nor content tells.
    Unknown,
}

impl Recognition {
    /// Name of the language, if it is one.
    #[must_use]
    pub fn language(&self) -> Option<&str> {
        match self {
            Self::Language(name) => Some(name),
            _ => None,
        }
    }

    /// Why the file is dropped, if it is in none of the languages.
    ///
    /// Rules: `look-alike` (value: its name), `not-text` (what it is), `text-too-large`, `blank-file`,
    /// `unknown-language`.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Language(_) => None,
            Self::LookAlike(name) => Some(Reason::new("look-alike", &**name)),
            Self::NotText(what) => Some(Reason::new("not-text", *what)),
            Self::TooLarge => Some(Reason::new("text-too-large", "more than 64 MiB")),
            Self::Blank => Some(Reason::new("blank-file", "white space only")),
            Self::Unknown => Some(Reason::new(
                "unknown-language",
                "no sign of a known language",
            )),
        }
    }
}

impl Languages {
    /// Tells what `input` is written in.
    #[must_use]
    pub fn recognize(&self, input: &Input) -> Recognition {
        if input.text.len() > MAX_TEXT_BYTES {
            return Recognition::TooLarge;
        }
        let text = input.text.trim_start_matches('\u{feff}');
        if text.trim_start().is_empty() {
            return Recognition::Blank;
        }
        if let Some(what) = not_text(text) {
            return Recognition::NotText(what);
        }
        let claimed = input.claimed_language.and_then(|name| self.index(name));
        let extension = extension(input.path);
        let contest = self.by_extension.get(extension).or_else(|| {
            self.by_extension
                .get(extension.to_ascii_lowercase().as_str())
        });
        if let Some(contest) = contest {
            return self.settle(contest, claimed, text);
        }
        let file_name = input.path.rsplit('/').next().unwrap_or_default();
        let by_name = self.languages.iter().position(|language| {
            language
                .definition
                .file_names
                .iter()
                .any(|name| name == file_name)
        });
        let nominated = by_name.or_else(|| self.by_interpreter(text));
        if let Some(index) = nominated {
            return Recognition::Language(Arc::clone(&self.languages[index].name));
        }
        // Only the claim is left, and an extension that nobody knows speaks against it.
        let Some(language) = claimed.map(|index| &self.languages[index]) else {
            return Recognition::Unknown;
        };
        let n_wanted = language.definition.min_signs.max(1);
        let head = Haystack::new(head(text, MAX_VOTING_BYTES));
        let votes = language.signs.votes(&head, n_wanted, n_wanted);
        if votes.is_some() && markup(text).is_none() {
            Recognition::Language(Arc::clone(&language.name))
        } else {
            Recognition::Unknown
        }
    }

    fn settle(&self, contest: &Contest, claimed: Option<usize>, text: &str) -> Recognition {
        let Some(&(first, _)) = contest.languages.first() else {
            return Recognition::Unknown;
        };
        let first = &self.languages[first];
        if !first.is_notebook
            && let Some(name) = markup(text)
        {
            return Recognition::LookAlike(Arc::from(name));
        }
        let is_alone = contest.languages.len() == 1 && contest.look_alikes.is_empty();
        if is_alone && first.definition.min_signs == 0 {
            return Recognition::Language(Arc::clone(&first.name));
        }
        // The first screens decide; only where they are silent (a long licence) more is read.
        let mut result = self.vote(contest, claimed, head(text, FIRST_VOTING_BYTES));
        if result.n_votes == 0 && text.len() > FIRST_VOTING_BYTES {
            result = self.vote(contest, claimed, head(text, MAX_VOTING_BYTES));
        }
        if let Some(look_alike) = result.look_alike {
            return Recognition::LookAlike(look_alike);
        }
        let language = &self.languages[result.language];
        if result.n_votes < language.definition.min_signs {
            return Recognition::Unknown;
        }
        Recognition::Language(Arc::clone(&language.name))
    }

    /// Who has the most votes: of languages the claimed one and then the first, of look-alikes the
    /// first, but only with more votes than any language. Counts no further than this takes.
    fn vote(&self, contest: &Contest, claimed: Option<usize>, text: &str) -> Outcome {
        let haystack = Haystack::new(text);
        let most_of_others = contest.look_alikes.iter().map(|(_, signs)| signs.n_most());
        let most_of_others = most_of_others.max().unwrap_or(0);
        let mut best = Outcome::default();
        for (position, (index, signs)) in contest.languages.iter().enumerate() {
            let rivals = contest.languages.iter().enumerate();
            let most_of_rivals = rivals
                .filter(|(rival, _)| *rival != position)
                .map(|(_, (_, signs))| signs.n_most() + 1);
            let enough = self.languages[*index]
                .definition
                .min_signs
                .max(most_of_others)
                .max(most_of_rivals.max().unwrap_or(1));
            let is_first = position == 0;
            let wins_ties = is_first || (claimed == Some(*index) && claimed != Some(best.language));
            let least = best.n_votes + usize::from(!wins_ties);
            let n_votes = signs.votes(&haystack, least.max(1), enough).unwrap_or(0);
            if n_votes >= least {
                best = Outcome {
                    language: *index,
                    n_votes,
                    look_alike: None,
                };
            }
        }
        for (name, signs) in &contest.look_alikes {
            if let Some(n_votes) = signs.votes(&haystack, best.n_votes + 1, usize::MAX) {
                best.n_votes = n_votes;
                best.look_alike = Some(Arc::clone(name));
            }
        }
        best
    }

    fn by_interpreter(&self, text: &str) -> Option<usize> {
        let line = text.strip_prefix("#!")?.lines().next()?;
        let mut words = line
            .split_whitespace()
            .map(|word| word.rsplit('/').next().unwrap_or(word));
        let program = words.next()?;
        let program = if program == "env" {
            words.next()?
        } else {
            program
        };
        let program = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        self.languages.iter().position(|language| {
            language
                .definition
                .interpreters
                .iter()
                .any(|name| name == program)
        })
    }
}

/// What a vote gives.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    language: usize,
    n_votes: usize, // of the look-alike, if there is one
    look_alike: Option<Arc<str>>,
}

/// Extension of the last part of `path`, without dot; empty if there is none.
pub(crate) fn extension(path: &str) -> &str {
    let file_name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    file_name
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
}

/// Markup that is no source code of ours, under any extension.
fn markup(text: &str) -> Option<&'static str> {
    let start = text.trim_start();
    let begins = |prefix: &str| {
        start
            .get(..prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    if begins("<?xml") || begins("<!--") {
        Some("xml")
    } else if begins("<!doctype") || begins("<html") {
        Some("html")
    } else {
        None
    }
}

/// What content is, if it is no text.
fn not_text(text: &str) -> Option<&'static str> {
    if text.starts_with("version https://git-lfs.github.com/") {
        return Some("git-lfs-pointer");
    }
    let head = head(text, MAX_SNIFFED_BYTES).as_bytes();
    if memchr::memchr(0, head).is_some() {
        return Some("binary");
    }
    let n_replaced = memchr::memmem::find_iter(head, "\u{fffd}").count();
    let n_control = control_characters(head) + n_replaced;
    #[expect(clippy::cast_precision_loss, reason = "counts of a few thousand")]
    let ratio = n_control as f64 / head.len().max(1) as f64;
    (ratio > MAX_CONTROL_RATIO).then_some("control-characters")
}

/// Control characters but white space and escape; those beyond ASCII, as Latin-1 readings of compiled
/// files have them, among them.
fn control_characters(text: &[u8]) -> usize {
    let mut n_found = 0;
    let mut behind_lead = 0;
    bits::each_block(text, |start, block| {
        let ascii = bits::mask(block, |byte| {
            byte < 0x09
                || byte.wrapping_sub(0x0e) < 0x0d
                || byte.wrapping_sub(0x1c) < 0x04
                || byte == 0x7f
        });
        let leads = bits::mask(block, |byte| byte == 0xc2);
        let low = bits::mask(block, |byte| byte.wrapping_sub(0x80) < 0x20);
        let found = ascii & bits::first(text.len() - start) | low & (leads << 1 | behind_lead);
        behind_lead = leads >> 63;
        n_found += found.count_ones() as usize;
    });
    n_found
}

/// The first `max_bytes` of `text`, cut at a character.
fn head(text: &str, max_bytes: usize) -> &str {
    let mut end = text.len().min(max_bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
