//! Web pages to text that keeps mathematics as LaTeX.
//!
//! [`extract`] takes the bytes of a page and gives Markdown in which every formula stands exactly
//! once, as the author's TeX where the page carries it. [`gate`] tells from the raw bytes, without
//! parsing, whether a page can hold mathematics at all. Both are pure and never fail: a page that
//! holds nothing gives an empty text.
//!
//! The way of a page: charset, flat tree ([`Options`] bound both), the page's own configuration of
//! MathJax or KaTeX, the mathematics pass (before anything is removed, since hidden nodes and
//! scripts hold the formulas), main content, Markdown.

mod asciimath;
mod attributes;
mod charset;
mod clean;
mod config;
mod content;
mod delimit;
mod detect;
mod emit;
mod entities;
mod extract;
mod gate;
mod html_math;
mod mathml;
mod page;
mod parse;
mod prose;
mod symbols;
mod tag;
mod tree;
mod visual;

pub use extract::extract;
pub use gate::{Gate, GateReport, gate};
pub use page::{CharsetSource, Formula, Input, MainContent, Markup, Options, Page};
