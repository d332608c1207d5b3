"""What a change makes other in the cluster: objects as they are rendered, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.frozen import frozen


@frozen
class ObjectChange:
    """One object that is other, came or went; what is a secret in it is hidden already.

    `roots` are the kustomizations and charts, with their value sets, that all make this of it.
    `before` and `after` are None where it is not there.
    """

    kind: str
    namespace: str | None
    name: str
    roots: tuple[str, ...]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
