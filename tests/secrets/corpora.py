"""The env entries of the shared corpora, and what the labels say of them."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Entry:
    """A literal env entry: where it stands, its name and its value."""

    file: str
    container: str
    """Kind/name/container."""
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Labels:
    """What the labels say of one corpus."""

    entries: int
    distinct: int
    secrets: frozenset[tuple[str, str, str]]
    """File, container, name."""


def unpack(shared: Path, into: Path) -> dict[str, Path]:
    """All corpora of the shared archives, by name."""
    for archive in sorted((shared / "corpora").glob("*.tar.gz")):
        with tarfile.open(archive) as tar:
            tar.extractall(into, filter="data")
    return {folder.name: folder for folder in sorted(into.iterdir()) if folder.is_dir()}


def entries(root: Path) -> Iterator[Entry]:
    """Every literal of every `env` list below a folder: workloads, patches, custom resources."""
    for path in sorted((*root.rglob("*.yaml"), *root.rglob("*.yml"))):
        try:
            documents = list(yaml.load_all(path.read_bytes(), Loader=yaml.CSafeLoader))
        except yaml.YAMLError:
            continue  # chart templates
        for document in documents:
            if isinstance(document, dict):
                yield from _of_document(str(path.relative_to(root)), document)


def _of_document(file: str, document: dict[str, Any]) -> Iterator[Entry]:
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    for holder in _mappings(document):
        env = holder.get("env")
        for one in env if isinstance(env, list) else ():
            if isinstance(one, dict) and one.get("value") is not None:
                container = f"{document.get('kind')}/{name}/{holder.get('name')}"
                yield Entry(file, container, str(one.get("name")), str(one["value"]))


def _mappings(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
        for value in data.values():
            yield from _mappings(value)
    elif isinstance(data, list):
        for value in data:
            yield from _mappings(value)


def labels(file: str) -> dict[str, Labels]:
    """The labels of a file beside this one, by corpus."""
    found = yaml.safe_load((HERE / file).read_bytes())
    return {
        corpus: Labels(
            entries=said["read"]["entries"],
            distinct=said["read"]["distinct"],
            secrets=frozenset(
                (path, container, name)
                for path, containers in said["secrets"].items()
                for container, names in containers.items()
                for name in names
            ),
        )
        for corpus, said in found.items()
    }
