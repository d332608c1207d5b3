"""What holds for every conversation with GitHub."""

from __future__ import annotations

import json
import logging
import urllib.error
import urllib.request
from typing import Any

import pytest
from sqlalchemy.exc import NoResultFound

from tests.e2e.conftest import POD, SECRET, World, eventually
from tests.e2e.test_first_light import README, head_of, opened

GUID = "00000000-0000-0000-0000-000000000001"
OFF = "rules:\n" + "".join(
    f"  {rule}: 'off'\n"
    for rule in ("privilege-escalation", "root-user", "unset-seccomp", "undropped-capabilities")
)


def test_the_base_branchs_config_decides(world: World) -> None:
    files = {"pod.yaml": POD.format(name="sly"), ".podsec.yaml": OFF}
    repository, number = opened(world, files)
    eventually(lambda: repository.check_runs(head_of(repository, number)), "a check run")
    world.settle()
    (comment,) = repository.review_comments(number)
    assert "privilege-escalation" in comment["body"]


def test_an_unsigned_or_wrongly_signed_request_is_refused_and_not_stored(world: World) -> None:
    repository, number = opened(world, {"pod.yaml": POD.format(name="signed")})
    eventually(lambda: repository.check_runs(head_of(repository, number)), "a check run")
    world.settle()
    url = str(world.sandbox._hooks.url)
    for signature in (None, "sha256=" + "0" * 64, "sha256=", "sha1=" + "0" * 40):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(forged(url, signature), timeout=10)
        assert refused.value.code == 401
    with pytest.raises(NoResultFound):
        world.application.jobs._store.delivery(GUID)


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


def test_no_token_stands_in_an_address_a_log_or_a_comment(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "podsec")
    repository = world.sandbox.create_repository("acme/shop", README)
    repository.set_permission("octo-dev", "write")
    repository.commit("feature", {"pod.yaml": POD.format(name="quiet")}, "Add a pod")
    number = repository.open_pull(head="feature", base="main", title="Add a pod")
    eventually(lambda: repository.check_runs(head_of(repository, number)), "a check run")
    repository.comment(number, "/podsec fix")
    eventually(lambda: len(repository.pulls()) == 3, "two follow-up pull requests")
    world.settle()
    secrets = secrets_of(world)
    assert len(secrets) > 2
    said = "\n".join([*world.calls(), *logged(caplog), *written(repository)])
    assert [secret[:12] for secret in secrets if secret in said] == []


def secrets_of(world: World) -> list[str]:
    issued = list(world.sandbox._access._tokens)
    key = world.sandbox.private_key_pem.splitlines()[1]
    return [SECRET, key, *issued]


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    assert caplog.records
    return [str(vars(record)) for record in caplog.records]


def written(repository: Any) -> list[str]:
    texts = []
    for pull in repository.pulls():
        number = pull["number"]
        texts.append(pull["body"] or "")
        said = (repository.reviews, repository.review_comments, repository.comments)
        texts += [item["body"] for listed in said for item in listed(number)]
        texts += [str(run) for run in repository.check_runs(pull["head"]["sha"])]
    assert len(texts) > 5
    return texts
