"""A whole repository, judged: what a sweep proposes rests on all of its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.config import PATHS, Config, Layer, build, read_layer
from bot.engine.codeowners import PLACES, CodeOwners, code_owners
from bot.engine.read import mentions_object
from bot.errors import RuleError
from bot.frozen import frozen
from bot.kubernetes.build_file import is_build_file
from bot.kubernetes.view import View
from bot.model.change import ChangedFile, ChangeSet
from bot.model.finding import Report, Skipped
from bot.ports import Snapshot
from bot.rule.load import Rules
from bot.rule.own import FOLDER, MOST, own_rules
from bot.rule.switches import demand_known
from bot.workflows.check_path import Asked, check_files

_SUFFIXES = (".yaml", ".yml", ".json")
_OWN = ".podsec/"


@frozen
class Terms:
    """What a repository asks; `has_config`: it says so itself."""

    config: Config
    rules: Rules
    owners: CodeOwners
    has_config: bool
    void: tuple[Skipped, ...] = ()


@frozen
class Survey:
    """The judged repository; the view holds all its objects."""

    terms: Terms
    asked: Asked
    changes: ChangeSet
    report: Report
    view: View
    snapshot: Snapshot

    def read(self, path: str) -> bytes | None:
        """Any file of the commit, read or not."""
        file = self.changes.file(path)
        if file is not None and file.data is not None:
            return file.data
        return self.snapshot.read([path]).get(path)


def read_terms(snapshot: Snapshot, rules: Rules, above: Sequence[Layer]) -> Terms:
    """What the commit asks; `above` are the layers that its own config goes before.

    Raises ConfigError or RuleError where that is wrong.
    """
    own = [path for path in snapshot.files if path.startswith(f"{FOLDER}/")]
    named = [path for path in own if path.endswith("/rule.yaml")]
    named = [path for path in named if path.count("/") == FOLDER.count("/") + 2]
    if len(named) > MOST:
        raise RuleError(f"{FOLDER}: {len(named)} rules, at most {MOST} are loaded")
    found = snapshot.read([*PATHS, *PLACES, *named])
    present = [path for path in PATHS if found.get(path) is not None]
    layers = [*above, *(read_layer(found[path] or b"", path) for path in present[:1])]
    config = build(layers)
    code = {path: b"" for path in own if path.endswith(".py")}
    joined = rules.joined(own_rules({**code, **{path: found.get(path) or b"" for path in named}}))
    demand_known(config, joined)
    return Terms(
        config=config,
        rules=joined,
        owners=code_owners(found.get),
        has_config=bool(present),
        void=tuple(
            Skipped(file=path, line=1, reason=f"not read, since {present[0]} wins")
            for path in present[1:]
        ),
    )


def survey(snapshot: Snapshot, terms: Terms, today: date) -> Survey:
    """Judge the whole commit as it stands."""
    config = terms.config
    wanted = [path for path in sorted(snapshot.files) if _is_held(path, config)]
    built = [path for path in sorted(snapshot.files) if is_build_file(path.rpartition("/")[2])]
    data = snapshot.read({*wanted, *built})
    files = [_file(path, data) for path in wanted]
    changes = ChangeSet(
        files=tuple(file for file in files if file.unread or _mentions(file)),
        builds=tuple(_file(path, data) for path in built if path not in set(wanted)),
    )
    asked = Asked(
        rules=terms.rules,
        config=config,
        today=today,
        is_complete=True,
        sees_all=True,
        is_informed=True,
    )
    report, view = check_files(changes, asked)
    report = replace(report, skipped=(*terms.void, *report.skipped))
    return Survey(
        terms=terms, asked=asked, changes=changes, report=report, view=view, snapshot=snapshot
    )


def _is_held(path: str, config: Config) -> bool:
    is_manifest = path.endswith(_SUFFIXES) and not path.startswith(_OWN)
    return is_manifest and config.paths.hold(path)


def _file(path: str, data: Mapping[str, bytes | None]) -> ChangedFile:
    found = data.get(path)
    unread = "larger than 5 MB" if found is None else None
    return ChangedFile(path=path, status="unchanged", data=found, unread=unread)


def _mentions(file: ChangedFile) -> bool:
    return file.data is not None and mentions_object(file.path, file.data)
