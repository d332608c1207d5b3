"""Secrets in the texts and maps that manifests carry: ConfigMap entries, Secret entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from bot.kubernetes import secret_value as looks
from bot.kubernetes.secret import NONE, Found, Kind, Verdict, may_hold, mentions
from bot.kubernetes.secret_form import MAX_LENGTH, decoded_text, private_keys
from bot.kubernetes.secret_judge import LONGEST, by_form, judge, judged
from bot.kubernetes.secret_name import Promise, points, promise
from bot.kubernetes.secret_text import assignments

# programs: what is written there as a string is a secret only if it looks like nothing else
_CODE = (
    ".py .js .mjs .ts .go .java .kt .rb .pl .php .lua .cs .rs .c .h .cpp .groovy .scala .r .html "
    ".css .scss .md .rst .tmpl .tpl .gotmpl .j2 .erb .jsonnet .libsonnet .rego .cue .proto .awk"
)
_CODE_SUFFIXES = tuple(_CODE.split())
_KEYS = 20
"""Private keys of one text that are told apart."""
_KEY_STORES = (".jks", ".p12", ".pfx", ".keystore", ".keytab", ".bcfks")


def of_entry(key: str, value: str) -> Found | None:
    """The worst secret of an entry of a ConfigMap: a single value, or a whole file."""
    text = value.strip()
    if "\n" not in text:
        verdict = judge(key, text)
        if verdict:
            return Found(1, verdict)
    return worst(scan(value, code=key.lower().endswith(_CODE_SUFFIXES)))


def worst(found: Iterator[Found]) -> Found | None:
    """The first certain one, else the first."""
    first = None
    for one in found:
        if one.verdict.kind == "certain":
            return one
        first = first or one
    return first


def scan(text: str, *, code: bool = False) -> Iterator[Found]:
    """The secrets of a text, line by line; of a program only those that are certain."""
    for match in islice(private_keys(text), _KEYS):
        kind: Kind = "certain" if match.certain else "likely"
        reason = f"{match.reason} by its form"
        verdict = Verdict(kind=kind, reason=reason, part="part", start=match.start, end=match.end)
        yield Found(text.count("\n", 0, match.start) + 1, verdict)
    for number, line in enumerate(text.split("\n"), 1):
        verdict = _of_line(line[:MAX_LENGTH], code)
        if verdict:
            yield Found(number, verdict)


def _of_line(line: str, code: bool) -> Verdict:
    if len(line) < 8 or "PRIVATE KEY" in line or not may_hold(line):
        return NONE
    found = by_form(line)
    if found or not mentions(line):
        return found
    for one in assignments(line):
        verdict = judged(one.name, one.value)
        if verdict and (not code or (one.quoted and verdict.kind == "certain")):
            return verdict
    return NONE


def of_secret(key: str, value: str, *, encoded: bool) -> Verdict:
    """Whether an entry of a Secret is real: neither empty, a reference nor a placeholder.

    What stands in a Secret is meant to be one, so that a name need not promise it; but users, hosts
    and certificates are kept there too.
    """
    text = value.strip()
    if len(text) < 2 or _stands_for_another(text):
        return NONE
    if not encoded:
        return _of_text(key, text)
    plain = decoded_text(text)
    return _of_binary(key, value) if plain is None else _of_text(key, plain.strip())


def _stands_for_another(text: str) -> bool:
    short = len(text) <= LONGEST
    return short and (looks.is_reference(text) or looks.is_instruction(text))


def _of_binary(key: str, value: str) -> Verdict:
    if not key.lower().endswith(_KEY_STORES):
        return NONE
    return Verdict(kind="likely", reason="a key store by its name", end=len(value))


def _of_text(key: str, text: str) -> Verdict:
    if "\n" in text:
        found = worst(scan(text))
        return found.verdict if found else NONE
    formed = by_form(text)
    if formed or not 2 <= len(text) <= LONGEST:
        return formed
    if looks.is_reference(text) or looks.is_placeholder(text):
        return NONE
    verdict = judge(key, text)
    if verdict.kind == "likely" and looks.is_opaque(text) and not looks.is_uuid(text):
        return replace(verdict, kind="certain")
    if verdict or points(key) or looks.is_plain(text):
        return verdict
    return _unnamed(key, text)


def _unnamed(key: str, text: str) -> Verdict:
    expected = promise(key)
    if looks.is_opaque(text) and not looks.is_technical(text) and not looks.is_uuid(text):
        return Verdict(kind="likely", reason="a value that looks random", end=len(text))
    if expected in (Promise.WEAK, Promise.OBJECT) and not looks.is_technical(text):
        return Verdict(kind="likely", reason="a secret by its name", end=len(text))
    return NONE
