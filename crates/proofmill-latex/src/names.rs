//! Names of commands and environments as numbers, and what is known of each beforehand.
//!
//! Standard names are numbered once per process from `data/commands.txt` and `data/symbols.txt`;
//! names that only one submission uses follow after them.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::expand::prims::{Prim, prim};
use crate::roles::Roles;

/// How a standard command is treated where no stage handles it by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Not a standard command.
    Unknown,
    /// Removed with its arguments in both modes.
    Drop,
    /// Removed with its arguments outside formulas, kept inside.
    DropText,
    /// Removed with its arguments in text mode, kept in source mode.
    DropInText,
    /// Content of the last argument is text; redefinitions are ignored.
    Wrap,
    /// Content of the first argument is text, the others are dropped in text mode.
    Link,
    /// A declaration such as `\bf`: kept in source mode, removed in text mode.
    Font,
    /// A command of mathematics.
    Math,
    /// A character, see [`Info::text`].
    Symbol,
    /// An accent over its argument, see [`Info::text`].
    Accent,
    /// A command of structure that stages know by name; redefinitions are ignored.
    Keep,
    /// A length or counter: an assignment to it is removed.
    Register,
    /// The body of a user macro that holds one cannot be expanded.
    Hostile,
    /// Executed by the expander.
    Prim,
}

/// What is known of a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Info {
    pub(crate) class: Class,
    /// Arguments: `s` star, `o` optional, `m` mandatory, `d` dimension, `=` assignment.
    pub(crate) sig: &'static str,
    /// Mandatory ones among them.
    pub(crate) n_mandatory: u8,
    /// Character that a symbol stands for, or the combining character of an accent.
    pub(crate) text: &'static str,
    pub(crate) prim: Prim,
    pub(crate) env: Env,
}

/// How a standard environment is treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Env {
    /// Not a standard environment.
    #[default]
    Unknown,
    /// A formula on its own, of one line.
    Equation,
    /// A formula on its own, of several lines: the environment stays.
    Aligned,
    /// A formula within a line (`math`).
    InlineMath,
    /// A block inside a formula (`array`, `cases`).
    MathInner,
    /// Raw text up to its end.
    Verbatim,
    /// Raw text that is dropped (`comment`).
    Comment,
    /// Pictures: dropped.
    Picture,
    /// Commutative diagrams.
    Diagram,
    /// Floats with graphics: the caption stays.
    Figure,
    /// Floats with tables.
    Table,
    /// `tabular` and its kin.
    Tabular,
    /// `itemize`, `enumerate`, `description`.
    List,
    /// Theorem-like without a definition, and proofs.
    Theorem,
    /// `abstract`.
    Abstract,
    /// `thebibliography`.
    Bibliography,
    /// Algorithms.
    Algorithm,
    /// Only layout: the content stays.
    Transparent,
    /// `document`.
    Document,
}

const UNKNOWN: Info = Info {
    class: Class::Unknown,
    sig: "",
    n_mandatory: 0,
    text: "",
    prim: Prim::None,
    env: Env::Unknown,
};

struct Base {
    ids: FxHashMap<&'static str, u32>,
    names: Vec<&'static str>,
    infos: Vec<Info>,
    roles: Vec<Roles>,
}

static BASE: LazyLock<Base> = LazyLock::new(|| {
    let mut base = Base {
        ids: FxHashMap::default(),
        names: Vec::new(),
        infos: Vec::new(),
        roles: Vec::new(),
    };
    for name in FIXED {
        base.slot(name);
    }
    base.read_commands(include_str!("../data/commands.txt"));
    base.read_symbols(include_str!("../data/symbols.txt"));
    for info in &mut base.infos {
        info.n_mandatory = u8::try_from(info.sig.matches('m').count()).unwrap_or(0);
    }
    base.roles = base.names.iter().map(|name| Roles::of(name)).collect();
    base
});

/// Names with a number that code relies on, in the order of [`fixed`].
const FIXED: &[&str] = &[
    "relax",
    "begin",
    "end",
    "par",
    " ",
    "\\",
    "item",
    "title",
    "author",
    "left",
    "right",
    "lvert",
    "else",
    "fi",
    "or",
    "equation",
    "document",
    "abstract",
    "section",
    "caption",
    "label",
    "proof",
    "mathrm",
    "operatorname",
    "star",
    "thebibliography",
    "keywords",
    "or ",
    "endcsname",
    "(",
    ")",
    "[",
    "]",
    "tag",
    "mid",
    "subsection",
    "textcite",
    "citation",
    "",
    "middle",
    "appendix",
    "chapter",
    "subequations",
    "loop repeat",
];

/// Numbers of [`FIXED`] names.
pub(crate) mod fixed {
    pub(crate) const RELAX: u32 = 0;
    pub(crate) const BEGIN: u32 = 1;
    pub(crate) const END: u32 = 2;
    pub(crate) const PAR: u32 = 3;
    pub(crate) const NEWLINE: u32 = 5;
    pub(crate) const ITEM: u32 = 6;
    pub(crate) const TITLE: u32 = 7;
    pub(crate) const AUTHOR: u32 = 8;
    pub(crate) const LEFT: u32 = 9;
    pub(crate) const RIGHT: u32 = 10;
    pub(crate) const ELSE: u32 = 12;
    pub(crate) const FI: u32 = 13;
    pub(crate) const OR: u32 = 14;
    pub(crate) const EQUATION: u32 = 15;
    pub(crate) const DOCUMENT: u32 = 16;
    pub(crate) const ABSTRACT: u32 = 17;
    pub(crate) const SECTION: u32 = 18;
    pub(crate) const CAPTION: u32 = 19;
    pub(crate) const PROOF: u32 = 21;
    pub(crate) const OPERATORNAME: u32 = 23;
    pub(crate) const KEYWORDS: u32 = 26;
    pub(crate) const ENDCSNAME: u32 = 28;
    pub(crate) const TAG: u32 = 33;
    pub(crate) const SUBSECTION: u32 = 35;
    pub(crate) const MIDDLE: u32 = 39;
    pub(crate) const APPENDIX: u32 = 40;
    pub(crate) const CHAPTER: u32 = 41;
    pub(crate) const SUBEQUATIONS: u32 = 42;
    pub(crate) const ITERATE: u32 = 43;
}

impl Base {
    fn slot(&mut self, name: &'static str) -> usize {
        if let Some(id) = self.ids.get(name) {
            return *id as usize;
        }
        let slot = self.names.len();
        let id = u32::try_from(slot).expect("the tables hold a few thousand names");
        self.ids.insert(name, id);
        self.names.push(name);
        self.infos.push(Info {
            prim: prim(name),
            ..UNKNOWN
        });
        if self.infos[slot].prim != Prim::None {
            self.infos[slot].class = Class::Prim;
        }
        slot
    }

    /// Lines of `class signature name...`; `env kind name...`; `#` opens a comment.
    fn read_commands(&mut self, table: &'static str) {
        for line in table.lines() {
            let mut words = line.split_ascii_whitespace();
            let (Some(class), Some(sig)) = (words.next(), words.next()) else {
                continue;
            };
            if class.starts_with('#') {
                continue;
            }
            for name in words {
                let slot = self.slot(name);
                let info = &mut self.infos[slot];
                if class == "env" {
                    info.env = env(sig);
                    continue;
                }
                if class == "prim" {
                    continue;
                }
                info.sig = if sig == "-" { "" } else { sig };
                if let Some(class) = class_of(class)
                    && info.prim == Prim::None
                {
                    info.class = class;
                }
            }
        }
    }

    /// Lines of `name character` and `accent name character`.
    fn read_symbols(&mut self, table: &'static str) {
        for line in table.lines() {
            let mut words = line.split_ascii_whitespace();
            let (Some(first), Some(second)) = (words.next(), words.next()) else {
                continue;
            };
            match (first, words.next()) {
                ("##", _) => {}
                ("accent", Some(mark)) => {
                    let slot = self.slot(second);
                    let info = &mut self.infos[slot];
                    *info = Info {
                        class: Class::Accent,
                        sig: "m",
                        text: mark,
                        ..*info
                    };
                }
                (name, _) => {
                    let slot = self.slot(name);
                    let info = &mut self.infos[slot];
                    if info.class == Class::Unknown {
                        info.class = Class::Symbol;
                    }
                    info.text = second;
                }
            }
        }
    }
}

fn class_of(word: &str) -> Option<Class> {
    Some(match word {
        "drop" => Class::Drop,
        "droptext" => Class::DropText,
        "dropintext" => Class::DropInText,
        "wrap" => Class::Wrap,
        "link" => Class::Link,
        "font" => Class::Font,
        "math" => Class::Math,
        "keep" => Class::Keep,
        "register" => Class::Register,
        "hostile" => Class::Hostile,
        _ => return None,
    })
}

fn env(word: &str) -> Env {
    match word {
        "equation" => Env::Equation,
        "aligned" => Env::Aligned,
        "inline" => Env::InlineMath,
        "inner" => Env::MathInner,
        "verbatim" => Env::Verbatim,
        "comment" => Env::Comment,
        "picture" => Env::Picture,
        "diagram" => Env::Diagram,
        "figure" => Env::Figure,
        "table" => Env::Table,
        "tabular" => Env::Tabular,
        "list" => Env::List,
        "theorem" => Env::Theorem,
        "abstract" => Env::Abstract,
        "bibliography" => Env::Bibliography,
        "algorithm" => Env::Algorithm,
        "transparent" => Env::Transparent,
        "document" => Env::Document,
        _ => Env::Unknown,
    }
}

/// Names that [`Names`] finds again without a look into its tables; a power of two.
const RECENT: usize = 1024;

/// The interner of one submission.
#[derive(Clone)]
#[expect(clippy::struct_field_names, reason = "ids and names are what it holds")]
pub(crate) struct Names {
    base: &'static Base,
    ids: FxHashMap<Box<str>, u32>,
    names: Vec<Box<str>>,
    roles: Vec<Roles>,
    /// Numbers given out last, by [`recent_slot`].
    recent: Vec<u32>,
}

impl Names {
    pub(crate) fn new() -> Self {
        Self {
            base: &BASE,
            ids: FxHashMap::default(),
            names: Vec::new(),
            roles: Vec::new(),
            recent: vec![0; RECENT],
        }
    }

    /// Number of `name`, the same for the same name.
    #[inline]
    pub(crate) fn intern(&mut self, name: &str) -> u32 {
        let slot = recent_slot(name);
        let id = self.recent[slot];
        if self.name(id) == name {
            return id;
        }
        let id = self.look_up(name);
        self.recent[slot] = id;
        id
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "names are fewer than arena bytes"
    )]
    fn look_up(&mut self, name: &str) -> u32 {
        if let Some(id) = self.find(name) {
            return id;
        }
        let id = self.len() as u32;
        self.ids.insert(name.into(), id);
        self.names.push(name.into());
        self.roles.push(Roles::of(name));
        id
    }

    /// Number of `name` if it has one.
    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        self.base
            .ids
            .get(name)
            .or_else(|| self.ids.get(name))
            .copied()
    }

    #[inline]
    pub(crate) fn name(&self, id: u32) -> &str {
        let id = id as usize;
        match self.base.names.get(id) {
            Some(name) => name,
            None => self
                .names
                .get(id - self.base.names.len())
                .map_or("", |name| name),
        }
    }

    #[inline]
    pub(crate) fn info(&self, id: u32) -> &'static Info {
        self.base.infos.get(id as usize).unwrap_or(&UNKNOWN)
    }

    #[inline]
    pub(crate) fn roles(&self, id: u32) -> Roles {
        let id = id as usize;
        match self.base.roles.get(id) {
            Some(roles) => *roles,
            None => self
                .roles
                .get(id - self.base.roles.len())
                .copied()
                .unwrap_or_default(),
        }
    }

    /// One more than the greatest number given out.
    pub(crate) fn len(&self) -> usize {
        self.base.names.len() + self.names.len()
    }
}

/// Where [`Names`] remembers `name`: below [`RECENT`], by its ends and its length.
fn recent_slot(name: &str) -> usize {
    let bytes = name.as_bytes();
    let ends = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            u64::from_le_bytes(*first).rotate_left(23) ^ u64::from_le_bytes(*last)
        }
        _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some(first), Some(last)) => {
                (u64::from(u32::from_le_bytes(*first)) << 32) | u64::from(u32::from_le_bytes(*last))
            }
            _ => bytes
                .iter()
                .fold(0, |ends, byte| (ends << 8) | u64::from(*byte)),
        },
    };
    let mixed = (ends ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    // The highest bits depend on all bytes.
    usize::try_from(mixed >> (64 - RECENT.ilog2())).unwrap_or(0)
}
