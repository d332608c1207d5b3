"""The door for rule authors: all that a rule may import."""

from bot.kubernetes.image import parse as parse_image
from bot.kubernetes.images import ImageFacts
from bot.kubernetes.workload import POD_ONLY, Container, Pod
from bot.rule.rule import (
    Advice,
    AppendField,
    Context,
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
    "Pod",
    "RemoveField",
    "RuleFix",
    "SetField",
    "Violation",
    "has_claims",
    "identity",
    "parse_image",
]
