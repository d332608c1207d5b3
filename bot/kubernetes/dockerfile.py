"""Dockerfiles, as far as they tell how their image runs; a line of one is never carried out.

The grammar is that of docs.docker.com/reference/dockerfile: escape directive, continued lines,
here-documents, stages, ARG with defaults.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import field, replace

from bot.frozen import frozen
from bot.kubernetes.config_facts import user_of
from bot.kubernetes.image_facts import User
from bot.model.image_config import ImageConfig

_ESCAPE = re.compile(r"#\s*escape\s*=\s*`", re.IGNORECASE)
_HEREDOC = re.compile(r"<<-?\s*[\"']?([A-Za-z_][A-Za-z0-9_]*)[\"']?")
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?[-+]([^}]*))?\}|(\w+))")
_ADDED = re.compile(
    r"\b(?:useradd|adduser)\b(?P<before>[^&|;]*?)\s(?:-u|--uid)[ =](?P<uid>\d{1,10})"
    r"(?P<after>[^&|;]*)"
)
_SETCAP = re.compile(r"\bsetcap\s+['\"]?(cap_[a-z_,]+)", re.IGNORECASE)
_STEP_DOWN = re.compile(r"\b(gosu|su-exec|setpriv|runuser)\b")
_WITH_HEREDOC = ("RUN", "COPY", "ADD")
_LONGEST = 200_000


@frozen
class BuildStage:
    """What the last stage of a Dockerfile says; `base` is the image that it starts from.

    `user` is None where it keeps the user of its base. `capabilities` are those that it puts on
    files; `is_opaque`: something in it depends on what is known only when it is built.
    """

    base: str
    user: User | None = None
    config: ImageConfig = field(default_factory=ImageConfig)
    capabilities: tuple[str, ...] = ()
    step_down: str | None = None
    accounts: tuple[tuple[str, int], ...] = ()
    is_opaque: bool = False


def parse(text: str, target: str | None = None) -> BuildStage | None:
    """The last stage of a Dockerfile, or `target`, with what it has from its own stages.

    None where there is no such stage, or the text is longer than any Dockerfile.
    """
    stages: dict[str, BuildStage] = {}
    arguments: dict[str, str] = {}
    scope = arguments
    name = ""
    for word, rest in _instructions(text[:_LONGEST]):
        if word == "FROM":
            name, stages[name] = _begin(rest, arguments, stages)
            scope = dict(arguments)
        elif word in ("ARG", "ENV"):
            _assign(scope, rest)
        elif name:
            stages[name] = _carry_out(stages[name], word, rest, scope)
    return stages.get(name if target is None else target.lower())


def _begin(
    rest: str, arguments: Mapping[str, str], stages: Mapping[str, BuildStage]
) -> tuple[str, BuildStage]:
    """A stage with its name; without one it is called by its number."""
    words = [word for word in rest.split() if not word.startswith("--")]
    image = _filled(words[0], arguments) if words else ""
    has_name = len(words) == 3 and words[1].upper() == "AS"
    known = stages.get(image.lower())
    stage = known or BuildStage(base=image, is_opaque="$" in image)
    return words[2].lower() if has_name else str(len(stages)), stage


def _carry_out(stage: BuildStage, word: str, rest: str, scope: Mapping[str, str]) -> BuildStage:
    if word == "USER":
        user = user_of(_filled(rest.strip(), scope))
        uid = dict(stage.accounts).get(user.name, user.uid) if user.name else user.uid
        opaque = user.name is not None and "$" in user.name
        return replace(stage, user=replace(user, uid=uid), is_opaque=stage.is_opaque or opaque)
    if word == "RUN":
        return _run(stage, rest, scope)
    return replace(stage, config=_configured(stage.config, word, _filled(rest, scope)))


def _configured(config: ImageConfig, word: str, rest: str) -> ImageConfig:
    if word == "EXPOSE":
        return replace(config, ports=(*config.ports, *rest.split()))
    if word == "VOLUME":
        return replace(config, volumes=(*config.volumes, *_listed(rest)))
    if word == "ENTRYPOINT":
        return replace(config, entrypoint=_listed(rest))
    return config


def _run(stage: BuildStage, rest: str, scope: Mapping[str, str]) -> BuildStage:
    """What a RUN tells: accounts with their numbers, capabilities on files, tools to leave root."""
    text = _filled(rest, scope)
    added = [
        name.upper().removeprefix("CAP_")
        for found in _SETCAP.findall(text)
        for name in found.split(",")
    ]
    tool = _STEP_DOWN.search(text)
    return replace(
        stage,
        accounts=(*stage.accounts, *_accounts(text)),
        capabilities=tuple(dict.fromkeys([*stage.capabilities, *added])),
        step_down=tool[1] if tool else stage.step_down,
    )


def _accounts(text: str) -> Iterator[tuple[str, int]]:
    """The accounts that useradd and adduser make under a number of their own: the last word."""
    for match in _ADDED.finditer(text):
        words = f"{match['before']} {match['after']}".split()
        names = [word for word in words if not word.startswith("-")]
        if names:
            yield names[-1], int(match["uid"])


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    """Each instruction in capitals, with the rest of its lines."""
    lines = iter(text.splitlines())
    escape = "`" if _ESCAPE.match(text) else "\\"
    for line in lines:
        whole = _whole(line.strip(), lines, escape)
        if whole and not whole.startswith("#"):
            word, _, rest = whole.partition(" ")
            here = _HEREDOC.findall(rest) if word.upper() in _WITH_HEREDOC else []
            for end in here:
                rest = " ; ".join([rest, *_until(end, lines)])
            yield word.upper(), rest.strip()


def _whole(line: str, lines: Iterator[str], escape: str) -> str:
    """A line with those that it is continued by; comments between them do not count."""
    if line.startswith("#"):
        return ""
    parts = [line]
    while parts[-1].endswith(escape):
        parts[-1] = parts[-1][:-1]
        following = next((one.strip() for one in lines if not one.strip().startswith("#")), "")
        parts.append(following)
    return " ".join(parts)


def _until(end: str, lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line.strip() == end:
            return
        yield line.strip()


def _assign(scope: dict[str, str], rest: str) -> None:
    """ARG name=default, ENV name=value, ENV name value."""
    if "=" not in rest:
        name, _, value = rest.partition(" ")
        if value:
            scope[name] = value.strip()
        return
    for part in rest.split():
        name, equals, value = part.partition("=")
        if equals:
            scope[name] = _filled(value.strip("\"'"), scope)


def _filled(text: str, scope: Mapping[str, str]) -> str:
    """Variables with what is known of them; the others stay."""

    def value(match: re.Match[str]) -> str:
        known = scope.get(match[1] or match[3])
        return known or match[2] or match[0]

    return _VARIABLE.sub(value, text)


def _listed(rest: str) -> tuple[str, ...]:
    """The exec form's items, else the words."""
    if rest.startswith("["):
        try:
            return tuple(map(str, json.loads(rest)))
        except ValueError:
            return ()
    return tuple(rest.split())
