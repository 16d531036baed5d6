//! Every rule does what its cases say, in both presets.

use crate::rules::{Rule, languages, rules, verdict};

fn check(folder: &str, folders: &[&str]) {
    let languages = languages(folders);
    let mut wrong = Vec::new();
    let mut n_cases = 0;
    for (name, rules) in rules(folder) {
        let language = languages
            .get(&name)
            .unwrap_or_else(|| panic!("no language `{name}`"));
        for rule in &rules {
            let verdicts: Vec<&str> = rule.test.iter().map(|case| case.verdict.as_str()).collect();
            if !verdicts.contains(&"keep") || !verdicts.contains(&"drop") {
                wrong.push(format!("{name}: {} needs a case of each verdict", rule.id));
            }
            for case in &rule.test {
                n_cases += 1;
                let signals = Rule::case_signals(case, language);
                if !rule.is_measured(&signals) {
                    wrong.push(format!("{name}: {} reads what nobody measures", rule.id));
                }
                let drops = rule.drops(&signals);
                if drops != (case.verdict == "drop") {
                    wrong.push(format!(
                        "{name}: {} drops={drops} for {:?}",
                        rule.id, case.text
                    ));
                }
                // A text that a rule keeps is kept by the whole definition, so that cases are real.
                if case.verdict == "keep"
                    && let Some(id) = verdict(&rules, &signals)
                {
                    wrong.push(format!(
                        "{name}: case of {} falls to {id}: {:?}",
                        rule.id, case.text
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(n_cases > 100, "only {n_cases} cases in {folder}");
}

#[test]
fn default_preset() {
    check("code", &["code"]);
}

#[test]
fn published_preset() {
    check("code/algebraic-stack", &["code", "code/algebraic-stack"]);
}
