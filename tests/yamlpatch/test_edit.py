"""Edits by example: the text before, the patch, the text after."""

from __future__ import annotations

from typing import Any

import pytest

from bot.yamlpatch import (
    KEEP,
    Append,
    Insert,
    NewDocument,
    Patch,
    Refused,
    Remove,
    Rename,
    Set,
    Unreadable,
    apply_edits,
    edit,
    read,
)

CONTAINER = ("spec", "containers", 0)
FORBIDDEN = {"securityContext": {"allowPrivilegeEscalation": False}}
REF = {"secretKeyRef": {"name": "s", "key": "k"}}


def put(*path: Any, value: Any, document: int = 0, after: tuple[str, ...] = ()) -> Set:
    return Set(document=document, path=path, value=value, after=after)


def add(*path: Any, value: Any) -> Append:
    return Append(document=0, path=path, value=value)


def insert(*path: Any, index: int, value: Any) -> Insert:
    return Insert(document=0, path=path, index=index, value=value)


def remove(*path: Any) -> Remove:
    return Remove(document=0, path=path)


def rename(*path: Any, key: str, value: Any = KEEP) -> Rename:
    return Rename(document=0, path=path, key=key, value=value)


CASES: dict[str, tuple[str, list[Patch], str]] = {
    "a key in a block": ("a: 1\n", [put("b", value=2)], "a: 1\nb: 2\n"),
    "a nested mapping": (
        "a:\n    b: 1\n",
        [put("a", "c", "d", value=2)],
        "a:\n    b: 1\n    c:\n        d: 2\n",
    ),
    "before a dedented comment": (
        "a:\n  b: 1\n# end\n",
        [put("a", "c", value=2)],
        "a:\n  b: 1\n  c: 2\n# end\n",
    ),
    "after a deeper comment": (
        "a:\n  b: 1\n  c:\n    - x\n    # y\n",
        [put("a", "d", value=1)],
        "a:\n  b: 1\n  c:\n    - x\n    # y\n  d: 1\n",
    ),
    "a scalar keeps its comment": ("a: true # why\n", [put("a", value=False)], "a: false # why\n"),
    "a quote stays": ("a: 'x'\n", [put("a", value="y")], "a: 'y'\n"),
    "a list item": ("a:\n  - b\n", [add("a", value="c")], "a:\n  - b\n  - c\n"),
    "a list at its key": ("a:\n- b\n", [add("a", value="c")], "a:\n- b\n- c\n"),
    "no final newline": ("a: 1", [put("b", value=2)], "a: 1\nb: 2"),
    "crlf": (
        "a: 1\r\nb:\r\n  c: 1\r\n",
        [put("b", "d", value=2)],
        "a: 1\r\nb:\r\n  c: 1\r\n  d: 2\r\n",
    ),
    "empty value": ("a: # note\nb: 1\n", [put("a", "c", value=2)], "a: # note\n  c: 2\nb: 1\n"),
    "empty mapping": ("a: {}\nb: 1\n", [put("a", "c", value=2)], "a:\n  c: 2\nb: 1\n"),
    "flow mapping": ("a: {b: 1}\n", [put("a", "c", value=2)], "a: {b: 1, c: 2}\n"),
    "flow list": ("a: [x]\n", [add("a", value="z")], "a: [x, z]\n"),
    "json": ('{"a": {"b": 1}}\n', [put("a", "c", value="d")], '{"a": {"b": 1, "c": "d"}}\n'),
    "what looks like a boolean is quoted": ("a: b\n", [put("c", value="yes")], 'a: b\nc: "yes"\n'),
    "a key goes": ("a: 1\nb: 2\nc: 3\n", [Remove(document=0, path=("b",))], "a: 1\nc: 3\n"),
    "the first key of an item goes": (
        "- a: 1\n  b: 2\n",
        [Remove(document=0, path=(0, "a"))],
        "- b: 2\n",
    ),
    "the only key goes": (
        "x:\n  a: 1\ny: 2\n",
        [Remove(document=0, path=("x", "a"))],
        "x: {}\ny: 2\n",
    ),
    "document end": ("---\na: 1\n...\n", [put("b", value=2)], "---\na: 1\nb: 2\n...\n"),
    "keep-chomped scalar": (
        "a: |+\n  x\n\nb: 1\n",
        [put("c", value=2)],
        "a: |+\n  x\n\nb: 1\nc: 2\n",
    ),
    "equal items are one": ("a: [x]\n", [add("a", value="x")], "a: [x]\n"),
    "two below an absent key": (
        "a: 1\n",
        [put("b", "c", value=1), put("b", "d", value=2)],
        "a: 1\nb:\n  c: 1\n  d: 2\n",
    ),
    # where new lines go
    "several final newlines stay": (
        "a:\n  b: 1\n\n\n",
        [put("a", "c", value=2)],
        "a:\n  b: 1\n  c: 2\n\n\n",
    ),
    "mixed line ends follow the neighbour": (
        "a:\r\n  b: 1\nc:\r\n  d: 1\r\n",
        [put("a", "x", value=1), put("c", "x", value=1)],
        "a:\r\n  b: 1\n  x: 1\nc:\r\n  d: 1\r\n  x: 1\r\n",
    ),
    "a byte order mark": ("\ufeffa: 1\n", [put("b", value=True)], "\ufeffa: 1\nb: true\n"),
    "a directive, comments on markers": (
        "%YAML 1.1\n---  # hi\na: 1\n--- # two\nb: 1\n",
        [put("c", value=1, document=1)],
        "%YAML 1.1\n---  # hi\na: 1\n--- # two\nb: 1\nc: 1\n",
    ),
    "a comment before the next document": (
        "a: 1\n# tail of one\n---\nb: 1\n---\nc: 1\n",
        [put("x", value=1)],
        "a: 1\nx: 1\n# tail of one\n---\nb: 1\n---\nc: 1\n",
    ),
    "an item of a List": (
        "kind: List\nitems:\n- kind: Pod\n  spec:\n    containers:\n    - name: a\n- kind: Pod\n",
        [put("items", 0, *CONTAINER, "tty", value=False)],
        "kind: List\nitems:\n- kind: Pod\n  spec:\n    containers:\n    - name: a\n      tty: false\n- kind: Pod\n",
    ),
    "after a sibling": ("a: 1\nc: 3\n", [put("b", value=2, after=("a",))], "a: 1\nb: 2\nc: 3\n"),
    "after the last of several siblings": (
        "a: 1\nb: 2\nd: 4\n",
        [put("c", value=3, after=("b", "a"))],
        "a: 1\nb: 2\nc: 3\nd: 4\n",
    ),
    "after a sibling in flow": (
        "{a: 1, c: 3}\n",
        [put("b", value=2, after=("a",))],
        "{a: 1, b: 2, c: 3}\n",
    ),
    "a tab before a comment": (
        "a:\n  b: 1\t# tab\tcomment\nc: 1\n",
        [put("a", "x", value=1)],
        "a:\n  b: 1\t# tab\tcomment\n  x: 1\nc: 1\n",
    ),
    "a deeper comment belongs above, one at the column does not": (
        "a:\n  b:\n    c: 1\n    # d: 2\n  # e: 3\nf: 1\n",
        [put("a", "x", value=1)],
        "a:\n  b:\n    c: 1\n    # d: 2\n  x: 1\n  # e: 3\nf: 1\n",
    ),
    "behind a null with a comment": (
        "a:\n  b: # none\n",
        [put("a", "c", value=1)],
        "a:\n  b: # none\n  c: 1\n",
    ),
    # block scalars
    "a block scalar with blank lines behind it": (
        "a:\n  s: |\n    t\n\n\nb: 1\n",
        [put("a", "c", value=1)],
        "a:\n  s: |\n    t\n  c: 1\n\n\nb: 1\n",
    ),
    "a kept block scalar": (
        "a:\n  s: |+\n    t\n\n\nb: 1\n",
        [put("a", "c", value=1)],
        "a:\n  s: |+\n    t\n\n\n  c: 1\nb: 1\n",
    ),
    "a block scalar that ends in what looks like a comment": (
        "a:\n  s: |\n    x\n    # not a comment\nb: 1\n",
        [put("a", "c", value=1)],
        "a:\n  s: |\n    x\n    # not a comment\n  c: 1\nb: 1\n",
    ),
    "an open block scalar is not last": (
        "a: 1\ns: |\n  t",
        [put("c", value=1)],
        "a: 1\nc: 1\ns: |\n  t",
    ),
    "a stripped block scalar may be": ("s: |-\n  t", [put("c", value=1)], "s: |-\n  t\nc: 1"),
    "scalars over several lines": (
        'a:\n  s: x\n    y\n  t: "p\n    q" # c\nb: 1\n',
        [put("a", "c", value=1)],
        'a:\n  s: x\n    y\n  t: "p\n    q" # c\n  c: 1\nb: 1\n',
    ),
    "a block scalar becomes a scalar, its comment stays": (
        "a: |- # why\n  x\n  y\nb: 1\n",
        [put("a", value="z")],
        "a: z # why\nb: 1\n",
    ),
    # flow
    "flow on one line": (
        'spec: {containers: [{name: a, image: "x"}]}\n',
        [put(*CONTAINER, value=FORBIDDEN)],
        'spec: {containers: [{name: a, image: "x", securityContext: {allowPrivilegeEscalation: false}}]}\n',
    ),
    "padded flow": ("a: { b: 1 }\n", [put("a", "c", value={"d": 1})], "a: { b: 1, c: { d: 1 } }\n"),
    "a trailing comma": ("a: {b: 1,}\n", [put("a", "c", value=1)], "a: {b: 1, c: 1,}\n"),
    "flow over lines with comments": (
        "a: {\n  b: 1, # one\n  c: 2 # two\n}\n",
        [put("a", "d", value=3)],
        "a: {\n  b: 1, # one\n  c: 2, # two\n  d: 3\n}\n",
    ),
    "flow over lines with a trailing comma": (
        "a: {\n  b: 1,\n  c: 2, # two\n}\n",
        [put("a", "d", value=3)],
        "a: {\n  b: 1,\n  c: 2, # two\n  d: 3,\n}\n",
    ),
    "double quotes like the siblings": (
        'drop: ["A", "B"]\n',
        [add("drop", value="ALL")],
        'drop: ["A", "B", "ALL"]\n',
    ),
    "single quotes like the siblings": (
        "drop: [ 'A' ]\n",
        [add("drop", value="ALL")],
        "drop: [ 'A', 'ALL' ]\n",
    ),
    "two into one flow list": (
        "a: [x]\n",
        [add("a", value="p"), add("a", value="q")],
        "a: [x, p, q]\n",
    ),
    "two into one flow list over lines": (
        "a: [\n  x\n]\n",
        [add("a", value="p"), add("a", value="q")],
        "a: [\n  x,\n  p,\n  q\n]\n",
    ),
    "a flow mapping among flow mappings": (
        "a:\n- {name: x, path: /x}\n",
        [add("a", value={"name": "z", "path": "/z"})],
        "a:\n- {name: x, path: /x}\n- {name: z, path: /z}\n",
    ),
    "a null in flow": ("{a: , b: 1}\n", [put("a", value=2)], "{a: 2, b: 1}\n"),
    "a key without a value in flow": ("{a, b: 1}\n", [put("a", value=2)], "{a: 2, b: 1}\n"),
    # JSON
    "compact JSON": ('{"a":{"b":[1,2]}}', [add("a", "b", value=3)], '{"a":{"b":[1,2,3]}}'),
    "JSON quotes what YAML would not": (
        '{"a":{"b":"x"}}',
        [put("a", "c", value="new")],
        '{"a":{"b":"x","c":"new"}}',
    ),
    "JSON over lines": (
        '{\n    "a": {\n        "b": "x"\n    }\n}\n',
        [put("a", "c", value={"d": [True]})],
        '{\n    "a": {\n        "b": "x",\n        "c": {\n            "d": [\n                true\n            ]\n        }\n    }\n}\n',
    ),
    "JSON with tabs": (
        '{\n\t"a": {\n\t\t"b": 1\n\t}\n}\n',
        [put("a", "c", value={"d": 1})],
        '{\n\t"a": {\n\t\t"b": 1,\n\t\t"c": {\n\t\t\t"d": 1\n\t\t}\n\t}\n}\n',
    ),
    "an empty object in JSON": (
        '{\n  "a": {}\n}\n',
        [put("a", "c", value=1)],
        '{\n  "a": {\n    "c": 1\n  }\n}\n',
    ),
    "objects on one line in JSON over lines": (
        '{\n  "a": [\n    {"b": 1}\n  ]\n}\n',
        [add("a", value={"c": 2})],
        '{\n  "a": [\n    {"b": 1},\n    {"c": 2}\n  ]\n}\n',
    ),
    "JSON in YAML": (
        'a: 1\nb: {"x": {"y": 1}}\n',
        [put("b", "x", "z", value="q")],
        'a: 1\nb: {"x": {"y": 1, "z": "q"}}\n',
    ),
    # empty values
    "an empty flow list keeps its comment": (
        "drop: []  # none\n",
        [add("drop", value="ALL")],
        "drop: [ALL]  # none\n",
    ),
    "a null list": ("a:\n  drop:\n", [add("a", "drop", value="ALL")], "a:\n  drop:\n  - ALL\n"),
    "a null mapping": (
        "c:\n- name: a\n  securityContext:\n  image: x\n",
        [put("c", 0, value=FORBIDDEN)],
        "c:\n- name: a\n  securityContext:\n    allowPrivilegeEscalation: false\n  image: x\n",
    ),
    "a tilde with a comment": (
        "c:\n- securityContext: ~ # none\n",
        [put("c", 0, value=FORBIDDEN)],
        "c:\n- securityContext: # none\n    allowPrivilegeEscalation: false\n",
    ),
    "an empty mapping with a comment": (
        "c:\n- securityContext: {}   # none\n",
        [put("c", 0, value=FORBIDDEN)],
        "c:\n- securityContext:   # none\n    allowPrivilegeEscalation: false\n",
    ),
    "an empty item": ("a:\n- {}\n", [put("a", 0, "b", "c", value=1)], "a:\n- b:\n    c: 1\n"),
    "a null item": ("a:\n-\n- x\n", [put("a", 0, "b", value=1)], "a:\n- b: 1\n- x\n"),
    "an empty value on its own line": (
        "a:\n    {}\nb: 1\n",
        [put("a", "c", value={"d": 1})],
        "a:\n    c:\n      d: 1\nb: 1\n",
    ),
    # scalars
    "a boolean of YAML 1.1": (
        "privileged: yes\n",
        [put("privileged", value=False)],
        "privileged: false\n",
    ),
    "blanks around a value stay": (
        "hostNetwork:   true   # why\n",
        [put("hostNetwork", value=False)],
        "hostNetwork:   false   # why\n",
    ),
    "a string like a boolean in a list": (
        'a:\n  - "x"\n',
        [add("a", value="yes")],
        'a:\n  - "x"\n  - "yes"\n',
    ),
    "an anchor that nobody uses stays": ("u: &u 0\n", [put("u", value=1000)], "u: &u 1000\n"),
    "an alias is replaced where it stands": (
        "u: &u 0\nv: *u\n",
        [put("v", value=1000)],
        "u: &u 0\nv: 1000\n",
    ),
    "a merge key gets an explicit one beside it": (
        "b: &b {p: 1}\nc:\n  <<: *b\n  q: 1\n",
        [put("c", "r", value=1)],
        "b: &b {p: 1}\nc:\n  <<: *b\n  q: 1\n  r: 1\n",
    ),
    "an inherited scalar is overridden in one place": (
        "b: &b {p: true}\nc:\n  <<: *b\nd:\n  <<: *b\n",
        [put("c", "p", value=False)],
        "b: &b {p: true}\nc:\n  <<: *b\n  p: false\nd:\n  <<: *b\n",
    ),
    "duplicate keys elsewhere": (
        "a: 1\na: 2\nb:\n  c: 1\n",
        [put("b", "d", value=1)],
        "a: 1\na: 2\nb:\n  c: 1\n  d: 1\n",
    ),
    "an anchor used again for another value": (
        "a: &k 1\nb: &k 2\nc:\n  d: *k\n",
        [put("c", "e", value=1)],
        "a: &k 1\nb: &k 2\nc:\n  d: *k\n  e: 1\n",
    ),
    "other alphabets": (
        '名: é # ü\nb:\n  "ключ": 1\n',
        [put("b", "c", value="日本")],
        '名: é # ü\nb:\n  "ключ": 1\n  c: 日本\n',
    ),
    "a tag stays": ("a: !!map\n  b: 1\n", [put("a", "c", value=1)], "a: !!map\n  b: 1\n  c: 1\n"),
    "a variable of Flux": (
        "a: ${X}\nb:\n  c: 1\n",
        [put("b", "d", value=1)],
        "a: ${X}\nb:\n  c: 1\n  d: 1\n",
    ),
    # lists
    "a wide gap behind the dash": (
        "a:\n-   name: x\n    image: y\n",
        [add("a", value={"name": "z", "image": "w"})],
        "a:\n-   name: x\n    image: y\n-   name: z\n    image: w\n",
    ),
    "nested lists": ("a:\n- - 1\n  - 2\n", [add("a", 0, value=3)], "a:\n- - 1\n  - 2\n  - 3\n"),
    "before the first item": (
        "a:\n  - b\n",
        [insert("a", index=0, value="z")],
        "a:\n  - z\n  - b\n",
    ),
    "between two items": (
        "a:\n- b\n# of c\n- c\n",
        [insert("a", index=1, value={"x": 1, "z": 2})],
        "a:\n- b\n- x: 1\n  z: 2\n# of c\n- c\n",
    ),
    "before the first of a nested list": (
        "a:\n- - b\n",
        [insert("a", 0, index=0, value="z")],
        "a:\n- - z\n  - b\n",
    ),
    "before the first in flow": (
        "a: [b, c]\n",
        [insert("a", index=0, value="z")],
        "a: [z, b, c]\n",
    ),
    "between two in flow": ("a: [b, c]\n", [insert("a", index=1, value="z")], "a: [b, z, c]\n"),
    "before the first in flow over lines": (
        "a: [\n  b\n]\n",
        [insert("a", index=0, value="z")],
        "a: [\n  z,\n  b\n]\n",
    ),
    "another list": (
        "a: # why\n- b\n- c\nd: 1\n",
        [put("a", value=["x"])],
        "a: # why\n- x\nd: 1\n",
    ),
    "another list in flow": ("a: [b, c] # why\n", [put("a", value=["x"])], "a: [x] # why\n"),
    "an empty list for a block": ("a:\n- b\nd: 1\n", [put("a", value=[])], "a: []\nd: 1\n"),
    # removal
    "a comment stays when its key goes": (
        "a: 1\nb: 2 # why\nc: 3\n",
        [remove("b")],
        "a: 1\n# why\nc: 3\n",
    ),
    "a nested value goes with its key": (
        "a: 1\nb:\n  c:\n  - d\ne: 3\n",
        [remove("b")],
        "a: 1\ne: 3\n",
    ),
    "the last key of a file without a final newline": ("a: 1\nb: 2", [remove("b")], "a: 1"),
    "a key with CRLF": ("a: 1\r\nb: 2\r\nc: 3\r\n", [remove("b")], "a: 1\r\nc: 3\r\n"),
    "a list item goes": ("a:\n- b\n- c\n- d\n", [remove("a", 1)], "a:\n- b\n- d\n"),
    "several list items": (
        "a:\n- b\n- c\n- d\n",
        [remove("a", 0), remove("a", 2)],
        "a:\n- c\n",
    ),
    "the only item": ("a:\n  b:\n  - c\nd: 1\n", [remove("a", "b", 0)], "a:\n  b: []\nd: 1\n"),
    "the only key of an item": ("a:\n- b: 1\n- c\n", [remove("a", 0, "b")], "a:\n- {}\n- c\n"),
    "the first key of an item with a comment": (
        "- a: 1 # why\n  b: 2\n",
        [remove(0, "a")],
        "- # why\n  b: 2\n",
    ),
    "a flow member in the middle": (
        "a: {b: 1, c: 2, d: 3}\n",
        [remove("a", "c")],
        "a: {b: 1, d: 3}\n",
    ),
    "the first flow member": ("a: {b: 1, c: 2}\n", [remove("a", "b")], "a: {c: 2}\n"),
    "the last flow member": ("a: { b: 1, c: 2 }\n", [remove("a", "c")], "a: { b: 1 }\n"),
    "the last flow member before a trailing comma": ("a: [b, c,]\n", [remove("a", 1)], "a: [b,]\n"),
    "the only flow member": ("a: { b: 1 }\n", [remove("a", "b")], "a: {}\n"),
    "a flow member on its own line": (
        "a: {\n  b: 1,\n  c: 2,\n  d: 3\n}\n",
        [remove("a", "c")],
        "a: {\n  b: 1,\n  d: 3\n}\n",
    ),
    "the last flow member on its own line": (
        "a: {\n  b: 1,\n  c: 2\n}\n",
        [remove("a", "c")],
        "a: {\n  b: 1\n}\n",
    ),
    "a flow member with a comment": (
        "a: {\n  b: 1, # one\n  c: 2 # two\n}\n",
        [remove("a", "c")],
        "a: {\n  b: 1 # one\n  # two\n}\n",
    ),
    "a member of JSON": (
        '{\n  "a": 1,\n  "b": {\n    "c": 2\n  }\n}\n',
        [remove("b")],
        '{\n  "a": 1\n}\n',
    ),
    "a member goes and another comes": (
        "a:\n  b: 1\nc: 1\n",
        [remove("a", "b"), put("a", "d", value=2)],
        "a:\n  d: 2\nc: 1\n",
    ),
    # another name
    "a key gets another name": (
        "serviceAccount: x # why\n",
        [rename("serviceAccount", key="serviceAccountName")],
        "serviceAccountName: x # why\n",
    ),
    "a quoted key": ('{"a": 1}\n', [rename("a", key="b")], '{"b": 1}\n'),
    "a literal becomes a reference": (
        "env:\n- name: P\n  value: hunter2   # TODO\n- name: Q\n",
        [rename("env", 0, "value", key="valueFrom", value=REF)],
        "env:\n- name: P\n  valueFrom:   # TODO\n    secretKeyRef:\n      name: s\n      key: k\n- name: Q\n",
    ),
    "a literal that is the first key": (
        'env:\n- value: "x"\n  name: P\n',
        [rename("env", 0, "value", key="valueFrom", value=REF)],
        "env:\n- valueFrom:\n    secretKeyRef:\n      name: s\n      key: k\n  name: P\n",
    ),
    "a literal in flow": (
        "env: [{name: P, value: x}]\n",
        [rename("env", 0, "value", key="valueFrom", value=REF)],
        "env: [{name: P, valueFrom: {secretKeyRef: {name: s, key: k}}}]\n",
    ),
    "a literal in JSON": (
        '{\n  "name": "P",\n  "value": "x"\n}\n',
        [rename("value", key="valueFrom", value=REF)],
        '{\n  "name": "P",\n  "valueFrom": {\n    "secretKeyRef": {\n      "name": "s",\n      "key": "k"\n    }\n  }\n}\n',
    ),
    "a literal in a block scalar": (
        "env:\n- name: P\n  value: |\n    -----BEGIN\n    x\n- name: Q\n",
        [rename("env", 0, "value", key="valueFrom", value=REF)],
        "env:\n- name: P\n  valueFrom:\n    secretKeyRef:\n      name: s\n      key: k\n- name: Q\n",
    ),
    "a literal below its key": (
        "- name: P\n  value:\n    hunter2\n- name: Q\n",
        [rename(0, "value", key="valueFrom", value=REF)],
        "- name: P\n  valueFrom:\n    secretKeyRef:\n      name: s\n      key: k\n- name: Q\n",
    ),
    "a literal that is an alias": (
        "p: &p x\nenv:\n- name: P\n  value: *p\n",
        [rename("env", 0, "value", key="valueFrom", value=REF)],
        "p: &p x\nenv:\n- name: P\n  valueFrom:\n    secretKeyRef:\n      name: s\n      key: k\n",
    ),
    "a list becomes a scalar": (
        "a:\n- b\nc: 1\n",
        [rename("a", key="d", value="x")],
        "d: x\nc: 1\n",
    ),
    # documents
    "a new document": (
        "a:\n    b: 1\n",
        [NewDocument(value={"c": {"d": "yes"}}, comment="Starting point.")],
        'a:\n    b: 1\n---\n# Starting point.\nc:\n    d: "yes"\n',
    ),
    "a new document after a closed one without a newline": (
        "a: 1\n...",
        [NewDocument(value={"b": 2})],
        "a: 1\n...\n---\nb: 2\n",
    ),
    "a new document with CRLF": (
        "a: 1\r\n",
        [NewDocument(value={"b": 2})],
        "a: 1\r\n---\r\nb: 2\r\n",
    ),
}
REFUSED: dict[str, tuple[str, list[Patch], str]] = {
    "a removal with a comment inside": (
        "a:\n  # why\n  b: 1\nc: '# 2'\n",
        [remove("a")],
        "a comment stands inside what would be removed",
    ),
    "a removal with a comment on its first line": (
        "a: # why\n  b: 1\nc: 2\n",
        [remove("a")],
        "a comment stands inside what would be removed",
    ),
    "a removal with a comment behind its dash": (
        "a:\n- b: 1\n  # why\n  c: 2\n",
        [remove("a", 0, "b")],
        "a comment stands behind what would be removed",
    ),
    "alias": ("a: &x {b: 1}\nc: *x\n", [put("c", "d", value=1)], "alias"),
    "shared anchor": ("a: &x\n  b: 1\nc: *x\n", [put("a", "d", value=1)], "in another place"),
    "merge key": (
        "a: &x\n  b: {d: 1}\nc:\n  <<: *x\n",
        [put("c", "b", "e", value=1)],
        "alias|merge",
    ),
    "sops": ("a: 1\nsops:\n  mac: x\n", [put("b", value=1)], "SOPS"),
    "twice": ("a:\n  b: 1\na:\n  b: 2\n", [put("a", "b", value=1)], "twice"),
    "contradiction": ("a: 1\n", [put("b", value=1), put("b", value=2)], "contradict"),
    "merge base": (
        "a: &a\n  x: 1\nb:\n  <<: *a\n  z: 1\n",
        [put("a", "y", value=1)],
        "used in another place",
    ),
    "two aliases": (
        "a: &a {x: 1}\nb: *a\nc: *a\n",
        [put("a", "y", value=1)],
        "used in 2 other places",
    ),
    "an anchored scalar": ("u: &u 0\nv: *u\n", [put("u", value=1)], "used in another place"),
    "an anchor inside what goes": ("a:\n  b: &b 1\nc: *b\n", [remove("a")], "used elsewhere"),
    "helm": ("a: {{ .Values.x }}\nb:\n  c: 1\n", [put("b", "d", value=1)], "template"),
    "latin-1": (b"a: \xe9\n", [put("b", value=1)], "UTF-8"),  # type: ignore[dict-item]  # as bytes
    "a scalar where a mapping is needed": ("a: x\n", [put("a", "b", value=1)], "something else"),
    "a mapping where a scalar is meant": ("a: {b: 1}\n", [put("a", value=1)], "is a mapping"),
    "a comment in empty braces": ("a: {\n  # c\n}\n", [put("a", "b", value=1)], "a comment stands"),
    "an endless alias": ("a: &a\n  b: *a\n", [put("a", "c", value=1)], "holds itself"),
    "tabs": ("a:\n\tb: 1\n", [put("a", "c", value=1)], "not valid YAML"),
    "a whole document": ("a: 1\n", [remove()], "whole document"),
    "no such item": ("a: [b]\n", [put("a", 3, value=1)], "item 3 does not exist"),
    "no such position": ("a: [b]\n", [insert("a", index=3, value=1)], "has no item 3"),
    "no such document": ("a: 1\n", [put("b", value=1, document=4)], "document 4 does not exist"),
    "no such key": ("a: 1\n", [rename("b", key="c")], "does not exist"),
    "a name that is taken": ("a: 1\nb: 2\n", [rename("a", key="b")], "there already"),
    "an empty document": ("---\n# nothing\n", [put("a", value=1)], "something else|empty"),
    "one document a JSON file": ('{"a": 1}\n', [NewDocument(value={"b": 2})], "JSON"),
    "explicit keys": ("? a\n: 1\n", [put("b", value=1)], "explicit keys"),
    "a tagged scalar": ("a: !!str 1\n", [put("a", value="x")], "tag"),
    "a lone carriage return": ("a: 1\rb: 2\n", [put("c", value=1)], "carriage return"),
    "an open block scalar": ("s: |\n  t", [put("c", value=1)], "ends the file"),
    "gone and set at once": ("a: {b: 1}\n", [remove("a"), put("a", "c", value=1)], "made again"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_edit_is_exactly_this(case: str) -> None:
    before, patches, after = CASES[case]
    edited = edit(before.encode(), patches)
    assert edited.data.decode() == after
    assert apply_edits(before.removeprefix("\ufeff"), edited.edits) == after.removeprefix("\ufeff")


@pytest.mark.parametrize("case", CASES)
def test_the_same_edit_again_changes_nothing(case: str) -> None:
    _, patches, after = CASES[case]
    again = [p for p in patches if not (isinstance(p, Remove) and isinstance(p.path[-1], int))]
    assert edit(after.encode(), again).edits == ()


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_safe_is_refused_with_a_reason(case: str) -> None:
    before, patches, reason = REFUSED[case]
    data = before if isinstance(before, bytes) else before.encode()
    with pytest.raises(Refused, match=reason):
        edit(data, patches)


def test_a_refusal_names_the_patch_to_blame() -> None:
    good, bad = put("b", value=1), put("a", 3, value=1)
    with pytest.raises(Refused) as refused:
        edit(b"a: []\n", [good, bad])
    assert refused.value.patches == (bad,)


@pytest.mark.parametrize(
    "data",
    [b"[" * 30_000, b"- " * 100_000, b"{" * 50_000, b"a: \xff", b"a: \x00", b"a: *b\n", b"a: [\n"],
    ids=["brackets", "dashes", "braces", "latin", "nul", "alias", "open"],
)
def test_hostile_input_is_unreadable_and_harmless(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read(data)


def test_an_alias_bomb_is_named() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    with pytest.raises(Unreadable, match="bomb"):
        read("\n".join(lines).encode()).value(0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("on", True),
        ("y", True),
        ("n", False),
        ("tRue", "tRue"),
        ("0777", 511),
        ("0o777", 511),
        ("1e3", 1000),
        ("0x1F", 31),
        ("1_000", 1000),
        ("22:22", "22:22"),
        ("2020-01-01", "2020-01-01"),
        ("=", "="),
        ("~", None),
        ("'yes'", "yes"),
        ("0888", 888),
    ],
)
def test_scalars_are_read_as_kubernetes_reads_them(text: str, value: Any) -> None:
    assert read(f"a: {text}\n".encode()).value(0)["a"] == value
