"""The door for rule authors: all that a rule may import."""

from bot.kubernetes import secret
from bot.kubernetes.capabilities import DEFAULT_CAPABILITIES
from bot.kubernetes.image import parse as parse_image
from bot.kubernetes.images import ImageFacts
from bot.kubernetes.version import Version
from bot.kubernetes.view import Seen, View
from bot.kubernetes.workload import POD_ONLY, Container, Object, Pod, as_list, as_mapping, dig
from bot.rule.rule import (
    SAY_WINDOWS,
    Advice,
    AppendField,
    Context,
    Question,
    RemoveField,
    RuleFix,
    SetField,
    Violation,
)
from bot.rule.runs_as import has_claims, identity, pod_identity

__all__ = [
    "DEFAULT_CAPABILITIES",
    "POD_ONLY",
    "SAY_WINDOWS",
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
    "as_list",
    "as_mapping",
    "dig",
    "has_claims",
    "identity",
    "parse_image",
    "pod_identity",
    "secret",
]
