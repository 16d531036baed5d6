//! Labels from the LaTeX of a text, for want of labels by eye.

/// Commands that authors of mathematics use most; layout, references and accents are none of them.
const COMMANDS: [&str; 86] = [
    "alpha",
    "approx",
    "ast",
    "bar",
    "begin{align}",
    "begin{align*}",
    "begin{array}",
    "begin{bmatrix}",
    "begin{cases}",
    "begin{equation}",
    "begin{equation*}",
    "begin{matrix}",
    "begin{pmatrix}",
    "beta",
    "big",
    "bigcap",
    "bigcup",
    "bigoplus",
    "binom",
    "bmod",
    "boldsymbol",
    "bullet",
    "cap",
    "cdot",
    "cdots",
    "chi",
    "circ",
    "cong",
    "cos",
    "cup",
    "delta",
    "det",
    "dfrac",
    "dim",
    "dots",
    "ell",
    "epsilon",
    "equiv",
    "eta",
    "exists",
    "exp",
    "forall",
    "frac",
    "gamma",
    "ge",
    "geq",
    "hat",
    "in",
    "infty",
    "int",
    "ker",
    "lambda",
    "langle",
    "ldots",
    "le",
    "left",
    "leq",
    "lim",
    "ln",
    "log",
    "mapsto",
    "mathbb",
    "mathbf",
    "mathcal",
    "mathfrak",
    "mathrm",
    "mid",
    "mu",
    "nabla",
    "neq",
    "omega",
    "operatorname",
    "oplus",
    "otimes",
    "overline",
    "partial",
    "phi",
    "pi",
    "prod",
    "psi",
    "rightarrow",
    "sigma",
    "sqrt",
    "subset",
    "sum",
    "theta",
];

/// Whether `text` uses a common command of mathematics: the weak label of the recipe.
///
/// The classifier is then trained on the same text without its LaTeX
/// ([`Formulas::Omit`](super::Formulas::Omit)), so that it learns the prose around formulas.
///
/// # Source
/// Paster et al. 2023, arXiv:2310.06786, section 3.2; the list is our own.
#[must_use]
pub fn weak_label(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while let Some(at) = memchr::memchr(b'\\', rest) {
        rest = &rest[at + 1..];
        let is_listed = COMMANDS.iter().any(|command| {
            let tail = rest.strip_prefix(command.as_bytes());
            tail.is_some_and(|tail| !tail.first().is_some_and(u8::is_ascii_alphabetic))
        });
        if is_listed {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_as_a_whole() {
        assert!(weak_label("the integral $\\int_0^1 x\\,dx$"));
        assert!(weak_label("\\begin{align} a &= b"));
        assert!(!weak_label(
            "C:\\intel\\include and \\textbf{bold} \\leftovers"
        ));
        assert!(!weak_label("plain prose \\"));
    }
}
