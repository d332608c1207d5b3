"""Secret manifests whose values stand in the repository; base64 hides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.rule import Context, Object, Violation, secret


def check(manifest: Object, context: Context) -> Iterator[Violation]:
    """One violation a key; what SOPS has encrypted, and what Helm stores, is left alone."""
    if manifest.group or "sops" in manifest.spec or _is_of_helm(manifest):
        return
    for field, encoded in (("data", True), ("stringData", False)):
        data = manifest.own(field)
        for key, value in data.items() if isinstance(data, Mapping) else ():
            name = str(key)
            if isinstance(value, bool) or not isinstance(value, (str, int)):
                continue
            verdict = secret.in_secret(name, str(value), encoded=encoded)
            if verdict and not secret.is_allowed(name, context.options.get("allow", ())):
                yield Violation(
                    f"{field}[{name}]",
                    f"Secret {manifest.name!r} is committed with the value of {name!r}: "
                    f"{verdict.reason}",
                    severity="medium" if verdict.kind == "likely" else None,
                )


def _is_of_helm(manifest: Object) -> bool:
    return str(manifest.own("type") or "").startswith("helm.sh/")
