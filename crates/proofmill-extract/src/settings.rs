//! Named options of the readers, as filter definitions give them.

use proofmill_types::Kind;

use crate::ExtractError;

/// One option of a reader.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Name, e.g. `bibliography`.
    pub name: String,
    /// Value.
    pub value: SettingValue,
}

/// Value of a setting.
#[derive(Clone, Debug, PartialEq)]
pub enum SettingValue {
    /// A switch.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A word.
    Text(String),
    /// Several words.
    List(Vec<String>),
}

impl Setting {
    pub(crate) fn fault(&self, kind: Kind, detail: impl Into<String>) -> ExtractError {
        ExtractError::Setting {
            name: self.name.clone(),
            kind,
            detail: detail.into(),
        }
    }

    pub(crate) fn bool(&self, kind: Kind) -> Result<bool, ExtractError> {
        match &self.value {
            SettingValue::Bool(value) => Ok(*value),
            _ => Err(self.fault(kind, "must be true or false")),
        }
    }

    /// One of `choices` by name.
    pub(crate) fn choice<T: Copy>(
        &self,
        kind: Kind,
        choices: &[(&str, T)],
    ) -> Result<T, ExtractError> {
        if let SettingValue::Text(word) = &self.value
            && let Some((_, value)) = choices.iter().find(|(name, _)| name == word)
        {
            return Ok(*value);
        }
        let names: Vec<String> = choices
            .iter()
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        Err(self.fault(kind, format!("must be one of {}", names.join(", "))))
    }

    /// The setting is none of `names`.
    pub(crate) fn unknown(&self, kind: Kind, names: &[&str]) -> ExtractError {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        self.fault(
            kind,
            format!("is unknown, expected one of {}", names.join(", ")),
        )
    }
}

/// For kinds whose reader has no options.
pub(crate) fn refuse_all(settings: &[Setting], kind: Kind) -> Result<(), ExtractError> {
    settings.first().map_or(Ok(()), |setting| {
        Err(setting.fault(kind, "this kind has no settings"))
    })
}
