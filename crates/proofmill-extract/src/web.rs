//! Web pages through `proofmill-html`.

use proofmill_html::{CharsetSource, Formula, Gate, Input, MainContent, Markup, Options, gate};
use proofmill_types::{Kind, Meta, MetaValue, Page, Reason, Signals};

use crate::{Detector, ExtractError, Found, Setting, SettingValue, group};

/// Settings of the reader, as `filters/web.toml` names them.
const NAMES: [&str; 4] = ["gate", "main_content", "keep_comments", "max_page_bytes"];

pub(crate) struct Reader {
    options: Options,
    /// Whether pages without any mark of mathematics are dropped before they are parsed.
    has_gate: bool,
}

impl Reader {
    pub(crate) fn new(settings: &[Setting]) -> Result<Self, ExtractError> {
        let mut reader = Self {
            options: Options::default(),
            has_gate: true,
        };
        for setting in settings {
            match setting.name.as_str() {
                "gate" => reader.has_gate = setting.bool(Kind::Web)?,
                "main_content" => {
                    let choices = [("main", MainContent::Main), ("body", MainContent::Body)];
                    reader.options.main_content = setting.choice(Kind::Web, &choices)?;
                }
                "keep_comments" => reader.options.keep_comments = setting.bool(Kind::Web)?,
                "max_page_bytes" => match setting.value {
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "checked range"
                    )]
                    SettingValue::Number(bytes) if (1.0..=1e9).contains(&bytes) => {
                        reader.options.max_page_bytes = bytes as usize;
                    }
                    _ => return Err(setting.fault(Kind::Web, "must be a number from 1 to 1e9")),
                },
                _ => return Err(setting.unknown(Kind::Web, &NAMES)),
            }
        }
        Ok(reader)
    }

    /// Why a page is not worth parsing, told from its raw bytes.
    pub(crate) fn gate(&self, page: &Page) -> Option<Reason> {
        if !self.has_gate || page.is_plain_text {
            return None;
        }
        match gate(&page.bytes).gate {
            Gate::Pass => None,
            Gate::Drop(reason) => Some(Reason::new("no-mathematics", reason)),
        }
    }

    pub(crate) fn extract(&self, page: &Page, detector: &Detector) -> Result<Found, Reason> {
        if page.is_plain_text {
            return plain_text(page, detector);
        }
        let input = Input {
            bytes: &page.bytes,
            content_type: page.content_type.as_deref(),
            url: Some(&page.url),
        };
        let found = proofmill_html::extract(&input, &self.options);
        if found.text.trim().is_empty() {
            return Err(Reason::new("no-text", "nothing is left of the page"));
        }
        let mut signals = signals(&found);
        signals.set(
            "has_math_marker",
            f64::from(u8::from(gate(&page.bytes).marker.is_some())),
        );
        signals.set("is_body_truncated", f64::from(u8::from(page.is_truncated)));
        let prose = found.prose();
        let language = detector.detect(&prose);
        if let Some(language) = language {
            signals.set("language_probability", language.probability);
        }
        let text = |value: &str| MetaValue::Text(Some(value.to_owned()));
        Ok(Found {
            group: group::host(&page.url),
            family: Some(group::page_family(&page.url)),
            version: page.date.clone(),
            license: None,
            language: language.map(|language| language.code.to_owned()),
            meta: Meta(vec![
                ("url", text(&page.url)),
                ("title", MetaValue::Text(found.title.clone())),
                ("date", MetaValue::Text(page.date.clone())),
                ("record_id", MetaValue::Text(page.record_id.clone())),
                ("charset", text(found.charset)),
                (
                    "declared_language",
                    MetaValue::Text(found.declared_language.clone()),
                ),
                (
                    "site_family",
                    MetaValue::Text(found.site_family.map(str::to_owned)),
                ),
                (
                    "formula_markup",
                    MetaValue::List(markup_counts(&found.formulas)),
                ),
                ("formulas", MetaValue::List(provenance(&found.formulas))),
            ]),
            text: found.text,
            signals,
        })
    }
}

/// `markup count` for each mark-up that a page uses, best source first.
fn markup_counts(formulas: &[Formula]) -> Vec<String> {
    let counts = Markup::ALL.into_iter().map(|markup| {
        let of_markup = formulas.iter().filter(|formula| formula.markup == markup);
        (markup, of_markup.count())
    });
    counts
        .filter(|(_, count)| *count > 0)
        .map(|(markup, count)| format!("{} {count}", markup.name()))
        .collect()
}

/// `markup rank inline` or `markup rank display` for each formula of the text, in order.
fn provenance(formulas: &[Formula]) -> Vec<String> {
    let one = |formula: &Formula| {
        let stand = if formula.is_display {
            "display"
        } else {
            "inline"
        };
        format!("{} {} {stand}", formula.markup.name(), formula.rank)
    };
    formulas.iter().map(one).collect()
}

/// WET text needs no extraction.
fn plain_text(page: &Page, detector: &Detector) -> Result<Found, Reason> {
    let Ok(text) = std::str::from_utf8(&page.bytes) else {
        return Err(Reason::new("not-utf-8", "a conversion record holds UTF-8"));
    };
    let language = detector.detect(text);
    let mut signals = Signals::new();
    if let Some(language) = language {
        signals.set("language_probability", language.probability);
    }
    Ok(Found {
        text: text.to_owned(),
        group: group::host(&page.url),
        family: Some(group::page_family(&page.url)),
        version: page.date.clone(),
        language: language.map(|language| language.code.to_owned()),
        meta: Meta(vec![
            ("url", MetaValue::Text(Some(page.url.clone()))),
            ("title", MetaValue::Text(None)),
            ("date", MetaValue::Text(page.date.clone())),
            ("record_id", MetaValue::Text(page.record_id.clone())),
            ("charset", MetaValue::Text(Some("UTF-8".to_owned()))),
            ("declared_language", MetaValue::Text(None)),
            ("site_family", MetaValue::Text(None)),
            ("formula_markup", MetaValue::List(Vec::new())),
            ("formulas", MetaValue::List(Vec::new())),
        ]),
        signals,
        ..Found::default()
    })
}

/// Signals of the HTML reader under their stable names.
fn signals(page: &proofmill_html::Page) -> Signals {
    let mut signals = Signals::new();
    let n_display = page
        .formulas
        .iter()
        .filter(|formula| formula.is_display)
        .count();
    for (name, count) in [
        ("n_formulas", page.formulas.len()),
        ("n_display_formulas", n_display),
        ("n_dropped_formulas", page.n_dropped_formulas),
        ("n_page_formulas", page.n_page_formulas),
        ("n_links", page.n_links),
        ("n_headings", page.n_headings),
        ("n_list_items", page.n_list_items),
        ("n_code_blocks", page.n_code_blocks),
        ("n_tables", page.n_tables),
        ("code_chars", page.n_code_chars),
        ("formula_chars", page.n_formula_chars),
        ("n_page_macros", page.n_macros),
    ] {
        signals.set_count(name, count);
    }
    let n_chars = page.text.chars().count().max(1);
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    signals.set(
        "formula_chars_ratio",
        page.n_formula_chars as f64 / n_chars as f64,
    );
    signals.set("link_ratio", page.link_ratio);
    signals.set("boilerplate_ratio", page.boilerplate_ratio);
    for (name, flag) in [
        ("is_fallback", page.is_recall_fallback),
        ("is_truncated", page.is_truncated),
        ("charset_guessed", page.charset_from == CharsetSource::Guess),
    ] {
        signals.set(name, f64::from(u8::from(flag)));
    }
    signals
}
