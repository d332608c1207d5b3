"""GitHub's Markdown, as far as reviews need it: tables, details, suggestions; no foreign HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"</?(?:details|summary|br|b|code|sub|sup|kbd)(?: open)?>")
_EMOJI = {":white_check_mark:": "✅", ":warning:": "⚠️", ":rocket:": "🚀"}


def rendered(text: str, original: Sequence[str] = ()) -> Markup:
    """HTML of a comment; `original` is what a suggestion in it would replace."""
    source = _COMMENT.sub("", text)
    for name, sign in _EMOJI.items():
        source = source.replace(name, sign)
    return Markup(_PARSER.render(source, {"original": list(original)}))  # noqa: S704  # escaped below


def _html(_self: RendererHTML, tokens: Sequence[Token], index: int, *_rest: Any) -> str:
    """Known tags pass; the rest is shown as text."""
    out, end = "", 0
    text = tokens[index].content
    for tag in _TAG.finditer(text):
        out += str(escape(text[end : tag.start()])) + tag.group()
        end = tag.end()
    return out + str(escape(text[end:]))


def _fence(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, env: dict[str, Any]
) -> str:
    token = tokens[index]
    if token.info.strip() == "suggestion":
        new = token.content.removesuffix("\n").split("\n") if token.content else []
        return _suggestion(env.get("original", []), new)
    if token.info.strip() == "diff":
        return f"<pre class=diff>{''.join(map(_diff_row, token.content.splitlines()))}</pre>"
    return f"<pre>{escape(token.content)}</pre>"


def _diff_row(row: str) -> str:
    kind = {"+": "add", "-": "del", "@": "hunk"}.get(row[:1], "ctx")
    return f"<span class={kind}>{escape(row)}\n</span>"


def _suggestion(old: Sequence[str], new: Sequence[str]) -> str:
    """What a suggestion takes away and adds, in the order of the file."""
    rows: list[str] = []
    for kind, i, j, k, m in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        rows += (_diff_row(f"  {line}") for line in (old[i:j] if kind == "equal" else ()))
        rows += (_diff_row(f"- {line}") for line in (() if kind == "equal" else old[i:j]))
        rows += (_diff_row(f"+ {line}") for line in (() if kind == "equal" else new[k:m]))
    head = "<div class=suggestion><div class=head>Suggested change</div>"
    button = "<div class=apply><span>Commit suggestion</span></div></div>"
    return f"{head}<pre class=diff>{''.join(rows)}</pre>{button}"


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.add_render_rule("html_block", _html)
    parser.add_render_rule("html_inline", _html)
    parser.add_render_rule("fence", _fence)
    return parser


_PARSER = _parser()
