//! Private keys in PEM and `OpenPGP` armor, in a file of their own or in string literals.

use super::{MAX_FINDINGS, Secret, n_different};

/// A block longer than this is cut here; the largest RSA keys in use have 13 KiB.
const MAX_KEY_BYTES: usize = 16 << 10;
/// Fewer bytes of base64 hold no key: an Ed25519 key has 64.
const MIN_BASE64_BYTES: usize = 48;
/// As many make a key even if they look like filling.
const SURE_BASE64_BYTES: usize = 160;

/// Appends the private keys in `text`, each from its opening line to its closing one, or as far as
/// base64 goes.
pub(super) fn find(text: &str, found: &mut Vec<Secret>) {
    const OPEN: &str = "-----BEGIN ";
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = memchr::memmem::find(&bytes[from..], OPEN.as_bytes()) {
        let at = from + at;
        from = at + OPEN.len();
        if found.len() >= MAX_FINDINGS {
            return;
        }
        if let Some(end) = end_of_key(bytes, from) {
            found.push(Secret {
                kind: "private-key",
                span: at..end,
            });
            from = end;
        }
    }
}

/// End of the key whose label begins at `label_at`.
fn end_of_key(bytes: &[u8], label_at: usize) -> Option<usize> {
    const MAX_LABEL_BYTES: usize = 48;
    const DASHES: &[u8] = b"-----";
    const CLOSE: &[u8] = b"-----END ";
    let head = &bytes[label_at..bytes.len().min(label_at + MAX_LABEL_BYTES)];
    let n_label = memchr::memmem::find(head, DASHES)?;
    let label = &head[..n_label];
    if !label.ends_with(b"PRIVATE KEY") && !label.ends_with(b"PRIVATE KEY BLOCK") {
        return None;
    }
    let body_at = label_at + n_label + DASHES.len();
    let body = &bytes[body_at..bytes.len().min(body_at + MAX_KEY_BYTES)];
    // Up to the next line of dashes, whichever it is, so that nothing is looked at twice.
    let dashes = memchr::memmem::find(body, DASHES);
    let has_close = dashes.is_some_and(|at| body[at..].starts_with(CLOSE));
    let between = &body[..dashes.unwrap_or(body.len())];
    let n_between = if has_close {
        between.len()
    } else {
        let armor = between.iter().take_while(|byte| is_armor(**byte));
        armor.count()
    };
    let between = &between[..n_between];
    if !is_key(between) {
        return None;
    }
    if !has_close {
        let blanks = between.iter().rev();
        let n_blanks = blanks.take_while(|byte| byte.is_ascii_whitespace()).count();
        return Some(body_at + n_between - n_blanks);
    }
    // The closing line ends with dashes, as the opening one does.
    let tail_at = body_at + n_between + CLOSE.len();
    let tail = &bytes[tail_at..bytes.len().min(tail_at + MAX_LABEL_BYTES)];
    let n_tail = memchr::memmem::find(tail, DASHES).map_or(0, |at| at + DASHES.len());
    Some(tail_at + n_tail)
}

/// Bytes of armored data, of its header lines, and of the string literals around its lines.
fn is_armor(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() || b"+/=\"'\\,;:-#|".contains(&byte)
}

/// Whether there is a key between the lines rather than `...` or a line of text.
fn is_key(between: &[u8]) -> bool {
    const MIN_DIFFERENT: usize = 16;
    let n_armor = between.iter().filter(|byte| is_armor(**byte)).count();
    let is_base64 = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    let longest = between
        .split(|byte| !is_base64(&byte))
        .max_by_key(|run| run.len())
        .unwrap_or_default();
    let n_base64 = between.iter().filter(is_base64).count();
    let is_varied = n_different(between) >= MIN_DIFFERENT && longest.iter().any(u8::is_ascii_digit);
    // Lines of armor have no blanks; a sentence between the marks has.
    n_armor * 10 >= between.len() * 9
        && longest.len() >= 32
        && (n_base64 >= SURE_BASE64_BYTES || n_base64 >= MIN_BASE64_BYTES && is_varied)
}
