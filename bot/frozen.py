"""Frozen dataclasses that cost little to define: what they need is made when it is first needed.

To readers, to mypy and to `dataclasses` (`fields`, `replace`, `asdict`), `@frozen` says
`@dataclass(frozen=True, slots=True, kw_only=True)`. The standard library compiles six methods for
each class: for the 130 classes of a start that was 0.4 of the time that `podsec check FILE` took
(`benchmarks/start.py`), though most of them are never asked for an object. Here all classes share
their methods, but for `__init__`, which is compiled with the first object.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform, overload

_T = TypeVar("_T")


@overload
@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def frozen(cls: type[_T], /) -> type[_T]: ...


@overload
@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def frozen(*, kw_only: bool) -> Callable[[type[_T]], type[_T]]: ...


def frozen(cls: type[Any] | None = None, /, *, kw_only: bool = True) -> Any:
    """Make a class a frozen, slotted dataclass that is built by keyword, and compared by value.

    `@frozen(kw_only=False)` is built by position too. A method that the class has is kept.
    """

    def decorate(given: type[Any]) -> type[Any]:
        return _completed(
            dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(given)
        )

    return decorate if cls is None else decorate(cls)


def _completed(cls: type[Any]) -> type[Any]:
    """The class with the methods that all share, and one that compiles its `__init__`."""
    for name, method in _SHARED.items():
        if name not in vars(cls):
            setattr(cls, name, method)
    cls.__init__ = _compiling(cls)
    return cls


def _compiling(cls: type[Any]) -> Callable[..., None]:
    def __init__(self: Any, *arguments: Any, **named: Any) -> None:  # noqa: N807  # it is one
        cls.__init__ = _compiled(cls)
        cls.__init__(self, *arguments, **named)

    return __init__


def _compiled(cls: type[Any]) -> Callable[..., None]:
    """The `__init__` of a class: each slot is set by its descriptor, which nothing forbids."""
    scope: dict[str, Any] = {"_MISSING": MISSING}
    placed, named, body = ["self"], ["*"], []
    for one in fields(cls):
        scope[f"_set_{one.name}"] = getattr(cls, one.name).__set__
        parameter, value = _parameter(one, scope)
        (named if one.kw_only else placed).append(parameter)
        body.append(f"  _set_{one.name}(self, {value})")
    if hasattr(cls, "__post_init__"):
        body.append("  self.__post_init__()")
    parameters = ", ".join([*placed, *(named if named[1:] else ())])
    source = f"def __init__({parameters}):\n" + ("\n".join(body) or "  pass")
    exec(source, scope)  # noqa: S102  # as dataclasses do; only names of fields are written into it
    made: Callable[..., None] = scope["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _parameter(one: Field[Any], scope: dict[str, Any]) -> tuple[str, str]:
    """A field as a parameter, and the value that it gets."""
    name = one.name
    if one.default_factory is not MISSING:
        scope[f"_make_{name}"] = one.default_factory
        return f"{name}=_MISSING", f"_make_{name}() if {name} is _MISSING else {name}"
    if one.default is not MISSING:
        scope[f"_default_{name}"] = one.default
        return f"{name}=_default_{name}", name
    return name, name


def _compare_by_value(cls: type[Any]) -> None:
    """Give a class the `__eq__` and `__hash__` of its fields."""
    names = [one.name for one in fields(cls) if one.compare]
    value: Callable[[Any], Any] = attrgetter(*names) if names else lambda _: ()

    def __eq__(self: Any, other: object) -> Any:  # noqa: N807  # it is one
        return value(self) == value(other) if other.__class__ is cls else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807  # it is one
        return hash(value(self))

    for method, first in ((__eq__, _equal), (__hash__, _hash)):
        if getattr(cls, method.__name__) is first:  # else the class has its own
            setattr(cls, method.__name__, method)


def _equal(self: Any, other: object) -> Any:
    """The first comparison of a class."""
    _compare_by_value(self.__class__)
    return self.__eq__(other)


def _hash(self: Any) -> int:
    """The first hash of a class."""
    _compare_by_value(self.__class__)
    return hash(self)


def _text(self: Any) -> str:
    shown = (f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{self.__class__.__qualname__}({', '.join(shown)})"


def _refuse_to_set(_self: Any, name: str, _value: Any) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    """For pickle, which would set the slots one by one."""
    return [getattr(self, one.name) for one in fields(self)]


def _restore(self: Any, state: list[Any]) -> None:
    for one, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, one.name, value)


_SHARED: dict[str, Callable[..., Any]] = {
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _text,
    "__setattr__": _refuse_to_set,
    "__delattr__": _refuse_to_delete,
    "__getstate__": _state,
    "__setstate__": _restore,
}
