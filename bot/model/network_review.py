"""What a review says of the network: workloads without a policy, edges that are cut or opened."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Literal

from bot.frozen import frozen

NewsKind = Literal["cut", "lost", "opened"]
"""A policy blocks it; its address leads nowhere any more; it was closed and is open."""


@frozen
class Client:
    """Who is seen to connect to a workload, on which port, and what that rests on."""

    name: str
    port: str
    evidence: str


@frozen
class NetworkRemark:
    """A workload that comes without a policy: its clients, or why podsec proposes none."""

    path: str
    line: int
    kind: str
    name: str
    clients: tuple[Client, ...]
    declined: str
    fingerprint: str


@frozen
class NetworkNews:
    """A connection that a change cuts or opens."""

    kind: NewsKind
    source: str
    target: str
    port: str
    reason: str
    fingerprint: str


@frozen
class NetworkReview:
    """All that a change does to the network."""

    remarks: tuple[NetworkRemark, ...] = ()
    news: tuple[NetworkNews, ...] = ()

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Those of all that it says."""
        spoken = tuple(remark.fingerprint for remark in self.remarks)
        return (*spoken, *(news.fingerprint for news in self.news))

    def unsaid(self, said: Collection[str]) -> NetworkReview:
        """What was not said before."""
        return replace(
            self,
            remarks=tuple(one for one in self.remarks if one.fingerprint not in said),
            news=tuple(one for one in self.news if one.fingerprint not in said),
        )

    def __bool__(self) -> bool:
        return bool(self.remarks or self.news)
