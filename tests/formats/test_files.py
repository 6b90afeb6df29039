import os
import subprocess
import sys
import zipfile
from pathlib import Path

import fsspec
import pytest

from cleaner import Page, PageError, UsageError
from cleaner.formats import Found, expand, format_of, read_records

TREE = [
    "b.jsonl.gz",
    "a.txt",
    "notes.md",
    ".hidden.txt",
    "_SUCCESS",
    "2024/05/part-1.PARQUET",
    "2024/04/x.warc.gz",
    "2024/04/x.warc.wet.gz",
    "2024/.git/c.txt",
    "2024/page.htm.zst",
]
READ = [
    "2024/04/x.warc.gz",
    "2024/04/x.warc.wet.gz",
    "2024/05/part-1.PARQUET",
    "2024/page.htm.zst",
    "a.txt",
    "b.jsonl.gz",
]


@pytest.fixture
def tree(tmp_path) -> Path:
    for name in TREE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("A line")
    return tmp_path


@pytest.fixture
def remote():
    """The same tree behind a URL."""
    system = fsspec.filesystem("memory")
    for name in TREE:
        system.pipe_file(f"/crawl/{name}", b"A line")
    yield "memory://crawl"
    system.rm("/crawl", recursive=True)


def find(given: Path | str) -> list[Found]:
    def fail(error: OSError) -> None:
        raise error

    return list(expand(str(given), every=False, failed=fail, skipped=fail))


def test_a_folder_stands_for_the_files_below_it(tree, monkeypatch):
    assert find(tree) == [Found(str(tree / name), name) for name in READ]
    assert find(f"{tree}/") == [Found(f"{tree}/{name}", name) for name in READ]
    monkeypatch.chdir(tree)
    assert [f.relative for f in find(".")] == READ


@pytest.mark.parametrize(
    ("pattern", "relative"),
    [
        ("*", ["_SUCCESS", "a.txt", "b.jsonl.gz", "notes.md"]),
        ("*.t?t", ["a.txt"]),
        ("[ab].*", ["a.txt", "b.jsonl.gz"]),
        ("2024/*/x*", ["04/x.warc.gz", "04/x.warc.wet.gz"]),
        ("2024/04/*.warc.gz", ["x.warc.gz"]),
        ("**/*.gz", ["2024/04/x.warc.gz", "2024/04/x.warc.wet.gz", "b.jsonl.gz"]),
    ],
)
def test_a_pattern_stands_for_the_files_that_match(tree, monkeypatch, pattern, relative):
    root = tree / "2024" if pattern.startswith("2024/*/") else tree
    root = tree / "2024" / "04" if pattern.startswith("2024/04") else root
    assert find(tree / pattern) == [Found(str(root / name), name) for name in relative]
    monkeypatch.chdir(tree)
    assert [f.relative for f in find(pattern)] == relative


def test_a_file_stands_for_itself_whatever_it_is_called(tree):
    odd = tree / "what[1]*.dat"
    odd.write_text("A line")
    assert find(odd) == [Found(str(odd), "what[1]*.dat")]
    assert find(tree / "missing.txt") == [Found(str(tree / "missing.txt"), "missing.txt")]
    assert find("-") == [Found("-", "stdin")]


def test_where_nothing_is_found_it_is_told(tree):
    with pytest.raises(PageError, match="no file matches; check the pattern"):
        find(tree / "*.html")
    (tree / "empty").mkdir()
    (tree / "empty" / "notes.md").write_text("A line")
    with pytest.raises(PageError, match=r"no file in this folder ends in \.txt, .* \.gz or \.zst"):
        find(tree / "empty")


def test_a_folder_that_cannot_be_listed_is_told_and_the_rest_goes_on(tree, monkeypatch):
    list_folder = os.scandir

    def scandir(path):
        if str(path).endswith("05"):
            raise PermissionError(13, "Permission denied", path)
        return list_folder(path)

    monkeypatch.setattr(os, "scandir", scandir)
    failed = []
    found = [
        f.relative for f in expand(str(tree), every=False, failed=failed.append, skipped=print)
    ]
    assert found == [name for name in READ if "05" not in name]
    assert [error.filename for error in failed] == [str(tree / "2024" / "05")]


def test_the_same_behind_a_url(remote):
    assert [f.relative for f in find(remote)] == READ
    for found in find(f"{remote}/"):
        with fsspec.open(found.path) as file:
            assert file.read() == b"A line"
    assert [f.relative for f in find(f"{remote}/2024/*/x*")] == [
        "04/x.warc.gz",
        "04/x.warc.wet.gz",
    ]
    assert find(f"{remote}/a.txt") == [Found(f"{remote}/a.txt", "a.txt")]
    with pytest.raises(PageError, match="no file matches"):
        find(f"{remote}/*.html")
    fsspec.filesystem("memory").mkdir("/crawl/empty")
    with pytest.raises(PageError, match="no file in this folder"):
        find(f"{remote}/empty")


def test_the_files_of_an_archive(tree):
    with zipfile.ZipFile(tree / "a.zip", "w") as archive:
        archive.writestr("in/a.txt", "A line")
    (found,) = find(f"zip://*/*.txt::file://{tree}/a.zip")
    assert found.relative == "in/a.txt"
    assert [r.page for batch in read_records(found.path) for r in batch] == [
        Page(b"A line", "text")
    ]


@pytest.mark.parametrize(
    ("url", "relative"),
    [
        ("https://courier.example/a/news?id=[3]", "news"),
        ("HTTP://courier.example", "index"),
    ],
)
def test_a_web_page_is_no_pattern_and_no_folder(url, relative):
    assert find(url) == [Found(url, relative)]


@pytest.mark.parametrize(
    ("path", "format"),
    [
        ("a.txt", "text"),
        ("a.HTM", "html"),
        ("a.jsonl.GZ", "jsonl"),
        ("a.ndjson.zst", "jsonl"),
        ("a/CC-MAIN-1.warc.wet.gz", "warc"),
        ("s3://bucket/a.parquet", "parquet"),
        ("https://courier.example/a.html?page=2#top", "html"),
        ("https://courier.example/", None),
        ("a", None),
        ("a.gz", None),
        ("-", None),
    ],
)
def test_endings(path, format):
    assert format_of(path) == format


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nosuch://a/b.txt", "nosuch://a/b.txt: Protocol not known: nosuch"),
        ("oss://a/b.txt", "oss://a/b.txt: Install ossfs"),
    ],
)
def test_urls_that_no_package_opens_are_told(url, message):
    with pytest.raises(UsageError, match=message):
        find(url)


def test_urls_name_their_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(UsageError, match=r"s3://a needs fsspec: pip install 'cleaner\[remote\]'"):
        find("s3://a")


def test_nothing_of_an_extra_is_imported_before_it_is_used(tree):
    code = (
        "import sys; from cleaner.formats import *\n"
        f"rows = [[{{'text': 'A line'}}]]\n"
        f"write_file(encode_rows(rows, 'jsonl'), {str(tree / 'out.jsonl.gz')!r})\n"
        f"list(read_records({str(tree / 'out.jsonl.gz')!r}))\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    for package in ("pyarrow", "brotli", "fsspec", "backports"):
        assert f"'{package}'" not in result.stdout
