//! How a case is judged; shared by the tests and the examples.
//!
//! How a case with strings that must and must not occur is judged.
//!
//! Before a wanted string is looked for, both sides lose all white space, and braces around a single
//! token and doubled braces go, so `x^{2}` equals `x^2`. Unwanted strings are looked for as they are.
//! Marks in the note: `[strict-space]` runs of white space count as one blank; `[exact]` as it is;
//! `[once:S]` S occurs exactly once.

use proofmill_latex::{File, Mode, Options, extract};

/// One case.
#[derive(Debug, Default)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) input: String,
    /// Each wanted string with its alternatives.
    pub(crate) must: Vec<Vec<String>>,
    pub(crate) must_not: Vec<String>,
    pub(crate) note: String,
}

/// Splits an input at its `%%%% FILE: name` lines.
pub(crate) fn files(input: &str) -> Vec<(String, String)> {
    if !input.starts_with("%%%% FILE: ") {
        return vec![("main.tex".to_owned(), input.to_owned())];
    }
    let mut files: Vec<(String, String)> = Vec::new();
    for line in input.split_inclusive('\n') {
        if let Some(name) = line.strip_prefix("%%%% FILE: ") {
            files.push((name.trim().to_owned(), String::new()));
        } else if let Some((_, text)) = files.last_mut() {
            text.push_str(line);
        }
    }
    files
}

/// Text of `input` in `mode`; empty when there is none.
pub(crate) fn run(input: &str, mode: Mode) -> String {
    let files = files(input);
    let files: Vec<File<'_>> = files
        .iter()
        .map(|(path, text)| File {
            path,
            bytes: text.as_bytes(),
        })
        .collect();
    extract(&files, &Options::for_mode(mode)).map_or_else(|_| String::new(), |paper| paper.text)
}

/// What is wrong, by mode; empty when the case passes.
pub(crate) fn judge(case: &Case) -> Vec<String> {
    let modes: &[Mode] = match case.kind.split('/').next() {
        Some("text") => &[Mode::Text],
        Some("source") => &[Mode::Source],
        _ => &[Mode::Source, Mode::Text],
    };
    let mut faults = Vec::new();
    for mode in modes {
        let output = run(&case.input, *mode);
        for fault in faults_of(case, &output) {
            faults.push(format!("{} {mode:?}: {fault}\n{output}\n", case.id));
        }
    }
    faults
}

fn faults_of(case: &Case, output: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let prepare = |text: &str| -> String {
        if case.note.contains("[exact]") {
            text.to_owned()
        } else if case.note.contains("[strict-space]") {
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        } else {
            normalized(text)
        }
    };
    let prepared = prepare(output);
    for wanted in &case.must {
        if !wanted
            .iter()
            .any(|wanted| prepared.contains(&prepare(wanted)))
        {
            faults.push(format!("lacks {wanted:?}"));
        }
    }
    for unwanted in &case.must_not {
        if output.contains(unwanted.as_str()) {
            faults.push(format!("has {unwanted:?}"));
        }
    }
    if let Some((_, rest)) = case.note.split_once("[once:")
        && let Some((once, _)) = rest.split_once(']')
        && normalized(output).matches(&normalized(once)).count() != 1
    {
        faults.push(format!("not once {once:?}"));
    }
    faults
}

/// Without white space, needless braces and doubled braces.
pub(crate) fn normalized(text: &str) -> String {
    let mut text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    loop {
        let next = without_braces(&text);
        if next == text {
            return text;
        }
        text = next;
    }
}

fn without_braces(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        if chars[at] == '{'
            && let Some(end) = single(&chars, at + 1)
        {
            out.extend(&chars[at + 1..end]);
            at = end + 1;
            continue;
        }
        out.push(chars[at]);
        at += 1;
    }
    out
}

/// End of the single token, or inner group, that fills the group which opens before `at`.
fn single(chars: &[char], at: usize) -> Option<usize> {
    let end = match chars.get(at)? {
        '\\' => {
            let word = chars[at + 1..]
                .iter()
                .take_while(|c| c.is_ascii_alphabetic())
                .count();
            at + 1 + word.max(1)
        }
        '{' => {
            let mut depth = 0_usize;
            let mut end = at;
            loop {
                match chars.get(end)? {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                end += 1;
                if depth == 0 {
                    break;
                }
            }
            end
        }
        '}' => return None,
        _ => at + 1,
    };
    (chars.get(end) == Some(&'}')).then_some(end)
}

/// A golden case: an input and what each mode makes of it.
#[derive(Debug)]
pub(crate) struct Golden<'t> {
    pub(crate) name: &'t str,
    pub(crate) input: &'t str,
    pub(crate) source: &'t str,
    pub(crate) text: &'t str,
}

/// Cases of a golden file: `=== name`, the input, `--- source`, `--- text`, each with its output.
pub(crate) fn golden(file: &str) -> Vec<Golden<'_>> {
    let file = file.strip_prefix("=== ").unwrap_or(file);
    file.split("\n=== ")
        .filter_map(|case| {
            let (name, body) = case.split_once('\n')?;
            let (input, outputs) = body.split_once("--- source\n").unwrap_or((body, ""));
            let (source, text) = outputs.split_once("\n--- text\n").unwrap_or((outputs, ""));
            Some(Golden {
                name,
                input,
                source,
                text: text.trim_end_matches('\n'),
            })
        })
        .collect()
}
