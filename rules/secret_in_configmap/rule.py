"""Secrets in the data of a ConfigMap: single values, and lines of the files it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.rule import Context, Object, Violation, secret


def check(configmap: Object, context: Context) -> Iterator[Violation]:
    """One violation an entry, for its worst secret; a file's line is named, never its text."""
    data = configmap.own("data")
    for key, value in data.items() if isinstance(data, Mapping) else ():
        if not isinstance(value, str):
            continue
        name = str(key)
        found = secret.in_entry(name, value)
        if found is None or secret.is_allowed(name, context.options.get("allow", ())):
            continue
        line = f", line {found.at}" if "\n" in value.strip() else ""
        yield Violation(
            f"data[{name}]",
            f"ConfigMap {configmap.name!r} holds a secret in clear text in {name!r}{line}: "
            f"{found.verdict.reason}",
            severity="medium" if found.verdict.kind == "likely" else None,
        )
