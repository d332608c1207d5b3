"""Secrets in command lines: flags, assignments, shell scripts, the short flags of tools."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.kubernetes.secret import NONE, Found, Verdict, classify
from bot.kubernetes.secret_form import MAX_LENGTH
from bot.kubernetes.secret_judge import by_form, judged
from bot.kubernetes.secret_text import assignments

# the tools whose short flags take a password: glued to it, or as the next word
_MYSQL = "mysql mysqladmin mysqldump mysqlshow mysqlimport mariadb mariadb-admin mariadb-dump"
_TOOLS: dict[str, tuple[str, bool, bool]] = {
    **dict.fromkeys(_MYSQL.split(), ("-p", True, False)),
    **dict.fromkeys(["redis-cli", "redis-benchmark", "valkey-cli"], ("-a", False, True)),
    **dict.fromkeys(["mongo", "mongosh", "mongodump", "mongorestore"], ("-p", False, True)),
    **dict.fromkeys(["ldapsearch", "ldapadd", "ldapmodify", "ldapwhoami"], ("-w", True, True)),
    "sshpass": ("-p", True, True),
    "sqlcmd": ("-P", True, True),
    "curl": ("-u", False, True),
}
_LOGIN = frozenset({"docker", "podman", "buildah", "skopeo", "helm", "oras", "crane", "az", "oc"})
_WORD = re.compile(r"(?:[^\s\"'`;|&]|\"(?:\\.|[^\"\\])*\"|'[^']*'|`[^`]*`)+|[;|&]+")
_FLAG = re.compile(r"--?[A-Za-z][\w.\-]+")
_SHELL = re.compile(r"[\s;|]")
_DEPTH = 3
_REACH = 32
"""Words back from a flag in which its tool is looked for."""


def of_words(words: Sequence[str]) -> Iterator[Found]:
    """The secrets of a command and its arguments, by the index of the word they stand in.

    A verdict's `start` and `end` are the place in the word; in a shell script they are zero, since
    what replaces the secret there must be quoted as the shell wants it.
    """
    for index in range(len(words)):
        verdict = _of_word(words, index, 0)
        if verdict:
            yield Found(index, verdict)


def _of_word(words: Sequence[str], index: int, depth: int) -> Verdict:
    word = words[index]
    if _SHELL.search(word) and not (index and _is_flag(words[index - 1])):
        return _of_script(word, depth)
    name, sign, value = word.partition("=")
    if sign and value and not name.endswith(("!", "=")):
        return _moved(classify(name.lstrip("-"), value), len(name) + 1)
    return _of_next(words, index) or classify("", word)


def _moved(found: Verdict, shift: int) -> Verdict:
    if not found:
        return NONE
    return Verdict(
        kind=found.kind,
        reason=found.reason,
        part="part",
        start=found.start + shift,
        end=found.end + shift,
    )


def _of_next(words: Sequence[str], index: int) -> Verdict:
    """The word after a flag, and what is glued to a tool's short flag."""
    word = words[index]
    before = words[index - 1] if index else ""
    lead = words[max(0, index - _REACH) : index]
    tool = next((t for near in reversed(lead) if (t := _base(near)) in _TOOLS), None)
    if tool is not None:
        flag, glued, parted = _TOOLS[tool]
        if parted and before == flag:
            return _password(word, pair=tool == "curl")
        if glued and word.startswith(flag) and len(word) > 2 and word[2] != "-":
            return _moved(judged("password", word[2:]), 2)
    if before == "-p" and "login" in lead and _base(words[0]) in _LOGIN:
        return _password(word)
    if _is_flag(before) and not word.startswith("-"):
        return classify(before.lstrip("-"), word)
    return NONE


def _password(word: str, *, pair: bool = False) -> Verdict:
    user, sign, password = word.partition(":")
    if not pair:
        return judged("password", word)
    return _moved(judged("password", password), len(user) + 1) if sign else NONE


def _base(word: str) -> str:
    return word.rpartition("/")[2]


def _is_flag(word: str) -> bool:
    return _FLAG.fullmatch(word) is not None


def _of_script(text: str, depth: int) -> Verdict:
    """A shell script, command by command, with the lines that a here-document holds."""
    for line in text.splitlines():
        found = _of_shell_line(line[:MAX_LENGTH], depth)
        if found:
            return Verdict(kind=found.kind, reason=found.reason, part="part")
    whole = by_form(text)
    return Verdict(kind=whole.kind, reason=whole.reason, part="part") if whole else NONE


def _of_shell_line(line: str, depth: int) -> Verdict:
    stripped = line.strip()
    if not stripped or stripped.startswith("#"):
        return NONE
    lowered = stripped.lower()
    if ": " in stripped or "identified" in lowered or "password '" in lowered:
        for one in assignments(stripped):
            verdict = judged(one.name, one.value) if one.quoted or one.whole else NONE
            if verdict:
                return verdict
    if depth >= _DEPTH:
        return NONE
    return _of_commands(stripped, depth)


def _of_commands(line: str, depth: int) -> Verdict:
    command: list[str] = []
    for raw in (*_WORD.findall(line), ";"):
        if raw[0] not in ";|&":
            command.append(_bare(raw))
            continue
        for index in range(len(command)):
            found = _of_word(command, index, depth + 1)
            if found:
                return found
        command = []
    return NONE


def _bare(word: str) -> str:
    """A word of the shell without its quotes."""
    return re.sub(r"\"((?:\\.|[^\"\\])*)\"|'([^']*)'", lambda m: m[1] or m[2] or "", word)
