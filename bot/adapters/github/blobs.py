"""Files by the hash of their content: it never changes, so what was read once is remembered.

Several are asked for in one GraphQL document, which knows text alone: what comes is held against
its hash, and what does not fit (other bytes, cut, too large) is asked for by itself.
"""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from bot.adapters.github.session import Session
from bot.errors import Gone, NotPermitted, Unavailable

LARGEST = 5_000_000
_KEPT = 64_000_000
_LARGEST_KEPT = 1_000_000
_AT_ONCE = 50
_HASH = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_HASHES = {40: "sha1", 64: "sha256"}
_TEXT = "... on Blob { text isTruncated }"
_Key = tuple[int, int, str]


class BlobMemory:
    """Contents by installation, repository and hash, the least used forgotten first; 64 MB."""

    def __init__(self, most: int = _KEPT) -> None:
        self._most, self._size = most, 0
        self._known: OrderedDict[_Key, bytes] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: _Key) -> bytes | None:
        """What is known of a key."""
        with self._guard:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def keep(self, key: _Key, data: bytes) -> None:
        """Remember a content; large ones would push all others out."""
        if len(data) > min(_LARGEST_KEPT, self._most):
            return
        with self._guard:
            self._size += len(data) - len(self._known.pop(key, b""))
            self._known[key] = data
            while self._size > self._most:
                self._size -= len(self._known.popitem(last=False)[1])


class Blobs:
    """The contents of one repository, for one job."""

    def __init__(self, session: Session, memory: BlobMemory) -> None:
        self._session, self._memory = session, memory
        self._met: dict[str, bytes] = {}

    def expect(self, shas: Iterable[str]) -> None:
        """Read several in as few calls as it takes; one by itself waits until it is asked for."""
        wanted = [sha for sha in dict.fromkeys(shas) if self._known(sha) is None]
        wanted = [sha for sha in wanted if _HASH.fullmatch(sha)]
        if len(wanted) < 2:
            return
        for start in range(0, len(wanted), _AT_ONCE):
            self._read(wanted[start : start + _AT_ONCE])

    def read(self, sha: str) -> bytes | None:
        """The content; None where it is larger than 5 MB. Raises PodsecError."""
        known = self._known(sha)
        if known is not None:
            return known
        found = self._session.get(f"/git/blobs/{quote(sha)}")
        if found["size"] > LARGEST:
            return None
        data = base64.b64decode(found["content"])
        self._keep(sha, data)
        return data

    def _known(self, sha: str) -> bytes | None:
        met = self._met.get(sha)
        return met if met is not None else self._memory.get(self._key(sha))

    def _keep(self, sha: str, data: bytes) -> None:
        self._met[sha] = data
        self._memory.keep(self._key(sha), data)

    def _key(self, sha: str) -> _Key:
        home = self._session.repository
        return home.installation, home.id, sha

    def _read(self, shas: Sequence[str]) -> None:
        """One document for all. Where GitHub does not give it, each is asked for by itself."""
        fields = " ".join(f'b{n}: object(oid: "{sha}") {{ {_TEXT} }}' for n, sha in enumerate(shas))
        query = (
            "query($owner: String!, $name: String!) "
            f"{{ repository(owner: $owner, name: $name) {{ {fields} }} }}"
        )
        owner, _, name = self._session.repository.full_name.partition("/")
        try:
            data = self._session.graphql(query, {"owner": owner, "name": name})
        except (Unavailable, NotPermitted, Gone):
            return
        for number, sha in enumerate(shas):
            text = _whole(data["repository"].get(f"b{number}"), sha)
            if text is not None:
                self._keep(sha, text)


class SingleBlobs(Blobs):
    """One by one: GraphQL answers nobody who gives no token."""

    def expect(self, shas: Iterable[str]) -> None:
        """Wait until each is asked for."""


def _whole(found: dict[str, Any] | None, sha: str) -> bytes | None:
    """The bytes that a blob's text stands for, if their hash is the blob's."""
    text = (found or {}).get("text")
    if not isinstance(text, str):
        return None
    data = text.encode("utf-8", "surrogatepass")
    own = hashlib.new(_HASHES[len(sha)], usedforsecurity=False)
    own.update(b"blob %d\0" % len(data) + data)
    return data if own.hexdigest() == sha else None
