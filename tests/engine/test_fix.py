"""Fixes that are proved, those that are dropped and why, and those that rest on others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from bot.config import DEFAULT
from bot.engine.check import check
from bot.engine.fix import Fixed, fix_file
from bot.engine.read import load
from bot.rule.load import Rules, load_rules
from bot.rule.rule import (
    AppendField,
    Context,
    FieldPatch,
    FixMeta,
    Rule,
    RuleFix,
    SetField,
    Violation,
)

POD = b"""\
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  containers:
  - name: app
    image: shop:1
"""


def wants(
    name: str,
    field: str,
    value: Any,
    *patches: FieldPatch,
    severity: Callable[[Any], str] | None = None,
) -> Rule:
    """A rule that wants a field of a container to have a value, with a fix of its own."""

    def check_(container: Any, _: Context) -> Iterator[Violation]:
        found = container.own(field)
        if found != value:
            how_bad: Any = severity(found) if severity else None
            yield Violation(field, f"{field} is not {value!r}", severity=how_bad)

    def fix(*_: Any) -> RuleFix:
        return RuleFix(patches=patches or (SetField(field=field, value=value),))

    return Rule(
        id=name,
        summary=name,
        severity="high",
        profile="podsec",
        applies_to="container",
        check=check_,
        since="0.1.0",
        fix_meta=FixMeta(title=name, applicability="safe"),
        fix=fix,
        folder=name,
    )


def fixed(data: bytes, *rules: Rule, unsafe: bool = False) -> Fixed:
    loaded = Rules(tuple(rules))
    manifests, skipped = load("pod.yaml", data)
    assert skipped == ()
    findings = check(manifests, loaded, DEFAULT)
    return fix_file("pod.yaml", data, findings, loaded, DEFAULT, unsafe=unsafe)


def left(result: Fixed) -> dict[str, str]:
    return {finding.rule: reason for finding, reason in result.left}


def applied(result: Fixed) -> list[str]:
    return [finding.rule for finding in result.applied]


STDIN = wants("no-stdin", "stdin", False)
TTY = wants("no-tty", "tty", False)


def test_what_is_proved_is_applied() -> None:
    result = fixed(POD, STDIN, TTY)
    assert applied(result) == ["no-stdin", "no-tty"]
    assert result.data == POD + b"    stdin: false\n    tty: false\n"
    assert (result.left, result.lessened, result.rests) == ((), (), ())


def test_a_fix_after_which_the_finding_remains_is_dropped_with_the_reason() -> None:
    useless = wants("useless", "workingDir", "/x", SetField(field="stdin", value=True))
    result = fixed(POD, useless, TTY)
    assert applied(result) == ["no-tty"]
    assert left(result) == {"useless": "not fixed: the finding 'useless' would remain"}
    assert b"stdin" not in result.data


def test_a_fix_that_brings_a_new_finding_is_dropped_with_the_reason() -> None:
    breaks = wants("breaks", "workingDir", "/x", SetField(field="workingDir", value="/x"))
    breaks_more = wants(
        "breaks-more",
        "stdin",
        True,
        SetField(field="stdin", value=True),
        SetField(field="tty", value=True),
    )
    quiet = wants("no-tty", "tty", None)
    result = fixed(POD, breaks, breaks_more, quiet)
    assert applied(result) == ["breaks"]
    assert left(result) == {"breaks-more": "not fixed: it would bring a new finding: no-tty"}


def test_a_fix_that_the_api_server_would_reject_is_dropped_with_the_reason() -> None:
    data = POD + b"    securityContext:\n      privileged: true\n"
    field = "securityContext.allowPrivilegeEscalation"
    result = fixed(data, wants("escalation", field, False), TTY)
    assert applied(result) == ["no-tty"]
    assert "the API server would reject it" in left(result)["escalation"]
    assert "privileged" in left(result)["escalation"]


def test_what_was_rejected_before_is_no_reason_to_drop_a_fix() -> None:
    data = POD + b"    securityContext: {privileged: true, allowPrivilegeEscalation: false}\n"
    assert applied(fixed(data, TTY)) == ["no-tty"]


def test_a_finding_that_is_less_afterwards_is_said_to_be() -> None:
    def how_bad(found: Any) -> str:
        return "low" if found == 1000 else "critical"

    half = wants(
        "user",
        "securityContext.runAsUser",
        2000,
        SetField(field="securityContext.runAsUser", value=1000),
        severity=how_bad,
    )
    result = fixed(POD, half)
    assert applied(result) == ["user"]
    ((before, after),) = result.lessened
    assert (before.severity, after.severity) == ("critical", "low")
    assert b"runAsUser: 1000" in result.data


def test_an_edit_that_is_refused_stops_no_other() -> None:
    data = POD.replace(b"image: shop:1", b"image: shop:1\n    securityContext: &c {}")
    data += b"  - name: other\n    image: shop:1\n    securityContext: *c\n"
    shared = wants("shared", "securityContext.privileged", False)
    result = fixed(data, shared, STDIN, TTY)
    assert sorted(applied(result)) == ["no-stdin", "no-stdin", "no-tty", "no-tty"]
    assert all("alias" in why or "anchor" in why for why in left(result).values())
    assert len(result.left) == 2


def test_a_broken_fix_is_found_among_many_with_few_judgements() -> None:
    judged = 0
    good = [wants(f"want-{i}", f"env{i}", "x") for i in range(31)]
    bad = wants("bad", "bad", True, SetField(field="unlike", value=True))

    def counting(container: Any, context: Context) -> Iterator[Violation]:
        nonlocal judged
        judged += 1
        yield from ()

    watch = replace(wants("watch", "watch", None), check=counting)
    result = fixed(POD, *good[:15], bad, *good[15:], watch)
    assert len(result.applied) == 31
    assert list(left(result)) == ["bad"]
    assert judged <= 16  # 33 one by one


def test_a_file_whose_fixes_are_sound_is_judged_once_more() -> None:
    judged: list[str] = []

    def counting(container: Any, context: Context) -> Iterator[Violation]:
        judged.append(container.name)
        yield from ()

    watch = replace(wants("watch", "watch", None), check=counting)
    fixed(POD, STDIN, TTY, watch)
    assert judged == ["app", "app"]  # the finding, and the proof


REAL = load_rules()


def really(data: bytes, *, unsafe: bool) -> Fixed:
    manifests, _ = load("pod.yaml", data)
    findings = check(manifests, REAL, DEFAULT)
    return fix_file("pod.yaml", data, findings, REAL, DEFAULT, unsafe=unsafe)


def rests(result: Fixed) -> dict[str, set[str]]:
    return {one.finding.rule: {other.rule for other in one.on} for one in result.rests}


def test_fixes_that_only_add_rest_on_nothing() -> None:
    assert really(POD, unsafe=True).rests == ()


def test_a_fix_that_another_makes_possible_rests_on_it() -> None:
    free = wants("free", "securityContext.privileged", False)
    forbid = wants("forbid", "securityContext.allowPrivilegeEscalation", False)
    data = POD + b"    securityContext:\n      privileged: true\n"
    result = fixed(data, free, forbid, TTY)
    assert sorted(applied(result)) == ["forbid", "free", "no-tty"]
    assert rests(result) == {"forbid": {"free"}}


def test_a_fix_of_a_later_round_rests_on_what_came_before() -> None:
    first = wants("first", "stdin", True)

    def check_(container: Any, _: Context) -> Iterator[Violation]:
        if container.own("tty") is not True:
            yield Violation("tty", "tty")

    def fix(container: Any, *_: Any) -> RuleFix | None:
        if container.own("stdin") is True:
            return RuleFix(patches=(SetField(field="tty", value=True),))
        return None

    second = replace(TTY, id="second", check=check_, fix=fix)
    result = fixed(POD, second, first, STDERR)
    assert applied(result) == ["first", "quiet", "second"]
    assert rests(result) == {"second": {"first"}}


STDERR = wants("quiet", "terminationMessagePolicy", "File")


def test_fixing_again_changes_nothing() -> None:
    once = really(POD, unsafe=True)
    again = really(once.data, unsafe=True)
    assert once.applied
    assert (again.applied, again.data) == ((), once.data)


def test_a_file_that_cannot_be_read_is_left_as_it_is() -> None:
    broken = b"a: [\n"
    result = fix_file("x.yaml", broken, (), REAL, DEFAULT, unsafe=True)
    assert (result.data, result.applied, result.left) == (broken, (), ())


def test_equal_fixes_of_several_containers_are_one_edit() -> None:
    data = POD + b"  - name: other\n    image: shop:1\n"
    shared = wants(
        "shared",
        "x",
        1,
        SetField(field="hostNetwork", value=False, target="pod"),
        SetField(field="x", value=1),
    )
    result = fixed(data, shared)
    assert applied(result) == ["shared", "shared"]
    assert result.data.count(b"hostNetwork") == 1


def test_items_of_several_fixes_make_one_list() -> None:
    one = wants("one", "args", ["a", "b"], AppendField(field="args", value="a"))
    two = wants("two", "args", ["a", "b"], AppendField(field="args", value="b"))
    assert b"    args:\n    - a\n    - b\n" in fixed(POD, one, two).data
