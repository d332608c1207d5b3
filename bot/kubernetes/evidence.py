"""What is known in view that fixes may rest on, the best evidence first; worked out when asked.

In this order: the image's own config (a registry's, a scanner's report), the operator's config,
the Dockerfile that builds the image, containers that run it hardened already, the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from bot.kubernetes.build_file import BuildFile
from bot.kubernetes.workload import Container, Object, Pod

if TYPE_CHECKING:
    from bot.kubernetes.amounts import Amounts
    from bot.kubernetes.image_facts import ImageFacts
    from bot.kubernetes.image_sources import ImageSources
    from bot.kubernetes.own_images import OwnImage
    from bot.model.image_config import ImageConfig

T = TypeVar("T")


class Evidence:
    """Answers about images and amounts, from the objects and files in view.

    `objects` are all of them; `configs` are image configs by the reference that manifests write.
    Nothing is read, and no code for it loaded, before the first question; nothing is read twice.
    """

    def __init__(
        self,
        objects: Callable[[], Iterable[tuple[Object, Pod | None]]] = tuple,
        *,
        files: Iterable[BuildFile] = (),
        configs: Mapping[str, ImageConfig] | None = None,
    ) -> None:
        self._objects = objects
        self._files = files
        self._configs = configs or {}
        self._latest: tuple[object, object, Any] | None = None

    def facts(self, container: Container, own: Sequence[OwnImage] = ()) -> ImageFacts | None:
        """What is known of a container's image, each fact from its best source.

        `own` is what the config says of images.
        """
        return self._images.facts(container, own)

    @cached_property
    def _images(self) -> ImageSources:
        from bot.kubernetes.image_sources import ImageSources  # noqa: PLC0415  # fixes alone need it

        pods = (pod for _, pod in self._objects() if pod is not None)
        return ImageSources(pods, self._files, self._configs)

    @cached_property
    def amounts(self) -> Amounts:
        """What other objects say of CPU and memory."""
        from bot.kubernetes.amounts import Amounts  # noqa: PLC0415  # fixes alone need it

        return Amounts(self._objects())

    def once(self, about: object, under: object, make: Callable[[], T]) -> T:
        """What `make` makes of an object under a config: kept while the same two are asked about.

        Several rules ask the same of one pod, one after the other.
        """
        latest = self._latest
        if latest is None or latest[0] is not about or latest[1] is not under:
            latest = self._latest = (about, under, make())
        return cast("T", latest[2])
