"""Secrets that are known by their form, whatever they are called."""

# ruff: noqa: SIM905  # words read best as text

from __future__ import annotations

import base64
import binascii
import importlib
import inspect
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from bot.frozen import frozen
from bot.kubernetes.secret import has_run
from bot.kubernetes.secret_value import is_instruction, is_invented, is_opaque


@frozen(kw_only=False)
class Match:
    """Where in a value a secret stands, and what it is called; never the secret."""

    reason: str
    start: int
    end: int
    certain: bool = True


# The forms that detect-secrets 1.5 does not know, from the vendors' documentation and gitleaks'
# config (MIT, github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml): words, pattern.
_FORMS: tuple[tuple[str, str], ...] = (
    ("a GitHub token", r"github_pat_\w{30,}"),
    ("a GitLab token", r"gl(?:pat|dt|ft|soat|rt|ptt|agent|oas|imt)-[\w\-.]{20,}"),
    ("a Google API key", r"AIza[\w\-]{35}(?![\w\-])"),
    ("a Google OAuth token", r"ya29\.[\w\-]{20,}|GOCSPX-[\w\-]{20,}"),
    ("an npm token", r"npm_[A-Za-z0-9]{36}"),
    ("a DigitalOcean token", r"do[opr]_v1_[0-9a-f]{64}"),
    ("a Vault token", r"hv[bsr]\.[\w\-]{20,}"),
    ("an Anthropic key", r"sk-ant-[\w\-]{20,}"),
    ("an OpenAI key", r"sk-(?:proj|svcacct|admin)-[\w\-]{20,}"),
    ("a Hugging Face token", r"hf_[A-Za-z0-9]{30,}"),
    ("a Slack token", r"xapp-\d-\w+-[\w\-]{10,}|xox[abeoprs]-[\w\-]{16,}"),
    ("a Shopify token", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    ("a Docker token", r"dckr_(?:pat|oat)_[\w\-]{20,}"),
    ("a RubyGems key", r"rubygems_[0-9a-f]{48}"),
    ("a Grafana token", r"glsa_\w{32,}|glc_[A-Za-z0-9+/=]{32,}"),
    ("a New Relic key", r"NRAK-[A-Z0-9]{27}|[0-9a-f]{36}NRAL"),
    ("an Atlassian token", r"ATATT3[\w\-=]{40,}"),
    ("a Stripe key", r"(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{16,}|whsec_[A-Za-z0-9+/=]{24,}"),
    ("a Linear key", r"lin_api_[A-Za-z0-9]{32,}"),
    ("a Pulumi token", r"pul-[0-9a-f]{40}"),
    ("a Sentry token", r"sntry[su]_[\w\-+/=]{40,}"),
    ("a Tailscale key", r"tskey-[a-z]+-[\w\-]{16,}"),
    ("a Mailgun key", r"(?<![\w\-])key-[0-9a-f]{32}(?![0-9a-f])"),
    ("an age key", r"AGE-SECRET-KEY-1[0-9A-Z]{50,}"),
    ("a Discord webhook", r"discord(?:app)?\.com/api/webhooks/\d+/[\w\-]{30,}"),
    ("a Teams webhook", r"webhook\.office\.com/webhookb2/[\w\-@]{36,}/\w+/\w{32}"),
    ("an Azure storage key", r"(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,}={0,2}"),
    ("an Azure shared access signature", r"[?&;]sig=[A-Za-z0-9%+/]{40,}(?:%3D|=)*"),
)
_OWN = re.compile("|".join(f"(?P<f{i}>{pattern})" for i, (_, pattern) in enumerate(_FORMS)))
# every form that _OWN or detect-secrets know holds one of these; a value without is not looked at
_MARKS = re.compile(
    r"(?:AKIA|ASIA|A3T[A-Z0-9]|ABIA|ACCA)[0-9A-Z]{16}|gh[pousr]_\w{30}|github_pat_|GR1348941|AIza"
    r"|gl(?:pat|dt|ft|soat|rt|cbt|ptt|agent|oas|imt)-|ya29\.|GOCSPX-|npm_[A-Za-z0-9]{36}|_authToken"
    r"|do[opr]_v1_|hv[bsr]\.|(?<![a-z])sk-|T3Blbk|hf_[A-Za-z0-9]{30}|xapp-|xox[a-z]-|hooks\.slack"
    r"|shp(?:at|ca|pa|ss)_|dckr_|rubygems_|glsa_|glc_|NRAK-|NRAL|ATATT3|[rs]k_(?:live|test)_|whsec_"
    r"|lin_api_|pul-[0-9a-f]{40}|sntry[su]_|tskey-|key-[0-9a-f]{32}|AGE-SECRET|discord|AccessKey="
    r"|webhook\.office|AccountKey=|[?&;]sig=|eyJ[\w\-=]{8}|AKC[a-zA-Z0-9]{10}|SG\.[\w\-]{22}|sq0csp"
    r"|pypi-Ag|[0-9a-z]{32}-us\d|(?:SK|AC)[a-z0-9]{32}|\d{8}:[\w\-]{35}|[MNO][\w\-]{23,25}\.[\w\-]{6}\."
)
_PLUGINS = (
    "artifactory aws azure_storage_key discord github_token gitlab_token jwt mailchimp npm openai "
    "pypi_token sendgrid slack square_oauth stripe telegram_token twilio"
).split()
_PRIVATE_KEY = re.compile(
    r"-{4,5}BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-{4,5}(?P<body>[^-]{0,400})"
    r"|PuTTY-User-Key-File-\d"
)
_ENCODED_PEM = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{20,}={0,2}")
_BASIC = re.compile(r"\b(?P<scheme>Basic|Bearer)\s+(?P<token>[\w+/.\-~]{8,}={0,2})", re.IGNORECASE)
_DOCKER_AUTH = re.compile(r'"auth"\s*:\s*"(?P<token>[A-Za-z0-9+/]{8,}={0,2})"')
_HASH = re.compile(
    r"\$(?:2[abxy]?\$\d\d\$|argon2(?:id?|d)\$|[156]\$|apr1\$|pbkdf2[\w\-]*\$)\S{10,}|\{SSHA\}\S{20,}"
)
_ACCESS_KEY_ID = re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}(?![A-Z0-9])")
_SAMPLE = re.compile(r"example|your|dummy|fake|sample|placeholder|x{6,}|change_?me", re.IGNORECASE)
MAX_LENGTH = 8192
"""Characters of one line that are looked at: longer ones are data, not configuration."""


def matches(text: str) -> Iterator[Match]:
    """The secrets of known form in one value or line. Pure; loads detect-secrets when in need."""
    if len(text) > MAX_LENGTH:
        text = text[:MAX_LENGTH]
    yield from private_keys(text)
    if "asic " in text or "earer " in text or '"auth"' in text:
        yield from _headers(text)
    if "$" in text or "{SSHA}" in text:
        for found in _HASH.finditer(text):
            yield Match("the hash of a password", *found.span(), certain=False)
    if (has_run(text) or "sig=" in text) and _MARKS.search(text):
        yield from _tokens(text)


def _tokens(text: str) -> Iterator[Match]:
    for found in _ACCESS_KEY_ID.finditer(text):
        if not is_invented(found.group()):
            yield Match("the id of an AWS access key", *found.span(), certain=False)
    for found in _OWN.finditer(text):
        if _is_real(found.group()):
            reason = _FORMS[int((found.lastgroup or "f0")[1:])][0]
            yield Match(reason, *found.span(), certain="_test_" not in found.group())
    for words, detector in _detectors():
        for found in _of_detector(detector, text):
            if _is_real(found.group()) and not _ACCESS_KEY_ID.fullmatch(found.group()):
                yield Match(words, *found.span())


def _of_detector(detector: Any, text: str) -> Iterator[re.Match[str]]:
    """Where a detector's patterns match, if it holds the text for a secret at all."""
    if any(True for _ in detector.analyze_string(text)):
        for pattern in detector.denylist:
            yield from pattern.finditer(text)


def _is_real(token: str) -> bool:
    return _SAMPLE.search(token) is None and (is_opaque(token) or "://" in token)


@cache
def _detectors() -> tuple[tuple[str, Any], ...]:
    """detect-secrets' own, by what they are called; imported only once a value has a mark.

    Only `analyze_string` is ever called, which is a regular expression: no file, no network; it is
    `analyze_line` that would ask the vendor's servers.
    """
    from detect_secrets.plugins.base import (  # noqa: PLC0415  # 0.2 s, for few files
        RegexBasedDetector,
    )

    found: list[tuple[str, Any]] = []
    for name in _PLUGINS:
        module = importlib.import_module(f"detect_secrets.plugins.{name}")
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, RegexBasedDetector) and kind.__module__ == module.__name__:
                words = str(kind.secret_type)
                article = "an" if words[0] in "AEIO" else "a"
                found.append((f"{article} {words}", kind()))
    return tuple(found)


def private_keys(text: str) -> Iterator[Match]:
    """Keys in PEM, or PEM in base64, also over many lines; one without a body is only likely."""
    plain = "PRIVATE KEY" in text or "PuTTY" in text
    for found in _PRIVATE_KEY.finditer(text) if plain else ():
        body = re.sub(r"\\n|\\r|\s", "", found["body"] or "")
        if not body or is_opaque(body):
            yield Match("a private key", *found.span(), certain=bool(body))
    for found in _ENCODED_PEM.finditer(text) if "LS0tLS1CRUdJTi" in text else ():
        decoded = decoded_text(found.group())
        if decoded is not None and "PRIVATE KEY" in decoded[:80]:
            yield Match("a private key", *found.span())


def _headers(text: str) -> Iterator[Match]:
    """`Basic` and `Bearer` of HTTP, and the `auth` of a registry's configuration."""
    for found in (*_BASIC.finditer(text), *_DOCKER_AUTH.finditer(text)):
        scheme = found.groupdict().get("scheme", "basic").lower()
        token = found["token"]
        pair = decoded_text(token) if scheme == "basic" else None
        if scheme == "bearer" and is_opaque(token) and not is_invented(token):
            yield Match("a bearer token", *found.span("token"))
        elif pair is not None and ":" in pair and not is_instruction(pair.partition(":")[2]):
            yield Match("a user and a password in base64", *found.span("token"))


def decoded_text(encoded: str) -> str | None:
    """Base64 to text, None where it is neither; wrapped lines and missing padding are forgiven."""
    packed = "".join(encoded.split())
    try:
        data = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
        text = data.decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return text if all(char.isprintable() or char in "\r\n\t" for char in text[:512]) else None
