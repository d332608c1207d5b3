"""The proof of an edit: it parses, it means what was meant, and nothing else has changed."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.yamlpatch import tree, witness
from bot.yamlpatch.comments import comments
from bot.yamlpatch.document import Document, Stream, Unreadable, read
from bot.yamlpatch.patch import Edit, NewDocument, Patch, PathPatch, Refused, apply_edits, places


def prove(before: Stream, edits: Sequence[Edit], patches: Sequence[Patch]) -> Stream:
    """The text after `edits`, read. Raises Refused, with what is wrong, where the proof fails.

    Proved means: libyaml reads the text; every document means what it meant before, with exactly
    the patches made (aliases expanded); all comments are there, in their order; and what was JSON
    is JSON. What lies outside the edits needs no proof: the text is the old one with splices.
    """
    text = apply_edits(before.text, edits)
    try:
        after = read(text.encode("utf-8"))
    except Unreadable as error:
        raise Refused(f"the result would not be readable: {error.reason}") from error
    added = [patch for patch in patches if isinstance(patch, NewDocument)]
    if len(after.documents) != len(before.documents) + len(added):
        raise Refused("the number of documents would change")
    changed = [patch for patch in patches if not isinstance(patch, NewDocument)]
    for old, new in zip(before.documents, after.documents, strict=False):
        _demand_meaning(before, after, (old, new), [p for p in changed if p.document == old.index])
    for patch, new in zip(added, after.documents[len(before.documents) :], strict=True):
        if not tree.same(tree.intended(patch.value), new.root):
            raise Refused("the new document would mean something else")
    _demand_comments(before, after, added)
    _demand_json(before, after)
    return after


def _demand_meaning(
    before: Stream, after: Stream, pair: tuple[Document, Document], patches: Sequence[PathPatch]
) -> None:
    old, new = pair
    if not patches and before.text[old.start : old.end] == after.text[new.start : new.end]:
        return
    expected: tree.Tree | None = old.root
    for patch in patches:
        expected = tree.patched(expected, patch)
    if not tree.same(expected, new.root):
        raise Refused("the result would mean something else: a merge key or an odd layout")


def _demand_comments(before: Stream, after: Stream, added: Sequence[NewDocument]) -> None:
    new = [f"# {line}".rstrip() for patch in added for line in patch.comment.splitlines()]
    if comments(before) + new != comments(after):
        raise Refused("a comment would be lost or changed")


def _demand_json(before: Stream, after: Stream) -> None:
    if _is_json(before.text) and not _is_json(after.text):
        raise Refused("the file is JSON, and would be no more")


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def demand_witness(
    before: Stream, after: Stream, edits: Sequence[Edit], patches: Sequence[Patch]
) -> None:
    """Raises Refused where ruamel.yaml reads the edited parts otherwise than libyaml does.

    Where it reads the original otherwise, or not at all, it is no witness.
    """
    edited = {patch.document for patch in patches if not isinstance(patch, NewDocument)}
    new = range(len(before.documents), len(after.documents))
    documents = sorted(edited | set(new))
    if witness.agrees(after, documents, places(edits)) or witness.agrees(after, documents):
        return
    if witness.agrees(before, sorted(edited)):
        raise Refused("a second reader, ruamel.yaml, would read the result otherwise")
