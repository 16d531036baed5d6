//! Notebooks to text, from `tests/golden/notebooks`: `NAME.ipynb` must give `NAME.md`.

use std::fs;
use std::path::Path;

use proofmill_code::{NotebookStyle, notebook};

#[test]
fn golden() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/notebooks");
    let mut n_cases = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_none_or(|extension| extension != "ipynb")
        {
            continue;
        }
        let json = fs::read_to_string(&path).unwrap();
        let expected = fs::read_to_string(path.with_extension("md")).unwrap();
        let rendered = notebook(&json, NotebookStyle::Markdown).unwrap();
        assert_eq!(rendered, expected, "{}", path.display());
        n_cases += 1;
    }
    assert!(n_cases >= 2);
}

#[test]
fn as_a_script() {
    let json = include_str!("../golden/notebooks/old.ipynb");
    let script = notebook(json, NotebookStyle::Script).unwrap();
    assert_eq!(
        script,
        "# ## Primes\n\nfrom sympy import primerange\nlist(primerange(10))\n"
    );
}

#[test]
fn what_is_no_notebook_is_refused() {
    for text in [
        "",
        "{}",
        "[1]",
        "{\"cells\": 3}",
        "import x",
        "{\"a\": {\"cells\": []}}",
    ] {
        assert!(notebook(text, NotebookStyle::Markdown).is_err(), "{text}");
    }
}
