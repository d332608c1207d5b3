"""The pages that people look at."""

from __future__ import annotations

from bot.sandbox.markdown import rendered


def test_a_suggestion_shows_what_goes_and_what_comes_in_the_order_of_the_file() -> None:
    text = "```suggestion\n  image: shop:1.4\n  tty: false\n  stdin: false\n```"
    html = str(rendered(text, ["  image: shop:1.4", "  tty: true"]))
    rows = [part.split("</span>")[0] for part in html.split("<span class=")[1:]]
    assert [row.rstrip("\n") for row in rows[:4]] == [
        "ctx>    image: shop:1.4",
        "del>-   tty: true",
        "add>+   tty: false",
        "add>+   stdin: false",
    ]


def test_html_of_strangers_is_shown_and_does_nothing() -> None:
    html = str(rendered("<script>alert(1)</script> <details open><img src=x></details>"))
    assert "<script>" not in html
    assert "<img" not in html
    assert "<details open>" in html
