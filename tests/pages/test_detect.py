import pytest

from cleaner import Page, PageError
from cleaner.pages import kind_of, split_page


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("<!DOCTYPE html><p>x", "html"),
        ("\ufeff  <html>", "html"),
        ("<!-- made by x -->\n<html lang=en>", "html"),
        ("<?xml version='1.0'?><html>", "html"),
        ("<div><p>a</p></div>", "html"),
        ("A story about <html> and <body> tags", "text"),
        ("a < b and c > d", "text"),
        ("<ferry@example.org> wrote:\nhello", "text"),
        ("", "text"),
    ],
)
def test_kinds(source, kind):
    assert kind_of(source) == kind
    assert kind_of(source.encode()) == kind
    assert kind_of(source.encode("utf-16")) == kind


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_is_decoded(charset):
    assert split_page(Page("Füße\nдом".encode(charset))).texts == ["Füße", "дом"]


def test_latin_text_is_guessed():
    text = "Die Füße müssen schön bleiben, größer geht es nicht für Süßes aus Köln."
    assert split_page(Page(text.encode("latin-1"))).texts == [text]


def test_truncated_utf8_keeps_what_is_whole():
    (text,) = split_page(Page("Füße, ein Café".encode()[:-1])).texts
    assert text.startswith("Füße, ein Caf")


@pytest.mark.parametrize("data", [b"%PDF-1.5", b"\x89PNG\r\n", b"\x1f\x8b\x08", bytes(32) * 9])
def test_binary_data_is_refused(data):
    with pytest.raises(PageError, match="not text or HTML"):
        split_page(Page(data))
