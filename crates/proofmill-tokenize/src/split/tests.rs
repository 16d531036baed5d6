//! Splitters against the regular expressions themselves.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// Every recognised way to split, with its steps.
fn all() -> Vec<(Splitter, Vec<Step<'static>>)> {
    let steps = [
        vec![Step::ByteLevel],
        vec![Step::Digits { individual: true }, Step::ByteLevel],
        vec![Step::Digits { individual: false }, Step::ByteLevel],
        vec![Step::Pattern(CL100K)],
        vec![Step::Pattern(QWEN2)],
        vec![Step::Pattern(QWEN_MARKS)],
        vec![Step::Pattern(O200K)],
        vec![Step::Pattern(TEKKEN)],
        DEEPSEEK.map(Step::Pattern).to_vec(),
    ];
    let known = |steps: Vec<_>| (Splitter::from_steps(&steps).unwrap(), steps);
    steps.into_iter().map(known).collect()
}

/// The steps themselves, run by Oniguruma as `tokenizers` runs them.
struct Reference(Vec<Stage>);

enum Stage {
    Pattern(onig::Regex),
    Digits { individual: bool },
}

impl Reference {
    fn new(steps: &[Step]) -> Self {
        let stage = |step: &Step| match *step {
            Step::Pattern(pattern) => Stage::Pattern(onig::Regex::new(pattern).unwrap()),
            Step::ByteLevel => Stage::Pattern(onig::Regex::new(GPT2).unwrap()),
            Step::Digits { individual } => Stage::Digits { individual },
        };
        Self(steps.iter().map(stage).collect())
    }

    fn ends(&self, text: &str) -> Vec<usize> {
        let mut ends = BTreeSet::from([text.len()]);
        for stage in &self.0 {
            let mut start = 0;
            for end in ends.clone() {
                let piece = &text[start..end];
                match stage {
                    Stage::Pattern(regex) => {
                        for (from, to) in regex.find_iter(piece) {
                            ends.extend([start + from, start + to]);
                        }
                    }
                    Stage::Digits { individual } => {
                        let mut before = None;
                        for (at, c) in piece.char_indices() {
                            let is_digit = c.is_numeric();
                            if before != Some(is_digit) || (is_digit && *individual) {
                                ends.insert(start + at);
                            }
                            before = Some(is_digit);
                        }
                    }
                }
                start = end;
            }
        }
        ends.into_iter().filter(|end| *end > 0).collect()
    }
}

fn plain(splitter: Splitter, text: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut at = 0;
    while at < text.len() {
        at = splitter.piece_end(text.as_bytes(), at);
        ends.push(at);
    }
    ends
}

type Fill = fn(Splitter, &str, usize, usize, &mut Ends);

fn filled(fill: Fill, splitter: Splitter, text: &str, from: usize, to: usize) -> Vec<usize> {
    let mut all = Vec::new();
    let mut ends = Ends::new();
    let mut at = from;
    while at < to {
        fill(splitter, text, at, to, &mut ends);
        all.extend_from_slice(ends.as_slice());
        at = *all.last().unwrap();
    }
    all
}

fn fill_portable(splitter: Splitter, text: &str, from: usize, to: usize, ends: &mut Ends) {
    ends.clear();
    window::fill_portable(splitter, text.as_bytes(), from, to, ends);
}

struct Check(Vec<(Splitter, Reference)>);

impl Check {
    fn new() -> Self {
        let with_reference = |(splitter, steps): (_, Vec<_>)| (splitter, Reference::new(&steps));
        Self(all().into_iter().map(with_reference).collect())
    }

    #[track_caller]
    fn check(&self, text: &str) {
        for (splitter, reference) in &self.0 {
            let expected = reference.ends(text);
            assert_eq!(plain(*splitter, text), expected, "{splitter:?} {text:?}");
            for fill in [Splitter::fill, fill_portable] {
                let found = filled(fill, *splitter, text, 0, text.len());
                assert_eq!(found, expected, "{splitter:?} fills {text:?}");
            }
        }
    }
}

/// One of each kind that some pattern tells apart.
const KINDS: [&str; 24] = [
    "a", "S", "t", "L", "l", "r", "E", "ſ", "é", "Ǆ", "ª", "中", "ア", "・", "\u{301}", "1", "Ⅷ",
    "²", " ", "\t", "\n", "\u{3000}", "'", "/",
];
const MORE_KINDS: [&str; 16] = [
    "(", "_", "€", "\u{1}", "\u{85}", "\r", "\u{200d}", "\u{fffe}", "v", "e", "m", "d", "0", "Z",
    "😀", "\u{a0}",
];

#[test]
#[cfg_attr(miri, ignore = "calls Oniguruma, which is C")]
fn all_short_texts_split_as_the_reference_says() {
    let check = Check::new();
    for a in KINDS {
        check.check(a);
        for b in KINDS {
            check.check(&[a, b].concat());
            for c in KINDS {
                check.check(&[a, b, c].concat());
            }
        }
    }
}

#[test]
#[ignore = "330,000 texts of four characters each; run it after a change of a scanner"]
fn all_texts_of_four_characters() {
    let check = Check::new();
    for (a, b) in KINDS.iter().flat_map(|a| KINDS.map(|b| (*a, b))) {
        for (c, d) in KINDS.iter().flat_map(|c| KINDS.map(|d| (*c, d))) {
            check.check(&[a, b, c, d].concat());
        }
    }
}

fn around(c: char) -> Vec<String> {
    let frames = [
        ("", ""),
        ("a", ""),
        ("A", "b"),
        ("1", ""),
        (" ", ""),
        ("'", ""),
        ("'l", ""),
        ("'r", ""),
        ("'v", ""),
        ("", "a"),
        ("(", ""),
        ("(", "b"),
        ("\n", ""),
        (" ", "1"),
        ("A", "B"),
        (")\n", "/"),
        ("a'", "b"),
    ];
    let fill = |(before, after): (&str, &str)| format!("{before}{c}{after}");
    let mut texts: Vec<_> = frames.into_iter().map(fill).collect();
    texts.push(format!("{c}{c}"));
    texts
}

#[test]
#[cfg_attr(miri, ignore = "calls Oniguruma, which is C")]
fn code_points_split_as_the_reference_says() {
    let check = Check::new();
    let dense = (0..0x600).chain((0x600..=0x10_ffff).step_by(977));
    for c in dense.filter_map(char::from_u32) {
        for text in around(c) {
            check.check(&text);
        }
    }
}

#[test]
#[ignore = "every code point in every frame, about 20 million texts; run it after a change of the table"]
fn all_code_points() {
    let check = Check::new();
    for c in (0..=0x10_ffff).filter_map(char::from_u32) {
        for text in around(c) {
            check.check(&text);
        }
    }
}

/// Parts of a made-up text are fewer.
const MAX_PARTS: usize = if cfg!(miri) { 12 } else { 60 };
/// From one phase of a window to the next one that a text is tried in.
const PHASE_STEP: usize = if cfg!(miri) { 16 } else { 1 };

fn soup() -> impl Strategy<Value = String> {
    let symbol = prop_oneof![
        6 => prop::sample::select(KINDS.as_slice()).prop_map(str::to_owned),
        2 => prop::sample::select(MORE_KINDS.as_slice()).prop_map(str::to_owned),
        1 => prop::sample::select([" ", "\n", "=", "é", "A", "x", "7", "'", "/", "中"].as_slice())
            .prop_flat_map(|c| (1..90_usize).prop_map(move |n| c.repeat(n))),
        4 => "[a-zA-Z]{1,12}",
        2 => "[ \\t\\r\\n]{1,6}",
        2 => "'(s|T|re|VE|ll|Ll|d|x)",
        2 => "[!-/:-@\\[-`{-~]{1,3}",
        1 => "[0-9]{1,8}",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(symbol, 0..MAX_PARTS).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    #[cfg_attr(miri, ignore = "calls Oniguruma, which is C")]
    fn soups_split_as_the_reference_says(text in soup()) {
        Check::new().check(&text);
    }

    #[test]
    fn every_phase_of_a_window_splits_alike(text in soup(), lead in "[aB1 '(]") {
        for (splitter, _) in all() {
            for phase in (0..=64).step_by(PHASE_STEP) {
                let text = [&lead.repeat(phase), text.as_str()].concat();
                let expected = plain(splitter, &text);
                for fill in [Splitter::fill, fill_portable] {
                    let found = filled(fill, splitter, &text, 0, text.len());
                    prop_assert_eq!(&found, &expected, "{:?} {:?}", splitter, text);
                }
            }
        }
    }

    #[test]
    fn a_part_of_a_text_splits_as_if_alone(text in soup(), skip in 0..70_usize, cut in 0..70_usize) {
        let boundary = |at: usize| (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let from = boundary(skip.min(text.len()));
        let to = boundary(text.len().saturating_sub(cut)).max(from);
        for (splitter, _) in all() {
            let alone: Vec<_> = plain(splitter, &text[from..to]).iter().map(|end| from + end).collect();
            for fill in [Splitter::fill, fill_portable] {
                let found = filled(fill, splitter, &text, from, to);
                prop_assert_eq!(&found, &alone, "{:?}", splitter);
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "calls Oniguruma, which is C")]
fn patterns_without_gaps_match_every_kind() {
    for (splitter, steps) in all().into_iter().filter(|(_, steps)| steps.len() == 1) {
        assert!(splitter.has_no_gaps());
        let Reference(stages) = Reference::new(&steps);
        let [Stage::Pattern(regex)] = stages.as_slice() else {
            unreachable!("one step is one pattern")
        };
        for text in KINDS.iter().chain(&MORE_KINDS) {
            assert_eq!(
                regex.find(text),
                Some((0, text.len())),
                "{splitter:?} {text:?}"
            );
        }
    }
}

#[test]
fn other_steps_are_not_recognised() {
    let digits = Step::Digits { individual: true };
    for steps in [
        vec![],
        vec![Step::Pattern(r"\s+")],
        vec![Step::ByteLevel, Step::ByteLevel],
        vec![Step::ByteLevel, digits],
        vec![Step::Pattern(DEEPSEEK[0])],
    ] {
        assert_eq!(Splitter::from_steps(&steps), None, "{steps:?}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "calls Oniguruma, which is C")]
fn steps_run_as_the_reference_library_runs_them() {
    use tokenizers::{OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer as _};

    let json = |step: &Step| match *step {
        Step::Pattern(pattern) => format!(
            r#"{{"type":"Split","pattern":{{"Regex":{}}},"behavior":"Isolated","invert":false}}"#,
            serde_json::to_string(pattern).unwrap()
        ),
        Step::ByteLevel => {
            r#"{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}"#
                .to_owned()
        }
        Step::Digits { individual } => {
            format!(r#"{{"type":"Digits","individual_digits":{individual}}}"#)
        }
    };
    for (splitter, steps) in all() {
        let list: Vec<_> = steps.iter().map(json).collect();
        let sequence = format!(
            r#"{{"type":"Sequence","pretokenizers":[{}]}}"#,
            list.join(",")
        );
        let library: tokenizers::PreTokenizerWrapper = serde_json::from_str(&sequence).unwrap();
        for (a, b) in KINDS.iter().flat_map(|a| MORE_KINDS.map(|b| (*a, b))) {
            let text = format!("{a}{b} {b}{a}1  23{a}4\n {b}{b}");
            let mut split = PreTokenizedString::from(text.as_str());
            library.pre_tokenize(&mut split).unwrap();
            let expected: Vec<_> = split
                .get_splits(OffsetReferential::Original, OffsetType::Byte)
                .iter()
                .map(|(_, (_, end), _)| *end)
                .collect();
            assert_eq!(plain(splitter, &text), expected, "{splitter:?} {text:?}");
        }
    }
}
