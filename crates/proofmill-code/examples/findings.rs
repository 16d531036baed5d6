//! Prints what could be masked in files, and their licences, one JSON object a file.
//!
//! Reads paths from stdin. LICENSE files are judged as such, all others by their heads. Findings are
//! printed with their line, so the output is for eyes that may see what is in the files.
//!
//! Example: `find src -type f | cargo run -p proofmill-code --example findings`

#![expect(clippy::print_stdout, reason = "the output of this program")]

use std::error::Error;
use std::path::Path;
use std::{fs, io};

use proofmill_code::licenses::{header_license, is_license_file, license_of_text};
use proofmill_code::secrets::{addresses, places, secrets};

fn main() -> Result<(), Box<dyn Error>> {
    for file in io::stdin().lines() {
        let file = file?;
        let text = String::from_utf8_lossy(&fs::read(&file)?).into_owned();
        let mut found = secrets(&text);
        found.extend(addresses(&text));
        let line_of = |at: usize| {
            let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
            text[start..].lines().next().unwrap_or_default().to_owned()
        };
        let found: Vec<_> = found
            .iter()
            .flat_map(|one| {
                places(&text, std::slice::from_ref(one))
                    .into_iter()
                    .zip([one])
            })
            .map(|(place, one)| {
                serde_json::json!([place, &text[one.span.clone()], line_of(one.span.start)])
            })
            .collect();
        let name = Path::new(&file).file_name().unwrap_or_default();
        let license = if is_license_file(&name.to_string_lossy()) {
            license_of_text(&text)
        } else {
            header_license(&text)
        };
        let row = serde_json::json!({ "file": file, "license": license, "found": found });
        println!("{row}");
    }
    Ok(())
}
