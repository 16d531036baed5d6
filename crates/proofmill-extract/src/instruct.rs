//! Instruction rows: rendered by the template that fits with the most columns, the first by name of several.

use proofmill_types::{InstructRow, Meta, MetaValue, Reason, Signals};

use crate::{Definition, ExtractError, Found, Template, arithmetic};

/// Columns that name the data set a row came from, and the item it was made from.
const DATA_SET_COLUMNS: [&str; 3] = ["source", "dataset", "data_source"];
const PARENT_COLUMNS: [&str; 3] = ["original_question", "parent", "parent_id"];

pub(crate) struct Reader {
    templates: Vec<Template>,
}

impl Reader {
    pub(crate) fn new(templates: &[Definition<'_>]) -> Result<Self, ExtractError> {
        let templates: Result<Vec<_>, _> = templates
            .iter()
            .map(|(name, text)| Template::parse(name, text))
            .collect();
        Ok(Self {
            templates: templates?,
        })
    }

    pub(crate) fn extract(&self, row: &InstructRow) -> Result<Found, Reason> {
        let is_alone = self.templates.len() == 1;
        let fits = self
            .templates
            .iter()
            .rev() // the last of the greatest is the first by name
            .filter(|template| (is_alone || !template.is_by_name) && template.fits(row))
            .max_by_key(|template| template.n_columns());
        let Some(template) = fits else {
            let columns: Vec<&str> = row
                .fields
                .iter()
                .map(|(name, _)| name.as_str())
                .take(12)
                .collect();
            return Err(Reason::new("row-shape-unknown", columns.join(" ")));
        };
        let text = template.render(row)?;
        let first = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| row.get(name))
                .map(str::to_owned)
        };
        let parent = first(&PARENT_COLUMNS);
        let mut signals = Signals::new();
        let (n_equations, n_wrong) = arithmetic::count_equations(&text);
        signals.set_count("n_equations", n_equations);
        signals.set_count("n_wrong_equations", n_wrong);
        Ok(Found {
            text,
            // Rows made from one item stay on one side of the split.
            group: parent.clone().unwrap_or_default(),
            license: row
                .get("license")
                .or_else(|| template.license(row))
                .map(str::to_owned),
            language: row.get("lang").map(str::to_owned),
            meta: Meta(vec![
                ("template", MetaValue::Text(Some(template.name.clone()))),
                ("data_set", MetaValue::Text(first(&DATA_SET_COLUMNS))),
                ("parent", MetaValue::Text(parent)),
                ("type", MetaValue::Text(row.get("type").map(str::to_owned))),
            ]),
            signals,
            ..Found::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_fitting_template_renders() {
        let definitions = [
            (
                "a",
                "name='a'\nversion=1\nwhy='t'\nrequires=['query']\n[[variant]]\ntext='A {query}'",
            ),
            (
                "b",
                "name='b'\nversion=1\nwhy='t'\nrequires=['question']\n[[variant]]\ntext='B {question}'",
            ),
        ];
        let reader = Reader::new(&definitions).unwrap();
        let row = |name: &str| InstructRow {
            fields: vec![(name.to_owned(), "x".to_owned())],
        };
        assert_eq!(reader.extract(&row("question")).unwrap().text, "B x");
        let reason = reader.extract(&row("prompt")).err().unwrap();
        assert_eq!(reason, Reason::new("row-shape-unknown", "prompt"));
    }
}
