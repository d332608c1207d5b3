"""What an image says of how it runs."""

from __future__ import annotations

from bot.frozen import frozen


@frozen
class ImageConfig:
    """What the image itself says of how it runs (OCI image specification, config.md).

    `user` is as written: a name or number, perhaps with a group; empty is root. Ports are as in
    8080/tcp.
    """

    user: str = ""
    ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    working_folder: str = ""
