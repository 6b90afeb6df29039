import json
import tracemalloc
from collections.abc import Iterable
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Page, PageError
from cleaner.formats import Record
from cleaner.formats.jsonl import MAX_DEPTH, read, write
from cleaner.formats.record import CHUNK, MAX_RECORDS

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
objects = st.dictionaries(st.text().filter(lambda k: k not in ("text", "html")), values, max_size=5)


def records(*chunks: bytes, **names: str) -> list[Record]:
    return list(chain.from_iterable(read(chunks, "f", **names)))


def page(**fields: object) -> Page | PageError:
    (record,) = records(json.dumps(fields).encode())
    return record.page


@given(st.lists(objects, max_size=4), st.booleans(), st.data())
def test_other_fields_pass_unchanged_and_in_order(rows, ascii_only, data):
    lines = [json.dumps({"text": "", **row}, ensure_ascii=ascii_only).encode() for row in rows]
    whole = b"\n".join(lines)
    cut = data.draw(st.integers(0, len(whole)))
    found = records(whole[:cut], whole[cut:])
    assert [r.page for r in found] == [Page("", "text")] * len(rows)
    out = [json.loads(line) for line in b"".join(write([[r.fields for r in found]])).splitlines()]
    assert out == rows
    assert [list(row) for row in out] == [list(row) for row in rows]


def test_line_numbers_count_blank_lines_and_any_line_end():
    found = records(b'\xef\xbb\xbf{"text": "a"}\r\n\n  \n{"te', b'xt": "b"}\nno\n{"text": "c"}')
    assert [r.where for r in found] == ["f:1", "f:4", "f:5", "f:6"]
    assert [isinstance(r.page, PageError) for r in found] == [False, False, True, False]


def test_html_is_taken_unless_it_is_empty():
    assert page(text="t", html="<p>h") == Page("<p>h", "html")
    assert page(text="t", html="") == Page("t", "text")
    assert page(text="t", html=None) == Page("t", "text")
    assert page(html="<p>h", url="http://a.example") == Page("<p>h", "html", "http://a.example")
    assert page(text="t", url=7) == Page("t", "text")


def test_null_is_an_empty_page():
    assert page(text=None) == Page("", "text")
    assert page(html=None) == Page("", "html")


def test_fields_can_be_named():
    line = b'{"text": 1, "html": 2, "body": "b", "n": 3}'
    (record,) = records(line, text_field="body", html_field="raw")
    assert record.page == Page("b", "text")
    assert record.fields == {"text": 1, "html": 2, "n": 3}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"text": "cut', "not JSON"),
        (b"plain text", "not JSON"),
        (b'{"text": "a \0 b"}', "not JSON"),
        (b'{"text": "a", "n": NaN}', "not JSON"),
        (b'{"text": "a", "n": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"text": "\\ud800", "n": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"\\ud800": 1}', "(it has \ud800)"),
        (b'{"text": "\\ud800", "n": NaN}', "not JSON"),
        (b'["\\ud800"]', "a list, not an object"),
        (b'{"text": "\\ud800", "deep": ' + b"[" * 300 + b"]" * 300 + b"}", "levels deep"),
        (b'{"text": "caf\xe9"}', "not UTF-8; convert"),
        (b'["text"]', "a list, not an object; give one JSON object a line"),
        (b'"text"', "a string, not an object"),
        (b"12", "a number, not an object"),
        (b"null", "null, not an object"),
        (b"{}", "it has no field at all"),
        (b'{"id": 1, "body": "b"}', "(it has id, body); name the one to read with --text-field"),
        (b'{"text": 5}', "the field 'text' holds a number; give it as a string"),
        (b'{"html": ["a"]}', "the field 'html' holds a list; give it as a string"),
        (b'{"text": "", "a": ' + b"[" * 300 + b"]" * 300 + b"}", "levels deep"),
        (b'{"text": "", "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "not JSON"),
    ],
)
def test_a_bad_line_says_why_and_the_rest_goes_on(line, message):
    before, bad, after = records(b'{"text": "1"}\n' + line + b'\n{"text": "2"}\n')
    assert (before.page, after.page) == (Page("1", "text"), Page("2", "text"))
    assert isinstance(bad.page, PageError)
    assert message in str(bad.page)
    assert bad.where == "f:2"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x1f\x8b\x08\0\0\n\n", "gzip"),
        ('{"text": "a"}\n'.encode("utf-16"), "UTF-16"),
        (bytes(range(32)) * 9, "binary"),
    ],
)
def test_a_file_of_another_kind_is_refused_once(data, message):
    (record,) = records(data, data)
    assert message in str(record.page)
    assert record.where == "f"


def test_what_is_read_can_be_written_at_the_greatest_depth():
    line = b'{"text": "", "a": ' + b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1) + b"}"
    (record,) = records(line)
    assert json.loads(b"".join(write([[record.fields]])))["a"]


@given(st.lists(st.integers(0, 40), max_size=12), st.lists(st.integers(0)), st.booleans())
def test_a_line_over_the_limit_is_told_at_its_place(sizes, places, last):
    lines = [b'{"text":"%b"}' % (b"x" * size) if size else b"" for size in sizes]
    whole = b"\n".join(lines) + b"\n" * last
    ends = sorted(place % (len(whole) + 1) for place in places)
    chunks = [whole[a:b] for a, b in zip([0, *ends], [*ends, len(whole)], strict=True) if a < b]
    found = list(chain.from_iterable(read(chunks, "f", max_page=30)))
    assert [r.where for r in found] == [f"f:{n}" for n, line in enumerate(lines, 1) if line]
    for record, line in zip(found, filter(None, lines), strict=True):
        if len(line) > 30:
            assert "larger than 3e-05 MB, unpacked; give --max-page-size" in str(record.page)
        else:
            assert record.page == Page(json.loads(line)["text"], "text")


def peak_of(chunks: Iterable[bytes]) -> tuple[list[Record], int]:
    """The records of chunks, and the memory that reading them took, beside the chunks."""
    tracemalloc.start()
    found = list(chain.from_iterable(read(chunks, "f", max_page=1_000_000)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found, peak


def test_a_line_without_end_takes_no_memory():
    part = b"x" * CHUNK
    long = chain([b'{"text":"1"}\n{"text":"'], repeat(part, 200), [b'"}\n\n{"text":"2"}'])
    found, peak = peak_of(long)
    assert [r.where for r in found] == ["f:1", "f:2", "f:4"]
    assert [isinstance(r.page, Page) for r in found] == [True, False, True]
    assert peak < 8_000_000


def test_what_is_no_text_is_told_before_its_line_ends():
    found, peak = peak_of(repeat(bytes(CHUNK)))
    assert "this is binary data" in str(found[0].page)
    assert peak < 8_000_000


def test_empty_lines_take_no_memory():
    lines = b"\n" * CHUNK
    found, peak = peak_of(chain([b'{"text":"1"}'], repeat(lines, 100), [b' \n{"text":"2"}']))
    assert [r.where for r in found] == ["f:1", f"f:{100 * CHUNK + 2}"]
    assert peak < 50_000_000


def test_batches_hold_a_bounded_number_of_pages():
    lines = b'{"text":""}\n' * (2 * MAX_RECORDS + 1)
    assert [len(b) for b in read([lines], "f")] == [MAX_RECORDS, MAX_RECORDS, 1]


def test_a_line_of_more_values_than_memory_can_hold_is_told(monkeypatch):
    monkeypatch.setattr("cleaner.formats.jsonl.MAX_VALUES", 50)
    many = json.dumps({"text": "a", "n": [[]] * 100}).encode()
    marks = json.dumps({"text": '\\",[{' * 100}).encode()
    first, second = records(many + b"\n" + marks)
    assert "over 50 values; leave out what is no page" in str(first.page)
    assert second.page == Page('\\",[{' * 100, "text")


@given(st.binary() | st.text().map(str.encode), st.sampled_from([b'{"text":"', b'{"a":', b""]))
def test_whatever_a_line_holds_is_a_page_or_an_error(data, start):
    for record in records(start + data + b'"}\n' + data):
        assert isinstance(record.page, Page | PageError)
        b"".join(write([[record.fields]]))


def test_too_little_memory_for_a_line_is_told(monkeypatch):
    def fail(line: bytes) -> object:
        raise MemoryError

    monkeypatch.setattr("orjson.loads", fail)
    (record,) = records(b'{"text": "a"}')
    assert "too little memory" in str(record.page)


def test_a_line_of_20_mb():
    line = json.dumps({"text": "word " * 4_000_000, "id": 7}).encode()
    chunks = [line[i : i + 1_000_000] for i in range(0, len(line), 1_000_000)]
    (record,) = records(*chunks)
    assert isinstance(record.page, Page)
    assert len(record.page.source) == 20_000_000
    assert record.fields == {"id": 7}
