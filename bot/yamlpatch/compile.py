"""Patches to splices: which characters of the original text a change touches."""

from __future__ import annotations

from bot.yamlpatch import items, remove, rename, values
from bot.yamlpatch.document import Stream
from bot.yamlpatch.draft import Draft
from bot.yamlpatch.emit import Block
from bot.yamlpatch.patch import (
    Append,
    Edit,
    Insert,
    NewDocument,
    Patch,
    Refused,
    Remove,
    Rename,
    Set,
)


class Compiler:
    """Collects the splices of several patches on one stream."""

    def __init__(self, stream: Stream) -> None:
        self._draft = Draft(stream)

    def edits(self) -> tuple[Edit, ...]:
        """The edits in order; at one place the structurally deeper insertion comes first."""
        return self._draft.edits()

    def add(self, patch: Patch) -> None:
        """Compile one patch. Raises Refused with the reason."""
        draft = self._draft
        if isinstance(patch, NewDocument):
            add_document(draft, patch)
            return
        place = draft.place(patch.document, patch.path)
        if isinstance(patch, Set):
            values.put(draft, place, patch)
        elif isinstance(patch, Append):
            items.put_item(draft, place, patch.value, None)
        elif isinstance(patch, Insert):
            items.put_item(draft, place, patch.value, patch.index)
        elif isinstance(patch, Rename):
            rename.rename(draft, place, patch)
        else:
            assert isinstance(patch, Remove)  # the union is closed
            remove.remove(draft, place)


def add_document(draft: Draft, patch: NewDocument) -> None:
    """One more document at the end of the file."""
    text = draft.text
    if text.lstrip()[:1] in ("{", "[") and "---" not in text:
        raise Refused("a JSON file holds one document")
    newline = draft.layout.newline(len(text))
    near = draft.stream.documents[-1].root if draft.stream.documents else None
    block: Block = draft.block((near,) if near is not None else ())
    comment = [f"# {line}".rstrip() for line in patch.comment.splitlines()]
    lines = ["---", *comment, *block.lines(dict(patch.value), 0)]
    opening = newline if text and not text.endswith("\n") else ""
    draft.put(len(text), len(text), opening + "".join(line + newline for line in lines))
