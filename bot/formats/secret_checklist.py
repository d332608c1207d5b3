"""What a person does for literals that moved to Secrets: commands that show no value."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence

from bot.formats.markdown import code, fenced
from bot.formats.plain import Shown, visible
from bot.frozen import frozen
from bot.model.move import Moved, Needed

_DRY = " --dry-run=client -o yaml"
_ROTATE = (
    "Replace every value that was moved, where it was issued: the old one stays in the git "
    "history, in forks and caches, and in the removed lines of this change. Put the new one into "
    "the Secret. Rewriting the history helps little"
)


@frozen
class Step:
    """One thing to do, in words, and the commands for it (bash)."""

    text: str
    commands: tuple[str, ...] = ()


def steps(moved: Moved, shown: Shown) -> Iterator[Step]:
    """What to do, in order; nothing where nothing was moved."""
    for needed in moved.needed:
        yield from _of_secret(needed, moved, shown)
    for path in moved.unlisted:
        yield Step(text=f"List {_quoted(shown(path))} where the manifest beside it is listed")
    if moved.needed:
        yield Step(text=_ROTATE)


def to_text(moved: Moved, shown: Shown) -> str:
    """The checklist for a terminal; empty where nothing was moved."""
    lines = ["Before new pods can start:"]
    for number, step in enumerate(steps(moved, shown), 1):
        lines.append(f"{number}. {step.text}{':' if step.commands else '.'}")
        lines += [f"     {command}" for command in step.commands]
    return "\n".join(map(visible, lines)) if len(lines) > 1 else ""


def to_checklist(moved: Moved) -> str:
    """The checklist for a pull request's body, in Markdown."""
    parts: list[str] = []
    for step in steps(moved, lambda path: path):
        parts.append(f"- [ ] {_marked(step.text)}{':' if step.commands else '.'}")
        if step.commands:
            parts += [
                f"  {line}"
                for line in fenced("bash", list(map(visible, step.commands))).split("\n")
            ]
    return "\n".join(parts)


def _of_secret(needed: Needed, moved: Moved, shown: Shown) -> Iterator[Step]:
    name = _quoted(needed.secret)
    where = f" in the namespace {_quoted(needed.namespace)}" if needed.namespace else ""
    if needed.found:
        there = _listed(needed.found)
        yield Step(text=f"Make sure that {there} of the Secret {name}{where} holds the same value")
    keys = tuple(key for key in needed.keys if key not in needed.found)
    if not keys:
        return
    if needed.companion is not None:
        path = _quoted(shown(needed.companion))
        text = f"Put the values of {_listed(keys)} into the store of External Secrets, and replace "
        yield Step(text=text + f"each TODO in {path} by their names there")
        return
    verb = "Add" if needed.is_there else "Create"
    what = (
        f"{_listed(keys)} to the Secret {name}"
        if needed.is_there
        else (f"the Secret {name} with {_listed(keys)}")
    )
    commands = _added(needed, keys) if needed.is_there else _created(needed, keys, moved)
    yield Step(text=f"{verb} {what}{where}; new pods wait for it", commands=tuple(commands))


def _created(needed: Needed, keys: Sequence[str], moved: Moved) -> Iterator[str]:
    """Values are typed without echo, and reach kubectl by a pipe: no argument, no file."""
    asked = [key for key in keys if key not in needed.files]
    create = f"kubectl{_namespace(needed)} create secret generic {shlex.quote(needed.secret)}"
    sources = [
        f" --from-file={shlex.quote(f'{key}=FILE-WITH-{key}')}"
        for key in needed.files
        if key in keys
    ]
    ending = _ending(needed, moved)
    if len(asked) == 1:
        source = f" --from-file={shlex.quote(f'{asked[0]}=/dev/stdin')}"
        yield _read(asked[0], "V")
        yield f'printf %s "$V" | {create}{source}{"".join(sources)}{ending}; unset V'
        return
    names = [f"V{number}" for number in range(1, len(asked) + 1)]
    for key, name in zip(asked, names, strict=True):
        yield _read(key, name)
        sources.append(f' --from-file={shlex.quote(key)}=<(printf %s "${name}")')
    unset = f"; unset {' '.join(names)}" if names else ""
    yield f"{create}{''.join(sources)}{ending}{unset}"


def _ending(needed: Needed, moved: Moved) -> str:
    """Where the repository keeps its secrets encrypted, the file that may be committed."""
    if "sealed-secrets" in moved.practices:
        file = shlex.quote(f"{needed.secret}.sealedsecret.yaml")
        return f"{_DRY} | kubeseal --format yaml > {file}"
    if "sops" in moved.practices:
        file = shlex.quote(f"{needed.secret}.enc.yaml")
        kinds = "--input-type yaml --output-type yaml"
        return f"{_DRY} | sops --encrypt {kinds} --filename-override {file} /dev/stdin > {file}"
    return ""


def _added(needed: Needed, keys: Sequence[str]) -> Iterator[str]:
    """To a Secret that holds other keys: a merge, since `apply` could take those away."""
    name = shlex.quote(needed.secret)
    patch = f"kubectl{_namespace(needed)} patch secret {name} --type=merge --patch-file=/dev/stdin"
    for key in keys:
        form = json.dumps({"data": {key: ""}}).replace("%", "%%").replace('""', '"%s"')
        printed = f"printf {shlex.quote(form)}"
        if key in needed.files:
            file = shlex.quote(f"FILE-WITH-{key}")
            yield f"{printed} \"$(base64 < {file} | tr -d '\\n')\" | {patch}"
        else:
            yield _read(key, "V")
            value = '"$(printf %s "$V" | base64 | tr -d \'\\n\')"'
            yield f"{printed} {value} | {patch}; unset V"


def _read(key: str, variable: str) -> str:
    return f"read -rs -p {shlex.quote(f'{key}: ')} {variable}; echo"


def _namespace(needed: Needed) -> str:
    return f" -n {shlex.quote(needed.namespace)}" if needed.namespace else ""


def _listed(keys: Sequence[str]) -> str:
    noun = "the key" if len(keys) == 1 else "the keys"
    return f"{noun} {', '.join(map(_quoted, keys))}"


def _quoted(name: str) -> str:
    return f"'{visible(name)}'"


def _marked(text: str) -> str:
    """Names in quotes as code spans."""
    parts = text.split("'")
    return "".join(code(part) if number % 2 else part for number, part in enumerate(parts))
