"""Compares main content with other extractors: 4-gram precision, recall and F1, and speed.

    pip install fastwarc==0.14.7 resiliparse==0.14.7 trafilatura readability-lxml xxhash
    cargo build --release -p proofmill-html --example page
    python benches/peers/main_content.py ../shared/corpus/web target/release/examples/page

Speed on whole WARC files, their pages first written to a folder for our program:

    cargo build --release -p proofmill-html --example speed
    python benches/peers/main_content.py --speed target/release/examples/speed WARC...

The labels (`crates/proofmill-html/tests/main_content.jsonl`) name, for each page, ranges of its word
stream: `main` is main content, `either` may be kept or not (dates, captions, tables of contents); all
other words are boilerplate. Precision counts the 4-grams of an output that are `main` among those
that are not `either`, recall the 4-grams of `main` that the output has; F1 is the mean over pages.

Speed is CPU time of one process over the same pages, in MB (10^6 bytes of HTML) per second.
"""

import html
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter

import xxhash
from fastwarc.warc import ArchiveIterator, WarcRecordType

LABELS = pathlib.Path(__file__).parents[2] / "crates/proofmill-html/tests/main_content.jsonl"
N_GRAM = 4

# The word stream of a page: what no reader sees is dropped whole, every tag ends a word, words are
# runs of letters and digits in lower case, and each Chinese or Japanese character is a word.
DROPPED = set("script style noscript template textarea select iframe svg title object video audio canvas".split())
BLOCKS = set(
    "p div li h1 h2 h3 h4 h5 h6 td th tr table ul ol dl dt dd blockquote pre section article header footer nav "
    "aside main form figure figcaption hr br body fieldset address center caption summary details legend tbody "
    "thead option a".split()
)
TAG = re.compile(
    r"<!--.*?(?:-->|$)|<(/?)([a-zA-Z][a-zA-Z0-9:-]*)((?:=\s*\"[^\"]*\"|=\s*'[^']*'|[^>=]|=(?!\s*[\"']))*)>|<[!?][^>]*>",
    re.S,
)
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
# Letters of Latin, Greek and Cyrillic script only: elsewhere libraries differ in what a word is.
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u0530-\u1dff\u2000-\U0010ffff]+")


def words_of(text):
    return WORD.findall(INVISIBLE.sub("", text).lower())


def word_stream(page):
    words, run, at = [], "", 0
    while True:
        tag = TAG.search(page, at)
        run += page[at : tag.start() if tag else len(page)]
        if tag is None:
            break
        at = tag.end()
        name = (tag.group(2) or "").lower()
        if name in BLOCKS:
            words += words_of(html.unescape(run))
            run = ""
        if name in DROPPED and not tag.group(1):
            end = re.compile("</" + name + r"\b[^>]*>", re.I).search(page, at)
            at = end.end() if end else at
    return words + words_of(html.unescape(run))


def body_of(record):
    """The body of a response, transfer and content coding undone as far as it goes."""
    body = record.reader.read()
    headers = {key.lower(): value for key, value in record.http_headers.asdict().items()}
    if "chunked" in headers.get("transfer-encoding", "").lower():
        chunks, at = [], 0
        while (end := body.find(b"\r\n", at)) >= 0:
            try:
                size = int(body[at:end].split(b";")[0], 16)
            except ValueError:
                break
            if size == 0:
                break
            chunks.append(body[end + 2 : end + 2 + size])
            at = end + 4 + size
        body = b"".join(chunks) or body
    if body[:2] == b"\x1f\x8b":
        try:
            body = zlib.decompressobj(31).decompress(body)
        except zlib.error:
            pass
    return body


def grams(words):
    return Counter(tuple(words[at : at + N_GRAM]) for at in range(len(words) - N_GRAM + 1))


def score(label, stream, text):
    """4-gram precision and recall of an output."""

    def pick(ranges):
        return [word for start, end in sorted(ranges) for word in stream[start:end]]

    wanted = grams(pick(label["main"]))
    either = grams(pick(label["main"] + label["either"])) - wanted
    # numbers of list items are mark-up
    found = grams(words_of(re.sub(r"(?m)^\s*\d{1,3}\. ", "", text)))
    hits = found & wanted
    n_hits = sum(hits.values())
    n_wrong = sum((found - hits - either).values())
    precision = n_hits / (n_hits + n_wrong) if n_hits + n_wrong else 0.0
    return precision, n_hits / max(1, sum(wanted.values()))


def resiliparse(page):
    from resiliparse.extract.html2text import extract_plain_text

    return extract_plain_text(page, main_content=True, links=False, alt_texts=False, comments=False)


def openwebmath_like(page):
    """OpenWebMath's way: the tree is cleaned first, then goes through resiliparse."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(page)
    body = tree.body
    if body is None:
        return ""
    gone = body.query_selector_all(
        "button, input, [style*='display:none'], [style*='display: none'], [hidden], figure img, "
        ".sidebar, .navigation, .menu, .breadcrumb, .share, .social, .related, .footer, .cookie, .ad"
    )
    for node in list(gone):
        if node.parent is not None:
            node.parent.remove_child(node)
    for node in list(body.query_selector_all("ul, ol, div, p, table")):
        n_text = len(node.text)
        n_link = sum(len(link.text) for link in node.query_selector_all("a"))
        if n_text and n_link > 0.8 * n_text and node.parent is not None:
            node.parent.remove_child(node)
    for level in range(1, 7):
        for node in list(body.query_selector_all(f"h{level}")):
            node.insert_before(tree.create_text_node("\n" + "#" * level + " "), node.first_child) if node.first_child else None
    return extract_plain_text(tree, main_content=True, links=False, alt_texts=False, comments=False)


def trafilatura_engine(page):
    import trafilatura

    return trafilatura.extract(page, include_comments=False, favor_recall=False) or ""


def trafilatura_recall(page):
    import trafilatura

    return trafilatura.extract(page, include_comments=False, favor_recall=True) or ""


def readability(page):
    from lxml.html import fromstring
    from readability import Document

    document = Document(page)
    summary = document.summary(html_partial=True)
    lines = [document.short_title()]
    for node in fromstring(summary or "<p></p>").iter():
        lines += [node.text or "", "\n", node.tail or ""]
    return " ".join(lines)


PEERS = {
    "resiliparse": resiliparse,
    "openwebmath-like": openwebmath_like,
    "trafilatura": trafilatura_engine,
    "trafilatura-recall": trafilatura_recall,
    "readability": readability,
}


def ours(command):
    def run(page):
        with tempfile.NamedTemporaryFile(suffix=".html") as file:
            file.write(page.encode())
            file.flush()
            done = subprocess.run([command, file.name, "text/html; charset=utf-8"], capture_output=True, check=True)
        return done.stdout.decode()

    return run


def speeds(command, warcs):
    """Prints MB/s of CPU time for all pages of `warcs`; the peers get 3 MB of them, drawn evenly."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for warc in warcs:
            with open(warc, "rb") as stream:
                for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
                    files.append(pathlib.Path(folder, f"{len(files)}.html"))
                    files[-1].write_bytes(body_of(record))
        print(subprocess.run([command, *files], capture_output=True, check=True, text=True).stdout, end="")
        n_bytes = sum(file.stat().st_size for file in files)
        some = files[:: max(1, n_bytes // 3_000_000)]
        pages = [file.read_bytes().decode(errors="replace") for file in some]
    n_bytes = sum(len(page.encode()) for page in pages)
    for name, engine in PEERS.items():
        started = time.process_time()
        n_failed = 0
        for page in pages:
            try:
                engine(page)
            except Exception:
                n_failed += 1
        speed = n_bytes / 1e6 / (time.process_time() - started)
        print(f"{name:20} {len(pages)} pages, {n_bytes / 1e6:.1f} MB, {n_failed} failed: {speed:6.1f} MB/s", flush=True)


def main():
    if sys.argv[1] == "--speed":
        speeds(sys.argv[2], sys.argv[3:])
        return
    corpus, command = pathlib.Path(sys.argv[1]), sys.argv[2]
    labels = {}
    for line in LABELS.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        labels[label["url"]] = label
    pages = {}
    for warc in sorted({label["warc"] for label in labels.values()}):
        with open(corpus / warc, "rb") as stream:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
                url = record.headers.get("WARC-Target-URI")
                if url in labels and url not in pages and labels[url]["warc"] == warc:
                    pages[url] = body_of(record).decode(labels[url]["charset"], "replace")
    streams = {url: word_stream(page) for url, page in pages.items()}
    for url, label in labels.items():
        digest = f"{xxhash.xxh3_64_intdigest(' '.join(streams[url]).encode()):016x}"
        assert digest == label["xxh3"], f"{url}: the page is not the one that was labelled"
    n_bytes = sum(len(page.encode()) for page in pages.values())
    engines = {"proofmill": ours(command), **PEERS}
    print(f"{len(pages)} pages, {n_bytes / 1e6:.1f} MB")
    print(f"{'engine':20} {'tune P':>7} {'R':>6} {'F1':>6}   {'test P':>7} {'R':>6} {'F1':>6}   {'MB/s':>6}")
    details = {}
    for name, engine in engines.items():
        started = time.process_time()
        texts = {url: engine(page) for url, page in pages.items()}
        speed = n_bytes / 1e6 / (time.process_time() - started)
        cells = [f"{name:20}"]
        for split in ("tune", "test"):
            rows = [
                (*score(label, streams[url], texts[url]), url) for url, label in labels.items() if label["split"] == split
            ]
            precision, recall, f1 = (
                sum(row[0] for row in rows) / len(rows),
                sum(row[1] for row in rows) / len(rows),
                sum(2 * p * r / (p + r) if p + r else 0.0 for p, r, _ in rows) / len(rows),
            )
            details[name, split] = rows
            cells.append(f"{precision:7.3f} {recall:6.3f} {f1:6.3f}  ")
        # a process for each page says nothing about the speed of `proofmill`
        cells.append(f"{speed:6.1f}" if name != "proofmill" else "     -")
        print(" ".join(cells), flush=True)
    if "--pages" in sys.argv:
        for precision, recall, url in sorted(details["proofmill", "tune"], key=lambda row: min(row[:2])):
            print(f"{precision:.3f} {recall:.3f} {url}")


if __name__ == "__main__":
    main()
