"""`@frozen` is `@dataclass(frozen=True, slots=True, kw_only=True)` in all that one can see."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from bot.frozen import frozen


class Body:
    """What both are made of."""

    name: str
    count: int = 1
    noted: list[str] = dataclasses.field(default_factory=list, compare=False)
    secret: str = dataclasses.field(default="", repr=False)


def made(decorate: Any, **more: Any) -> Any:
    annotations = dict(Body.__annotations__)
    noted = dataclasses.field(default_factory=list, compare=False)
    secret = dataclasses.field(default="", repr=False)
    own = {"__annotations__": annotations, "__doc__": "A noun.", "__module__": __name__}
    own |= {"count": 1, "noted": noted, "secret": secret, "__qualname__": "Noun", **more}
    return decorate(type("Noun", (), own))


Noun = made(frozen)
Known = made(dataclasses.dataclass(frozen=True, slots=True, kw_only=True))


def said(act: Any) -> tuple[type[BaseException], str]:
    with pytest.raises((TypeError, AttributeError)) as error:
        act()
    return error.type, str(error.value)


def test_it_shows_compares_and_hashes_as_a_dataclass_does() -> None:
    for cls in (Noun, Known):
        one, same, other = (
            cls(name="a", secret="s"),
            cls(name="a", secret="s", noted=["x"]),
            cls(name="b"),
        )
        assert repr(one) == "Noun(name='a', count=1, noted=[])"
        assert one == same != other
        assert len({one, same, other}) == 2
        assert one != "a"
        assert one.noted is not cls(name="a").noted
    assert Noun(name="a") != Known(name="a")


def test_it_refuses_what_a_dataclass_refuses() -> None:
    def acts(cls: Any) -> list[tuple[type[BaseException], str]]:
        one = cls(name="a")
        return [
            said(lambda: setattr(one, "name", "b")),
            said(lambda: delattr(one, "name")),
            said(cls),
            said(lambda: cls("a")),
            said(lambda: cls(name="a", size=1)),
        ]

    assert acts(Noun) == acts(Known)
    assert not hasattr(Noun(name="a"), "__dict__")


def test_it_is_replaced_copied_pickled_and_taken_apart_as_a_dataclass_is() -> None:
    one = Noun(name="a", count=2, noted=["x"], secret="s")
    assert dataclasses.replace(one, count=3) == Noun(name="a", count=3, secret="s")
    for again in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert again == one
        assert dataclasses.asdict(again) == {"name": "a", "count": 2, "noted": ["x"], "secret": "s"}


def test_what_a_class_says_itself_is_kept() -> None:
    own = made(frozen, __repr__=lambda _: "own", __hash__=lambda _: 7)
    assert (repr(own(name="a")), hash(own(name="a"))) == ("own", 7)
    assert own(name="a") == own(name="a")
    assert hash(own(name="a")) == 7


def test_it_may_be_built_by_position_and_finish_itself() -> None:
    placed = made(frozen(kw_only=False), __post_init__=lambda self: self.noted.append(self.name))
    assert placed("a", 5).noted == ["a"]
    assert placed("a", 5) == placed(name="a", count=5)
