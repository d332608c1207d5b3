"""A root file system that cannot be written to, with volumes where the process writes."""

from __future__ import annotations

from bot.kubernetes import command
from bot.kubernetes.image_facts import Files, ImageFacts, Writable
from bot.kubernetes.mounts import is_within, mounts, writable_mount
from bot.kubernetes.workload import Container
from bot.rule.hardening.decision import Decision, Draft, advise
from bot.rule.hardening.needs import configured, new_volumes
from bot.rule.rule import SetField

FIELD = "securityContext.readOnlyRootFilesystem"
_LIKELY = ("/tmp",)  # noqa: S108  # a path in a container, not here


def choose(container: Container, facts: ImageFacts | None) -> Decision:
    """Only where it is known what is written: else advice that names the likely paths.

    An emptyDir never covers a volume, nor files of the image, nor a path that keeps data.
    """
    simple = command.harmless(container)
    if simple is not None and facts is not None and facts.is_base:
        return _written_by(container, simple)
    known = facts.files if facts else None
    if facts is None or known is None or not known.source.sure:
        return advise(_unknown(facts, known.value if known else None))
    if facts.is_base or known.value.verdict in ("hard", "unknown"):
        return advise(_unknown(facts, known.value))
    if facts.keeps_data and any(one.outlives_pod for one in mounts(container)):
        return advise(f"the image {facts.family!r} keeps data: {_mount(facts)}, and try it")
    draft = Draft()
    draft.put(FIELD, True)
    if container.own(FIELD) is not None:
        draft.doubt("it changes an explicit value")
    draft.rest_on(known.source, "what the image writes")
    if command.replaces_entrypoint(container):
        draft.doubt("its command line is its own, and may write elsewhere")
    configured(container, draft)
    for one in known.value.writable:
        _give(container, one, draft)
    return draft.done()


def _written_by(container: Container, simple: str) -> Decision:
    """For a command line that writes nothing."""
    explicit = ("it changes an explicit value",) if container.own(FIELD) is not None else ()
    return Decision(
        patches=(SetField(field=FIELD, value=True),),
        basis=(f"its command line, which writes nothing: {simple!r}",),
        doubts=explicit,
    )


def _give(container: Container, path: Writable, draft: Draft) -> None:
    """One path: it is a volume already, or becomes one, or cannot."""
    mounted = mounts(container)
    if writable_mount(path.path, mounted) is not None:
        return
    if path.when_mounted is not None and not any(
        is_within(path.when_mounted, one.path) for one in mounted
    ):
        return
    if path.is_data and path.condition is not None:
        draft.doubt(f"it writes to {path.path} if {path.condition}: mount a volume there then")
    elif path.is_data:
        draft.advice = f"it keeps data at {path.path}: mount a volume there first"
    elif path.is_seeded:
        draft.advice = (
            f"the image ships files at {path.path} and writes there: copy them into a volume first"
        )
    else:
        new_volumes(container, [path.path], draft)


def _unknown(facts: ImageFacts | None, files: Files | None) -> str:
    if facts is None or files is None or not files.writable:
        paths = ", ".join(_LIKELY)
        return f"find what it writes (often {paths}), mount an emptyDir there, then set it"
    if files.verdict == "hard":
        return f"the image {facts.family!r} writes where it ships files: {_mount(facts)}"
    return f"{_mount(facts)}, then set it"


def _mount(facts: ImageFacts) -> str:
    """What to mount, in words: the paths, and which of them are not for an emptyDir."""
    files = facts.files.value if facts.files else Files(verdict="unknown")
    words = []
    for one in files.writable:
        kind = " (its data)" if one.is_data else " (with a copy of its files)"
        words.append(one.path + (kind if one.is_data or one.is_seeded else ""))
    return f"mount volumes at {', '.join(words)}"
