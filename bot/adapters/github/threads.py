"""What stands on a pull request by podsec's own hand, and the threads that it may resolve.

Everything that podsec writes ends with a hidden marker. One counts only in podsec's own words,
since anyone can paste one, and only at their end, since they repeat lines of strangers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from bot.adapters.github.session import Session
from bot.model.review import Answer, Standing, Thread

_MARKER = re.compile(r"<!-- podsec:v1 ([0-9a-f ]+) -->\s*\Z")
_AT_ONCE = 50
_SAID = """
query($owner: String!, $name: String!, $number: Int!, $reviews: String, $threads: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      headRefOid
      reviews(first: 100, after: $reviews) {
        nodes { body viewerDidAuthor } pageInfo { hasNextPage endCursor }
      }
      reviewThreads(first: 100, after: $threads) {
        nodes {
          id isResolved path
          comments(first: 10) {
            totalCount nodes { body viewerDidAuthor author { __typename login } }
          }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""


def standing(session: Session, number: int) -> Standing:
    """What podsec said in its reviews and threads, resolved ones too, and what was answered."""
    listed: set[str] = set()
    threads: list[Thread] = []
    head = ""
    for pull in _pages(session, number):
        head = pull["headRefOid"]
        for review in pull["reviews"]["nodes"]:
            listed |= marked(review)
        threads += _threads(pull["reviewThreads"]["nodes"])
    return Standing(
        commented=frozenset(print_ for thread in threads for print_ in thread.fingerprints),
        listed=frozenset(listed),
        threads=tuple(threads),
        head=head,
    )


def _pages(session: Session, number: int) -> Iterable[dict[str, Any]]:
    """Both lists to their ends, of whatever length each is."""
    owner, _, name = session.repository.full_name.partition("/")
    places: dict[str, str | None] = {"reviews": None, "threads": None}
    more = True
    while more:
        data = session.graphql(_SAID, {"owner": owner, "name": name, "number": number, **places})
        pull = data["repository"]["pullRequest"]
        yield pull
        ends = {
            "reviews": pull["reviews"]["pageInfo"],
            "threads": pull["reviewThreads"]["pageInfo"],
        }
        # an empty page has no cursor: the one before it stays the end
        places = {key: end["endCursor"] or places[key] for key, end in ends.items()}
        more = any(end["hasNextPage"] for end in ends.values())


def _threads(nodes: Sequence[dict[str, Any]]) -> list[Thread]:
    """The threads whose first words are podsec's own, with a mark."""
    found = []
    for node in nodes:
        first, *rest = node["comments"]["nodes"] or [{"viewerDidAuthor": False}]
        prints = marked(first)
        if prints:
            found.append(
                Thread(
                    id=node["id"],
                    path=node["path"],
                    lead=first["body"].partition("\n")[0],
                    fingerprints=frozenset(prints),
                    resolved=node["isResolved"],
                    is_silent=node["comments"]["totalCount"] == 1,
                    answers=tuple(_answer(one) for one in rest if _is_person(one["author"])),
                )
            )
    return found


def _answer(node: dict[str, Any]) -> Answer:
    return Answer(author=node["author"]["login"], body=node["body"])


def _is_person(author: dict[str, Any] | None) -> bool:
    """Whether a login is a person's: GraphQL names a bot as a person might be named."""
    return author is not None and author["__typename"] == "User"


def marked(node: dict[str, Any]) -> frozenset[str]:
    """The fingerprints in the marker of what podsec said itself."""
    mark = _MARKER.search(node["body"]) if node["viewerDidAuthor"] else None
    return frozenset(mark[1].split()) if mark is not None else frozenset()


def resolve(session: Session, threads: Sequence[str]) -> None:
    """Resolve threads, many in one request; one that is resolved stays so."""
    for start in range(0, len(threads), _AT_ONCE):
        some = threads[start : start + _AT_ONCE]
        names = ", ".join(f"$t{n}: ID!" for n in range(len(some)))
        calls = " ".join(
            f"r{n}: resolveReviewThread(input: {{threadId: $t{n}}}) {{ thread {{ id }} }}"
            for n in range(len(some))
        )
        session.graphql(
            f"mutation({names}) {{ {calls} }}", {f"t{n}": thread for n, thread in enumerate(some)}
        )
