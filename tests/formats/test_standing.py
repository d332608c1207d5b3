"""What a change did to what stood, in GitHub's Markdown: few lines, and inert ones."""

from __future__ import annotations

from bot.formats.standing import mended, regressions, useless
from bot.model.finding import Credit, Regression
from bot.model.suppression import Match, Suppression, Verdict

EVIL = "@ada [x](https://evil.example) `a` <b>"


def lost(number: int = 0, message: str = "more is let in") -> Regression:
    return Regression(
        file=f"p{number}.yaml",
        line=3,
        kind="NetworkPolicy",
        name=EVIL,
        namespace=None,
        container=None,
        field="spec.ingress",
        message=message,
        fingerprint=f"{number:016x}",
    )


def credit(rule: str) -> Credit:
    return Credit(rule=rule, severity="low", file="a", kind="Pod", name="a", container=None)


def test_regressions_are_one_inert_line_each_and_at_most_ten() -> None:
    text = regressions([lost(number, EVIL) for number in range(12)])
    lines = text.split("\n")
    assert len(lines) == 2 + 10 + 1
    assert lines[-1].startswith("- 2 regressions more")
    assert "@\u2060ada" in text
    assert "[x](" not in text.replace(f"`` {EVIL} ``", "")


def test_what_is_mended_is_one_line_whatever_there_is() -> None:
    rules = ["b", "b", "a", "c", "d", "e", "f", "g"]
    text = mended([credit(rule) for rule in rules])
    assert text == (
        "Mended by this pull request: 8 findings: `b` (2), `a`, `c`, `d`, `e`, 2 rules more."
    )


def test_where_nothing_was_nothing_is_said() -> None:
    assert (regressions([]), mended([]), useless([])) == ("", "", "")


def test_suppressions_that_are_of_use_or_not_judged_are_not_listed() -> None:
    one = Suppression(
        rule="root-user", reason="r", source="config", file="a.yaml", line=2, scope=Match()
    )
    verdicts = [Verdict(suppression=one, fate=fate) for fate in ("used", "unjudged")]
    assert useless(verdicts) == ""
    text = useless([*verdicts, Verdict(suppression=one, fate="expired", note=EVIL)])
    assert "1 suppression of no use" in text
    assert "@ada" not in text
