// Finds the formulas of a LaTeX or Markdown text.
//
// A formula is `$..$`, `$$..$$`, `\(..\)`, `\[..\]`, or the body of a display environment. Verbatim text and comments hold
// none. The same scanner reads raw sources and extracted texts, so the rates of both are comparable.

/** Display environments, and the environment that stands for each inside a formula (`""`: the body alone). */
const DISPLAYS = new Map(Object.entries({
  math: "", displaymath: "", equation: "", dmath: "",
  align: "aligned", flalign: "aligned", eqnarray: "aligned", alignat: "alignedat", xalignat: "alignedat",
  gather: "gathered", multline: "gathered",
}));

const VERBATIM = new Set(["verbatim", "Verbatim", "lstlisting", "minted", "comment", "alltt", "filecontents"]);

/** A formula may not reach over a blank line: what does is no formula but a stray delimiter. */
const BLANK_LINE = /\n[ \t]*\n/;

/** How far a formula may reach, in characters: a stray delimiter must not make the scan quadratic. */
const LONGEST = 20_000;

/**
 * The index after the next unescaped `close` at or behind `from`, or -1. Inside braces no `$` closes: it belongs to a text
 * there (`\mbox{if $x$}`).
 */
function closing(text, from, close) {
  const dollar = close[0] === "$";
  const last = Math.min(text.length, from + LONGEST);
  let depth = 0;
  for (let at = from; at < last; at += 1) {
    if ((!dollar || depth <= 0) && text.startsWith(close, at)) return at + close.length;
    if (text[at] === "\\") at += 1;
    else if (text[at] === "{") depth += 1;
    else if (text[at] === "}") depth -= 1;
  }
  return -1;
}

/** Every formula of `text` as `{ tex, display }`, in order. */
export function formulas(text) {
  const found = [];
  let at = 0;
  const take = (from, close, display) => {
    const end = closing(text, from, close);
    if (end < 0) return false;
    const tex = text.slice(from, end - close.length);
    if (BLANK_LINE.test(tex)) return false;
    if (tex.trim() !== "") found.push({ tex, display });
    at = end;
    return true;
  };
  while (at < text.length) {
    const here = text[at];
    if (here === "%") {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end + 1;
    } else if (here === "`") {
      const fence = /^`+/.exec(text.slice(at, at + 64))[0];
      // In LaTeX these are quotation marks; only a fence of three is code for certain.
      const end = fence.length >= 3 ? text.indexOf(fence, at + fence.length) : -1;
      at = end < 0 ? at + fence.length : end + fence.length;
    } else if (here === "$") {
      const display = text[at + 1] === "$";
      if (!take(at + (display ? 2 : 1), display ? "$$" : "$", display)) at += display ? 2 : 1;
    } else if (here !== "\\") {
      at += 1;
    } else if (text[at + 1] === "(" || text[at + 1] === "[") {
      const display = text[at + 1] === "[";
      if (!take(at + 2, display ? "\\]" : "\\)", display)) at += 2;
    } else if (text.startsWith("\\begin{", at)) {
      const name = /^\\begin\{([A-Za-z]+)\*?\}/.exec(text.slice(at, at + 40));
      const close = name && `\\end{${name[0].slice(7)}`;
      if (name && VERBATIM.has(name[1])) {
        const end = text.indexOf(close, at);
        at = end < 0 ? at + 7 : end + close.length;
      } else if (name && DISPLAYS.has(name[1])) {
        const before = found.length;
        if (!take(at + name[0].length, close, true)) at += name[0].length;
        const inner = DISPLAYS.get(name[1]);
        if (inner && found.length > before) {
          const last = found[found.length - 1];
          last.tex = `\\begin{${inner}}${last.tex}\\end{${inner}}`;
        }
      } else {
        at += 7;
      }
    } else {
      at += 2;
    }
  }
  return found;
}
