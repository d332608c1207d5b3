"""YAML with positions: read it, patch the tree, edit the text, prove that nothing else changed."""

from bot.yamlpatch.document import Document, Node, Spot, Stream, Unreadable, read
from bot.yamlpatch.edit import Edited, edit
from bot.yamlpatch.json_text import read_json
from bot.yamlpatch.outline import Odd, Outline, outline, plain
from bot.yamlpatch.patch import Append, Edit, Patch, Path, Refused, Remove, Set, Value, apply_edits
from bot.yamlpatch.scalar import scalar

__all__ = [
    "Append",
    "Document",
    "Edit",
    "Edited",
    "Node",
    "Odd",
    "Outline",
    "Patch",
    "Path",
    "Refused",
    "Remove",
    "Set",
    "Spot",
    "Stream",
    "Unreadable",
    "Value",
    "apply_edits",
    "edit",
    "outline",
    "plain",
    "read",
    "read_json",
    "scalar",
]
