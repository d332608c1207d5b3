"""What `podsec fix --interactive` asks: the diff of a container, then yes, no, all or quit."""

from __future__ import annotations

from bot.cli.diffs import Diffs
from bot.cli.output import colours
from bot.formats.plain import counted, visible
from bot.model.finding import Finding
from bot.workflows.fix_path import Answer, Offer

_ANSWERS: dict[str, Answer] = {"y": "yes", "n": "no", "a": "all", "q": "quit"}
_COLOUR = {"+": "32", "-": "31", "@": "36"}


class Asker:
    """Asks on the terminal; no diff that it shows repeats a secret."""

    def __init__(self, diffs: Diffs) -> None:
        self._diffs = diffs

    def __call__(self, offer: Offer) -> Answer:
        """Show what would change, and ask until the answer is one; the end of input quits."""
        print()
        diff = self._diffs.between(offer.path, offer.before, offer.after, given=offer.given)
        for line in diff.splitlines():
            print(_painted(visible(line)))
        for finding in offer.findings:
            print(visible(_described(finding)))
        return _answer(f"Apply {_number(offer)} to {_subject(offer)}?")


def _number(offer: Offer) -> str:
    number = len(offer.findings)
    return "this fix" if number == 1 else f"these {counted(number, 'fix')}"


def _subject(offer: Offer) -> str:
    first = offer.findings[0]
    whole = f"{first.kind}/{first.name}"
    return f"container {first.container} of {whole}" if first.container else whole


def _described(finding: Finding) -> str:
    """A finding, with what its fix may break."""
    fix = finding.fix
    risky = fix is not None and fix.applicability == "unsafe"
    risk = f"; test first: {fix.reason}" if fix is not None and risky else ""
    return f"  {finding.message} [{finding.rule}]{risk}"


def _answer(question: str) -> Answer:
    while True:
        try:
            said = input(visible(f"{question} [y]es, [n]o, [a]ll, [q]uit: "))
        except EOFError:
            print()
            return "quit"
        word = said.strip().lower()
        found = _ANSWERS.get(word[:1]) if word else None
        if found is not None and found.startswith(word):
            return found
        print("y: apply; n: leave; a: apply this and all that follow; q: leave all that follow")


def _painted(line: str) -> str:
    code = _COLOUR.get(line[:1])
    return f"\x1b[{code}m{line}\x1b[0m" if code and colours() else line
