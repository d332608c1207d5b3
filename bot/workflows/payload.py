"""What payloads say: the jobs of a delivery. They are read here and nowhere else.

A payload tells where to look, not what is true: deliveries come late and out of order, so jobs that
act on a pull request look at it anew unless its newest push made them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.model.delivery import CommentRef, Delivery, Job, JobKind, RepositoryRef, pull_ref
from bot.workflows.decline import declines
from bot.workflows.read_comment import commands

FIX_BUTTON = "fix"
_QUEUE = "queue"
_PROVEN_NEW = ("opened", "synchronize")
_DASHBOARD = "<!-- podsec:"


def check(delivery: Delivery) -> tuple[Job, ...]:
    """A check of the pull request as the payload shows it: no call is needed to read it."""
    payload = delivery.payload
    repository = _repository(payload)
    pull = pull_ref(repository, payload["pull_request"])
    job = Job(
        id=f"check/{repository.id}/{pull.number}/{delivery.id}",
        kind="check_pull_request",
        key=_key(repository, pull.number),
        repository=repository,
        number=pull.number,
        at=payload["pull_request"]["updated_at"],
        opened=payload["action"] == "opened",
        new_head=payload["action"] in _PROVEN_NEW,
        pull=pull,
    )
    return (job,)


def check_moved(delivery: Delivery) -> tuple[Job, ...]:
    """A check where an edit gave the pull request another base; its text is no business here."""
    changes = delivery.payload.get("changes") or {}
    return check(delivery) if "base" in changes else ()


def close(delivery: Delivery) -> tuple[Job, ...]:
    """What follows from a closed pull request; of podsec's own, a look at the repository."""
    payload = delivery.payload
    repository = _repository(payload)
    pull = pull_ref(repository, payload["pull_request"])
    if pull.is_own:
        at = payload["pull_request"]["updated_at"]
        return (_refresh(delivery, repository, reason=f"closed #{pull.number}", at=at),)
    job = Job(
        id=f"close/{repository.id}/{pull.number}/{delivery.id}",
        kind="close_pull_request",
        key=_key(repository, pull.number),
        repository=repository,
        number=pull.number,
        at=payload["pull_request"]["updated_at"],
        reason="merged" if payload["pull_request"].get("merged_at") else "closed",
        pull=pull,
    )
    return (job,)


def command(delivery: Delivery) -> tuple[Job, ...]:
    """The `/podsec` lines of a comment in the conversation."""
    payload = delivery.payload
    comment, issue = payload["comment"], payload["issue"]
    if "pull_request" not in issue or not _is_person(comment["user"]):
        return ()
    if not commands(comment["body"] or ""):
        return ()
    given = CommentRef(
        id=comment["id"], author=comment["user"]["login"], body=comment["body"] or ""
    )
    return (_command(delivery, issue["number"], given, comment["created_at"]),)


def answer(delivery: Delivery) -> tuple[Job, ...]:
    """A comment on a line: its `/podsec` lines, or a reply that declines what podsec said."""
    payload = delivery.payload
    comment, number = payload["comment"], payload["pull_request"]["number"]
    if not _is_person(comment["user"]):
        return ()
    body, reply_to, at = comment["body"] or "", comment.get("in_reply_to_id"), comment["created_at"]
    if not commands(body):
        is_answer = reply_to is not None and declines(body)
        return (_check_again(delivery, number, at),) if is_answer else ()
    end = comment.get("line") if comment.get("side") == "RIGHT" else None
    given = CommentRef(
        id=comment["id"],
        author=comment["user"]["login"],
        body=body,
        path=comment["path"],
        lines=(comment.get("start_line") or end, end) if end else None,
        reply_to=reply_to,
    )
    return (_command(delivery, number, given, at),)


def press(delivery: Delivery) -> tuple[Job, ...]:
    """The button of podsec's check run: `/podsec fix`, in the name of who pressed it."""
    payload = delivery.payload
    number = _number(payload, payload["check_run"])
    wanted = (payload.get("requested_action") or {}).get("identifier")
    if number is None or wanted != FIX_BUTTON or not _is_person(payload["sender"]):
        return ()
    given = CommentRef(id=0, author=payload["sender"]["login"], body="/podsec fix")
    return (_command(delivery, number, given, payload["check_run"]["completed_at"] or ""),)


def rerun(delivery: Delivery) -> tuple[Job, ...]:
    """Another check, asked for beside podsec's check run."""
    payload = delivery.payload
    run = payload["check_run"]
    number = _number(payload, run)
    if number is not None:
        return (_check_again(delivery, number, run["completed_at"] or run["started_at"] or ""),)
    if run.get("external_id") == queue_id(_repository(payload)):
        return (_of_commit(delivery, "conclude_merge_group", run["head_sha"]),)
    return ()


def rerun_suite(delivery: Delivery) -> tuple[Job, ...]:
    """Another check of every pull request of a commit; the payload names none of a fork."""
    suite = delivery.payload["check_suite"]
    return (_of_commit(delivery, "recheck_commit", suite["head_sha"]),)


def merge_group(delivery: Delivery) -> tuple[Job, ...]:
    """A check run for the head of a merge group, which waits for it."""
    group = delivery.payload["merge_group"]
    return (_of_commit(delivery, "conclude_merge_group", group["head_sha"], new=True),)


def push(delivery: Delivery) -> tuple[Job, ...]:
    """A look at the repository after a push to its default branch."""
    payload = delivery.payload
    default = f"refs/heads/{payload['repository']['default_branch']}"
    if payload["ref"] != default or payload.get("deleted"):
        return ()
    at = _time(payload["repository"]["pushed_at"])
    found = _refresh(delivery, _repository(payload), reason="push", at=at, head=payload["after"])
    return (found,)


def tick(delivery: Delivery) -> tuple[Job, ...]:
    """A look at the repository after somebody ticked a box in podsec's own issue."""
    payload = delivery.payload
    issue = payload["issue"]
    own = (issue["user"] or {}).get("type") == "Bot" and _DASHBOARD in (issue["body"] or "")
    if not own or not _is_person(payload["sender"]):
        return ()
    at, number = issue["updated_at"], issue["number"]
    found = _refresh(delivery, _repository(payload), reason="dashboard", at=at, number=number)
    return (found,)


def install(delivery: Delivery) -> tuple[Job, ...]:
    """A first look at each repository that podsec may reach now."""
    payload = delivery.payload
    listed = payload.get("repositories") or payload.get("repositories_added") or ()
    at = _time(payload["installation"].get("updated_at"))
    return tuple(
        _refresh(delivery, repository, reason="installed", at=at)
        for repository in _listed(listed, payload["installation"]["id"])
    )


def queue_id(repository: RepositoryRef) -> str:
    """By which a check run of a merge group is known again."""
    return f"{repository.id}:{_QUEUE}"


def _listed(rows: Iterable[Mapping[str, Any]], installation: int) -> Iterable[RepositoryRef]:
    for row in rows:
        yield RepositoryRef(id=row["id"], full_name=row["full_name"], installation=installation)


def _repository(payload: Mapping[str, Any]) -> RepositoryRef:
    found = payload["repository"]
    return RepositoryRef(
        id=found["id"],
        full_name=found["full_name"],
        installation=payload["installation"]["id"],
    )


def _key(repository: RepositoryRef, number: int) -> str:
    return f"{repository.id}/{number}"


def _time(found: object) -> str:
    """GitHub's time as text that sorts; some payloads count seconds."""
    if isinstance(found, int):
        return datetime.fromtimestamp(found, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return found if isinstance(found, str) else ""


def _is_person(account: Mapping[str, Any] | None) -> bool:
    return account is not None and account.get("type") == "User"


def _number(payload: Mapping[str, Any], run: Mapping[str, Any]) -> int | None:
    """The pull request of one of podsec's check runs: forks' events name none, its id does."""
    home, _, number = (run.get("external_id") or "").partition(":")
    is_own = home == str(payload["repository"]["id"]) and number.isascii() and number.isdigit()
    return int(number) if is_own else None


def _command(delivery: Delivery, number: int, given: CommentRef, at: str) -> Job:
    repository = _repository(delivery.payload)
    return Job(
        id=f"command/{repository.id}/{number}/{delivery.id}",
        kind="run_command",
        key=_key(repository, number),
        repository=repository,
        number=number,
        at=at,
        comment=given,
    )


def _check_again(delivery: Delivery, number: int, at: str) -> Job:
    """A check of the pull request as it stands when the job begins.

    `at` is not before the last check of its head: what came later is newer, and looks as well.
    """
    repository = _repository(delivery.payload)
    return Job(
        id=f"check/{repository.id}/{number}/{delivery.id}",
        kind="check_pull_request",
        key=_key(repository, number),
        repository=repository,
        number=number,
        at=at,
    )


def _of_commit(delivery: Delivery, kind: JobKind, head: str, *, new: bool = False) -> Job:
    repository = _repository(delivery.payload)
    return Job(
        id=f"{kind}/{repository.id}/{head}/{delivery.id}",
        kind=kind,
        key=f"{repository.id}/{head}",
        repository=repository,
        head=head,
        new_head=new,
    )


def _refresh(
    delivery: Delivery,
    repository: RepositoryRef,
    *,
    reason: str,
    at: str,
    head: str = "",
    number: int = 0,
) -> Job:
    return Job(
        id=f"refresh/{repository.id}/{delivery.id}",
        kind="refresh_repository",
        key=f"{repository.id}/repository",
        repository=repository,
        number=number,
        at=at,
        head=head,
        reason=reason,
    )
