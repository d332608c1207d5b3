"""What podsec asks of GitHub: the App's permissions, each with its reason."""

from __future__ import annotations

from bot.frozen import frozen


@frozen
class AppPermission:
    """A permission of the App; `in_tokens`: whether podsec's calls need it, too.

    What no call needs opens an event alone, and stays out of the tokens.
    """

    name: str
    level: str
    why: str
    in_tokens: bool = True


APP_PERMISSIONS = (
    AppPermission(name="checks", level="write", why="the check run that says how a push stands"),
    AppPermission(
        name="contents",
        level="write",
        why="reads the changed manifests and `.podsec.yaml`; writes podsec's own branches "
        "`podsec/…`, and no other; resolves podsec's own threads",
    ),
    AppPermission(
        name="issues",
        level="write",
        why="GitHub keeps a pull request's conversation with issues: `/podsec` comments are read "
        "there; replies, reactions and the label `podsec-paused` are written there",
    ),
    AppPermission(
        name="merge_queues",
        level="read",
        why="opens the event `merge_group` alone: podsec makes no call with it",
        in_tokens=False,
    ),
    AppPermission(
        name="metadata",
        level="read",
        why="every App has it; it also tells who may write, before `/podsec fix` is obeyed",
        in_tokens=False,
    ),
    AppPermission(
        name="pull_requests",
        level="write",
        why="reads which files changed; writes reviews and follow-up pull requests",
    ),
)
