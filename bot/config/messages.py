"""What is wrong with a config, in words: the place, what was expected, and what may be meant."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from bot.config.layer import Problem
from bot.yamlpatch import Node, Path, Stream

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}
_SHOWN = 40


def problems(value: Any, schema: dict[str, Any], stream: Stream) -> list[Problem]:
    """Everything that is wrong, by line. Empty where the config is right."""
    import jsonschema_rs  # noqa: PLC0415  # compiled: a right config costs next to nothing

    found = list(_duplicates(stream))
    if not jsonschema_rs.validator_for(schema).is_valid(value):
        import jsonschema  # noqa: PLC0415  # 0.1 s that only a wrong config pays

        for error in jsonschema.Draft202012Validator(schema).iter_errors(value):
            found += _explained(error, stream)
    return sorted(set(found))


def _duplicates(stream: Stream) -> Iterator[Problem]:
    """Keys that are given twice: YAML readers do not agree on which one counts."""
    root = stream.documents[0].root
    todo: list[Node] = [root] if root is not None else []
    while todo:
        node = todo.pop()
        todo += [*node.items, *(value for _, value in node.pairs)]
        seen: set[str] = set()
        for key, _ in node.pairs:
            if key.text in seen:
                yield stream.line_of(key.start), f"{key.text}: is given twice"
            seen.add(key.text)


def _explained(error: Any, stream: Stream) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        for name in sorted(set(error.instance) - set(known)):
            yield _line(stream, (*path, name)), f"{_name((*path, name))}: {_unknown(name, known)}"
        return
    if error.validator == "anyOf":
        nearest = _nearest(error)
        if nearest is not None:
            yield from _explained(nearest, stream)
            return
    yield _line(stream, path), f"{_name(path)}: {_expected(error)}"


def _nearest(error: Any) -> Any:
    """The error of the alternative that was meant: that of the same type."""
    inner = [e for e in error.context if e.validator not in ("type", "enum", "const")]
    deeper = [e for e in error.context if len(e.relative_path) > 0]
    return next(iter([*deeper, *inner]), None)


def _line(stream: Stream, path: Path) -> int:
    key = stream.key_node(0, path)
    node = key if key is not None else stream.find(0, path)[0]
    return stream.line_of(node.start)


def _name(path: Path) -> str:
    return ".".join(map(str, path)) or "the file"


def _unknown(name: str, known: Sequence[str]) -> str:
    if name == "enforced":
        return "only the config of an operator or an organisation may enforce rules"
    if name == "rollout":
        return "only an operator's config may say how far podsec goes"
    guess = difflib.get_close_matches(name, known, 1)
    if guess:
        return f"unknown key; did you mean {guess[0]!r}?"
    return f"unknown key; expected one of {', '.join(known)}"


def _expected(error: Any) -> str:
    keyword, wanted, got = error.validator, error.validator_value, error.instance
    if keyword == "required":
        missing = [name for name in wanted if name not in got]
        return f"needs {_listed(missing, 'and')}"
    if keyword in ("enum", "const"):
        choices = [wanted] if keyword == "const" else wanted
        return f"expected {_choices(choices)}, not {_shown(got)}{_meant(got, choices)}"
    if keyword == "anyOf":
        return f"expected {_alternatives(wanted)}, not {_shown(got)}{_meant(got, _words(wanted))}"
    if keyword == "type":
        return f"expected {_TYPES.get(str(wanted), str(wanted))}, not {_shown(got)}"
    if keyword == "pattern":
        examples = error.schema.get("examples", [])
        like = f" such as {_listed([_shown(e) for e in examples], 'or')}" if examples else ""
        return f"expected text{like}, not {_shown(got)}"
    return _bound(keyword, wanted, got)


def _bound(keyword: str, wanted: Any, got: Any) -> str:
    if keyword == "minimum":
        return f"expected a number from {wanted} on, not {_shown(got)}"
    if keyword == "maximum":
        return f"expected a number up to {wanted}, not {_shown(got)}"
    return f"expected more than {_shown(got)}"


def _alternatives(schemas: Sequence[dict[str, Any]]) -> str:
    parts = []
    for schema in schemas:
        words = _words([schema])
        parts.append(_choices(words) if words else _TYPES.get(schema.get("type", ""), "a value"))
    return _listed(parts, "or")


def _words(schemas: Sequence[dict[str, Any]]) -> list[Any]:
    return [
        word
        for schema in schemas
        for word in ([schema["const"]] if "const" in schema else schema.get("enum", []))
    ]


def _choices(choices: Sequence[Any]) -> str:
    """The words; `on` and `off` are read as true and false, so these need no mention."""
    spoken = [word for word in choices if isinstance(word, str)]
    return _listed([repr(word) for word in spoken], "or")


def _meant(got: Any, choices: Sequence[Any]) -> str:
    spoken = [word for word in choices if isinstance(word, str)]
    guess = difflib.get_close_matches(got, spoken, 1) if isinstance(got, str) else []
    return f"; did you mean {guess[0]!r}?" if guess else ""


def _listed(words: Sequence[str], last: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def _shown(value: Any) -> str:
    """A value as people write it, cut where it is long."""
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN else value[:_SHOWN] + "…")
    if isinstance(value, dict | list):
        return _TYPES["object" if isinstance(value, dict) else "array"]
    return "nothing" if value is None else json.dumps(value)
