"""How much CPU and memory a container asks for, and may use; a starting point with its source.

In this order: the same container in another environment, the image's class, the config. All stay
within what the namespace allows and what the manifest says already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import ceil, floor

from bot.frozen import frozen
from bot.kubernetes.image_facts import ImageFacts
from bot.kubernetes.images import sizes
from bot.kubernetes.quantity import quantity
from bot.kubernetes.workload import Container, as_list, as_mapping
from bot.rule.hardening.decision import Decision, Draft, advise
from bot.rule.rule import Context

_MEBI = 2**20
_HEAP = re.compile(r"-Xmx(\d{1,9})([kKmMgG])\b")
_HEAP_UNITS = {"k": 2**10, "m": 2**20, "g": 2**30}
# what a JVM needs beside its heap: metaspace, threads, code cache, buffers
_BESIDE_HEAP = 1.5
_JVM = re.compile(
    r"(?:^|[/\s])java(?:$|\s)|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JAVA_OPTS|CATALINA_OPTS"
)


@frozen(kw_only=False)
class _Amount:
    """A quantity, where it is from, and whether the same container runs with it already."""

    value: str
    basis: str
    is_proved: bool = False


def decide_request(container: Container, resource: str, context: Context) -> Decision:
    """What it asks the scheduler for: a request stops nothing, it reserves.

    `resource` is cpu or memory. With an autoscaler that counts by the share of the request that is
    used, a request changes the number of replicas.
    """
    draft = Draft()
    amount = _within(container, resource, _request(container, resource, context), context)
    draft.put(f"resources.requests.{resource}", amount.value)
    draft.basis.append(amount.basis)
    if context.evidence.amounts.scales_on(container, resource):
        draft.doubt(f"its autoscaler counts replicas by the share of the {resource} request")
    return draft.done()


def decide_limit(container: Container, context: Context) -> Decision:
    """The memory beyond which it is killed: never below what it asks for, nor below a JVM's heap.

    It is safe only where the same container runs with that limit elsewhere.
    """
    amount = _limit(container, context)
    if container.pod.owner.kind in ("Job", "CronJob") and not amount.is_proved:
        return advise("run it once, see what it uses at its peak, and set a limit above that")
    heap = _heap(container)
    asked = _asked(container, context)
    allowed = quantity(amount.value)
    if asked is None or allowed is None or asked > allowed:
        return advise("set a limit above the request, from what the container uses")
    if heap is not None and heap * _BESIDE_HEAP > allowed:
        amount = _Amount(
            _at_least(heap * _BESIDE_HEAP, "memory"),
            "its own -Xmx, with half of it beside the heap",
        )
    draft = Draft()
    draft.put("resources.limits.memory", _bounded(container, amount, asked, context).value)
    draft.basis.append(amount.basis)
    if not amount.is_proved:
        draft.doubt("a container that needs more than the limit is killed: compare it with its use")
    for hint in _hints(container, context.image_facts(container), heap):
        draft.doubt(hint)
    return draft.done()


def _request(container: Container, resource: str, context: Context) -> _Amount:
    said = context.evidence.amounts.elsewhere(container, f"requests.{resource}")
    if said is not None:
        return _Amount(said.value, f"the same container in {said.where}", is_proved=True)
    facts = context.image_facts(container)
    size = sizes().get(facts.size) if facts and facts.size and not _is_fixed(context) else None
    if facts is not None and size is not None:
        value = size.cpu_request if resource == "cpu" else size.memory_request
        return _Amount(value, f"the class {facts.size!r} of the image, a starting point")
    config = context.config
    value = config.cpu_request if resource == "cpu" else config.memory_request
    return _Amount(value, "the config's starting point")


def _limit(container: Container, context: Context) -> _Amount:
    said = context.evidence.amounts.elsewhere(container, "limits.memory")
    if said is not None:
        return _Amount(said.value, f"the same container in {said.where}", is_proved=True)
    facts = context.image_facts(container)
    size = sizes().get(facts.size) if facts and facts.size and not _is_fixed(context) else None
    if facts is not None and size is not None:
        return _Amount(size.memory_limit, f"the class {facts.size!r} of the image")
    return _Amount(context.config.memory_limit, "the config's starting point")


def _is_fixed(context: Context) -> bool:
    """Whether the config names every number, as `resources: article` does: nothing is left open."""
    return getattr(context.config, "cpu_limit", None) is not None


def _within(container: Container, resource: str, amount: _Amount, context: Context) -> _Amount:
    """A request as near to `amount` as its limit, its pod's and its namespace's bounds allow."""
    bounds = context.evidence.amounts.bounds(container, resource)
    tops = [
        quantity(as_mapping(place).get(resource))
        for place in (container.own("resources.limits"), container.pod.own("resources.limits"))
    ]
    most = min([top for top in (*tops, bounds.most) if top is not None], default=None)
    least = bounds.least
    limit = tops[0]
    if limit is not None and bounds.ratio:
        least = max(filter(None, (least, limit / bounds.ratio)))
    number = quantity(amount.value)
    if number is None:
        return amount
    if most is not None and number > most:
        return _Amount(_at_most(most, resource), f"{amount.basis}, within its limit")
    if least is not None and number < least:
        return _Amount(_at_least(least, resource), f"{amount.basis}, within its bounds")
    return amount


def _bounded(container: Container, amount: _Amount, asked: float, context: Context) -> _Amount:
    """A limit within its namespace's bounds."""
    bounds = context.evidence.amounts.bounds(container, "memory")
    number = quantity(amount.value)
    tops = [bounds.most, asked * bounds.ratio if bounds.ratio else None]
    most = min([top for top in tops if top is not None], default=None)
    if number is not None and most is not None and number > most >= asked:
        return _Amount(_at_most(most, "memory"), amount.basis)
    return amount


def _asked(container: Container, context: Context) -> float | None:
    """What it asks for, or will once it asks."""
    own = container.own("resources.requests.memory")
    if own is not None:
        return quantity(own)
    return quantity(
        _within(container, "memory", _request(container, "memory", context), context).value
    )


def _at_most(number: float, resource: str) -> str:
    """A quantity that is no more than `number`, in milli-cores or mebibytes."""
    if resource == "cpu":
        return f"{max(floor(round(number * 1000, 6)), 1)}m"
    return f"{max(floor(number / _MEBI), 1)}Mi"


def _at_least(number: float, resource: str) -> str:
    """A quantity that is no less than `number`."""
    return f"{ceil(round(number * 1000, 6))}m" if resource == "cpu" else f"{ceil(number / _MEBI)}Mi"


def _texts(container: Container) -> Iterator[str]:
    for key in ("command", "args"):
        yield from (one for one in as_list(container.spec.get(key)) if isinstance(one, str))
    for entry in map(as_mapping, as_list(container.spec.get("env"))):
        value = entry.get("value")
        yield f"{entry.get('name')} {value if isinstance(value, str) else ''}"


def _heap(container: Container) -> float | None:
    """The largest -Xmx that the manifest gives, in bytes."""
    found = [
        float(number) * _HEAP_UNITS[unit.lower()]
        for text in _texts(container)
        for number, unit in _HEAP.findall(text)
    ]
    return max(found, default=None)


def _hints(container: Container, facts: ImageFacts | None, heap: float | None) -> Iterator[str]:
    """How a runtime fits itself into the limit."""
    is_jvm = (facts is not None and facts.size in ("jvm", "search")) or any(
        _JVM.search(text) for text in _texts(container)
    )
    if is_jvm and heap is None:
        yield (
            "a JVM takes a quarter of the limit for its heap: -XX:MaxRAMPercentage=75 in "
            "JAVA_TOOL_OPTIONS lets it take more"
        )
    if facts is not None and facts.size in ("controller", "obs", "tsdb") and heap is None:
        yield "a Go program keeps below the limit if GOMEMLIMIT is set to nine tenths of it"
