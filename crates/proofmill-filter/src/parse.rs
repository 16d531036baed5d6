//! TOML text to a [`Definition`]: nothing unknown is passed over, and every message shows the place.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use proofmill_types::Kind;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use toml::Spanned;

use crate::catalog::{Type, names_for, type_of};
use crate::{
    Case, Definition, Expected, FilterError, Keep, Missing, RuleDefinition, Setting, SettingValue,
    When,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDefinition {
    name: Spanned<String>,
    version: Spanned<u32>,
    kind: Kind,
    source: Option<String>,
    why: Option<String>,
    #[serde(default)]
    setting: Vec<Spanned<RawSetting>>,
    #[serde(default)]
    rule: Vec<Spanned<RawRule>>,
    language: Option<Spanned<IgnoredAny>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSetting {
    name: Spanned<String>,
    value: SettingValue,
    why: Spanned<String>,
    source: Option<String>,
    unit: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: Spanned<String>,
    signal: Spanned<String>,
    keep: Spanned<RawKeep>,
    #[serde(default)]
    when: RawConditions,
    #[serde(default)]
    missing: Missing,
    why: Spanned<String>,
    source: Option<String>,
    unit: Option<String>,
    test: Spanned<Vec<Spanned<RawCase>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKeep {
    min: Option<f64>,
    max: Option<f64>,
    one_of: Option<Vec<String>>,
    none_of: Option<Vec<String>>,
    one_of_words: Option<Vec<String>>,
    none_of_words: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWhen {
    signal: Spanned<String>,
    min: Option<f64>,
    max: Option<f64>,
    one_of: Option<Vec<String>>,
    none_of: Option<Vec<String>>,
    one_of_words: Option<Vec<String>>,
    none_of_words: Option<Vec<String>>,
}

/// One table, or a list of them.
#[derive(Default)]
struct RawConditions(Vec<RawWhen>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    text: String,
    verdict: Expected,
    path: Option<String>,
    language: Option<String>,
    license: Option<String>,
    url: Option<String>,
    #[serde(default)]
    signals: BTreeMap<Spanned<String>, f64>,
}

impl<'de> Deserialize<'de> for SettingValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SettingVisitor)
    }
}

struct SettingVisitor;

impl<'de> Visitor<'de> for SettingVisitor {
    type Value = SettingValue;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("true, false, a number, a text or a list of texts")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<SettingValue, E> {
        Ok(SettingValue::Bool(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "settings stay far below 2^53")]
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<SettingValue, E> {
        Ok(SettingValue::Number(value as f64))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<SettingValue, E> {
        if value.is_finite() {
            Ok(SettingValue::Number(value))
        } else {
            Err(E::custom("a number must be finite"))
        }
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<SettingValue, E> {
        Ok(SettingValue::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut texts: A) -> Result<SettingValue, A::Error> {
        let mut list = Vec::new();
        while let Some(text) = texts.next_element::<String>()? {
            list.push(text);
        }
        Ok(SettingValue::List(list))
    }
}

impl<'de> Deserialize<'de> for RawConditions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ConditionsVisitor)
    }
}

struct ConditionsVisitor;

impl<'de> Visitor<'de> for ConditionsVisitor {
    type Value = RawConditions;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a condition, or a list of conditions that must all hold")
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<RawConditions, A::Error> {
        let one = RawWhen::deserialize(MapAccessDeserializer::new(table))?;
        Ok(RawConditions(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut tables: A) -> Result<RawConditions, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = tables.next_element()? {
            all.push(one);
        }
        Ok(RawConditions(all))
    }
}

/// See [`Definition::parse`].
pub(crate) fn definition(file: &str, text: &str) -> Result<Definition, FilterError> {
    let place = Place { file, text };
    let raw: RawDefinition = toml::from_str(text)
        .map_err(|error| place.error(&error.span().unwrap_or(0..0), error.message()))?;
    if let Some(language) = raw.language.filter(|_| raw.kind != Kind::Code) {
        return Err(place.error(&language.span(), "only kind `code` has a table `language`"));
    }
    place.require(
        &raw.name,
        is_kebab(raw.name.as_ref()),
        "a name is in kebab case, e.g. `gopher`",
    )?;
    place.require(
        &raw.version,
        *raw.version.as_ref() > 0,
        "versions start at 1",
    )?;

    let mut seen = BTreeSet::new();
    let mut settings = Vec::new();
    for raw_setting in raw.setting {
        let line = place.line(raw_setting.span().start);
        let setting = raw_setting.into_inner();
        let name = setting.name.as_ref();
        place.require(
            &setting.name,
            is_snake(name),
            "a setting's name is in snake case",
        )?;
        place.require(
            &setting.name,
            seen.insert(name.clone()),
            "this setting is there already",
        )?;
        place.require(
            &setting.why,
            !setting.why.as_ref().trim().is_empty(),
            "say why",
        )?;
        settings.push(Setting {
            name: setting.name.into_inner(),
            value: setting.value,
            why: setting.why.into_inner(),
            source: setting.source,
            unit: setting.unit,
            line,
        });
    }

    seen.clear();
    let mut rules = Vec::new();
    for raw_rule in raw.rule {
        let rule = place.rule(raw_rule, raw.kind, &mut seen)?;
        rules.push(rule);
    }
    Ok(Definition {
        name: raw.name.into_inner(),
        version: raw.version.into_inner(),
        kind: raw.kind,
        source: raw.source,
        why: raw.why,
        settings,
        rules,
    })
}

/// A definition's text, to say where something is wrong.
struct Place<'a> {
    file: &'a str,
    text: &'a str,
}

impl Place<'_> {
    fn rule(
        &self,
        raw: Spanned<RawRule>,
        kind: Kind,
        seen: &mut BTreeSet<String>,
    ) -> Result<RuleDefinition, FilterError> {
        let line = self.line(raw.span().start);
        let rule = raw.into_inner();
        let id = rule.id.as_ref();
        self.require(
            &rule.id,
            is_kebab(id),
            "an id is in kebab case, e.g. `too-short`",
        )?;
        self.require(
            &rule.id,
            seen.insert(id.clone()),
            "this id is there already",
        )?;
        self.require(&rule.why, !rule.why.as_ref().trim().is_empty(), "say why")?;

        let keep_span = rule.keep.span();
        let keep = self.keep(rule.keep.into_inner(), &keep_span)?;
        self.signal(&rule.signal, &keep, kind)?;
        let conditions = rule.when.0.into_iter();
        let when = conditions
            .map(|when| self.when(when, kind))
            .collect::<Result<_, _>>()?;

        let mut cases = Vec::new();
        let cases_span = rule.test.span();
        for raw_case in rule.test.into_inner() {
            let line = self.line(raw_case.span().start);
            let case = raw_case.into_inner();
            let mut signals = BTreeMap::new();
            for (name, value) in case.signals {
                if type_of(name.as_ref(), kind) != Some(Type::Number) {
                    return Err(self.unknown(&name, kind));
                }
                signals.insert(name.into_inner(), value);
            }
            cases.push(Case {
                text: case.text,
                verdict: case.verdict,
                path: case.path,
                language: case.language,
                license: case.license,
                url: case.url,
                signals,
                line,
            });
        }
        for (verdict, word) in [(Expected::Keep, "keep"), (Expected::Drop, "drop")] {
            if !cases.iter().any(|case| case.verdict == verdict) {
                let message = format!("the rule has no case with verdict \"{word}\"");
                return Err(self.error(&cases_span, &message));
            }
        }
        Ok(RuleDefinition {
            id: rule.id.into_inner(),
            signal: rule.signal.into_inner(),
            keep,
            when,
            missing: rule.missing,
            why: rule.why.into_inner(),
            source: rule.source,
            unit: rule.unit,
            cases,
            line,
        })
    }

    fn when(&self, raw: RawWhen, kind: Kind) -> Result<When, FilterError> {
        let RawWhen {
            signal,
            min,
            max,
            one_of,
            none_of,
            one_of_words,
            none_of_words,
        } = raw;
        let is = RawKeep {
            min,
            max,
            one_of,
            none_of,
            one_of_words,
            none_of_words,
        };
        let is = self.keep(is, &signal.span())?;
        self.signal(&signal, &is, kind)?;
        Ok(When {
            signal: signal.into_inner(),
            is,
        })
    }

    fn keep(&self, raw: RawKeep, span: &Range<usize>) -> Result<Keep, FilterError> {
        let RawKeep {
            min,
            max,
            one_of,
            none_of,
            one_of_words,
            none_of_words,
        } = raw;
        if [min, max]
            .into_iter()
            .flatten()
            .any(|bound| !bound.is_finite())
        {
            return Err(self.error(span, "bounds are finite; leave a bound out instead"));
        }
        if matches!((min, max), (Some(min), Some(max)) if min > max) {
            return Err(self.error(span, "`min` is greater than `max`: nothing would pass"));
        }
        let mut found = Vec::new();
        if min.is_some() || max.is_some() {
            found.push(Keep::Range { min, max });
        }
        found.extend(one_of.map(Keep::OneOf));
        found.extend(none_of.map(Keep::NoneOf));
        found.extend(one_of_words.map(Keep::OneOfWords));
        found.extend(none_of_words.map(Keep::NoneOfWords));
        let (1, Some(keep)) = (found.len(), found.pop()) else {
            return Err(self.error(
                span,
                "give bounds (`min`, `max`, or both) or one of the lists `one_of`, `none_of`, \
                 `one_of_words`, `none_of_words`",
            ));
        };
        match &keep {
            Keep::OneOf(list) | Keep::NoneOf(list) if list.is_empty() => {
                Err(self.error(span, "the list is empty"))
            }
            Keep::OneOfWords(list) | Keep::NoneOfWords(list)
                if list.is_empty()
                    || list
                        .iter()
                        .any(|words| !words.contains(char::is_alphanumeric)) =>
            {
                Err(self.error(
                    span,
                    "the list is empty, or an entry has no letter or digit",
                ))
            }
            _ => Ok(keep),
        }
    }

    fn signal(&self, name: &Spanned<String>, keep: &Keep, kind: Kind) -> Result<(), FilterError> {
        match (type_of(name.as_ref(), kind), keep) {
            (None, _) => Err(self.unknown(name, kind)),
            (Some(Type::Number), Keep::Range { .. }) => Ok(()),
            (Some(Type::Number), _) => Err(self.error(
                &name.span(),
                &format!(
                    "`{}` is a number: give `min`, `max`, or both",
                    name.as_ref()
                ),
            )),
            (Some(Type::Text), Keep::Range { .. }) => Err(self.error(
                &name.span(),
                &format!("`{}` is a text: give a list, not bounds", name.as_ref()),
            )),
            (Some(Type::Text), _) => Ok(()),
        }
    }

    fn unknown(&self, name: &Spanned<String>, kind: Kind) -> FilterError {
        let known = names_for(kind).join(", ");
        let message = format!(
            "unknown signal `{}` for kind `{kind}`, expected one of {known}",
            name.as_ref()
        );
        self.error(&name.span(), &message)
    }

    fn require<T>(
        &self,
        what: &Spanned<T>,
        is_right: bool,
        message: &str,
    ) -> Result<(), FilterError> {
        if is_right {
            Ok(())
        } else {
            Err(self.error(&what.span(), message))
        }
    }

    /// Line of the byte `at`, from 1.
    fn line(&self, at: usize) -> usize {
        1 + self
            .text
            .bytes()
            .take(at)
            .filter(|&byte| byte == b'\n')
            .count()
    }

    fn error(&self, span: &Range<usize>, message: &str) -> FilterError {
        let start = span.start.min(self.text.len());
        let line_start = self.text.as_bytes()[..start]
            .iter()
            .rposition(|&byte| byte == b'\n');
        let line_start = line_start.map_or(0, |at| at + 1);
        let shown = self.text[line_start..].lines().next().unwrap_or_default();
        let column = 1 + self
            .text
            .get(line_start..start)
            .map_or(0, |before| before.chars().count());
        let line = self.line(start);
        let in_line = shown.get(start - line_start..).unwrap_or_default();
        let n_carets = in_line
            .char_indices()
            .take_while(|(at, _)| start + at < span.end)
            .count()
            .max(1);
        let number = line.to_string();
        let snippet = format!(
            "{number} | {shown}\n{} | {}{}",
            " ".repeat(number.len()),
            " ".repeat(column - 1),
            "^".repeat(n_carets)
        );
        FilterError::Definition {
            file: self.file.to_owned(),
            line,
            column,
            message: message.to_owned(),
            snippet,
        }
    }
}

/// Whether `name` is lower-case letters and digits, parted by single `separator`s.
fn is_cased(name: &str, separator: char) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.split(separator).all(|part| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        })
}

fn is_kebab(name: &str) -> bool {
    is_cased(name, '-')
}

/// Whether `name` is in snake case, as signals and settings are.
pub(crate) fn is_snake(name: &str) -> bool {
    is_cased(name, '_')
}
