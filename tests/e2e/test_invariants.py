"""What holds for every conversation with GitHub."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest
from sqlalchemy.exc import NoResultFound

from tests.e2e.conftest import POD, SECRET, Shop, World

GUID = "00000000-0000-0000-0000-000000000001"
OFF = "rules:\n" + "".join(
    f"  {rule}: 'off'\n"
    for rule in ("privilege-escalation", "root-user", "unset-seccomp", "undropped-capabilities")
)


def test_the_base_branchs_config_decides(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="sly"), ".podsec.yaml": OFF})
    (comment,) = shop.comments(number)
    assert "privilege-escalation" in comment["body"]


def test_an_unsigned_or_wrongly_signed_request_is_refused_and_not_stored(world: World) -> None:
    url = str(world.sandbox._hooks.url)
    for signature in (None, "sha256=" + "0" * 64, "sha256=", "sha1=" + "0" * 40):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(forged(url, signature), timeout=10)
        assert refused.value.code == 401
    with pytest.raises(NoResultFound):
        world.service.jobs._store.delivery(GUID)  # type: ignore[attr-defined]


def forged(url: str, signature: str | None) -> urllib.request.Request:
    body = json.dumps({"action": "opened"}).encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": GUID,
    }
    if signature is not None:
        headers["X-Hub-Signature-256"] = signature
    return urllib.request.Request(url, body, headers)


def test_no_token_stands_in_an_address_a_log_or_a_comment(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="quiet")})
    shop.say(number, "/podsec fix")
    assert len(shop.followups(number)) == 2
    secrets = secrets_of(shop.world)
    assert len(secrets) > 2
    assert "job_ended" in shop.world.logs
    said = "\n".join([*shop.world.calls(), shop.world.logs, *written(shop, number)])
    assert [secret[:12] for secret in secrets if secret in said] == []


def secrets_of(world: World) -> list[str]:
    issued = list(world.sandbox._access._tokens)
    key = world.sandbox.private_key_pem.splitlines()[1]
    return [SECRET, key, *issued]


def written(shop: Shop, number: int) -> list[str]:
    texts = []
    for pull in (shop.repository.pull(number), *shop.followups(number)):
        texts.append(pull["body"] or "")
        repository = shop.repository
        said = (repository.reviews, repository.review_comments, repository.comments)
        texts += [item["body"] for listed in said for item in listed(pull["number"])]
        texts += [str(run) for run in repository.check_runs(pull["head"]["sha"])]
    assert len(texts) > 5
    return texts
