"""The little of GitHub's GraphQL that REST has not: review threads, resolving, minimizing."""

from __future__ import annotations

import base64
from typing import Any

from graphql import GraphQLError, build_schema, graphql_sync

from bot.sandbox import graphql_refs
from bot.sandbox.access import Caller, demand
from bot.sandbox.shapes import node_id
from bot.sandbox.webhooks import Webhooks
from bot.sandbox.world import Pull, Refusal, Repository, ReviewComment, World

_LONGEST_TEXT = 512_000
_SCHEMA = build_schema(
    """
    type Query { repository(owner: String!, name: String!): Repository, viewer: User! }
    scalar GitObjectID
    scalar GitRefname
    type Repository {
      id: ID!
      pullRequest(number: Int!): PullRequest
      object(oid: GitObjectID, expression: String): GitObject
      defaultBranchRef: Ref
      refs(refPrefix: String!, first: Int, after: String): RefConnection
    }
    type RefConnection { nodes: [Ref], pageInfo: PageInfo! }
    type Ref { name: String!, target: GitObject }
    interface GitObject { oid: GitObjectID! }
    type Tree implements GitObject { oid: GitObjectID! }
    type Commit implements GitObject { oid: GitObjectID!, tree: Tree! }
    input RefUpdate {
      name: GitRefname!, afterOid: GitObjectID!, beforeOid: GitObjectID, force: Boolean = false
    }
    input UpdateRefsInput {
      repositoryId: ID!, refUpdates: [RefUpdate!]!, clientMutationId: String
    }
    type UpdateRefsPayload { clientMutationId: String }
    type Blob implements GitObject {
      oid: GitObjectID!, byteSize: Int!, isBinary: Boolean, isTruncated: Boolean!, text: String
    }
    interface Actor { login: String! }
    type User implements Actor { login: String!, databaseId: Int }
    type Bot implements Actor { login: String! }
    type PullRequest {
      headRefOid: String!
      reviews(first: Int, after: String): PullRequestReviewConnection!
      reviewThreads(first: Int, after: String): PullRequestReviewThreadConnection!
    }
    type PageInfo { hasNextPage: Boolean!, endCursor: String }
    type PullRequestReviewConnection { nodes: [PullRequestReview], pageInfo: PageInfo! }
    type PullRequestReview {
      id: ID!, body: String!, viewerDidAuthor: Boolean!, fullDatabaseId: String
    }
    type PullRequestReviewThreadConnection { nodes: [PullRequestReviewThread], pageInfo: PageInfo! }
    type PullRequestReviewThread {
      id: ID!, isResolved: Boolean!, isOutdated: Boolean!, path: String!, line: Int
      comments(first: Int): PullRequestReviewCommentConnection!
    }
    type PullRequestReviewCommentConnection {
      nodes: [PullRequestReviewComment], totalCount: Int!
    }
    type PullRequestReviewComment {
      id: ID!, body: String!, viewerDidAuthor: Boolean!, fullDatabaseId: String, author: Actor
    }
    input ResolveReviewThreadInput { threadId: ID!, clientMutationId: String }
    input UnresolveReviewThreadInput { threadId: ID!, clientMutationId: String }
    type ResolveReviewThreadPayload { thread: PullRequestReviewThread }
    type UnresolveReviewThreadPayload { thread: PullRequestReviewThread }
    enum ReportedContentClassifiers { SPAM ABUSE OFF_TOPIC OUTDATED DUPLICATE RESOLVED }
    input MinimizeCommentInput {
      subjectId: ID!, classifier: ReportedContentClassifiers!, clientMutationId: String
    }
    type MinimizedComment { isMinimized: Boolean!, minimizedReason: String }
    type MinimizeCommentPayload { minimizedComment: MinimizedComment }
    type Mutation {
      resolveReviewThread(input: ResolveReviewThreadInput!): ResolveReviewThreadPayload
      unresolveReviewThread(input: UnresolveReviewThreadInput!): UnresolveReviewThreadPayload
      minimizeComment(input: MinimizeCommentInput!): MinimizeCommentPayload
      updateRefs(input: UpdateRefsInput!): UpdateRefsPayload
    }
    """,
    assume_valid=True,
)


def answer(
    world: World, caller: Caller, hooks: Webhooks, query: str, variables: dict[str, Any] | None
) -> dict[str, Any]:
    """Execute a document; errors come beside the data, with HTTP 200."""
    if caller.kind == "nobody":
        raise Refusal(401, "This endpoint requires you to be authenticated.")
    root = _Root(world, caller, hooks)
    result = graphql_sync(_SCHEMA, query, root, variable_values=variables)
    data: dict[str, Any] = {"data": result.data}
    if result.errors:
        data["errors"] = [_error(error) for error in result.errors]
    return data


def _error(error: GraphQLError) -> dict[str, Any]:
    refusal = error.original_error
    kinds = {403: "FORBIDDEN", 404: "NOT_FOUND"}
    kind = kinds.get(refusal.status) if isinstance(refusal, Refusal) else None
    return dict(error.formatted) | ({"type": kind} if kind else {})


class _Root:
    def __init__(self, world: World, caller: Caller, hooks: Webhooks) -> None:
        self.world, self.caller, self.hooks = world, caller, hooks

    def repository(self, _info: Any, owner: str, name: str) -> dict[str, Any]:
        former = self.world.former.get(f"{owner}/{name}".lower())  # followRenames is the default
        home = former or self.world.repository(owner, name)
        return {
            "id": node_id("R", home.id),
            "pullRequest": lambda _info, number: self._pull(home, number),
            "defaultBranchRef": lambda _info: graphql_refs.default_branch(home),
            "refs": lambda _info, **asked: graphql_refs.listed(home, **asked),
            "object": lambda _info, oid=None, expression=None: self._blob(home, oid or expression),
        }

    def _blob(self, home: Repository, oid: str) -> dict[str, Any] | None:
        """A file as text: none of what is no UTF-8, and half a megabyte at most."""
        demand(self.caller, home, "contents:read")
        if not home.store.exists(oid):
            return None
        data = home.store.blob(oid)
        is_binary = b"\0" in data[:8000]
        text = None if is_binary else data.decode("utf-8", "replace")
        return {
            "__typename": "Blob",
            "oid": oid,
            "byteSize": len(data),
            "isBinary": is_binary,
            "isTruncated": len(data) > _LONGEST_TEXT,
            "text": text if text is None else text[:_LONGEST_TEXT],
        }

    def viewer(self, _info: Any) -> dict[str, Any]:
        login = self.caller.login
        return {"login": login, "databaseId": self.world.account(login).id}

    def _pull(self, home: Repository, number: int) -> dict[str, Any]:
        demand(self.caller, home, "pull_requests:read")
        pull = self.world.pull(home, number)
        return {
            "headRefOid": pull.head_sha,
            "reviews": lambda _info, **page: _connection(self._reviews(pull), **page),
            "reviewThreads": lambda _info, **page: _connection(self._threads(pull), **page),
        }

    def _reviews(self, pull: Pull) -> list[dict[str, Any]]:
        return [
            {
                "id": node_id("PRR", review.id),
                "body": review.body,
                "viewerDidAuthor": review.user == self.caller.login,
                "fullDatabaseId": str(review.id),
            }
            for review in pull.reviews
        ]

    def _threads(self, pull: Pull) -> list[dict[str, Any]]:
        firsts = (comment for comment in pull.comments if comment.reply_to is None)
        return [self._thread(pull, first) for first in firsts]

    def _thread(self, pull: Pull, first: ReviewComment) -> dict[str, Any]:
        said = [c for c in pull.comments if first.id in (c.id, c.reply_to)]
        nodes = [
            {
                "id": node_id("PRRC", comment.id),
                "body": comment.body,
                "viewerDidAuthor": comment.user == self.caller.login,
                "fullDatabaseId": str(comment.id),
                "author": self._actor(comment.user),
            }
            for comment in said
        ]
        return {
            "id": node_id("PRRT", first.id),
            "isResolved": first.resolved,
            "isOutdated": first.line is None,
            "path": first.path,
            "line": first.line,
            "comments": lambda _info, first=None: {
                "nodes": nodes[:first],
                "totalCount": len(nodes),
            },
        }

    def _actor(self, login: str) -> dict[str, str]:
        """GraphQL names a bot without the brackets behind it."""
        kind = self.world.account(login).type
        return {
            "__typename": "Bot" if kind == "Bot" else "User",
            "login": login.removesuffix("[bot]"),
        }

    def resolveReviewThread(self, _info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002, N802 (GraphQL's names)
        return self._resolve(input["threadId"], resolved=True)

    def unresolveReviewThread(self, _info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002, N802 (GraphQL's names)
        return self._resolve(input["threadId"], resolved=False)

    def _resolve(self, thread: str, *, resolved: bool) -> dict[str, Any]:
        home, pull, first = self._comment(thread)
        demand(self.caller, home, "contents:write")
        first.resolved = resolved
        return {"thread": self._thread(pull, first)}

    def minimizeComment(self, _info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002, N802 (GraphQL's names)
        reason = input["classifier"].lower()
        wanted = _number(input["subjectId"])
        for home in self.world.repositories.values():
            for comment in home.comments:
                if comment.id == wanted:
                    demand(self.caller, home, "issues:write")
                    comment.minimized = reason
        return {"minimizedComment": {"isMinimized": True, "minimizedReason": reason}}

    def updateRefs(self, _info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002, N802 (GraphQL's names)
        home = self.world.by_id(_number(input["repositoryId"]))
        if home is None:
            raise Refusal(404, "Could not resolve to a node with the global id")
        demand(self.caller, home, "contents:write")
        graphql_refs.update(self.world, self.hooks, home, input["refUpdates"], self.caller.login)
        return {"clientMutationId": None}

    def _comment(self, thread: str) -> tuple[Repository, Pull, ReviewComment]:
        wanted = _number(thread)
        for home in self.world.repositories.values():
            for pull in home.pulls.values():
                for comment in pull.comments:
                    if comment.id == wanted:
                        return home, pull, comment
        raise Refusal(404, f"Could not resolve to a node with the global id of '{thread}'")


def _number(node: str) -> int:
    code = node.partition("_")[2]
    try:
        return int(base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)))
    except ValueError:
        return -1


def _connection(
    nodes: list[dict[str, Any]], first: int | None = None, after: str | None = None
) -> dict[str, Any]:
    if first is None or not 1 <= first <= 100:
        raise Refusal(422, "You must provide a `first` value of 1 to 100.")
    start = int(after or 0)
    end = min(len(nodes), start + first)
    page = {"hasNextPage": end < len(nodes), "endCursor": str(end) if end > start else None}
    return {"nodes": nodes[start:end], "pageInfo": page}
