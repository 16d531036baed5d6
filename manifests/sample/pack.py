#!/usr/bin/env python3
"""Packs the archives of the sample corpus.

Reads `pack/` and `web/pages/`, writes `arxiv/arXiv_src_2401_001.tar` and `web/pages.warc.gz`.
Both archives are committed; this script says how they came about. It needs nothing but the
standard library. All times are fixed, so the same sources and the same zlib give the same bytes.

    python3 manifests/sample/pack.py            write both archives
    python3 manifests/sample/pack.py --check    compare with the committed ones, write nothing
"""

import base64
import hashlib
import io
import struct
import sys
import tarfile
import uuid
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "pack"
PAGES = HERE / "web" / "pages"
TAR = HERE / "arxiv" / "arXiv_src_2401_001.tar"
WARC = HERE / "web" / "pages.warc.gz"
DATE = "2024-01-15T12:00:00Z"
HTTP_DATE = "Mon, 15 Jan 2024 12:00:00 GMT"


def gzip_member(data: bytes) -> bytes:
    """One gzip member without name or time, so that it does not depend on when it was made."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = squeeze.compress(data) + squeeze.flush()
    header = b"\x1f\x8b\x08\x00" + b"\0\0\0\0" + b"\x02\xff"
    return header + body + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def tar_of(members: list[tuple[str, bytes]]) -> bytes:
    """A ustar archive of `(name, bytes)` pairs, all owned by nobody at time zero."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = len(data), 0, 0o644
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def folder_tar(folder: Path) -> bytes:
    """A tar of all files below `folder`, in name order."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return tar_of([(path.relative_to(folder).as_posix(), path.read_bytes()) for path in files])


def bulk_tar() -> bytes:
    """Eight submissions in the layout of a bulk archive."""
    single = lambda name: gzip_member((SOURCES / name).read_bytes())
    multi = lambda name: gzip_member(folder_tar(SOURCES / name))
    damaged = single("2401.00025.tex")
    pdf = b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
    return tar_of([
        ("2401/2401.00021.gz", single("2401.00021.tex")),
        ("2401/2401.00022.gz", multi("2401.00022")),
        ("2401/2401.00023.pdf", pdf),
        ("2401/2401.00024.gz", single("2401.00024.txt")),
        ("2401/2401.00025.gz", damaged[: len(damaged) // 2]),
        ("2401/2401.00026.gz", single("2401.00026.tex")),
        ("2401/2401.00027.gz", multi("2401.00027")),
        ("2401/2401.00028.gz", single("2401.00028.tex")),
    ])


# file below web/pages, address, status, content type, further HTTP header or WARC field
HTML = "text/html; charset=UTF-8"
PAGE_LIST = [
    ("series.html", "https://calculus-notebook.example/series/harmonic/", 200, HTML),
    ("quaternions.html", "https://geometry-for-programmers.example/rotations/quaternions", 200, HTML),
    ("euclid.html", "https://papers.example/html/euclid.html", 200, HTML),
    ("simpson.html", "https://rough-quadrature.example/2023/05/14/simpson/", 200, HTML),
    ("cantor-set.html", "https://encyclopedia.example/wiki/Cantor_set", 200, HTML),
    ("shop.html", "https://fellside-outfitters.example/boots", 200, HTML),
    ("triples.html", "http://number-walks.example/triples.html", 200, "text/html"),
    ("urn-question.html", "https://maths-answers.example/questions/4711/painted-cube", 200, HTML),
    ("birthday-question.html", "https://maths-answers.example/questions/4732/shared-birthdays", 200, HTML),
    ("news.html", "https://northmarsh-courier.example/local/harbour-festival", 200, HTML),
    ("oscillator.html", "https://physics.lakeside.example/ph201/lec09.html", 200, "text/html; charset=iso-8859-1"),
    ("conics.html", "https://board.example/viewtopic.php?f=3&t=208", 200, HTML),
    ("cookies.html", "https://videos.example/watch?v=0", 200, HTML),
    ("series-mirror.html", "https://mirror.mathpages.example/calculus/harmonic.html", 200, HTML),
    ("kahan.html", "https://careful-computing.example/notes/kahan", 200, HTML),
    ("recurrences.html", "https://lectures.example/discrete/recurrences.html", 200, HTML),
    ("mathjax-loaded.html", "https://lakeside.example/library/hours", 200, HTML),
    ("bridges.html", "https://seven-bridges.example/walks.html", 200, HTML),
    ("truncated.html", "https://by-hand.example/stirling.html", 200, HTML),
    ("gone.html", "https://old-notes.example/zeta3.html", 404, HTML),
]
# A transparent image of one pixel.
GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
REASONS = {200: "OK", 404: "Not Found"}


def warc_record(kind: str, content_type: str, block: bytes, fields: list[tuple[str, str]]) -> bytes:
    """One record, compressed as a member of its own. Its id follows from its content."""
    name = " ".join([kind, *(value for _, value in fields)])
    record_id = uuid.uuid5(uuid.NAMESPACE_URL, name)
    lines = ["WARC/1.0", f"WARC-Type: {kind}", f"WARC-Date: {DATE}", f"WARC-Record-ID: <urn:uuid:{record_id}>"]
    lines += [f"{key}: {value}" for key, value in fields]
    lines += [f"Content-Type: {content_type}", f"Content-Length: {len(block)}", "", ""]
    return gzip_member("\r\n".join(lines).encode() + block + b"\r\n\r\n")


def digest(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


def response(url: str, status: int, content_type: str, body: bytes, declared: int, extra: list[tuple[str, str]]) -> bytes:
    """A response record; `declared` is the length that the server announced."""
    head = [
        f"HTTP/1.1 {status} {REASONS[status]}",
        f"Date: {HTTP_DATE}",
        "Server: sample",
        f"Content-Type: {content_type}",
        f"Content-Length: {declared}",
        "",
        "",
    ]
    block = "\r\n".join(head).encode() + body
    fields = [("WARC-Target-URI", url), ("WARC-Payload-Digest", digest(body)), *extra]
    return warc_record("response", "application/http; msgtype=response", block, fields)


def web_archive() -> bytes:
    """All pages, one request, one image and the record that describes the file."""
    info = b"software: pack.py of the sample corpus\r\nformat: WARC File Format 1.0\r\nisPartOf: proofmill sample\r\n"
    out = [warc_record("warcinfo", "application/warc-fields", info, [("WARC-Filename", WARC.name)])]
    ask = b"GET /series/harmonic/ HTTP/1.1\r\nHost: calculus-notebook.example\r\nUser-Agent: sample\r\n\r\n"
    out.append(warc_record("request", "application/http; msgtype=request", ask, [("WARC-Target-URI", PAGE_LIST[0][1])]))
    for name, url, status, content_type in PAGE_LIST:
        body = (PAGES / name).read_bytes()
        cut = name == "truncated.html"
        declared = 2 * len(body) if cut else len(body)
        extra = [("WARC-Truncated", "length")] if cut else []
        out.append(response(url, status, content_type, body, declared, extra))
    out.append(response("https://calculus-notebook.example/pixel.gif", 200, "image/gif", GIF, len(GIF), []))
    return b"".join(out)


def main() -> int:
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        print(__doc__, file=sys.stderr)
        return 2
    differs = False
    for path, data in [(TAR, bulk_tar()), (WARC, web_archive())]:
        if not check:
            path.write_bytes(data)
        elif not path.exists() or path.read_bytes() != data:
            print(f"{path} differs from its sources", file=sys.stderr)
            differs = True
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())
