//! Prints what files are recognised as and what is measured in them, one JSON object a line.
//!
//! Reads lines of `LANGUAGE<TAB>PATH<TAB>FILE` from stdin: the language that is claimed (may be empty),
//! the path inside the repository, and where the file lies. Definitions come from the directories given
//! as arguments.
//!
//! Example: `... | cargo run -p proofmill-code --example signals -- filters/code`

#![expect(clippy::print_stdout, reason = "the output of this program")]

use std::error::Error;
use std::{env, fs, io};

use proofmill_code::{Input, Languages, measure};

fn main() -> Result<(), Box<dyn Error>> {
    let mut files = Vec::new();
    for folder in env::args().skip(1) {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                files.push((path.display().to_string(), fs::read_to_string(&path)?));
            }
        }
    }
    files.sort();
    let texts: Vec<(&str, &str)> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let languages = Languages::parse(&texts)?;
    for line in io::stdin().lines() {
        let line = line?;
        let [claimed, path, file] = line.split('\t').collect::<Vec<_>>()[..] else {
            continue;
        };
        let text = String::from_utf8_lossy(&fs::read(file)?).into_owned();
        let claimed_language = (!claimed.is_empty()).then_some(claimed);
        let found = languages.recognize(&Input {
            path,
            text: &text,
            claimed_language,
        });
        let signals: serde_json::Map<String, serde_json::Value> = found
            .language()
            .and_then(|name| languages.get(name))
            .map(|language| measure(language, &text, path))
            .iter()
            .flat_map(proofmill_types::Signals::iter)
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        let language = found.language();
        let reason = found
            .reason()
            .map(|reason| format!("{} {}", reason.rule, reason.value));
        let row = serde_json::json!({
            "file": file, "path": path, "language": language, "reason": reason, "signals": signals,
        });
        println!("{row}");
    }
    Ok(())
}
