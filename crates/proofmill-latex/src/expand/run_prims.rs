//! Executes the commands of [`Prim`], except those that have a module of their own.

use super::prims::Prim;
use super::{Engine, Meaning, Place};
use crate::token::{Kind, Token};

impl Engine {
    #[expect(clippy::too_many_lines, reason = "one line per command")]
    pub(super) fn execute(&mut self, token: Token, prim: Prim) {
        match prim {
            Prim::None => self.emit_command(token),
            Prim::NewCommand | Prim::RenewCommand => self.new_command(false),
            Prim::ProvideCommand => self.new_command(true),
            Prim::NewCommandX => {
                let provide = self.names.name(token.at).starts_with("provide");
                self.new_command_x(provide);
            }
            Prim::NewEnvironmentX => self.new_environment_x(),
            Prim::NewEnviron => self.new_environ(),
            Prim::Def => self.def(false, false),
            Prim::Gdef => self.def(false, true),
            Prim::Edef => self.def(true, false),
            Prim::Xdef => self.def(true, true),
            Prim::AmsDefine => self.ams_define(),
            Prim::Let => self.let_command(),
            Prim::Global => {
                self.global = true;
                self.skip_blanks();
                let defines = self.peek().is_some_and(|next| {
                    let assigns = matches!(
                        self.names.info(next.at).prim,
                        Prim::Def
                            | Prim::Gdef
                            | Prim::Edef
                            | Prim::Xdef
                            | Prim::Let
                            | Prim::Prefix
                            | Prim::Global
                            | Prim::Advance
                    );
                    let counts = matches!(self.meaning(next.at), Meaning::Count(_));
                    next.kind == Kind::Cs && (assigns || counts)
                });
                if !defines {
                    self.global = false;
                }
            }
            Prim::NewIf => self.new_if(),
            Prim::If => self.test(token.at),
            Prim::Else | Prim::Or => self.end_of_branch(),
            Prim::Fi => self.end_of_conditional(),
            Prim::IfThenElse => self.if_then_else(),
            Prim::Csname => {
                if let Some(name) = self.csname()
                    && self.is_defined(name)
                {
                    self.push_tokens(&[Token::cs(name)]);
                }
            }
            Prim::ExpandAfter => self.expand_after(0),
            Prim::NoExpand => {
                if self.names.name(token.at) != "noexpand" {
                    let argument = self.argument();
                    self.push_tokens(&argument);
                } else if let Some(next) = self.next() {
                    self.out.push(next);
                }
            }
            Prim::IfStar => {
                let (yes, no) = (self.argument(), self.argument());
                let star = self.star();
                self.push_tokens(if star { &yes } else { &no });
            }
            Prim::IfNextChar => self.if_next_char(token.at),
            Prim::IfUndefined => self.if_undefined(token.at),
            Prim::NameDef => self.name_def(),
            Prim::NameUse => {
                let name = self.argument();
                let name = self.isolated(&name);
                let name = self.plain(&name);
                if let Some(name) = self.names.find(name.trim()) {
                    self.push_tokens(&[Token::cs(name)]);
                }
            }
            Prim::FirstOfTwo => {
                let first = self.argument();
                self.argument();
                self.push_tokens(&first);
            }
            Prim::SecondOfTwo => {
                self.argument();
                let second = self.argument();
                self.push_tokens(&second);
            }
            Prim::FirstOfOne => {
                let argument = self.argument();
                self.push_tokens(&argument);
            }
            Prim::Gobble => self.gobble("m"),
            Prim::GobbleTwo => self.gobble("mm"),
            Prim::Ensuremath => self.ensuremath(),
            Prim::Xspace => self.xspace(),
            Prim::String => {
                if let Some(next) = self.next_char() {
                    if next.kind == Kind::Cs {
                        let name = format!("\\{}", self.names.name(next.at));
                        let text = self.add_text(&name);
                        self.out.push(Token {
                            kind: Kind::Verb,
                            ..text
                        });
                    } else {
                        self.out.push(next);
                    }
                }
            }
            Prim::The => self.the_register(),
            Prim::Number => {
                if let Some(number) = self.number() {
                    let text = if self.names.name(token.at) == "romannumeral" {
                        crate::emit::numeral('i', u32::try_from(number).unwrap_or(0).max(1))
                    } else {
                        number.to_string()
                    };
                    self.print(&text);
                }
            }
            Prim::Numeral => self.numeral_command(token),
            Prim::Input | Prim::Subfile => self.input(),
            Prim::Import => self.import(),
            Prim::EndInput => self.end_input(token),
            Prim::UsePackage => self.use_package("sty"),
            Prim::DocumentClass => {
                self.old_style = self.names.name(token.at) == "documentstyle";
                self.use_package("cls");
            }
            Prim::Boolean => self.boolean_command(token.at),
            Prim::ArgumentTest => self.argument_test(token.at),
            Prim::Unless => self.unless(),
            Prim::ForEach => self.for_each(self.names.name(token.at) == "@tfor"),
            Prim::ForEachIn => self.for_each_in(),
            Prim::ListLoop => self.list_loop(token.at),
            Prim::Iterate => self.iterate(token),
            Prim::Font => self.font(token.at),
            Prim::FutureLet => self.future_let(),
            Prim::PlainHeading => self.plain_heading(),

            Prim::NewEnvironment => self.new_environment(),
            Prim::NewTheorem => self.new_theorem(),
            Prim::NewBoxedTheorem => self.new_boxed_theorem(),
            Prim::DeclareTheorem => self.declare_theorem(),
            Prim::TheoremStyle => self.theorem_style(token.at),
            Prim::MathOperator => self.math_operator(),
            Prim::PairedDelimiter => self.paired_delimiter(false, false),
            Prim::PairedDelimiterX => self.paired_delimiter(true, false),
            Prim::PairedDelimiterXpp => self.paired_delimiter(true, true),
            Prim::Xparse => {
                let provide = self.names.name(token.at).starts_with("Provide");
                self.xparse_command(provide);
            }
            Prim::XparseEnvironment => self.xparse_environment(),
            Prim::XparseTest => self.xparse_test(token.at),
            Prim::NewRegister => {
                let is_count = self.names.name(token.at) == "newcount";
                if let Some(name) = self.name_to_define()
                    && !self.is_protected(name)
                {
                    self.assign(
                        name,
                        if is_count {
                            Meaning::Count(0)
                        } else {
                            Meaning::Register
                        },
                    );
                }
            }
            Prim::NewVerbatim => self.new_verbatim(token.at),
            Prim::Counter => self.counter_command(token.at),
            Prim::Advance => self.advance(token.at),
            Prim::Begin => self.begin(),
            Prim::End => self.end(),
            Prim::BeginGroup => self.begin_group(token.at),
            Prim::EndGroup => self.end_group(token.at),
            Prim::OpenMath => self.open_math_command(token.at),
            Prim::Title => self.title_command(),
            Prim::Author => self.author_command(),
            Prim::Bibliography => {
                self.gobble("m");
                self.read_bibliography();
            }
            Prim::AtLetter | Prim::AtOther => {
                if let Some(cursor) = self.file_cursor() {
                    cursor.at_letter = prim == Prim::AtLetter;
                }
            }
            Prim::HookBody => {
                self.optional();
                let body = self.argument();
                self.push_tokens(&body);
            }
            Prim::Verb => self.verb(token),
            Prim::VerbArg => self.raw_argument(token),
            Prim::StopDocument => self.stopped |= self.isolated == 0,
            Prim::Hbox => {
                self.skip_box_size();
                self.emit_command(token);
                self.text_groups = u8::from(self.place != Place::Text);
            }
            Prim::Rule => {
                while ["height", "width", "depth"]
                    .iter()
                    .any(|word| self.take_rule_word(word))
                {
                    self.skip_dimension();
                }
            }
            Prim::Discard => self.discard(token.at),
            Prim::Char => self.char_code(),
            Prim::ExcludeComment => {
                let name = self.argument();
                let name = self.plain(&name);
                let name = self.names.intern(name.trim());
                self.excluded.insert(name);
            }
            Prim::AmsHead => self.ams_head(token),
            Prim::AmsProclaim => self.ams_proclaim(token),
            Prim::AmsEnd => self.ams_end(token),
            Prim::AmsRefs => self.ams_refs(),
            Prim::AmsAbstract => self.ams_abstract(token),
            Prim::AmsDocument => {
                if self.in_preamble {
                    self.begin_document();
                }
            }
            Prim::PatchCommand => {
                let name = self.names.name(token.at).to_owned();
                self.gobble(if name.ends_with("patchcmd") {
                    "ommmmm"
                } else {
                    "mmmm"
                });
            }
            Prim::DefineShortVerb => {
                let argument = self.argument();
                let text = match argument.as_slice() {
                    [only] if only.kind == Kind::Cs => self.names.name(only.at).to_owned(),
                    tokens => self.plain(tokens),
                };
                self.short_verb = text.trim_start_matches('\\').chars().next();
            }
            Prim::MathChar => {
                if let Some(name) = self.name_to_define() {
                    self.defined.insert(name);
                }
                self.skip_assignment();
            }
            Prim::LoopBody => self.plain_loop(),
            Prim::DeclareOption => {
                if !self.star() {
                    self.gobble("m");
                }
                self.gobble("m");
            }
            Prim::Label => {
                let in_formula = self.place != Place::Text;
                let keep = if in_formula {
                    self.options.formula_labels
                } else {
                    self.options.labels
                };
                if self.numbers_references() {
                    self.number_label();
                } else if keep {
                    self.emit_command(token);
                } else {
                    self.gobble("m");
                }
            }
            Prim::ReferenceName => {
                let capital = self.names.name(token.at) == "Crefname";
                self.reference_name(capital);
            }
            Prim::NoNumber => {
                self.mark_no_number();
                if self.options.formula_labels {
                    self.emit_command(token);
                }
            }
            Prim::MathChoice => {
                let display = self.argument();
                let text = self.argument();
                self.gobble("mm");
                self.push_tokens(if self.place == Place::Display {
                    &display
                } else {
                    &text
                });
            }
            Prim::AmsComment => {
                if self.ends_soon("endcomment") {
                    self.skip_to("endcomment");
                } else {
                    self.emit_command(token);
                }
            }
            Prim::Prefix | Prim::Italic => {}
        }
    }
}
