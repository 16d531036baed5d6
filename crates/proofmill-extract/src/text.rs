//! Ready-made text: nothing to extract, only an origin to keep.

use proofmill_types::{Meta, MetaValue, Signals, TextRow};

use crate::{Detector, Found, group};

pub(crate) fn extract(row: TextRow, detector: &Detector) -> Found {
    let mut signals = Signals::new();
    let language = row.language.or_else(|| {
        let found = detector.detect(&row.text)?;
        signals.set("language_probability", found.probability);
        Some(found.code.to_owned())
    });
    let group = row
        .group
        .or_else(|| row.url.as_deref().map(group::host))
        .unwrap_or_default();
    Found {
        group,
        family: row.url.as_deref().map(group::page_family),
        version: row.date.clone(),
        license: row.license,
        language,
        meta: Meta(vec![
            ("row_id", MetaValue::Text(row.id)),
            ("url", MetaValue::Text(row.url)),
            ("date", MetaValue::Text(row.date)),
        ]),
        text: row.text,
        signals,
    }
}
