//! How definitions are read: messages with their place, verdicts of rules, what `check` finds.

use proofmill_filter::{
    Definition, Expected, Filter, FilterError, Keep, Outcome, SettingValue, check, measure,
    plain_document,
};
use proofmill_types::{Document, Kind, Meta, MetaValue, Reason, Stage, Value, Verdict};
use proptest::prelude::*;

/// Cases of `golden/errors.txt`: `=== name`, a definition, `---`, the message.
#[test]
fn messages() {
    let mut n_cases = 0;
    for case in include_str!("golden/errors.txt").split("\n=== ").skip(1) {
        let (name, body) = case.split_once('\n').expect("a case starts with its name");
        let (input, output) = body
            .split_once("\n---\n")
            .expect("`---` parts input and output");
        let error = Definition::parse("f.toml", input).expect_err(name);
        let message = error.to_string();
        // A message that lists all signals is given up to `...`.
        match output.trim_end().split_once("...") {
            None => assert_eq!(message, output.trim_end(), "case `{name}`"),
            Some((start, end)) => assert!(
                message.starts_with(start) && message.ends_with(end),
                "case `{name}`: {message}"
            ),
        }
        n_cases += 1;
    }
    assert!(n_cases >= 20);
}

fn with_rule(kind: &str, rule: &str) -> Definition {
    let cases = "test=[{text='a',verdict='keep'},{text='b',verdict='drop'}]";
    let text =
        format!("name='t'\nversion=1\nkind='{kind}'\n[[rule]]\nid='r'\nwhy='w'\n{cases}\n{rule}");
    Definition::parse("t.toml", &text).unwrap_or_else(|error| panic!("{error}"))
}

fn verdict(kind: &str, rule: &str, edit: impl FnOnce(&mut Document)) -> Verdict {
    let mut doc = Document::from_text("The text of a document.");
    doc.kind = Kind::ALL
        .into_iter()
        .find(|known| known.name() == kind)
        .expect("a known kind");
    edit(&mut doc);
    Filter::compile(&with_rule(kind, rule))
        .expect("the rule is right")
        .apply(&mut doc)
}

fn drop_number(value: f64) -> Verdict {
    Verdict::Drop(Reason::measured("r", value))
}

fn drop_text(value: &str) -> Verdict {
    Verdict::Drop(Reason {
        rule: "r".into(),
        value: Value::Text(value.to_owned()),
    })
}

#[test]
fn bounds_are_inclusive() {
    let rule = "signal='n_bytes'\nkeep={min=23, max=23}";
    assert_eq!(verdict("text", rule, |_| {}), Verdict::Keep);
    assert_eq!(
        verdict("text", rule, |doc| doc.text.push('x')),
        drop_number(24.0)
    );
    let rule = "signal='n_words'\nkeep={min=6}";
    assert_eq!(verdict("text", rule, |_| {}), drop_number(5.0));
}

#[test]
fn a_missing_signal_applies_no_rule_unless_asked() {
    let rule = "signal='n_links'\nkeep={max=3}";
    assert_eq!(verdict("web", rule, |_| {}), Verdict::Keep);
    let rule = "signal='language'\nkeep={one_of=['en']}";
    assert_eq!(verdict("web", rule, |_| {}), Verdict::Keep);
    let rule = "signal='n_links'\nkeep={max=3}\nmissing='drop'";
    assert_eq!(verdict("web", rule, |_| {}), drop_text("not measured"));
    let rule = "signal='language'\nkeep={one_of=['en']}\nmissing='drop'";
    assert_eq!(verdict("web", rule, |_| {}), drop_text("not measured"));
}

#[test]
fn when_says_to_whom_a_rule_applies() {
    let rule = "signal='n_words'\nkeep={min=100}\nwhen={signal='language', one_of=['en','de']}";
    assert_eq!(verdict("web", rule, |_| {}), Verdict::Keep);
    assert_eq!(
        verdict("web", rule, |doc| doc.language = Some("DE".into())),
        drop_number(5.0)
    );
    assert_eq!(
        verdict("web", rule, |doc| doc.language = Some("fr".into())),
        Verdict::Keep
    );
    let rule = "signal='n_words'\nkeep={min=100}\nwhen={signal='n_bytes', max=10}";
    assert_eq!(verdict("web", rule, |_| {}), Verdict::Keep);
    let rule = "signal='n_words'\nkeep={min=100}\nwhen=[]";
    assert_eq!(verdict("web", rule, |_| {}), drop_number(5.0));
}

#[test]
fn several_conditions_must_all_hold() {
    let rule = "signal='n_words'\nkeep={min=100}\n\
        when=[{signal='language', one_of=['en','de']}, {signal='n_links', max=3}]";
    let judge = |language: Option<&str>, n_links: Option<f64>| {
        verdict("web", rule, |doc| {
            doc.language = language.map(str::to_owned);
            if let Some(n_links) = n_links {
                doc.signals.set("n_links", n_links);
            }
        })
    };
    assert_eq!(judge(Some("en"), Some(3.0)), drop_number(5.0));
    assert_eq!(judge(Some("en"), Some(4.0)), Verdict::Keep);
    assert_eq!(judge(Some("fr"), Some(3.0)), Verdict::Keep);
    assert_eq!(judge(None, Some(3.0)), Verdict::Keep);
    assert_eq!(judge(Some("en"), None), Verdict::Keep);
}

#[test]
fn texts() {
    let rule = "signal='license'\nkeep={none_of=['GPL-3.0']}";
    assert_eq!(
        verdict("code", rule, |doc| doc.license = Some("gpl-3.0".into())),
        drop_text("gpl-3.0")
    );
    assert_eq!(
        verdict("code", rule, |doc| doc.license = Some("MIT".into())),
        Verdict::Keep
    );
    let rule = "signal='host'\nkeep={one_of=['example.org']}";
    let at = |url: &str| verdict("web", rule, |doc| doc.origin = url.to_owned());
    assert_eq!(at("https://a.example.org/x"), Verdict::Keep);
    assert_eq!(at("https://Example.org"), Verdict::Keep);
    assert_eq!(at("https://badexample.org/x"), drop_text("badexample.org"));
    let rule = "signal='path'\nkeep={none_of_words=['log in','ad']}";
    let at = |url: &str| verdict("web", rule, |doc| doc.origin = url.to_owned());
    assert_eq!(at("https://example.org/Log-In.php"), drop_text("log in"));
    assert_eq!(at("https://ad.example.org/add/adjoint/read"), Verdict::Keep);
    let rule = "signal='repo'\nkeep={none_of_words=['proofnet']}";
    let meta = |name: &str| Meta(vec![("repo", MetaValue::Text(Some(name.to_owned())))]);
    assert_eq!(
        verdict("code", rule, |doc| doc.meta = meta("x/ProofNet-lean")),
        drop_text("proofnet")
    );
    assert_eq!(
        verdict("code", rule, |doc| doc.meta = meta("x/proofnetwork")),
        Verdict::Keep
    );
}

#[test]
fn the_first_failing_rule_decides() {
    let cases = "why='w'\ntest=[{text='a',verdict='keep'},{text='b',verdict='drop'}]";
    let text = format!(
        "name='t'\nversion=1\nkind='text'\n[[rule]]\nid='b-rule'\nsignal='n_words'\nkeep={{min=9}}\n{cases}\n\
         [[rule]]\nid='a-rule'\nsignal='n_bytes'\nkeep={{min=99}}\n{cases}"
    );
    let filter = Filter::compile(&Definition::parse("t", &text).unwrap()).unwrap();
    let found = filter.apply(&mut Document::from_text("one two"));
    assert_eq!(found, Verdict::Drop(Reason::measured("b-rule", 2.0)));
}

#[test]
fn settings_and_a_language_table() {
    let text = "name='t'\nversion=3\nkind='code'\nsource='s'\n[language]\nanything.goes=[1,{a=2}]\n\
        [[setting]]\nname='a'\nvalue=true\nwhy='w'\n[[setting]]\nname='b'\nvalue=3\nwhy='w'\nunit='u'\n\
        [[setting]]\nname='c'\nvalue='x'\nwhy='w'\n[[setting]]\nname='d'\nvalue=['x','y']\nwhy='w'";
    let found = Definition::parse("t", text).unwrap();
    assert_eq!(
        (found.version, found.kind, found.source.as_deref()),
        (3, Kind::Code, Some("s"))
    );
    assert_eq!(found.setting("a"), Some(&SettingValue::Bool(true)));
    assert_eq!(found.setting("b"), Some(&SettingValue::Number(3.0)));
    assert_eq!(found.setting("c"), Some(&SettingValue::Text("x".into())));
    assert_eq!(
        found.setting("d"),
        Some(&SettingValue::List(vec!["x".into(), "y".into()]))
    );
    assert_eq!(found.setting("e"), None);
    assert_eq!(found.settings[1].line, 11);
}

#[test]
fn check_finds_wrong_cases_and_rules_that_never_apply() {
    let outcome = |kind: &str, rule: &str| {
        let results = check(&with_rule(kind, rule), &plain_document);
        results
            .into_iter()
            .map(|result| result.outcome)
            .collect::<Vec<_>>()
    };
    let found = outcome("text", "signal='n_bytes'\nkeep={max=1}");
    assert_eq!(found, [Outcome::Right, Outcome::Passed]);
    let found = outcome("text", "signal='n_bytes'\nkeep={min=2}");
    assert_eq!(
        found,
        [Outcome::Dropped(Value::Number(1.0)), Outcome::Right]
    );
    let found = outcome("code", "signal='n_evidense'\nkeep={min=1}");
    assert_eq!(found, [Outcome::NeverMeasured, Outcome::Passed]);
    let found = outcome("code", "signal='n_evidense'\nkeep={min=1}\nmissing='drop'");
    assert_eq!(found[0], Outcome::NeverMeasured);
}

#[test]
fn definitions_made_by_hand_are_checked_when_compiled() {
    let mut made = with_rule("text", "signal='n_bytes'\nkeep={max=1}");
    made.rules[0].keep = Keep::OneOf(vec!["x".into()]);
    assert!(matches!(
        Filter::compile(&made),
        Err(FilterError::WrongType { .. })
    ));
    assert_eq!(check(&made, &plain_document)[0].expected, Expected::Keep);
    made.rules[0].signal = "n_bites".into();
    assert!(matches!(
        Filter::compile(&made),
        Err(FilterError::UnknownSignal { .. })
    ));
}

#[test]
fn the_extractors_count_of_formulas_stays() {
    let mut doc = Document::from_text("one $x$ two");
    doc.signals.set("n_formulas", 7.0);
    measure(&mut doc);
    assert_eq!(doc.signals.get("n_formulas"), Some(7.0));
    let mut doc = Document::from_text("one $x$ two");
    measure(&mut doc);
    measure(&mut doc);
    assert_eq!(doc.signals.get("n_formulas"), Some(1.0));
}

#[test]
fn code_has_the_common_signals_only() {
    let mut doc = Document::from_text("echo $A $B\n");
    doc.kind = Kind::Code;
    measure(&mut doc);
    assert_eq!(doc.signals.get("n_words"), Some(3.0));
    assert_eq!(doc.signals.get("n_formulas"), None);
    for (name, _) in doc.signals.iter() {
        let info = proofmill_filter::SIGNALS
            .iter()
            .find(|info| info.name == name);
        assert!(
            info.is_some_and(|info| info.owner.measures(Kind::Code)),
            "{name}"
        );
    }
}

#[test]
fn hostile_texts_take_linear_time() {
    let units = [
        "$",
        "$$",
        "$ x",
        "$$\n\n",
        "\\(",
        "\\[",
        "\\",
        "`",
        "``` ",
        "```\n",
        "{",
        "}",
        "\n",
        " ",
        "#",
        "\\begin{align}",
        "\\begin{align}\\end{align*}",
        "a ",
        "a b c d e ",
        "é",
        "漢",
        "...",
        "…\n",
        "\\b",
    ];
    for unit in units {
        let text = unit.repeat(1_000_000 / unit.len());
        for kind in [Kind::Web, Kind::Arxiv, Kind::Code] {
            let mut doc = Document::from_text(&text);
            doc.kind = kind;
            measure(&mut doc);
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_measured(
        text in prop_oneof![
            any::<String>(),
            "([$`\\\\{}#\\[\\]() \\n]|\\\\begin\\{align\\}|\\\\end\\{align\\}|```|é|漢|ab|\\.\\.\\.){0,60}",
        ],
        kind in prop::sample::select(Kind::ALL.to_vec()),
    ) {
        let mut doc = Document::from_text(&text);
        doc.kind = kind;
        measure(&mut doc);
        for info in proofmill_filter::SIGNALS {
            let measured = doc.signals.get(info.name);
            if let Some(value) = measured {
                prop_assert!(value >= 0.0, "{} = {value}", info.name);
                prop_assert!(!info.name.ends_with("_ratio") || value <= 1.0, "{} = {value}", info.name);
            }
            let is_ours = matches!(info.owner, proofmill_filter::Owner::Text | proofmill_filter::Owner::Prose);
            prop_assert_eq!(measured.is_some(), is_ours && info.owner.measures(kind), "{}", info.name);
        }
    }

    #[test]
    fn any_definition_is_read_or_refused(text in "(name='a'\n|version=1\n|kind='web'\n|\\[\\[rule\\]\\]\n|id='é'\n|id=\n|signal=3\n|why=''\n|é){0,12}") {
        let _ = Definition::parse("f", &text);
    }
}
