//! The attributes of one start tag, read where they lie.

/// Iterates over `name`, `value` as written: references not decoded, names in their case.
///
/// Reads what browsers read: quoted, unquoted and empty values, stray `/` and white space.
#[derive(Clone)]
pub(crate) struct Attributes<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Attributes<'a> {
    /// `text` is all between the element's name and the closing `>`.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        let is_gap = |byte: u8| byte.is_ascii_whitespace() || byte == b'/';
        while bytes.get(self.at).is_some_and(|byte| is_gap(*byte)) {
            self.at += 1;
        }
        let from = self.at;
        bytes.get(from)?;
        self.at += 1; // a leading `=` belongs to the name
        while bytes
            .get(self.at)
            .is_some_and(|byte| !is_gap(*byte) && *byte != b'=')
        {
            self.at += 1;
        }
        let name = self.text.get(from..self.at)?;
        let after_name = self.at;
        while bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        if bytes.get(self.at) != Some(&b'=') {
            self.at = after_name;
            return Some((name, ""));
        }
        self.at += 1;
        while bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        let (from, to) = if let Some(quote @ (b'"' | b'\'')) = bytes.get(self.at) {
            let from = self.at + 1;
            let rest = bytes.get(from..)?;
            let to = memchr::memchr(*quote, rest).map_or(bytes.len(), |n| from + n);
            self.at = (to + 1).min(bytes.len());
            (from, to)
        } else {
            let from = self.at;
            while bytes
                .get(self.at)
                .is_some_and(|byte| !byte.is_ascii_whitespace())
            {
                self.at += 1;
            }
            (from, self.at)
        };
        Some((name, self.text.get(from..to)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let read = |text| Attributes::new(text).collect::<Vec<_>>();
        assert_eq!(
            read(" a=1 B = \"x y\" c='q\"' d /e=/u/v/ f"),
            [
                ("a", "1"),
                ("B", "x y"),
                ("c", "q\""),
                ("d", ""),
                ("e", "/u/v/"),
                ("f", "")
            ]
        );
        assert_eq!(read("a=\"open"), [("a", "open")]);
        assert_eq!(read(" /"), []);
        assert_eq!(read("=x=1"), [("=x", "1")]);
        assert_eq!(read("a="), [("a", "")]);
    }
}
