// The share of formulas that KaTeX parses: in what proofmill keeps, and in the raw sources.
//
//   npm install --no-audit --no-fund
//   proofmill extract --kind arxiv --mode source TAR... > kept.jsonl
//   node parse-rate.mjs kept.jsonl            # one JSON object with a `text` per line
//   node parse-rate.mjs --raw FOLDER          # every .tex file below a folder
//   node parse-rate.mjs --failures 40 kept.jsonl
//
// KaTeX knows the mathematics of LaTeX and AMS-LaTeX, not the document around it. Commands that belong to the document
// and not to the formula (labels, references, line-break hints) are therefore made transparent, for kept and raw text alike.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import katex from "katex";
import { formulas } from "./formulas.mjs";

/** Commands of the document inside formulas: what each leaves behind. */
const DOCUMENT_COMMANDS = {
  "\\label": "\\@gobble{#1}",
  "\\@gobble": "\\@secondoftwo{#1}{}",
  "\\ref": "\\text{1}\\@gobble{#1}",
  "\\eqref": "\\text{(1)}\\@gobble{#1}",
  "\\cite": "\\text{[1]}\\@gobble{#1}",
  "\\displaybreak": "",
  "\\allowdisplaybreaks": "",
  "\\intertext": "\\text{#1}",
  "\\mbox": "\\text{#1}",
};

function parses({ tex, display }) {
  try {
    katex.renderToString(tex, {
      displayMode: display, throwOnError: true, strict: "ignore", trust: true, output: "mathml",
      maxExpand: 10_000, macros: { ...DOCUMENT_COMMANDS },
    });
    return null;
  } catch (error) {
    return String(error.message).replace(/^KaTeX parse error: /, "").replace(/ at position.*/s, "");
  }
}

function* texFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* texFiles(path);
    else if (entry.name.endsWith(".tex")) yield readFileSync(path, "latin1");
  }
}

function* keptTexts(file) {
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line.trim() === "") continue;
    const { text, keep } = JSON.parse(line);
    if (keep !== false && text) yield text;
  }
}

const options = process.argv.slice(2);
const option = (name) => {
  const at = options.indexOf(name);
  return at < 0 ? null : options.splice(at, 2)[1];
};
const nFailures = Number(option("--failures") ?? 0);
const raw = option("--raw");
const texts = raw ? texFiles(raw) : keptTexts(options[0]);

let total = 0;
let parsed = 0;
const reasons = new Map();
const failures = [];
for (const text of texts) {
  for (const formula of formulas(text)) {
    total += 1;
    const reason = parses(formula);
    if (reason === null) {
      parsed += 1;
    } else {
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      failures.push({ reason, tex: formula.tex });
    }
  }
}
console.log(`${parsed} of ${total} formulas parse: ${((100 * parsed) / total).toFixed(2)} %`);
for (const [reason, n] of [...reasons].sort((a, b) => b[1] - a[1]).slice(0, 25)) console.log(`${String(n).padStart(7)}  ${reason}`);
// Failures are taken at equal distances, so that a long document does not fill the list.
const step = Math.max(1, Math.floor(failures.length / Math.max(1, nFailures)));
for (let at = 0, shown = 0; at < failures.length && shown < nFailures; at += step, shown += 1) {
  console.log(`--- ${failures[at].reason}\n${failures[at].tex.slice(0, 400)}`);
}
