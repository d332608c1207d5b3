"""A repository with secrets of every kind in it; all values are made at run time, by a seed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from tests.secrets.planted import (
    ALNUM,
    DEFAULTS,
    DIGITS,
    HEX,
    ROWS,
    UPPER,
    P,
    b64,
    jwt,
    made,
    pem,
    url64,
    uuid,
    word,
)
from tests.workloads import KINDS

Fate = Literal["moved", "advised"]
_RUN = re.compile(r"[A-Za-z0-9_\-]{16,}")
_DIGITS = re.compile(r"\d")
_FRAME = re.compile(r"-----|user: |[{}]")
IMAGE = "registry.example.com/shop/{name}:1.4.2"


@dataclass(frozen=True, slots=True)
class Sown:
    """A secret, where it was put, and whether podsec moves it or says what to do."""

    kind: str
    file: str
    value: str
    fate: Fate


@dataclass(frozen=True, slots=True)
class Field:
    """The files of the repository, and what was sown in them."""

    files: Mapping[str, bytes]
    sown: tuple[Sown, ...]

    @property
    def marks(self) -> frozenset[str]:
        """What no output may hold: each line of a value, and each run in it that looks random.

        But for words of everyday language, and lines that only frame a secret.
        """
        lines = {line.strip() for one in self.sown for line in one.value.splitlines()}
        runs = {
            run for line in lines for run in _RUN.findall(line) if len(_DIGITS.findall(run)) > 1
        }
        framed = {line for line in lines if line not in DEFAULTS and not _FRAME.match(line)}
        return frozenset(mark for mark in (*framed, *runs) if len(mark) >= 8)


def field(seed: str) -> Field:
    """The same secrets at the same places, with other values for another seed."""
    parts = [_variables(seed), _addresses(seed), _commands(seed), _others(seed), _planted()]
    files = {name: data for part in parts for name, data in part.files.items()}
    return Field(files, tuple(one for part in parts for one in part.sown))


def container(name: str, **rest: Any) -> dict[str, Any]:
    return {"name": name, "image": IMAGE.format(name=name), **rest}


def workload(kind: str, name: str, *containers: Mapping[str, Any]) -> Any:
    return KINDS[kind]({"name": name, "namespace": "shop"}, {"containers": list(containers)})


def values(seed: str) -> dict[str, tuple[str, str]]:
    """By kind (the detectors and names of fixes.md 2.1 to 2.3): a variable and its value."""

    def m(length: int, salt: str, alphabet: str = ALNUM) -> str:
        return made(length, f"{seed}/{salt}", alphabet)

    def w(salt: str) -> str:
        return word(f"{seed}/{salt}")

    slack = f"{m(12, 's1', DIGITS)}-{m(12, 's2', DIGITS)}-{m(24, 's3')}"
    hook = f"T{m(8, 'h1', UPPER)}/B{m(8, 'h2', UPPER)}/{m(24, 'h3')}"
    return {
        "a Stripe key": ("PAYMENTS", "sk_" + "live_" + m(24, "stripe")),
        "a GitHub token": ("BUILD", "gh" + "p_" + m(36, "ghp")),
        "a fine-grained GitHub token": ("DEPLOY", "github" + "_pat_" + m(60, "pat")),
        "a GitLab token": ("RUNNER", "gl" + "pat-" + url64(20, f"{seed}/gl")),
        "a private key": ("SIGNER", pem("PRIVATE KEY", f"{seed}/pem")),
        "an AWS access key id": ("AWS_ACCESS_KEY_ID", "AK" + "IA" + m(16, "akia", UPPER + DIGITS)),
        "an AWS secret key": ("AWS_SECRET_ACCESS_KEY", m(40, "aws")),
        "a JSON Web Token": ("SESSION", jwt(f"{seed}/jwt")),
        "a Slack token": ("CHAT", "xo" + "xb-" + slack),
        "a Slack webhook": ("ALERTS", "https://hooks.slack" + ".com/services/" + hook),
        "a Google API key": ("MAPS", "AI" + "za" + m(35, "aiza")),
        "a password": ("DB_" + P.upper(), w("db")),
        "a password, other spelling": ("SMTP_PASSWD", w("smtp")),
        "a password, camel case": ("dbPassword", w("camel")),
        "a short form of password": ("LDAP_BIND_PWD", w("ldap")),
        "a passphrase": ("KEY_PASSPHRASE", w("phrase")),
        "a number as password": ("PIN_PASSWORD", m(8, "pin", "123456789")),
        "a token": ("API_TOKEN", m(40, "token")),
        "an API key": ("DD_API_KEY", m(32, "dd", HEX)),
        "an API key in one word": ("APIKEY", m(32, "apikey")),
        "a client secret": ("OAUTH_CLIENT_SECRET", m(36, "client")),
        "a client secret that is a UUID": ("AZURE_CLIENT_SECRET", uuid(f"{seed}/azure")),
        "an access key": ("S3_ACCESS_KEY", m(20, "s3")),
        "a private key by name": ("WG_PRIVATE_KEY", m(43, "wg") + "="),
        "a secret key": ("DJANGO_SECRET_KEY", m(50, "django")),
        "an encryption key": ("ENCRYPTION_KEY", m(32, "enc", HEX)),
        "a signing key": ("JWT_SIGNING_KEY", m(48, "sign")),
        "a master key": ("MEILI_MASTER_KEY", m(32, "meili")),
        "a licence key": ("LICENSE_KEY", m(40, "licence")),
        "a salt": ("PASSWORD_SALT", m(32, "salt", HEX)),
        "a cookie": ("RABBITMQ_ERLANG_COOKIE", m(32, "cookie")),
        "credentials": ("REGISTRY_CREDENTIALS", "shop:" + w("registry")),
        "a weakly named key": ("APP_KEY", "base64:" + b64(m(32, "laravel"))),
        "a hash of a password": ("HASHED_PASSWORD", m(64, "hash", HEX)),
        "a value with a quote": ("QUOTED_PASSWORD", w("q") + "'\"" + m(4, "q2")),
        "a value with a hash sign": ("SHARP_PASSWORD", w("s") + " #" + m(4, "s4")),
    }


def _variables(seed: str) -> Field:
    """One workload of each kind, in block style, in flow style, as JSON, with CRLF."""
    rows = list(values(seed).items())
    files: dict[str, bytes] = {}
    sown: list[Sown] = []
    for number, (kind, share) in enumerate(zip(KINDS, _shares(rows, len(KINDS)), strict=True)):
        env: list[Any] = [{"name": "LOG_LEVEL", "value": "debug"}]
        env += [{"name": name, "value": value} for _, (name, value) in share]
        data = workload(kind, f"app-{number}", container("app", env=env))
        suffix, layout = LAYOUTS[number % len(LAYOUTS)]
        file = f"apps/app-{number}{suffix}"
        files[file] = layout(data)
        sown += [Sown(what, file, value, "moved") for what, (_, value) in share]
    return Field(files, tuple(sown))


def _shares(rows: list[Any], number: int) -> list[list[Any]]:
    return [rows[start::number] for start in range(number)]


def block(data: Any) -> bytes:
    """Block style, with a comment above and beside."""
    lines = yaml.safe_dump(data, sort_keys=False, width=10_000).splitlines()
    lines[0] += "  # beside"
    return "\n".join(["# above", *lines, "# below", ""]).encode()


def flow(data: Any) -> bytes:
    return yaml.safe_dump(data, default_flow_style=True, sort_keys=False, width=100).encode()


def as_json(data: Any) -> bytes:
    return json.dumps(data, indent=2).encode() + b"\n"


def line(data: Any) -> bytes:
    return json.dumps(data).encode() + b"\n"


def crlf(data: Any) -> bytes:
    return block(data).replace(b"\n", b"\r\n")


LAYOUTS = ((".yaml", block), (".flow.yaml", flow), (".json", as_json), (".crlf.yaml", crlf),
           (".line.json", line))  # fmt: skip


def _addresses(seed: str) -> Field:
    def w(salt: str) -> str:
        return made(14, f"{seed}/{salt}")

    whole = {
        "a PostgreSQL address": ("DATABASE_URL", f"postgres://shop:{w('pg')}@db:5432/shop"),
        "a MongoDB address": ("MONGO_URL", f"mongodb+srv://shop:{w('mongo')}@db.example.com/shop"),
        "an AMQP address": ("QUEUE", f"amqp://shop:{w('amqp')}@queue:5672/"),
        "a Redis address without a user": ("CACHE", f"redis://:{w('redis')}@cache:6379/0"),
        "a Go MySQL address": ("DSN", f"shop:{w('mysql')}@tcp(db:3306)/shop"),
        "a JDBC address": (
            "JDBC_URL", f"jdbc:postgresql://db/shop?user=shop&{P}={w('jdbc')}"
        ),
        "an address with a token": ("UPSTREAM", f"https://{made(40, seed + 'up')}@git.example.com/x"),
    }  # fmt: skip
    parts = {
        "an option of Java": ("JAVA_OPTS", "-Xmx1g -Dtrust.{P}={} -Dlog=debug", w("java")),
        "a connection string": ("ConnectionStrings__Default",
                                "Server=db;User Id=shop;{P}={};Timeout=5", w("net")),
        "a piece of JSON": ("SETTINGS", '{{"user": "shop", "{P}": "{}"}}', w("json")),
    }  # fmt: skip
    env = [{"name": name, "value": value} for name, value in whole.values()]
    env += [
        {"name": name, "value": form.format(value, P=P)} for name, form, value in parts.values()
    ]
    held = f"postgres://shop:{w('held')}@$(DB_HOST)/shop"
    env += [{"name": "DB_HOST", "value": "db"}, {"name": "EXPANDED_URL", "value": held}]
    env += [{"name": "DOLLAR_PASSWORD", "value": f"{w('dollar')}$${w('x')}"}]
    file = "data/addresses.yaml"
    sown = [Sown(kind, file, value, "moved") for kind, (_, value) in whole.items()]
    sown += [Sown(kind, file, value, "moved") for kind, (_, _, value) in parts.items()]
    sown += [Sown("an address with a reference", file, w("held"), "advised")]
    sown += [Sown("an escaped dollar", file, w("dollar"), "advised")]
    pod = workload("StatefulSet", "data", container("data", env=env))
    return Field({file: block(pod)}, tuple(sown))


def _commands(seed: str) -> Field:
    def w(salt: str) -> str:
        return made(14, f"{seed}/command/{salt}")

    shared = w("shared")
    words = {
        "a flag with its value": [f"--db-{P}={w('flag')}"],
        "a flag before its value": ["--api-token", w("next")],
        "an address in a flag": [f"--dsn=postgres://shop:{w('dsn')}@db/shop"],
        "an address as a word": [f"redis://:{w('word')}@cache:6379"],
        "a setting of Java": [f"-Dspring.datasource.{P}={w('spring')}"],
        "a literal that a variable holds": [f"--shared-{P}={shared}"],
        "a literal of another workload": [f"--root-{P}={w('twin')}"],
    }
    app = container(
        "app",
        args=[word for row in words.values() for word in row],
        env=[{"name": "SHARED_PASSWORD", "value": shared}],
    )
    tool = container("tool", command=["mysqladmin", f"-p{w('glued')}", "status"])
    script = container(
        "script", command=["sh", "-c", f"PGPASSWORD={w('script')} psql -c 'select 1'"]
    )
    probed = container(
        "probed",
        livenessProbe={"exec": {"command": ["redis-cli", "-a", w("probe"), "ping"]}},
        readinessProbe={"httpGet": {"port": 80, "httpHeaders": [
            {"name": "X-Api-Key", "value": w("header") + "1a2B"}]}},
    )  # fmt: skip
    twin = container("twin", env=[{"name": "TWIN_ROOT_PASSWORD", "value": w("twin")}])
    file, other = "commands/app.yaml", "commands/twin.yaml"
    moved = [("flag", w("flag")), ("next", w("next")), ("dsn", w("dsn")), ("word", w("word")),
             ("spring", w("spring")), ("shared", shared), ("twin", w("twin")), ("glued", w("glued"))]  # fmt: skip
    said = [("script", w("script")), ("probe", w("probe")), ("header", w("header"))]
    sown = [Sown(f"a command: {kind}", file, value, "moved") for kind, value in moved]
    sown += [Sown(f"a command: {kind}", file, value, "advised") for kind, value in said]
    sown += [Sown("a value that two workloads share", other, w("twin"), "moved")]
    files = {
        file: block(workload("Deployment", "app", app, tool, script, probed)),
        other: block(workload("Deployment", "twin", twin)),
    }
    return Field(files, tuple(sown))


def _others(seed: str) -> Field:
    """What is no pod's own: an entry of a ConfigMap that envFrom reads, a file in one, a Secret."""
    key, inside, kept, encoded = (made(20, f"{seed}/other/{n}") for n in range(4))
    names = {"name": "settings", "namespace": "shop"}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": names,
              "data": {"DB_PASSWORD": key, "app.yaml": f"user: shop\n{P}: {inside}\n"}}  # fmt: skip
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": names,
              "stringData": {"token": kept}, "data": {P: b64(encoded)}}  # fmt: skip
    reader = container("reader", envFrom=[{"configMapRef": {"name": "settings"}}])
    file = "other/settings.yaml"
    text = b"---\n".join(block(one) for one in (config, secret, workload("Pod", "reader", reader)))
    sown = [
        Sown("an entry of a ConfigMap", file, key, "advised"),
        Sown("a file in a ConfigMap", file, inside, "advised"),
        Sown("a committed Secret", file, kept, "advised"),
        Sown("a committed Secret, encoded", file, b64(encoded), "advised"),
    ]
    return Field({file: text}, tuple(sown))


def _planted() -> Field:
    """Every entry that the detector is measured with, each in a workload of its own name."""
    rows = [row for row in ROWS if row.want != "none"]
    pods = [
        workload("Deployment", f"planted-{n}", container("app", env=[{"name": r.name, "value": r.value}]))
        for n, r in enumerate(rows)
    ]  # fmt: skip
    fates: list[Fate] = ["advised" if "$(" in r.value or "$$" in r.value else "moved" for r in rows]
    files: dict[str, bytes] = {}
    sown: list[Sown] = []
    for start in range(0, len(rows), 16):
        file = f"planted/{start}.yaml"
        files[file] = b"---\n".join(block(pod) for pod in pods[start : start + 16])
        share = zip(rows[start : start + 16], fates[start : start + 16], strict=True)
        sown += [Sown(row.kind, file, row.value, fate) for row, fate in share]
    return Field(files, tuple(sown))
