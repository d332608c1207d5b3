"""Random applications of which it is known who talks to whom, since they were made so."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.network.world import workload

FORMS = (
    ("ADDR", "{name}.{space}:{port}"),
    ("URL", "http://{name}.{space}.svc.cluster.local:{port}/path"),
    ("DSN", "postgres://user:pw@{name}.{space}.svc:{port}/db"),
    ("HOST", "{name}.{space}.svc"),
)
NEAR = (("ADDR", "{name}:{port}"), ("HOST", "{name}"), ("URL", "http://{name}:{port}"))
KINDS = ("Deployment", "DaemonSet", "StatefulSet")


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One workload with its Service, and those that it connects to."""

    name: str
    namespace: str
    kind: str
    port: int
    """Of the pods; the Service has another."""
    front: int
    calls: tuple[tuple[str, str], ...]
    """Names, and the form in which each is named."""


@st.composite
def applications(draw: st.DrawFn) -> tuple[App, ...]:
    """A few workloads in one or two namespaces."""
    number = draw(st.integers(2, 6))
    names = [f"app-{index}" for index in range(number)]
    spaces = {name: draw(st.sampled_from(("red", "blue"))) for name in names}
    apps = []
    for index, name in enumerate(names):
        others = draw(st.sets(st.sampled_from([n for n in names if n != name]), max_size=3))
        calls = []
        for other in sorted(others):
            near = spaces[other] == spaces[name]
            forms = (*FORMS, *(NEAR if near else ()))
            calls.append((other, draw(st.sampled_from(range(len(forms))))))
        apps.append(
            App(
                name=name,
                namespace=spaces[name],
                kind=draw(st.sampled_from(KINDS)),
                port=7000 + index,
                front=draw(st.sampled_from((7000 + index, 900 + index))),
                calls=tuple((other, str(form)) for other, form in calls),
            )
        )
    return tuple(apps)


def text_of(apps: tuple[App, ...]) -> str:
    """The manifests of an application."""
    by_name = {app.name: app for app in apps}
    parts = []
    for app in apps:
        env = {}
        for number, (other, form) in enumerate(app.calls):
            target = by_name[other]
            suffix, pattern = (*FORMS, *NEAR)[int(form)]
            value = pattern.format(name=other, space=target.namespace, port=target.front)
            env[f"UP{number}_{suffix}"] = value
        parts.append(
            workload(
                app.name,
                kind=app.kind,
                namespace=app.namespace,
                env=env,
                ports={"main": app.port},
            )
        )
        parts.append(
            f"---\napiVersion: v1\nkind: Service\n"
            f"metadata: {{name: {app.name}, namespace: {app.namespace}}}\n"
            f"spec: {{selector: {{app: {app.name}}}, "
            f"ports: [{{port: {app.front}, targetPort: main}}]}}\n"
        )
    return "".join(parts)
