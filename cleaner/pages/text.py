"""Plain text into paragraphs: a line each; hard-wrapped text is unwrapped, and text whose lines are
lost is split into sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

_NEWLINE = re.compile(r"\r\n|\r|\n")

WRAP_MIN, WRAP_MAX = 50, 100
"""Columns between which editors and mailers wrap text; a longest line outside is no wrapping."""

WRAP_MIN_PARAGRAPHS = 2
WRAP_MIN_LINES = 6
"""Less text than this shows no wrapping that could be told from short lines."""

WRAP_FULL = 0.9
"""Share of the inner lines that must be full: the next line's first word would not have fitted."""


FLAT_LINES, FLAT_LETTERS = 2, 1_500
"""Most lines of a page whose line breaks are lost, as `text_content()` of lxml leaves it, and its
least letters: paragraphs of real pages are rarely as long."""

PROSE_LINE, FIRST_WIDE = 60, "\u2e80"
"""Mean letters of lines from which they are paragraphs and no verses, and the first of the
characters that count twice, those of Chinese and its neighbours."""

_PARAGRAPH_END = tuple(".!?…:。！？।؟۔\"”“»’'）)」』")

_ASCII_SIGNS = bytes(code for code in range(128) if not chr(code).isalnum())
_SIGNS = re.compile(r"[\W_]+")
"""What is neither letter nor digit, as `str.isalnum` has it."""

_OPENING, _CLOSING = "([{“„«‘¿¡#@", ",.;:!?)]}”»’…%、。，"

SHORT_LINE, MOSTLY = 30, 0.8
"""Mean letters of lines that are paragraphs if nearly all end with a sentence, and that share."""

_SENTENCE_END = re.compile(
    r"[.!?…।؟۔]+[\"”’»)\]]*(\s*)(?=[\"“„«‘(\[¿¡]*([\w©®•·|►▶→–—*#]))|[。！？]+[」』）”]*"
)
"""What may end a sentence, and the first letter or sign behind it."""

_ABBREVIATION = re.compile(
    r"\b(?:\w|\w\.\w|Mrs?|Ms|Dr|Prof|St|Sen|Rep|Gov|Gen|Lt|Sgt|Capt|Col|Rev|Hon|Jr|Sr|vs|No|Nr|Inc|Ltd"
    r"|Co|Corp|Mt|Ft|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec|bzw|ca|Mme|Mlle|Sra?|Dña|EE|Hr|Fr|Str|med)$"
)
"""Words whose stop ends no sentence."""

_ORDINAL = re.compile(r"\b\d{1,2}$")
"""Numbers whose stop ends none before a word: German has one behind those of days and centuries."""


def split_text(text: str) -> list[str]:
    """Split a plain text into its paragraphs, in order, without white space at their ends.

    A paragraph is a non-empty line, or a sentence where a long text has one line or two. In text
    that was hard-wrapped at a column, with blank lines between paragraphs, it is the lines between
    two blank lines, joined by a space.
    """
    lines = _NEWLINE.split(text) if "\r" in text else text.split("\n")
    if _is_wrapped(lines):
        return _unwrap(lines)
    paragraphs = [stripped for line in lines if (stripped := line.strip())]
    if len(paragraphs) <= FLAT_LINES and sum(map(count_letters, paragraphs)) >= FLAT_LETTERS:
        return [sentence for line in paragraphs for sentence in split_sentences(line)]
    return paragraphs


def split_sentences(text: str) -> list[str]:
    """Split a text into its sentences, in order; also where no space is left between two."""
    ends = [0]
    for found in _SENTENCE_END.finditer(text):
        if _ends_sentence(text[max(found.start() - 12, ends[-1]) : found.start()], found):
            ends.append(found.end())
    sentences = [text[begin:end].strip() for begin, end in pairwise([*ends, len(text)])]
    return [sentence for sentence in sentences if sentence]


def _ends_sentence(before: str, found: re.Match[str]) -> bool:
    space, letter = found.groups()
    if letter is None:  # a stop of Chinese and its neighbours
        return True
    if letter.islower() or not (space or letter.isupper()):
        return False
    if not found[0].startswith("."):
        return True
    is_ordinal = _ORDINAL.search(before) and found.string[found.end()] == letter
    return not (is_ordinal or _ABBREVIATION.search(before))


def _is_wrapped(lines: list[str]) -> bool:
    """Say whether the text was wrapped at a column.

    In wrapped text a line ends because the next word had no room: for nearly every line with a
    follower in its paragraph, its length + 1 + the follower's first word passes the column.
    """
    lines = [line.rstrip() for line in lines]
    column = max(map(len, lines))
    if not WRAP_MIN <= column <= WRAP_MAX:
        return False
    inner = full = wrapped_paragraphs = paragraph_inner = 0
    for line, follower in zip(lines, [*lines[1:], ""], strict=True):
        if not line:
            continue
        if not follower:
            wrapped_paragraphs += paragraph_inner > 0
            paragraph_inner = 0
            continue
        inner += 1
        paragraph_inner += 1
        full += is_full(line, follower, column)
    enough = inner >= WRAP_MIN_LINES and wrapped_paragraphs >= WRAP_MIN_PARAGRAPHS
    return enough and full >= WRAP_FULL * inner


def is_full(line: str, follower: str, column: int) -> bool:
    """Say whether a line had no room for the first word of the next one."""
    words = follower.split(maxsplit=1)
    return len(line) + 1 + (len(words[0]) if words else 0) > column


def _unwrap(lines: list[str]) -> list[str]:
    paragraphs: list[str] = []
    current: list[str] = []
    for line in [*lines, ""]:
        if stripped := line.strip():
            current.append(stripped)
        elif current:
            paragraphs.append(" ".join(current))
            current = []
    return paragraphs


def letters_of(text: str) -> str:
    """Return only the letters and digits of a text, in order."""
    # Most signs are ASCII, and bytes are rid of those in half the time. Half an emoji goes along.
    data = text.encode("utf-8", "surrogatepass").translate(None, _ASCII_SIGNS)
    rest = data.decode("utf-8", "surrogatepass")
    return rest if rest.isascii() else _SIGNS.sub("", rest)


def are_paragraphs(lines: Iterable[str]) -> bool:
    """Say whether lines of HTML with single line breaks between them are paragraphs: long ones,
    most of which end with a sentence. Those of a poem or an address are not."""
    filled = [line for line in lines if line]
    if len(filled) < 2:
        return False
    mean = sum(map(count_letters, filled)) / len(filled)
    ended = sum(line.endswith(_PARAGRAPH_END) for line in filled) / len(filled)
    return (mean >= PROSE_LINE and ended > 0.5) or (mean >= SHORT_LINE and ended >= MOSTLY)


def are_words_apart(before: str, behind: str) -> bool:
    """Say whether two texts side by side are words apart. A single letter is a drop cap or of an
    animated word, and some signs belong to the word that they stand at."""
    letters = sum(map(str.isalnum, before))
    return letters != 1 and before[-1] not in _OPENING and behind[0] not in _CLOSING


def letters_outside_links(texts: Iterable[str], link_chars: Iterable[int]) -> list[int]:
    """Return how many letters of each block stand outside links."""
    return [count_letters(text) - n for text, n in zip(texts, link_chars, strict=True)]


def count_letters(text: str) -> int:
    """Count the characters of a text; those of Chinese and its neighbours say as much as two."""
    return len(text) if text.isascii() else sum(1 + (char >= FIRST_WIDE) for char in text)
