//! Macros apart from any submission, for single formulas.

use crate::expand::{Def, Engine};
use crate::lexer::{self, Cursor};
use crate::options::{Limits, Options};
use crate::token::Token;

/// Macros that can be filled by hand or from LaTeX, and used on single formulas.
///
/// ```
/// use proofmill_latex::{Limits, Macros};
///
/// let mut macros = Macros::new();
/// macros.define("RR", 0, None, r"\mathbb{R}");
/// macros.define_from(r"\newcommand{\norm}[1]{\lVert #1\rVert}");
/// let formula = macros.expand_formula(r"\norm{x}\in\RR^n", &Limits::default());
/// assert_eq!(formula, r"\lVert x\rVert\in\mathbb{R}^n");
/// ```
#[derive(Clone)]
pub struct Macros {
    engine: Box<Engine>,
}

impl std::fmt::Debug for Macros {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Macros")
            .field("defined", &self.engine.defined.len())
            .finish()
    }
}

impl Default for Macros {
    fn default() -> Self {
        Self::new()
    }
}

impl Macros {
    /// No macros.
    #[must_use]
    pub fn new() -> Self {
        let mut options = Options::source();
        // A formula keeps what numbers it.
        options.formula_labels = true;
        Self {
            engine: Box::new(Engine::new(options)),
        }
    }

    /// Adds what `latex` defines; anything else in it is ignored.
    pub fn define_from(&mut self, latex: &str) {
        let engine = &mut self.engine;
        let start = engine.add_text(latex);
        engine.set_budget(engine.arena.len());
        let from = start.at as usize;
        engine.run_definitions(from, from + start.len as usize);
    }

    /// Adds or replaces one macro. `name` comes with or without its backslash; `default` is that of
    /// the first argument, which then is optional. At most nine arguments are read.
    pub fn define(&mut self, name: &str, n_args: u8, default: Option<&str>, body: &str) {
        let name = name.strip_prefix('\\').unwrap_or(name);
        if name.is_empty() {
            return;
        }
        let engine = &mut self.engine;
        let name = engine.names.intern(name);
        let default = default.map(|text| engine.stored(text));
        let body = engine.stored(body);
        engine.define_plain(name, n_args.min(9), default, body);
    }

    /// Whether no macro is defined.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.engine.defined.is_empty()
    }

    /// About how many bytes one call of [`Macros::expand_formula`] copies before it starts, so that who
    /// expands many formulas can bound the work.
    #[must_use]
    pub fn n_bytes(&self) -> usize {
        self.engine.arena.len() + self.engine.pool.len() * size_of::<Token>()
    }

    /// `formula`, without its delimiters, with all macros expanded.
    #[must_use]
    pub fn expand_formula(&self, formula: &str, limits: &Limits) -> String {
        if self.is_empty() && !formula.contains("\\def") && !formula.contains("command") {
            return formula.to_owned();
        }
        let mut engine = self.engine.clone();
        engine.options.limits = *limits;
        let text = engine.add_text(formula);
        engine.set_budget(formula.len());
        let from = text.at as usize;
        engine.run_formula(from, from + text.len as usize);
        let out = std::mem::take(&mut engine.out);
        crate::emit::write_source(&engine, &out, &mut crate::emit::Measure::ignoring())
    }
}

impl Engine {
    /// Stores `text` as a body.
    fn stored(&mut self, text: &str) -> (u32, u32) {
        let token = self.add_text(text);
        let start = token.at as usize;
        let mut cursor = Cursor::new(start, start + token.len as usize, true);
        let mut tokens: Vec<Token> = Vec::new();
        let arena = std::mem::take(&mut self.arena);
        while let Some(token) = lexer::next(&arena, &mut cursor, &mut self.names) {
            tokens.push(token);
        }
        self.arena = arena;
        self.store_body(&tokens)
    }

    fn define_plain(
        &mut self,
        name: u32,
        count: u8,
        default: Option<(u32, u32)>,
        body: (u32, u32),
    ) {
        self.define_builtin_too(name, Def::with_default(count, default, body));
    }
}
