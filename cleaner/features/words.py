"""Paragraphs as arrays of characters and tokens, and their hashed n-grams.

All paragraphs of a batch are one array of code points; a token is found by comparing neighbouring
characters, and hashed by the difference of two prefix sums of a polynomial modulo 2^64 (Karp and
Rabin, 1987), so that no loop over tokens is needed.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cleaner.features.arrays import I64, U64, ranges

T = TypeVar("T", bound=np.generic)

CLASSES = ("other", "lower", "upper", "digit", "ideograph", "space", "stop", "comma", "colon",
           "ask", "quote", "currency", "bracket", "bar", "mark", "dash")  # fmt: skip
"""Classes of characters. An ideograph (Han, Kana, Thai …) is a token of its own."""
(OTHER, LOWER, UPPER, DIGIT, IDEOGRAPH, SPACE, STOP, COMMA, COLON, ASK, QUOTE, CURRENCY, BRACKET,
 BAR, MARK, DASH) = range(len(CLASSES))  # fmt: skip

_SIGNS = {
    STOP: ".。।｡…", COMMA: ",;、，；،", COLON: ":：", ASK: "?!？！¿¡؟",
    QUOTE: "\"'“”„‘’‚«»‹›「」『』《》", BRACKET: "()[]{}（）【】", BAR: "|/\\•·►▶→›»▸●■✓★☆+*#>",
    MARK: "©®™@℗", DASH: "-–—―‐‑",
}  # fmt: skip

_BASE = 0x9E3779B97F4A7C15 | 1
_INVERSE = pow(_BASE, -1, 1 << 64)

NGRAM_BITS = 18
"""Buckets of hashed n-grams: 2^18 weights for each label."""

PREFIX, SUFFIX = 5, 3
"""Characters of a token's beginning and end that are n-grams of their own."""

TOKEN_NGRAMS = ("word", "pair", "prefix", "suffix")
PARAGRAPH_NGRAMS = ("first word", "first pair", "first three", "last word", "all", "length and end")
"""N-grams of each token (`token_ngrams`) and of each paragraph (`paragraph_ngrams`)."""

SECOND, THIRD = np.uint64(3), np.uint64(5)
"""Factors of the second and third token of an n-gram, so that their order counts."""

MAX_LENGTH = 6
"""Binary logarithm of a paragraph's tokens from which it is as long as any."""

TOKEN_SALT, PARAGRAPH_SALT, TOKEN_NGRAM_SALT, PARAGRAPH_NGRAM_SALT = 1, 2, 3, 7
TERM_SALT, IDF_SALT, REPEAT_SALT, TITLE_SALT = 20, 21, 22, 30
"""Salts of `mix`, so that the same text hashes otherwise for each use. Each kind of n-gram has its
own, from the one named on."""

_BY_CATEGORY = {
    "Lu": UPPER, "Lt": UPPER, "Ll": LOWER, "Lm": LOWER, "Lo": LOWER, "Mn": LOWER, "Mc": LOWER,
    "Me": LOWER, "Nd": DIGIT, "Nl": DIGIT, "No": DIGIT, "Zs": SPACE, "Zl": SPACE, "Zp": SPACE,
    "Cc": SPACE, "Sc": CURRENCY, "Pd": DASH,
}  # fmt: skip


_ALIKE = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0xD800, 0xE000), (0xE000, 0xF900))
"""Characters of one category each, and without capitals: Han, Hangul, surrogates, private use. To
ask for each of them took a tenth of a command's start."""


@cache
def _others() -> list[str]:
    """All other characters of the basic plane."""
    ranges = zip((0, *(end for _, end in _ALIKE)), (*(s for s, _ in _ALIKE), 0x10000), strict=True)
    return [char for start, end in ranges for char in map(chr, range(start, end))]


@cache
def _places() -> NDArray[np.uint32]:
    """Their codes."""
    return np.frombuffer("".join(_others()).encode("utf-32-le"), np.uint32)


@cache
def categories() -> NDArray[np.uint16]:
    """The Unicode category of every character of the basic plane, its two letters as a number."""
    table = np.empty(0x10000, "<u2")
    joined = "".join(map(unicodedata.category, _others()))
    table[_places()] = np.frombuffer(joined.encode(), "<u2")
    for start, end in _ALIKE:
        table[start:end] = np.frombuffer(unicodedata.category(chr(start)).encode(), "<u2")
    return table


WITHOUT_SPACES = (
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF)),
    *((0x3005, 0x3007), (0x3040, 0x30FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF)),
)
"""First and last characters of scripts without spaces between words: Thai and Lao, Burmese, Khmer;
Kana and Han."""


@cache
def _class_table() -> NDArray[np.uint8]:
    """The class of every character of the basic plane; those beyond count as the last entry."""
    of_category = np.full(0x10000, OTHER, np.uint8)
    of_category[np.frombuffer("".join(_BY_CATEGORY).encode(), "<u2")] = [*_BY_CATEGORY.values()]
    table = np.append(of_category[categories()], np.uint8(OTHER))
    for start, end in WITHOUT_SPACES:
        table[start : end + 1] = np.where(
            table[start : end + 1] == LOWER, IDEOGRAPH, table[start : end + 1]
        )
    for sign_class, signs in _SIGNS.items():
        table[[ord(sign) for sign in signs]] = sign_class
    table[0x200B] = table[0xFEFF] = SPACE
    return table


@cache
def lower_table() -> U64:
    """The code of every character of the basic plane in lower case, and one for those beyond.

    Each is taken alone, a NUL between two: a Greek sigma does not ask whether a word ends. The one
    whose lower case is two characters, a dotted capital I, stays as it is.
    """
    alone = "\0".join(_others()).lower().replace("i\u0307", "\u0130")
    table = np.arange(0x10001, dtype=np.uint64)
    table[_places()] = np.frombuffer(alone.encode("utf-32-le"), np.uint32)[::2]
    table[0x10000] = 0
    return table


@cache
def powers(size: int) -> tuple[U64, U64]:
    """The powers of the base and of its inverse, modulo 2^64."""
    base, inverse = np.full(size, _BASE, np.uint64), np.full(size, _INVERSE, np.uint64)
    base[0] = inverse[0] = 1
    return np.multiply.accumulate(base), np.multiply.accumulate(inverse)


def mix(values: U64, salt: int) -> U64:
    """Scramble hashes, differently for each `salt` (the finalizer of SplitMix64)."""
    mixed = values + np.uint64((salt * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF)
    shifted = mixed >> np.uint64(30)
    mixed ^= shifted
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= np.right_shift(mixed, np.uint64(27), out=shifted)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= np.right_shift(mixed, np.uint64(31), out=shifted)
    return mixed


def bucket(hashes: U64, bits: int) -> I64:
    """The top `bits` of each hash."""
    return (hashes >> np.uint64(64 - bits)).view(np.int64)


def pick(values: NDArray[T], index: NDArray[np.integer]) -> NDArray[T]:
    """The rows of `values` at `index`, all of which must be there: the check of each that numpy
    does otherwise takes as long again."""
    return values.take(index, axis=0, mode="clip")


@dataclass(frozen=True, slots=True)
class Words:
    """The characters and tokens of n paragraphs.

    Offsets have n + 1 entries: paragraph i is `[offsets[i], offsets[i + 1])`; its characters end
    with one line feed.
    """

    classes: NDArray[np.uint8]
    """Class of each character."""
    codes: NDArray[np.uint32]
    """Code point of each character."""
    char_offsets: I64
    token_offsets: I64
    token_start: I64
    """Index of each token's first character."""
    token_end: I64
    """Index after each token's last character."""
    hashes: U64
    """Hash of each token, lower case."""
    prefixes: U64
    suffixes: U64
    paragraph_hash: U64
    """Hash of each paragraph's tokens in order."""

    @property
    def paragraph(self) -> I64:
        """The paragraph that each token belongs to."""
        return np.repeat(np.arange(len(self.token_offsets) - 1), np.diff(self.token_offsets))

    @property
    def counts(self) -> I64:
        """Tokens of each paragraph."""
        return np.diff(self.token_offsets)


def read_words(texts: list[str]) -> Words:
    """Turn paragraphs into arrays; a line feed in one counts as a space."""
    joined = "\n".join([*texts, ""])
    if joined.count("\n") > len(texts):
        joined = "\n".join([*(text.replace("\n", " ") for text in texts), ""])
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    # Those beyond the tables are clipped to their last entry.
    classes = _class_table().take(codes, mode="clip")
    lowered = lower_table().take(codes, mode="clip")
    beyond = codes >= 0x10000
    lowered[beyond] = codes[beyond]
    char_offsets = np.concatenate(([0], np.flatnonzero(codes == 10) + 1))

    inner = (classes >= LOWER) & (classes <= DIGIT)
    single = classes == IDEOGRAPH
    padded = np.zeros(len(inner) + 2, dtype=bool)
    padded[1:-1] = inner
    edge = padded[1:] != padded[:-1]
    start = np.flatnonzero((edge[:-1] & inner) | single)
    end = np.flatnonzero((edge[1:] & inner) | single) + 1

    power, inverse = powers(1 << max(16, len(codes).bit_length()))
    prefix_sum = np.zeros(len(codes) + 1, dtype=np.uint64)
    lowered *= power[: len(codes)]
    np.cumsum(lowered, out=prefix_sum[1:])

    sum_before, sum_after = pick(prefix_sum, start), pick(prefix_sum, end)
    scale = pick(inverse, start)
    hashes = mix((sum_after - sum_before) * scale, TOKEN_SALT)
    prefix_end, suffix_start = np.minimum(start + PREFIX, end), np.maximum(end - SUFFIX, start)
    token_offsets = np.searchsorted(start, char_offsets)
    return Words(
        classes=classes,
        codes=codes,
        char_offsets=char_offsets,
        token_offsets=token_offsets,
        token_start=start,
        token_end=end,
        hashes=hashes,
        prefixes=(pick(prefix_sum, prefix_end) - sum_before) * scale,
        suffixes=(sum_after - pick(prefix_sum, suffix_start)) * pick(inverse, suffix_start),
        paragraph_hash=_hash_each(hashes, token_offsets),
    )


def last_sentences(words: Words) -> tuple[Words, I64, I64]:
    """The last sentence of each paragraph that has several, the indices of these paragraphs, and
    those of the sentences' tokens.

    A sentence ends with a stop, a question mark or an exclamation mark, unless a small letter
    follows or, but for ideographs, no space. The characters are still those of all paragraphs.
    """
    start, end, paragraph = words.token_start, words.token_end, words.paragraph
    sign, after = pick(words.classes, end[:-1]), pick(words.classes, start[1:])
    ends = ((sign == STOP) | (sign == ASK)) & (after != LOWER)
    ends &= (start[1:] - end[:-1] > 1) | (after == IDEOGRAPH)
    ends &= paragraph[1:] == paragraph[:-1]
    begin = np.flatnonzero(ends) + 1
    is_last = np.append(paragraph[begin[1:]] != paragraph[begin[:-1]], True)[: len(begin)]
    begin = begin[is_last]
    several = paragraph[begin]
    counts = words.token_offsets[several + 1] - begin
    token_offsets = np.concatenate(([0], np.cumsum(counts)))
    tokens = ranges(begin, counts)
    hashes = pick(words.hashes, tokens)
    sentences = Words(
        classes=words.classes,
        codes=words.codes,
        char_offsets=np.concatenate(([0], words.char_offsets[several + 1])),
        token_offsets=token_offsets,
        token_start=pick(start, tokens),
        token_end=pick(end, tokens),
        hashes=hashes,
        prefixes=pick(words.prefixes, tokens),
        suffixes=pick(words.suffixes, tokens),
        paragraph_hash=_hash_each(hashes, token_offsets),
    )
    return sentences, several, tokens


def _hash_each(hashes: U64, offsets: I64) -> U64:
    """Hash each run of tokens, in order, between neighbouring offsets."""
    power, inverse = powers(1 << max(16, len(hashes).bit_length()))
    sums = np.zeros(len(hashes) + 1, np.uint64)
    np.cumsum(hashes * power[: len(hashes)], out=sums[1:])
    return mix(np.diff(pick(sums, offsets)) * pick(inverse, offsets[:-1]), PARAGRAPH_SALT)


def token_ngrams(words: Words) -> I64:
    """Buckets of each token's n-grams, shape (4, tokens), rows as in `TOKEN_NGRAMS`.

    A pair is that with the next token. The last token of a paragraph is paired with nothing, which
    marks the end.
    """
    follower = np.zeros_like(words.hashes)
    follower[:-1] = words.hashes[1:]
    last = words.token_offsets[1:][words.counts > 0] - 1
    follower[last] = 0
    pairs = words.hashes + follower * SECOND
    return _buckets((words.hashes, pairs, words.prefixes, words.suffixes), TOKEN_NGRAM_SALT)


def paragraph_ngrams(words: Words) -> I64:
    """Buckets of each paragraph's own n-grams, shape (6, paragraphs), rows as in
    `PARAGRAPH_NGRAMS`."""
    first = words.token_offsets[:-1]
    count = words.counts
    padded = np.concatenate((words.hashes, np.zeros(3, np.uint64)))
    none = np.uint64(0)

    def nth(n: int) -> U64:
        return np.where(count > n, padded[np.minimum(first + n, len(padded) - 1)], none)

    last = np.where(count > 0, padded[first + np.maximum(count - 1, 0)], none)
    final = words.codes[np.maximum(words.char_offsets[1:] - 2, 0)].astype(np.uint64)
    length = np.minimum(np.log2(count + 1).astype(np.uint64), np.uint64(MAX_LENGTH))
    word = nth(0)
    pair = word + nth(1) * SECOND
    three = pair + nth(2) * THIRD
    ending = final * np.uint64(8) + length
    grams = (word, pair, three, last, words.paragraph_hash, ending)
    return _buckets(grams, PARAGRAPH_NGRAM_SALT)


def _buckets(grams: tuple[U64, ...], salt: int) -> I64:
    """Buckets of several kinds of n-grams, shape (kinds, n); their salts follow each other."""
    found = np.empty((len(grams), len(grams[0])), np.int64)
    for n, gram in enumerate(grams):
        found[n] = bucket(mix(gram, salt + n), NGRAM_BITS)
    return found
