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
        ("<!-- -->" * 40 + "<html>", "html"),
        ("<!-- -->" * 400 + "a", "text"),
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


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("Le café de la gare est déjà fermé, où êtes-vous allés hier après la fête ?", "cp1252"),
        ("Die Füße müssen schön bleiben, größer geht es nicht für Süßes aus Köln.", "latin-1"),
        ("It cost £3,000, a naïve “plan” of Hélène’s", "cp1252"),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy a další věty", "cp1250"),
        ("Сегодня в Москве прошёл парад, сообщили власти города", "cp1251"),
        ("今日は東京で会議が開かれた", "shift_jis"),
    ],
)
def test_charsets_are_guessed(text, charset):
    assert split_page(Page(text.encode(charset), "text")).texts == [text]


def test_truncated_utf8_keeps_what_is_whole():
    (text,) = split_page(Page("Füße, ein Café".encode()[:-1])).texts
    assert text.startswith("Füße, ein Caf")


@pytest.mark.parametrize("data", [b"%PDF-1.5", b"\x89PNG\r\n", b"\x1f\x8b\x08", bytes(32) * 9])
def test_binary_data_is_refused(data):
    with pytest.raises(PageError, match="not text or HTML"):
        split_page(Page(data))
