import gzip
import re
import sys
import zlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import Page, PageError, UsageError
from cleaner.formats import Record
from cleaner.formats.warc import read
from cleaner.pages.charset import decode_claimed

HTML = "Content-Type: text/html"
CAFE = "<html><p>Un café crème à la gare</p>"


def records(data: bytes, *ends: int) -> tuple[list[Record], PageError | None]:
    """The records of a WARC that comes in chunks, and what stopped it."""
    places = [0, *ends, len(data)]
    chunks = (data[a:b] for a, b in pairwise(places) if a < b)
    found: list[Record] = []
    try:
        for batch in read(chunks, "f"):
            found += batch
    except PageError as error:
        return found, error
    return found, None


def page(data: bytes) -> Page | PageError:
    ((record,), error) = records(data)
    assert error is None
    return record.page


def decoded(page: Page) -> tuple[str | bytes, str, str | None]:
    """What a page is to who reads it."""
    return decode_claimed(page.source, page.charset), page.kind, page.url


def test_html_responses_are_pages_with_their_id_url_and_date(warc_record):
    before = warc_record(b"software: a crawler", 1, type="warcinfo")
    before += warc_record(b"GET / HTTP/1.1\r\n\r\n", 2, type="request")
    data = b"".join(
        (
            before,
            warc_record(CAFE.encode(), 3),
            warc_record(b"\x89PNG", 4, http="Content-Type: image/png"),
            warc_record(b"<p>XHTML", 5, http="content-type: application/xhtml+xml"),
            warc_record(b"fetched: 1", 6, type="metadata"),
            warc_record(b"", 7, http="Location: /"),
        )
    )
    (first, second), error = records(data)
    assert error is None
    assert decoded(first.page) == (CAFE, "html", "https://courier.example/3")
    assert first.fields == {
        "id": "<urn:uuid:3>",
        "url": "https://courier.example/3",
        "date": "2024-05-03T06:00:00Z",
    }
    assert first.where == f"f: record at byte {len(before)}"
    assert decoded(second.page) == (b"<p>XHTML", "html", "https://courier.example/5")


def test_wet_records_are_text_pages(warc_record):
    text = "Un café crème\nà la gare\n".encode()
    data = warc_record(b"", 1, type="warcinfo") + warc_record(text, 2, type="conversion")
    ((record,), error) = records(data)
    assert error is None
    assert record.page == Page(text, "text", "https://courier.example/2")
    assert record.fields["id"] == "<urn:uuid:2>"


@pytest.mark.parametrize(
    ("charset", "body", "source"),
    [
        ("; charset=windows-1251", "<p>Кафе".encode("cp1251"), "<p>Кафе"),
        (';CHARSET="Shift_JIS"', "<p>喫茶店".encode("shift_jis"), "<p>喫茶店"),
        ("; charset=iso-2022-jp", "<p>喫茶店".encode("iso-2022-jp"), "<p>喫茶店"),
        ("; charset=ISO-8859-1", "<p>“café”".encode("cp1252"), "<p>“café”"),
        ("; charset=ISO-8859-1", "<p>“café”".encode(), "<p>“café”"),
        ("", CAFE.encode(), CAFE.encode()),
        ("; charset=no-such", CAFE.encode(), CAFE.encode()),
        ("; charset=hex", CAFE.encode(), CAFE.encode()),
        ("; charset=utf-8", "<p>café".encode("latin-1"), b"<p>caf\xe9"),
        ("; charset=latin1", "<p>café".encode("utf-16"), "<p>café".encode("utf-16")),
    ],
)
def test_the_charset_is_that_of_http_where_it_can_be(warc_record, charset, body, source):
    found = page(warc_record(body, http=f"{HTML}{charset}"))
    assert decoded(found) == (source, "html", "https://courier.example/1")


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("Content-Encoding: gzip", gzip.compress(CAFE.encode())),
        ("Content-Encoding: deflate", zlib.compress(CAFE.encode())),
        ("Transfer-Encoding: chunked", chunked(CAFE.encode())),
        (
            "Transfer-Encoding: chunked\r\nContent-Encoding: gzip",
            chunked(gzip.compress(CAFE.encode())),
        ),
        ("Content-Encoding: gzip", CAFE.encode()),  # undone by the crawler
        ("Transfer-Encoding: chunked", CAFE.encode()),
        ("X-Crawl-Content-Encoding: gzip", CAFE.encode()),
    ],
)
def test_encodings_of_http_are_undone(warc_record, header, body):
    found = page(warc_record(body, http=f"{HTML}; charset=utf-8\r\n{header}"))
    assert decoded(found) == (CAFE, "html", "https://courier.example/1")


def test_a_page_that_is_none_is_told_and_the_rest_goes_on(warc_record):
    pdf = warc_record(b"%PDF-1.7 ...", 1)
    (bad, good), error = records(pdf + warc_record(b"<p>A line", 2))
    assert error is None
    assert "this is a PDF file" in str(bad.page)
    assert bad.where == "f: record at byte 0"
    assert decoded(good.page) == ("<p>A line", "html", "https://courier.example/2")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_warc_cut_anywhere_gives_its_first_pages_whole_and_one_error(warc_record, data):
    parts = [
        warc_record(b"software: a crawler", 1, type="warcinfo"),
        *(warc_record(b"<p>A line of a story " * n, n) for n in range(2, 5)),
        warc_record(b"\x89PNG", 5, http="Content-Type: image/png"),
        warc_record(b"A line\n", 6, type="conversion"),
    ]
    whole = b"".join(parts)
    end = data.draw(st.integers(0, len(whole)))
    chunk = data.draw(st.integers(0, end))
    found, error = records(whole[:end], chunk)
    expected, _ = records(whole)
    assert found == expected[: len(found)]
    ends = [sum(map(len, parts[: n + 1])) for n in range(len(parts))]
    complete = [n for n, e in enumerate(ends) if end >= e - 4]  # what ends a record is left out
    assert len(found) == len([n for n in complete if n in (1, 2, 3, 5)])
    if end == 0 or any(e - 4 <= end <= e for e in ends):
        assert error is None
    else:
        assert re.search(r"at byte \d+ ", str(error))


def test_what_is_no_warc_is_told(warc_record):
    found, error = records(b"A line of a story\n" * 100)
    assert found == []
    assert "no WARC record" in str(error)
    first = warc_record(b"<p>A line", 1)
    found, error = records(first + b"rubbish\r\n" * 100 + first)
    assert len(found) == 1
    assert "no WARC record behind the one at byte 0 " in str(error)
    assert records(b"") == ([], None)


def test_batches_hold_a_megabyte_or_what_has_arrived(warc_record):
    body = b"<p>" + b"word " * 60_000
    data = b"".join(warc_record(body, n) for n in range(1, 21))
    chunks = (data[at : at + 2**20] for at in range(0, len(data), 2**20))
    sizes = [len(batch) for batch in read(chunks, "f")]
    assert sum(sizes) == 20
    assert max(sizes) <= 5
    asked = []
    single = (asked.append(n) or warc_record(body, n) for n in range(1, 4))
    for n, batch in enumerate(read(single, "f"), 1):
        assert [r.fields["id"] for r in batch] == [f"<urn:uuid:{n}>"]
        assert asked[-1] == n


def test_warc_names_its_extra(warc_record, monkeypatch):
    monkeypatch.setitem(sys.modules, "fastwarc.warc", None)
    with pytest.raises(UsageError, match=r"WARC needs fastwarc: pip install 'cleaner\[warc\]'"):
        records(warc_record(b"<p>A line"))
