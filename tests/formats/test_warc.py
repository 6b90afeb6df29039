import gzip
import sys
import tracemalloc
import zlib
from itertools import accumulate, chain, pairwise

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import Page, PageError
from cleaner.formats import MAX_PAGE, Record
from cleaner.formats.record import CHUNK, MAX_RECORDS
from cleaner.formats.warc import read
from cleaner.pages.charset import decode_html

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

HTML = "Content-Type: text/html"
CAFE = "<html><p>Un café crème à la gare</p>"


def records(
    data: bytes, *ends: int, max_page: int = MAX_PAGE
) -> tuple[list[Record], PageError | None]:
    """The records of a WARC that comes in chunks, and what stopped it."""
    places = [0, *ends, len(data)]
    chunks = (data[a:b] for a, b in pairwise(places) if a < b)
    found: list[Record] = []
    try:
        for batch in read(chunks, "f", max_page=max_page):
            found += batch
    except PageError as error:
        return found, error
    return found, None


def page(data: bytes) -> Page | PageError:
    ((record,), error) = records(data)
    assert error is None
    return record.page


def text(data: bytes) -> str:
    """The page of a record, decoded as `pages` decodes it."""
    found = page(data)
    assert isinstance(found, Page)
    return decode_html(found.source, found.charset)


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
    assert first.page == Page(CAFE.encode(), "html", "https://courier.example/3", "utf-8")
    assert first.fields == {
        "id": "<urn:uuid:3>",
        "url": "https://courier.example/3",
        "date": "2024-05-03T06:00:00Z",
    }
    assert first.where == f"f: record at byte {len(before)}"
    assert second.page == Page(b"<p>XHTML", "html", "https://courier.example/5")


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
        ("", CAFE.encode(), CAFE),
        ("; charset=no-such", CAFE.encode(), CAFE),
        ("; charset=hex", CAFE.encode(), CAFE),
        ("; charset=punycode", b"<p>caf-dma", "<p>caf-dma"),
        ("; charset=utf-8", "<p>café".encode("latin-1"), "<p>café"),
        (
            "; charset=utf-8",
            b"<p>caf\xc3\xa9 \xff cr\xc3\xa8me \xc3",
            "<p>café \ufffd crème \ufffd",
        ),
        ("; charset=gb2312", "<p>渡轮".encode("gbk") + b"\xff.", "<p>渡轮\ufffd."),
        ("; charset=latin1", "<p>café".encode("utf-16"), "<p>café"),
    ],
)
def test_the_charset_is_that_of_http_where_it_can_be(warc_record, charset, body, source):
    assert text(warc_record(body, http=f"{HTML}{charset}")) == source


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


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
        ("Content-Encoding: deflate", raw_deflate(CAFE.encode())),
        ("Content-Encoding: br", brotli.compress(CAFE.encode())),
        ("Content-Encoding: zstd", zstd.compress(CAFE.encode())),
        ("Content-Encoding: X-GZip", gzip.compress(CAFE.encode())),
        ("Content-Encoding: gzip, br", brotli.compress(gzip.compress(CAFE.encode()))),
        ("Content-Encoding: identity, utf-8", CAFE.encode()),
        ("Content-Encoding: gzip", gzip.compress(CAFE.encode()) + b"rubbish"),
        ("Transfer-Encoding: chunked", b"%x; a=b\r\n%b" % (10_000, CAFE.encode())),  # cut off
        ("Content-Encoding: gzip", CAFE.encode()),  # undone by the crawler
        ("Transfer-Encoding: chunked", CAFE.encode()),
        ("X-Crawl-Content-Encoding: gzip", CAFE.encode()),
    ],
)
def test_encodings_of_http_are_undone(warc_record, header, body):
    assert text(warc_record(body, http=f"{HTML}; charset=utf-8\r\n{header}")) == CAFE


@pytest.mark.parametrize(
    ("header", "body", "message"),
    [
        ("Content-Encoding: gzip", gzip.compress(CAFE.encode())[:-8] + bytes(8), "gzip: "),
        ("Content-Encoding: br", b"\xff\x00" * 20, "br: "),
        ("Transfer-Encoding: chunked", b"3\r\n<p>no size\r\n", "chunks of its HTTP body"),
        ("Content-Encoding: " + "gzip, " * 9, gzip.compress(b"a"), "packed over 5 times"),
    ],
)
def test_a_body_that_is_damaged_costs_its_record_alone(warc_record, header, body, message):
    bad = warc_record(body, 1, http=f"{HTML}\r\n{header}")
    (first, second), error = records(bad + warc_record(b"<p>A line", 2))
    assert error is None
    assert message in str(first.page)
    assert first.fields["id"] == "<urn:uuid:1>"
    assert second.page.source == b"<p>A line"


@pytest.mark.parametrize("name", ["brotli", "backports"])
def test_a_body_that_needs_an_extra_says_so(warc_record, monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "compression", None)
    kind = "br" if name == "brotli" else "zstd"
    bad = warc_record(b"\1\2", 1, http=f"{HTML}\r\nContent-Encoding: {kind}")
    (first, second), _ = records(bad + warc_record(b"<p>A line", 2))
    assert "pip install 'article-cleaner[" in str(first.page)
    assert isinstance(second.page, Page)


@pytest.mark.parametrize(
    "http",
    [
        f"HTTP/1.1 200 OK\n{HTML}\n\n",
        f"nonsense\r\n{HTML}\r\n\r\n",
        f"HTTP/1.1 200 OK\r\nX-Long: {'x' * 100_000}\r\n{HTML}\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type:\r\n text/html\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/html, text/html\r\n\r\n",
    ],
)
def test_headers_of_http_as_servers_write_them(warc_record, http):
    content = http.encode() + b"<p>A line"
    data = warc_record(content, type="response-as-it-is").replace(b"response-as-it-is", b"response")
    data = data.replace(b"text/plain", b"application/http")
    assert page(data).source == b"<p>A line"


def test_a_header_of_http_that_does_not_end_is_told(warc_record):
    content = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    data = warc_record(content, type="response-as-it-is").replace(b"response-as-it-is", b"response")
    assert "does not end" in str(page(data.replace(b"text/plain", b"application/http")))


@pytest.mark.parametrize("kind", ["gzip", "deflate", "br", "zstd", "chunked", None])
def test_a_large_page_is_told_and_not_unpacked(warc_record, kind):
    body = b"<p>" + bytes(30_000_000)
    packers = {"gzip": gzip.compress, "deflate": raw_deflate, "zstd": zstd.compress}
    packers |= {"br": lambda data: brotli.compress(data, quality=5), "chunked": chunked}
    name = "Transfer-Encoding" if kind == "chunked" else "Content-Encoding"
    data = warc_record(packers.get(kind, bytes)(body), 1, http=f"{HTML}\r\n{name}: {kind}")
    data += warc_record(b"<p>A line", 2)
    del body
    tracemalloc.start()
    chunks = (data[at : at + CHUNK] for at in range(0, len(data), CHUNK))
    first, second = chain.from_iterable(read(chunks, "f", max_page=1_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "larger than 1 MB, unpacked; give --max-page-size" in str(first.page)
    assert first.fields["id"] == "<urn:uuid:1>"
    assert second.page.source == b"<p>A line"
    assert peak < 12_000_000


def test_a_large_text_and_large_records_of_no_page(warc_record):
    large = b"A line\n" * 1_000_000
    data = warc_record(large, 1, type="conversion") + warc_record(large, 2, type="resource")
    data += warc_record(large, 3, http="Content-Type: image/png") + warc_record(b"<p>A line", 4)
    (first, second), _ = records(data, max_page=1_000_000)
    assert "larger than 1 MB" in str(first.page)
    assert second.fields["id"] == "<urn:uuid:4>"


def test_a_page_that_is_none_is_told_and_the_rest_goes_on(warc_record):
    pdf = warc_record(b"%PDF-1.7 ...", 1)
    (bad, good), error = records(pdf + warc_record(b"<p>A line", 2))
    assert error is None
    assert "this is a PDF file" in str(bad.page)
    assert bad.where == "f: record at byte 0"
    assert good.page == Page(b"<p>A line", "html", "https://courier.example/2", "utf-8")


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
    assert error is None
    errors = [r.page for r in found if isinstance(r.page, PageError)]
    found = [r for r in found if isinstance(r.page, Page)]
    assert found == expected[: len(found)]
    ends = [sum(map(len, parts[: n + 1])) for n in range(len(parts))]
    complete = [n for n, e in enumerate(ends) if end >= e - 4]  # what ends a record is left out
    assert len(found) == len([n for n in complete if n in (1, 2, 3, 5)])
    assert len(errors) == (end != 0 and not any(e - 4 <= end <= e for e in ends))


def test_what_is_no_warc_is_told(warc_record):
    (bad,), error = records(b"A line of a story\n" * 100)
    assert error is None
    assert "no WARC record" in str(bad.page)
    assert bad.where == "f: record at byte 0"
    assert records(b"") == ([], None)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"WARC/1.0", b"rubbish\r\n" * 100, "no WARC record"),
        (b"Length: 94", b"Length: 99", "not the 99 bytes"),
        (b"Length: 94", b"Length: 93", "not the 93 bytes"),
        (b"Length: 94", b"Length: 10000000000", "not the 10000000000 bytes"),
        (b"Length: 94", b"Length: -94", "Content-Length is no number ('-94')"),
        (b"Length: 94", b"Length: %b" % (b"9" * 10_000), "Content-Length is no number"),
        (b"Length: 94", b"", "Content-Length is no number"),
        (b"WARC-Date", b"X: " + b"x" * 2**21, "header has over 1 MB"),
        (b"94\r\n\r\n", b"94\r\n", "not the 94 bytes"),
        (b"two</p>", b"", "not the 94 bytes"),
        (b"line of two</p>", b"", "not the 94 bytes"),
        (b"of two</p>\r\n\r\n", b"\n", "not the 94 bytes"),
    ],
)
@pytest.mark.parametrize("size", [7, 10**9])
def test_a_damaged_record_costs_no_other(warc_record, old, new, message, size):
    good, bad = warc_record(b"<p>A line", 1), warc_record(b"<p>A line of two</p>", 2)
    assert old in bad
    data = good + bad.replace(old, new, 1) + good + good
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    found = list(chain.from_iterable(read(chunks, "f")))
    assert [r.page.source for r in found if isinstance(r.page, Page)] == [b"<p>A line"] * 3
    (error,) = [r for r in found if isinstance(r.page, PageError)]
    assert message in str(error.page)
    assert error.where == f"f: record at byte {len(good)}"


def test_lengths_that_reach_to_the_end_are_read_in_time(warc_record):
    liar = warc_record(b"<p>A line").replace(b"Length: 83", b"Length: 40000000")
    assert b"40000000" in liar
    found, _ = records(liar * 5_000)
    assert len(found) == 5_000


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_damage_gives_pages_or_errors(warc_record, data):
    parts = [warc_record(b"<p>A line of a story " * n, n) for n in range(1, 6)]
    whole = bytearray(b"".join(parts))
    place = data.draw(st.integers(0, len(whole) - 1))
    for at in range(place, min(len(whole), place + data.draw(st.integers(1, 20)))):
        whole[at] = data.draw(st.integers(0, 255))
    found, error = records(bytes(whole))
    assert error is None
    before = sum(place >= end for end in accumulate(map(len, parts)))
    assert [r.page for r in found[:before]] == [page(part) for part in parts[:before]]
    assert all(isinstance(r.page, Page | PageError) for r in found)


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


def test_batches_hold_a_bounded_number_of_pages(warc_record):
    data = warc_record(b"") * (MAX_RECORDS + 1)
    assert [len(batch) for batch in read([data], "f")] == [MAX_RECORDS, 1]
