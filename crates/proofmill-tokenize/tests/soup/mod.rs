//! Texts that are hard for tokenizers, from a seed.

/// Texts one after the other; the same seed gives the same texts.
pub(crate) struct Soup {
    state: u64,
    own: Vec<String>,
    words: [Vec<String>; 2], // of a vocabulary: in ASCII and others
}

/// What texts are made of, one fragment a line; `\u{..}`, `\n`, `\r`, `\t` and `\\` are escapes.
const FRAGMENTS: &str = include_str!("fragments.txt");

impl Soup {
    /// Texts that also spell `tokens`, such as the added tokens of a vocabulary.
    pub(crate) fn new(seed: u64, tokens: &[String]) -> Self {
        let mut own: Vec<String> = FRAGMENTS.lines().map(unescaped).collect();
        own.extend(tokens.iter().take(200).cloned());
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            own,
            words: [Vec::new(), Vec::new()],
        }
    }

    /// Texts that also have what the tokens of this vocabulary spell, side by side.
    pub(crate) fn with_vocabulary(mut self, tokenizer: &tokenizers::Tokenizer) -> Self {
        let n_tokens = u32::try_from(tokenizer.get_vocab_size(true)).unwrap_or(u32::MAX);
        for id in 0..n_tokens {
            let Ok(word) = tokenizer.decode(&[id], false) else {
                continue;
            };
            if !word.is_empty() && !word.contains('\u{FFFD}') {
                self.words[usize::from(!word.is_ascii())].push(word);
            }
        }
        self
    }

    /// The next text: mostly some hundred bytes, now and then nothing or some thousand.
    pub(crate) fn text(&mut self) -> String {
        let mut text = String::new();
        let n_parts = match self.below(40) {
            0 => 0,
            1 => self.below(200),
            _ => 1 + self.below(14),
        };
        for _ in 0..n_parts {
            self.part(&mut text);
        }
        text
    }

    fn part(&mut self, text: &mut String) {
        match self.below(20) {
            0 => text.push(self.char()),
            1 => {
                let c = self.char();
                for _ in 0..=self.below(40) {
                    text.push(c);
                }
            }
            2 => {
                for _ in 0..=self.below(200) {
                    let letter = b"etaoinshrdlucmfwypvbgkqjxz"[self.below(26)];
                    text.push(char::from(letter));
                }
            }
            3 => {
                for _ in 0..=self.below(12) {
                    text.push(char::from(b'0' + self.digit()));
                }
            }
            4 => {
                for _ in 0..=self.below(6) {
                    text.push(self.char());
                }
            }
            5 => {
                // A part of a fragment, such as half a special token.
                let fragment = self.fragment().clone();
                let n_chars = fragment.chars().count().max(1);
                let (from, n) = (self.below(n_chars), 1 + self.below(n_chars));
                text.extend(fragment.chars().skip(from).take(n));
            }
            6 => {
                let n = 1 + self.below(40);
                let fragment = self.fragment().clone();
                text.push_str(&fragment.repeat(if fragment.len() > 8 { 1 + n % 4 } else { n }));
            }
            7 | 8 => {
                for _ in 0..=self.below(8) {
                    text.push(char::from(b' ' + self.ascii()));
                }
            }
            9 => {
                for _ in 0..=self.below(20) {
                    let offset = u32::try_from(self.below(2000)).unwrap_or(0);
                    text.extend(char::from_u32(0x4E00 + offset));
                }
            }
            10 => text.push(' '),
            11..15 => {
                // Words without spaces, or parts of them, as long as they are all of one kind.
                let kind = self.below(2);
                for _ in 0..=self.below(12) {
                    let n_words = self.words[kind].len().max(1);
                    let index = self.below(n_words);
                    let n_chars = if self.below(3) == 0 { 1 } else { usize::MAX };
                    let word = self.words[kind].get(index).map_or("", String::as_str);
                    text.extend(word.trim_start().chars().take(n_chars));
                }
            }
            _ => {
                let fragment = self.fragment().clone();
                text.push_str(&fragment);
            }
        }
    }

    fn fragment(&mut self) -> &String {
        let index = self.below(self.own.len());
        &self.own[index]
    }

    /// A character from anywhere, but mostly from where scripts are.
    fn char(&mut self) -> char {
        let limit = [0x80, 0x250, 0x800, 0x3100, 0x1_0000, 0x2_0000, 0x11_0000][self.below(7)];
        let code = u32::try_from(self.below(limit)).unwrap_or(0);
        char::from_u32(code).unwrap_or('\u{D7FF}')
    }

    fn digit(&mut self) -> u8 {
        u8::try_from(self.below(10)).unwrap_or(0)
    }

    fn ascii(&mut self) -> u8 {
        u8::try_from(self.below(95)).unwrap_or(0)
    }

    /// A number below `limit`, which is not zero.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        // xorshift64*, Vigna 2016.
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let upper = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(upper).unwrap_or(0) % limit
    }
}

fn unescaped(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let mut chars = after.chars();
        match chars.next() {
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('u') => {
                let digits = &after[2..after.find('}').expect("an escape ends")];
                let code = u32::from_str_radix(digits, 16).expect("an escape is a number");
                text.push(char::from_u32(code).expect("an escape is a character"));
                rest = &after[digits.len() + 3..];
                continue;
            }
            other => text.extend(other),
        }
        rest = chars.as_str();
    }
    text + rest
}
