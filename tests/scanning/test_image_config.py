"""What an image's own config proves."""

from __future__ import annotations

from typing import Any

import pytest

from bot.kubernetes.config_facts import facts_of
from bot.kubernetes.image_config import (
    names_its_user,
    port_numbers,
    read_config,
    starts_as_root,
)


@pytest.mark.parametrize(
    ("user", "uid", "gid"),
    [
        ("1000", 1000, None),
        ("1000:2000", 1000, 2000),
        ("101:0", 101, 0),
        ("1000:app", 1000, None),
    ],
)
def test_a_number_that_is_not_root_is_proof(user: str, uid: int, gid: int | None) -> None:
    config = read_config({"User": user, "ExposedPorts": {"8080/tcp": {}}})
    facts = facts_of("ghcr.io/a/b", config)
    assert facts.nonroot is not None
    found = facts.nonroot.value
    assert (found.verdict, found.uid, found.gid) == ("yes", uid, gid)
    assert facts.nonroot.source.sure
    assert (facts.files, facts.capabilities) == (None, None)
    assert not starts_as_root(config)
    assert not names_its_user(config)


@pytest.mark.parametrize("user", ["", "0", "0:0", "root", "root:root", "0:1000"])
def test_an_image_that_starts_as_root_proves_nothing(user: str) -> None:
    config = read_config({"User": user})
    assert facts_of("a", config).nonroot is None
    assert starts_as_root(config)


@pytest.mark.parametrize("user", ["app", "app:app", "nobody", "app:1000", "99999999999"])
def test_a_name_has_no_number_and_the_kubelet_cannot_tell_it_from_root(user: str) -> None:
    config = read_config({"User": user})
    facts = facts_of("a", config)
    assert facts.nonroot is not None
    assert facts.nonroot.value.uid is None
    assert names_its_user(config)


def test_a_low_port_is_said() -> None:
    config = read_config({"User": "1000", "ExposedPorts": {"80/tcp": {}, "8443": {}}})
    facts = facts_of("a", config)
    assert facts.ports is not None
    assert facts.ports.value.is_low
    assert port_numbers(config) == (80, 8443)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"User": 3, "ExposedPorts": [], "Volumes": "x", "Cmd": 4, "WorkingDir": None},
        {"User": None, "ExposedPorts": None, "Entrypoint": None},
    ],
)
def test_odd_configs_are_empty_ones(config: dict[str, Any]) -> None:
    found = read_config(config)
    assert (found.user, found.ports, found.volumes, found.entrypoint) == ("", (), (), ())
    assert (found.command, found.working_folder) == ((), "")


def test_a_command_that_is_one_text_is_one_word() -> None:
    assert read_config({"Cmd": "/bin/sh -c x"}).command == ("/bin/sh -c x",)
