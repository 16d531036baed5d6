//! Measures what is in a source file: the numbers that the rules of `filters/code/` judge.
//!
//! | signal | what it is |
//! |---|---|
//! | `n_code_lines`, `n_code_bytes` | lines with code; bytes of code without white space |
//! | `n_content_bytes` | the same without import statements |
//! | `n_operators`, `operators_per_line` | arithmetic between two operands; the same per line of code |
//! | `comment_ratio`, `string_ratio` | share of the black bytes in comments, in strings |
//! | `long_string_ratio` | share of the black bytes in strings of at least 200 bytes |
//! | `data_ratio` | share of the code bytes on lines of hardly anything but numbers |
//! | `repeated_shape_ratio` | share of the lines of code that repeat an earlier one but for numbers and strings |
//! | `hex_ratio`, `base64_ratio` | share of the black bytes in runs of 48 hexadecimal digits, 80 base64 characters |
//! | `n_imports`, `import_line_ratio` | modules imported; lines that import per line of code |
//! | `n_evidence` | different listed packages of mathematics that are imported |
//! | `n_evidence_numeric`, `_symbolic`, `_formal` | the same by field |
//! | `n_evidence_published` | the same by the published lists of the original recipe |
//! | `n_plumbing_packages` | different listed packages of web, interface and configuration |
//! | `n_math_terms` | different stems of the mathematical vocabulary |
//! | `math_terms_per_kib` | their weighted occurrences per 1024 black bytes, words of the language included |
//! | `math_ratio` | mathematical against all topical words, 0..=1; 0 when there is hardly any of either |
//! | `n_plumbing_terms` | different stems of the plumbing vocabulary |
//! | `n_autogen_marks` | marks of a generated file in the comments of its head |
//! | `n_secrets`, `n_emails`, `n_ip_addresses` | what [`crate::secrets`] finds |
//! | `license_header_ratio` | share of the text in a leading comment that speaks of copyright |
//! | `starts_with_brace`, `_bracket`, `_percent`, `_xml` | 1 if the first visible character is `{`, `[`, `%`, or it is an XML declaration |
//! | `is_latex_folder` | 1 if a folder of the path is named `latex` |
//! | `is_vendored`, `is_test_path`, `is_sample_path`, `is_benchmark_path`, `is_release_mirror` | 1 if the path says so |
//! | `is_main_extension` | 1 if the file has the first extension of its language, in this spelling |
//!
//! Beyond these, every `[[language.counts]]` table of a definition brings one signal of its own, e.g.
//! `n_theorems`, and if it says so the same per line of code. "Black bytes" are all bytes that are no
//! white space. [`add_repository`] lays over what the name of a repository says.

use proofmill_types::Signals;

use crate::arithmetic;
use crate::imports::Imports;
use crate::language::{Language, SHARED_SIGNALS};
use crate::lines;
use crate::notebook::{self, NotebookStyle};
use crate::recognize::extension;
use crate::scan::Scan;
use crate::secrets;
use crate::shapes;
use crate::words::Hits;

/// Topical words that stand against every verdict by words: a file with fewer says nothing.
const PRIOR_TERMS: f64 = 3.0;
/// What words that mathematics shares with others are worth at most where nothing else speaks for it.
const MAX_WEAK_ALONE: f64 = 3.0;
/// Words that one listed package is worth.
const PACKAGE_TERMS: f64 = 2.0;
/// Packages beyond this say nothing more.
const MAX_PACKAGES: usize = 3;

/// Measures `text`, a file in `language` at `path` inside its repository.
///
/// A notebook may come as the JSON that was read or as the text that [`notebook`](crate::notebook())
/// made of it; JSON is rendered first. Takes time linear in the text, memory of about the text again.
#[must_use]
pub fn measure(language: &Language, text: &str, path: &str) -> Signals {
    if language.is_notebook
        && text.trim_start().starts_with('{')
        && let Ok(rendered) = notebook::notebook(text, NotebookStyle::Markdown)
    {
        return measure_text(language, &rendered, path);
    }
    measure_text(language, text, path)
}

fn measure_text(language: &Language, text: &str, path: &str) -> Signals {
    let mut signals = Signals::new();
    let scan = language.scanner.scan(text, extension(path));
    let lines = lines::lines(text.as_bytes(), &scan.classes);
    let imports = language.names.find(text, &scan.classes);
    let n_license_bytes = license_header_bytes(text, &scan);
    let hits = language
        .words
        .count(text.as_bytes(), &scan.classes, n_license_bytes);
    let n_operators = arithmetic::operators(&scan.classes);
    let shapes = shapes::shapes(&scan.classes);

    signals.set_count("n_code_lines", lines.n_code);
    signals.set_count("n_code_bytes", lines.n_code_bytes);
    signals.set(
        "comment_ratio",
        ratio(scan.n_comment_bytes, lines.n_black_bytes),
    );
    signals.set(
        "string_ratio",
        ratio(scan.n_string_bytes, lines.n_black_bytes),
    );
    signals.set(
        "long_string_ratio",
        ratio(scan.n_long_string_bytes, lines.n_black_bytes),
    );
    signals.set("data_ratio", ratio(lines.n_data_bytes, lines.n_code_bytes));
    signals.set(
        "repeated_shape_ratio",
        ratio(shapes.n_repeated, shapes.n_lines),
    );
    signals.set("hex_ratio", ratio(lines.n_hex_bytes, lines.n_black_bytes));
    signals.set(
        "base64_ratio",
        ratio(lines.n_base64_bytes, lines.n_black_bytes),
    );
    signals.set("license_header_ratio", ratio(n_license_bytes, text.len()));
    signals.set_count(
        "n_content_bytes",
        lines.n_code_bytes.saturating_sub(imports.n_bytes),
    );
    set_imports(&mut signals, &imports, lines.n_code);
    signals.set_count("n_operators", n_operators);
    signals.set(
        "operators_per_line",
        count(n_operators) / count(lines.n_code.max(1)),
    );
    let operators = count(n_operators) * language.definition.operator_weight;
    let topical = Topical {
        math: PACKAGE_TERMS * count(imports.n_evidence().min(MAX_PACKAGES)) + operators,
        plumbing: PACKAGE_TERMS * count(imports.n_plumbing.min(MAX_PACKAGES)),
    };
    set_words(&mut signals, language, &hits, &topical, lines.n_black_bytes);
    set_path(&mut signals, path);
    let is_main = language.extensions().first().map(String::as_str) == Some(extension(path));
    signals.set("is_main_extension", f64::from(u8::from(is_main)));
    set_start(&mut signals, text);
    for words in &language.definition.counts {
        if let (Some(per_line), Some(n)) = (&words.per_line, signals.get(&words.signal)) {
            signals.set(per_line.clone(), n / count(lines.n_code.max(1)));
        }
    }
    signals.set_count("n_secrets", secrets::secrets(text).len());
    signals.set_count("n_emails", secrets::emails(text).len());
    signals.set_count("n_ip_addresses", secrets::ip_addresses(text).len());
    signals
}

fn set_imports(signals: &mut Signals, imports: &Imports, n_code_lines: usize) {
    let n_evidence = imports.n_evidence();
    signals.set_count("n_imports", imports.n_names);
    signals.set("import_line_ratio", ratio(imports.n_lines, n_code_lines));
    signals.set_count("n_evidence", n_evidence);
    signals.set_count("n_evidence_numeric", imports.n_numeric);
    signals.set_count("n_evidence_symbolic", imports.n_symbolic);
    signals.set_count("n_evidence_formal", imports.n_formal);
    signals.set_count("n_evidence_published", imports.n_published);
    signals.set_count("n_plumbing_packages", imports.n_plumbing);
}

/// What speaks for either side beside words, in strong words.
struct Topical {
    math: f64,
    plumbing: f64,
}

fn set_words(
    signals: &mut Signals,
    language: &Language,
    hits: &[Hits],
    topical: &Topical,
    n_black_bytes: usize,
) {
    let mut weighted = hits.iter().zip(language.words.weights());
    let [
        Some((strong, _)),
        Some((weak, weak_weight)),
        Some((plumbing, _)),
    ] = [weighted.next(), weighted.next(), weighted.next()]
    else {
        return;
    };
    let mut math = topical.math + count(strong.n_evidence);
    let mut against = topical.plumbing + count(plumbing.n_evidence);
    for (found, weight) in weighted {
        let sum = count(found.n_evidence) * weight;
        math += sum.max(0.0);
        against -= sum.min(0.0);
    }
    // Words that mathematics shares with others speak beside words of its own, not instead of them.
    let weak = count(weak.n_evidence) * weak_weight;
    math += weak.min(math + MAX_WEAK_ALONE);
    let kib = count(n_black_bytes.max(1)) / 1024.0;
    signals.set_count("n_math_terms", strong.n_distinct);
    signals.set_count("n_plumbing_terms", plumbing.n_distinct);
    signals.set("math_terms_per_kib", math / kib);
    signals.set("math_ratio", math / (math + against + PRIOR_TERMS));
    for (name, found) in language
        .words
        .signals()
        .iter()
        .zip(hits)
        .skip(SHARED_SIGNALS.len() - 1)
    {
        signals.set_count(name.clone(), found.n);
    }
}

fn set_path(signals: &mut Signals, path: &str) {
    let lower = path.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split(['/', '\\']).collect();
    let (file_name, folders) = parts.split_last().unwrap_or((&"", &[]));
    let holds = |names: &[&str]| folders.iter().any(|folder| names.contains(folder));
    let is_vendored = holds(&[
        "vendor",
        "vendored",
        "third_party",
        "third-party",
        "thirdparty",
        "3rdparty",
        "extern",
        "node_modules",
        "bower_components",
        "site-packages",
        ".lake",
        "lake-packages",
        "_target",
        "_deps",
    ]) || file_name.contains(".min.");
    let is_test = holds(&[
        "test",
        "tests",
        "testing",
        "testsuite",
        "unittest",
        "unittests",
        "spec",
    ]) || file_name.starts_with("test_")
        || file_name
            .split('.')
            .next()
            .is_some_and(|stem| stem.ends_with("_test") || stem.ends_with("_tests"));
    let is_sample = holds(&[
        "samples",
        "fixtures",
        "testdata",
        "test-data",
        "lexers",
        "highlight",
    ]);
    signals.set("is_vendored", f64::from(u8::from(is_vendored)));
    signals.set("is_test_path", f64::from(u8::from(is_test)));
    signals.set("is_benchmark_path", f64::from(u8::from(is_benchmark(path))));
    signals.set(
        "is_release_mirror",
        f64::from(u8::from(is_release_mirror(path))),
    );
    signals.set("is_sample_path", f64::from(u8::from(is_sample)));
    signals.set("is_latex_folder", f64::from(u8::from(holds(&["latex"]))));
}

/// Lays what the name of a repository says over the signals of a file in it: `is_benchmark_path` and
/// `is_release_mirror` hold if either name says so.
pub fn add_repository(signals: &mut Signals, repo: &str) {
    for (name, holds) in [
        ("is_benchmark_path", is_benchmark(repo)),
        ("is_release_mirror", is_release_mirror(repo)),
    ] {
        if holds {
            signals.set(name, 1.0);
        }
    }
}

/// Whether a path or the name of a repository holds that of a benchmark of theorem proving, in any
/// spelling: forks and copies keep it.
fn is_benchmark(name: &str) -> bool {
    let squeezed: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '/')
        .map(|c| c.to_ascii_lowercase())
        .collect();
    ["minif2f", "proofnet", "putnambench", "leandojobenchmark"]
        .iter()
        .any(|benchmark| squeezed.contains(benchmark))
}

/// Whether a part of a path or the name of a repository names the release of one year of the Archive of
/// Formal Proofs: `mirror-afp-2019`, `afp-2020-05-11`.
fn is_release_mirror(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.match_indices("afp").any(|(at, afp)| {
        let is_word = !lower[..at].ends_with(|c: char| c.is_alphanumeric());
        let year = lower[at + afp.len()..].trim_start_matches(['-', '_', '.']);
        let n_digits = year.bytes().take_while(u8::is_ascii_digit).count();
        is_word && n_digits == 4 && year.starts_with("20")
    })
}

/// What the first visible character says of files that are data under a code extension.
fn set_start(signals: &mut Signals, text: &str) {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let is_xml = start
        .get(..5)
        .is_some_and(|head| head.eq_ignore_ascii_case("<?xml"));
    for (name, holds) in [
        ("starts_with_brace", start.starts_with('{')),
        ("starts_with_bracket", start.starts_with('[')),
        ("starts_with_percent", start.starts_with('%')),
        ("starts_with_xml", is_xml),
    ] {
        signals.set(name, f64::from(u8::from(holds)));
    }
}

/// Bytes of the leading comment that speak of copyright and licence, up to the first blank line
/// behind which nothing does.
fn license_header_bytes(text: &str, scan: &Scan) -> usize {
    let is_head = |byte: &&u8| **byte == crate::scan::COMMENT || byte.is_ascii_whitespace();
    let length = scan.classes.iter().take_while(is_head).count();
    let head = text.get(..length).unwrap_or_default();
    let mut end = 0;
    for paragraph in head.split_inclusive("\n\n") {
        let lower = paragraph.to_ascii_lowercase();
        let speaks = ["copyright", "license", "licence", "warranty", "©"];
        if !speaks.iter().any(|word| lower.contains(word)) {
            break;
        }
        end += paragraph.len();
    }
    end
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        (count(part) / count(whole)).min(1.0)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn count(n: usize) -> f64 {
    n as f64
}
