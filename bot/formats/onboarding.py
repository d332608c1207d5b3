"""The pull request before the first sweep: a config to start from, and what would follow."""

from __future__ import annotations

from bot.config import PATHS
from bot.config.model import Config
from bot.formats.markdown import code, inert
from bot.formats.plain import counted
from bot.formats.proposal_mark import written
from bot.model.finding import SEVERITIES
from bot.model.posture import Posture
from bot.model.sweep import Group, Mark
from bot.yamlpatch.create import NewFile, create

TITLE = "Set up podsec"
_SHOWN = 10
_COMMENT = """\
What podsec checks here, and when. All keys: https://github.com/podsec/podsec
docs/configuration.md. Pull requests are reviewed with or without this file."""

_INTRO = (
    "podsec reviews pull requests here already. It can also sweep the whole repository and propose "
    "fixes for what stands in it."
)
_MERGE = (
    "**Merge this** to let it: at {when}, at most {new} new in a day and {most} pull requests open "
    "at once. **Close it**, and podsec never sweeps this repository; reviews go on."
)


def scaffold(config: Config) -> bytes:
    """A `.podsec.yaml` that says what holds anyway, to be changed."""
    sweep, schedule = config.sweep, config.schedule
    return create(
        [
            NewFile(
                value={
                    "profile": config.profile,
                    "schedule": {"cron": schedule.cron, "timeZone": schedule.time_zone},
                    "sweep": {
                        "group": sweep.group,
                        "maxOpen": sweep.max_open,
                        "maxNewPerDay": sweep.max_new_per_day,
                        "maxRestarts": sweep.max_restarts,
                        "dashboard": sweep.dashboard,
                    },
                },
                comment=_COMMENT,
                notes={
                    ("profile",): "baseline, restricted (Pod Security Standards) or podsec",
                    ("schedule",): "when the whole repository is swept",
                    ("sweep", "group"): "one pull request a directory, a rule or an owner",
                    ("sweep", "maxOpen"): "pull requests that may be open at once",
                    ("sweep", "maxNewPerDay"): "pull requests that may be opened in a day",
                    ("sweep", "maxRestarts"): "workloads that one merge may restart",
                    ("sweep", "dashboard"): "keep an issue with the posture and all proposals",
                },
            )
        ]
    )


def body_of(posture: Posture, groups: tuple[Group, ...], config: Config, mark: Mark) -> str:
    """What merging and closing mean, and what the first sweep found."""
    counts = {s: sum(t.counts.get(s, 0) for t in posture.by_rule) for s in SEVERITIES}
    listed = ", ".join(f"{counts[s]} {s}" for s in reversed(SEVERITIES) if counts[s])
    rows = "\n".join(
        f"- {group.kind.counted(len(group.findings))} in "
        f"{code(group.label)}{' (draft)' if group.kind.draft else ''}"
        for group in groups[:_SHOWN]
    )
    more = f"\n- and {len(groups) - _SHOWN} more" if len(groups) > _SHOWN else ""
    sweep, schedule = config.sweep, config.schedule
    found, number = counted(posture.findings, "finding"), counted(posture.workloads, "workload")
    parts = [
        _INTRO,
        _MERGE.format(
            when=f"{code(schedule.cron)} ({inert(schedule.time_zone)})",
            new=sweep.max_new_per_day,
            most=sweep.max_open,
        ),
        "### What it would propose now",
        f"{found} ({listed or 'none'}) in {number}; the score is {posture.score} of 100.",
        rows + more,
        f"Nothing but {code(PATHS[0])} changes by this merge.",
        written(mark),
    ]
    return "\n\n".join(parts)
