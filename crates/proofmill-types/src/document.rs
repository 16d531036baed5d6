//! Extracted text with its origin.

use std::sync::Arc;

use crate::{DocId, Kind, Location, Signals};

/// Text that may become training data, with everything needed to find and judge its original.
#[derive(Clone, Debug)]
pub struct Document {
    /// Stable id.
    pub id: DocId,
    /// Name of the source in the manifest.
    pub source: Arc<str>,
    /// What the source holds.
    pub kind: Kind,
    /// URL, arXiv id, repository and path, or file and line.
    pub origin: String,
    /// Where the record was read.
    pub location: Location,
    /// What stays on one side of the split: repository, paper family or host.
    pub group: String,
    /// Names the thing of which this is one version (paper family, URL); only the newest stays.
    pub family: Option<String>,
    /// Orders versions of one family, later is greater: version number or `RFC 3339` time.
    pub version: Option<String>,
    /// SPDX identifier or URL of the licence; `None` when unknown.
    pub license: Option<String>,
    /// ISO 639-1 code of the prose, or the name of the programming language.
    pub language: Option<String>,
    /// The text.
    pub text: String,
    /// What only this kind has.
    pub meta: Meta,
    /// What was measured.
    pub signals: Signals,
}

impl Document {
    /// A bare document around `text`, for tests and for filter cases.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let location = Location {
            file: Arc::from("-"),
            offset: 0,
            length: 0,
            row: None,
        };
        Self {
            id: DocId::new("", "", &location),
            source: Arc::from(""),
            kind: Kind::Text,
            origin: String::new(),
            location,
            group: String::new(),
            family: None,
            version: None,
            license: None,
            language: None,
            text: text.to_owned(),
            meta: Meta::default(),
            signals: Signals::new(),
        }
    }
}

/// Fields that only one kind of document has, by name, in a fixed order.
///
/// Which names a kind has, and of which type, is fixed by its extractor and listed in the guide;
/// tables store them as a typed struct column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meta(pub Vec<(&'static str, MetaValue)>);

/// One field of [`Meta`].
#[derive(Clone, Debug, PartialEq)]
pub enum MetaValue {
    /// Text; `None` when the record has none.
    Text(Option<String>),
    /// A number; `None` when the record has none.
    Number(Option<u64>),
    /// Several texts.
    List(Vec<String>),
}

impl Meta {
    /// Value of the field `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&MetaValue> {
        self.0
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    /// Value of the text field `name`, if it is there and set.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(MetaValue::Text(Some(text))) => Some(text),
            _ => None,
        }
    }
}
