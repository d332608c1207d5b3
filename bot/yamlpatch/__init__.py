"""YAML with positions: read it, patch the tree, edit the text, prove that nothing else changed."""

from bot.yamlpatch.document import Document, Node, Spot, Stream, Unreadable, read
from bot.yamlpatch.edit import Edited, edit, edit_stream, preview
from bot.yamlpatch.json_text import read_json
from bot.yamlpatch.outline import Odd, Outline, outline, plain
from bot.yamlpatch.patch import (
    KEEP,
    Append,
    Edit,
    Insert,
    NewDocument,
    Patch,
    Path,
    Refused,
    Remove,
    Rename,
    Set,
    Value,
    apply_edits,
)
from bot.yamlpatch.scalar import scalar

__all__ = [
    "KEEP",
    "Append",
    "Document",
    "Edit",
    "Edited",
    "Insert",
    "NewDocument",
    "Node",
    "Odd",
    "Outline",
    "Patch",
    "Path",
    "Refused",
    "Remove",
    "Rename",
    "Set",
    "Spot",
    "Stream",
    "Unreadable",
    "Value",
    "apply_edits",
    "edit",
    "edit_stream",
    "outline",
    "plain",
    "preview",
    "read",
    "read_json",
    "scalar",
]
