"""Who calls: App JWTs, installation tokens with their permissions, people's tokens."""

from __future__ import annotations

import base64
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.sandbox.world import BOT_LOGIN, Refusal, Repository

GRANTED = {
    "metadata": "read",
    "contents": "write",
    "pull_requests": "write",
    "issues": "write",
    "checks": "write",
    "merge_queues": "read",
}
_RANK = {"none": 0, "read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who a request comes from. `repositories` is None where all are meant."""

    kind: Literal["app", "installation", "user", "nobody"]
    login: str = ""
    permissions: dict[str, str] = field(default_factory=dict)
    repositories: frozenset[int] | None = None
    token: str = ""


@dataclass(slots=True, kw_only=True)
class _Token:
    permissions: dict[str, str]
    repositories: frozenset[int] | None
    expires: float


class Access:
    """The keys and tokens of one sandbox."""

    def __init__(self, app_id: int, private_key_pem: str | None) -> None:
        self.app_id = app_id
        self.private_key_pem = private_key_pem or _new_key()
        key = serialization.load_pem_private_key(self.private_key_pem.encode(), None)
        self._public = key.public_key()
        self._tokens: dict[str, _Token] = {}
        self._people: dict[str, str] = {}
        self._issued = 0
        self.granted = dict(GRANTED)

    def person(self, login: str) -> str:
        """A personal token of `login`."""
        token = f"ghp_{secrets.token_hex(18)}"
        self._people[token] = login
        return token

    def issue(
        self, permissions: dict[str, str] | None, repositories: frozenset[int] | None
    ) -> tuple[str, dict[str, str], float]:
        """A token for an hour. Raises Refusal 422 where more is asked than was granted."""
        wanted = dict(permissions or self.granted)
        for name, level in wanted.items():
            if _RANK.get(level, 9) > _RANK[self.granted.get(name, "none")]:
                raise Refusal(
                    422, "The permissions requested are not granted to this installation."
                )
        wanted["metadata"] = "read"
        self._issued += 1
        token = _short() if self._issued % 2 else _long(self.app_id)
        expires = time.time() + 3600
        self._tokens[token] = _Token(permissions=wanted, repositories=repositories, expires=expires)
        return token, wanted, expires

    def revoke(self, token: str) -> None:
        """Make one token a bad one."""
        self._tokens.pop(token, None)

    def revoke_all(self) -> None:
        """Make every installation token a bad one, as when the hour is over."""
        self._tokens.clear()

    def caller(self, authorization: str) -> Caller:
        """Who an Authorization header names. Raises Refusal 401."""
        kind, _, value = authorization.partition(" ")
        if not value:
            return Caller(kind="nobody")
        if kind.lower() == "bearer" and value.count(".") == 2 and not value.startswith("ghs_"):
            return self._app(value)
        return self.holder(value)

    def holder(self, token: str) -> Caller:
        """Whose token it is. Raises Refusal 401."""
        if login := self._people.get(token):
            return Caller(kind="user", login=login, token=token)
        found = self._tokens.get(token)
        if found is None or found.expires < time.time():
            raise Refusal(401, "Bad credentials")
        return Caller(
            kind="installation",
            login=BOT_LOGIN,
            permissions=found.permissions,
            repositories=found.repositories,
            token=token,
        )

    def _app(self, value: str) -> Caller:
        try:
            claims: dict[str, Any] = jwt.decode(
                value,
                self._public,  # type: ignore[arg-type]  # an RSA key, as generated
                algorithms=["RS256"],
                options={"verify_iat": False},
            )
        except jwt.ExpiredSignatureError as error:
            raise Refusal(401, _EXPIRATION) from error
        except jwt.PyJWTError as error:
            raise Refusal(401, "A JSON web token could not be decoded") from error
        if not isinstance(claims.get("exp"), int) or claims["exp"] > time.time() + 600:
            raise Refusal(401, _EXPIRATION)
        if not isinstance(claims.get("iat"), int) or claims["iat"] > time.time():
            raise Refusal(401, _ISSUED)
        if str(claims.get("iss")) not in (str(self.app_id), f"Iv1.{self.app_id:016x}"):
            raise Refusal(404, "Integration not found")
        return Caller(kind="app", login=BOT_LOGIN)


_ISSUED = (
    "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was "
    "issued"
)
_EXPIRATION = (
    "'Expiration time' claim ('exp') must be a numeric value representing the future time "
    "at which the assertion expires"
)


def role(repository: Repository, caller: Caller) -> str:
    """What a caller may do with a repository's contents: none, read, write or admin."""
    if caller.kind == "user":
        return person_role(repository, caller.login)
    if caller.kind != "installation":
        return "none" if repository.private else "read"
    if caller.repositories is not None and repository.id not in caller.repositories:
        return "none"
    return caller.permissions.get("contents", "read")


def person_role(repository: Repository, login: str) -> str:
    """What a person may do: owners everything."""
    default = "none" if repository.private else "read"
    return "admin" if login == repository.owner else repository.permissions.get(login, default)


def demand(caller: Caller, repository: Repository, needed: str) -> None:
    """Refuse as GitHub does: 404 without access, 403 without the permission."""
    name, _, level = needed.partition(":")
    if role(repository, caller) == "none":
        raise Refusal(404, "Not Found")
    if caller.kind == "installation":
        if _RANK[caller.permissions.get(name, "none")] < _RANK[level]:
            raise Refusal(403, "Resource not accessible by integration")
    elif level == "write" and role(repository, caller) not in ("write", "admin"):
        raise Refusal(403, "Must have push access to repository")


def _short() -> str:
    return f"ghs_{secrets.token_hex(18)}"


def _long(app_id: int) -> str:
    """The long form that GitHub rolls out since April 2026, with dots."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    body = part({"iat": int(time.time()), "jti": secrets.token_hex(96)})
    return f"ghs_{app_id}_{part({'alg': 'RS256'})}.{body}.{secrets.token_urlsafe(128)}"


def _new_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
