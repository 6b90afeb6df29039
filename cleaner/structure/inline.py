"""What stands within a block as Markdown: text with its signs escaped, bold, italics, code, links.

Markdown read again gives the same text, whatever parser reads it. Where signs of bold and italics
would not surely be read as such, in the middle of a word above all, they are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple
from unicodedata import category

from cleaner.pages.styles import Piece, Style

BREAK = "\n"
"""A line break within a block, until the block knows how to write one."""

Addresses = Callable[[int], str | None]
"""Gives the address of a link by its number, None where it leads nowhere."""

_SIGNS = re.compile(
    r"[\\`*\[\]<~]"  # always
    r"|(?<![^\W_])_|_(?![^\W_])"  # but for those within words
    r"|&(?=#?\w*(?:;|\Z))"  # what may be an entity, together with what follows
)

_LINE_START = re.compile(r"^(?:(?=[-+=#>|:])|(\d{1,9})(?=[.)](?:\s|\Z)))", re.M)
"""What begins a list, a heading, a quote, a table or a line under a heading."""

_CLOSING = re.compile(r"#(?=#*\Z)")
"""Signs that would end a heading."""

_TICKS = re.compile("`+")

NAMES = ("link", "bold", "italic", "code")
"""Styles, in the order in which those of the same stretch stand in each other."""

SIGNS = {"bold": "**", "italic": "*"}

EDGE, AFTER_SIGNS = " ", ""
"""What stands before and behind a block, and behind signs that end."""


class Run(NamedTuple):
    """A stretch of text of one style, white space folded."""

    text: str
    style: Style

    def without(self, name: str) -> Run:
        """Return the run without a style."""
        return Run(self.text, self.style.without(name))


def write_inline(pieces: Iterable[Piece], addresses: Addresses) -> str:
    """Return what stands in a block as Markdown, with each line break as `BREAK`."""
    writer = _Writer(addresses)
    return writer.write([*map(writer.checked, fold(pieces))], EDGE, EDGE, is_nested=False)


def write_code(pieces: Iterable[Piece]) -> list[str]:
    """Return the lines of a block of code."""
    text = "".join(text for text, _ in pieces)
    lines = [line.rstrip() for line in text.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return lines[sum(1 for _ in takewhile(lambda line: not line, lines)) :]


def fence_of(lines: Iterable[str]) -> str:
    """Return a fence that none of these lines of code holds."""
    longest = max((len(ticks) for line in lines for ticks in _TICKS.findall(line)), default=0)
    return "`" * max(3, longest + 1)


def escape_lines(text: str) -> str:
    """Escape what begins something at the begin of a line."""
    return _LINE_START.sub(r"\1\\", text)


def as_heading(text: str) -> str:
    """Return what stands in a heading."""
    return _CLOSING.sub(r"\\#", text.replace(BREAK, " "))


def as_paragraph(text: str) -> list[str]:
    """Return the lines of a paragraph."""
    first, *others = escape_lines(text).split(BREAK)
    lines = [first]
    for line in others:
        lines[-1] += "\\"
        lines.append(line)
    return lines


def as_cell(texts: Iterable[str]) -> str:
    """Return what stands in a cell, out of several blocks."""
    return BREAK.join(texts).replace("|", r"\|").replace(BREAK, " <br> ")


def escape(text: str) -> str:
    """Escape what would be a sign within a text."""
    return _SIGNS.sub(r"\\\g<0>", text)


def fold(pieces: Iterable[Piece]) -> list[Run]:
    """Return the runs of a block. White space is a space, with a line break in it one of these,
    and is set as the texts around it, where these are set alike."""
    runs: list[Run] = []
    gap = ""
    for text, style in pieces:
        if style is None:
            gap = BREAK
            continue
        folded = " ".join(text.split())
        if text[:1].isspace():
            gap = gap or " "
        if not folded:
            continue
        if runs and gap:
            runs.append(Run(gap, style.shared_with(runs[-1].style)))
        runs.append(Run(folded, style))
        gap = " " if text[-1].isspace() else ""
    return runs


class _Writer:
    """Writes runs one after the other.

    Bold and italics are safe where their signs can only begin or only end something: so are those
    beside white space, or between a sign and a letter. Where they could do both, they are safe as
    long as no others stand in them or around them, nor right beside.
    """

    def __init__(self, addresses: Addresses) -> None:
        self._address = addresses
        self._emphases = 0

    def checked(self, run: Run) -> Run:
        """Return a run without what can't be: a link that leads nowhere, and code in a link that
        would end it (`[a]:` at the begin of a block names a link)."""
        link = run.style.link
        if link is None or self._address(link) is None:
            return run.without("link")
        return run.without("code") if "]" in run.text else run

    def write(self, runs: Sequence[Run], before: str, behind: str, *, is_nested: bool) -> str:
        """Write runs that stand between two characters; `is_nested` where signs are around."""
        out: list[str] = []
        for name, stretch, following in _stretches(runs):
            text = "".join(run.text for run in stretch)
            if name in SIGNS:
                inner = [run.without(name) for run in stretch]
                end = _first_of(following) if following else behind
                before = self._emphasise(out, SIGNS[name], inner, before, end, is_nested)
                continue
            if name == "link":
                if out and out[-1].endswith("!"):  # else it would be a picture
                    out[-1] = out[-1][:-1] + r"\!"
                out.append(self._link(stretch))
            else:
                out.append(_code_span(text) if name == "code" else escape(text))
            before = out[-1][-1]
        return "".join(out)

    def _link(self, runs: Sequence[Run]) -> str:
        number = runs[0].style.link
        assert number is not None
        label = self.write([run.without("link") for run in runs], "[", "]", is_nested=False)
        return f"[{label}]({self._address(number)})"

    def _emphasise(
        self,
        out: list[str],
        signs: str,
        inner: Sequence[Run],
        before: str,
        behind: str,
        is_nested: bool,
    ) -> str:
        """Write runs between signs, or without where these are not safe; return what stands before
        what follows."""
        known = self._emphases
        text = self.write(inner, before, behind, is_nested=True)
        is_flat = not is_nested and self._emphases == known
        first, last = text.lstrip("*")[0], text.rstrip("*")[-1]
        only_begins = before.isspace() or (_is_sign(before) and _is_letter(first))
        only_ends = behind.isspace() or (_is_sign(behind) and _is_letter(last))
        begins = before.isspace() or _is_letter(first) or _is_sign(before)
        ends = behind.isspace() or _is_letter(last) or _is_sign(behind)
        safe = (only_begins and only_ends) or (is_flat and begins and ends)
        if before == AFTER_SIGNS or not safe:
            out.append(text)
            return text[-1] if self._emphases == known else AFTER_SIGNS
        self._emphases += 1
        out.append(f"{signs}{text}{signs}")
        return AFTER_SIGNS


def _stretches(runs: Sequence[Run]) -> Iterator[tuple[str, Sequence[Run], Run | None]]:
    """Yield runs that stand together in a style, with its name ("" for none), and the run behind.

    Of several styles that begin together the one that goes on longest is the outermost. None begins
    with white space, which is there where an outer style has ended within it.
    """
    at = 0
    while at < len(runs):
        text, style = runs[at]
        names = [name for name in NAMES if style.has(name)] or [""]
        ends = {"": at + 1} if text.isspace() else {name: _end_of(runs, at, name) for name in names}
        name = max(ends, key=ends.__getitem__)
        end = ends[name]
        yield name, runs[at:end], runs[end] if end < len(runs) else None
        at = end


def _end_of(runs: Sequence[Run], at: int, name: str) -> int:
    """Where the stretch of a style ends that begins with a run; "" is that of no style."""

    def value(n: int) -> object:
        return getattr(runs[n].style, name) if name else runs[n].style

    return next((n for n in range(at, len(runs)) if value(n) != value(at)), len(runs))


def _first_of(run: Run) -> str:
    """The first character of a run as it is written, but for signs of bold and italics."""
    if run.style.link is not None:
        return "["
    if run.style.code:
        return "`"
    return "\\" if run.text == BREAK else run.text[0]


def _code_span(text: str) -> str:
    text = text.replace(BREAK, " ")
    longest = max(map(len, _TICKS.findall(text)), default=0)
    ticks = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def _is_sign(character: str) -> bool:
    """Whether every parser takes it for punctuation: of symbols only those of ASCII."""
    if not character or character.isspace():
        return False
    ascii_sign = character.isascii() and not character.isalnum()
    return ascii_sign or category(character).startswith("P")


def _is_letter(character: str) -> bool:
    """Whether no parser takes it for punctuation or white space."""
    return not character.isspace() and category(character)[0] not in "PS"
