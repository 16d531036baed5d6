//! Class words by which libraries and sites mark formulas.

/// Whether a class word can make an element a container of a formula.
pub(super) fn is_known(word: &str) -> bool {
    matches!(
        word,
        "katex"
            | "katex-html"
            | "katex-error"
            | "texerror"
            | "MathJax_Preview"
            | "MathJax"
            | "MathJax_Display"
            | "MathJax_SVG"
            | "MathJax_SVG_Display"
            | "MathJax_CHTML"
            | "MathJax_MathML"
            | "MathJax_MathContainer"
            | "mjx-chtml"
            | "MJXc-display"
            | "MathJax_Error"
            | "MathJax_PHTML"
            | "MathJax_NativeMML"
            | "MJX_Assistive_MathML"
            | "copytext"
            | "katex-copy"
            | "mwe-math-element"
            | "mjpage"
            | "math-container"
            | "ltx_equation"
            | "ltx_equationgroup"
            | "ltx_eqn_table"
            | "latex-rendered"
    ) || says_tex(word)
        || says_html(word)
}

/// Class words of elements that hold a formula made with the means of HTML.
pub(super) fn says_html(word: &str) -> bool {
    matches!(word, "texhtml" | "SimpleMath" | "formula" | "sfrac")
}

/// Class words of elements whose text is TeX.
pub(super) fn says_tex(word: &str) -> bool {
    matches!(
        word,
        "math"
            | "tex"
            | "latex"
            | "math-inline"
            | "math-display"
            | "math-block"
            | "inline-math"
            | "display-math"
            | "inlinemath"
            | "displaymath"
            | "block-math"
            | "math-tex"
            | "TeX"
            | "arithmatex"
            | "latex-inline"
            | "latex-block"
            | "latex-display"
            | "language-math"
            | "tex-math"
            | "math_inline"
            | "math_block"
            | "mathjax-inline"
            | "mathjax-block"
            | "wp-katex-eq"
            | "katex-inline"
            | "katex-block"
            | "katex-eq"
            | "math-expr"
            | "js-display-math"
            | "js-inline-math"
            | "asciimath"
            | "AM"
            | "maths"
            | "tex-inline"
            | "tex-display"
            | "math-formula"
            | "latex_equation"
            | "katex-display"
            | "render_latex"
            | "mathquill-embedded-latex"
    )
}
