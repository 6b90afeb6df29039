import os
import socket
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
    "notes.rst",
    ".hidden.txt",
    "_SUCCESS",
    "2024/05/part-1.PARQUET",
    "2024/04/x.warc.gz",
    "2024/04/x.warc.wet.gz",
    "2024/.git/c.txt",
    "2024/page.htm.zst",
    "2024/story",
    "2024/story.php?x=1&y=a.b",
    "pages.CSV.gz",
    "y.xhtml",
]
READ = [
    "2024/04/x.warc.gz",
    "2024/04/x.warc.wet.gz",
    "2024/05/part-1.PARQUET",
    "2024/page.htm.zst",
    "2024/story",
    "2024/story.php?x=1&y=a.b",
    "a.txt",
    "b.jsonl.gz",
    "pages.CSV.gz",
    "y.xhtml",
]
SKIPPED = ["_SUCCESS", "notes.rst"]


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


def fail(error: object) -> None:
    raise AssertionError(error)


def find(given: Path | str, every: bool = False, skipped: list[str] | None = None) -> list[Found]:
    tell = print if skipped is None else skipped.append
    return list(expand(str(given), every=every, failed=fail, skipped=tell))


def test_a_folder_stands_for_the_files_below_it(tree, monkeypatch):
    skipped = []
    assert find(tree, skipped=skipped) == [Found(str(tree / name), name) for name in READ]
    assert skipped == [str(tree / name) for name in SKIPPED]
    assert find(f"{tree}/") == [Found(f"{tree}/{name}", name) for name in READ]
    monkeypatch.chdir(tree)
    assert [f.relative for f in find(".")] == READ


def test_every_file_of_a_folder_is_found_where_the_format_is_known(tree):
    skipped = []
    found = find(tree, every=True, skipped=skipped)
    assert ([f.relative for f in found], skipped) == (sorted([*READ, *SKIPPED]), [])


def test_what_is_no_file_is_skipped_and_told(tree, monkeypatch):
    (tree / "2024" / "up").symlink_to("..")
    (tree / "2024" / "zero.txt").symlink_to("/dev/zero")
    (tree / "linked.txt").symlink_to(tree / "a.txt")
    (tree / ".hidden_link").symlink_to("nowhere")
    os.mkfifo(tree / "pipe.txt")
    monkeypatch.chdir(tree)  # the name of a socket is at most 108 bytes
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.txt")
    odd = ["2024/up", "2024/zero.txt", "pipe.txt", "socket.txt"]
    for given, read, left_out in [
        (tree, [*READ, "linked.txt"], [*SKIPPED, *odd]),
        (f"{tree}/**", [*READ, *SKIPPED, "linked.txt"], odd),
        (f"{tree}/*", [n for n in [*READ, *SKIPPED, "linked.txt"] if "/" not in n], ["2024", *odd]),
    ]:
        skipped = []
        assert [f.relative for f in find(given, skipped=skipped)] == sorted(read)
        if str(given).endswith("/*"):
            left_out = [name for name in left_out if "/" not in name]
        assert sorted(skipped) == sorted(str(tree / name) for name in left_out)
    # The same through fsspec, which sees a link only where it is asked about it.
    skipped = []
    assert [f.relative for f in find(f"file://{tree}", skipped=skipped)] == sorted(
        [*READ, "linked.txt"]
    )
    assert sorted(skipped) == sorted(f"file://{tree / name}" for name in [*SKIPPED, *odd])


@pytest.mark.parametrize("given", ["{}", "{}/*.txt", "{}/**/*.txt", "file://{}"])
def test_a_link_that_leads_nowhere_is_told(tmp_path, given):
    (tmp_path / "a.txt").write_text("A line")
    (tmp_path / "broken.txt").symlink_to("nowhere")
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    failed = []
    given = given.format(tmp_path)
    found = expand(given, every=False, failed=failed.append, skipped=fail)
    assert [f.relative for f in found] == ["a.txt"]
    assert len(failed) == 2


def test_links_in_circles_and_deep_folders_end(tmp_path):
    deep = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1050):  # more than Python goes down by itself
        os.mkdir("d", dir_fd=deep)
        below = os.open("d", os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = below
    os.close(deep)
    for name in "abc":
        (tmp_path / name).symlink_to(".")
    (tmp_path / "page.txt").write_text("A line")
    code = (
        "import sys; from cleaner.formats import expand\n"
        "for given in sys.argv[1:]:\n"
        "    found = expand(given, every=False, failed=print, skipped=lambda path: None)\n"
        "    print([f.relative for f in found])"
    )
    given = [str(tmp_path), f"{tmp_path}/**/*.txt", f"{tmp_path}/**/**/*.txt"]
    try:
        result = subprocess.run(
            [sys.executable, "-c", code, *given], capture_output=True, text=True, timeout=60
        )
    finally:
        subprocess.run(["rm", "-r", tmp_path / "d"], check=True)  # too deep for pytest
    assert result.stdout.splitlines() == ["['page.txt']"] * 3


@pytest.mark.parametrize("name", [b"caf\xe9.txt", b"a\nb.txt", b"\x1b[2J.txt", b"what?.txt"])
def test_names_may_be_any_bytes(tmp_path, name):
    with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
        file.write(b"A line")
    for given in (tmp_path, tmp_path / "*"):
        (found,) = find(given)
        assert os.fsencode(found.relative) == name
        assert [r.page for batch in read_records(found.path) for r in batch] == [
            Page(b"A line", "text")
        ]


@pytest.mark.parametrize(
    ("pattern", "relative"),
    [
        ("*", ["_SUCCESS", "a.txt", "b.jsonl.gz", "notes.rst", "pages.CSV.gz", "y.xhtml"]),
        ("*.t?t", ["a.txt"]),
        ("[ab].*", ["a.txt", "b.jsonl.gz"]),
        ("2024/*/x*", ["04/x.warc.gz", "04/x.warc.wet.gz"]),
        ("2024/04/*.warc.gz", ["x.warc.gz"]),
        (
            "**/*.gz",
            ["2024/04/x.warc.gz", "2024/04/x.warc.wet.gz", "b.jsonl.gz", "pages.CSV.gz"],
        ),
        ("**/04/**", ["2024/04/x.warc.gz", "2024/04/x.warc.wet.gz"]),
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
    with pytest.raises(PageError, match=r"no file in this folder .*, or in nothing; --from"):
        find(tree / "empty")
    for name in ("notes.rst", "b.pdf"):
        (tree / "empty" / name).write_text("A line")
    with pytest.raises(PageError, match=r"ends in \.txt, .* \.gz or \.zst.* \(2 skipped\); --from"):
        find(tree / "empty")
    os.mkfifo(tree / "empty" / "c.txt")
    with pytest.raises(PageError, match=r"no file matches \(1 skipped\); check the pattern"):
        find(tree / "empty" / "[c]*")
    for name in ("notes.rst", "b.pdf"):
        (tree / "empty" / name).unlink()
    with pytest.raises(PageError, match=r"no file in this folder can be read \(1 skipped\)"):
        find(tree / "empty", every=True)


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
    skipped = []
    assert [f.relative for f in find(remote, skipped=skipped)] == READ
    assert skipped == [f"memory:///crawl/{name}" for name in SKIPPED]
    assert [f.relative for f in find(remote, every=True)] == sorted([*READ, *SKIPPED])
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
        ("https://courier.example/a.csv?next=http://b/c.txt", "csv"),
        ("zip://in/a.tsv::s3://bucket/a.zip", "tsv"),
        ("a.XHTML", "html"),
        ("a/b.shtml", "html"),
        ("index.html?id=3", "html"),
        ("a?b/index.htm.gz?y=a.b", "html"),
        ("story.php", None),
        ("story.php?x=1&y=a.b", None),
        ("story?y=a.b", None),
        ("Who is Mr. Smith?.txt", "text"),
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
    with pytest.raises(
        UsageError, match=r"s3://a needs fsspec: pip install 'article-cleaner\[remote\]'"
    ):
        find("s3://a")
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "s3fs", None)
    loaded = sys.modules["fsspec.registry"]._registry
    monkeypatch.delitem(loaded, "s3", raising=False)
    with pytest.raises(UsageError, match=r"s3://a needs s3fs: pip install 'article-cleaner\[s3\]'"):
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
