"""How long a sweep of a large repository takes, and how many calls: first, then nothing changed.

Run as `python -m benchmarks.sweep [MANIFESTS]`; 5,000 without a number. GitHub is the sandbox on
loopback, git is real. Seconds are of the sweep alone: wall clock, and CPU of this process, in which
the sandbox runs too.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.adapters.git import Clones
from bot.adapters.github import GitHubForges, Limiter, Limits
from bot.adapters.records import RecordTable
from bot.model.delivery import RepositoryRef
from bot.rule.load import load_rules
from bot.sandbox import Sandbox, SandboxRepository
from bot.workflows.review_images import ImageScans
from bot.workflows.sweep_repository import Errand, Sweeper, sweep_repository

_SECRET = "none"  # noqa: S105  # nothing is sent
_CONFIG = "sweep: {maxOpen: 3, maxNewPerDay: 3, dashboard: true}\n"
_MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{number}
  namespace: team-{team}
spec:
  selector:
    matchLabels: {{app: app-{number}}}
  template:
    metadata:
      labels: {{app: app-{number}}}
    spec:
      containers:
      - name: app
        image: nginx:1.25
        ports:
        - containerPort: 8080
"""


def main(manifests: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="podsec-sweep-") as name:
        folder = Path(name)
        sandbox = Sandbox(folder / "github", webhook_secret=_SECRET, webhook_url=None)
        with sandbox.running() as url:
            forges = GitHubForges(
                1,
                sandbox.private_key_pem,
                url,
                pause=0,
                limiter=Limiter(Limits(minute=9999, hour=9999)),
            )
            records = RecordTable(f"sqlite:///{folder / 'podsec.db'}")
            sweeper = Sweeper(
                clones=Clones(folder / "clones", url, forges.token),
                records=records,
                rules=load_rules(),
                stamp="",
                scans=ImageScans(scanning=None, web_url=url),
            )
            home = sandbox.create_repository("acme/large", {".podsec.yaml": _CONFIG})
            _fill(folder / "github" / "acme" / "large.git", manifests)
            print(f"{manifests} manifests")
            _sweep("first sweep", sandbox, forges, home, sweeper)
            _sweep("nothing changed", sandbox, forges, home, sweeper)
            home.commit("main", {"team-0/app-0/deploy.yaml": _manifest(0) + "# moved\n"}, "Move")
            _sweep("one file changed", sandbox, forges, home, sweeper)
            records.close()


def _fill(repository: Path, manifests: int) -> None:
    """Commit all manifests at once: a process for each would take minutes."""
    who = "committer octo-dev <octo-dev@example.com> 1790000000 +0000"
    lines = ["commit refs/heads/main", who, "data 3", "Add", "from refs/heads/main^0"]
    for number in range(manifests):
        text = _manifest(number)
        path = f"team-{number % 50}/app-{number}/deploy.yaml"
        lines += [f"M 100644 inline {path}", f"data {len(text)}", text]
    command = ["git", "-C", str(repository), "fast-import", "--quiet"]
    subprocess.run(command, input="\n".join(lines).encode() + b"\n", check=True)


def _manifest(number: int) -> str:
    return _MANIFEST.format(number=number, team=number % 50)


def _sweep(
    what: str,
    sandbox: Sandbox,
    forges: GitHubForges,
    home: SandboxRepository,
    sweeper: Sweeper,
) -> None:
    ref = RepositoryRef(id=home.id, full_name=home.full_name, installation=77)
    sandbox.requests.clear()
    began, busy = time.perf_counter(), time.process_time()
    with forges.open(ref) as forge:
        errand = Errand(repository=ref, today=datetime.now(UTC).date())
        swept = sweep_repository(errand, forge.own(), sweeper)
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    calls = [f"{method} {path}" for method, path, _ in sandbox.requests]
    spent = f"{seconds:.2f} s ({cpu:.2f} of CPU)"
    print(f"{what}: {swept.state}, {spent}, {len(calls)} calls, {len(home.pulls())} pulls")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
