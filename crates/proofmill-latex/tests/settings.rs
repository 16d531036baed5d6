//! Every setting acts, in the mode that it is for.

use proofmill_latex::{
    Citations, Diagrams, File, Footnotes, Mode, Options, Paper, References, extract,
};

const PAPER: &str = r"\documentclass{article}
\title{The Title}\author{Ann Bee}
\begin{document}
\maketitle
\begin{abstract}The summary.\end{abstract}
\keywords{groups}
\section{One}\label{sec:one}
Words \emph{stressed} of the text\footnote{An aside.} follow \cite{key}, by Section~\ref{sec:one}.
\begin{equation}\label{eq:one} a=b \end{equation}
\begin{figure}\includegraphics{x.png}\caption{A picture.}\end{figure}
\begin{table}\caption{A table.}\begin{tabular}{cc}cell & other \\ third & last\end{tabular}\end{table}
\begin{tikzcd} A \arrow[r] & B \end{tikzcd}
\begin{verbatim}
raw code
\end{verbatim}
\begin{algorithm}\caption{Steps}\begin{algorithmic}\State begin here\end{algorithmic}\end{algorithm}
\section*{Acknowledgements}
We thank Bob.

We thank Carol.
\section{Two}
The end.

\textbf{Acknowledgment.} Dora helped.

The very end.
\begin{thebibliography}{9}\bibitem{key} Foo, A book.\end{thebibliography}
\end{document}";

fn read(mode: Mode, set: impl Fn(&mut Options)) -> Paper {
    let mut options = Options::for_mode(mode);
    set(&mut options);
    let files = [File {
        path: "main.tex",
        bytes: PAPER.as_bytes(),
    }];
    extract(&files, &options).expect("it holds text")
}

/// With `on` the text has `words`, with `off` it has not; in both, the rest stays.
#[track_caller]
fn check(mode: Mode, words: &[&str], on: impl Fn(&mut Options), off: impl Fn(&mut Options)) {
    let (with, without) = (read(mode, on).text, read(mode, off).text);
    for word in words {
        assert!(with.contains(word), "{mode:?}: `{word}` is not in\n{with}");
        assert!(
            !without.contains(word),
            "{mode:?}: `{word}` is in\n{without}"
        );
    }
    for text in [with, without] {
        for kept in ["Words", "a=b", "One", "Two", "The end.", "The very end."] {
            assert!(text.contains(kept), "{mode:?}: `{kept}` is not in\n{text}");
        }
    }
}

#[track_caller]
fn check_both(words: &[&str], set: impl Fn(&mut Options, bool)) {
    for mode in [Mode::Source, Mode::Text] {
        check(
            mode,
            words,
            |options| set(options, true),
            |options| set(options, false),
        );
    }
}

#[test]
fn parts_of_a_paper() {
    check_both(&["The Title"], |options, on| options.title = on);
    check_both(&["Ann Bee"], |options, on| options.authors = on);
    check_both(&["The summary.", "groups"], |options, on| {
        options.abstract_text = on;
    });
    check_both(
        &["Acknowledgements", "Bob", "Carol", "Acknowledgment", "Dora"],
        |options, on| options.acknowledgements = on,
    );
    check_both(&["A book."], |options, on| options.bibliography = on);
    check_both(&["A picture."], |options, on| options.captions = on);
    check_both(&["cell", "last"], |options, on| options.tables = on);
    check_both(&["raw code"], |options, on| options.verbatim = on);
    check_both(&["begin here"], |options, on| options.algorithms = on);
}

#[test]
fn fields_stay_without_their_parts() {
    for mode in [Mode::Source, Mode::Text] {
        let paper = read(mode, |options| {
            options.title = false;
            options.abstract_text = false;
            options.bibliography = false;
        });
        assert_eq!(paper.abstract_text.as_deref(), Some("The summary."));
        assert!(
            paper
                .bibliography
                .is_some_and(|list| list.contains("A book."))
        );
    }
}

#[test]
fn settings_of_source_mode() {
    let source = Mode::Source;
    check(
        source,
        &["\\label{sec:one}"],
        |o| o.labels = true,
        |o| o.labels = false,
    );
    check(
        source,
        &["\\label{eq:one}"],
        |o| o.formula_labels = true,
        |o| o.formula_labels = false,
    );
    check(
        source,
        &["\\cite{key}"],
        |o| o.citations = Citations::Keep,
        |o| o.citations = Citations::Drop,
    );
    check(
        source,
        &["\\begin{tikzcd}"],
        |o| o.diagrams = Diagrams::KeepCommutative,
        |o| o.diagrams = Diagrams::Placeholder,
    );
}

#[test]
fn settings_of_text_mode() {
    let text = Mode::Text;
    check(
        text,
        &["Section 1"],
        |o| o.references = References::Number,
        |o| o.references = References::Placeholder,
    );
    check(
        text,
        &["[key]"],
        |o| o.citations = Citations::Keep,
        |o| o.citations = Citations::Drop,
    );
    check(
        text,
        &["*stressed*"],
        |o| o.emphasis = true,
        |o| o.emphasis = false,
    );
    check(
        text,
        &["An aside."],
        |o| o.footnotes = Footnotes::InPlace,
        |o| o.footnotes = Footnotes::Drop,
    );
    check(
        text,
        &["[^1]: An aside."],
        |o| o.footnotes = Footnotes::AfterParagraph,
        |o| o.footnotes = Footnotes::InPlace,
    );
}
