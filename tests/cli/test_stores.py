"""Files in S3, in a server of the tests' own, and on the web."""

import gzip
import json
import logging
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

pytest.importorskip("moto", reason="needs moto, which is not installed")
pytest.importorskip("s3fs", reason="needs s3fs, which is not installed")

import boto3
import requests
from moto.server import ThreadedMotoServer
from s3fs import S3FileSystem

from cleaner import LABELS

STORY = "<h1>The gate</h1><p>It held back the tide for a hundred and forty years, until it did not."
KEYS = {
    "crawl/": b"",  # as consoles make folders
    "crawl/2024/": b"",
    "crawl/2024/a b?.html": STORY.encode(),
    "crawl/2024/c[1].txt": b"It rained for a day, and then for another one, on all of the harbour.",
    "crawl/.hidden.txt": b"A line",
    "crawl/_SUCCESS": b"",
    "crawl/notes.rst": b"A line",
}
READ = ["crawl/2024/a b?.html", "crawl/2024/c[1].txt"]


@pytest.fixture(scope="module")
def store():
    """A client of S3 with a bucket `news`, whose credentials are those of the environment."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        client = boto3.client("s3")
        client.create_bucket(Bucket="news")
        rows = [{"id": 1, "html": STORY}, {"id": 2, "text": "A line of a story"}]
        packed = gzip.compress("\n".join(map(json.dumps, rows)).encode())
        for key, body in {**KEYS, "in.jsonl.gz": packed}.items():
            client.put_object(Bucket="news", Key=key, Body=body)
        yield client
    server.stop()


@pytest.fixture
def bucket(store):
    """What the bucket holds, read anew at each call."""

    def read() -> dict[str, bytes]:
        listed = store.list_objects_v2(Bucket="news")["Contents"]
        keys = [one["Key"] for one in listed]
        return {key: store.get_object(Bucket="news", Key=key)["Body"].read() for key in keys}

    S3FileSystem.clear_instance_cache()  # of the listings and the credentials before
    return read


@contextmanager
def no_key_is_known(store):
    """Have the store refuse whoever comes, as it does with a wrong key."""
    control = f"{store.meta.endpoint_url}/moto-api/reset-auth"
    requests.post(control, data="0")
    try:
        yield
    finally:
        requests.post(control, data="1000000")


def rows_of(data: bytes | str) -> list[dict]:
    return [json.loads(line) for line in data.splitlines()]


def test_clean_from_s3_to_s3(run, bucket):
    expected = rows_of(run("clean", stdin=gzip.decompress(bucket()["in.jsonl.gz"])).stdout)
    run("clean", "s3://news/in.jsonl.gz", "-o", "s3://news/out/clean.jsonl.gz")
    assert rows_of(gzip.decompress(bucket()["out/clean.jsonl.gz"])) == expected
    run("clean", "s3://news/in.jsonl.gz", "-o", "s3://news/out/clean.parquet", "--workers", 2)
    again = run("clean", "s3://news/out/clean.parquet", "--to", "jsonl", "--keep", ",".join(LABELS))
    assert rows_of(again.stdout) == expected


@pytest.mark.parametrize("given", ["crawl/", "crawl", "crawl/*/*", "crawl/**"])
def test_a_folder_and_a_pattern_are_the_pages_and_no_more(run, bucket, given):
    ran = run("clean", f"s3://news/{given}", "--to", "jsonl")
    found = [row["id"].removeprefix("s3://news/") for row in rows_of(ran.stdout)]
    assert found == [*READ, *(["crawl/_SUCCESS", "crawl/notes.rst"] if "**" in given else [])]


def test_a_run_over_s3(run, bucket, tmp_path):
    args = ["run", "s3://news/crawl/", "s3://news/in.jsonl.gz", "-o", tmp_path / "out"]
    run(*args, "--workers", 2, "--summary", "s3://news/about.json")
    assert json.loads(bucket()["about.json"])["pages"]["in"] == 4
    made = tmp_path / "out" / "2024" / "pages-00000.jsonl.gz"
    assert [row["id"] for row in rows_of(gzip.decompress(made.read_bytes()))] == [
        f"s3://news/{key}" for key in READ
    ]
    before = made.stat().st_mtime_ns
    run(*args)
    assert made.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("args", "status", "message"),
    [
        (["clean", "s3://news/gone.txt"], 1, "s3://news/gone.txt: no such file or folder; check"),
        (["clean", "s3://news/gone/"], 1, "s3://news/gone/: no such file or folder; check"),
        (["clean", "s3://gone/a.txt"], 1, "s3://gone/a.txt: no such file or folder; check"),
        (["clean", "s3://gone"], 1, "s3://gone: no such file or folder; check"),
        (["clean", "s3://news/*.html"], 1, "s3://news/*.html: no file matches"),
        (["run", "s3://news/gone.txt", "-o", "{}/out"], 2, "gone.txt: no such file or folder"),
        (["run", "s3://gone/", "-o", "{}/out"], 2, "s3://gone/: no such file or folder"),
        (["run", "s3://news/in.jsonl.gz", "-o", "s3://news/out"], 2, "needs a folder of this"),
        (
            ["run", "s3://news/in.jsonl.gz", "-o", "{}/out", "--summary", "s3://gone/about.json"],
            2,
            "s3://gone/about.json: can't be written (there is no gone)",
        ),
        (
            ["clean", "s3://news/in.jsonl.gz", "-o", "s3://gone/out.jsonl"],
            2,
            "s3://gone/out.jsonl: can't be written (there is no gone)",
        ),
        (["clean", "s3://news/in.jsonl.gz", "-o", "s3://news"], 2, "s3://news: names no file"),
        (["clean", "s3://news/crawl", "-o", "s3://news/crawl/"], 2, "is a folder"),
        (
            ["clean", "s3://news/in.jsonl.gz", "-o", "s3a://news/in.jsonl.gz"],
            2,
            "s3a://news/in.jsonl.gz: is one of the files that are read",
        ),
    ],
)
def test_what_is_not_there_is_told_in_one_line(run, bucket, tmp_path, args, status, message):
    before = bucket()
    ran = run(*(arg.format(tmp_path) for arg in args))
    assert ran.exit_code == status
    (told,) = ran.stderr.splitlines()
    assert message in told
    assert bucket() == before
    assert not (tmp_path / "out").exists()


def test_wrong_credentials_are_told_in_one_line(run, store, bucket, tmp_path):
    denied = "permission denied; check the credentials, and what they may read"
    with no_key_is_known(store):
        for given in ("s3://news/in.jsonl.gz", "s3://news/crawl/", "s3://news/*"):
            ran = run("clean", given)
            assert (ran.exit_code, ran.stderr) == (1, f"cleaner: {given}: {denied}\n")
            ran = run("run", given, "-o", tmp_path / "out")
            assert (ran.exit_code, ran.stderr) == (2, f"cleaner: {given}: {denied}\n")
        ran = run("clean", "-o", "s3://news/out.txt", stdin="A line of a story")
        assert ran.exit_code == 1
        (told,) = ran.stderr.splitlines()
        assert told.startswith("cleaner: s3://news/out.txt: can't be written (")
        assert "Access Key" in told
    assert "out.txt" not in bucket()
    assert not (tmp_path / "out").exists()


def test_no_credentials_are_told_before_the_work(run, bucket, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    S3FileSystem.clear_instance_cache()
    for args, status in (
        (["clean", "s3://news/in.jsonl.gz"], 1),
        (["run", "s3://news/crawl/", "-o", tmp_path / "out"], 2),
        (["clean", "-o", "s3://news/out.txt"], 2),
    ):
        ran = run(*args, stdin="A line of a story")
        assert ran.exit_code == status
        (told,) = ran.stderr.splitlines()
        assert "NoCredentialsError: Unable to locate credentials" in told


@pytest.fixture
def web():
    """A server of the web: `sent` has what was put to it."""
    pytest.importorskip("aiohttp", reason="needs aiohttp, which is not installed")
    sent = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def do_GET(self):
            found = {"/a": (200, STORY.encode()), "/locked": (403, b"")}
            self.answer(*found.get(self.path, (404, b"")))

        do_HEAD = do_GET  # noqa: N815

        def do_PUT(self):
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            if self.path == "/locked":
                self.answer(403)
            else:
                sent[self.path] = body
                self.answer(201)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        server.sent = sent
        server.url = f"http://127.0.0.1:{server.server_port}"
        yield server
        server.shutdown()


def test_pages_of_the_web(run, web):
    text = run("clean", f"{web.url}/a").stdout
    assert "The gate" in text
    for path, status, message in (("gone", 1, "404"), ("locked", 1, "403")):
        ran = run("clean", f"{web.url}/{path}")
        assert ran.exit_code == status
        (told,) = ran.stderr.splitlines()
        assert told.startswith(f"cleaner: {web.url}/{path}: ")
        assert message in told
    ran = run("clean", "http://127.0.0.1:1/a")  # where nobody listens
    assert ran.exit_code == 1
    assert "no such file" not in ran.stderr
    assert "127.0.0.1" in ran.stderr.removeprefix("cleaner: http://127.0.0.1:1/a")
    run("clean", f"{web.url}/a", "-o", f"{web.url}/out.txt")
    assert web.sent == {"/out.txt": text.encode()}
    ran = run("clean", f"{web.url}/a", "-o", f"{web.url}/locked")
    assert ran.exit_code == 1
    (told,) = ran.stderr.splitlines()
    assert f"{web.url}/locked: can't be written (" in told


def test_a_file_of_this_machine_by_its_url(run, tmp_path):
    page, out = tmp_path / "page.txt", tmp_path / "out.txt"
    page.write_text("A line of a story")
    out.write_text("before")
    ran = run("clean", f"file://{tmp_path}/gone.txt", "-o", f"file://{out}")
    assert ran.exit_code == 1
    assert (
        ran.stderr
        == f"cleaner: file://{tmp_path}/gone.txt: no such file or folder; check the name\n"
    )
    assert out.read_text() == "before"
    ran = run("clean", page, "-o", f"file://{tmp_path}/none/out.txt")
    assert ran.exit_code == 2
    ran = run("clean", page, "-o", f"file://{page}")
    assert ran.exit_code == 2
    out.chmod(0o640)
    run("clean", page, "-o", f"file://{out}", "--keep", "headline,article,boilerplate")
    assert out.read_text() != "before"
    assert out.stat().st_mode & 0o777 == 0o640  # as of any file, in whose place one comes
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.txt", "page.txt"]
