"""What a value looks like on its own: a reference, a placeholder, something plain, or opaque."""

# ruff: noqa: SIM905  # words read best as text

from __future__ import annotations

import math
import re
from itertools import pairwise

# $(VAR) of Kubernetes, ${VAR} of envsubst and Flux, templates of Helm, Jinja, ERB, GitHub, Azure
# DevOps; a shell's $VAR, $(command) and `command`
_HOLES = re.compile(
    r"\$\([^()]*\)|\$\{\{.*?\}\}|\$\{[^{}]*\}|\{\{.*?\}\}|<%.*?%>|#\{[^{}]*\}#?|\[\[.*?\]\]"
    r"|%\([^()]*\)s?|%(?:\[\d+\])?[sdvq]\b|`[^`]*`",
    re.DOTALL,
)
_WHOLE_REFERENCE = re.compile(
    r"\$[A-Za-z_]\w*|%[A-Za-z_]\w*%|__[A-Za-z]\w*__|@[A-Za-z_]\w*@|\{[A-Za-z_][\w.]*\}|\{\d*\}"
    r"|<[^<>\n]+>"
)
# what other tools replace or decrypt before the pod starts: vals, Vault, SOPS, 1Password, Spring,
# Ansible, Azure Key Vault, AWS, Google, argocd-vault-plugin, age and PGP
_STORES = re.compile(
    r"\S+@azurekeyvault|(?:vault|ref|secretref|sops|(?:azure)?keyvault|secretsmanager|"
    r"gcp-?secret-?manager):\S+|(?:ref\+\w+|vault|secret|op|bws|akv|awssm|awsps|gcpsm|sm|ssm|asm|berglas|chamber|kms|file|"
    r"env|k8s|doppler)://\S*|file:/\S*"
    r"|ENC\[.*\]|ENC\(.*\)|\{cipher\}.*|\$ANSIBLE_VAULT;.*|@Microsoft\.KeyVault\(.*\)"
    r"|arn:aws[\w-]*:(?:secretsmanager|ssm|kms):.*|projects/[^/]+/secrets/\S+|<path:.*>"
    r"|-----BEGIN (?:PGP MESSAGE|AGE ENCRYPTED FILE)-----.*",
    re.IGNORECASE | re.DOTALL,
)
# what a reader is told to replace: it works for nobody
_INSTRUCTION = re.compile(
    r"(?:x{3,}|\?+|…|[xX*.\-_#]{3,})|\S*\*{3,}\S*"
    r"|(?:TODO|FIXME)\b.*|TBD|TBC|N/?A|REDACTED|PLACEHOLDER|CENSORED|MASKED|HIDDEN|OMITTED"
    r"|[<\[({][^<>\"':=]*(?:here|your|insert|replace|password|secret|token|key|value)[^<>\"':=]*"
    r"[>\])}]|(?:REPLACE|INSERT|FILL|PUT|ENTER|ADD|PASTE|SET|PROVIDE)[-_ ]?(?:ME|IN|THIS|WITH|HERE"
    r"|YOUR|IT|BY)(?![a-z]).*|(?:INSERT|REPLACE|FILL)_\w+|(?:TO|WILL)[-_ ]BE[-_ ]\w+.*|\w*_VAL",
    re.IGNORECASE,
)
# words by which people mark an invented value
_INVENTED = re.compile(
    r"(?<![a-z])(?:dummy|fake|example|sample|mock|bogus|your|my-?own|placeholder|foo|bar|baz|some|"
    r"test(?:ing)?|demo|invalid|unused|ignored|not?[-_]?(?:a|real|required|needed|used|set|key)|"
    r"redacted|todo|xxx+|replace|insert|here)(?![a-z])|^(?:dummy|fake|your|sample|mock|example)|"
    r"example(?:key)?$|(?<![a-z])my[-_]?(?:own|api|access|secret|token|key|client)",
    re.IGNORECASE,
)
# a vendor's prefix and a slot: `sk-YOURKEY`, `nvapi-KEY`
_SLOT = re.compile(r"[a-z0-9]+[-_][A-Z]{3,}(?:[-_][A-Z]+)*")
_CHANGE = re.compile(r"(?:change|replace)[-_ ]?(?:it|me|this|that)", re.IGNORECASE)
# values that are tried first: the top of every list of default credentials
_DEFAULT = re.compile(
    r"(?:change|replace)[-_ ]?(?:it|me|this|that)|pass(?:word|wd|w0rd)?|p[a@]ss?w[o0]rd|secret|"
    r"admin(?:istrator)?|root|guest|user|test|demo|default|qwerty|letmein|welcome|toor|master|"
    r"abc123|example|dummy|fake|sample|token|key|your|my|db|super|foobared|123456\d*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{1,4}(?!\d)")
_DIGITS = ("1234", "12345", "123456", "12345678", "123456789", "1234567890", "0000", "1111")
_SWITCHES = frozenset(
    "true false yes no on off none null nil undefined enabled disabled enable disable default auto "
    "always never optional required compat files systemd nis sss".split()
)
_KINDS = frozenset(
    "basic bearer jwt oauth oauth2 oidc ldap saml kerberos scram plain md5 sha1 sha256 sha512 "
    "hs256 hs512 rs256 es256 bcrypt argon2 pbkdf2 scrypt vault env file kubernetes aws gcp azure "
    "static dynamic opaque trust any all local external internal production development strict lax "
    "header cookie query".split()
)
_PATH = re.compile(r"(?:\.{0,2}|~|[A-Za-z]:|file:/{0,3})[/\\][\w.@%+$ \\/{}()\-:]*")
_RELATIVE = re.compile(r"[\w.\-]+(?:/[\w.\-]+)+/?(?:#[\w.\-]+)?")
_URL = re.compile(r"[a-z][a-z0-9+.\-]{1,20}:(?://)?[^\s]+", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)+[a-z]{2,}\.?(?::\d+)?", re.IGNORECASE)
_HOST_PORT = re.compile(r"[a-z0-9][a-z0-9.\-]*:\d{1,5}", re.IGNORECASE)
_QUANTITY = re.compile(
    r"[+-]?\d{1,9}(?:\.\d+)?(?:n|u|µ|ms|s|m|h|d|w|y|[KMGTPE]i?B?|b|%)?|(?:\d+[hms])+"
    r"|P(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?",
    re.IGNORECASE,
)
_VERSION = re.compile(r"v?\d+(?:\.\d+){1,3}(?:[-+][\w.]+)?|\d{4}-\d\d-\d\d(?:[T ][\d:.Z+\-]+)?")
_ADDRESS = re.compile(
    r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+|[\da-fA-F]*(?:[:.][\da-fA-F]{0,4}){2,7}(?:/\d+)?"
)
_DOTTED = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+")
_PUBLIC = re.compile(
    r"(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-\S+|sk-ssh-\S+) AAAA.*|age1[0-9a-z]{50,}|SHA256:\S+"
    r"|-----BEGIN (?:CERTIFICATE(?: REQUEST)?|(?:RSA )?PUBLIC KEY|PGP PUBLIC KEY BLOCK)"
    r"-----.*|(?:\S+@)?sha(?:256|512):[0-9a-f]{64,128}|arn:aws.*|/subscriptions/.*",
    re.DOTALL,
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9.\-]*[a-z0-9])?")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-fA-F]+")
_RUN = re.compile(r"[A-Za-z0-9+/=_\-]{12,}")
_CLASSES = (str.islower, str.isupper, str.isdigit)


def is_reference(value: str) -> bool:
    """Whether something else stands for the value: a variable, a template, a secret store."""
    if _WHOLE_REFERENCE.fullmatch(value) or _STORES.fullmatch(value):
        return True
    rest, holes = _HOLES.subn("", value)
    if not holes:
        return value.startswith(("$(", "`", "{{"))
    return not is_opaque(rest)


def is_instruction(value: str) -> bool:
    """Whether it only tells a reader what to put there: `<token>`, `xxx`, `REPLACE_ME`, `TODO`."""
    return _INSTRUCTION.fullmatch(value) is not None or not any(map(str.isalnum, value))


def is_invented(value: str) -> bool:
    """Whether it calls itself an example, which a secret that somebody issues never does."""
    return _INVENTED.search(value) is not None or _SLOT.fullmatch(value) is not None


def is_placeholder(value: str) -> bool:
    """Whether whoever wrote it wants it replaced before use, `changeme` included."""
    return is_instruction(value) or is_invented(value) or _CHANGE.search(value) is not None


def is_default(value: str) -> bool:
    """Whether it is made of words that attackers try first: `admin`, `my-secret-password1`."""
    if value.isdigit():
        return value in _DIGITS
    rest, words = _DEFAULT.subn("", value)
    return words > 0 and sum(map(str.isalnum, _NUMBER.sub("", rest))) <= 3


def is_plain(value: str) -> bool:
    """Whether it reads as what is no secret, whatever its name: a switch, a path, a URL."""
    if value in ("{}", "[]", "{ }") or _SWITCHES.issuperset(value.lower().split()):
        return True
    if _PUBLIC.match(value):
        return True
    return is_path(value) or ("://" in value and _URL.fullmatch(value) is not None)


def is_path(value: str) -> bool:
    """An absolute path, also of Windows; base64 that begins with a slash is no row of words."""
    if _PATH.fullmatch(value) is None:
        return False
    parts = [part for part in re.split(r"[/\\]", value) if part.strip(".~:")]
    return sum(map(_words_only, parts)) * 2 >= len(parts)


def is_technical(value: str) -> bool:
    """Whether it is a kind, a host, an address, a quantity, a version, a name with dots."""
    return (
        value.lower() in _KINDS
        or any(
            pattern.fullmatch(value)
            for pattern in (_QUANTITY, _HOST, _HOST_PORT, _VERSION, _ADDRESS, _DOTTED)
        )
        or (_RELATIVE.fullmatch(value) is not None and not is_opaque(value))
    )


def is_label(value: str) -> bool:
    """Whether an object of Kubernetes could be called so: words, hyphens, dots (RFC 1123)."""
    return _LABEL.fullmatch(value) is not None and not is_opaque(value)


def is_uuid(value: str) -> bool:
    """Whether it is a UUID: as often the id of something as its secret."""
    return _UUID.fullmatch(value) is not None


def is_strong(value: str) -> bool:
    """Whether somebody took pains: two kinds of characters, or length."""
    return _kinds(value) >= 2 or len(value) >= 16


def _kinds(value: str) -> int:
    """How many of small letters, capitals, digits and signs there are."""
    signs = any(not (char.isalnum() or char in "-_ ") for char in value)
    return sum(any(map(kind, value)) for kind in _CLASSES) + signs


def is_opaque(value: str) -> bool:
    """Whether a run of characters in it is no row of words: by its kinds and their changes."""
    return any(_opaque_run(run) for run in _RUN.findall(value))


def is_random(value: str) -> bool:
    """The same of a whole value, signs included."""
    if is_opaque(value):
        return True
    return " " not in value and _kinds(value) >= 3 and is_dense(value) and not _words_only(value)


def _opaque_run(run: str) -> bool:
    if _words_only(run):
        return False
    digits = sum(map(str.isdigit, run))
    changes = sum(
        a.isdigit() != b.isdigit() or (a.islower() and b.isupper()) for a, b in pairwise(run)
    )
    return entropy(run) > 3.0 and (digits >= 2 or changes >= 4) and changes >= 3


def _words_only(run: str) -> bool:
    """Words and numbers between separators: `eu-west-1-cluster-2024`, `some/relative/path2`."""
    return (
        all(
            (part.isalpha() and not _mixed(part)) or part.isdigit() or _ends_in_number(part)
            for part in re.split(r"[-_/=+.]", run)
            if part
        )
        and not run.isdigit()
    )


def _mixed(part: str) -> bool:
    """Letters whose case changes as in base64, not as in CamelCase."""
    changes = sum(a.islower() and b.isupper() for a, b in pairwise(part))
    return len(part) >= 12 and changes * 5 > len(part)


def _ends_in_number(part: str) -> bool:
    letters = part.rstrip("0123456789")
    return letters.isalpha() and not _mixed(letters) and len(part) - len(letters) <= 4


def is_dense(value: str) -> bool:
    """Whether its characters are as many and as even as a generator's: 3.5 bits, of hex 3."""
    floor = 3.0 if _HEX.fullmatch(value) else 3.5
    return len(value) >= 16 and entropy(value) > floor


def entropy(text: str) -> float:
    """Shannon's, in bits a character."""
    total = len(text)
    counts = {char: text.count(char) for char in set(text)}
    return -sum(n / total * math.log2(n / total) for n in counts.values())
