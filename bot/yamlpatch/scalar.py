"""Scalars as Kubernetes reads them (sigs.k8s.io/yaml), and what every reader takes for a string."""

from __future__ import annotations

import json
import re

_TRUE = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"})
_FALSE = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"})
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")
_INTEGRAL = 1e15

# every spelling that any of YAML 1.1, YAML 1.2, go-yaml or JSON would not read as a string
_NOT_A_STRING = re.compile(
    r"^(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|y|Y|yes|Yes|YES|n|N|no|No|NO|"
    r"on|On|ON|off|Off|OFF|=|<<|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|"
    r"[-+]?[0-9][0-9_,.:eExXoObBa-fA-F+-]*|[-+]?\.[0-9][0-9_eE+-]*|"
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*)$"
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_INDICATORS = "-?:,[]{}#&*!|>'\"%@`"


def scalar(text: str, *, plain: bool) -> bool | int | float | str | None:
    """The value of a scalar as kubectl reads it; `plain` is false for quoted and block scalars."""
    if not plain:
        return text
    if text in NULLS:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if text[0] in "0123456789+-.":
        return _number(text)
    return text


def _number(text: str) -> int | float | str:
    digits = text.replace("_", "")
    unsigned = digits.lstrip("+-")
    try:
        if len(unsigned) > 1 and unsigned[0] == "0" and unsigned[1].isdigit():
            return int(digits, 8)
        return int(digits, 0)
    except ValueError:
        pass
    if not _FLOAT.match(digits):
        return text
    value = float(digits)
    return int(value) if value.is_integer() and abs(value) < _INTEGRAL else value


def is_string(text: str) -> bool:
    """Whether every reader takes the plain scalar `text` for a string."""
    return text != "" and not _NOT_A_STRING.match(text)


def _plain_safe(text: str, *, flow: bool) -> bool:
    if text != text.strip() or not is_string(text) or _CONTROL.search(text):
        return False
    if text[0] in _INDICATORS and not (text[0] == "-" and len(text) > 1 and text[1] not in " -"):
        return False
    if text.startswith(("---", "...")) or ": " in text or " #" in text or text.endswith(":"):
        return False
    return not (flow and re.search(r"[,\[\]{}:]", text))


def _json(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\x7f").replace("\x85", "\\N")
    return quoted.replace("\u2028", "\\L").replace("\u2029", "\\P")


def write(
    value: object,
    *,
    quote: str = "",
    fallback: str = '"',
    flow: bool = False,
    in_json: bool = False,
) -> str:
    """The text of a scalar: strings in the siblings' `quote` ("" is plain), JSON where asked."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    if in_json:
        return json.dumps(text, ensure_ascii=False)
    if not quote and _plain_safe(text, flow=flow):
        return text
    if (quote or fallback) == "'" and not _CONTROL.search(text):
        return "'" + text.replace("'", "''") + "'"
    return _json(text)
