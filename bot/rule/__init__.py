"""The door for rule authors: all that a rule may import."""

from bot.kubernetes.image import parse as parse_image
from bot.kubernetes.images import ImageFacts
from bot.kubernetes.version import Version
from bot.kubernetes.view import Seen, View
from bot.kubernetes.workload import POD_ONLY, Container, Object, Pod, dig
from bot.rule.rule import (
    Advice,
    AppendField,
    Context,
    Question,
    RemoveField,
    RuleFix,
    SetField,
    Violation,
)
from bot.rule.runs_as import has_claims, identity

__all__ = [
    "POD_ONLY",
    "Advice",
    "AppendField",
    "Container",
    "Context",
    "ImageFacts",
    "Object",
    "Pod",
    "Question",
    "RemoveField",
    "RuleFix",
    "Seen",
    "SetField",
    "Version",
    "View",
    "Violation",
    "dig",
    "has_claims",
    "identity",
    "parse_image",
]
