"""Small applications for the tests of inference, and how they are asked."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from pathlib import Path

import yaml

from bot.config.model import Network as Wishes
from bot.engine.network.files import propose
from bot.engine.network.plan import plan
from bot.engine.network.survey import survey
from bot.engine.read import load
from bot.kubernetes.network_grants import Planned, Proposed, Survey
from bot.model.manifest import Manifest


def manifests(files: Mapping[str, str | bytes]) -> list[Manifest]:
    found: list[Manifest] = []
    for path, text in files.items():
        if path.endswith((".yaml", ".yml")):
            data = text.encode() if isinstance(text, str) else text
            found += load(path, data)[0]
    return found


def _read(files: Mapping[str, str | bytes], path: str) -> bytes | None:
    text = files.get(path)
    return text.encode() if isinstance(text, str) else text


def surveyed(files: Mapping[str, str | bytes] | str) -> Survey:
    files = {"app.yaml": files} if isinstance(files, str) else files
    return survey(manifests(files), lambda path: _read(files, path))


def planned(files: Mapping[str, str | bytes] | str, **wishes: str) -> Planned:
    return plan(surveyed(files), Wishes(**wishes))  # type: ignore[arg-type]  # a test's own words


def proposed(files: Mapping[str, str | bytes] | str, **wishes: str) -> Proposed:
    files = {"app.yaml": files} if isinstance(files, str) else files
    return propose(planned(files, **wishes), manifests(files), lambda path: _read(files, path))


def edges(files: Mapping[str, str | bytes] | str) -> set[str]:
    """The edges between different workloads, as "web>cart:8080"."""
    return {
        f"{edge.source.name}>{edge.target.name}:{edge.endpoint.port}"
        for edge in surveyed(files).inferred.edges
        if edge.source is not edge.target
    }


def exposures(files: Mapping[str, str | bytes] | str) -> set[str]:
    """The exposures, as "web:8080 anyone"."""
    return {
        f"{one.endpoint.actor.name}:{one.endpoint.port} {one.reach}"
        for one in surveyed(files).inferred.exposures
    }


def policy(files: Mapping[str, str | bytes] | str, name: str, **wishes: str) -> dict[str, object]:
    """The spec of the policy of that name."""
    found = {one.name: one.document for one in planned(files, **wishes).written}
    return dict(found[name]["spec"])  # type: ignore[arg-type]  # a mapping by its making


def declined(files: Mapping[str, str | bytes] | str, **wishes: str) -> dict[str, str]:
    """The reasons by workload."""
    return {one.actor.name: one.reason for one in planned(files, **wishes).declined}


def workload(
    name: str,
    *,
    kind: str = "Deployment",
    namespace: str = "",
    env: Mapping[str, str] | None = None,
    ports: Mapping[str, int] | None = None,
    pod: str = "",
    container: str = "",
    metadata: str = "",
    labels: str = "",
) -> str:
    """A workload as text; `pod`, `container` and `metadata` are more YAML in flow style."""
    where = f", namespace: {namespace}" if namespace else ""
    pairs = labels or f"app: {name}"
    variables = ", ".join(f"{{name: {k}, value: {v!r}}}" for k, v in (env or {}).items())
    listed = ", ".join(f"{{name: {k}, containerPort: {v}}}" for k, v in (ports or {}).items())
    more = f", {container}" if container else ""
    return f"""---
apiVersion: apps/v1
kind: {kind}
metadata: {{name: {name}{where}}}
spec:
  selector: {{matchLabels: {{{pairs.partition(",")[0]}}}}}
  template:
    metadata: {{labels: {{{pairs}}}{", " + metadata if metadata else ""}}}
    spec: {{containers: [{{name: {name}, image: "{name}:1", env: [{variables}], ports: [{listed}]{more}}}]{", " + pod if pod else ""}}}
"""


def service(
    name: str,
    port: int | str = 80,
    target: int | str | None = None,
    *,
    app: str | None = None,
    namespace: str = "",
    spec: str = "",
    metadata: str = "",
) -> str:
    """A Service as text; `app` is what it selects, its own name if None, nothing if empty."""
    where = f", namespace: {namespace}" if namespace else ""
    chosen = f"selector: {{app: {app or name}}}, " if app != "" else ""
    to = f", targetPort: {target}" if target is not None else ""
    return f"""---
apiVersion: v1
kind: Service
metadata: {{name: {name}{where}{", " + metadata if metadata else ""}}}
spec: {{{chosen}ports: [{{port: {port}{to}}}]{", " + spec if spec else ""}}}
"""


def pair(name: str, port: int = 80, **more: str) -> str:
    """A workload that listens, and its Service."""
    return workload(name, ports={"main": port}, **more) + service(
        name, port, namespace=more.get("namespace", "")
    )


def corpus(shared: Path, below: str) -> dict[str, str | bytes]:
    """The YAML files of a folder of the corpora, by their paths from there."""
    found: dict[str, str | bytes] = {}
    with tarfile.open(shared / "corpora" / "manifests.tar.gz") as archive:
        for member in archive:
            path = member.name.removeprefix("./")
            if (
                member.isfile()
                and path.startswith(f"{below}/")
                and path.endswith((".yaml", ".yml"))
            ):
                stream = archive.extractfile(member)
                assert stream is not None
                found[path.removeprefix(f"{below}/")] = stream.read()
    return dict(sorted(found.items()))


def specs(text: bytes) -> list[dict[str, object]]:
    """The documents of a text."""
    return [one for one in yaml.load_all(text, Loader=yaml.CSafeLoader) if one]
