"""Evidence on images: who outranks whom, and that a contradiction is named."""

from __future__ import annotations

from typing import Any

from bot.config import ImageEntry, parse
from bot.kubernetes.build_file import BuildFile
from bot.kubernetes.image_facts import ImageFacts, numeric
from bot.kubernetes.workload import Container, Pod
from bot.model.vulnerability import ImageConfig
from tests.pods import context, first, one, pod

PRIVATE = "registry.corp/shop/cart:2.0.0"
HARDENED = """
containers:
- name: cart
  image: registry.corp/shop/cart:1.9.0
  securityContext:
    runAsUser: 40
    runAsGroup: 41
    readOnlyRootFilesystem: true
    capabilities: {drop: [ALL]}
  volumeMounts: [{name: tmp, mountPath: /tmp}]
volumes: [{name: tmp, emptyDir: {}}]
"""
STATED = [
    BuildFile(
        path="compose.yaml",
        text="services: {cart: {image: registry.corp/shop/cart, build: cart}}",
    ),
    BuildFile(path="cart/Dockerfile", text="FROM scratch\nUSER 30"),
]
OPERATOR = (ImageEntry(match="registry.corp/shop/*", uid=20, writable=("/tmp",)),)
CONFIG = {PRIVATE: ImageConfig(user="10:11")}


def facts(
    container: Container, pods: tuple[Pod, ...] = (), own: tuple[ImageEntry, ...] = (), **more: Any
) -> ImageFacts | None:
    return context(pods, **more).evidence.facts(container, own)


def uid(found: ImageFacts | None) -> int | None:
    assert found is not None
    number = numeric(found)
    return number.value if number else None


def test_each_source_outranks_the_next() -> None:
    container = one(f"image: {PRIVATE}")
    sibling = pod(HARDENED, name="elsewhere", file="elsewhere.yaml")
    assert facts(container) is None
    assert uid(facts(container, (sibling,))) == 40
    assert uid(facts(container, (sibling,), files=STATED)) == 30
    assert uid(facts(container, (sibling,), OPERATOR, files=STATED)) == 20
    assert uid(facts(container, (sibling,), OPERATOR, files=STATED, configs=CONFIG)) == 10


def test_what_a_better_source_does_not_know_comes_from_the_next() -> None:
    container = one(f"image: {PRIVATE}")
    sibling = pod(HARDENED, name="elsewhere", file="elsewhere.yaml")
    found = facts(container, (sibling,), configs=CONFIG)
    assert found is not None
    assert found.files is not None
    assert [path.path for path in found.files.value.writable] == ["/tmp"]
    assert "elsewhere.yaml" in found.files.source.text


def test_a_contradiction_is_named() -> None:
    found = facts(one("image: redis:7"), configs={"redis:7": ImageConfig(user="5")})
    assert uid(found) == 5
    assert found is not None
    assert any("user 999" in conflict for conflict in found.conflicts)


def test_a_container_is_no_evidence_for_itself() -> None:
    alone = pod(HARDENED)
    assert facts(first(alone), (alone,)) is None


def test_a_sibling_with_another_command_or_variant_is_none() -> None:
    sibling = pod(HARDENED, name="elsewhere", file="elsewhere.yaml")
    other = one(f"{{image: '{PRIVATE}', command: [migrate]}}")
    assert facts(other, (sibling,)) is None
    assert facts(one("image: registry.corp/shop/cart:2.0.0-alpine"), (sibling,)) is None


def test_siblings_that_disagree_are_not_sure() -> None:
    first_one = pod(HARDENED, name="a", file="a.yaml")
    second = pod(HARDENED.replace("runAsUser: 40", "runAsUser: 44"), name="b", file="b.yaml")
    found = facts(one(f"image: {PRIVATE}"), (first_one, second))
    assert found is not None
    assert found.nonroot is not None
    assert not found.nonroot.source.sure


def test_a_windows_pod_tells_nothing() -> None:
    windows = pod("os: {name: windows}\n" + HARDENED, name="w", file="w.yaml")
    assert facts(one(f"image: {PRIVATE}"), (windows,)) is None


def test_an_operators_entry_is_read_from_the_config() -> None:
    text = """
    images:
      "registry.corp/java-*": {uid: 1000, writable: [/tmp], capabilities: [CHOWN]}
    """
    entries = parse(text.encode(), ".podsec.yaml").images
    found = facts(one("image: registry.corp/java-21:1"), own=entries)
    assert found is not None
    assert found.capabilities is not None
    assert found.files is not None
    assert uid(found) == 1000
    assert found.capabilities.value.of_files == ("CHOWN",)
    assert facts(one("image: registry.corp/go-1:1"), own=entries) is None


def test_an_operator_may_say_that_an_image_needs_root() -> None:
    found = facts(one("image: redis:7"), own=(ImageEntry(match="docker.io/library/redis", uid=0),))
    assert found is not None
    assert found.nonroot is not None
    assert found.nonroot.value.verdict == "no"


def test_nothing_is_looked_at_before_it_is_asked_for() -> None:
    def explode() -> Any:
        raise AssertionError("asked too early")

    from bot.kubernetes.evidence import Evidence

    Evidence(explode)


def test_a_sibling_brings_the_folders_that_it_writes_to() -> None:
    found = facts(one(f"image: {PRIVATE}"), (pod(HARDENED, name="elsewhere", file="e.yaml"),))
    assert found is not None
    assert found.nonroot is not None
    assert found.nonroot.value.mounts == ("/tmp",)


def test_a_sibling_with_files_of_its_own_proves_nothing_without_them() -> None:
    configured = HARDENED.replace("emptyDir: {}", "configMap: {name: cart}")
    sibling = pod(configured, name="elsewhere", file="e.yaml")
    assert facts(one(f"image: {PRIVATE}"), (sibling,)) is None
    same = f"{{image: '{PRIVATE}', volumeMounts: [{{name: x, mountPath: /tmp}}]}}"
    assert facts(one(same), (sibling,)) is not None
