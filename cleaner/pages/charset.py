"""Bytes into text: in the charset that browsers would read a page in, with one bad byte costing no
more than its character.

The order is that of the WHATWG standards (https://encoding.spec.whatwg.org, and "determining the
character encoding" in https://html.spec.whatwg.org): byte order mark, HTTP header, `meta`; where
none of them tells, a guess. One thing is other than in browsers: what is valid UTF-8, or nearly so,
is UTF-8 whatever is claimed, as servers and templates claim wrongly, and no text in another charset
looks like it. So a UTF-8 that is claimed, and is none, is guessed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain

import webencodings

from cleaner.errors import PageError
from cleaner.pages.bounds import GUESSED_BYTES

START = 4096
"""Bytes or characters at the beginning in which a page shows what it is, and says its charset;
browsers look at 1024 for that, and real pages say it later, too."""

CONTROL_SHARE = 0.05
"""Share of control characters in a start from which data is binary, or UTF-16: text has next to
none, what is packed a tenth."""

MIN_NULS = 0.005
"""Share of NULs in the start of a text in UTF-16: each space and line feed of it brings one."""

MAX_BROKEN = 0.5
"""Share of broken characters among the non-ASCII ones up to which a text is in the charset that it
is said to be in. Text in other charsets, read as UTF-8, has 0.8 and more."""

FEW_BROKEN = 0.1
"""That share up to which a text may be in a charset that nothing speaks for."""

SAMPLE = 8192
"""Bytes of words that a guess looks at; more change none."""

MAX_CHAOS, COHERENCE_WEIGHT, EASTERN_COHERENCE = 0.4, 0.1, 0.3
"""The most chaos that charset-normalizer may see in a text, how much of it full coherence of its
letters makes good, and the coherence that Chinese, Japanese and Korean have, which it can't see.
Of 770 pages and texts that declare nothing, this reads 766 right; with the library's own threshold
and order, and no look at the letters of Latin script, it was 728."""

MIN_LETTERS = 0.9
"""Share of a language's letters among the non-ASCII ones from which a text is in that language."""

WESTERN = (0.98, 0.85)
"""Shares of Western ones among the non-ASCII characters from which a text is in windows-1252: at
once, and where no other language in Latin script shows itself."""

FEW_BYTES = 4
"""Bytes beyond ASCII that a guess needs; fewer are a stray sign in a text, which would take the
letter behind it with it as Chinese."""

READABLE = 0.9
"""Share of ASCII from which a text can be read though nothing tells what the rest is."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32le"),  # before UTF-16's, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)
_META = re.compile(
    rb"""<!--.*?-->|<meta\b[^>]*?\bcharset\s*=\s*["']?\s*([^\s"'/>;]+)"""
    rb"""|<\?xml\b[^>]*?\bencoding\s*=\s*["']([^"'>]+)""",
    re.I | re.S,
)
_CONTROL = bytes(c for c in range(32) if c not in b"\t\n\v\f\r\x1b")
_ASCII = re.compile(r"[\t\n\r -~]")
"""What brings a NUL in UTF-16."""
_ISO_2022_JP = re.compile(rb"\x1b\$[@B][!-~]{2}")
"""A switch to Japanese, and a first character."""
_ASCII_BYTES, _NOT_ASCII = bytes(range(128)), bytes(range(128, 256))
_WORD = re.compile(rb"[^\0-/:-?]+")
"""What stands between white space, tags and signs; no charset that is guessed has those bytes in a
character."""
_UNDEFINED = re.compile("[\uf8f0-\uf8f3]")
"""What Python makes of bytes that Shift_JIS has not; in browsers they are broken."""
_C1 = re.compile("[\x80-\x9f]")
"""Control characters that no text has, but the bytes of Windows' charsets read as ISO's."""

_ACCENTED = "àáâãäåæçèéêëìíîïñòóôöøùúüÿœÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÜŒ"
_SIGNS = "«»“”‘’„–—…€£§©®°·•‹›™×\xa0\xad"
_FOREIGN = re.compile(
    rf"[^\x00-\x7f{_ACCENTED}ßõÕ{_SIGNS}¥¡¿ªº½²³¹†]|(?<![0-9])[³¹]|[{_ACCENTED}]{{3}}|[õÕ](?![eE])"
)
"""What a text that is not Western shows when it is read as windows-1252: signs that no Western
language writes, or seldom (û and õ, in whose place Hungarian has ű and ő; Portuguese has õe), and
three accented letters in a row, as Cyrillic, Greek and Chinese have."""

_ALPHABETS = (
    ("çğıİöşüâîû", ("cp1254",)),  # Turkish
    ("ąćęłńóśźż", ("cp1250", "iso8859_2")),  # Polish
    ("áčďéěíĺľňóôŕřšťúůýžä", ("cp1250", "iso8859_2")),  # Czech and Slovak
    ("áéíóöőúüű", ("cp1250", "iso8859_2")),  # Hungarian
    ("čćđšž", ("cp1250", "iso8859_2")),  # Croatian and Slovenian
    ("ăâîşţ", ("cp1250", "iso8859_2")),  # Romanian
    ("ąčęėįšųūž", ("cp1257",)),  # Lithuanian
    ("āčēģīķļņšūž", ("cp1257",)),  # Latvian
    ("äõöüšž", ("cp1257",)),  # Estonian
    ("áéíóúýþæðö", ("cp1252",)),  # Icelandic
)
"""The letters beside a to z of other languages in Latin script, and the charsets of each. In these
charset-normalizer is wrong as often as right, as letters alone differ."""

_EASTERN = ("gb18030", "cp932", "euc_jp", "cp949", "big5hkscs")
_OTHERS = (
    *("cp1251", "koi8_u", "cp1253", "cp1255", "cp1256", "cp1258", "cp874", "cp866", "iso8859_5"),
    *("cp1250", "iso8859_2", "cp1254", "cp1257", "cp1252"),
)
"""Charsets that undeclared pages are in: of several bytes a character, and of one."""


def known_charset(label: str) -> str | None:
    """Return Python's name of the charset that a label stands for in browsers, None for no such.

    Python knows more, of which some take hours for a page (punycode), run out of what a page is
    (unicode_escape), or are no charset (rot13).
    """
    found = webencodings.lookup(label.strip("'\" "))
    if found is None or found.name == "replacement":
        return None
    if found.name == "x-user-defined":
        return "cp1252"
    return "gb18030" if found.name == "gbk" else str(found.codec_info.name)  # as browsers decode it


def decode_html(source: bytes, claimed: str | None) -> str:
    """Decode an HTML page; `claimed` is the charset that HTTP says. What is broken is U+FFFD.

    A page that no charset is sure for is read in windows-1252, as browsers do.
    """
    text = decode_declared(source, claimed)
    return _read(source, _guess(source) or "cp1252") if text is None else text


def decode_text(source: bytes, claimed: str | None) -> str:
    """Decode a plain text; `claimed` is the charset that HTTP says. What is broken is U+FFFD.

    Raises `PageError` where no charset is sure, and more than a few characters would be lost.
    """
    text = _decode_as(source, [claimed])
    if text is not None:
        return text
    charset = _guess(source)
    if charset is None:
        if len(source.translate(None, _NOT_ASCII)) >= READABLE * len(source):
            return source.decode(errors="replace")
        raise PageError("its charset can't be told; convert it first: iconv -f CHARSET -t UTF-8")
    return _read(source, charset)


def decode_declared(source: bytes, claimed: str | None) -> str | None:
    """Decode an HTML page as far as that needs no guess, None where it does."""
    return _decode_as(source, chain([claimed], _declared(source[:START])))


def decode_start(source: bytes) -> str:
    """Decode the start of a page so that its tags can be seen, whatever its charset."""
    start = source[: 2 * START]
    charset = _marked(start) or wide_charset(start) or "latin-1"
    return start.decode(charset, "replace").removeprefix("\ufeff")[:START]


def is_binary(source: bytes) -> bool:
    """Say whether the start of some data shows that it is no text."""
    return _has_controls(source[:START]) and not wide_charset(source)


def wide_charset(source: bytes) -> str | None:
    """Return the UTF-16 or UTF-32 that a text is in, by its mark or its look, None for no such."""
    marked = _marked(source)
    if marked:
        return marked if marked != "utf-8" else None
    start = source[:START]
    nuls = start.count(0)
    if nuls == 0 or nuls < MIN_NULS * len(start):
        return None
    if not _has_controls(start) and _broken_share(start.decode(errors="replace")) <= MAX_BROKEN:
        return None  # a NUL within another text is a damage
    from charset_normalizer import from_bytes

    pairs = start[: len(start) // 2 * 2]
    match = from_bytes(pairs, cp_isolation=["utf_16_le", "utf_16_be"], enable_fallback=False).best()
    if match is None or "\0" in str(match) or not _ASCII.search(str(match)):
        return None
    return f"utf-16{match.encoding[-2:]}"


def refuse_wide(source: bytes) -> None:
    """Raise `PageError` where text is in UTF-16 or UTF-32, for formats that are in UTF-8."""
    if charset := wide_charset(source):
        name = charset.upper()
        raise PageError(f"this is {name}; convert it first: iconv -f {name} -t UTF-8")


def _decode_as(source: bytes, labels: Iterable[str | None]) -> str | None:
    """Decode by what a page shows by itself, else as the first label that fits, else not."""
    charset = _marked(source) or wide_charset(source)
    if charset:
        return source.decode(charset, "replace").removeprefix("\ufeff")
    if b"\x1b" in source and _ISO_2022_JP.search(source):
        # One byte too many would shift all that follows; of this charset, none is above 127.
        return source.translate(None, _NOT_ASCII).decode("iso2022_jp_ext", "replace")
    try:
        return source.decode()
    except UnicodeDecodeError:
        utf_8 = source.decode(errors="replace")
    broken = utf_8.count("\ufffd")
    others = _count_others(utf_8)
    if broken > MAX_BROKEN * others:
        broken -= source.count("\ufffd".encode())  # these stand in the page as they are
    if broken <= MAX_BROKEN * others:
        return utf_8
    for label in labels:
        charset = known_charset(label or "")
        if charset and charset != "utf-8":
            text = _read(source, charset)
            if _broken_share(text) <= MAX_BROKEN:
                return text
    return None


def _read(source: bytes, charset: str) -> str:
    """Decode some bytes, what is broken as U+FFFD."""
    text = source.decode(charset, "replace")
    return _UNDEFINED.sub("\ufffd", text) if charset == "cp932" else text


def _marked(source: bytes) -> str | None:
    """Return the charset that the byte order mark of a page says."""
    return next((charset for mark, charset in _MARKS if source.startswith(mark)), None)


def _declared(start: bytes) -> Iterator[str]:
    """Yield the labels of the charsets that a page says itself, from its start."""
    for found in _META.finditer(start):
        label = (found[1] or found[2] or b"").decode("latin-1")
        # As in browsers: what says so in ASCII is in no UTF-16.
        if label and not (known_charset(label) or "").startswith("utf-16"):
            yield label


def _has_controls(start: bytes) -> bool:
    """Say whether a start holds more control characters than any text in one byte a letter."""
    return len(start) - len(start.translate(None, _CONTROL)) > CONTROL_SHARE * len(start)


def _broken_share(text: str) -> float:
    """The share of broken characters among the non-ASCII ones."""
    return text.count("\ufffd") / max(_count_others(text), 1)


def _count_others(text: str) -> int:
    """Count the characters that are not ASCII."""
    return len(text) - len(text.encode("ascii", "ignore"))


def _guess(source: bytes) -> str | None:
    """Return Python's name of the charset that some bytes seem to be in, None where none is sure.

    They are seen by those of their words that are not ASCII, each once: what charsets differ in.
    """
    half = GUESSED_BYTES // 2
    seen = source if len(source) <= GUESSED_BYTES else source[:half] + source[-half:]
    words = dict.fromkeys(word for word in _WORD.findall(seen) if not word.isascii())
    sample = b" ".join(words)[:SAMPLE]
    western = _western_share(sample)
    if western >= WESTERN[0] or len(sample.translate(None, _ASCII_BYTES)) < FEW_BYTES:
        return "cp1252"
    charset = _guess_latin(sample)
    if not charset and western >= WESTERN[1]:
        return "cp1252"
    return charset or _guess_other(sample)


def _western_share(sample: bytes) -> float:
    """The share of the non-ASCII characters of a sample that Western languages have."""
    text = sample.decode("cp1252", "replace")
    return 1 - sum(map(len, _FOREIGN.findall(text))) / max(_count_letters(text), 1)


def _count_letters(text: str) -> int:
    """Count the characters that are neither ASCII nor the signs of many languages."""
    return _count_others(text) - len(re.findall(f"[{_SIGNS}]", text))


def _guess_latin(sample: bytes) -> str | None:
    """Return the charset in which a sample shows the letters of one language, and no others."""
    best, share = None, MIN_LETTERS
    for letters, charsets in _ALPHABETS:
        letter = re.compile(f"[{letters}{letters.upper()}]")
        for charset in charsets:
            text = sample.decode(charset, "replace")
            found = len(letter.findall(text)) / max(_count_letters(text), 1)
            if found > share:
                best, share = charset, found
    return best


def _guess_other(sample: bytes) -> str | None:
    """Return the charset in which a sample looks most like a text, None where in none."""
    from charset_normalizer import from_bytes

    found: dict[str, float] = {}
    for charset in _EASTERN + _OTHERS:
        text = _C1.sub("\ufffd", _read(sample, charset))
        broken = _broken_share(text)
        if broken > FEW_BROKEN:
            continue
        match = from_bytes(
            text.replace("\ufffd", "").encode(charset, "ignore"),  # it takes nothing broken
            steps=1,
            chunk_size=SAMPLE,
            threshold=MAX_CHAOS,
            cp_isolation=[charset],
            preemptive_behaviour=False,
            enable_fallback=False,
        ).best()
        coherence = match.coherence if match else 0
        if match and charset in _EASTERN:
            coherence = max(coherence, EASTERN_COHERENCE)
        if match and coherence:
            found[charset] = match.chaos + broken - COHERENCE_WEIGHT * coherence
    return min(found, key=found.__getitem__, default=None)


def unescape(text: str) -> str | bytes:
    """Return the bytes that a text was made of where some of them are no UTF-8, and so half emojis,
    as Python's `surrogateescape` makes them; where other halves are there, the text mended."""
    try:
        return text.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return mend(text)


def mend(text: str) -> str:
    """Replace what is half an emoji, which no charset can write, by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
