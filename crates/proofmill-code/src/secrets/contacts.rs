//! E-mail and IP addresses that lead to a person or a machine.
//!
//! | no address | why |
//! |---|---|
//! | `x@y.slot`, `A@B.dot(c)` | no top-level domain, or code goes on behind it |
//! | `name@example.org`, `.test`, `.invalid` | reserved for documentation (RFC 2606) |
//! | 10.0.0.1, 127.0.0.1, 192.0.2.1, `2001:db8::1` | private, loopback, link-local, reserved (RFC 6890, 5737, 3849) |
//! | `version 91.2.3.4`, `>=91.2.3.4`, 3.1.2.1 | versions, releases, sections |
//!
//! `git@host`, `root@host` and the addresses of author lines are addresses.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::{MAX_FINDINGS, Secret, tidy};

/// Top-level domains of countries, two letters each.
const COUNTRIES: &str = "acadaeafagaialamaoaqarasatauawaxazbabbbdbebfbgbhbibjbmbnbobrbsbtbvbwbybzcacccdcfcgchcickclcmcncocrcucvcwcxcyczdedjdkdmdodzeceeegereseteufifjfkfmfofrgagbgdgegfggghgiglgmgngpgqgrgsgtgugwgyhkhmhnhrhthuidieiliminioiqirisitjejmjojpkekgkhkikmknkpkrkwkykzlalblclilklrlsltlulvlymamcmdmemgmhmkmlmmmnmompmqmrmsmtmumvmwmxmymznancnenfngninlnonpnrnunzompapepfpgphpkplpmpnprpsptpwpyqarerorsrurwsasbscsdsesgshsisjskslsmsnsosrssstsusvsxsysztctdtftgthtjtktltmtntotrtttvtwtzuaugukusuyuzvavcvevgvivnvuwfwsyeytzazmzw";

/// Other top-level domains that people have addresses under.
const GENERIC: &[&str] = &[
    "academy",
    "aero",
    "app",
    "arpa",
    "asia",
    "berlin",
    "biz",
    "blog",
    "cat",
    "cloud",
    "club",
    "com",
    "coop",
    "dev",
    "digital",
    "edu",
    "email",
    "foundation",
    "gmbh",
    "gov",
    "hamburg",
    "info",
    "institute",
    "int",
    "jobs",
    "live",
    "london",
    "mail",
    "mil",
    "mobi",
    "museum",
    "name",
    "net",
    "network",
    "nyc",
    "online",
    "org",
    "page",
    "paris",
    "post",
    "pro",
    "science",
    "site",
    "software",
    "space",
    "store",
    "studio",
    "systems",
    "tech",
    "technology",
    "tel",
    "today",
    "travel",
    "university",
    "website",
    "wiki",
    "world",
    "xyz",
    "zone",
];

/// Finds e-mail addresses: a name, `@`, and a domain under a known top-level domain. At most
/// [`MAX_FINDINGS`]; linear in the text.
///
/// A list of names in braces (`{a.person,b.person}@uni.edu`) is one finding.
#[must_use]
pub fn emails(text: &str) -> Vec<Secret> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for at in memchr::memchr_iter(b'@', bytes) {
        if found.len() >= MAX_FINDINGS {
            break;
        }
        let n_name = names_bytes(&bytes[..at]);
        if n_name == 0 {
            continue;
        }
        let n_domain = domain_bytes(&bytes[at + 1..]);
        let (start, end) = (at - n_name, at + 1 + n_domain);
        let is_name = !bytes[..start].ends_with(b"\\") && !is_url_password(&bytes[..start]);
        if is_name && n_domain > 0 && !goes_on_as_code(&bytes[end..]) {
            found.push(Secret {
                kind: "email",
                span: start..end,
            });
        }
    }
    tidy(found)
}

/// Whether `before` ends in `://user:`, so that a password stands in front of the `@`.
fn is_url_password(before: &[u8]) -> bool {
    const MAX_USER_BYTES: usize = 64;
    let Some(before) = before.strip_suffix(b":") else {
        return false;
    };
    let is_user = |byte: &&u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(byte);
    let user = before.iter().rev().take(MAX_USER_BYTES);
    let n_user = user.take_while(is_user).count();
    before[..before.len() - n_user].ends_with(b"://")
}

/// Bytes at the end of `before` that name one person, or several in braces.
fn names_bytes(before: &[u8]) -> usize {
    const MAX_NAME_BYTES: usize = 64;
    const MAX_NAMES_BYTES: usize = 200;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(byte);
    // TeX writes braces as `\{` and `\}`.
    let opened = before.strip_suffix(b"}");
    if let Some(list) = opened.map(|list| list.strip_suffix(b"\\").unwrap_or(list)) {
        let is_listed = |byte: &&u8| is_name(byte) || b", |".contains(byte);
        let names = list.iter().rev().take(MAX_NAMES_BYTES);
        let n_names = names.take_while(is_listed).count();
        let rest = &list[..list.len() - n_names];
        let Some(rest) = rest.strip_suffix(b"{").filter(|_| n_names > 1) else {
            return 0;
        };
        return before.len() - rest.strip_suffix(b"\\").unwrap_or(rest).len();
    }
    let name = before.iter().rev().take(MAX_NAME_BYTES + 1);
    let n_name = name.take_while(|byte| is_name(byte)).count();
    let name = &before[before.len() - n_name..];
    let n_punctuation = name
        .iter()
        .take_while(|byte| !byte.is_ascii_alphanumeric())
        .count();
    let is_sound = n_name <= MAX_NAME_BYTES
        && name.last().is_some_and(|byte| *byte != b'.')
        && memchr::memmem::find(name, b"..").is_none();
    if is_sound { n_name - n_punctuation } else { 0 }
}

/// Bytes at the start of `rest` that are a domain which people have addresses under.
fn domain_bytes(rest: &[u8]) -> usize {
    const MAX_DOMAIN_BYTES: usize = 100;
    const RESERVED: [&[u8]; 3] = [b"example.com", b"example.net", b"example.org"];
    let is_domain = |byte: &&u8| byte.is_ascii_alphanumeric() || b".-".contains(byte);
    let length = rest
        .iter()
        .take(MAX_DOMAIN_BYTES)
        .take_while(is_domain)
        .count();
    let mut domain = &rest[..length];
    while let [head @ .., b'.' | b'-'] = domain {
        domain = head;
    }
    let lower = domain.to_ascii_lowercase();
    let labels: Vec<&[u8]> = lower.split(|byte| *byte == b'.').collect();
    let [.., owner, top] = labels[..] else {
        return 0;
    };
    let is_known = std::str::from_utf8(top).is_ok_and(is_top_level);
    let is_empty = labels.iter().any(|label| label.is_empty());
    let is_reserved = RESERVED.iter().any(|name| {
        lower.ends_with(name)
            && (lower.len() == name.len() || lower[lower.len() - name.len() - 1] == b'.')
    });
    let is_numbers = labels[..labels.len() - 1]
        .iter()
        .all(|label| label.iter().all(u8::is_ascii_digit));
    if is_known && !is_empty && !is_reserved && !is_numbers && owner.len() >= 2 {
        domain.len()
    } else {
        0
    }
}

fn is_top_level(top: &str) -> bool {
    let is_country = top.len() == 2
        && COUNTRIES
            .as_bytes()
            .chunks_exact(2)
            .any(|country| country == top.as_bytes());
    is_country || GENERIC.binary_search(&top).is_ok()
}

/// Whether an expression goes on behind what could be a domain: a call, an index, an assignment, a
/// longer name.
fn goes_on_as_code(behind: &[u8]) -> bool {
    let n_blanks = behind
        .iter()
        .take(8)
        .take_while(|byte| **byte == b' ')
        .count();
    let next = behind.get(n_blanks..).unwrap_or_default();
    let is_joined = n_blanks == 0 && next.first().is_some_and(|byte| b"([_$@".contains(byte));
    let is_assigned =
        next.starts_with(b"= ") || next.starts_with(b"<- ") || next.starts_with(b":= ");
    is_joined || is_assigned
}

/// Finds public IPv4 and IPv6 addresses. At most [`MAX_FINDINGS`]; linear in the text.
#[must_use]
pub fn ip_addresses(text: &str) -> Vec<Secret> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut free_from = 0; // behind the last finding
    for at in memchr::memchr2_iter(b'.', b':', bytes) {
        if at < free_from || found.len() >= MAX_FINDINGS {
            continue;
        }
        let span = if bytes[at] == b'.' {
            version_4(bytes, at)
        } else {
            version_6(bytes, at)
        };
        if let Some(span) = span {
            free_from = span.end;
            found.push(Secret {
                kind: "ip-address",
                span,
            });
        }
    }
    found
}

/// The IPv4 address whose first dot stands at `dot`.
fn version_4(bytes: &[u8], dot: usize) -> Option<Range<usize>> {
    const MAX_BYTES: usize = 16;
    let digits = bytes[..dot].iter().rev().take(4);
    let start = dot - digits.take_while(|byte| byte.is_ascii_digit()).count();
    let before = start.checked_sub(1).map(|before| bytes[before]);
    if start == dot
        || before.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    {
        return None;
    }
    let is_part = |byte: &&u8| byte.is_ascii_digit() || **byte == b'.';
    let length = bytes[start..]
        .iter()
        .take(MAX_BYTES)
        .take_while(is_part)
        .count();
    let mut address = &bytes[start..start + length];
    // A sentence may end behind it.
    if address.ends_with(b".") {
        address = &address[..length - 1];
    }
    let end = start + address.len();
    let goes_on = bytes
        .get(end)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    // Refuses leading zeros, as in dates, and numbers beyond 255.
    let parsed: Ipv4Addr = std::str::from_utf8(address).ok()?.parse().ok()?;
    let is_address = !goes_on && is_public(parsed) && !is_version(bytes, start, end, parsed);
    is_address.then_some(start..end)
}

fn is_public(address: Ipv4Addr) -> bool {
    let [first, second, third, last] = address.octets();
    let is_reserved = first == 0
        || first >= 224
        || (first == 100 && (64..128).contains(&second))
        || (first == 192 && second == 0 && third == 0)
        || (first == 198 && (second == 18 || second == 19))
        || (second, third, last) == (0, 0, 0);
    !is_reserved
        && !address.is_private()
        && !address.is_loopback()
        && !address.is_link_local()
        && !address.is_documentation()
}

/// Whether four numbers count releases or sections rather than name a machine.
fn is_version(bytes: &[u8], start: usize, end: usize, address: Ipv4Addr) -> bool {
    const MAX_CONTEXT_BYTES: usize = 40;
    /// Numbers of sections and releases stay below this.
    const SMALL: u8 = 20;
    let line = &bytes[start.saturating_sub(MAX_CONTEXT_BYTES)..start];
    let line = line
        .rsplit(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let line = line.to_ascii_lowercase();
    let clause = line
        .rsplit(|byte| b",;".contains(byte))
        .next()
        .unwrap_or_default();
    let compares = [&b">="[..], b"<=", b"==", b"~=", b"@"];
    let code = line.trim_ascii_end();
    if compares.iter().any(|sign| code.ends_with(sign)) || speaks_of(clause, VERSIONS) {
        return true;
    }
    let has_port =
        bytes.get(end) == Some(&b':') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
    // Object identifiers of ISO and ITU begin so.
    let is_identifier = matches!(address.octets(), [1, 2 | 3, ..] | [2, 5 | 16 | 23, ..]);
    let is_small = is_identifier || address.octets().iter().all(|number| *number <= SMALL);
    is_small
        && !is_resolver(address)
        && !has_port
        && !line.ends_with(b"://")
        && !speaks_of(&line, MACHINES)
}

/// Beginnings of words in front of a version or a section.
const VERSIONS: &[&str] = &[
    "build", "chapter", "lemma", "oid", "release", "revision", "section", "since", "theorem",
    "ver", "version",
];
/// Beginnings of words in front of an address.
const MACHINES: &[&str] = &[
    "addr", "dns", "host", "ip", "ping", "proxy", "server", "socket", "ssh",
];

/// Whether a word of `line` begins with one of `words`; two letters must be the whole word.
fn speaks_of(line: &[u8], words: &[&str]) -> bool {
    let mut found = line.split(|byte| !byte.is_ascii_alphabetic());
    found.any(|word| {
        words.iter().any(|known| {
            let is_begun = word.starts_with(known.as_bytes());
            is_begun && (known.len() > 2 || word.len() == known.len())
        })
    })
}

/// Well-known name servers, whose numbers are as small as those of sections.
fn is_resolver(address: Ipv4Addr) -> bool {
    matches!(address.octets(), [8, 8, 8, 8] | [8, 8, 4, 4] | [9, 9, 9, 9])
}

/// The public IPv6 address whose first colon stands at `colon`: what begins with 2 or 3.
fn version_6(bytes: &[u8], colon: usize) -> Option<Range<usize>> {
    const MAX_BYTES: usize = 40;
    let start = colon.checked_sub(4)?;
    let is_global = matches!(bytes[start], b'2' | b'3')
        && bytes[start..colon].iter().all(u8::is_ascii_hexdigit);
    let before = start.checked_sub(1).map(|before| bytes[before]);
    if !is_global
        || before.is_some_and(|byte| byte.is_ascii_alphanumeric() || b":._-".contains(&byte))
    {
        return None;
    }
    let is_part = |byte: &&u8| byte.is_ascii_hexdigit() || **byte == b':';
    let length = bytes[start..]
        .iter()
        .take(MAX_BYTES)
        .take_while(is_part)
        .count();
    let end = start + length;
    let goes_on = bytes
        .get(end)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let address: Ipv6Addr = std::str::from_utf8(&bytes[start..end]).ok()?.parse().ok()?;
    let is_documentation = address.segments()[..2] == [0x2001, 0xdb8];
    // `2001::` alone may be a scope; an address names something in its network.
    let n_groups = address
        .segments()
        .iter()
        .filter(|group| **group != 0)
        .count();
    (!goes_on && !is_documentation && n_groups >= 3).then_some(start..end)
}

#[cfg(test)]
mod tests {
    #[test]
    fn top_level_domains_are_sorted() {
        assert!(super::GENERIC.is_sorted());
        assert_eq!(super::COUNTRIES.len() % 2, 0);
    }
}
