//! Executes the commands of [`Prim`], except those that have a module of their own.

use super::frames::small;
use super::prims::Prim;
use super::{Def, Engine, GroupKind, Meaning, Place};
use crate::names::{Class, Env, fixed};
use crate::token::{Delim, FINAL, Kind, SPACED, Token};

impl Engine {
    #[expect(clippy::too_many_lines, reason = "one line per command")]
    pub(super) fn execute(&mut self, token: Token, prim: Prim) {
        match prim {
            Prim::None => self.emit_command(token),
            Prim::NewCommand | Prim::RenewCommand => self.new_command(false),
            Prim::ProvideCommand => self.new_command(true),
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
                    next.kind == Kind::Cs
                        && matches!(
                            self.names.info(next.at).prim,
                            Prim::Def
                                | Prim::Gdef
                                | Prim::Edef
                                | Prim::Xdef
                                | Prim::Let
                                | Prim::Prefix
                                | Prim::Global
                        )
                });
                if !defines {
                    self.global = false;
                }
            }
            Prim::Prefix => {}
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
            Prim::The => {
                let next = self.next();
                if next.is_some_and(|next| next.kind != Kind::Cs) {
                    self.unread();
                }
            }
            Prim::Number => {
                self.skip_blanks();
                if self.peek().is_some_and(|next| next.kind == Kind::Open) {
                    self.gobble("m");
                } else if let Some(number) = self.number() {
                    let text = self.add_text(&number.to_string());
                    self.out.push(text);
                }
            }
            Prim::Input | Prim::Subfile => self.input(),
            Prim::Import => self.import(),
            Prim::EndInput => self.end_input(token),
            Prim::UsePackage => self.use_package("sty"),
            Prim::DocumentClass => self.use_package("cls"),
            Prim::NewEnvironment => self.new_environment(),
            Prim::NewTheorem => self.new_theorem(),
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
                if let Some(name) = self.name_to_define()
                    && !self.is_protected(name)
                {
                    self.assign(name, Meaning::Register);
                }
            }
            Prim::NewCounter => {
                self.gobble("m");
                self.optional();
            }
            Prim::Advance => {
                self.next();
                self.skip_blanks();
                if let Some(by) = self.next()
                    && !(by.kind == Kind::Text && self.slice(by).starts_with("by"))
                {
                    self.unread();
                } else {
                    self.unread();
                    self.next_char();
                    self.next_char();
                }
                self.skip_dimension();
            }
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
            Prim::LoopBody => self.skip_to("repeat"),
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
                if keep {
                    self.emit_command(token)
                } else {
                    self.gobble("m")
                }
            }
            Prim::NoNumber => {
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
            Prim::Italic => {}
        }
    }

    /// Reads to `\endcsname` and gives the name; `None` if nobody knows it.
    pub(super) fn csname(&mut self) -> Option<u32> {
        let mut tokens = Vec::new();
        while let Some(token) = self.next() {
            if token.kind == Kind::Cs && token.at == fixed::ENDCSNAME {
                break;
            }
            if token.kind == Kind::Par || tokens.len() > 200 {
                self.unread();
                break;
            }
            tokens.push(token);
        }
        let tokens = self.isolated(&tokens);
        let name = self.plain(&tokens);
        if name.len() > 200 {
            return None;
        }
        Some(self.names.intern(&name))
    }

    /// `\expandafter`: the token after the next is expanded first.
    fn expand_after(&mut self, depth: u32) {
        let Some(first) = self.next() else { return };
        let Some(second) = self.next() else {
            self.push_tokens(&[first]);
            return;
        };
        if second.kind == Kind::Cs {
            match self.meaning(second.at) {
                Meaning::Macro(def) => {
                    let pending = std::mem::take(&mut self.pending);
                    self.call(second, def);
                    self.pending = pending;
                }
                Meaning::Builtin => match self.names.info(second.at).prim {
                    Prim::Csname => {
                        if let Some(name) = self.csname() {
                            self.push_tokens(&[Token::cs(name)]);
                        }
                    }
                    Prim::ExpandAfter if depth < 32 => self.expand_after(depth + 1),
                    Prim::If | Prim::Fi | Prim::Else => {
                        self.execute(second, self.names.info(second.at).prim);
                    }
                    _ => self.unread(),
                },
                Meaning::Switch(_) => self.control(second),
                _ => self.unread(),
            }
        } else {
            self.unread();
        }
        self.push_tokens(&[first]);
    }

    fn if_next_char(&mut self, name: u32) {
        if self.names.name(name) == "@testopt" {
            let command = self.argument();
            let default = self.argument();
            self.skip_blanks();
            let option = self.peek().is_some_and(|token| self.is_char(token, b'['));
            if !option {
                let (open, close) = (self.literal("["), self.literal("]"));
                let mut tokens = command;
                tokens.push(open);
                tokens.extend(default);
                tokens.push(close);
                self.push_tokens(&tokens);
                return;
            }
            self.push_tokens(&command);
            return;
        }
        let wanted = self.argument();
        let yes = self.argument();
        let no = self.argument();
        self.skip_blanks();
        let next = self.next_char();
        let same = match (wanted.first(), next) {
            (Some(wanted), Some(next)) => self.alike(*wanted, next),
            // `\bgroup` and an empty argument both ask for a brace.
            (None, Some(next)) => next.kind == Kind::Open,
            _ => false,
        };
        if let Some(next) = next {
            self.unread_char(next);
        }
        self.push_tokens(if same { &yes } else { &no });
    }

    fn if_undefined(&mut self, name: u32) {
        let test = self.names.name(name).to_owned();
        let subject = self.argument();
        let subject = match subject.as_slice() {
            [token] if token.kind == Kind::Cs => token.at,
            tokens => {
                let expanded = self.isolated(tokens);
                let name = self.plain(&expanded);
                self.names.intern(&name)
            }
        };
        let yes = self.argument();
        let no = self.argument();
        let wants_undefined = matches!(test.as_str(), "@ifundefined" | "ifundef" | "ifcsundef");
        let defined = self.is_defined(subject);
        self.push_tokens(if defined == wants_undefined {
            &no
        } else {
            &yes
        });
    }

    fn name_def(&mut self) {
        let name = self.argument();
        let name = self.isolated(&name);
        let name = self.plain(&name);
        let body = self.argument();
        let body = self.body(&body);
        let name = self.names.intern(name.trim());
        self.define(name, Def::plain(0, body));
    }

    fn ensuremath(&mut self) {
        let argument = self.argument();
        if self.place == Place::Text {
            let mut tokens = vec![Token::shift(Delim::Dollar, false)];
            tokens.extend(argument);
            tokens.push(Token::shift(Delim::Dollar, true));
            self.push_tokens(&tokens);
        } else if self.pending > 0 {
            let mut tokens = vec![Token::new(Kind::Open)];
            tokens.extend(argument);
            tokens.push(Token::new(Kind::Close));
            self.push_tokens(&tokens);
        } else {
            self.push_tokens(&argument);
        }
    }

    fn xspace(&mut self) {
        if self.place != Place::Text {
            return;
        }
        let Some(token) = self.peek() else { return };
        let space = match token.kind {
            Kind::Text => self.slice(token).chars().next().is_some_and(|c| {
                !matches!(
                    c,
                    '.' | ',' | '\'' | '/' | '?' | ';' | ':' | '!' | '-' | ')' | ' ' | '~'
                )
            }),
            Kind::Cs => !matches!(
                self.names.name(token.at),
                " " | "/"
                    | "space"
                    | "xspace"
                    | "footnote"
                    | "footnotemark"
                    | "egroup"
                    | "\\"
                    | "fi"
                    | "else"
            ),
            Kind::Dollar | Kind::Begin | Kind::Shift => true,
            _ => false,
        };
        if space {
            self.out.push(Token::new(Kind::Space));
        }
    }

    /// The rest of `\hbox to 3cm{..}`.
    fn skip_box_size(&mut self) {
        self.skip_blanks();
        let Some(token) = self.next() else { return };
        let sized = token.kind == Kind::Text
            && ["to", "spread"]
                .iter()
                .any(|word| self.slice(token).starts_with(word));
        self.unread();
        if sized {
            let letters = if self.slice(token).starts_with("to") {
                2
            } else {
                6
            };
            for _ in 0..letters {
                self.next_char();
            }
            self.skip_dimension();
        }
    }

    fn take_rule_word(&mut self, word: &str) -> bool {
        self.skip_blanks();
        let Some(token) = self.next() else {
            return false;
        };
        let found = token.kind == Kind::Text && self.slice(token).starts_with(word);
        self.unread();
        if found {
            for _ in 0..word.len() {
                self.next_char();
            }
        }
        found
    }

    fn discard(&mut self, name: u32) {
        let signature = match self.names.name(name) {
            "rule" => "omm",
            "titlespacing" => "smmmm",
            "titleformat" => {
                if self.star() {
                    "mmm"
                } else {
                    "mommmmo"
                }
            }
            "newcolumntype" => "moom",
            "newsymbol" => {
                self.next();
                self.number();
                return;
            }
            _ => "",
        };
        self.gobble(signature);
    }

    /// `\char 65`, `\char"41`, `` \char`A ``, `\symbol{65}`.
    fn char_code(&mut self) {
        let mut text = String::new();
        self.skip_blanks();
        if self.peek().is_some_and(|token| token.kind == Kind::Open) {
            let argument = self.argument();
            text = self.plain(&argument);
        } else if self.take_char(b'`') {
            let next = self.next_char();
            if let Some(token) = next
                && token.kind == Kind::Text
            {
                self.out.push(token);
            }
            return;
        } else {
            while let Some(token) = self.next_char() {
                let slice = self.slice(token);
                if token.kind == Kind::Text
                    && slice
                        .bytes()
                        .all(|b| b.is_ascii_hexdigit() || b == b'"' || b == b'\'')
                {
                    text.push_str(slice);
                } else {
                    self.unread_char(token);
                    break;
                }
                if text.len() > 8 {
                    break;
                }
            }
        }
        let code = match text.as_bytes().first() {
            Some(b'"') => u32::from_str_radix(&text[1..], 16).ok(),
            Some(b'\'') => u32::from_str_radix(&text[1..], 8).ok(),
            _ => text.trim().parse().ok(),
        };
        if let Some(character) = code
            .filter(|code| (33..127).contains(code))
            .and_then(char::from_u32)
        {
            let token = self.add_text(&character.to_string());
            self.out.push(Token {
                kind: Kind::Verb,
                ..token
            });
        }
    }

    fn theorem_style(&mut self, name: u32) {
        if self.names.name(name) == "newtheoremstyle" {
            self.gobble("smmmmmmmmm");
        } else {
            self.gobble("om");
        }
    }

    /// `\verb|..|`, `\lstinline|..|`, `\mintinline{lang}|..|`: raw.
    fn verb(&mut self, token: Token) {
        let name = self.names.name(token.at).to_owned();
        let Some(cursor) = self.top_cursor().map(|cursor| *cursor) else {
            self.emit_command(token);
            return;
        };
        let rest = self.arena.get(cursor.pos..cursor.end).unwrap_or_default();
        let mut at = 0;
        if name == "mintinline" || name == "lstinline" {
            if rest.starts_with('[') {
                at = rest.find(']').map_or(0, |end| end + 1);
            }
            if name == "mintinline" && rest[at..].starts_with('{') {
                at += rest[at..].find('}').map_or(0, |end| end + 1);
            }
        } else if rest.starts_with('*') {
            at = 1;
        }
        let Some(open) = rest[at..].chars().next() else {
            return;
        };
        let close = if open == '{' { '}' } else { open };
        let body = at + open.len_utf8();
        let line = rest[body..].find('\n').map_or(rest.len(), |end| body + end);
        let Some(end) = rest[body..line].find(close).map(|end| body + end) else {
            self.signals.argument_recoveries += 1;
            return;
        };
        let text = format!("\\{name}{}", &rest[..end + close.len_utf8()]);
        let after = cursor.pos + end + close.len_utf8();
        if let Some(cursor) = self.top_cursor() {
            cursor.pos = after;
        }
        let token = self.add_text(&text);
        self.out.push(Token {
            kind: Kind::Verb,
            ..token
        });
    }

    /// `\url{..}`: the argument is raw, a comment sign is none.
    fn raw_argument(&mut self, token: Token) {
        let Some(cursor) = self.top_cursor().map(|cursor| *cursor) else {
            self.emit_command(token);
            return;
        };
        let rest = self.arena.get(cursor.pos..cursor.end).unwrap_or_default();
        let close = rest
            .strip_prefix('{')
            .and_then(|body| body.find(['}', '\n', '{']));
        match close {
            Some(end) if rest.as_bytes().get(end + 1) == Some(&b'}') => {
                let text = Token::text(small(cursor.pos + 1), small(end));
                if let Some(cursor) = self.top_cursor() {
                    cursor.pos += end + 2;
                }
                self.emit_command(token);
                self.out.push(Token::new(Kind::Open));
                if text.len > 0 {
                    self.out.push(text);
                }
                self.out.push(Token::new(Kind::Close));
            }
            _ => self.emit_command(token),
        }
    }

    /// `|x|` after `\DefineShortVerb{\|}`.
    pub(super) fn short_verbatim(&mut self, token: Token) -> bool {
        let Some(mark) = self.short_verb else {
            return false;
        };
        if self.place != Place::Text || self.isolated > 0 {
            return false;
        }
        let Some(at) = self.slice(token).find(mark) else {
            return false;
        };
        let open = token.at as usize + at;
        let Some(cursor) = self.top_cursor().map(|cursor| *cursor) else {
            return false;
        };
        // Only text that was just read from the file can be read again.
        if token.at as usize + token.len as usize != cursor.pos {
            return false;
        }
        let body = open + mark.len_utf8();
        let rest = self.arena.get(body..cursor.end).unwrap_or_default();
        let Some(end) = rest
            .find([mark, '\n'])
            .filter(|end| rest[*end..].starts_with(mark))
        else {
            return false;
        };
        let text = format!("\\verb{mark}{}{mark}", &rest[..end]);
        let after = body + end + mark.len_utf8();
        if at > 0 {
            self.out.push(Token {
                len: small(at),
                ..token
            });
        }
        if let Some(cursor) = self.top_cursor() {
            cursor.pos = after;
        }
        let token = self.add_text(&text);
        self.out.push(Token {
            kind: Kind::Verb,
            ..token
        });
        true
    }

    fn skip_to(&mut self, name: &str) {
        let mut read = Vec::new();
        while let Some(token) = self.next() {
            if token.kind == Kind::Cs && self.names.name(token.at) == name {
                return;
            }
            read.push(token);
            if token.kind == Kind::Par || read.len() > 2000 {
                break;
            }
        }
        self.push_tokens(&read);
    }

    // --- title, document, AMS-TeX ---

    /// `\title[short]{..}`, or AMS-TeX's `\title .. \endtitle`.
    fn title_command(&mut self) {
        self.star();
        let title = self.argument_or_until("endtitle");
        if self.in_preamble {
            self.title = title;
        } else if self.options.title {
            self.push_field(fixed::TITLE, &title);
        }
    }

    fn author_command(&mut self) {
        let author = self.argument_or_until("endauthor");
        if !self.options.authors {
            return;
        }
        if self.in_preamble {
            if !self.authors.is_empty() {
                let and = self.names.intern("and");
                self.authors.push(Token::cs(and));
            }
            self.authors.extend(author);
        } else {
            self.push_field(fixed::AUTHOR, &author);
        }
    }

    fn push_field(&mut self, name: u32, content: &[Token]) {
        if content
            .iter()
            .all(|token| matches!(token.kind, Kind::Space | Kind::Par))
        {
            return;
        }
        let mut tokens = vec![Token::cs(name).with(FINAL), Token::new(Kind::Open)];
        tokens.extend_from_slice(content);
        tokens.push(Token::new(Kind::Close));
        tokens.push(Token::new(Kind::Par));
        self.push_tokens(&tokens);
    }

    fn argument_or_until(&mut self, end: &str) -> Vec<Token> {
        self.optional();
        self.skip_blanks();
        if self.peek().is_some_and(|token| token.kind == Kind::Open) {
            return self.argument();
        }
        self.until_command(end)
    }

    /// Tokens up to a control word, or to the end of the paragraph if it does not come.
    fn until_command(&mut self, end: &str) -> Vec<Token> {
        let mut tokens = Vec::new();
        let mut par = None;
        self.scanning += 1;
        let mut found = false;
        while let Some(token) = self.next() {
            if token.kind == Kind::Cs && self.names.name(token.at) == end {
                found = true;
                break;
            }
            if token.kind == Kind::Par && par.is_none() {
                par = Some(tokens.len());
            }
            tokens.push(token);
            if tokens.len() > 20_000 {
                break;
            }
        }
        self.scanning -= 1;
        if !found {
            let rest = tokens.split_off(par.unwrap_or(tokens.len().min(1)));
            self.push_tokens(&rest);
            self.signals.argument_recoveries += 1;
        }
        tokens
    }

    /// `\begin{document}`: what was written before goes, but for an abstract and keywords.
    pub(super) fn begin_document(&mut self) {
        if !self.in_preamble {
            return;
        }
        self.in_preamble = false;
        // A package may leave a group open; what it defined stays.
        self.undo.clear();
        for group in &mut self.groups {
            group.undo = 0;
        }
        self.close_groups_to(0);
        let preamble = std::mem::take(&mut self.out);
        self.keep_from_preamble(&preamble);
        self.signals.brace_balance = 0;
        self.signals.brace_recoveries = 0;
        self.signals.formula_recoveries = 0;
        self.signals.environment_recoveries = 0;
        self.signals.inline_formulas = 0;
        self.signals.display_formulas = 0;
        let authors = std::mem::take(&mut self.authors);
        let title = std::mem::take(&mut self.title);
        self.push_field(fixed::AUTHOR, &authors);
        if self.options.title {
            self.push_field(fixed::TITLE, &title);
        }
        // Now, so that the abstract of the preamble follows them.
        let kept = std::mem::take(&mut self.out);
        self.out = Vec::with_capacity(preamble.capacity());
        if !kept.is_empty() {
            let front = self.frames.len();
            let _ = front;
            self.deferred_preamble(kept);
        }
    }

    /// Puts what the preamble left behind the title.
    fn deferred_preamble(&mut self, kept: Vec<Token>) {
        // Title and author lie on the token stack; run them before the rest.
        let mut fields = Vec::new();
        while let Some(frame) = self.frames.last().copied() {
            let super::Feed::Stack { start, end, .. } = frame.feed else {
                break;
            };
            fields.extend(self.stack[start as usize..end as usize].to_vec());
            self.pop_frame();
        }
        let fields = self.isolated(&fields);
        self.out.extend(fields);
        self.out.extend(kept);
    }

    fn keep_from_preamble(&mut self, preamble: &[Token]) {
        let mut at = 0;
        while at < preamble.len() {
            let token = preamble[at];
            at += 1;
            match token.kind {
                Kind::Begin if self.names.info(token.at).env == Env::Abstract => {
                    let end = preamble[at..]
                        .iter()
                        .position(|end| end.kind == Kind::End && end.at == token.at)
                        .map_or(preamble.len(), |end| at + end + 1);
                    self.out.extend_from_slice(&preamble[at - 1..end]);
                    self.out.push(Token::new(Kind::Par));
                    at = end;
                }
                Kind::Cs if token.at == fixed::KEYWORDS => {
                    let end = super::env::command_end(preamble, at, |_| false);
                    self.out.extend_from_slice(&preamble[at - 1..end]);
                    self.out.push(Token::new(Kind::Par));
                    at = end;
                }
                _ => {}
            }
        }
    }

    /// The end of the input: what is still open is closed.
    pub(super) fn finish(&mut self) {
        self.close_groups_to(0);
        if self.in_preamble {
            // There was no `\begin{document}`: everything is text.
            self.in_preamble = false;
            let body = std::mem::take(&mut self.out);
            let title = std::mem::take(&mut self.title);
            if !title.is_empty() {
                self.push_field(fixed::TITLE, &title);
                self.stopped = false;
                self.run();
            }
            self.out.extend(body);
        }
    }

    /// AMS-TeX: `\head .. \endhead`; a `\head` in other papers is a command like any.
    fn ams_head(&mut self, token: Token) {
        self.skip_blanks();
        let end = format!("end{}", self.names.name(token.at));
        if self.peek().is_some_and(|next| next.kind == Kind::Open) && !self.ends_soon(&end) {
            self.emit_command(token);
            return;
        }
        let content = self.until_command(&end);
        let level = match self.names.name(token.at) {
            "subhead" | "subsubhead" => fixed::SUBSECTION,
            _ => fixed::SECTION,
        };
        self.push_field(level, &content);
    }

    /// Whether the control word comes within the paragraph.
    fn ends_soon(&mut self, end: &str) -> bool {
        let Some(cursor) = self.file_cursor().map(|cursor| *cursor) else {
            return false;
        };
        let rest = self
            .arena
            .as_bytes()
            .get(cursor.pos..cursor.end)
            .unwrap_or_default();
        let rest = &rest[..rest.len().min(2000)];
        memchr::memmem::find(rest, format!("\\{end}").as_bytes()).is_some()
    }

    /// `\proclaim{Theorem 1} .. \endproclaim`, plain TeX's `\proclaim Theorem 1. ..\par`,
    /// `\demo{Proof} .. \enddemo`.
    fn ams_proclaim(&mut self, token: Token) {
        let name = self.names.name(token.at).to_owned();
        self.skip_blanks();
        let env = if name == "demo" {
            fixed::PROOF
        } else {
            self.names.intern("proclaim")
        };
        if self.peek().is_some_and(|next| next.kind == Kind::Open) {
            let title = self.argument();
            let title = self.isolated(&title);
            if env == fixed::PROOF {
                self.begin_named(env);
                return;
            }
            let span = self.pool_span(&title);
            let env = self
                .names
                .intern(&format!("proclaim {}", self.plain(&title)));
            self.theorems.insert(env, span);
            self.begin_named(env);
            return;
        }
        if name != "proclaim" {
            self.emit_command(token);
            return;
        }
        // Plain TeX: the title ends with a full stop, the statement with the paragraph.
        let mut title = Vec::new();
        while let Some(next) = self.next_char() {
            if self.is_char(next, b'.') || next.kind == Kind::Par || title.len() > 100 {
                break;
            }
            title.push(next);
        }
        let title = self.isolated(&title);
        let span = self.pool_span(&title);
        let env = self
            .names
            .intern(&format!("proclaim {}", self.plain(&title)));
        self.theorems.insert(env, span);
        let mut body = Vec::new();
        while let Some(next) = self.next() {
            if next.kind == Kind::Par || (next.kind == Kind::Cs && next.at == fixed::PAR) {
                break;
            }
            body.push(next);
            if body.len() > 20_000 {
                break;
            }
        }
        body.push(Token::at(Kind::End, env));
        body.push(Token::new(Kind::Par));
        self.push_tokens(&body);
        self.begin_named(env);
    }

    /// `\endproclaim`, `\enddemo`.
    fn ams_end(&mut self, token: Token) {
        let demo = self.names.name(token.at) == "enddemo";
        let open = self
            .groups
            .iter()
            .rev()
            .take(64)
            .find_map(|group| match group.kind {
                GroupKind::Env { name, .. } if demo && name == fixed::PROOF => Some(name),
                GroupKind::Env { name, .. }
                    if !demo && self.names.name(name).starts_with("proclaim") =>
                {
                    Some(name)
                }
                _ => None,
            });
        if let Some(name) = open {
            self.end_named(name);
        }
    }

    /// `\Refs .. \endRefs` of AMS-TeX.
    fn ams_refs(&mut self) {
        let start = self.out.len();
        let content = self.until_command("endRefs");
        let entries = self.isolated(&content);
        self.bibliography.extend(entries);
        self.out.truncate(start);
    }

    /// `\abstract{..}`, or AMS-TeX's `\abstract .. \endabstract`.
    fn ams_abstract(&mut self, token: Token) {
        self.skip_blanks();
        let braced = self.peek().is_some_and(|next| next.kind == Kind::Open);
        if !braced && !self.ends_soon("endabstract") && self.in_preamble {
            self.emit_command(token.with(SPACED));
            return;
        }
        let content = self.argument_or_until("endabstract");
        let mut tokens = vec![Token::at(Kind::Begin, fixed::ABSTRACT)];
        tokens.extend(content);
        tokens.push(Token::at(Kind::End, fixed::ABSTRACT));
        tokens.push(Token::new(Kind::Par));
        self.push_tokens(&tokens);
    }

    pub(super) fn environment_usable(&mut self, def: u32) -> bool {
        self.is_usable_body(def)
    }

    /// As for macros: nothing that cannot be executed.
    fn is_usable_body(&mut self, def: u32) -> bool {
        if let Some(usable) = self.defs[def as usize].usable {
            return usable;
        }
        let body = self.defs[def as usize].body;
        let usable = self.pooled(body).iter().all(|token| {
            token.kind != Kind::Cs
                || self.meaning(token.at) != Meaning::Builtin
                || !matches!(self.names.info(token.at).class, Class::Hostile)
                    && !(self.names.info(token.at).class == Class::Unknown
                        && self.names.name(token.at).contains('@'))
        });
        self.defs[def as usize].usable = Some(usable);
        usable
    }
}
