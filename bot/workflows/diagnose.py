"""What an App needs on GitHub: credentials, permissions, events, and deliveries that arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from bot.errors import PodsecError
from bot.model.app import AppFacts
from bot.model.diagnosis import Diagnosis
from bot.model.permission import APP_PERMISSIONS
from bot.ports import AppLog, Records
from bot.workflows.route import subscribed

_RANK = ("none", "read", "write", "admin")
_PLACEHOLDERS = ("example.com", "example.org", "example.invalid", "smee.io")
_LOOKED_AT = 20


def guarded(about: str, look: Callable[[], Iterator[Diagnosis]], remedy: str) -> list[Diagnosis]:
    """What a look finds; where it fails, that and the remedy."""
    try:
        return list(look())
    except PodsecError as error:
        return [Diagnosis(about=about, health="wrong", says=str(error), remedy=remedy)]


def of_app(facts: AppFacts) -> Iterator[Diagnosis]:
    """The App's own permissions and events, held against what podsec asks for."""
    yield Diagnosis(
        about="credentials", health="well", says=f"GitHub knows the App {facts.slug!r} ({facts.id})"
    )
    where = "in the App's settings, Permissions & events"
    lacking = list(_lacking(facts.permissions))
    yield _held("permissions", lacking, "all that podsec asks for", f"grant them {where}")
    missing = sorted(set(subscribed()) - set(facts.events))
    yield _held("events", missing, "all that podsec hears", f"subscribe to them {where}")


def of_installations(log: AppLog) -> Iterator[Diagnosis]:
    """Where the App is installed, and what its owners have not accepted yet."""
    found = log.installations()
    if not found:
        yield Diagnosis(
            about="installations",
            health="advice",
            says="the App is installed nowhere",
            remedy="install it: in the App's settings, Install App",
        )
    for one in found:
        about = f"installation {one.account}"
        if one.is_suspended:
            yield Diagnosis(about=about, health="advice", says="is suspended")
            continue
        remedy = f"{one.account} is to accept them: Settings, GitHub Apps, podsec, Review request"
        yield _held(about, list(_lacking(one.permissions)), "has accepted all permissions", remedy)


def of_webhook(log: AppLog, url: str) -> Iterator[Diagnosis]:
    """Whether deliveries arrive, as GitHub tells it."""
    poll = "set it to https://YOUR-HOST/webhook, or use podsec serve --poll"
    if not url or any(name in url for name in _PLACEHOLDERS):
        says = f"the App's address is {url!r}, which is nowhere" if url else "the App has none"
        yield Diagnosis(about="webhook", health="advice", says=says, remedy=poll)
        return
    rows = list(islice(log.deliveries(), _LOOKED_AT))
    arrived = [row for row in rows if row.arrived]
    if not rows:
        yield Diagnosis(
            about="webhook", health="advice", says=f"nothing was sent to {url} in three days"
        )
    elif not rows[0].arrived:
        failed = len(rows) - len(arrived)
        says = f"the last delivery to {url} did not arrive; {failed} of {len(rows)} did not"
        remedy = f"see whether GitHub reaches it, and whether the secret is the App's; {poll}"
        yield Diagnosis(about="webhook", health="wrong", says=says, remedy=remedy)
    else:
        says = f"the last delivery to {url} arrived at {rows[0].at}"
        yield Diagnosis(about="webhook", health="well", says=says)


def of_database(records: Records, where: str) -> Iterator[Diagnosis]:
    """Whether the database can be written to and read. Raises Unavailable."""
    records.keep("doctor", "probe", "written")
    records.drop("doctor", "probe")
    yield Diagnosis(about="database", health="well", says=f"{where} is written to and read")


def _lacking(granted: Mapping[str, str]) -> Iterator[str]:
    for one in APP_PERMISSIONS:
        has = granted.get(one.name, "none")
        if _RANK.index(has) < _RANK.index(one.level):
            yield f"{one.name}: {one.level}"


def _held(about: str, lacking: list[str], well: str, remedy: str) -> Diagnosis:
    if not lacking:
        return Diagnosis(about=about, health="well", says=well)
    return Diagnosis(about=about, health="wrong", says=f"lacks {', '.join(lacking)}", remedy=remedy)
