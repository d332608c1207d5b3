"""`podsec doctor`: the programs that podsec uses, and how far the kernel confines them."""

from __future__ import annotations

import shutil

from bot.frozen import frozen
from bot.process import confinements


@frozen
class _Wanted:
    """Programs of which one is enough, what they are for, and where they come from."""

    programs: tuple[str, ...]
    use: str
    source: str


_WANTED = (
    _Wanted(
        programs=("kustomize", "kubectl"),
        use="kustomizations are judged as they are rendered, fixes in them are proved",
        source="https://kubernetes.io/docs/tasks/tools/ (kubectl is enough)",
    ),
    _Wanted(
        programs=("helm",),
        use="charts are judged as they are rendered, fixes in them are proved",
        source="https://helm.sh/docs/intro/install/",
    ),
    _Wanted(
        programs=("trivy",),
        use="images are scanned, where this scanner is chosen",
        source="https://trivy.dev/latest/getting-started/installation/",
    ),
)


def run() -> str:
    """One line for each, and one for the kernel; the container image has kubectl and helm."""
    lines = [_line(one) for one in _WANTED]
    kernel = confinements()
    bounds = ", ".join(kernel) if kernel else "none"
    lines.append(f"kernel: bounds for renderers beside time, memory and output: {bounds}")
    return "\n".join(lines) + "\n"


def _line(wanted: _Wanted) -> str:
    names = " or ".join(wanted.programs)
    for program in wanted.programs:
        found = shutil.which(program)
        if found is not None:
            return f"{program}: {found}: {wanted.use}"
    return f"{names}: not on PATH; with it {wanted.use}; get it: {wanted.source}"
