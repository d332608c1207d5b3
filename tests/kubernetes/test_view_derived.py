"""What is derived of a view is derived again where what it was made from has changed, and only there."""

from __future__ import annotations

from bot.kubernetes.view import Seen, View


def seen(kind: str, name: str, file: str = "a.yaml", **data: object) -> Seen:
    return Seen(file=file, api_version="v1", kind=kind, name=name, namespace=None, data=data)


MADE: list[str] = []


def names(view: View) -> list[str]:
    MADE.append("names")
    return [one.name for one in view.of_kind("Namespace")]


def shouted(view: View) -> list[str]:
    MADE.append("shouted")
    return [name.upper() for name in view.derived(names)]


def everything(view: View) -> int:
    MADE.append("everything")
    return len(view.objects)


def present(view: View) -> int:
    MADE.append("present")
    return len(view.present)


def made(view: View) -> list[str]:
    MADE.clear()
    view.derived(shouted)
    view.derived(everything)
    view.derived(present)
    return list(MADE)


VIEW = View((seen("Namespace", "one"), seen("Pod", "x", "b.yaml", level=1)), complete=True)


def test_a_thing_is_derived_once() -> None:
    made(VIEW)
    assert made(VIEW) == []


def test_what_was_made_from_other_kinds_is_kept() -> None:
    made(VIEW)
    after = VIEW.with_file("b.yaml", [seen("Pod", "x", "b.yaml", level=2)])
    assert made(after) == ["everything"]  # who asks what is there need not ask again
    assert after.derived(shouted) == ["ONE"]


def test_what_was_made_from_a_kind_that_changed_is_made_again() -> None:
    made(VIEW)
    after = VIEW.with_file("a.yaml", [seen("Namespace", "two")])
    assert made(after) == ["shouted", "names", "everything", "present"]
    assert after.derived(shouted) == ["TWO"]


def test_an_object_that_comes_or_goes_is_a_change() -> None:
    made(VIEW)
    assert VIEW.with_file("c.yaml", [seen("Namespace", "two", "c.yaml")]).derived(shouted) == [
        "ONE",
        "TWO",
    ]
    assert VIEW.with_file("a.yaml", []).derived(shouted) == []
    assert VIEW.with_file("b.yaml", []).derived(everything) == 1


def test_a_file_that_says_the_same_leaves_the_view_as_it_is() -> None:
    assert VIEW.with_file("a.yaml", [seen("Namespace", "one")]) is VIEW
