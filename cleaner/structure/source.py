"""The kept paragraphs of a page of Markdown, as they came in: by the lines of its source."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterator, Sequence
from itertools import accumulate, pairwise

from cleaner.pages.page import NEWLINE, Lines, SourceLines
from cleaner.structure.inline import escape, escape_lines


def lines_of_kept(page: SourceLines, texts: Sequence[str], kept: Sequence[int]) -> str:
    """Return the kept paragraphs of a page of Markdown in its own lines, byte for byte.

    What stood together stands together; where something is left out, a blank line stands. A table
    keeps the line with its columns' names, and links what defines their addresses. Of an HTML block
    that is kept in part the kept texts are there.
    """
    found = NEWLINE.search(page.source)
    newline = found[0] if found else "\n"
    starts = page.starts()
    lines = [page.source[begin:end] for begin, end in pairwise(starts)]
    firsts = [first for first, _ in page.tables]
    written: list[str] = []
    end = None  # of the lines written last, None behind a text
    for part in _parts(page, firsts, texts, kept):
        if isinstance(part, str):
            written += [newline, part, newline] if written else [part, newline]
            end = None
            continue
        first, behind = part
        table = _table_of(page.tables, firsts, first)
        goes_on = table and end is not None and end > table[0]  # with rows that are left out
        if written and first != end and not goes_on:
            gap: list[str] = [] if end is None else lines[end:first]
            written.append(gap[0] if gap and all(map(_is_blank, gap)) else newline)
        written += _ended(lines[first:behind], newline)
        end = behind
    text = "".join(written)
    definitions = [
        "".join(lines[first:behind]).rstrip()
        for first, behind in page.references
        if _label_of(lines[first]) in text.casefold()
    ]
    return newline.join([text, *definitions] if definitions else [text]).rstrip("\r\n")


def _parts(
    page: SourceLines, tables: Sequence[int], texts: Sequence[str], kept: Sequence[int]
) -> Iterator[Lines | str]:
    """Yield the lines of each kept paragraph that are not there yet, or its text in place of them;
    `tables` are the first lines of tables."""
    others = _lines_of_others(page, frozenset(kept))
    done = 0
    for n in kept:
        first, end = page.of_paragraphs[n]
        table = _table_of(page.tables, tables, first)
        if table and end <= table[1]:
            if table[0] >= done and first > table[0]:
                yield table[0], table[0] + 2
                done = table[0] + 2
            elif first == table[0]:
                end = first + 2
        elif others[end] > others[first]:
            yield escape_lines(escape(" ".join(texts[n].split())))
            continue
        if end > done:
            yield max(first, done), end
            done = end


def _lines_of_others(page: SourceLines, kept: Container[int]) -> list[int]:
    """Say how many lines before each one hold a paragraph that is not kept."""
    change = [0] * (max((end for _, end in page.of_paragraphs), default=0) + 1)
    for n, (first, end) in enumerate(page.of_paragraphs):
        if n not in kept:
            change[first] += 1
            change[end] -= 1
    return [0, *accumulate(held > 0 for held in accumulate(change))]


def _table_of(tables: Sequence[Lines], firsts: Sequence[int], line: int) -> Lines | None:
    """The table that a line stands in."""
    at = bisect_right(firsts, line) - 1
    return tables[at] if at >= 0 and line < tables[at][1] else None


def _is_blank(line: str) -> bool:
    """Whether nothing stands in a line but the signs of a quote."""
    return not line.replace(">", "").strip()


def _ended(lines: list[str], newline: str) -> list[str]:
    """Lines of which the last one is ended, too."""
    if lines and not NEWLINE.search(lines[-1]):
        lines[-1] += newline
    return lines


def _label_of(line: str) -> str:
    """What stands where a link names the definition that begins with this line."""
    return line.partition("]:")[0].strip(" >").casefold() + "]"
