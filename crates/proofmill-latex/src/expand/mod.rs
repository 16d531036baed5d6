//! The expander: tokens in, tokens out, with every macro of the submission executed.
//!
//! It keeps TeX's rules where they decide what is printed (arguments, groups, conditionals,
//! delimiters) and leaves out what only decides the page. The output holds no user macro (but for
//! those that cannot be expanded), no definition, no comment, no conditional; formula and
//! environment delimiters are matched, and mended where they were not.
//!
//! Everything is bounded by counts ([`Limits`]): when a call breaches one, all that it produced is
//! taken back, the call is left once as it was written, and reading goes on behind it.

mod ams;
mod ams_blocks;
mod args;
mod blocks;
mod braced;
mod call;
mod cond;
mod counters;
mod define;
mod env;
mod etoolbox;
mod fields;
mod frames;
mod groups;
mod helpers;
mod include;
mod literals;
mod loops;
mod math;
mod meanings;
mod numbers;
mod plain;
pub(crate) mod prims;
mod raw;
mod run_prims;
mod skipped;
mod theorems;
mod xargs;
mod xparse;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::library::Library;
use crate::names::{Class, Names, fixed};
use crate::options::{Limits, Options};
use crate::paper::Signals;
use crate::token::{FINAL, Kind, Token};

pub(crate) use call::Def;
pub(crate) use env::{EnvDef, Group, GroupKind, command_end};
pub(crate) use frames::{Feed, Frame};
pub(crate) use numbers::Label;

/// What a control sequence means now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// What the tables say.
    Builtin,
    /// The meaning that another token had when `\let` was executed.
    Alias(Token),
    /// A definition.
    Macro(u32),
    /// A switch of `\newif` and its value.
    Switch(bool),
    /// Sets a switch.
    SetSwitch(u32, bool),
    /// A length or token register.
    Register,
    /// An integer register of `\newcount`, with its value.
    Count(i64),
}

/// Where in a page we are, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Text,
    Inline,
    Display,
}

/// Written for a reference.
const REFERENCE: &str = "\\text{[ref]}";

/// Written for a diagram.
pub(crate) const DIAGRAM: &str = "[diagram]";

/// A range of [`Engine::pool`].
pub(crate) type Span = (u32, u32);

/// The expander and all its state.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a state of its own")]
pub(crate) struct Engine {
    pub(crate) names: Names,
    pub(crate) arena: String,
    pub(crate) library: Library,
    pub(crate) options: Options,
    pub(crate) out: Vec<Token>,
    pub(crate) signals: Signals,
    /// Tokens of the bibliography, taken out of the text.
    pub(crate) bibliography: Vec<Token>,
    /// Theorem-like environments and their printed names.
    pub(crate) theorems: FxHashMap<u32, Span>,
    /// Names that the submission defines.
    pub(crate) defined: FxHashSet<u32>,
    /// Letters of column types whose cells are formulas.
    pub(crate) math_columns: FxHashSet<char>,
    /// Bodies and patterns of definitions.
    pub(crate) pool: Vec<Token>,

    frames: Vec<Frame>,
    stack: Vec<Token>,
    scratch: Vec<Token>,
    meanings: Vec<Meaning>,
    defs: Vec<Def>,
    environments: FxHashMap<u32, EnvDef>,
    excluded: FxHashSet<u32>,
    /// Verbatim environments of the submission.
    verbatims: FxHashSet<u32>,
    /// Environments, with the end of their file, that are known not to end in it.
    endless: FxHashSet<(u32, usize)>,
    /// Names that delimit arguments of some definition.
    markers: FxHashSet<u32>,
    undo: Vec<(u32, Meaning)>,
    global_at: FxHashMap<u32, usize>,
    groups: Vec<Group>,
    active: Vec<u16>,
    opaque: FxHashSet<u32>,
    /// Definitions, and whether they call a helper that cannot be executed.
    leaky: FxHashMap<u32, bool>,
    literals: FxHashMap<&'static str, Token>,

    place: Place,
    /// Arguments that the last command of a formula still expects.
    pending: u8,
    /// How many of the next groups of a formula hold text.
    text_groups: u8,
    global: bool,
    open_conditionals: u32,
    scanning: u32,
    isolated: u32,
    /// Length of the output and position in the file at the last call, and the calls since then.
    idle: (usize, usize, usize),
    steps: usize,
    max_steps: usize,
    max_out: usize,
    exhausted: bool,
    stopped: bool,
    in_preamble: bool,
    title: Vec<Token>,
    authors: Vec<Token>,
    short_verb: Option<char>,
    counters: counters::Counters,
    /// What `\label` names here.
    current: Option<numbers::Current>,
    labels: FxHashMap<Box<str>, numbers::Label>,
    /// `\crefname`, and with `true` `\Crefname`, of a kind: one and many.
    reference_names: FxHashMap<(u32, bool), (Span, Span)>,
    /// Counters of theorem-like environments that are numbered.
    theorem_counters: FxHashMap<u32, u32>,
    /// Labels and switches of the formula that is open, by their place in the output.
    row_marks: Vec<(u32, numbers::RowMark)>,
    /// Number of the group of equations that is open, as written and as counted.
    subequations: Option<(String, i64)>,
    in_appendix: bool,
    /// Theorem-like environments whose note and label are arguments.
    boxed_theorems: FxHashSet<u32>,
    /// Bodies of plain TeX's loops, how often each was read, and the output and groups before.
    loops: Vec<(Span, u32, (usize, usize))>,
    /// The next test was negated by `\unless`.
    negated: bool,
    /// There was a `\documentclass`.
    has_class: bool,
    /// It was LaTeX 2.09's `\documentstyle`.
    old_style: bool,
    /// The format is AMS-TeX.
    ams: bool,
    /// Whether `\endx` stands somewhere, for the names of environments asked for.
    ended: FxHashMap<u32, bool>,
    /// Main language of babel, where one was named.
    pub(crate) language: Option<String>,
    /// Language among the options of the class.
    class_language: Option<String>,
}

impl Engine {
    pub(crate) fn new(options: Options) -> Self {
        let limits = options.limits;
        let mut engine = Self {
            names: Names::new(),
            arena: String::new(),
            library: Library::default(),
            options,
            out: Vec::new(),
            signals: Signals::default(),
            bibliography: Vec::new(),
            theorems: FxHashMap::default(),
            defined: FxHashSet::default(),
            math_columns: FxHashSet::default(),
            pool: Vec::new(),
            frames: Vec::new(),
            stack: Vec::new(),
            scratch: Vec::new(),
            meanings: Vec::new(),
            defs: Vec::new(),
            environments: FxHashMap::default(),
            excluded: FxHashSet::default(),
            verbatims: FxHashSet::default(),
            endless: FxHashSet::default(),
            markers: FxHashSet::default(),
            undo: Vec::new(),
            global_at: FxHashMap::default(),
            groups: Vec::new(),
            active: Vec::new(),
            opaque: FxHashSet::default(),
            leaky: FxHashMap::default(),
            literals: FxHashMap::default(),
            place: Place::Text,
            pending: 0,
            text_groups: 0,
            global: false,
            open_conditionals: 0,
            scanning: 0,
            isolated: 0,
            idle: (0, 0, 0),
            steps: 0,
            max_steps: limits.steps,
            max_out: limits.growth_floor,
            exhausted: false,
            stopped: false,
            in_preamble: false,
            title: Vec::new(),
            authors: Vec::new(),
            short_verb: None,
            counters: counters::Counters::default(),
            current: None,
            labels: FxHashMap::default(),
            reference_names: FxHashMap::default(),
            theorem_counters: FxHashMap::default(),
            row_marks: Vec::new(),
            subequations: None,
            in_appendix: false,
            boxed_theorems: FxHashSet::default(),
            loops: Vec::new(),
            negated: false,
            has_class: false,
            old_style: false,
            ams: false,
            ended: FxHashMap::default(),
            language: None,
            class_language: None,
        };
        for text in [REFERENCE, DIAGRAM, "\\text{", "\\text{(", ")}", "}"] {
            engine.literal(text);
        }
        engine.standard_counters();
        for name in ["empty", "@empty"] {
            let id = engine.names.intern(name);
            let def = engine.add_def(Def::plain(0, (0, 0)));
            engine.set_meaning(id, Meaning::Macro(def));
        }
        engine
    }

    /// Sets the bounds for an input of `bytes` bytes.
    pub(crate) fn set_budget(&mut self, bytes: usize) {
        let Limits {
            steps,
            growth,
            growth_floor,
            output_tokens,
            ..
        } = self.options.limits;
        self.max_steps = steps.saturating_add(bytes.saturating_mul(4));
        self.max_out = growth_floor
            .saturating_add(bytes.saturating_mul(growth))
            .min(output_tokens);
        self.out.reserve(bytes / 4);
    }

    /// Reads a main file that lies at `start..end` of the arena.
    pub(crate) fn run_file(&mut self, start: usize, end: usize, in_preamble: bool) {
        self.in_preamble = in_preamble;
        let main = self.library.main();
        self.push_file(start, end, false, main);
        self.run();
        self.finish();
    }

    /// Reads definitions at `start..end` of the arena; what they print is dropped.
    pub(crate) fn run_definitions(&mut self, start: usize, end: usize) {
        self.push_file(start, end, true, 0);
        self.run();
        self.end_run();
        self.out.clear();
    }

    /// Reads a formula at `start..end` of the arena.
    pub(crate) fn run_formula(&mut self, start: usize, end: usize) {
        self.place = Place::Display;
        self.push_file(start, end, false, 0);
        self.run();
        self.end_run();
    }

    fn end_run(&mut self) {
        self.close_groups_to(0);
        while !self.frames.is_empty() {
            self.pop_frame();
        }
        self.stopped = false;
        self.open_conditionals = 0;
        self.pending = 0;
        self.place = Place::Text;
    }

    /// Stores a body for [`Engine::define_builtin_too`].
    pub(crate) fn store_body(&mut self, tokens: &[Token]) -> Span {
        self.body(tokens)
    }

    /// Defines a name whatever it is now.
    pub(crate) fn define_builtin_too(&mut self, name: u32, def: Def) {
        self.defined.insert(name);
        let def = self.add_def(def);
        self.set_meaning(name, Meaning::Macro(def));
    }

    /// What stands for a reference in a formula: its number, in brackets or not, if it is known.
    pub(crate) fn reference_tokens(&self, number: Option<Token>, brackets: bool) -> [Token; 3] {
        let Some(number) = number else {
            return [self.made(REFERENCE), Token::NOTHING, Token::NOTHING];
        };
        let (open, close) = if brackets {
            ("\\text{(", ")}")
        } else {
            ("\\text{", "}")
        };
        [self.made(open), number, self.made(close)]
    }

    /// What stands for a diagram.
    pub(crate) fn diagram_text(&self) -> Token {
        self.made(DIAGRAM)
    }

    /// A literal that was made before.
    fn made(&self, text: &str) -> Token {
        self.literals.get(text).copied().unwrap_or(Token::NOTHING)
    }

    /// Reads until the input, or the part above a barrier, is used up.
    pub(crate) fn run(&mut self) {
        while let Some(token) = self.next() {
            match token.kind {
                Kind::Text => self.text(token),
                Kind::Space => self.out.push(token),
                _ => {
                    self.step(token);
                    if self.stopped {
                        return;
                    }
                }
            }
        }
    }

    fn step(&mut self, token: Token) {
        match token.kind {
            Kind::Text => self.text(token),
            Kind::Space => self.out.push(token),
            Kind::Par => self.paragraph(token),
            Kind::Cs => self.control(token),
            Kind::Open => self.open_brace(),
            Kind::Close => self.close_brace(),
            Kind::Dollar => self.dollar(),
            Kind::Shift => self.shift(token),
            Kind::Sup | Kind::Sub => {
                self.pending = 0;
                if self.place != Place::Text {
                    self.pending = 1;
                }
                self.out.push(token);
            }
            Kind::Align | Kind::Tie | Kind::Hash | Kind::Verb | Kind::Param => {
                self.pending = 0;
                self.text_groups = 0;
                self.out.push(token);
            }
            Kind::Begin => self.begin_named(token.at),
            Kind::End => self.end_named(token.at),
            Kind::Rebrace => self.close_rebrace(token),
            Kind::EndUser => self.end_user(token.at),
            Kind::Nothing => {}
        }
    }

    #[inline]
    fn text(&mut self, token: Token) {
        if self.pending > 0 || self.text_groups > 0 {
            self.text_as_argument(token);
        }
        if self.short_verb.is_some() && self.short_verbatim(token) {
            return;
        }
        self.out.push(token);
    }

    fn control(&mut self, token: Token) {
        if token.has(FINAL) {
            self.emit_command(token);
            return;
        }
        match self.meaning(token.at) {
            Meaning::Builtin => self.builtin(token),
            Meaning::Macro(def) => self.call(token, def),
            Meaning::Alias(target) => {
                let target = Token {
                    flags: token.flags,
                    ..target
                };
                if target.kind == Kind::Cs {
                    self.builtin(target);
                } else {
                    self.step(target);
                }
            }
            Meaning::Switch(value) => self.conditional(Some(value)),
            Meaning::SetSwitch(switch, value) => self.assign(switch, Meaning::Switch(value)),
            Meaning::Register => {
                self.skip_assignment();
            }
            Meaning::Count(_) => self.assign_count(token.at),
        }
    }

    /// A command that the tables know, or nobody does.
    fn builtin(&mut self, token: Token) {
        let info = self.names.info(token.at);
        if info.env != crate::names::Env::Unknown
            && matches!(info.class, Class::Unknown | Class::Math)
            && self.environment_command(token)
        {
            return;
        }
        if self.ams {
            if token.at == fixed::TAG {
                self.ams_tag(token);
                return;
            }
            if matches!(info.class, Class::Drop | Class::Keep) && self.ams_field(token) {
                return;
            }
        }
        match info.class {
            Class::Prim => self.execute(token, info.prim),
            Class::Drop => self.gobble(info.sig),
            Class::DropText if self.place == Place::Text => self.gobble_spacing(info.sig),
            Class::Register => {
                if !self.skip_assignment() {
                    self.emit_command(token);
                }
            }
            Class::Unknown => {
                let name = self.names.name(token.at);
                if name.starts_with("the") && self.the_counter(token.at) {
                    return;
                }
                let name = self.names.name(token.at);
                if (name.starts_with("end") || self.is_theorem(token.at))
                    && self.environment_command(token)
                {
                    return;
                }
                let name = self.names.name(token.at);
                if name.starts_with("if") && name.len() > 2 && cond::is_test_name(name) {
                    self.conditional(None);
                } else {
                    self.emit_command(token);
                }
            }
            Class::Wrap if self.place != Place::Text && self.wrapped_in_formula(token.at) => {}
            _ => self.emit_command(token),
        }
    }

    /// Puts a command into the output and notes what it expects.
    fn emit_command(&mut self, token: Token) {
        let info = self.names.info(token.at);
        let is_heading = self.names.roles(token.at).level.is_some();
        if self.place != Place::Text {
            self.text_groups = match info.class {
                _ if token.at == crate::names::fixed::TAG => 1,
                Class::Wrap => info.n_mandatory,
                _ => 0,
            };
            self.pending = match info.class {
                Class::Math => info.n_mandatory,
                _ => 0,
            };
        }
        if info.class == Class::Keep {
            match token.at {
                fixed::ITEM if self.ams && self.peek().is_some_and(|t| self.is_char(t, b'"')) => {
                    self.out.push(token);
                    self.ams_item();
                    return;
                }
                fixed::ITEM => self.number_item(),
                fixed::CAPTION => self.number_caption(),
                fixed::APPENDIX => self.number_appendix(),
                name if is_heading => {
                    self.close_formula_before_block();
                    self.close_blocks_before_heading();
                    self.number_heading(name);
                }
                _ => {}
            }
        }
        self.out.push(token);
        if self.place == Place::Text && (info.class == Class::Wrap || is_heading) {
            self.brace_macro_argument();
        }
    }

    /// A macro that is the argument of a text command gets braces, so that its expansion is one.
    fn brace_macro_argument(&mut self) {
        let Some(next) = self.peek() else {
            return;
        };
        if next.kind == Kind::Cs && matches!(self.meaning(next.at), Meaning::Macro(_)) {
            self.next();
            self.push_tokens(&[Token::new(Kind::Open), next, Token::new(Kind::Close)]);
        }
    }
}
