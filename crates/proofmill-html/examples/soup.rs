//! Feeds pages made to break things: `cargo run --release --example soup -- COUNT SEED [FILE...]`.
//!
//! A third are soups of tags, delimiters and entities, a third golden cases and a third pieces of the
//! given files, both mutated. Each is gated and extracted; a panic, or a formula that does not stand
//! in the text, ends the run with the input. Prints the count, the slowest input and the peak memory.
//! The same seed gives the same inputs.

use std::io::Write as _;
use std::panic::catch_unwind;
use std::time::{Duration, Instant};

use proofmill_html::{Input, MainContent, Options, extract, gate};

/// Longest piece of a file, in bytes.
const MAX_PIECE_BYTES: usize = 600;

/// What soups are made of.
const INGREDIENTS: &[&str] = &[
    "<p>",
    "</p>",
    "<div class=\"sidebar\">",
    "</div>",
    "<span class=\"katex\">",
    "<span class=\"katex-mathml\">",
    "<span class=\"katex-html\" aria-hidden=\"true\">",
    "</span>",
    "<math>",
    "<math display=\"block\" alttext=\"x\\\\%&#10;y\">",
    "</math>",
    "<mrow>",
    "</mrow>",
    "<mfrac>",
    "</mfrac>",
    "<msup>",
    "<mi>x</mi>",
    "<mo>&#8721;</mo>",
    "<mn>2</mn>",
    "<munderover>",
    "<mtable>",
    "<mtr>",
    "<mtd>",
    "<m:math>",
    "<m:mi>y</m:mi>",
    "<semantics>",
    "</semantics>",
    "<annotation encoding=\"application/x-tex\">x^2</annotation>",
    "<mfenced open=\"[\">",
    "<mmultiscripts>",
    "<mprescripts/>",
    "<none/>",
    "<menclose>",
    "<mtext>if $x$</mtext>",
    "<script type=\"math/tex\">",
    "<script type=\"math/tex; mode=display\">x</script>",
    "<script type=\"math/asciimath\">sum_(i=1)^n</script>",
    "</script>",
    "<script>",
    "MathJax = {tex: {macros: {R: '\\\\mathbb{R}', f: ['#1^{#2}', 2]}}}",
    "delimiters: [{left: '$', right: '$', display: false}]",
    "<style>",
    "</style>",
    "<table>",
    "<tr>",
    "<td colspan=\"3\">",
    "<th>",
    "</table>",
    "<ul>",
    "<ol start=\"7\">",
    "<li>",
    "</ul>",
    "<pre>",
    "</pre>",
    "<code>",
    "</code>",
    "<sup>",
    "</sup>",
    "<sub>",
    "</sub>",
    "<i>",
    "<b>",
    "<em>",
    "</em>",
    "<a href=\"#x\">",
    "</a>",
    "<img alt=\"$x$\" class=\"tex\">",
    "<img src=\"https://latex.codecogs.com/gif.latex?%5Cfrac&space;x\">",
    "<br>",
    "<hr>",
    "<h1>",
    "<h2>Comments</h2>",
    "</h1>",
    "<noscript>",
    "</noscript>",
    "<blockquote>",
    "<nav>",
    "<main>",
    "<article>",
    "<var>",
    "</var>",
    "<mjx-container data-latex=\"x\">",
    "<mjx-math>",
    "<mjx-mi><mjx-c class=\"mjx-c1D465 TEX-I\"></mjx-c></mjx-mi>",
    "<title>",
    "</title>",
    "<svg>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<!",
    "<",
    ">",
    "/>",
    "</",
    "\"",
    "'",
    "=",
    "&",
    "&amp;",
    "&#x",
    "&#36;",
    "&lt;",
    "&sum;",
    "&notit;",
    "$",
    "$$",
    "\\(",
    "\\)",
    "\\[",
    "\\]",
    "\\begin{align}",
    "\\end{align}",
    "\\begin{",
    "\\end{",
    "{",
    "}",
    "^",
    "_",
    "\\frac",
    "\\left(",
    "\\right)",
    "\\text{",
    "\\\\",
    "\\$",
    "`",
    "[latex]",
    "[/latex]",
    "$latex ",
    "a",
    " ",
    "\n",
    "word ",
    "5",
    "x = y",
    "é",
    "\u{2211}",
    "\u{1D465}",
    "\u{0}",
    "\u{AD}",
    "數",
    "\u{202E}",
    "%",
    "#1",
    "\\def\\a{\\a\\a}",
    "\\newcommand{\\b}[1]{#1}",
];

/// Marsaglia's xorshift, 64 bits.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`; 0 if there is none.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or(0) % end.max(1)
    }
}

fn soup(random: &mut Random) -> Vec<u8> {
    let mut out = Vec::new();
    for _ in 0..random.below(40) {
        out.extend_from_slice(INGREDIENTS[random.below(INGREDIENTS.len())].as_bytes());
    }
    out
}

/// A piece of one of the files.
fn piece(files: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let Some(file) = files.get(random.below(files.len())) else {
        return soup(random);
    };
    let from = random.below(file.len());
    let n_bytes = random.below(MAX_PIECE_BYTES).min(file.len() - from);
    file[from..from + n_bytes].to_vec()
}

/// Changes a few places: other bytes, cuts, copies, ingredients.
fn mutate(page: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..random.below(6) {
        let at = random.below(page.len());
        match random.below(6) {
            0 if at < page.len() => page[at] = u8::try_from(random.below(256)).unwrap_or(0),
            1 => page.truncate(at),
            2 if at < page.len() => {
                let to = (at + random.below(30)).min(page.len());
                page.drain(at..to);
            }
            3 => {
                let copy = page[at..].iter().take(50).copied().collect::<Vec<_>>();
                for _ in 0..=random.below(8) {
                    page.splice(at..at, copy.iter().copied());
                }
            }
            _ => {
                let part = INGREDIENTS[random.below(INGREDIENTS.len())];
                page.splice(at..at, part.bytes());
            }
        }
    }
}

/// Extracts a page as a crawl would, in both ways; says what is wrong with the result.
fn run(bytes: &[u8], is_body: bool) -> Option<&'static str> {
    let _ = gate(bytes);
    let options = Options {
        main_content: if is_body {
            MainContent::Body
        } else {
            MainContent::Main
        },
        ..Options::default()
    };
    let page = extract(
        &Input {
            bytes,
            ..Input::default()
        },
        &options,
    );
    let _ = page.prose();
    let is_lost = |latex: &str| !page.text.contains(latex);
    page.formulas
        .iter()
        .any(|formula| !formula.latex.contains('\n') && is_lost(&formula.latex))
        .then_some("a formula does not stand in the text")
}

/// Peak memory of this process, in kB, where the system tells.
fn peak_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_ascii_whitespace().nth(1)?.parse().ok()
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| -> u64 {
        let given = arguments.next().and_then(|text| text.parse().ok());
        given.unwrap_or(default)
    };
    let (count, seed) = (number(100_000), number(1));
    let files: Vec<Vec<u8>> = arguments.map(std::fs::read).collect::<Result<_, _>>()?;
    let golden: Vec<Vec<u8>> =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))?
            .map(|entry| entry.and_then(|entry| std::fs::read_to_string(entry.path())))
            .collect::<Result<Vec<_>, _>>()?
            .iter()
            .flat_map(|cases| cases.split("\n=== ").skip(1))
            .map(|case| {
                let page = case.split_once('\n').map_or("", |(_, body)| body);
                page.split("\n---\n")
                    .next()
                    .unwrap_or_default()
                    .as_bytes()
                    .to_vec()
            })
            .collect();
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut slowest = (Duration::ZERO, Vec::new());
    let mut out = std::io::stdout().lock();
    for index in 0..count {
        let mut page = match random.below(3) {
            0 => soup(&mut random),
            1 => golden
                .get(random.below(golden.len()))
                .cloned()
                .unwrap_or_default(),
            _ => piece(&files, &mut random),
        };
        mutate(&mut page, &mut random);
        let is_body = random.below(4) == 0;
        let started = Instant::now();
        let outcome = catch_unwind(|| run(&page, is_body)).unwrap_or(Some("a panic"));
        let mut taken = started.elapsed();
        if let Some(wrong) = outcome {
            writeln!(
                out,
                "{wrong}, input {index} of seed {seed}:\n{}",
                page.escape_ascii()
            )?;
            std::process::exit(1);
        }
        if taken > slowest.0 {
            // what only waited for the machine is faster the next time
            for _ in 0..3 {
                let started = Instant::now();
                let _ = run(&page, is_body);
                taken = taken.min(started.elapsed());
            }
        }
        if taken > slowest.0 {
            slowest = (taken, page);
        }
    }
    writeln!(
        out,
        "{count} inputs, seed {seed}: slowest {:?} for {} bytes: {:.300}",
        slowest.0,
        slowest.1.len(),
        slowest.1.escape_ascii().to_string(),
    )?;
    if let Some(peak) = peak_kb() {
        writeln!(
            out,
            "peak memory {:.1} MB",
            f64::from(u32::try_from(peak).unwrap_or(u32::MAX)) / 1e3
        )?;
    }
    Ok(())
}
