"""Every format through the commands: what is read, what is written, how it is chosen."""

import csv
import gzip
import io
import json
import shutil
import sys
from datetime import datetime
from decimal import Decimal

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cleaner import LABELS, Cleaner


@pytest.fixture
def rows(seeds) -> list[dict]:
    """The seeds with a text or HTML each, and fields of types that JSON does not have."""
    found = []
    for line in (seeds / "pages.jsonl").read_text().splitlines():
        row = json.loads(line)
        text = "\n".join(p["text"] for p in row["paragraphs"])
        html = row.get("html")
        found.append(
            {
                "id": row["id"],
                "text": None if html else text,
                "html": html,
                "title": None,
                "seen": datetime(2024, 5, 1, 6, 0, 0, 7),
                "price": Decimal("1.20"),
                "tags": ["a", None],
                "small": 7,
            }
        )
    return found


SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("text", pa.string()),
        ("html", pa.string()),
        ("title", pa.string()),
        ("seen", pa.timestamp("us")),
        ("price", pa.decimal128(8, 2)),
        ("tags", pa.list_(pa.string())),
        ("small", pa.int8()),
    ]
)


@pytest.fixture
def parquet(tmp_path, rows):
    path = tmp_path / "in" / "pages.parquet"
    path.parent.mkdir()
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path, row_group_size=7)
    return path


@pytest.fixture
def warc(tmp_path, seeds, warc_record):
    path = tmp_path / "CC-NEWS-1.warc.gz"
    html = (seeds / "observatory.html").read_bytes()
    parts = [warc_record(b"", 1, type="warcinfo"), *(warc_record(html, n) for n in (2, 3))]
    path.write_bytes(b"".join(gzip.compress(part) for part in parts))
    return path


def objects(result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_parquet_to_parquet_keeps_all_but_the_html(run, parquet, rows, tmp_path):
    out = tmp_path / "out.parquet"
    result = run("clean", parquet, "-o", out)
    assert (result.exit_code, result.output) == (0, "")
    table = pq.read_table(out)
    others = [field for field in SCHEMA if field.name != "html"]
    others[1] = others[1].with_name("text_original")
    assert table.schema.equals(pa.schema([*others, ("text", pa.string())]))
    cleaner = Cleaner()
    for found, row in zip(table.to_pylist(), rows, strict=True):
        text, html = row.pop("text"), row.pop("html")
        assert found == {**row, "text_original": None, "text": cleaner.clean(html or text)}


def test_parquet_to_json_lines_is_the_default(run, parquet, rows):
    result = run("clean", parquet)
    assert result.exit_code == 0
    found = objects(result)
    assert [row["id"] for row in found] == [row["id"] for row in rows]
    assert (found[0]["seen"], found[0]["price"]) == ("2024-05-01T06:00:00.000007", 1.2)
    assert run("clean", stdin=parquet.read_bytes()).stdout == result.stdout


def test_labels_as_parquet(run, parquet, seeds, tmp_path):
    out = tmp_path / "labels.parquet"
    assert run("label", "--probabilities", parquet, "-o", out).exit_code == 0
    table = pq.read_table(out)
    others = [name for name in SCHEMA.names if name != "html"]
    assert table.column_names == [*others, "is_article", "paragraphs"]
    assert table.schema.field("small").type == pa.int8()
    assert table["title"][0].as_py().startswith("Port Tamsin votes")
    paragraph = table["paragraphs"].to_pylist()[0][0]
    assert list(paragraph) == ["text", "label", "probability", "probabilities"]
    assert tuple(paragraph["probabilities"]) == LABELS
    run("label", seeds / "harbour.txt", "--to", "parquet", "-o", out)
    (row,) = pq.read_table(out).to_pylist()
    assert row == objects(run("label", seeds / "harbour.txt"))[0]


def test_labels_replace_paragraphs_of_the_input_and_the_title_keeps_its_type(run, tmp_path):
    path, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    columns = {
        "title": pa.array([b"As given", None], pa.binary()),
        "paragraphs": [[{"label": 1}], None],
        "text": ["A line of a story", ""],
    }
    pq.write_table(pa.table(columns), path)
    assert run("label", path, "-o", out).exit_code == 0
    table = pq.read_table(out)
    assert table.column_names == ["title", "paragraphs"]
    assert table["title"].to_pylist() == [b"As given", None]
    (paragraph,), nothing = table["paragraphs"].to_pylist()
    assert (paragraph["text"], nothing) == ("A line of a story", [])
    assert list(paragraph) == ["text", "label", "probability"]


def test_a_warc_gives_id_url_and_date(run, warc, seeds):
    result = run("clean", warc)
    assert (result.exit_code, result.stderr) == (0, "")
    text = run("clean", seeds / "observatory.html").stdout.rstrip("\n")
    assert objects(result) == [
        {
            "id": f"<urn:uuid:{n}>",
            "url": f"https://courier.example/{n}",
            "date": f"2024-05-0{n}T06:00:00Z",
            "text": text,
        }
        for n in (2, 3)
    ]


def test_a_folder_with_everything(run, parquet, warc, seeds, tmp_path):
    folder = parquet.parent
    (folder / "2024").mkdir()
    shutil.move(warc, folder / "2024" / "a.warc.gz")
    shutil.copy(seeds / "harbour.txt", folder)
    (folder / "notes.rst").write_text("not read")
    result = run("clean", folder, "--to", "jsonl")
    told = (
        f"cleaner: skipped 1 file ({folder}/notes.rst) of other endings or kinds; "
        "--from FORMAT reads all endings\n"
    )
    assert (result.exit_code, result.stderr) == (0, told)
    ids = [row["id"] for row in objects(result)]
    assert ids[:3] == ["<urn:uuid:2>", "<urn:uuid:3>", str(folder / "harbour.txt")]
    assert len(ids) == 3 + 18
    pattern = run("clean", folder / "**" / "*.*z", "--to", "jsonl")
    assert [row["id"] for row in objects(pattern)] == ids[:2]
    out = tmp_path / "out.parquet"
    assert run("clean", folder, "-o", out).exit_code == 0
    assert pq.read_table(out).schema.field("small").type == pa.int8()


@pytest.mark.parametrize(
    ("name", "options", "start"),
    [
        ("a.parquet", [], b"PAR1"),
        ("a.jsonl", [], b'{"id"'),
        ("a.ndjson", [], b'{"id"'),
        ("a.txt", [], b"Port Tamsin"),
        ("a.csv", [], b"id,text\n"),
        ("a.tsv", [], b"id\ttext\n"),
        ("a.html", ["--to", "csv"], b"id,text\n"),
        ("a", [], b"Port Tamsin"),
        ("a.parquet", ["--to", "jsonl"], b'{"id"'),
        ("a.jsonl", ["--to", "text"], b"Port Tamsin"),
        ("a.jsonl.gz", [], b"\x1f\x8b"),
        ("a.jsonl.zst", [], b"\x28\xb5\x2f\xfd"),
        ("a.json", [], b'{"id":'),
    ],
)
def test_the_ending_of_the_output_says_what_is_written(run, seeds, tmp_path, name, options, start):
    result = run("clean", seeds / "harbour.txt", "-o", tmp_path / name, *options)
    assert result.exit_code == 0
    assert (tmp_path / name).read_bytes().startswith(start)


@pytest.mark.parametrize(
    ("command", "name", "message"),
    [
        ("clean", "a.html", "html can't be written here; give -o another ending, or say"),
        ("clean", "a.xhtml.gz", "html can't be written here"),
        ("clean", "a.warc", "write with --to text, markdown, jsonl, csv,"),
        ("clean", "a.wet.zst", "warc can't be written here"),
        ("label", "a.csv", "csv can't be written here; give -o another ending, or say what to"),
        ("label", "a.txt", "write with --to jsonl, parquet or table"),
        ("label", "memory://a.tsv", "tsv can't be written here"),
        ("clean", "a.xlsx", "xlsx can't be written here; give -o another ending, or say"),
        ("label", "a.PDF", "pdf can't be written here"),
    ],
)
def test_an_ending_that_is_not_written_is_refused(run, seeds, tmp_path, command, name, message):
    output = name if "://" in name else tmp_path / name
    result = run(command, seeds / "harbour.txt", "-o", output)
    assert (result.exit_code, result.stdout, list(tmp_path.iterdir())) == (2, "", [])
    assert result.stderr.startswith(f"cleaner: {output}: ")
    assert message in result.stderr
    assert run(command, seeds / "harbour.txt", "-o", output, "--to", "jsonl").exit_code == 0


@pytest.mark.parametrize("options", [[], ["--to=jsonl"]])
@pytest.mark.parametrize("name", ["a.jsonl.bz2", "a.ZIP"])
def test_an_ending_of_what_is_not_packed_is_refused(run, seeds, tmp_path, name, options):
    result = run("label", seeds / "harbour.txt", "-o", tmp_path / name, *options)
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert f"{name}: nothing is packed as {name[-3:].lower()} here; take .gz or " in result.stderr


def test_labels_are_json_lines_where_the_ending_says_nothing(run, seeds, tmp_path):
    for name in ("a", "a.json", "a.labels"):
        run("label", seeds / "harbour.txt", "-o", tmp_path / name)
        assert json.loads((tmp_path / name).read_text())["paragraphs"]


def as_csv(rows: list[dict], delimiter: str = ",") -> str:
    sink = io.StringIO()
    writer = csv.DictWriter(
        sink, ["id", "text", "html"], extrasaction="ignore", delimiter=delimiter
    )
    writer.writeheader()
    writer.writerows(rows)
    return sink.getvalue()


@pytest.mark.parametrize(("ending", "delimiter"), [("csv", ","), ("tsv", "\t"), ("csv.gz", ",")])
def test_csv_in_and_out(run, rows, tmp_path, ending, delimiter):
    path, out = tmp_path / f"in.{ending}", tmp_path / f"out.{ending}"
    data = as_csv(rows, delimiter).encode()
    path.write_bytes(gzip.compress(data) if ending.endswith(".gz") else data)
    result = run("clean", path, "-o", out)
    assert (result.exit_code, result.output) == (0, "")
    cleaner = Cleaner()
    expected = [[row["id"], "", cleaner.clean(row["html"] or row["text"])] for row in rows]
    head = ["id", "text_original", "text"]
    with (gzip.open if ending.endswith(".gz") else open)(out, "rt", newline="") as file:
        assert list(csv.reader(file, delimiter=delimiter)) == [head, *expected]
    as_objects = objects(run("clean", path))
    assert [[row["id"], row["text_original"] or "", row["text"]] for row in as_objects] == expected
    piped = run("clean", "--from", ending[:3], "--to", "csv", stdin=path.read_bytes())
    with io.StringIO(piped.stdout, newline="") as file:
        assert list(csv.reader(file)) == [head, *expected]
    labelled = objects(run("label", path))
    assert [list(row) for row in labelled] == [["id", "text", "title", "paragraphs"]] * len(rows)
    assert run("run", path, "-o", tmp_path / "run", "--workers", 1).exit_code == 0
    with gzip.open(next((tmp_path / "run").glob("*.jsonl.gz"))) as file:
        assert [json.loads(line)["id"] for line in file] == [row["id"] for row in rows]


def test_parquet_as_csv_is_shown_as_in_json_lines(run, parquet):
    lines = objects(run("clean", parquet))
    table = run("clean", parquet, "--to", "csv").stdout
    with io.StringIO(table, newline="") as file:
        for row, line in zip(csv.DictReader(file), lines, strict=True):
            assert row.pop("price") == "1.20"
            line = {k: v for k, v in line.items() if k != "price"}
            assert list(row) == list(line)
            for field, value in line.items():
                plain = value is None or isinstance(value, str)
                shown = "" if value is None else value
                assert (row[field] if plain else json.loads(row[field])) == shown


def test_bad_rows_of_csv_are_told_with_their_lines(run, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('id,text\n1,"A\nline"\n2\n3,"never closed\n4,A line\n')
    result = run("clean", path)
    assert (result.exit_code, [row["id"] for row in objects(result)]) == (1, ["1", "4"])
    assert result.stderr.splitlines() == [
        f"cleaner: {path}:4: the row has 1 cells, and the columns are 2; a cell with a delimiter "
        "or a line break in it needs quotes",
        f"cleaner: {path}:5: a quote is not closed",
    ]
    path.write_text("id;body\n1;A line\n")
    result = run("clean", path, "-o", tmp_path / "out.csv")
    assert (result.exit_code, (tmp_path / "out.csv").exists()) == (1, False)
    told = f"cleaner: {path}: no field 'text', 'html' or 'markdown' (it has id;body)"
    assert result.stderr.startswith(told)


def test_pages_that_do_not_fit_the_columns_of_csv_are_told(run, tmp_path):
    rows = [{"text": "a"} for _ in range(20_000)] + [{"new": 1, "text": "b"}]
    (tmp_path / "in.jsonl").write_text(
        "".join(json.dumps({"x": "y" * 99} | r) + "\n" for r in rows)
    )
    result = run("clean", tmp_path / "in.jsonl", "-o", tmp_path / "out.csv")
    assert (result.exit_code, (tmp_path / "out.csv").exists()) == (1, False)
    assert result.stderr.startswith(
        "cleaner: the pages do not fit the columns of CSV (field 'new': it is not in the first"
    )


def test_urls_in_and_out(run, seeds):
    system = fsspec.filesystem("memory")
    system.put_file(str(seeds / "harbour.txt"), "/scraped/harbour.txt")
    result = run("clean", "memory://scraped", "-o", "memory://cleaned/out.jsonl.gz")
    assert (result.exit_code, result.output) == (0, "")
    row = json.loads(gzip.decompress(system.cat_file("/cleaned/out.jsonl.gz")))
    assert row["text"] + "\n" == run("clean", seeds / "harbour.txt").stdout
    result = run("clean", "memory://scraped/none.txt", "memory://nowhere/*.txt")
    assert result.exit_code == 1
    assert "memory://scraped/none.txt: no such file" in result.stderr
    assert "memory://nowhere/*.txt: no file matches" in result.stderr


def test_a_file_that_can_not_be_read_further_is_told_and_the_rest_goes_on(run, seeds, monkeypatch):
    def fail(*_):
        raise ConnectionError("the line is dead")

    fsspec.filesystem("memory").pipe_file("/a.txt", b"A line")
    monkeypatch.setattr(fsspec.implementations.memory.MemoryFile, "read1", fail)
    result = run("clean", "memory://a.txt", seeds / "harbour.txt")
    assert (result.exit_code, result.stderr) == (1, "cleaner: memory://a.txt: the line is dead\n")
    assert result.stdout == run("clean", seeds / "harbour.txt").stdout


def test_cut_and_broken_files_are_told_and_the_rest_goes_on(run, parquet, warc, seeds, tmp_path):
    for path in (parquet, warc):
        path.write_bytes(path.read_bytes()[:-100])
    packed = tmp_path / "page.txt.gz"
    packed.write_bytes(gzip.compress((seeds / "harbour.txt").read_bytes())[:2000])
    result = run("clean", "--to", "jsonl", parquet, warc, packed, seeds / "harbour.txt")
    assert result.exit_code == 1
    ids = [row["id"] for row in objects(result)]
    assert ids == ["<urn:uuid:2>", str(packed), str(seeds / "harbour.txt")]
    messages = result.stderr.splitlines()
    assert [message.split(": ")[1] for message in messages] == [
        str(path) for path in (parquet, warc, packed)
    ]
    assert f"no index of Parquet at byte {parquet.stat().st_size}, the end" in messages[0]
    assert f"the gzip data is cut off at byte {warc.stat().st_size};" in messages[1]
    assert "the gzip data is cut off at byte 2000;" in messages[2]


@pytest.mark.parametrize(
    ("module", "args", "message"),
    [
        ("pyarrow", ["a.parquet"], "Parquet needs pyarrow: pip install 'article-cleaner[parquet]'"),
        ("pyarrow", ["a.txt", "-o", "o.parquet"], "Parquet needs pyarrow: pip install"),
        (
            "fsspec.core",
            ["s3://a/b"],
            "s3://a/b needs fsspec: pip install 'article-cleaner[remote]'",
        ),
        (
            "backports",
            ["a.zst"],
            "zstd data needs backports.zstd: pip install 'article-cleaner[zst]'",
        ),
    ],
)
def test_a_missing_extra_is_named(run, tmp_path, monkeypatch, module, args, message):
    monkeypatch.chdir(tmp_path)
    for name, data in [("a.parquet", b"PAR1"), ("a.txt", b"A line"), ("a.warc", b"WARC/1.0")]:
        (tmp_path / name).write_bytes(data)
    (tmp_path / "a.zst").write_bytes(b"\x28\xb5\x2f\xfd")
    (tmp_path / "o.parquet").write_text("before")
    monkeypatch.setitem(sys.modules, module, None)
    if module == "backports":
        monkeypatch.setitem(sys.modules, "compression", None)
    result = run("clean", *args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert (tmp_path / "o.parquet").read_text() == "before"
    assert len(list(tmp_path.iterdir())) == 5


def test_fields_of_several_types_are_texts(run, tmp_path):
    out = tmp_path / "out.parquet"
    stdin = '{"text": "a", "n": 1}\n{"text": "b", "n": "two"}\n{"text": "c", "n": {"a": []}}\n'
    assert run("clean", "-o", out, stdin=stdin).exit_code == 0
    assert pq.read_table(out)["n"].to_pylist() == ["1", "two", '{"a":[]}']


def test_pages_that_fit_no_column_are_told_and_nothing_is_written(run, parquet, tmp_path):
    out, other = tmp_path / "out.parquet", tmp_path / "other.jsonl"
    other.write_text('{"text": "a", "another": 1}\n')
    before = {*tmp_path.iterdir()}
    result = run("clean", parquet, other, "-o", out)
    assert result.exit_code == 1
    assert result.stderr.startswith("cleaner: the pages do not fit the columns of Parquet (field")
    assert "'another'" in result.stderr
    assert {*tmp_path.iterdir()} == before


def test_where_no_page_is_left_the_columns_are(run, parquet, tmp_path):
    table = pq.read_table(parquet).slice(0, 0)
    empty = tmp_path / "empty.parquet"
    pq.write_table(table, empty)
    out = tmp_path / "out.parquet"
    assert run("clean", empty, "-o", out).exit_code == 0
    expected = [name for name in SCHEMA.names if name not in ("text", "html")]
    expected.insert(1, "text_original")
    assert pq.read_table(out).column_names == [*expected, "text"]
