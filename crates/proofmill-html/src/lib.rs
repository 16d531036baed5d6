//! Web pages to text that keeps mathematics as LaTeX.
