"""The charsets that pages are decoded by, and what HTTP claims of one."""

from __future__ import annotations

import codecs
from encodings import normalize_encoding
from encodings.aliases import aliases

CHARSETS = frozenset(
    """
    ascii big5 big5hkscs cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp866 cp874
    cp932 cp949 euc_jp euc_kr gb18030 gb2312 gbk iso2022_jp iso8859_10 iso8859_11 iso8859_13
    iso8859_14 iso8859_15 iso8859_16 iso8859_2 iso8859_3 iso8859_4 iso8859_5 iso8859_6 iso8859_7
    iso8859_8 iso8859_9 koi8_r koi8_u latin_1 mac_cyrillic mac_roman shift_jis tis_620 utf_16
    utf_16_be utf_16_le utf_8 utf_8_sig
    """.split()
)
"""Those that browsers know, by Python's names. Python has more, and some of these take hours for a
page (punycode), run out of what a page is (unicode_escape), or are no charset (rot13)."""

WESTERN = ("ascii", "cp1252", "latin_1")
"""Charsets that servers claim of anything; browsers take each as windows-1252."""

_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def known_charset(label: str) -> str | None:
    """Return Python's name of the charset that a label stands for, None where it is none of
    `CHARSETS`."""
    name = normalize_encoding(label.strip("'\" ")).lower()
    name = aliases.get(name, name)
    return name if name in CHARSETS else None


def decode_claimed(source: str | bytes, label: str | None) -> str | bytes:
    """Decode a page as HTTP says, which outranks what the page says of itself, as in browsers.

    What is decoded already, or is not in that charset, is returned as it is.
    """
    charset = known_charset(label or "")
    if charset is None or isinstance(source, str) or source.startswith(_BOMS):
        return source
    try:
        if charset not in WESTERN:
            return source.decode(charset)
        try:
            return source.decode("utf-8")  # no other text looks like it
        except UnicodeDecodeError:
            return source.decode("cp1252")
    except ValueError:
        return source


def mend(text: str) -> str:
    """Replace what is half an emoji, which no charset can write, by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
