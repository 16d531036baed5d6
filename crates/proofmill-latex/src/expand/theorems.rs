//! Definitions of theorem-like environments, and how they are numbered.

use super::Engine;
use super::numbers::Numbering;
use crate::names::Env;
use crate::token::{Kind, Token};

impl Engine {
    /// `\newtheorem{x}[shared]{Title}[within]`, the star for one without number.
    pub(super) fn new_theorem(&mut self) {
        let star = self.star();
        self.optional();
        let name = self.argument();
        let shared = self.optional();
        let title = self.argument();
        let within = self.optional();
        let numbering = if star {
            Numbering::None
        } else if let Some(shared) = shared {
            Numbering::Shared(self.interned(&shared))
        } else {
            Numbering::Own(within.map(|within| self.interned(&within)))
        };
        self.add_theorem(&name, &title, numbering);
    }

    /// `\declaretheorem[name=Title, ...]{x}`.
    pub(super) fn declare_theorem(&mut self) {
        let mut keys = self.optional().unwrap_or_default();
        let name = self.argument();
        let comma = self.literal(",");
        keys.push(comma);
        keys.extend(self.optional().unwrap_or_default());
        let keys = self.keys(&keys);
        let title = value(&keys, &["name", "title", "heading"]).map(<[Token]>::to_vec);
        let numbering = self.key_numbering(&keys);
        let names = self.plain(&name);
        for name in names.split(',').take(100) {
            let name = name.trim();
            let title = match &title {
                Some(title) => title.clone(),
                None => vec![self.add_text(&capitalized(name))],
            };
            let name = self.add_text(name);
            self.add_theorem(&[name], &title, numbering);
        }
    }

    /// `\newtcbtheorem[keys]{x}{Title}{style}{prefix}`: a note and a label come as arguments.
    pub(super) fn new_boxed_theorem(&mut self) {
        let keys = self.optional().unwrap_or_default();
        let name = self.argument();
        let title = self.argument();
        self.gobble("mm");
        let keys = self.keys(&keys);
        let numbering = self.key_numbering(&keys);
        self.add_theorem(&name, &title, numbering);
        let name = self.interned(&name);
        self.boxed_theorems.insert(name);
    }

    /// `{note}{label}` behind the `\begin` of such an environment becomes `[note]\label{..}`.
    pub(super) fn boxed_theorem_arguments(&mut self) {
        self.optional();
        self.skip_blanks();
        if self.peek().is_none_or(|next| next.kind != Kind::Open) {
            return;
        }
        let note = self.argument();
        self.skip_blanks();
        if self.peek().is_some_and(|next| next.kind == Kind::Open) {
            self.argument();
        }
        if note.iter().all(|token| token.kind == Kind::Space) {
            return;
        }
        let mut tokens = vec![self.literal("["), Token::new(Kind::Open)];
        tokens.extend(note);
        let close = self.literal("]");
        tokens.extend([Token::new(Kind::Close), close]);
        self.push_tokens(&tokens);
    }

    fn key_numbering(&mut self, keys: &[(String, Vec<Token>)]) -> Numbering {
        let unnumbered = keys.iter().any(|(key, value)| {
            key == "no counter" || (key == "numbered" && self.plain(value).trim() == "no")
        });
        if unnumbered {
            return Numbering::None;
        }
        let shared = [
            "numberlike",
            "sibling",
            "sharenumber",
            "use counter from",
            "use counter*",
            "use counter",
        ];
        if let Some(shared) = value(keys, &shared) {
            return Numbering::Shared(self.interned(shared));
        }
        let within = ["numberwithin", "within", "parent", "number within"];
        let within = value(keys, &within).map(<[Token]>::to_vec);
        Numbering::Own(within.map(|within| self.interned(&within)))
    }

    /// `key = value` pairs of an option.
    pub(super) fn keys(&self, tokens: &[Token]) -> Vec<(String, Vec<Token>)> {
        let mut keys = Vec::new();
        for item in self.split_at_commas(tokens) {
            let Some(first) = item.first().copied() else {
                continue;
            };
            let text = self.slice(first);
            let Some((key, rest)) = text.split_once('=') else {
                keys.push((text.trim().to_owned(), Vec::new()));
                continue;
            };
            let rest = rest.trim_start();
            let skipped = text.len() - rest.len();
            let mut value = Vec::with_capacity(item.len());
            if !rest.is_empty() {
                value.push(Token {
                    at: first.at + super::frames::small(skipped),
                    len: super::frames::small(rest.len()),
                    ..first
                });
            }
            value.extend_from_slice(&item[1..]);
            if value.len() > 1 && super::math::is_braced(&value) {
                value.pop();
                value.remove(0);
            }
            keys.push((key.trim().to_owned(), value));
        }
        keys
    }

    fn interned(&mut self, tokens: &[Token]) -> u32 {
        let name = self.plain(tokens);
        self.names.intern(name.trim())
    }

    fn add_theorem(&mut self, name: &[Token], title: &[Token], numbering: Numbering) {
        let name = self.plain(name).trim().to_owned();
        if name.is_empty() || name.len() > 100 {
            return;
        }
        let id = self.names.intern(&name);
        if matches!(
            self.names.info(id).env,
            Env::Equation | Env::Aligned | Env::Document | Env::Abstract | Env::Verbatim
        ) {
            return;
        }
        let title = self.isolated(title);
        let title = self.pool_span(&title);
        self.environments.remove(&id);
        self.theorems.insert(id, title);
        let counter = match numbering {
            Numbering::None => None,
            Numbering::Shared(with) => {
                Some(self.theorem_counters.get(&with).copied().unwrap_or(with))
            }
            Numbering::Own(within) => {
                self.declare_counter(id, within);
                Some(id)
            }
        };
        match counter {
            Some(counter) => self.theorem_counters.insert(id, counter),
            None => self.theorem_counters.remove(&id),
        };
    }

    /// Whether `\begin{name}` opens something theorem-like.
    pub(crate) fn is_theorem(&self, name: u32) -> bool {
        self.theorems.contains_key(&name) || self.names.info(name).env == crate::names::Env::Theorem
    }

    /// Printed name of a theorem-like environment.
    pub(crate) fn theorem_name(&self, name: u32) -> String {
        if let Some(title) = self.theorems.get(&name) {
            let tokens = self.pooled(*title);
            let is_block = |token: &Token| matches!(token.kind, Kind::Begin | Kind::End);
            let title = if tokens.iter().any(is_block) {
                self.plain(tokens)
            } else {
                crate::emit::render_line(self, tokens)
            };
            if !title.is_empty() {
                return title;
            }
        }
        standard_theorem(self.names.name(name))
    }
}

/// Value of the first of `names` that stands in `keys`.
fn value<'k>(keys: &'k [(String, Vec<Token>)], names: &[&str]) -> Option<&'k [Token]> {
    keys.iter()
        .find(|(key, value)| names.contains(&key.as_str()) && !value.is_empty())
        .map(|(_, value)| value.as_slice())
}

fn capitalized(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// Printed name of a theorem-like environment that nobody defined.
fn standard_theorem(name: &str) -> String {
    let name = name.trim_end_matches('*');
    let long = match name {
        "thm" => "Theorem",
        "lem" => "Lemma",
        "prop" => "Proposition",
        "cor" => "Corollary",
        "defn" => "Definition",
        "rem" => "Remark",
        "ex" => "Example",
        "conj" => "Conjecture",
        _ => "",
    };
    if !long.is_empty() {
        return long.to_owned();
    }
    capitalized(name)
}
