import gzip
import json

import pytest

pytest.importorskip("datatrove", reason="needs the extra datatrove, which is not installed")

from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

from cleaner import LABELS, Options, UsageError
from cleaner.integrations.datatrove import NewsCleaner


def rows(folder):
    return [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl.gz"))
        for line in gzip.decompress(path.read_bytes()).decode().splitlines()
    ]


def stats(folder):
    (step,) = [s for s in json.loads((folder / "stats.json").read_text()) if "cleaner" in s["name"]]
    return {name: s if isinstance(s, int) else s["total"] for name, s in step["stats"].items()}


def test_two_workers_write_the_same_as_the_command_and_exclude_the_rest(
    tmp_path, pages, expected, shop
):
    given = [{"id": p["id"], "url": p["url"], "page": p["html"] or p["text"]} for p in pages]
    given += [{"id": "shop", "page": shop}, {"id": "blank", "page": "<html><p></p></html>"}]
    (tmp_path / "in").mkdir()
    for n in range(2):
        lines = "".join(json.dumps(row) + "\n" for row in given[n::2])
        (tmp_path / "in" / f"{n}.jsonl").write_text(lines)
    LocalPipelineExecutor(
        [
            JsonlReader(str(tmp_path / "in"), text_key="page"),
            NewsCleaner(
                JsonlWriter(str(tmp_path / "dropped")), Options(only_articles=True), batch_size=4
            ),
            JsonlWriter(str(tmp_path / "out")),
        ],
        tasks=2,
        workers=2,
        logging_dir=str(tmp_path / "logs"),
    ).run()
    kept, dropped = rows(tmp_path / "out"), rows(tmp_path / "dropped")
    assert {row["id"] for row in dropped} >= {"shop", "blank"}
    assert {row["id"] for row in kept + dropped} == {row["id"] for row in given}
    assert all(row["text"] == expected[row["id"]] for row in kept)
    assert len(kept) >= len(pages) - 1  # one of the seeds is a listing
    for row in dropped:
        assert row["metadata"]["filter_reason"] == "no_article"
        assert row["text"] == next(g["page"] for g in given if g["id"] == row["id"])
    counted = stats(tmp_path / "logs")
    assert counted["total"] == len(given)
    assert counted["forwarded"] == len(kept)
    assert counted["dropped"] == counted["dropped_no_article"] == len(dropped)


def test_documents_of_other_languages_are_dropped(pages):
    step = NewsCleaner(options=Options(languages=["de"]))
    given = [Document(page["html"] or page["text"], page["id"]) for page in pages]
    found = dict(zip([page["id"] for page in pages], step.filter_batch(given), strict=True))
    assert found.pop("werft") is found.pop("glockenturm") is True
    assert set(found.values()) == {(False, "other_language")}


def test_documents_without_a_text_are_dropped_and_counted(pages, expected):
    story = pages[0]
    step = NewsCleaner()
    unreadable = Document(b"%PDF-1.7", "pdf")
    given = [
        Document("<html><p></p></html>", "blank"),
        unreadable,
        Document(story["text"], "story"),
    ]
    (document,) = step(given)
    assert (document.id, document.text) == ("story", expected[story["id"]])
    assert "a PDF file" in unreadable.metadata["text_error"]
    counted = {name: stat.total for name, stat in step.stats.stats.items()}
    assert counted["dropped_no_text"] == counted["dropped_unreadable"] == 1
    assert counted["forwarded"] == 1


def test_one_document_is_cleaned_like_many(pages, expected):
    document = Document(pages[0]["text"], "story")
    assert NewsCleaner(batch_size=1).filter(document) is True
    assert document.text == expected[pages[0]["id"]]


def test_wrong_options_are_told_before_any_page():
    for size in (0, None, "10"):
        with pytest.raises(UsageError, match=r"batch_size is .* give a whole number from 1 on"):
            NewsCleaner(batch_size=size)
    with pytest.raises(UsageError, match="unknown kind 'pdf'"):
        NewsCleaner(kind="pdf")


def test_metadata_go_to_those_of_the_document():
    page = "<meta name=author content='Ada Lind'><h1>The gate holds</h1><p>It held back the tide."
    document = Document(page, "gate", metadata={"date": "fetched", "author": "someone"})
    step = NewsCleaner(options=Options(keep=LABELS, metadata=["author", "date", "tags"]))
    assert step.filter(document) is True
    assert document.metadata == {"date": "fetched", "author": "Ada Lind", "tags": None}


def test_options_in_the_place_of_a_writer_are_told():
    with pytest.raises(UsageError, match="exclusion_writer is Options"):
        NewsCleaner(Options(precision=0.7))
