"""How links are built, and the words of their paths."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit
from zlib import crc32

import numpy as np

from cleaner.features.checksums import LONGEST, linear_part, of_zeros
from cleaner.features.identifiers import find_words
from cleaner.features.words import I64
from cleaner.pages.spans import U8, Bools, Spans, end_to_end

DEEPEST, MOST_WORDS, FIRST_WORDS = 4, 8, 2
"""Slashes and words of a path from which more say no more, and words that are marks."""

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

_DEPTHS = np.array([crc32(f"depth{n}".encode()) for n in range(DEEPEST + 1)])
_COUNTS = np.array([crc32(f"words{n}".encode()) for n in range(MOST_WORDS + 1)])
_HTTPS, _HTTP, _NO_SCHEME, _HOST, _LOCAL, _QUERY, _PLAIN = (
    crc32(word) for word in (b"https", b"http", b"", b"host", b"local", b"query", b"plain")
)
_WIDTH = 5 + FIRST_WORDS


def link_words(data: U8, links: Spans) -> I64:
    """The checksums of what tells how each link is built, shape (links, 7), -1 where there is less:
    how deep its path is, how many words are in it, its scheme, whether it names a host, whether it
    asks something, and the first words of its path."""
    text, links = end_to_end(data, links)
    found, usual = _usual_links(text, *links)
    for i in np.flatnonzero(~usual).tolist():
        link = text[links.start[i] : links.end[i]].tobytes().decode()
        words = _odd_link_words(unescape(link))
        found[i] = -1
        found[i, : len(words)] = [crc32(word.encode()) for word in words]
    return found


def _usual_links(text: U8, start: I64, end: I64) -> tuple[I64, Bools]:
    """The words of links, and which are built as nearly all are: of plain signs, with a host or
    beginning with a slash."""
    word8 = np.ndarray((len(text) - 7,), "<u8", buffer=text, strides=(1,))[start]
    https = (word8 == _as_number(b"https://")) & (end - start >= 8)
    http = (word8 << np.uint64(8) == _as_number(b"\0http://")) & (end - start >= 7)
    first, second = text[start], text[start + 1]
    empty = (end == start) | (first == ord("#")) | (first == ord("?"))
    slash = ~empty & (first == ord("/"))
    scheme_less = slash & (second == ord("/")) & (end - start >= 2)
    has_host = https | http | scheme_less
    strange = np.flatnonzero((text - ord("!") > ord("~") - ord("!")) | (text == ord("[")) |
                             (text == ord("]")))  # fmt: skip
    numbered = np.flatnonzero((text[:-1] == ord("&")) & (text[1:] == ord("#")))
    strange = np.sort(np.append(strange, numbered))
    usual = (has_host | slash | empty) & (
        np.searchsorted(strange, start) == np.searchsorted(strange, end)
    )

    slashes = np.flatnonzero(text == ord("/"))
    marks = np.flatnonzero((text == ord("?")) | (text == ord("#")))
    host = start + 8 * https + 7 * http + 2 * scheme_less
    stop = np.minimum(_next(marks, host), end)
    path = np.where(has_host, np.minimum(_next(slashes, host), stop), start)
    path_end = np.where(has_host, np.maximum(stop, path), stop)
    size = path_end - path
    usual &= ~((size > 1) & (text[path] == ord("/")) & (text[path + 1] == ord("/")))
    usual &= ~((size > 1) & (text[path_end - 1] == ord("/")) & (text[path_end - 2] == ord("/")))
    query = (path_end + 1 < end) & (text[path_end] == ord("?")) & (text[path_end + 1] != ord("#"))
    depth = np.searchsorted(slashes, path_end) - np.searchsorted(slashes, path)
    depth -= (size > 0).astype(np.int64) + ((size > 1) & (text[path_end - 1] == ord("/")))

    lowered, words = find_words(text, Spans(np.where(usual, path, path_end), path_end))
    first_word = np.searchsorted(words.start, path)
    count = np.searchsorted(words.start, path_end) - first_word
    found = np.full((len(start), _WIDTH), -1, dtype=np.int64)
    found[:, 0] = _DEPTHS[np.clip(depth, 0, DEEPEST)]
    found[:, 1] = _COUNTS[np.minimum(count, MOST_WORDS)]
    found[:, 2] = np.where(https, _HTTPS, np.where(http, _HTTP, _NO_SCHEME))
    found[:, 3] = np.where(path > host, _HOST, _LOCAL)
    found[:, 4] = np.where(query, _QUERY, _PLAIN)
    for n in range(FIRST_WORDS):
        rows = np.flatnonzero(count > n)
        word = words.pick(first_word[rows] + n)
        long = word.lengths > LONGEST
        usual[rows[long]] = False
        rows, word = rows[~long], word.pick(~long)
        found[rows, 5 + n] = linear_part(lowered, word, 0) ^ of_zeros()[word.lengths]
    return found, usual


def _as_number(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(text, "little"))


def _next(places: I64, at: I64) -> I64:
    """The first of `places` from each on, a very large number where there is none."""
    return np.append(places, np.iinfo(np.int64).max)[np.searchsorted(places, at)]


def _odd_link_words(link: str) -> tuple[str, ...]:
    """The words of any link, as `urlsplit` reads it."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ("broken",)
    depth = parts.path.strip("/").count("/")
    words = _WORD.findall(parts.path)
    kinds = (f"depth{min(depth, DEEPEST)}", f"words{min(len(words), MOST_WORDS)}", parts.scheme,
             "host" if parts.netloc else "local", "query" if parts.query else "plain")  # fmt: skip
    return (*kinds, *(word.lower() for word in words[:FIRST_WORDS]))
