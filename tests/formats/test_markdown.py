"""Whatever a stranger writes, Markdown shows it and does nothing; a second parser is the witness."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.formats.markdown import code, details, fenced, inert, marker, plain, table, unmarked

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
NASTY = st.text(st.sampled_from("`*_~[]()<>!|\\&#@:;$/.-+=ab1 \n\r\t\x00\u202e\u2028"), max_size=60)
ANYTHING = NASTY | st.text(max_size=60)
TAGS = re.compile(r"<[^>]*>")
BREAK = "\u2060"


def shown(markdown: str) -> tuple[str, set[str]]:
    """The text that a reader sees, and the elements that it is in."""
    html = PARSER.render(markdown)
    elements = {tag.strip("</>").split()[0] for tag in TAGS.findall(html)}
    return unescape(TAGS.sub("", html)), elements


def expected(text: str) -> str:
    return plain(text).replace(BREAK, "").strip()


@given(ANYTHING)
@example("&commat;octocat &#64;octocat &lt;b&gt;")
@example("[a](b) ![c](d) <e@f.g> <!-- h --> **i** ~~j~~ | k | `l`")
def test_inert_text_is_shown_as_it_is_in_no_element_of_its_own(text: str) -> None:
    seen, elements = shown(f"x {inert(text)} x")
    assert elements == {"p"}
    assert seen.replace(BREAK, "").split() == ["x", *expected(text).split(), "x"]


@given(ANYTHING)
def test_inert_text_stays_in_its_cell(text: str) -> None:
    seen, elements = shown(table(("head", "other"), [(inert(text), "last")]))
    assert elements == {"table", "thead", "tbody", "tr", "th", "td"}
    assert seen.split()[-1] == "last"


@given(ANYTHING)
@example("a@b GH-12 #1 https://x www.x :tada: acme/shop#3")
def test_no_mention_no_reference_and_no_address_is_left(text: str) -> None:
    for made in (inert(text), plain(text)):
        visible, _ = shown(f"x {made} x") if made != plain(text) else (made, set())
        assert not re.search(r"@[A-Za-z0-9]|#\d|://|\bwww\.|\bGH-\d", visible, re.IGNORECASE)
        assert not re.search(r":[a-z][a-z0-9_+-]*:", visible, re.IGNORECASE)


@given(ANYTHING)
@example("`")
@example("``` a ` b")
@example(" ")
@example("\\")
def test_code_cannot_be_left(text: str) -> None:
    seen, elements = shown(f"x {code(text)} x")
    assert elements == {"p", "code"}
    assert len(re.findall(r"<code>", PARSER.render(f"x {code(text)} x"))) == 1
    assert seen.startswith("x ")
    assert seen.rstrip().endswith(" x")


@given(ANYTHING)
def test_code_stays_in_its_cell(text: str) -> None:
    seen, elements = shown(table(("head", "other"), [(code(text), "last")]))
    assert elements == {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert seen.split()[-1] == "last"


LINES = st.lists(
    st.text(st.characters(exclude_characters="\n\r\x00", exclude_categories=["Cs"]), max_size=20)
    | st.sampled_from(["```", "````suggestion", "~~~", "   ```", "- x", "<!-- -->", ""]),
    max_size=6,
)


@given(LINES)
def test_a_fence_holds_its_lines_and_nothing_ends_it(lines: list[str]) -> None:
    (fence, paragraph) = [
        token
        for token in PARSER.parse(fenced("suggestion", lines) + "\n\nafter")
        if token.type in ("fence", "inline")
    ]
    assert fence.info == "suggestion"
    assert fence.content == "".join(f"{line}\n" for line in lines)
    assert paragraph.content == "after"


def test_no_line_and_one_empty_line_are_two_things() -> None:
    # GitHub deletes the lines for the one, and leaves an empty line for the other
    assert fenced("suggestion", []) == "```suggestion\n```"
    assert fenced("suggestion", [""]) == "```suggestion\n\n```"


def test_long_text_is_cut_and_control_characters_are_shown() -> None:
    assert len(inert("n" * 70_000)) == 300
    assert len(code("n" * 70_000)) == 302
    assert plain("a\x1b[31mb\u202ec") == "a\ufffd[31mb\ufffdc"


@pytest.mark.parametrize("longest", [100, 1_000, 24_000])
def test_a_table_keeps_to_its_bytes_and_counts_what_it_leaves_out(longest: int) -> None:
    rows = [(code(f"deploy/{index}.yaml"), "ü" * 40) for index in range(500)]
    text = table(("where", "what"), rows, longest)
    assert len(text.encode()) <= longest + 100
    written = text.count("\n| `")
    assert f"and {500 - written} more" in text


def test_a_mark_can_be_taken_off_and_put_on_again() -> None:
    body = f"text\n\n{marker(['aa', 'bb'])}"
    assert unmarked(body) == ("text", ("aa", "bb"))
    assert unmarked(f"{body}\n\nmore") == (f"{body}\n\nmore", ())
    assert unmarked("") == ("", ())


def test_markers_and_folds_are_invisible_and_foldable() -> None:
    assert marker(["0123456789abcdef", "ff"]) == "<!-- podsec:v1 0123456789abcdef ff -->"
    assert marker([]) == ""
    assert details("more", "body") == "<details><summary>more</summary>\n\nbody\n\n</details>"
