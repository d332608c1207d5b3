"""Images made by the tests: layers, configs, manifests, archives; no container runtime needed."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def layer(files: dict[str, bytes]) -> bytes:
    """An uncompressed layer, the same bytes each time."""
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return into.getvalue()


def package(name: str, version: str, source: str | None = None) -> str:
    """An entry of Alpine's package database."""
    return (
        f"P:{name}\nV:{version}\nA:x86_64\nS:1\nI:1\nT:{name}\nU:https://example.com\nL:MIT\n"
        f"o:{source or name}\nm:nobody\nt:1556711111\nc:0\n\n"
    )


def alpine(*packages: str, release: str = "3.9.4") -> bytes:
    """A layer that looks like Alpine to a scanner."""
    return layer(
        {
            "etc/alpine-release": f"{release}\n".encode(),
            "etc/os-release": f'NAME="Alpine Linux"\nID=alpine\nVERSION_ID={release}\n'.encode(),
            "lib/apk/db/installed": "".join(packages).encode(),
        }
    )


VULNERABLE = alpine(package("musl", "1.1.20-r4"), package("libcrypto1.1", "1.1.1b-r1", "openssl"))
MENDED = alpine(package("musl", "1.1.20-r5"), package("libcrypto1.1", "1.1.1d-r0", "openssl"))
HALF_MENDED = alpine(package("musl", "1.1.20-r5"), package("libcrypto1.1", "1.1.1b-r1", "openssl"))


@dataclass(frozen=True)
class Image:
    """An image of one platform."""

    layer: bytes = VULNERABLE
    config: dict[str, Any] = field(
        default_factory=lambda: {
            "User": "1000:2000",
            "ExposedPorts": {"8080/tcp": {}},
            "Volumes": {"/data": {}},
            "Env": ["PATH=/bin"],
            "Entrypoint": ["/bin/app"],
            "Cmd": ["--serve"],
            "WorkingDir": "/srv",
        }
    )
    machine: str = "amd64"

    @property
    def packed(self) -> bytes:
        return gzip.compress(self.layer, mtime=0)

    @property
    def config_blob(self) -> bytes:
        return json.dumps(
            {
                "architecture": self.machine,
                "os": "linux",
                "config": self.config,
                "rootfs": {"type": "layers", "diff_ids": [digest(self.layer)]},
                "history": [{"created_by": "ADD file"}],
            }
        ).encode()

    @property
    def manifest(self) -> bytes:
        return json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": {
                    "mediaType": "application/vnd.oci.image.config.v1+json",
                    "size": len(self.config_blob),
                    "digest": digest(self.config_blob),
                },
                "layers": [
                    {
                        "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                        "size": len(self.packed),
                        "digest": digest(self.packed),
                    }
                ],
            }
        ).encode()

    def archive(self, path: Path, name: str = "demo/app:1.0") -> Path:
        """The image as `docker save` writes it."""
        config = digest(self.config_blob).removeprefix("sha256:") + ".json"
        manifest = [{"Config": config, "RepoTags": [name], "Layers": ["layer.tar"]}]
        path.write_bytes(
            layer(
                {
                    config: self.config_blob,
                    "layer.tar": self.layer,
                    "manifest.json": json.dumps(manifest).encode(),
                }
            )
        )
        return path


def index(*images: Image) -> bytes:
    """An index of several platforms."""
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": INDEX,
            "manifests": [
                {
                    "mediaType": MANIFEST,
                    "size": len(image.manifest),
                    "digest": digest(image.manifest),
                    "platform": {"os": "linux", "architecture": image.machine},
                }
                for image in images
            ],
        }
    ).encode()
