"""Dockerfiles as far as they tell how their image runs, and which image they build."""

from __future__ import annotations

import pytest

from bot.kubernetes.build_file import BuildFile, is_build_file
from bot.kubernetes.builds import Builds, facts_of
from bot.kubernetes.dockerfile import parse

MULTI = """\
# syntax=docker/dockerfile:1
ARG BASE=debian:12
FROM golang:1.23 AS build
USER 4711
RUN go build -o /app ./...

FROM ${BASE}
RUN groupadd -g 2000 shop && \\
    # a comment between
    useradd --uid 1234 --gid 2000 shop
EXPOSE 8080/tcp 9090
VOLUME ["/data", "/cache"]
USER shop:2000
ENTRYPOINT ["/app", "serve"]
"""


def test_the_last_stage_counts() -> None:
    stage = parse(MULTI)
    assert stage is not None
    assert stage.base == "debian:12"
    assert stage.user is not None
    assert (stage.user.uid, stage.user.gid, stage.user.name) == (1234, 2000, "shop")
    assert stage.config.ports == ("8080/tcp", "9090")
    assert stage.config.volumes == ("/data", "/cache")
    assert stage.config.entrypoint == ("/app", "serve")


def test_a_target_is_a_stage() -> None:
    stage = parse(MULTI, "build")
    assert stage is not None
    assert stage.user is not None
    assert (stage.base, stage.user.uid) == ("golang:1.23", 4711)
    assert parse(MULTI, "absent") is None


@pytest.mark.parametrize(
    ("text", "uid", "name"),
    [
        ("FROM a\nUSER 1000", 1000, None),
        ("FROM a\nUSER root", 0, None),
        ("FROM a\nUSER 0:0", 0, None),
        ("FROM a\nUSER app", None, "app"),
        ("FROM a\nARG UID=7\nUSER $UID", 7, None),
        ("FROM a\nENV UID=7\nUSER ${UID}", 7, None),
        ("FROM a\nUSER ${UID:-8}", 8, None),
        ("FROM a\nRUN adduser -S -u 55 app\nUSER app", 55, "app"),
        ("FROM a\nRUN adduser --uid=55 --disabled-password app && true\nUSER app", 55, "app"),
        ("FROM a\nRUN <<EOF\nuseradd -u 56 app\nEOF\nUSER app", 56, "app"),
        ("FROM a AS b\nUSER 5\nFROM b", 5, None),
        ("FROM a\nUSER 5\nUSER 6", 6, None),
        ("from a\nuser 5", 5, None),
        ("# escape=`\nFROM a\nRUN x `\n  y\nUSER 9", 9, None),
    ],
)
def test_a_user_is_found(text: str, uid: int | None, name: str | None) -> None:
    stage = parse(text)
    assert stage is not None
    assert stage.user is not None
    assert (stage.user.uid, stage.user.name) == (uid, name)


def test_what_is_only_known_at_the_build_is_not_sure() -> None:
    for text in ("FROM $IMAGE\nUSER 5", "FROM a\nUSER $WHO"):
        stage = parse(text)
        assert stage is not None
        assert stage.is_opaque, text


@pytest.mark.parametrize("text", ["", "RUN x", "FROM", "\\", "FROM a\nUSER", "FROM a\n\x00"])
def test_any_text_is_survived(text: str) -> None:
    parse(text)


def test_capabilities_and_tools_are_seen() -> None:
    stage = parse(
        "FROM alpine\nRUN setcap 'cap_net_bind_service,cap_chown=+ep' /app\nRUN apk add su-exec"
    )
    assert stage is not None
    assert stage.capabilities == ("NET_BIND_SERVICE", "CHOWN")
    assert stage.step_down == "su-exec"


COMPOSE = BuildFile(
    path="deploy/docker-compose.yml",
    text="""\
services:
  api:
    image: registry.corp/shop/api:dev
    build: {context: ../api, dockerfile: build/Dockerfile}
  other:
    image: redis
""",
)
SKAFFOLD = BuildFile(
    path="skaffold.yaml",
    text="""\
apiVersion: skaffold/v4beta6
kind: Config
build:
  artifacts:
  - image: registry.corp/shop/web
    context: web
""",
)
API = BuildFile(path="api/build/Dockerfile", text="FROM scratch\nUSER 10")
WEB = BuildFile(path="web/Dockerfile", text="FROM scratch\nUSER 20")


def test_a_build_stated_is_sure() -> None:
    builds = Builds([COMPOSE, SKAFFOLD, API, WEB])
    for repository, uid in (("registry.corp/shop/api", 10), ("registry.corp/shop/web", 20)):
        build = builds.stated(repository)
        assert build is not None
        facts = facts_of(repository, build)
        assert facts.nonroot is not None
        assert (facts.nonroot.value.uid, facts.nonroot.source.sure) == (uid, True)
        assert build.path in facts.nonroot.source.text
    assert builds.stated("registry.corp/shop/redis") is None


def test_a_build_guessed_by_its_folder_is_not_sure() -> None:
    builds = Builds([WEB, BuildFile(path="Dockerfile.api", text="FROM scratch\nUSER 30")])
    for repository, uid in (("registry.corp/any/web", 20), ("registry.corp/any/api", 30)):
        build = builds.guessed(repository)
        assert build is not None
        facts = facts_of(repository, build)
        assert facts.nonroot is not None
        assert (facts.nonroot.value.uid, facts.nonroot.source.sure) == (uid, False)


def test_two_folders_of_one_name_tell_nothing() -> None:
    twice = Builds([WEB, BuildFile(path="old/web/Dockerfile", text="FROM scratch")])
    assert twice.guessed("registry.corp/any/web") is None


def test_a_build_without_a_user_has_that_of_its_base() -> None:
    file = BuildFile(path="job/Dockerfile", text="FROM prom/prometheus:v3.1.0\nCOPY a b")
    build = Builds([file]).guessed("registry.corp/job")
    assert build is not None
    facts = facts_of("registry.corp/job", build)
    assert facts.user is not None
    assert facts.user.value.name == "nobody"
    assert facts.size == "tsdb"


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("Dockerfile", True),
        ("Containerfile", True),
        ("api.Dockerfile", True),
        ("Dockerfile.prod", True),
        ("docker-compose.override.yml", True),
        ("compose.yaml", True),
        ("skaffold.yaml", True),
        ("deployment.yaml", False),
        ("dockerfiles.md", False),
        ("composer.json", False),
    ],
)
def test_build_files_are_known_by_their_names(name: str, is_one: bool) -> None:
    assert is_build_file(name) == is_one
