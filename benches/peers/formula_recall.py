"""How many formulas of pages in sixteen styles of mark-up come out once, with the right display flag.

    pip install fastwarc==0.14.7 xxhash
    python benches/peers/formula_recall.py ../shared/corpus/web target/release/proofmill

What a page holds is found by one plain pattern for each style, which knows nothing of other styles. The text of formulas is
compared without white space, outer braces and `\\displaystyle`; a style without TeX counts formulas only. The two lists are aligned in order, so
that a formula that comes twice or in another place counts as wrong. `exact` is the share of what came out that is in the list: the
rest are formulas that the pages of the style also hold in another form, mostly in a heading.
"""

import difflib
import html
import json
import pathlib
import re
import subprocess
import sys
import urllib.parse
from collections import defaultdict

from fastwarc.warc import ArchiveIterator, WarcRecordType
from main_content import body_of

DELIMITED = r"\\\((?P<inline>.+?)\\\)|\\\[(?P<display>.+?)\\\]"
DOLLARS = r"\$\$(?P<display>.+?)\$\$|(?<!\\)\$(?P<inline>[^$]+?)(?<!\\)\$"
SCRIPT = r'<script type="math/tex(?P<mode>; mode=display)?"[^>]*>(?P<tex>.*?)</script>'
ANNOTATION = r'<annotation encoding="application/x-tex">(?P<tex>.*?)</annotation>'
STYLES = {
    "mathjax-delims": DELIMITED,
    "dollar": DOLLARS,
    "stackexchange": DOLLARS,
    "latex-shortcode": r"\[latex\](?P<inline>.*?)\[/latex\]|\$latex (?P<either>.*?)\$",
    "script": SCRIPT,
    "mathjax2": SCRIPT,
    "katex": r'(?P<mode><span class="katex-display">)?<span class="katex"><span class="katex-mathml">.*?' + ANNOTATION,
    "mathml-annot": r'<math\b(?:[^>]*?display="(?P<stand>\w+)")?[^>]*>.*?' + ANNOTATION,
    "wikipedia": r'<math\b(?:[^>]*?display="(?P<stand>\w+)")?[^>]*>.*?' + ANNOTATION,
    "wp": r'<img src="https://s0\.wp\.com/latex\.php\?latex=(?P<query>[^&"]*)',
    "codecogs": r'<img src="[^"]*codecogs\.com/\w+\.latex\?(?P<query>[^"]*)"',
    "mimetex": r'<img src="/cgi-bin/mimetex\.cgi\?(?P<query>[^"]*)"',
    "texvc": r'<img class="tex" alt="(?P<tex>[^"]*)"',
    "zhihu": r'<span class="ztext-math"[^>]*data-tex="(?P<tex>[^"]*)"',
    "mathjax3": r'<mjx-container class="MathJax"(?:[^>]*?(?P<mode> display="true"))?[^>]*>(?P<shape>)',
    "mathml": r'<math\b(?:[^>]*?display="(?P<stand>\w+)")?[^>]*>(?P<shape>)',
}
# Images and shortcodes do not say where they stand, other than by `\displaystyle`.
NO_DISPLAY = {"codecogs", "mimetex", "texvc", "zhihu", "wp", "latex-shortcode"}


def plain(tex):
    tex = html.unescape(tex).replace("\\inline", "").replace("\\displaystyle", "")
    tex = re.sub(r"\s+", "", tex)
    while tex.startswith("{") and tex.endswith("}") and tex[1:-1].count("{") == tex[1:-1].count("}"):
        tex = tex[1:-1]
    return tex.rstrip("\\")


def truth(style, page):
    found = []
    page = re.sub(r'<head\b.*?</head>|<script(?![^>]*math/tex).*?</script>', "", page, flags=re.S)
    for match in re.finditer(STYLES[style], page, re.S):
        groups = match.groupdict()
        if groups.get("query") is not None:
            tex = urllib.parse.unquote_plus(html.unescape(groups["query"])) if style == "wp" else urllib.parse.unquote(html.unescape(groups["query"]))
            is_display = False
        elif "shape" in groups:
            tex, is_display = "", None
        else:
            tex = next(groups[name] for name in ("tex", "display", "inline", "either") if groups.get(name) is not None)
            is_display = groups.get("display") is not None
        if groups.get("mode") or groups.get("stand") == "block":
            is_display = True
        found.append((plain(tex), bool(is_display)))
    return found


def main():
    corpus, command = pathlib.Path(sys.argv[1]), sys.argv[2]
    warc = corpus / "rendered-styles.warc.gz"
    styles = {}
    for line in (corpus / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row.get("style", "").startswith("rendered:"):
            styles[row["url"]] = row["style"].removeprefix("rendered:")
    texts = {}
    done = subprocess.run([command, "extract", "--kind", "web", str(warc)], capture_output=True, check=True)
    for line in done.stdout.decode().splitlines():
        row = json.loads(line)
        texts[row["url"]] = row
    sums = defaultdict(lambda: [0, 0, 0, 0, 0])
    with open(warc, "rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
            url = record.headers["WARC-Target-URI"]
            if url not in styles:
                continue
            style = styles[url]
            wanted = truth(style, body_of(record).decode("utf-8", "replace"))
            row = texts.get(url, {"text": "", "formulas": []})
            inside = [next(filter(None, match.groups())) for match in re.finditer(DOLLARS, row["text"], re.S)]
            found = [(plain(tex), formula["display"]) for tex, formula in zip(inside, row["formulas"])]
            has_tex = any(tex for tex, _ in wanted)
            names = [tex if has_tex else "formula" for tex, _ in wanted], [tex if has_tex else "formula" for tex, _ in found]
            pairs = []
            for block in difflib.SequenceMatcher(None, *names, autojunk=False).get_matching_blocks():
                pairs += [(block.a + k, block.b + k) for k in range(block.size)]
            row = sums[style]
            row[0] += 1
            row[1] += len(wanted)
            row[2] += len(found)
            row[3] += len(pairs)
            row[4] += sum(wanted[a][1] == found[b][1] for a, b in pairs)
            if "--wrong" in sys.argv and len(pairs) < max(len(wanted), len(found)):
                hit = {a for a, _ in pairs}, {b for _, b in pairs}
                print(style, url, [w for a, w in enumerate(wanted) if a not in hit[0]][:5], [w for b, w in enumerate(found) if b not in hit[1]][:5])
    print(f"{'style':18} {'pages':>5} {'formulas':>8} {'found':>6} {'recall':>7} {'exact':>7} {'display':>7}")
    for style, (n_pages, n_wanted, n_found, n_pairs, n_flags) in sorted(sums.items()):
        display = "      -" if style in NO_DISPLAY else f"{n_flags / max(1, n_pairs):7.3f}"
        print(f"{style:18} {n_pages:5} {n_wanted:8} {n_found:6} {n_pairs / max(1, n_wanted):7.3f} {n_pairs / max(1, n_found):7.3f} {display}")


if __name__ == "__main__":
    main()
