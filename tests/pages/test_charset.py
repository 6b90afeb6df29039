import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Page
from cleaner.pages import split_page
from cleaner.pages.charset import CHARSETS, decode_claimed, known_charset


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("UTF-8", "utf_8"),
        (" 'latin1' ", "latin_1"),
        ("ISO-8859-1", "latin_1"),
        ("Windows-1251", "cp1251"),
        ("x-unknown", None),
        ("Shift_JIS", "shift_jis"),
        ("GB2312", "gb2312"),
        ("ks_c_5601-1987", "euc_kr"),
        ("punycode", None),
        ("idna", None),
        ("unicode_escape", None),
        ("raw-unicode-escape", None),
        ("utf-7", None),
        ("rot13", None),
        ("hex", None),
        ("zlib", None),
        ("utf-8\0", "utf_8"),
        ("", None),
    ],
)
def test_only_charsets_of_browsers_are_known(label, name):
    assert known_charset(label) == name


def test_each_charset_is_one_of_texts():
    for name in CHARSETS:
        assert "A line".encode(name).decode(name) == "A line"


@given(st.binary(), st.text() | st.sampled_from(sorted(CHARSETS)))
def test_what_is_not_in_its_charset_stays_as_it_is(source, label):
    found = decode_claimed(source, label)
    assert found == source or codecs.lookup(known_charset(label))


def test_a_page_is_decoded_as_http_says_where_that_can_be():
    body = "<p>Кафе на углу".encode("cp1251")
    assert split_page(Page(body, "html", None, "windows-1251")).texts == ["Кафе на углу"]
    assert split_page(Page("Un café", "text", None, "windows-1251")).texts == ["Un café"]
    utf_8 = "<p>Un café à la gare".encode()
    for label in ("latin1", "shift_jis", "punycode", None):
        assert split_page(Page(utf_8, "html", None, label)).texts == ["Un café à la gare"]
