"""What a repository asks: `.podsec.yaml`, read from the base branch."""

from bot.config.build import build, parse
from bot.config.globs import Paths
from bot.config.layer import Layer, examine, read_layer
from bot.config.model import DEFAULT, EVERY_RULE, PROFILES, Config, ImageEntry, Profile

PATHS = (".podsec.yaml", ".github/podsec.yaml")
"""Where it stands, from the repository's root; the first wins."""

__all__ = [
    "DEFAULT",
    "EVERY_RULE",
    "PATHS",
    "PROFILES",
    "Config",
    "ImageEntry",
    "Layer",
    "Paths",
    "Profile",
    "build",
    "examine",
    "parse",
    "read_layer",
]
