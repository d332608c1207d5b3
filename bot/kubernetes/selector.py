"""Label selectors as Kubernetes matches them; None where what is in view does not decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeAlias

from bot.frozen import frozen

Answer: TypeAlias = bool | None
"""Yes, no, or None: what is in view does not say."""


class Keys(Protocol):
    """Label keys, as far as one may ask whether one is among them."""

    def __contains__(self, key: object, /) -> bool: ...


class _AllKeys:
    """Every key there may be."""

    def __contains__(self, key: object) -> bool:
        return True


ALL_KEYS: Keys = _AllKeys()
"""The unsure keys of labels of which nothing is known to be absent."""
NO_KEYS: Keys = frozenset()
"""The unsure keys of labels that are known in full."""


def both(first: Answer, second: Answer) -> Answer:
    """Whether both hold."""
    if first is False or second is False:
        return False
    return None if first is None or second is None else True


def any_of(answers: Iterable[Answer]) -> Answer:
    """Whether one of them holds; reads no further than the first yes."""
    result: Answer = False
    for answer in answers:
        if answer is True:
            return True
        if answer is None:
            result = None
    return result


@frozen
class Expression:
    """One of `matchExpressions`: a key, an operator, and the values that In and NotIn compare."""

    key: str
    operator: str
    values: frozenset[str]

    def match(self, labels: Mapping[str, str], unsure: Keys) -> Answer:
        """Whether labels satisfy it; NotIn and DoesNotExist do where the key is absent."""
        found = labels.get(self.key)
        if found is None and self.key in unsure:
            return None
        if self.operator == "In":
            return found is not None and found in self.values
        if self.operator == "NotIn":
            return found is None or found not in self.values
        return (found is not None) == (self.operator == "Exists")

    @property
    def is_valid(self) -> bool:
        """Whether the API server accepts it (apimachinery, LabelSelectorRequirement)."""
        if self.operator in ("In", "NotIn"):
            return bool(self.values)
        return self.operator in ("Exists", "DoesNotExist") and not self.values


@frozen
class Selector:
    """A label selector: all pairs and all expressions must match; an empty one matches all."""

    pairs: tuple[tuple[str, str], ...] = ()
    expressions: tuple[Expression, ...] = ()
    is_valid: bool = True
    """An invalid one matches nothing: the API server does not take the object that holds it."""

    @property
    def is_empty(self) -> bool:
        """Whether it matches everything."""
        return self.is_valid and not self.pairs and not self.expressions

    def match(self, labels: Mapping[str, str], unsure: Keys = NO_KEYS) -> Answer:
        """Whether labels match; a key that is absent and `unsure` may be there all the same."""
        if not self.is_valid:
            return False
        answer: Answer = True
        for key, value in self.pairs:
            found = labels.get(key)
            if found is None and key in unsure:
                answer = None
            elif found != value:
                return False
        for expression in self.expressions:
            one = expression.match(labels, unsure)
            if one is False:
                return False
            answer = both(answer, one)
        return answer


def selector_of(data: Any) -> Selector:
    """A LabelSelector (meta/v1) as read from a manifest. What is absent is empty: it matches all.

    Where absent means "selects nothing", as in a peer or a Service, the caller must ask first.
    """
    if data is None:
        return Selector()
    if not isinstance(data, Mapping):
        return Selector(is_valid=False)
    listed = data.get("matchExpressions") or ()
    if not isinstance(listed, list | tuple) or not all(isinstance(e, Mapping) for e in listed):
        return Selector(is_valid=False)
    expressions = tuple(_expression(entry) for entry in listed)
    return Selector(
        pairs=tuple(labels_of(data.get("matchLabels")).items()),
        expressions=expressions,
        is_valid=all(expression.is_valid for expression in expressions),
    )


def equality_of(data: Any) -> Selector:
    """The selector of a Service or ReplicationController (core/v1): pairs; none select nothing."""
    pairs = tuple(labels_of(data).items())
    return Selector(pairs=pairs, is_valid=bool(pairs))


def labels_of(data: Any) -> dict[str, str]:
    """Labels as text; empty where there are none."""
    if not isinstance(data, Mapping):
        return {}
    return {str(key): _text(value) for key, value in data.items()}


def _expression(data: Mapping[str, Any]) -> Expression:
    values = data.get("values")
    return Expression(
        key=str(data.get("key") or ""),
        operator=str(data.get("operator") or ""),
        values=frozenset(map(_text, values)) if isinstance(values, list | tuple) else frozenset(),
    )


def _text(value: Any) -> str:
    """A label's value; the API server takes only text and reads null as empty."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
