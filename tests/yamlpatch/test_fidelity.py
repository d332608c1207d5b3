"""What the fidelity benchmark counts as noise is noise."""

from __future__ import annotations

import pytest

from benchmarks.fidelity import noisy_lines
from bot.yamlpatch import read

OLD = "a:\n  b: 1 # why\n  c: [x]\nd: {}\n"
CASES = {
    "nothing": (OLD, 0),
    "a new key": ("a:\n  b: 1 # why\n  c: [x]\n  e:\n    f: 2\nd: {}\n", 0),
    "a new member in flow": ("a:\n  b: 1 # why\n  c: [x, z]\nd: {}\n", 0),
    "an empty value filled": ("a:\n  b: 1 # why\n  c: [x]\nd:\n  e: 1\n", 0),
    "a value changed": ("a:\n  b: 2 # why\n  c: [x]\nd: {}\n", 0),
    "a comment moved": ("a:\n  # why\n  b: 1\n  c: [x]\nd: {}\n", 3),
    "an indentation changed": ("a:\n    b: 1 # why\n    c: [x]\nd: {}\n", 4),
    "quotes changed": ('a:\n  b: 1 # why\n  c: ["x"]\nd: {}\n', 0),  # a plain scalar no more
    "blanks changed": ("a:\n  b: 1  # why\n  c: [ x ]\nd: {}\n", 4),
    "a blank line": ("a:\n  b: 1 # why\n\n  c: [x]\nd: {}\n", 1),
    "a new key, and noise": ("a:\n  b: 1 # why\n  c: [ x ]\n  e: 1\nd: {}\n", 2),
}


@pytest.mark.parametrize("case", CASES)
def test_noise_is_counted(case: str) -> None:
    text, count = CASES[case]
    assert noisy_lines(read(OLD.encode()), read(text.encode())) == count
