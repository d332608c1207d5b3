"""A vulnerability database for Trivy, made by the tests: bbolt's file format, written plainly.

Format: etcd-io/bbolt internal/common (page.go, meta.go, bucket.go). Two meta pages, a list of free
pages, then one leaf page a bucket; a bucket inside another is a value that names its page.
"""

from __future__ import annotations

import json
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

Tree: TypeAlias = "dict[str, Tree | bytes]"
PAGE = 4096
META, LEAF, FREE = 4, 2, 16
MADE = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)

ALPINE: Tree = {
    "openssl": {"CVE-2019-1549": b'{"FixedVersion": "1.1.1d-r0"}'},
    "musl": {"CVE-2019-14697": b'{"FixedVersion": "1.1.20-r5"}'},
}
DETAILS: Tree = {
    "CVE-2019-1549": json.dumps(
        {
            "Title": "openssl: information disclosure in fork()",
            "Severity": "MEDIUM",
            "VendorSeverity": {"nvd": 2},
            "CVSS": {"nvd": {"V3Score": 5.3}},
        }
    ).encode(),
    "CVE-2019-14697": json.dumps(
        {
            "Title": "musl x87 stack",
            "Severity": "CRITICAL",
            "VendorSeverity": {"nvd": 4},
            "CVSS": {"nvd": {"V3Score": 9.8}},
        }
    ).encode(),
}
DATABASE: Tree = {
    "alpine 3.9": ALPINE,
    "data-source": {
        "alpine 3.9": b'{"ID": "alpine", "Name": "Alpine Secdb", "URL": "https://secdb.example/"}'
    },
    "vulnerability": DETAILS,
}


def write_database(cache: Path, made: datetime = MADE, version: int = 2) -> Path:
    """A database in a cache folder of Trivy's, such that no download is tried."""
    folder = cache / "db"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trivy.db").write_bytes(bolt(DATABASE))
    metadata = {
        "Version": version,
        "NextUpdate": (made + timedelta(days=36500)).isoformat(),
        "UpdatedAt": made.isoformat(),
        "DownloadedAt": made.isoformat(),
    }
    (folder / "metadata.json").write_text(json.dumps(metadata))
    return cache


def bolt(tree: Tree) -> bytes:
    """The bytes of a database with these buckets."""
    pages: dict[int, bytes] = {}
    root = _bucket(tree, pages)
    end = max(number + len(page) // PAGE for number, page in pages.items())
    head = [_meta(number, root, end) for number in (0, 1)]
    head += [_page(2, FREE, struct.pack("<Q", 3), count=1), bytes(PAGE)]
    return b"".join([*head, *(pages[number] for number in sorted(pages))])


def _bucket(tree: Tree, pages: dict[int, bytes]) -> int:
    """Write a bucket and those inside it; the number of its page."""
    entries: list[tuple[int, bytes, bytes]] = []
    for name in sorted(tree, key=str.encode):
        value = tree[name]
        if isinstance(value, dict):
            entries.append((1, name.encode(), struct.pack("<QQ", _bucket(value, pages), 0)))
        else:
            entries.append((0, name.encode(), value))
    elements, body = b"", b""
    for index, (kind, key, value) in enumerate(entries):
        place = 16 * (len(entries) - index) + len(body)
        elements += struct.pack("<IIII", kind, place, len(key), len(value))
        body += key + value
    number = max((n + len(page) // PAGE for n, page in pages.items()), default=4)
    pages[number] = _page(number, LEAF, elements + body, count=len(entries))
    return number


def _page(number: int, kind: int, content: bytes, count: int = 0) -> bytes:
    size = -(-(16 + len(content)) // PAGE)
    head = struct.pack("<QHHI", number, kind, count, size - 1)
    return (head + content).ljust(size * PAGE, b"\0")


def _meta(number: int, root: int, end: int) -> bytes:
    fields = struct.pack("<IIIIQQQQQ", 0xED0CDAED, 2, PAGE, 0, root, 0, 2, end, number)
    return _page(number, META, fields + struct.pack("<Q", _fnv(fields)))


def _fnv(data: bytes) -> int:
    """FNV-1a, 64 bits."""
    found = 0xCBF29CE484222325
    for byte in data:
        found = ((found ^ byte) * 0x100000001B3) % 2**64
    return found
