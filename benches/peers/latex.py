#!/usr/bin/env python3
"""LaTeX extraction beside its peers: cases passed, speed, and what is left of title and abstract.

    pip install pylatexenc==2.11          # and Debian's package `pandoc`
    python3 benches/peers/latex.py --proofmill target/release/proofmill --papers FOLDER [--cases FILE]

FOLDER holds one folder per paper with its files. The engines:

* `proofmill`: `extract --kind latex`, both modes.
* `pandoc`: `-f latex+latex_macros -t markdown`, which expands macros itself.
* `pylatexenc`: `LatexNodes2Text` with formulas kept verbatim.
* `redpajama-style`: the published recipe in our own words (RedPajama v1, arXiv): all `.tex` files joined, everything
  before the first section heading dropped, comments dropped, everything from the first appendix or bibliography dropped, macros without
  arguments expanded by regular expression.

Speed is bytes of TeX sources per second of processor time of the engine's process, start of the program included (a program
that starts slowly for each paper is used that way), each paper under a limit of 60 s. Cases are judged as their file says: white space and braces around one
token do not count, `must_contain` and `must_not_contain` do.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

LIMIT_SECONDS = 60

PYLATEXENC = """
import sys
from pylatexenc.latex2text import LatexNodes2Text
text = sys.stdin.buffer.read().decode("utf-8", "replace")
sys.stdout.write(LatexNodes2Text(math_mode="verbatim").latex_to_text(text))
"""

REDPAJAMA = r"""
import re, sys
text = sys.stdin.buffer.read().decode("utf-8", "replace")
macros = {}
for name, body in re.findall(r"\\newcommand\*?\{\\([A-Za-z]+)\}\{((?:[^{}]|\{[^{}]*\})*)\}\s*$", text, re.M):
    macros[name] = body
for name, body in re.findall(r"\\def\s*\\([A-Za-z]+)\s*\{((?:[^{}]|\{[^{}]*\})*)\}\s*$", text, re.M):
    macros[name] = body
start = re.search(r"\\(?:chapter|part|section|subsection|subsubsection|paragraph|subparagraph)\*?\s*[\[{]", text)
text = text[start.start():] if start else ""
text = re.sub(r"(?m)^%.*\n?", "", text)
text = re.sub(r"(?m)([^\\])%.+$", r"\1", text)
end = re.search(r"\\appendix|\\begin\{(?:references|REFERENCES|thebibliography)\}|\\bibliography\{", text)
text = text[: end.start()] if end else text
for name, body in macros.items():
    text = re.sub(r"\\" + name + r"(?![A-Za-z])", lambda _: body, text)
sys.stdout.write(text)
"""


def joined(folder):
    """The main file first, then the others: what an engine gets that reads one text."""
    files = sorted(p for p in Path(folder).rglob("*") if p.suffix.lower() == ".tex" and p.is_file())
    texts = [p.read_bytes() for p in files]
    return b"\n".join(sorted(texts, key=lambda t: b"\\documentclass" not in t))


def engines(proofmill):
    python = sys.executable
    return {
        "proofmill source": (lambda d: [proofmill, "extract", "--kind", "latex", "--mode", "source", d], False),
        "proofmill text": (lambda d: [proofmill, "extract", "--kind", "latex", "--mode", "text", d], False),
        "pandoc": (lambda d: ["pandoc", "-f", "latex+latex_macros", "-t", "markdown"], True),
        "pylatexenc": (lambda d: [python, "-c", PYLATEXENC], True),
        "redpajama-style": (lambda d: [python, "-c", REDPAJAMA], True),
    }


def run(engine, folder, environment):
    """The text that the engine makes of a paper (None where it fails) and the processor seconds it took."""
    command, from_stdin = engine
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(
            command(str(folder)), input=joined(folder) if from_stdin else b"", capture_output=True,
            timeout=LIMIT_SECONDS, cwd=folder, env=environment, check=False,
        )
        text = done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None
    except subprocess.TimeoutExpired:
        text = None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if text and not from_stdin:
        rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        text = "\n".join(row.get("text") or "" for row in rows)
    return text, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def normal(text):
    """White space, doubled braces and braces around one token do not count."""
    text = re.sub(r"\s+", "", text)
    while True:
        shorter = re.sub(r"\{(\\[A-Za-z]+|[^\\{}])\}", r"\1", text)
        shorter = re.sub(r"\{(\{[^{}]*\})\}", r"\1", shorter)
        if shorter == text:
            return text
        text = shorter


def passes(case, text):
    if text is None:
        return False
    if "[strict-space]" in case["note"]:
        have, fold = re.sub(r"\s+", " ", text), lambda s: re.sub(r"\s+", " ", s)
    elif "[exact]" in case["note"]:
        have, fold = text, lambda s: s
    else:
        have, fold = normal(text), normal
    for wanted in case["must_contain"]:
        if not any(fold(w) in have for w in (wanted if isinstance(wanted, list) else [wanted])):
            return False
    for once in re.findall(r"\[once:([^\]]*)\]", case["note"]):
        if normal(text).count(normal(once)) != 1:
            return False
    return not any(unwanted in text for unwanted in case["must_not_contain"])


def write_case(case, folder):
    parts = re.split(r"(?m)^%%%% FILE: (.*)\n", case["input"])
    if parts[0].strip() or len(parts) == 1:
        Path(folder, "main.tex").write_text(case["input"])
        return
    for name, body in zip(parts[1::2], parts[2::2]):
        path = Path(folder, name.strip())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body)


def report_cases(table, cases, environment):
    modes = {"source": ["proofmill source"], "text": ["proofmill text"], "any": ["proofmill source", "proofmill text"]}
    print("cases passed")
    for name, engine in table.items():
        passed = asked = 0
        for case in cases:
            mode = case["kind"].split("/")[0]
            if name.startswith("proofmill") and name not in modes[mode]:
                continue
            asked += 1
            with tempfile.TemporaryDirectory() as folder:
                write_case(case, folder)
                passed += passes(case, run(engine, folder, environment)[0])
        print(f"  {name:18} {passed:4} of {asked}")


def report_papers(table, papers, environment):
    n_bytes = sum(len(joined(paper)) for paper in papers)
    print(f"papers: {len(papers)}, {n_bytes / 1e6:.2f} MB of TeX")
    print(f"  {'engine':18} {'with text':>9} {'MB of text':>10} {'seconds':>8} {'MB/s':>8}")
    for name, engine in table.items():
        n_texts, size, seconds = 0, 0, 0.0
        for paper in papers:
            text, took = run(engine, paper, environment)
            seconds += took
            if text and text.strip():
                n_texts += 1
                size += len(text.encode())
        print(f"  {name:18} {n_texts:9} {size / 1e6:10.2f} {seconds:8.1f} {n_bytes / 1e6 / seconds:8.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--proofmill", required=True, type=os.path.abspath)
    parser.add_argument("--papers", type=Path, help="folder of folders")
    parser.add_argument("--cases", type=Path, help="JSON lines: id, kind, input, must_contain, must_not_contain, note")
    parser.add_argument("--every", type=int, default=1, help="every Nth paper only")
    options = parser.parse_args()
    table = engines(options.proofmill)
    environment = dict(os.environ, LC_ALL="C.UTF-8")
    if options.cases:
        cases = [json.loads(line) for line in options.cases.read_text().splitlines() if line.strip()]
        report_cases(table, cases, environment)
    if options.papers:
        papers = sorted(p for p in options.papers.iterdir() if p.is_dir() and joined(p))
        report_papers(table, papers[:: options.every], environment)


if __name__ == "__main__":
    main()
