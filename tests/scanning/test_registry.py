"""The client of registries, against one on loopback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.adapters.registry import Credential, OciRegistry
from bot.errors import Gone, Malformed, NotPermitted, RateLimited, Unavailable, Unlisted
from bot.http import Client, Hosts
from bot.kubernetes.image import ImageReference, parse
from bot.model.image import LINUX
from tests.http.guard import Packets, no_packet
from tests.http.serving import Answer, Asked, Server, serving
from tests.scanning.images import Image, digest
from tests.scanning.registry import Shelf, running

__all__ = ["no_packet"]


def registry(
    server: Server, *others: Server, credentials: Mapping[str, Credential] | None = None
) -> OciRegistry:
    hosts = Hosts([f"http://{one.host}" for one in (server, *others)])
    return OciRegistry(Client(hosts), credentials)


def reference(text: str) -> ImageReference:
    found = parse(text)
    assert found is not None
    return found


def test_a_tag_stands_for_a_digest_and_no_body_is_asked_for() -> None:
    shelf = Shelf()
    expected = shelf.put("team/app", "1.0", Image())
    with running(shelf) as server:
        image = registry(server).pin(reference(f"{server.host}/team/app:1.0"))
    assert (image.repository, image.tag, image.digest) == (
        f"{server.host}/team/app",
        "1.0",
        expected,
    )
    assert image.reference == f"{server.host}/team/app@{expected}"
    assert [(one.method, one.path) for one in server.asked] == [
        ("HEAD", "/v2/team/app/manifests/1.0")
    ]


def test_without_a_tag_it_is_latest() -> None:
    shelf = Shelf()
    expected = shelf.put("app", "latest", Image())
    with running(shelf) as server:
        image = registry(server).pin(reference(f"{server.host}/app"))
    assert (image.tag, image.digest) == ("latest", expected)


def test_a_registry_that_tells_no_digest_is_asked_for_the_manifest() -> None:
    shelf = Shelf(has_digest_header=False)
    expected = shelf.put("app", "1", Image())
    with running(shelf) as server:
        assert registry(server).pin(reference(f"{server.host}/app:1")).digest == expected
    assert [one.method for one in server.asked] == ["HEAD", "GET"]


def test_a_digest_stands_for_itself_and_nothing_is_asked() -> None:
    with running(Shelf()) as server:
        pinned = registry(server).pin(reference(f"{server.host}/app@sha256:{'a' * 64}"))
    assert pinned.digest == f"sha256:{'a' * 64}"
    assert not pinned.has_drifted
    assert server.asked == []


def test_a_tag_beside_a_digest_that_leads_elsewhere_has_drifted() -> None:
    shelf = Shelf()
    old = shelf.put("app", "1", Image(machine="arm64"))
    with running(shelf) as server:
        asked = reference(f"{server.host}/app:1@{old}")
        assert not registry(server).pin(asked).has_drifted
        new = shelf.put("app", "1", Image())
        found = registry(server).pin(asked)
        assert (found.has_drifted, found.digest, found.tag_digest) == (True, old, new)
        gone = registry(server).pin(reference(f"{server.host}/app:gone@{old}"))
        assert (gone.has_drifted, gone.tag_digest) == (False, None)


def test_the_config_of_a_platform_is_found_through_the_index() -> None:
    shelf = Shelf()
    other = Image(machine="arm64", config={"User": "app"})
    shelf.put("app", "1", other, Image())
    with running(shelf) as server:
        client = registry(server)
        image = client.pin(reference(f"{server.host}/app:1"))
        config = client.config(image, LINUX)
        assert (config.user, config.ports, config.volumes) == (
            "1000:2000",
            ("8080/tcp",),
            ("/data",),
        )
        assert (config.entrypoint, config.command) == (("/bin/app",), ("--serve",))
        assert client.config(image, "linux/arm64").user == "app"
        manifest = client.manifest(image, LINUX)
        assert manifest.digest == digest(Image().manifest)
        assert manifest.size == len(Image().packed) + len(Image().config_blob)
        with pytest.raises(Gone, match="is not made for windows/amd64"):
            client.config(image, "windows/amd64")


def test_layers_are_named_by_urls_that_were_looked_at() -> None:
    shelf = Shelf(token="t1")
    shelf.put("team/app", "1", Image())
    with running(shelf) as server:
        client = registry(server)
        (layer,) = client.layers(client.pin(reference(f"{server.host}/team/app:1")), LINUX)
    assert layer.digest == digest(Image().packed)
    assert layer.url == f"{server.url}/v2/team/app/blobs/{layer.digest}"
    assert layer.headers == {"Authorization": "Bearer t1"}


def test_a_token_is_fetched_once_for_podsecs_own_scope() -> None:
    shelf = Shelf(token="t1")
    shelf.put("team/app", "1", Image())
    with running(shelf) as server:
        client = registry(server)
        image = client.pin(reference(f"{server.host}/team/app:1"))
        client.config(image, LINUX)
    tokens = [one for one in server.asked if one.path.startswith("/token")]
    assert [one.path for one in tokens] == [
        "/token?service=test&scope=repository%3Ateam%2Fapp%3Apull"
    ]
    assert "authorization" not in tokens[0].headers


def test_a_password_is_told_to_the_registry_that_it_belongs_to() -> None:
    shelf = Shelf(token="t1", password=("podsec", "hidden"))
    shelf.put("app", "1", Image())
    with running(shelf) as server:
        asked = reference(f"{server.host}/app:1")
        known = {server.host: Credential(username="podsec", password="hidden")}
        assert registry(server, credentials=known).pin(asked).digest
        wrong = {server.host: Credential(username="podsec", password="wrong")}
        for credentials in ({}, wrong, {"ghcr.io": known[server.host]}):
            with pytest.raises(NotPermitted, match="does not let podsec read app"):
                registry(server, credentials=credentials).pin(asked)
    assert "hidden" not in repr(known)


def test_a_password_is_not_told_to_a_realm_that_the_registry_names() -> None:
    with running(Shelf(token="t1")) as realm:
        shelf = Shelf(token="t1", realm=f"http://{realm.host}/token")
        shelf.put("app", "1", Image())
        with running(shelf) as server:
            known = {server.host: Credential(username="podsec", password="hidden")}
            asked = reference(f"{server.host}/app:1")
            registry(server, realm, credentials=known).pin(asked)
            assert "authorization" not in realm.asked[0].headers
            trusted = {
                server.host: Credential(username="podsec", password="hidden", realms=(realm.host,))
            }
            registry(server, realm, credentials=trusted).pin(asked)
    assert realm.asked[-1].headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    "realm",
    [
        "http://169.254.169.254/latest/meta-data/iam",
        "https://169.254.169.254/",
        "https://localhost/token",
        "http://127.0.0.1:9/token",
        "https://metadata.google.internal/",
        "file:///etc/passwd",
        "",
        "https://user:pass@10.0.0.1/",
    ],
)
def test_a_realm_is_looked_at_like_any_address(realm: str) -> None:
    def answer(asked: Asked) -> Answer:
        return Answer(status=401, headers={"WWW-Authenticate": f'Bearer realm="{realm}"'})

    with serving(answer) as server:
        known = {server.host: Credential(username="podsec", password="hidden")}
        with pytest.raises(Unlisted):
            registry(server, credentials=known).pin(reference(f"{server.host}/app:1"))
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        ("secret/app", NotPermitted, "does not let podsec read"),
        ("denied/app", NotPermitted, "does not let podsec read"),
        ("limit/app", RateLimited, "asked for a pause"),
        ("broken/app", Unavailable, "status 500"),
        ("nope/app", Gone, "does not have"),
        ("other/app", Gone, "does not have"),
    ],
)
def test_a_refusal_says_what_to_do_next(path: str, error: type[Exception], message: str) -> None:
    with running(Shelf()) as server, pytest.raises(error, match=message) as caught:
        registry(server).pin(reference(f"{server.host}/{path}:1"))
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == 7


def test_basic_authentication() -> None:
    def answer(asked: Asked) -> Answer:
        if asked.headers.get("authorization") == "Basic cG9kc2VjOmhpZGRlbg==":
            return Answer(headers={"Docker-Content-Digest": f"sha256:{'b' * 64}"})
        return Answer(status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})

    with serving(answer) as server:
        asked = reference(f"{server.host}/app:1")
        known = {server.host: Credential(username="podsec", password="hidden")}
        assert registry(server, credentials=known).pin(asked).digest == f"sha256:{'b' * 64}"
        with pytest.raises(NotPermitted, match="wants a password"):
            registry(server).pin(asked)


def test_content_that_is_not_what_its_digest_names_is_refused() -> None:
    shelf = Shelf()
    shelf.put("app", "1", Image())
    with running(shelf) as server:
        client = registry(server)
        image = client.pin(reference(f"{server.host}/app:1"))
        shelf.mangle = lambda body: body + b" "
        with pytest.raises(Malformed, match="something else than its digest names"):
            client.manifest(image, LINUX)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"schemaVersion": 1}',
        b'{"schemaVersion": 2}',
        b'{"schemaVersion": 2, "config": 1, "layers": []}',
        b'{"schemaVersion": 2, "config": {"digest": "../../etc"}, "layers": []}',
    ],
)
def test_a_manifest_that_is_none_is_said(body: bytes) -> None:
    with serving(lambda _: Answer(body=body)) as server:
        client = registry(server)
        image = client.pin(reference(f"{server.host}/app@{digest(body)}"))
        with pytest.raises(Malformed):
            client.manifest(image, LINUX)


def test_tags_come_page_by_page() -> None:
    shelf = Shelf(page=2)
    for tag in ("1.0", "1.1", "1.2", "2.0", "latest"):
        shelf.put("app", tag, Image())
    with running(shelf) as server:
        tags = registry(server).tags(reference(f"{server.host}/app:1.0"))
    assert tags == ("1.0", "1.1", "1.2", "2.0", "latest")
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "link", ["https://evil.example.net/v2/app/tags/list?n=1", "/v2/other/tags/list?n=1", "/metrics"]
)
def test_further_tags_are_not_looked_for_elsewhere(link: str) -> None:
    def answer(asked: Asked) -> Answer:
        return Answer(body=b'{"tags": ["1"]}', headers={"Link": f'<{link}>; rel="next"'})

    with serving(answer) as server, pytest.raises(Malformed, match="another place"):
        registry(server).tags(reference(f"{server.host}/app:1"))


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"tags": 3}'])
def test_a_list_of_tags_that_is_none_is_said(body: bytes) -> None:
    with serving(lambda _: Answer(body=body)) as server, pytest.raises(Malformed):
        registry(server).tags(reference(f"{server.host}/app:1"))


def test_docker_hub_is_spoken_to_at_its_own_host(no_packet: Packets) -> None:
    asked: list[Any] = []

    def resolve(host: str, port: int) -> Any:
        asked.append(host)
        raise OSError("not in a test")

    for entry in ("docker.io", "*"):
        with pytest.raises(Unavailable):
            OciRegistry(Client(Hosts([entry]), resolve)).pin(reference("nginx:1.25"))
    assert asked == ["registry-1.docker.io", "registry-1.docker.io"]
    with pytest.raises(Unlisted):
        OciRegistry(Client(Hosts(["ghcr.io"]), resolve)).pin(reference("nginx:1.25"))


def test_a_digest_of_an_unknown_kind_is_refused() -> None:
    with running(Shelf()) as server:
        odd = replace(reference(f"{server.host}/app:1"), digest="md5:" + "0" * 32)
        with pytest.raises(Malformed, match="cannot check"):
            registry(server).pin(odd)
