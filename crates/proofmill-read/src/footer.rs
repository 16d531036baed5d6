//! Measures the schema in a Parquet footer before the decoder, which recurses into it, sees it.
//!
//! Source: the Thrift compact protocol, and `FileMetaData` and `SchemaElement` of parquet-format.

/// Groups inside groups that a schema may have; real ones have a few.
const MAX_SCHEMA_DEPTH: usize = 64;
/// Structs inside structs that are passed over.
const MAX_THRIFT_DEPTH: usize = 32;

/// Checks that the schema in a footer, given without its length and magic, is not nested too deep.
pub(crate) fn check(footer: &[u8]) -> Result<(), String> {
    let mut thrift = Thrift {
        bytes: footer,
        at: 0,
    };
    match thrift.schema_depth() {
        Some(depth) if depth <= MAX_SCHEMA_DEPTH => Ok(()),
        Some(_) => Err(format!("a schema of more than {MAX_SCHEMA_DEPTH} levels")),
        None => Err(format!("a malformed footer at its byte {}", thrift.at)),
    }
}

struct Thrift<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Types of the compact protocol that need care.
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;
const I32: u8 = 5;

impl Thrift<'_> {
    /// Levels of the schema, counted up to one above the limit; `None` if the bytes are no Thrift.
    fn schema_depth(&mut self) -> Option<usize> {
        const SCHEMA: i64 = 2;
        let mut field = 0;
        while let Some((id, kind)) = self.field(field)? {
            field = id;
            if id != SCHEMA || kind != LIST {
                self.skip(kind, 0)?;
                continue;
            }
            let (n_elements, kind) = self.list()?;
            if kind != STRUCT {
                return None;
            }
            let mut open_children: Vec<u64> = Vec::new(); // still to come, by level
            for _ in 0..n_elements {
                let n_children = self.children()?;
                if let Some(left) = open_children.last_mut() {
                    *left = left.saturating_sub(1);
                }
                if n_children > 0 {
                    open_children.push(n_children);
                }
                if open_children.len() > MAX_SCHEMA_DEPTH {
                    return Some(open_children.len());
                }
                while open_children.last() == Some(&0) {
                    open_children.pop();
                }
            }
            return Some(0);
        }
        None
    }

    /// Passes over one schema element; gives its number of children.
    fn children(&mut self) -> Option<u64> {
        const N_CHILDREN: i64 = 5;
        let (mut field, mut n_children) = (0, 0);
        while let Some((id, kind)) = self.field(field)? {
            field = id;
            if id == N_CHILDREN && kind == I32 {
                n_children = u64::try_from(self.zigzag()?).unwrap_or(0);
            } else {
                self.skip(kind, 0)?;
            }
        }
        Some(n_children)
    }

    /// Next field of a struct: number and type; the inner `None` at its end.
    #[expect(clippy::option_option, reason = "the outer one is malformed data")]
    fn field(&mut self, last: i64) -> Option<Option<(i64, u8)>> {
        let head = self.byte()?;
        if head == 0 {
            return Some(None);
        }
        let id = match head >> 4 {
            0 => self.zigzag()?,
            delta => last.checked_add(i64::from(delta))?,
        };
        Some(Some((id, head & 15)))
    }

    fn list(&mut self) -> Option<(u64, u8)> {
        let head = self.byte()?;
        let n_elements = match head >> 4 {
            15 => self.varint()?,
            n_elements => u64::from(n_elements),
        };
        Some((n_elements, head & 15))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > MAX_THRIFT_DEPTH {
            return None;
        }
        match kind {
            1 | 2 => Some(()), // a boolean is its type
            3 => self.pass(1),
            4..=6 => self.varint().map(|_| ()),
            7 => self.pass(8),
            BINARY => {
                let n_bytes = self.varint()?;
                self.pass(n_bytes)
            }
            LIST | 10 => {
                let (n_elements, kind) = self.list()?;
                for _ in 0..n_elements {
                    self.skip_element(kind, depth + 1)?;
                }
                Some(())
            }
            11 => {
                let n_pairs = self.varint()?;
                let kinds = if n_pairs > 0 { self.byte()? } else { 0 };
                for _ in 0..n_pairs {
                    self.skip_element(kinds >> 4, depth + 1)?;
                    self.skip_element(kinds & 15, depth + 1)?;
                }
                Some(())
            }
            STRUCT => {
                let mut field = 0;
                while let Some((id, kind)) = self.field(field)? {
                    field = id;
                    self.skip(kind, depth + 1)?;
                }
                Some(())
            }
            13 => self.pass(16),
            _ => None,
        }
    }

    /// An element of a list or map, where a boolean has a byte of its own.
    fn skip_element(&mut self, kind: u8, depth: usize) -> Option<()> {
        if matches!(kind, 1 | 2) {
            self.pass(1)
        } else {
            self.skip(kind, depth)
        }
    }

    fn pass(&mut self, n_bytes: u64) -> Option<()> {
        let end = self.at.checked_add(usize::try_from(n_bytes).ok()?)?;
        (end <= self.bytes.len()).then(|| self.at = end)
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }
}
