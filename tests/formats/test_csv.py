import csv
import io
import json
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner import Page, PageError
from cleaner.errors import CleanerError
from cleaner.formats import Record, encode_rows, read_records
from cleaner.formats.csv import read, write
from cleaner.formats.record import CHUNK

SIZES = [1, 7, CHUNK]


def records(data: bytes | str, size: int = CHUNK, **options) -> list[Record]:
    """Read a file that comes in chunks of a size."""
    data = data.encode() if isinstance(data, str) else data
    chunks = (data[i : i + size] for i in range(0, len(data), size))
    return list(chain.from_iterable(read(chunks, "f", **options)))


def outcomes(found: list[Record]) -> list[tuple[str, object]]:
    """Where each record is, with its text or what is wrong."""
    return [(r.where, r.page.source if isinstance(r.page, Page) else f"! {r.page}") for r in found]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_page_is_a_row_and_other_columns_come_along(size, end):
    lines = [
        "\ufeffid,html,url,text",
        '1,,https://x.example/1,"A line, of a ""story"""',
        "",
        f'"2",<p>Markup,,"Two{end}{end}lines"',
        "3,,,",
        f'4,,,"{end}"',
        "5,,,\0 \u2028 \x85 \x0c é 🙂",
    ]
    found = records(end.join(lines) + end, size)
    assert [r.page for r in found] == [
        Page('A line, of a "story"', "text", "https://x.example/1"),
        Page("<p>Markup", "html"),
        Page("", "text"),
        Page(end, "text"),
        Page("\0 \u2028 \x85 \x0c é 🙂", "text"),
    ]
    assert [r.fields for r in found] == [
        {"id": "1", "url": "https://x.example/1", "text": None},
        {"id": "2", "url": "", "text": f"Two{end}{end}lines"},
        *({"id": str(n), "url": "", "text": None} for n in range(3, 6)),
    ]
    assert [r.where for r in found] == ["f:2", "f:4", "f:7", "f:8", "f:10"]


def test_the_fields_can_be_named_and_tabs_be_between():
    found = records('body\tid\n"A\tline"\t1\nA, line\t2', delimiter="\t", text_field="body")
    assert outcomes(found) == [("f:2", "A\tline"), ("f:3", "A, line")]
    assert [r.fields for r in found] == [{"id": "1"}, {"id": "2"}]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("1,one\n2,t,w,o\n3\n4,four", ["one", "! the row has 4 cells,", "! the row has 1", "four"]),
        ('1,"one\n2,two\n3,"three"\n', ["! ',' expected after '\"'; a quote", "two", "three"]),
        ('1,"one\n2,two\n3,three', ["! a quote is not closed", "two", "three"]),
        ('1,"a "b" c"\n2,two', ["! ',' expected after", "two"]),
        ('1,"a "b"\nand\nmore"\n2,two', ["! no row up to line 4: ',' expected after", "two"]),
        ('1,"one', ["! a quote is not closed"]),
        ('1,"one\n\n\n', ["! no row up to line 4: a quote is not closed"]),
        ("\n\n \n1,one\n\t\n\n", ["one"]),
        ('1,5" tall\n2,"two\n2"\n3,6"\n', ['5" tall', "two\n2", '6"']),
        ("1,a NUL: \0\n2,\ufeff", ["a NUL: \0", "\ufeff"]),
    ],
)
def test_a_row_that_is_bad_is_told_and_the_next_is_read(rows, expected, size):
    found = [what for _, what in outcomes(records(f"id,text\n{rows}", size))]
    assert len(found) == len(expected)
    for what, start in zip(found, expected, strict=True):
        assert what.startswith(start)
        assert start.startswith("!") or what == start


@pytest.mark.parametrize("size", SIZES)
def test_a_row_that_is_too_large_is_told_and_the_next_is_read(size):
    prose = "A line, as in a page.\nAnother one, and that is all, so far.\n"
    rows = [
        "0,zero",
        f'1,"{prose * 30}"',  # large, over many lines
        "2," + "x" * 3000,  # in one line
        f'3,"{prose}{"x" * 3000}\n{prose}"',  # in one of its lines
        f'4,{"x" * 3000}""',
        '5,"' + "x" * 600 + '","' + "x" * 600 + '"',
        '6,"not closed',
        *[f"{n},a row" for n in range(7, 400)],
        f'400,"{prose * 30}',
    ]
    found = outcomes(records("id,text\n" + "\n".join(rows), size, max_page=1000))
    numbers = [1]
    for row in rows:
        numbers.append(numbers[-1] + row.count("\n") + 1)
    assert [where for where, _ in found] == [f"f:{n + 1}" for n in numbers[:-1]]
    bad = [n for n, (_, what) in enumerate(found) if what.startswith("!")]
    assert bad == [1, 2, 3, 4, 5, 6, 400]
    for n in (1, 2, 3, 5, 400):
        assert "a row of more than 0.001 MB; --max-page-size reads larger ones" in found[n][1]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no columns; the first row must name them"),
        (b"\n\n", "no columns; the first row must name them"),
        (b"id,body\n1,b\n", r"no field 'text', 'html' or 'markdown' \(it has id, body\)"),
        (b"text,n,n\n", "two columns have the name 'n'; rename one"),
        (b'"text\nA line', "line 1 must name the columns: a quote is not closed"),
        (b'\n"te"xt\nA line', "line 2 must name the columns: ',' expected"),
        ("text\ncafé\n".encode("latin-1"), "not UTF-8; convert the file first, e.g. with iconv"),
        (
            "text\nA line\n".encode("utf-16"),
            "this is UTF-16LE; convert it first: iconv -f UTF-16LE",
        ),
        (b"PK\x03\x04 and more", "this is a zip archive"),
    ],
)
def test_a_file_that_is_none_is_told_once(data, message):
    with pytest.raises(PageError, match=message):
        records(data)


def test_bytes_of_another_charset_further_on_fail_their_rows_only():
    rows = [b"n,text", *(b"%d,A line" % n for n in range(100_000)), b"0,caf\xe9", b"1,last"]
    found = outcomes(records(b"\n".join(rows)))
    assert len(found) == 100_002
    assert found[-2:] == [
        ("f:100002", "! not UTF-8; convert the file first, e.g. with iconv"),
        ("f:100003", "last"),
    ]


def test_rows_are_handed_on_as_they_come_and_before_the_input_breaks_off():
    def chunks():
        yield b'id,text\n1,one\n2,"two'
        yield b'"\n3,three\n'
        yield b'4,four\n5,"five'
        raise PageError("cut off")

    batches = read(chunks(), "f")
    assert [[r.page.source for r in next(batches)] for _ in range(3)] == [
        ["one"],
        ["two", "three"],
        ["four"],
    ]
    with pytest.raises(PageError, match="cut off"):
        next(batches)


def test_batches_are_bounded():
    data = "id,text\n" + "1,a\n" * 50_000
    chunks = [data.encode()[i : i + CHUNK] for i in range(0, len(data), CHUNK)]
    sizes = [len(batch) for batch in read(chunks, "f")]
    assert sum(sizes) == 50_000
    assert max(sizes) == 1024


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to see the memory")
@pytest.mark.parametrize(
    ("start", "piece"),
    [
        ('2,"', "x" * 16),
        ('2,"', "A line of it.\n\n"),
        ('2,"', "\n" * 16),
        ('2,"', '""' * 8),
        ("2,", "\0" * 16),
        ("", "\n" * 16),
    ],
)
def test_bombs_are_read_in_bounded_memory(start, piece):
    """100 MB, with pages of at most 2 MB, in 40 MB more than the imports take."""
    code = f"""
import re, resource
from cleaner.formats.csv import read

with open("/proc/self/status") as status:
    most = int(re.search(r"VmData:\\s+(\\d+)", status.read())[1]) * 1024 + 40_000_000
resource.setrlimit(resource.RLIMIT_DATA, (most, most))

def chunks():
    yield b"id,text\\n1,one\\n" + {start.encode()!r}
    for _ in range(100):
        yield {piece.encode()!r} * {CHUNK // 16}
    yield {start[2:].encode()!r} + b"\\n3,three\\n"

for batch in read(chunks(), "f", max_page=2_000_000):
    for r in batch:
        print(r.where, r.page)
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr
    first, *large, last = result.stdout.splitlines()
    assert ("'one'" in first, "'three'" in last) == (True, True)
    assert ["a row of more than 2 MB" in line for line in large] == [True] * bool(start)


@pytest.mark.parametrize("line", ['"x', 'a,"x', '"""x', '"a"",', 'a,"b\nc"d'])
def test_bad_quotes_all_over_take_time_by_their_length_only(line):
    code = (
        "from cleaner.formats.csv import read\n"
        f"data = b'id,text\\n1,a\\n' + {(line + chr(10)).encode()!r} * 200_000\n"
        "print(sum(len(batch) for batch in read([data], 'f')))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=100, check=True
    )
    assert result.stdout == "2\n"


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
cells = texts | st.text('",\n\r\t \ufeff\0a', max_size=8)
names = st.text(st.characters(exclude_categories=("Cs", "Cc"))) | st.text('",\n\r\t \ufeffa')


@settings(deadline=None)
@given(
    st.lists(names.map(lambda name: name.lstrip("\ufeff")), max_size=4),
    st.data(),
    st.sampled_from(["csv", "tsv"]),
    st.sampled_from([1, 3, CHUNK]),
)
def test_what_is_written_is_read_the_same(names, data, format, size):
    names = [*(name for name in dict.fromkeys(names) if name not in ("text", "html")), "text"]
    row = st.tuples(*(cells for _ in names)).map(
        lambda values: dict(zip(names, values, strict=True))
    )
    rows = data.draw(st.lists(row, max_size=5))
    written = b"".join(encode_rows([rows[:2], rows[2:]], format))
    delimiter = "," if format == "csv" else "\t"
    found = records(written, size, delimiter=delimiter)
    again = [{**r.fields, "text": r.page.source} for r in found]
    assert [list(row.items()) for row in again] == [list(row.items()) for row in rows]
    assert b"".join(encode_rows([again], format)) == written
    theirs = csv.reader(io.StringIO(written.decode(), newline=""), delimiter=delimiter)
    assert list(theirs)[1:] == [list(row.values()) for row in rows]


@settings(deadline=None)
@given(st.text(st.sampled_from(list('a,"\n\r\0 é')), max_size=60), st.integers(1, 60))
@example('"\na"\n"b\n"', 1)
def test_any_damage_gives_pages_or_errors_whatever_the_chunks(damage, size):
    data = f"id,text\n1,first of all the rows that there are\n{damage}\n"
    found = outcomes(records(data, size))
    assert found[0] == ("f:2", "first of all the rows that there are")
    assert found == outcomes(records(data))
    assert outcomes(records(data, size, max_page=40))[0] == found[0]


def test_values_are_shown_as_in_json():
    time = pa.array([1_700_000_000_123_456], pa.timestamp("us"))
    row = {
        "n": 1,
        "big": 2**70,
        "share": 0.5,
        "flag": True,
        "none": None,
        "nan": float("nan"),
        "list": ["a", {"b": None}],
        "bytes": b"\xff\0",
        "time": time,
        "null": pa.array([None], pa.list_(pa.int8())),
        "cut \ud83d": "half \ud83d",
        "nested": ["\ud83d"],
        "text": "A line",
    }
    names, values = csv.reader(io.StringIO(b"".join(write([[row]])).decode()))
    found = dict(zip(names, values, strict=True))
    assert json.loads(found.pop("nested")) == ["\ud83d"]
    assert found == {
        "n": "1",
        "big": str(2**70),
        "share": "0.5",
        "flag": "true",
        "none": "",
        "nan": "",
        "list": '["a",{"b":null}]',
        "bytes": "/wA=",
        "time": "2023-11-14T22:13:20.123456",
        "null": "",
        "cut \ufffd": "half \ufffd",
        "text": "A line",
    }


def test_the_text_is_last_and_the_columns_are_those_of_the_first_pages():
    batches = [[], [{"text": "a"}, {"text": "b", "n": 1}], [{"text": "c"}]]
    assert b"".join(write(batches)) == b"n,text\n,a\n1,b\n,c\n"
    assert b"".join(write([[], []], "body", "\t")) == b"body\n"
    assert b"".join(write([[{"text": ""}]])) == b'text\n""\n'
    with pytest.raises(
        CleanerError, match=r"columns of CSV \(field 'new': .*JSON Lines, with --to"
    ):
        list(write([[{"text": "a"}], [{"text": "b", "new": 1}]]))


def test_files_are_read_by_their_endings(tmp_path):
    for name, data in [("a.csv", b"id,text\n1,one"), ("a.TSV", b"id\ttext\n1\tone")]:
        (tmp_path / name).write_bytes(data)
        records = read_records(str(tmp_path / name))
        assert records.format == name[2:].lower()
        assert [r for batch in records for r in batch] == [
            Record(Page("one", "text"), {"id": "1"}, f"{tmp_path / name}:2")
        ]
