"""What the name of a variable, a key or a flag promises of its value."""

# ruff: noqa: SIM905  # words read best as text

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

# what names say, collected from Kubernetes manifests, gitleaks' and detect-secrets' keyword lists
# and the environment variables that the images of Docker Hub document


class Promise(Enum):
    """What is to be expected of a value, from its name alone."""

    NOTHING = "nothing"
    POINTER = "pointer"
    """The name speaks of a secret, but its value says where it is, how long it lasts, and so on."""
    WEAK = "weak"
    """Perhaps: the value decides, and only if it looks like nothing else."""
    OBJECT = "object"
    """A secret, or the name of the Secret that holds it."""
    ISSUED = "issued"
    """A secret that somebody hands out, a token or a key: an invented one opens nothing."""
    MADE = "made"
    """A key that its owner makes up (to sign, to encrypt): an invented one is live."""
    CHOSEN = "chosen"
    """A password: any value is a live one."""


_CHOSEN = frozenset(
    "PASSWORD PASSWORDS PASSWD PASS PWD PSWD PW PASSPHRASE PASSCODE PASSWRD MNEMONIC "
    "REQUIREPASS MASTERAUTH".split()
)
_ISSUED = frozenset("TOKEN TOKENS APIKEY APIKEYS BEARER".split())
_MADE = frozenset("SALT PEPPER".split())
_OBJECT = frozenset("SECRET SECRETS CREDENTIAL CREDENTIALS CREDS CRED".split())
_WEAK = frozenset("KEY KEYS AUTH AUTHORIZATION COOKIE JWT PAT SEED".split())
_NOUNS = _CHOSEN | _ISSUED | _MADE | _OBJECT | _WEAK

# a word before KEY or SECRET that makes it a value, not a name: handed out, or made up by its owner
_ISSUED_BEFORE = frozenset(
    "API ACCESS PRIVATE PRIV SECRET LICENSE LICENCE AUTH ACCOUNT STORAGE FUNCTION CLIENT APP "
    "APPLICATION OAUTH CONSUMER USER ADMIN".split()
)
_MADE_BEFORE = frozenset(
    "ENCRYPTION ENCRYPT DECRYPTION SIGNING SIGN SIGNATURE MASTER JWT HMAC AES CIPHER CRYPTO FERNET "
    "SESSION COOKIE WEBHOOK HTTP RPC CRUMB NEXTAUTH DJANGO FLASK SHARED".split()
)
_PUBLIC = frozenset(("PUBLIC", "PUBLISHABLE", "PUB"))
_PUBLIC_KEYS = frozenset(
    "SITE PARTITION SORT PRIMARY FOREIGN ROUTING RANGE SHARD CACHE OBJECT "
    "LABEL ANNOTATION TOPOLOGY IDEMPOTENCY LOOKUP HOST TAINT NODE INDEX GROUP SEARCH HOT METADATA "
    "TAG INSTRUMENTATION".split()
)

_POINTERS = frozenset(
    "FILE FILES FILENAME PATH PATHS DIR DIRS DIRECTORY FOLDER LOCATION MOUNT MOUNTPATH VOLUME "
    "NAME NAMES NAMESPACE NAMESPACES NS REF REFS REFERENCE TTL EXPIRY EXPIRE EXPIRES EXPIRATION "
    "EXP LIFETIME LIFESPAN AGE MAXAGE DURATION PERIOD INTERVAL TIMEOUT SECONDS MINUTES HOURS DAYS "
    "LENGTH LEN SIZE BYTES BITS COUNT LIMIT LIMITS MIN MAX ENABLED ENABLE DISABLED DISABLE "
    "REQUIRED REQUIRE OPTIONAL ALLOWED POLICY POLICIES TYPE TYPES KIND ALG ALGO ALGORITHM "
    "ALGORITHMS ISSUER ISSUERS AUDIENCE AUDIENCES CLAIM CLAIMS HEADER HEADERS PREFIX SUFFIX FIELD "
    "FIELDS VERSION HOST HOSTS HOSTNAME PORT URL URLS URI URIS ENDPOINT ENDPOINTS ADDR ADDRESS "
    "SERVER USER USERS USERNAME EMAIL ID IDS MODE MODES PROVIDER PROVIDERS DRIVER BACKEND SERVICE "
    "STORE STORES SOURCE REGION FORMAT ENCODING ENCODER SCOPE SCOPES GRANT STRATEGY MANAGER CLASS "
    "CLASSNAME PLUGIN PLUGINS HANDLER VALIDATION VALIDATOR VALIDATORS HASHER ROTATION ROTATE "
    "RENEWAL RETRIES ATTEMPTS RATE QUOTA BUCKET TABLE COLUMN LABEL LABELS ANNOTATION ANNOTATIONS "
    "SELECTOR TEMPLATE PROPERTY ATTRIBUTE PARAM PARAMETER ARN DOMAIN OPTION OPTIONS RULE RULES "
    "PROMPT HINT PLACEHOLDER ROLE ROLES SERIALIZER COMPLEXITY STRENGTH CHECK CHECKS SYNC ENGINE "
    "PROTOCOL OWNER GROUP GROUPS CN SUBJECT METHOD METHODS WINDOW LEEWAY SKEW CACHE REUSE USAGE "
    "IMAGE REPO REPOSITORY REGISTRY TAG REALM REALMS OPERATOR CONTROLLER AGENT PROXY CONFIG "
    "CONFIGMAP STATUS EVENT EVENTS LOG LOGS LEVEL ALLOWLIST DENYLIST TRANSFORMER RESOLVER CERT "
    "CERTS CERTIFICATE CIPHER CIPHERS CA PUB PUBLIC FINGERPRINT VAULT STORETYPE ENV ENVVAR VAR "
    "VARIABLE".split()
)
# words that turn a name into a question of yes or no; a value that looks like a secret overrules
_SWITCHES = frozenset(
    "ENABLE ENABLED DISABLE DISABLED USE USES REQUIRE REQUIRES IS HAS SKIP NO WITHOUT GENERATE "
    "CREATE VERIFY VALIDATE FORCE RESET AUTO ROTATE CHECK SHOW HIDE MASK EXPOSE SHOULD IGNORE "
    "FORGOT CHANGE UPDATE".split()
)
_NEVER = frozenset("ALLOW EMPTY RANDOM MAX MIN NUM TOTAL COUNT MAXIMUM MINIMUM PULL".split())
# what may stand behind the noun without changing what it is
_QUALIFIERS = frozenset(
    "OLD NEW PROD PRODUCTION DEV DEVELOPMENT STAGING STAGE TEST QA UAT LOCAL DEFAULT VALUE VAL "
    "CURRENT PREVIOUS PRIMARY SECONDARY MAIN BASE BASE64 B64 ENCODED RAW PLAIN TEXT PLAINTEXT "
    "LIVE CONTENT CONTENTS DATA JSON STRING STR HASH HASHED BCRYPT PEM IN OUT V A B".split()
)
# nouns that people write without a separator: GITHUBTOKEN, PGPASSWORD, azurestorageaccountkey
_COMPACT = tuple(
    "PASSWORD PASSWD PASSPHRASE SECRET TOKEN CREDENTIALS APIKEY ACCESSKEY SECRETKEY ACCOUNTKEY "
    "PRIVATEKEY ENCRYPTIONKEY SIGNINGKEY LICENSEKEY MASTERKEY AUTHKEY".split()
)
_COMPACT_PASSWORDS = frozenset("SSHPASS DBPASS DBPWD MYPASS USERPASS ROOTPASS ADMINPASS".split())
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# names that say TOKEN and hold the name of a cluster: etcd's own documentation
_EXACT = frozenset({"ETCD_INITIAL_CLUSTER_TOKEN", "initial-cluster-token", "PWD", "OLDPWD"})


@lru_cache(maxsize=8192)
def promise(name: str) -> Promise:
    """What a name promises; separators, dots and camelCase all part words."""
    if name in _EXACT:
        return Promise.POINTER
    words = _words(name)
    while words and (words[-1] in _QUALIFIERS or words[-1].isdigit()) and len(words) > 1:
        words.pop()
    if not words:
        return Promise.NOTHING
    found = _head(words)
    if found is Promise.NOTHING and not _NOUNS.isdisjoint(words):
        return Promise.POINTER if words[-1] in _POINTERS else Promise.WEAK
    return found


def points(name: str) -> bool:
    """Whether a name ends in a word for what is no secret: a user, a host, a file."""
    words = _words(name)
    return bool(words) and words[-1] in _POINTERS


def mentions_noun(text: str) -> bool:
    """Whether a word for a secret is among the words of a text, as in `YOUR_API_TOKEN`."""
    return not _NOUNS.isdisjoint(_words(text))


def noun(name: str) -> str:
    """What a secret of this name is called in a message."""
    words = _words(name)
    if not _CHOSEN.isdisjoint(words):
        return "a password"
    if "TOKEN" in words or "TOKENS" in words or "BEARER" in words:
        return "a token"
    if not {"KEY", "KEYS", "APIKEY", "APIKEYS"}.isdisjoint(words):
        return "a key"
    return "a secret"


def _words(name: str) -> list[str]:
    """The upper-case words of a name; compact ones are parted: PGPASSWORD is PG, PASSWORD."""
    out: list[str] = []
    for word in map(str.upper, _WORD.findall(name[:120])):
        out += _parted(word)
    return out


def _parted(word: str) -> list[str]:
    if word in _COMPACT_PASSWORDS:
        return ["PASSWORD"]
    if word in _NOUNS or not word.endswith(_COMPACT):
        return [word]
    tail = next(noun for noun in _COMPACT if word.endswith(noun))
    rest = [word[: -len(tail)]] if len(word) > len(tail) else []
    if tail.endswith("KEY") and tail != "APIKEY":
        return [*rest, tail[:-3], "KEY"]
    return [*rest, tail]


def _head(words: list[str]) -> Promise:
    """By the last word, and by those before it."""
    last, before = words[-1], words[:-1]
    if last not in _NOUNS:
        return Promise.NOTHING
    if not _NEVER.isdisjoint(before):
        return Promise.POINTER
    kind = _of_noun(last, before)
    if kind in (Promise.NOTHING, Promise.POINTER):
        return kind
    return Promise.WEAK if not _SWITCHES.isdisjoint(before) else kind


def _of_noun(last: str, before: list[str]) -> Promise:
    previous = before[-1] if before else ""
    if last in _CHOSEN:
        return Promise.CHOSEN
    if last in _MADE or (last == "COOKIE" and previous == "ERLANG"):
        return Promise.MADE
    if last in _ISSUED:
        return Promise.ISSUED
    if last in ("SECRET", "KEY", "KEYS"):
        return _of_key(last, previous, before)
    return Promise.OBJECT if last in _OBJECT else Promise.WEAK


def _of_key(last: str, previous: str, before: list[str]) -> Promise:
    if last != "SECRET" and (previous in _PUBLIC_KEYS or not _PUBLIC.isdisjoint(before)):
        return Promise.POINTER
    own = previous == "SECRET" and (len(before) == 1 or before[-2] in _MADE_BEFORE)
    if previous in _MADE_BEFORE or own:
        return Promise.MADE
    if previous in _ISSUED_BEFORE and not (last == "KEY" and previous in ("APP", "APPLICATION")):
        return Promise.ISSUED
    return Promise.OBJECT if last == "SECRET" else Promise.WEAK
