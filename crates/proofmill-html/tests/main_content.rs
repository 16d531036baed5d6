//! Main content of pages that were labelled by eye: 4-gram precision, recall and F1.
//!
//! `main_content.jsonl` has one page a line: ranges of its word stream that are main content
//! (`main`), ranges that may be kept or not (`either`: dates, captions, tables of contents), and a
//! digest of the stream, so that a label never meets another page. The stream is defined without a
//! parser: what no reader sees is dropped whole, block tags and links end a word, words are runs of
//! letters and digits in lower case. Peers: `benches/peers/main_content.py`.
//!
//! Needs the corpus beside the repository, or where `PROOFMILL_SHARED` says.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use proofmill_html::{Input, Options, extract};

/// Least F1 on the pages that rules are made with, and on those that nobody looked at.
const MIN_TUNE_F1: f64 = 0.92;
const MIN_TEST_F1: f64 = 0.93;

const N_GRAM: usize = 4;

/// One line of the labels.
#[derive(Debug)]
struct Label {
    url: String,
    warc: String,
    is_test: bool,
    charset: String,
    n_words: usize,
    main: Vec<(usize, usize)>,
    either: Vec<(usize, usize)>,
}

/// The value of `"key":` in a line of flat JSON as this file writes it.
fn field<'l>(line: &'l str, key: &str) -> &'l str {
    let from = line.find(&format!("\"{key}\":")).expect(key) + key.len() + 3;
    let rest = &line[from..];
    let end = match rest.as_bytes()[0] {
        b'"' => rest[1..].find('"').expect("a closed string") + 2,
        b'[' => rest.find("]]").map_or(2, |at| at + 2),
        _ => rest.find([',', '}']).expect("a next field"),
    };
    if rest.starts_with("[]") {
        return "";
    }
    rest[..end].trim_matches('"')
}

fn ranges(text: &str) -> Vec<(usize, usize)> {
    let numbers: Vec<usize> = text
        .split(|letter: char| !letter.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect();
    numbers.chunks(2).map(|pair| (pair[0], pair[1])).collect()
}

fn labels() -> Vec<Label> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/main_content.jsonl");
    let text = fs::read_to_string(path).expect("the labels are there");
    let lines = text.lines().map(|line| Label {
        url: field(line, "url").to_owned(),
        warc: field(line, "warc").to_owned(),
        is_test: field(line, "split") == "test",
        charset: field(line, "charset").to_owned(),
        n_words: field(line, "words").parse().expect("a count"),
        main: ranges(field(line, "main")),
        either: ranges(field(line, "either")),
    });
    lines.collect()
}

/// The pages of a file of responses by address, transfer and content coding undone.
fn pages(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(fs::File::open(path).expect("a file of the corpus"))
        .read_to_end(&mut bytes)
        .expect("a sound gzip file");
    let mut pages = BTreeMap::new();
    let mut rest = &bytes[..];
    while let Some((head, after)) = parted(rest) {
        let head = String::from_utf8_lossy(head).into_owned();
        let value = |name: &str| {
            let mut lines = head.lines();
            lines.find_map(|line| line.strip_prefix(name).map(str::trim))
        };
        let length: usize = value("Content-Length:")
            .and_then(|length| length.parse().ok())
            .expect("a record has its length");
        let content = &after[..length];
        if value("WARC-Type:") == Some("response")
            && let (Some(url), Some((http, body))) = (value("WARC-Target-URI:"), parted(content))
        {
            let http = String::from_utf8_lossy(http).to_lowercase();
            let body = if http.contains("transfer-encoding: chunked") {
                unchunked(body)
            } else {
                body.to_vec()
            };
            pages
                .entry(url.to_owned())
                .or_insert_with(|| gunzipped(body));
        }
        rest = after.get(length + 4..).unwrap_or_default();
    }
    pages
}

/// What stands before and after the first empty line.
fn parted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memmem::find(bytes, b"\r\n\r\n")?;
    Some((&bytes[..at], &bytes[at + 4..]))
}

fn unchunked(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(n) = memchr::memmem::find(&body[at..], b"\r\n") {
        let size = String::from_utf8_lossy(&body[at..at + n]).into_owned();
        match usize::from_str_radix(size.split(';').next().unwrap_or_default(), 16) {
            Ok(size) if size > 0 => {
                let from = at + n + 2;
                out.extend_from_slice(&body[from..(from + size).min(body.len())]);
                at = (from + size + 2).min(body.len());
            }
            _ => break,
        }
    }
    if out.is_empty() { body.to_vec() } else { out }
}

fn gunzipped(body: Vec<u8>) -> Vec<u8> {
    if !body.starts_with(b"\x1F\x8B") {
        return body;
    }
    let mut out = Vec::new();
    let _ = flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut out);
    out
}

/// Elements whose content nobody reads.
const DROPPED: [&str; 13] = [
    "script", "style", "noscript", "template", "textarea", "select", "iframe", "svg", "title",
    "object", "video", "audio", "canvas",
];

/// Elements whose tags end a word.
const BLOCKS: &str = " p div li h1 h2 h3 h4 h5 h6 td th tr table ul ol dl dt dd blockquote pre section \
    article header footer nav aside main form figure figcaption hr br body fieldset address center \
    caption summary details legend tbody thead option a ";

/// The words of a page, in order.
fn word_stream(page: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut run = String::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        run.push_str(text);
        let Some((name, is_end, n_bytes)) = tag_at(tag) else {
            run.push('<');
            rest = &tag[1..];
            continue;
        };
        rest = &tag[n_bytes..];
        if BLOCKS.contains(&format!(" {name} ")) && !name.is_empty() {
            words.extend(words_of(&unescaped(&run)));
            run.clear();
        }
        if DROPPED.contains(&name.as_str()) && !is_end {
            let lower = rest.to_ascii_lowercase();
            let close = format!("</{name}");
            let end = lower.match_indices(&close).find_map(|(at, _)| {
                let after = at + close.len();
                let goes_on = lower
                    .as_bytes()
                    .get(after)
                    .is_some_and(u8::is_ascii_alphanumeric);
                let end = lower[after..].find('>').map(|n| after + n + 1);
                end.filter(|_| !goes_on)
            });
            rest = &rest[end.unwrap_or(0)..];
        }
    }
    run.push_str(rest);
    words.extend(words_of(&unescaped(&run)));
    words
}

/// Name, whether it is an end tag, and length of the tag, comment or declaration at the start.
fn tag_at(text: &str) -> Option<(String, bool, usize)> {
    if let Some(comment) = text.strip_prefix("<!--") {
        let n_bytes = comment.find("-->").map_or(text.len(), |at| at + 7);
        return Some((String::new(), false, n_bytes));
    }
    let bytes = text.as_bytes();
    let is_end = bytes.get(1) == Some(&b'/');
    let from = 1 + usize::from(is_end);
    if !bytes.get(from)?.is_ascii_alphabetic() {
        let is_declaration = matches!(bytes.get(1), Some(b'!' | b'?'));
        let end = text.find('>').filter(|_| is_declaration)?;
        return Some((String::new(), false, end + 1));
    }
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b':' | b'-');
    let mut at = from + bytes[from..].iter().take_while(is_name).count();
    let name = text[from..at].to_ascii_lowercase();
    while *bytes.get(at)? != b'>' {
        let is_value = bytes[at] == b'=';
        at += 1;
        if is_value {
            let n_spaces = text[at..].len() - text[at..].trim_start().len();
            let quote = bytes
                .get(at + n_spaces)
                .filter(|byte| matches!(byte, b'"' | b'\''));
            if let Some(quote) = quote {
                let from = at + n_spaces + 1;
                at = from + memchr::memchr(*quote, &bytes[from..])? + 1;
            }
        }
    }
    Some((name, is_end, at + 1))
}

/// Text with its character references decoded, as far as letters and spaces go.
fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    // A paragraph is the plainest page; what is no letter does not matter here.
    let page = format!("<p>{}</p>", text.replace('<', " "));
    let tree = html5ever::parse_document(
        markup5ever_rcdom::RcDom::default(),
        html5ever::ParseOpts::default(),
    );
    let tree = html5ever::tendril::TendrilSink::one(tree, page);
    let mut out = String::new();
    let mut open = vec![tree.document.clone()]; // a document that is let go empties its nodes
    while let Some(node) = open.pop() {
        if let markup5ever_rcdom::NodeData::Text { contents } = &node.data {
            out.push_str(&contents.borrow());
        }
        open.extend(node.children.borrow().iter().rev().cloned());
    }
    out
}

/// Letters of Latin, Greek and Cyrillic script: elsewhere libraries differ in what a word is.
fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() && matches!(letter, '\0'..='\u{52F}' | '\u{1E00}'..='\u{1FFF}')
}

fn words_of(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut words = Vec::new();
    let mut word = String::new();
    for letter in lower.chars() {
        let is_ideograph = matches!(letter, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}');
        match letter {
            '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' => continue,
            _ if is_letter(letter) => {
                word.push(letter);
                continue;
            }
            _ => {}
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if is_ideograph {
            words.push(letter.to_string());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn grams(words: &[String]) -> BTreeMap<&[String], usize> {
    let mut grams = BTreeMap::new();
    for gram in words.windows(N_GRAM) {
        *grams.entry(gram).or_default() += 1;
    }
    grams
}

/// Precision and recall of an output.
#[expect(clippy::cast_precision_loss, reason = "counts of words")]
fn score(label: &Label, stream: &[String], text: &str) -> (f64, f64) {
    let pick = |ranges: &[(usize, usize)]| -> Vec<String> {
        let mut ranges = ranges.to_vec();
        ranges.sort_unstable();
        ranges
            .iter()
            .flat_map(|(from, to)| stream[*from..*to].iter().cloned())
            .collect()
    };
    let main = pick(&label.main);
    let all = pick(&[&label.main[..], &label.either[..]].concat());
    let (wanted, allowed) = (grams(&main), grams(&all));
    let text: Vec<&str> = text
        .lines()
        .map(|line| {
            let line = line.trim_start();
            let rest = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
            rest.strip_prefix(". ")
                .filter(|_| rest.len() < line.len())
                .unwrap_or(line)
        })
        .collect();
    let output = words_of(&text.join("\n"));
    let (mut n_hits, mut n_wrong) = (0, 0);
    for (gram, n_found) in grams(&output) {
        let n_wanted = wanted.get(gram).copied().unwrap_or(0);
        let n_either = allowed
            .get(gram)
            .copied()
            .unwrap_or(0)
            .saturating_sub(n_wanted);
        n_hits += n_found.min(n_wanted);
        n_wrong += n_found.saturating_sub(n_wanted + n_either);
    }
    let n_wanted: usize = wanted.values().sum();
    (
        n_hits as f64 / (n_hits + n_wrong).max(1) as f64,
        n_hits as f64 / n_wanted.max(1) as f64,
    )
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "counts of pages")]
fn labelled_pages() {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("PROOFMILL_SHARED").map_or_else(beside, PathBuf::from);
    let folder = shared.join("corpus/web");
    if !folder.is_dir() {
        println!("SKIPPED: no sample corpus at {}", folder.display());
        return;
    }
    let labels = labels();
    let mut files: BTreeMap<&str, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for label in &labels {
        let file = files.entry(&label.warc);
        file.or_insert_with(|| pages(&folder.join(&label.warc)));
    }
    let mut scores: [Vec<(f64, f64)>; 2] = [Vec::new(), Vec::new()];
    for label in &labels {
        let page = &files[label.warc.as_str()][&label.url];
        let encoding = encoding_rs::Encoding::for_label(label.charset.as_bytes()).unwrap();
        let (decoded, _, _) = encoding.decode(page);
        let stream = word_stream(&decoded);
        assert_eq!(stream.len(), label.n_words, "words of {}", label.url);
        let input = Input {
            bytes: decoded.as_bytes(),
            content_type: Some("text/html; charset=utf-8"),
            url: None,
        };
        let text = extract(&input, &Options::default()).text;
        scores[usize::from(label.is_test)].push(score(label, &stream, &text));
    }
    for (split, (name, least)) in [("tune", MIN_TUNE_F1), ("test", MIN_TEST_F1)]
        .iter()
        .enumerate()
    {
        let found = &scores[split];
        let mean = |measure: fn(&(f64, f64)) -> f64| {
            found.iter().map(measure).sum::<f64>() / found.len() as f64
        };
        let f1 = mean(|(p, r)| {
            if p + r > 0.0 {
                2.0 * p * r / (p + r)
            } else {
                0.0
            }
        });
        println!(
            "{name}: {} pages, precision {:.3}, recall {:.3}, F1 {f1:.3}",
            found.len(),
            mean(|score| score.0),
            mean(|score| score.1)
        );
        assert!(f1 >= *least, "{name}: F1 {f1:.3} is below {least}");
    }
}
