//! Columns that hold JSON: lists of solutions, nested fields, steps with ratings of a process reward model.
//!
//! | shape | origin |
//! |---|---|
//! | `{"steps": [{"completions": [{"text", "rating"}], "chosen_completion"}]}` | PRM800K, Lightman et al. 2023, arXiv:2305.20050 |
//! | `[{"text" or "step", "rating" or "label"}]` | stepwise rows of other sets |

use std::fmt::Write as _;

use serde_json::Value;

/// The texts of a JSON list of texts.
pub(crate) fn texts(json: &str) -> Option<Vec<String>> {
    serde_json::from_str(json).ok()
}

/// The field `name` of a JSON object, as text; dots lead into objects inside.
pub(crate) fn field(json: &str, name: &str) -> Option<String> {
    let value: Value = serde_json::from_str(json).ok()?;
    let found = name
        .split('.')
        .try_fold(&value, |value, part| value.get(part))?;
    match found {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// The steps of a JSON value with their ratings, one a line; `None` if there are none.
pub(crate) fn steps(json: &str) -> Option<String> {
    let value: Value = serde_json::from_str(json).ok()?;
    let steps = value.get("steps").unwrap_or(&value).as_array()?;
    let mut text = String::new();
    for (number, step) in (1..).zip(steps) {
        let (body, rating) = match step.get("completions").and_then(Value::as_array) {
            Some(completions) => {
                let chosen = step.get("chosen_completion").and_then(Value::as_u64);
                let index = usize::try_from(chosen.unwrap_or(0)).ok()?;
                let completion = step
                    .get("human_completion")
                    .filter(|human| chosen.is_none() && human.is_object())
                    .or_else(|| completions.get(index))?;
                (completion.get("text")?, completion.get("rating"))
            }
            None => (
                step.get("text").or_else(|| step.get("step"))?,
                step.get("rating").or_else(|| step.get("label")),
            ),
        };
        let verdict = match rating {
            Some(Value::Bool(true)) => "correct",
            Some(Value::Bool(false)) => "wrong",
            Some(Value::String(text)) if text == "+" => "correct",
            Some(Value::String(text)) if text == "-" => "wrong",
            Some(Value::Number(number)) => match number.as_f64() {
                Some(number) if number > 0.0 => "correct",
                Some(number) if number < 0.0 => "wrong",
                _ => "neutral",
            },
            _ => "not rated",
        };
        let _ = writeln!(text, "Step {number} ({verdict}): {}", body.as_str()?.trim());
    }
    (!text.is_empty()).then(|| text.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_with_ratings() {
        let chosen = r#"{"steps": [
          {"completions": [{"text": "wrong way", "rating": -1}, {"text": "2 + 2 = 4.", "rating": 1}], "chosen_completion": 1},
          {"completions": [{"text": "So 5.", "rating": -1}], "chosen_completion": null, "human_completion": {"text": "So 4.", "rating": null}}]}"#;
        assert_eq!(
            steps(chosen).unwrap(),
            "Step 1 (correct): 2 + 2 = 4.\nStep 2 (not rated): So 4."
        );
        let plain = r#"[{"step": "a", "label": "+"}, {"text": "b", "rating": 0}, {"text": "c", "label": false}]"#;
        assert_eq!(
            steps(plain).unwrap(),
            "Step 1 (correct): a\nStep 2 (neutral): b\nStep 3 (wrong): c"
        );
        for json in ["", "3", "[]", "[3]", r#"{"steps": {}}"#] {
            assert_eq!(steps(json), None, "{json}");
        }
    }

    #[test]
    fn nested_fields() {
        let json = r#"{"problem": "What?", "n": {"a": 3}, "none": null}"#;
        assert_eq!(field(json, "problem").as_deref(), Some("What?"));
        assert_eq!(field(json, "n.a").as_deref(), Some("3"));
        assert_eq!(field(json, "none"), None);
        assert_eq!(field("text", "a"), None);
    }
}
