"""Makes mixed documents to measure tokenizers on: mix.py CORPUS OUT.jsonl

CORPUS holds `arxiv/*.tar`, `web/*.warc.gz`, `eval/*.jsonl` and `instruct/*.jsonl`. Source code and
text in Chinese, Japanese and Korean come from what is installed on the machine. Each document is
cut to 400,000 characters; each kind stops at its share.
"""

import glob
import gzip
import io
import json
import os
import re
import sys
import tarfile
import zlib

MAX_CHARS = 400_000
SHARES_MB = {"latex": 9, "code": 9, "html": 7, "english": 5, "cjk": 3}
HOME = os.path.expanduser("~")
CODE = [
    HOME + "/.cargo/registry/src/*/[a-h]*/src/**/*.rs",
    "/usr/lib/python3*/**/*.py",
    "/usr/include/**/*.h",
    HOME + "/.cargo/registry/src/*/**/*.toml",
    HOME + "/.cargo/registry/src/*/**/*.c",
]
CJK_ROOTS = [HOME + "/.cargo/registry/src", "/usr/share", "/usr/lib"]
CJK = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")


def decoded(data):
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def latex(corpus):
    for path in sorted(glob.glob(corpus + "/arxiv/*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                if not member.name.endswith(".gz"):
                    continue
                try:
                    data = gzip.decompress(tar.extractfile(member).read())
                except (OSError, EOFError, zlib.error):
                    continue
                try:
                    with tarfile.open(fileobj=io.BytesIO(data)) as inner:
                        for part in inner:
                            if part.name.endswith(".tex"):
                                yield decoded(inner.extractfile(part).read())
                except tarfile.TarError:
                    yield decoded(data)


def code(_corpus):
    paths = [path for pattern in CODE for path in sorted(glob.glob(pattern, recursive=True))]
    for path in paths[::7]:
        with open(path, "rb") as file:
            text = decoded(file.read())
        if text and "\0" not in text:
            yield text


def html(corpus):
    for path in sorted(glob.glob(corpus + "/web/*.warc.gz")):
        try:
            data = gzip.open(path).read()
        except (OSError, EOFError, zlib.error):
            continue
        for record in data.split(b"\r\n\r\nWARC/1."):
            start = record.lower().find(b"<html")
            if start >= 0 and len(record) - start > 500:
                yield decoded(record[start:])


def rows(corpus, names):
    for name in names:
        group = []
        with open(corpus + "/" + name) as file:
            for line in file:
                values = json.loads(line).values()
                group.append("\n".join(value for value in values if isinstance(value, str)))
                if len(group) == 20:
                    yield "\n\n".join(group)
                    group = []


def english(corpus):
    return rows(
        corpus,
        [
            "instruct/mathinstruct_style.jsonl",
            "instruct/gsm8k_model_solutions.jsonl",
            "eval/mmlu_stem_test.jsonl",
            "eval/college_math_test.jsonl",
        ],
    )


def cjk(corpus):
    yield from rows(corpus, ["eval/cmath_test.jsonl", "eval/gaokao_mathqa_zh_agieval.jsonl"])
    for root in CJK_ROOTS:
        for folder, folders, names in os.walk(root):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(folder, name)
                if os.path.islink(path) or not 300 < os.path.getsize(path) < 3_000_000:
                    continue
                with open(path, "rb") as file:
                    data = file.read()
                # Three bytes of these scripts begin so.
                if sum(0xE3 <= byte <= 0xED for byte in data[:3000]) < 100:
                    continue
                text = decoded(data)
                if text and len(CJK.findall(text)) > 0.15 * len(text):
                    yield text


def main():
    corpus, out = sys.argv[1:]
    with open(out, "w") as file:
        for make in (latex, code, html, english, cjk):
            kind = make.__name__
            seen, n_bytes = set(), 0
            for text in make(corpus):
                if not text or text in seen:
                    continue
                seen.add(text)
                text = text[:MAX_CHARS]
                file.write(json.dumps({"kind": kind, "text": text}, ensure_ascii=False) + "\n")
                n_bytes += len(text.encode())
                if n_bytes > SHARES_MB[kind] * 1e6:
                    break
            print(kind, f"{n_bytes / 1e6:.1f} MB,", len(seen), "documents", file=sys.stderr)


main()
