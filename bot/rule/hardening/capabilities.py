"""Which Linux capabilities a container keeps when it drops the rest."""

from __future__ import annotations

from bot.kubernetes import command
from bot.kubernetes.image_facts import Capabilities, Fact, ImageFacts
from bot.kubernetes.workload import Container, as_list
from bot.rule.hardening.decision import Decision, Draft, advise
from bot.rule.rule import AppendField

ESCALATION = "securityContext.allowPrivilegeEscalation"
DROP = "securityContext.capabilities.drop"
ADD = "securityContext.capabilities.add"
USER = "securityContext.runAsUser"
NONROOT = "securityContext.runAsNonRoot"
# the one that the restricted profile lets a container add
_ALLOWED = frozenset({"NET_BIND_SERVICE"})


def forbid_escalation(container: Container, facts: ImageFacts | None) -> Decision:
    """Forbid programs to gain privileges: set-user-ID programs and file capabilities do nothing.

    The kernel lets file capabilities count still where the process has them already: so where the
    runtime starts the program, not where a shell does.
    """
    draft = Draft(basis=["the manifest: nothing in it gains privileges"])
    draft.put(ESCALATION, False)
    if container.own(ESCALATION) is not None:
        draft.doubt("it changes an explicit value")
    if words := command.of_setuid(container):
        draft.doubt(f"its command line says {words[0]!r}, which gains privileges to do its work")
    known = facts.capabilities if facts else None
    if known is not None and known.value.of_files and command.is_started_by_shell(container):
        draft.doubt("a shell starts the program, whose file capabilities are lost then")
    return draft.done()


def choose(container: Container, facts: ImageFacts | None, user: Decision) -> Decision:
    """Drop ALL, and add back what its program cannot start without.

    `user` is what makes the container another's than root: without it, an entrypoint of root's
    that changes owners or users would fail.
    """
    known = facts.capabilities if facts else None
    if known is not None and (more := set(known.value.of_files) - _ALLOWED):
        names = ", ".join(sorted(more))
        return advise(f"its image needs {names} ({known.source.text}): drop ALL, add that back")
    simple = command.harmless(container)
    if simple is not None and facts is not None and facts.is_base:
        return Decision(
            patches=(AppendField(field=DROP, value="ALL"),),
            basis=(f"its command line, which needs none: {simple!r}",),
        )
    draft = Draft()
    draft.add(DROP, "ALL")
    added = as_list(container.own(ADD))
    if added:
        draft.doubt(f"it adds {', '.join(map(str, added))}: what else it needs is not known")
    if container.security.get("privileged") is True:
        draft.doubt("it is privileged: what it does to the node may need them")
    if words := command.of_setuid(container):
        draft.doubt(f"its command line says {words[0]!r}, which needs a capability")
    if known is None:
        draft.doubt(
            "entrypoints that change users or owners, ports below 1024 and programs with file "
            "capabilities need some of them; nothing is known of the image"
        )
        return _as_user(container, facts, draft, user)
    _of_files(container, known, draft)
    draft.rest_on(known.source, "what the image needs")
    return _as_user(container, facts, draft, user)


def _of_files(container: Container, known: Fact[Capabilities], draft: Draft) -> None:
    """A program with file capabilities does not start where these are out of reach."""
    needed = [name for name in known.value.of_files if name not in as_list(container.own(ADD))]
    for name in needed:
        draft.add(ADD, name)
    if known.value.of_files and command.is_started_by_shell(container):
        draft.doubt("a shell starts the program: its file capabilities are lost on the way")


def _as_user(
    container: Container, facts: ImageFacts | None, draft: Draft, user: Decision
) -> Decision:
    """What is dropped matters to root alone, so first it must be another's."""
    stated = container.field(USER)
    if (isinstance(stated, int) and stated > 0) or container.field(NONROOT) is True:
        return draft.done()
    if facts is None or facts.nonroot is None or facts.is_base:
        if facts is not None and not draft.doubts:
            draft.doubt("it may be root's, and root without capabilities does less")
        return draft.done()
    if facts.user is not None and not facts.user.value.is_root and facts.user.source.sure:
        return draft.done()
    return draft.done().joined(user) if user.advice is None else _stays_root(facts, user.advice)


def _stays_root(facts: ImageFacts, reason: str) -> Decision:
    """What to do where nobody can choose a user yet."""
    known = facts.capabilities.value if facts.capabilities else Capabilities()
    if not known.of_root:
        return advise(f"first give it a user that is not root: {reason}")
    how = f" and steps down by {known.step_down}" if known.step_down else ""
    return advise(
        f"the image {facts.family!r} starts as root{how}: set its user first; while it is root's, "
        f"drop ALL and add {', '.join(known.of_root)}"
    )
