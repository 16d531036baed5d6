//! A string that keeps its white space in order: no double blanks, no blank line twice.

/// White space that is owed before the next word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gap {
    None,
    Space,
    Line,
    Par,
}

/// Text under construction.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) text: String,
    gap: Gap,
}

impl Writer {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            text: String::with_capacity(capacity),
            gap: Gap::None,
        }
    }

    /// Owes at least this much white space.
    pub(crate) fn gap(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    pub(crate) fn pending(&self) -> Gap {
        self.gap
    }

    /// Takes back blanks at the start of a line on which nothing else stands.
    pub(crate) fn trim_blank_line(&mut self) {
        let line = self.text.trim_end_matches(' ').len();
        if self.text[..line].ends_with('\n') {
            self.text.truncate(line);
        }
    }

    /// Takes back white space that is owed.
    pub(crate) fn cancel_gap(&mut self) {
        self.gap = Gap::None;
    }

    /// Writes what is owed.
    #[inline]
    pub(crate) fn flush(&mut self) {
        let gap = std::mem::replace(&mut self.gap, Gap::None);
        if gap == Gap::None || self.text.is_empty() {
            return;
        }
        let have = match self.text.as_bytes() {
            [.., b'\n', b'\n'] => Gap::Par,
            [.., b'\n'] => Gap::Line,
            [.., b' '] => Gap::Space,
            _ => Gap::None,
        };
        if have >= gap {
            return;
        }
        if gap >= Gap::Line && have == Gap::Space {
            self.text.truncate(self.text.trim_end_matches(' ').len());
        }
        self.text.push_str(match (gap, have) {
            (Gap::Par, Gap::Line) | (Gap::Line, _) => "\n",
            (Gap::Par, _) => "\n\n",
            _ => " ",
        });
    }

    /// Writes a word after what is owed.
    #[inline]
    pub(crate) fn put(&mut self, word: &str) {
        if self.gap != Gap::None {
            self.flush();
        }
        self.text.push_str(word);
    }

    /// The finished text, without white space at its end.
    pub(crate) fn finish(mut self) -> String {
        let end = self.text.trim_end().len();
        self.text.truncate(end);
        self.text
    }
}
