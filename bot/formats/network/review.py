"""The network in a review: workloads without a policy, and what is cut or opened."""

from __future__ import annotations

from dataclasses import replace

from bot.formats.markdown import code, inert, marker, table, unmarked
from bot.model.network_review import NetworkNews, NetworkRemark, NetworkReview
from bot.model.review import CheckRun, Review, ReviewComment

_LONGEST = 12_000
_SUMMARY = 65_000
_SIGNS = {"cut": "🔴", "lost": "🔴", "opened": "🟠"}
_WORDS = {"cut": "is cut", "lost": "leads nowhere", "opened": "is open now"}
_OFFER = "`/podsec policies` opens a pull request with the policies."


def with_network_comments(review: Review, network: NetworkReview) -> Review:
    """The review with a comment on each workload, and with the news in its body."""
    comments = tuple(map(_comment, network.remarks))
    whole = with_network_in_body(review, replace(network, remarks=()))
    return replace(whole, comments=(*review.comments, *comments))


def with_network_in_body(review: Review, network: NetworkReview) -> Review:
    """The same without places on lines, for when GitHub refuses one of them."""
    if not network:
        return review
    body, prints = unmarked(review.body)  # a mark counts at the end alone
    parts = [body, news_of(network), *map(_text, network.remarks)]
    marks = marker((*prints, *network.fingerprints))
    return replace(review, body="\n\n".join(part for part in (*parts, marks) if part))


def network_only(head: str) -> Review:
    """A review that has nothing but the network to speak of."""
    return Review(head=head, body="podsec looked at who may talk to whom.", comments=())


def with_network(check: CheckRun, network: NetworkReview) -> CheckRun:
    """The check run with what is cut or opened; that keeps it from success."""
    text = news_of(network)
    if not text or len(check.summary.encode()) + len(text.encode()) > _SUMMARY:
        return check
    conclusion = "neutral" if check.conclusion == "success" else check.conclusion
    return replace(check, conclusion=conclusion, summary=f"{check.summary}\n\n{text}")


def news_of(network: NetworkReview) -> str:
    """What is cut or opened, as a part of a text; empty where nothing is."""
    if not network.news:
        return ""
    grid = table(("", "connection", "what", "why"), list(map(_row, network.news)), _LONGEST)
    return f"### Who may talk to whom\n\n{grid}"


def _row(one: NetworkNews) -> tuple[str, ...]:
    pair = f"{inert(one.source)} → {code(one.target)} {code(one.port)}"
    return _SIGNS[one.kind], pair, _WORDS[one.kind], inert(one.reason)


def _comment(remark: NetworkRemark) -> ReviewComment:
    return ReviewComment(
        path=remark.path,
        line=remark.line,
        start_line=None,
        body=f"{_text(remark)}\n\n{marker((remark.fingerprint,))}",
        fingerprints=(remark.fingerprint,),
    )


def _text(remark: NetworkRemark) -> str:
    lead = (
        f"**{remark.kind} {code(remark.name)} comes without a NetworkPolicy**: any pod reaches it."
    )
    if remark.declined:
        return f"{lead}\n\npodsec proposes none: {inert(remark.declined)}."
    if not remark.clients:
        return f"{lead}\n\nNobody is seen to connect to it. {_OFFER}"
    rows = [(code(c.port), inert(c.name), inert(c.evidence)) for c in remark.clients]
    grid = table(("port", "who is seen to connect", "where"), rows, _LONGEST)
    return f"{lead}\n\n{grid}\n\n{_OFFER}"
