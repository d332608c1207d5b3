"""What a check run says of the config: one that is wrong on the base, one that a change brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.formats.markdown import code, inert, plain
from bot.formats.plain import counted
from bot.model.config_news import ConfigNews
from bot.model.review import Annotation, CheckRun

_LONGEST = 1_000
_MOST = 50


def with_troubles(check: CheckRun, troubles: Sequence[str]) -> CheckRun:
    """The check run where the base has a wrong config: it is never green, and says so."""
    if not troubles:
        return check
    lines = [line for trouble in troubles for line in trouble.splitlines()]
    said = "\n".join(f"- {inert(line, _LONGEST)}" for line in lines[:_MOST])
    lead = "The config of podsec on the base branch is wrong. Mend it there:"
    return replace(
        check,
        conclusion="neutral" if check.conclusion == "success" else check.conclusion,
        title=f"The config of podsec is wrong. {check.title}",
        summary=f"{lead}\n\n{said}\n\n{check.summary}",
    )


def with_config_news(check: CheckRun, news: Sequence[ConfigNews], *, enforce: bool) -> CheckRun:
    """The check run of a pull request that changes the config, with what is wrong by line."""
    if not news:
        return check
    wrong = [one for one in news if one.problems]
    conclusion = check.conclusion
    if wrong:
        conclusion = "failure" if enforce or conclusion == "failure" else "neutral"
    notes = tuple(note for one in wrong for note in _notes(one))
    return replace(
        check,
        conclusion=conclusion,
        title=f"{_title(wrong)}. {check.title}" if wrong else check.title,
        summary="\n\n".join([*map(_said, news), check.summary]),
        annotations=(*notes, *check.annotations),
    )


def _title(wrong: Sequence[ConfigNews]) -> str:
    number = sum(len(one.problems) for one in wrong)
    return f"{counted(number, 'mistake')} in the config of podsec"


def _said(news: ConfigNews) -> str:
    if news.is_removed:
        return (
            f"This pull request removes {code(news.path)}: what it says holds until the merge, and "
            "the layers below it after that."
        )
    if not news.problems:
        return (
            f"{code(news.path)} is right. It holds from the merge on; this pull request is judged "
            "by that of its base branch."
        )
    lines = [f"- line {line}: {inert(text, _LONGEST)}" for line, text in news.problems[:_MOST]]
    lead = f"{code(news.path)} is wrong, and would not hold after the merge:"
    return "\n".join([lead, "", *lines])


def _notes(news: ConfigNews) -> list[Annotation]:
    return [
        Annotation(
            path=news.path,
            start_line=line,
            end_line=line,
            level="failure",
            title="config",
            message=plain(text, _LONGEST),
        )
        for line, text in news.problems[:_MOST]
    ]
