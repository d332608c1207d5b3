"""New files by example: policies and companions, with comments."""

from __future__ import annotations

import json

import pytest
import yaml

from bot.yamlpatch import Refused, read
from bot.yamlpatch.create import NewFile, create
from tests.yamlpatch.layouts import STRINGS

POLICY = NewFile(
    comment="Nothing may come in, nothing may go out.\n\nAllow what is needed below.",
    value={
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "shop", "labels": {"on": "yes", "version": "1.10"}},
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "egress": [
                {"ports": [{"port": 53, "protocol": "UDP"}]},
                {"to": []},
            ],
        },
    },
    notes={
        ("spec", "egress", 0): "name resolution",
        ("spec", "egress", 0, "ports"): "and nothing else",
        ("spec", "egress", 0, "ports", 0, "protocol"): "by datagrams",
        ("spec", "egress", 0, "ports", 0, "port"): "DNS",
        ("spec", "podSelector"): "all pods\nof the namespace",
    },
)
TEXT = """\
# Nothing may come in, nothing may go out.
#
# Allow what is needed below.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: shop
  labels:
    "on": "yes"
    version: "1.10"
spec:
  # all pods
  # of the namespace
  podSelector: {}
  policyTypes:
  - Ingress
  - Egress
  egress:
  # name resolution
  # and nothing else
  - ports:
    # DNS
    - port: 53
      # by datagrams
      protocol: UDP
  - to: []
"""


def test_a_new_file_is_exactly_this() -> None:
    assert create([POLICY]).decode() == TEXT


def test_the_same_input_gives_the_same_bytes() -> None:
    assert create([POLICY, POLICY]) == create([POLICY, POLICY])


def test_documents_are_separated() -> None:
    text = create([NewFile(value={"a": 1}), NewFile(value={"b": 2}, comment="two")])
    assert text == b"a: 1\n---\n# two\nb: 2\n"


@pytest.mark.parametrize("string", STRINGS)
def test_a_string_is_a_string_for_every_reader(string: str) -> None:
    data = create([NewFile(value={"key": string, "list": [string], string or "empty": 1})])
    wanted = {"key": string, "list": [string], string or "empty": 1}
    assert read(data).value(0) == wanted
    assert yaml.load(data, Loader=yaml.CSafeLoader) == wanted  # YAML 1.1
    from ruamel.yaml import YAML

    assert YAML(typ="safe", pure=True).load(data.decode()) == wanted  # YAML 1.2
    assert json.loads(json.dumps(wanted)) == wanted


def test_a_key_file_is_a_literal() -> None:
    assert create([NewFile(value={"a": "x\ny\n"})]) == b"a: |\n  x\n  y\n"


@pytest.mark.parametrize("path", [("nowhere",), ("a", 4), ("a", "b"), ()])
def test_a_note_without_a_place_is_refused(path: tuple[str | int, ...]) -> None:
    with pytest.raises(Refused, match="no place"):
        create([NewFile(value={"a": [1]}, notes={path: "why"})])
