"""What follows from an image's own config: the best evidence on who it runs as."""

from __future__ import annotations

import re

from bot.kubernetes.image_config import port_numbers
from bot.kubernetes.image_facts import Fact, ImageFacts, NonRoot, Ports, Source, User
from bot.model.image_config import ImageConfig

_NUMBER = re.compile(r"\d{1,9}")
_LOW = 1024


def user_of(text: str) -> User:
    """A USER as written, taken apart."""
    name, _, group = text.strip().partition(":")
    gid = int(group) if _NUMBER.fullmatch(group) else None
    if _NUMBER.fullmatch(name):
        return User(uid=int(name), gid=gid)
    if name in ("", "root"):
        return User(uid=0, gid=gid)
    return User(uid=None, gid=gid, name=name)


def facts_of(image: str, config: ImageConfig) -> ImageFacts:
    """What an image's config tells: its user, and its ports."""
    user = user_of(config.user)
    spoken = config.user or "none, which is root"
    source = Source(f"the image's own config (USER {spoken})", sure=True)
    return ImageFacts(
        family=image,
        user=Fact(user, source),
        nonroot=None if user.is_root else Fact(nonroot_of(user), source),
        ports=ports_of(config, source),
    )


def nonroot_of(user: User) -> NonRoot:
    """An image that is not root's already: it runs as what it is."""
    return NonRoot(verdict="yes", uid=user.uid, gid=user.gid, fs_group=user.gid or user.uid)


def ports_of(config: ImageConfig, source: Source) -> Fact[Ports] | None:
    """What EXPOSE says; that it says nothing means nothing."""
    numbers = port_numbers(config)
    if not numbers:
        return None
    return Fact(Ports(numbers=numbers, is_low=any(port < _LOW for port in numbers)), source)
