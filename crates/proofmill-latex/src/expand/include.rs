//! Other files: `\input` and its kin, and local packages for their definitions.

use super::Engine;
use super::frames::Feed;
use crate::token::{Kind, Token};

impl Engine {
    /// `\input{name}`, `\input name`, `\include{name}`.
    pub(super) fn input(&mut self) {
        let name = self.file_name();
        self.include(&name, None);
    }

    /// `\import{dir}{name}`.
    pub(super) fn import(&mut self) {
        self.star();
        let dir = self.argument();
        let name = self.argument();
        let (dir, name) = (self.plain(&dir), self.plain(&name));
        self.include(&name, Some(dir.trim()));
    }

    /// A file name in braces, in quotes, or up to a blank.
    fn file_name(&mut self) -> String {
        self.skip_blanks();
        if self.peek().is_some_and(|token| token.kind == Kind::Open) {
            let name = self.argument();
            let name = if name.iter().any(|token| token.kind == Kind::Cs) {
                self.isolated(&name)
            } else {
                name
            };
            return self.plain(&name);
        }
        let mut tokens: Vec<Token> = Vec::new();
        let mut quoted = false;
        self.scanning += 1;
        while let Some(token) = self.next_char() {
            if self.is_char(token, b'"') {
                quoted = !quoted;
                continue;
            }
            let name_char = match token.kind {
                Kind::Text => !self.is_char(token, b' ') || quoted,
                Kind::Sub | Kind::Tie => true,
                Kind::Space => quoted && !token.has(crate::token::NEWLINE),
                _ => false,
            };
            if !name_char {
                if token.kind != Kind::Space {
                    self.unread_char(token);
                }
                break;
            }
            tokens.push(token);
            if tokens.len() > 500 {
                break;
            }
        }
        self.scanning -= 1;
        self.plain(&tokens)
    }

    fn include(&mut self, name: &str, dir: Option<&str>) {
        let name = name.trim().trim_matches('"');
        self.ams |= matches!(name, "amstex" | "amstex.tex" | "amsppt" | "amsppt.sty");
        if name.is_empty() || self.frames.len() >= self.options.limits.depth {
            return;
        }
        let here = self.frames.last().map_or(0, |frame| frame.file);
        let Some(file) = self.library.resolve(name, dir, here) else {
            if !crate::library::is_public_package(name) {
                self.signals.missing_files += 1;
            }
            return;
        };
        let at_letter = self.file_cursor().is_some_and(|cursor| cursor.at_letter)
            || self.library.is_package_file(file);
        self.read_file(file, at_letter);
    }

    /// Puts a file of the library before the rest of the input, unless that would be a cycle.
    fn read_file(&mut self, file: u32, at_letter: bool) {
        let open = self
            .frames
            .iter()
            .any(|frame| matches!(frame.feed, Feed::File { .. }) && frame.file == file);
        let limit = self.options.limits.inclusions;
        if open || self.out.len() >= self.max_out {
            self.signals.limit_breaches += 1;
            return;
        }
        let Some((start, end)) = self.library.open(file, limit) else {
            self.signals.limit_breaches += 1;
            return;
        };
        self.push_file(start, end, at_letter, file);
        if self.library.is_whole_document(file) {
            // A subfile: its preamble and its `\begin{document}` are not text.
            let text = self.arena.get(start..end).unwrap_or_default();
            if let Some(at) = text.find("\\begin{document}")
                && let Some(Feed::File { cursor, .. }) =
                    self.frames.last_mut().map(|frame| &mut frame.feed)
            {
                cursor.pos = start + at + "\\begin{document}".len();
                let body = text.get(at..).unwrap_or_default();
                if let Some(stop) = body.find("\\end{document}") {
                    cursor.end = start + at + stop;
                }
            }
        }
    }

    /// `\endinput`: the file ends with this line.
    pub(super) fn end_input(&mut self, token: Token) {
        let arena = std::mem::take(&mut self.arena);
        if let Some(cursor) = self.file_cursor() {
            let at_line_end = token.has(crate::token::NEWLINE);
            cursor.end = if at_line_end { cursor.pos } else { cursor.end };
            cursor.end = crate::lexer::line_end(&arena, cursor).min(cursor.end);
        }
        self.arena = arena;
    }

    /// `\usepackage[..]{a,b}`: local packages are read for their definitions.
    pub(super) fn use_package(&mut self, extension: &str) {
        let options = self.optional().unwrap_or_default();
        let names = self.argument();
        self.optional();
        let names = self.plain(&names);
        let options = self.plain(&options);
        self.note_language(&options, &names, extension == "cls");
        let mut files = Vec::new();
        for name in names.split(',').take(100) {
            let name = name.trim();
            if name.is_empty() || crate::library::is_public_package(name) {
                continue;
            }
            let here = self.frames.last().map_or(0, |frame| frame.file);
            let path = format!("{name}.{extension}");
            files.extend(self.library.resolve_exact(&path, here));
        }
        for file in files.into_iter().rev() {
            self.read_file(file, true);
        }
    }

    /// Notes what the options of a class or of babel say of the language, and the format.
    fn note_language(&mut self, options: &str, names: &str, is_class: bool) {
        let is_language =
            |word: &str| word.len() > 3 && word.bytes().all(|b| b.is_ascii_lowercase());
        let last = options
            .split(',')
            .map(|option| option.trim().trim_start_matches("main=").trim())
            .rfind(|option| is_language(option));
        let main = options
            .split(',')
            .find_map(|option| option.trim().strip_prefix("main="));
        let language = main.or(last).map(str::to_owned);
        if is_class {
            self.has_class |= !names.contains("amsppt");
            self.ams |= names.contains("amsppt");
            self.class_language = options
                .split(',')
                .map(str::trim)
                .rfind(|option| crate::emit::has_shorthands(option))
                .map(str::to_owned);
        }
        for name in names
            .split(',')
            .chain(options.split(',').filter(|_| is_class))
        {
            match name.trim() {
                "babel" => self.language = language.clone().or(self.class_language.take()),
                // As a package, or as an option of LaTeX 2.09.
                name @ ("german" | "ngerman")
                    if !names.contains("babel") && (!is_class || self.old_style) =>
                {
                    self.language = Some(name.to_owned());
                }
                _ => {}
            }
        }
    }

    /// The processed bibliography of the main file, if there is one.
    pub(super) fn read_bibliography(&mut self) {
        if self.bibliography.is_empty()
            && let Some(file) = self.library.bibliography()
        {
            self.read_file(file, false);
        }
    }

    /// Makes what a `filecontents` environment holds a file of the submission.
    pub(super) fn library_add(&mut self, start: usize, end: usize) {
        let text = self.arena.get(start..end).unwrap_or_default();
        let text = text.trim_start();
        let text = text
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
            .map_or(text, |(_, rest)| rest);
        let Some((name, body)) = text.strip_prefix('{').and_then(|rest| rest.split_once('}'))
        else {
            return;
        };
        let from = end - body.len();
        let name = name.to_owned();
        self.library.add_range(&name, from, end);
    }
}
