"""The sources of facts on images, in the order in which they are believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from bot.kubernetes import config_facts, own_images
from bot.kubernetes.build_file import BuildFile
from bot.kubernetes.image import parse
from bot.kubernetes.image_facts import ImageFacts, ranked
from bot.kubernetes.images import known
from bot.kubernetes.own_images import OwnImage
from bot.kubernetes.siblings import Siblings
from bot.kubernetes.workload import Container, Pod
from bot.model.image_config import ImageConfig

if TYPE_CHECKING:
    from bot.kubernetes.builds import Builds

_Known = tuple[ImageFacts, ...]


class ImageSources:
    """Configs of images, the operator's word, Dockerfiles, hardened siblings, the table."""

    def __init__(
        self,
        pods: Iterable[Pod],
        files: Iterable[BuildFile],
        configs: Mapping[str, ImageConfig],
    ) -> None:
        self._siblings = Siblings(pods)
        self._files = tuple(files)
        self._configs = configs
        self._own: Sequence[OwnImage] = ()
        self._images: dict[str, tuple[_Known, _Known]] = {}

    def facts(self, container: Container, own: Sequence[OwnImage]) -> ImageFacts | None:
        """What is known of a container's image, each fact from its best source."""
        if own is not self._own:
            self._own = own
            self._images.clear()
        image = container.image
        if image not in self._images:
            self._images[image] = self._of_image(image)
        better, lesser = self._images[image]
        sibling = self._siblings.facts(container)
        return ranked([*better, *((sibling,) if sibling else ()), *lesser])

    def _of_image(self, image: str) -> tuple[_Known, _Known]:
        """What outranks a sibling, and what a sibling outranks."""
        table = known(image)
        lesser = (table,) if table else ()
        reference = parse(image)
        if reference is None:
            return (), lesser
        better: list[ImageFacts] = []
        if image in self._configs:
            better.append(config_facts.facts_of(image, self._configs[image]))
        own = own_images.facts_of(reference.repository, self._own)
        if own is not None:
            better.append(own)
        build = self._built(image, reference.repository, is_known=table is not None)
        return (*better, *((build,) if build else ())), lesser

    def _built(self, image: str, repository: str, *, is_known: bool) -> ImageFacts | None:
        """What the build says that is stated; for an image that is not known, one that seems so."""
        if self._builds is None:
            return None
        from bot.kubernetes.builds import facts_of  # noqa: PLC0415  # few repositories hold builds

        build = self._builds.stated(repository)
        if build is None and not is_known:
            build = self._builds.guessed(repository)
        return None if build is None else facts_of(image, build)

    @cached_property
    def _builds(self) -> Builds | None:
        if not self._files:
            return None
        from bot.kubernetes.builds import Builds  # noqa: PLC0415  # as above

        return Builds(self._files)
