"""Which Dockerfile of a repository builds which image, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from posixpath import basename, dirname, join, normpath
from typing import Any

from bot.frozen import frozen
from bot.kubernetes import dockerfile
from bot.kubernetes.build_file import BuildFile, is_compose, is_dockerfile
from bot.kubernetes.config_facts import nonroot_of, ports_of
from bot.kubernetes.dockerfile import BuildStage
from bot.kubernetes.image import parse
from bot.kubernetes.image_facts import (
    Capabilities,
    Fact,
    Files,
    ImageFacts,
    Source,
    User,
    Writable,
)
from bot.kubernetes.images import known
from bot.kubernetes.workload import as_list, as_mapping
from bot.yamlpatch import Unreadable, plain


@frozen
class Build:
    """One image's build: `stated` by a compose or skaffold file, else told by its folder's name."""

    path: str
    stage: BuildStage
    stated: bool


class Builds:
    """The builds of a repository; the files are read when an image is first asked for."""

    def __init__(self, files: Iterable[BuildFile] = ()) -> None:
        self._files = tuple(files)
        self._stated: dict[str, Build] | None = None
        self._named: dict[str, list[str]] = {}

    def stated(self, repository: str) -> Build | None:
        """The build that a compose or skaffold file names for a repository, written out."""
        return self._read().get(repository)

    def guessed(self, repository: str) -> Build | None:
        """The only Dockerfile whose folder, or whose suffix, is called like the image."""
        self._read()
        paths = self._named.get(basename(repository), [])
        if len(paths) != 1:
            return None
        stage = self._stage(paths[0], None)
        return Build(path=paths[0], stage=stage, stated=False) if stage else None

    def _read(self) -> dict[str, Build]:
        if self._stated is None:
            self._stated = {}
            for file in self._files:
                name = basename(file.path)
                if is_dockerfile(name):
                    self._named.setdefault(_called(file.path), []).append(file.path)
                else:
                    self._stated |= dict(self._of(file, compose=is_compose(name)))
        return self._stated

    def _of(self, file: BuildFile, *, compose: bool) -> Iterator[tuple[str, Build]]:
        try:
            data = as_mapping(plain(file.text.encode()))
        except Unreadable:
            return
        for image, path, target in _composed(data) if compose else _skaffolded(data):
            reference = parse(image)
            where = normpath(join(dirname(file.path), path))
            stage = self._stage(where, target)
            if reference is not None and stage is not None:
                yield reference.repository, Build(path=where, stage=stage, stated=True)

    def _stage(self, path: str, target: str | None) -> BuildStage | None:
        text = next((file.text for file in self._files if normpath(file.path) == path), None)
        return None if text is None else dockerfile.parse(text, target)


def _called(path: str) -> str:
    """What a Dockerfile is called after: its suffix, its stem, else its folder."""
    name = basename(path)
    stem, dot, suffix = name.partition(".")
    if not dot:
        return basename(dirname(path))
    return suffix if stem.lower() in ("dockerfile", "containerfile") else stem


def _composed(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """Image, Dockerfile and target of the services that a compose file builds."""
    for service in map(as_mapping, as_mapping(data.get("services")).values()):
        build = service.get("build")
        if isinstance(build, str):
            build = {"context": build}
        told = as_mapping(build)
        if told and isinstance(service.get("image"), str):
            path = join(str(told.get("context", ".")), str(told.get("dockerfile", "Dockerfile")))
            yield service["image"], path, _text(told.get("target"))


def _skaffolded(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """The same of the artifacts of a skaffold.yaml."""
    for artifact in map(as_mapping, as_list(as_mapping(data.get("build")).get("artifacts"))):
        docker = as_mapping(artifact.get("docker"))
        if isinstance(artifact.get("image"), str):
            context = str(artifact.get("context", "."))
            path = join(context, str(docker.get("dockerfile", "Dockerfile")))
            yield artifact["image"], path, _text(docker.get("target"))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def facts_of(image: str, build: Build) -> ImageFacts:
    """What a build tells of its image; what it leaves open is what its base is."""
    stage = build.stage
    base = None if stage.base == "scratch" else known(stage.base)
    user, said = _user(stage, base)
    how = "builds it" if build.stated else "seems to build it"
    sure = build.stated and not stage.is_opaque
    source = Source(f"{build.path}, which {how} ({said})", sure=sure)
    volumes = tuple(Writable(path=path, is_data=True) for path in stage.config.volumes)
    return ImageFacts(
        family=image,
        size=base.size if base else None,
        user=Fact(user, source) if user else None,
        nonroot=Fact(nonroot_of(user), source) if user and not user.is_root else None,
        capabilities=_capabilities(stage, base, source),
        files=Fact(Files(verdict="unknown", writable=volumes), source) if volumes else None,
        ports=ports_of(stage.config, source),
    )


def _user(stage: BuildStage, base: ImageFacts | None) -> tuple[User | None, str]:
    """The user, and in words where it is from."""
    if stage.user is not None:
        user = stage.user
        return user, f"USER {user.uid if user.name is None else user.name}"
    if stage.base == "scratch":
        return User(uid=0), "no USER on scratch: root"
    if base is not None and base.user is not None:
        return base.user.value, f"no USER on {stage.base}"
    return None, f"no USER, and nothing is known of {stage.base}"


def _capabilities(
    stage: BuildStage, base: ImageFacts | None, source: Source
) -> Fact[Capabilities] | None:
    if base is None and stage.base != "scratch" and not stage.capabilities:
        return None
    below = base.capabilities.value if base and base.capabilities else Capabilities()
    return Fact(
        Capabilities(
            of_files=tuple(dict.fromkeys([*stage.capabilities, *below.of_files])),
            of_root=below.of_root,
            step_down=stage.step_down or below.step_down,
        ),
        source,
    )
