import importlib
import pickle
import shutil
import sys
from dataclasses import replace

import numpy as np
import pytest

from cleaner import LABELS, ModelError, Options, Page, PageError, UsageError
from cleaner.integrations.cleaning import Cleaned, Cleaning, choose_page, put_metadata
from cleaner.pages import split_page


def test_a_batch_comes_out_in_order_whatever_is_in_it(pages, expected, shop):
    batch = [pages[0]["text"], b"%PDF-1.7", None, 7, shop, Page("<p>One</p>", "html"), "Two"]
    results = list(Cleaning().clean(batch))
    assert len(results) == len(batch)
    assert results[0] == Cleaned(expected[pages[0]["id"]], None)
    assert "a PDF file" in results[1].error
    assert results[2] == Cleaned("", None)
    assert "of type int" in results[3].error
    assert [r.text is None for r in results] == [False, True, False, True, False, False, False]
    assert not any(r.left_out for r in results)


def test_pages_that_are_no_articles_are_left_out_and_failures_are_not(pages, shop):
    batch = [pages[0]["text"], b"%PDF-1.7", None, shop]
    results = list(Cleaning(Options(only_articles=True)).clean(batch))
    assert [r.left_out for r in results] == [None, None, "no article", "no article"]
    assert results[1].error


def test_pages_of_other_languages_are_left_out(pages):
    texts = {page["id"]: page["text"] for page in pages}
    batch = [texts["werft"], texts["harbour"], b"%PDF-1.7", None]
    results = list(Cleaning(Options(languages=["de"])).clean(batch))
    assert [r.left_out for r in results] == [None, "other language", None, "other language"]
    assert results[2].error


def test_options_are_those_of_the_command(pages):
    text = next(row["text"] for row in pages if row["id"] == "harbour")
    (usual,) = Cleaning().clean([text])
    (strict,) = Cleaning(Options(precision=0.8)).clean([text])
    (captions,) = Cleaning(Options(keep=["caption"])).clean([text])
    assert len(strict.text) < len(usual.text)
    assert "Photo: Dev Marlowe" in captions.text
    assert "Photo: Dev Marlowe" not in usual.text
    (as_text,) = Cleaning(Options(keep=LABELS), "text").clean(["<p>A</p>"])
    assert as_text.text == "<p>A</p>"


def test_markdown_is_that_of_the_page_and_its_url():
    page = "<h1>One</h1><p>Two <a href=/x>three</a></p><ul><li>four</ul>"
    options = Options(keep=LABELS, format="markdown")
    (found,) = Cleaning(options).clean([choose_page(None, page, "https://e.example/a")])
    assert found.text == "# One\n\nTwo [three](https://e.example/x)\n\n- four"
    (found,) = Cleaning(options).clean([choose_page(None, page, float("nan"))])
    assert "[three](/x)" in found.text
    (found,) = Cleaning(replace(options, metadata=["language"])).clean([page])
    assert found.text.startswith("# One")
    assert [*found.metadata] == ["language"]
    (found,) = Cleaning(Options(keep=LABELS, structure=True)).clean([page])
    assert found.text == "One\n\nTwo three\n\n- four"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"options": {"precision": 0.8}}, r"options is \{.*\}: give cleaner.Options"),
        ({"options": Options(models="nowhere")}, "no models folder 'nowhere'"),
        ({"kind": "pdf"}, "unknown kind 'pdf'"),
        ({"kind": None}, "unknown kind None"),
    ],
)
def test_wrong_options_are_told_before_any_page(options, message):
    with pytest.raises(UsageError, match=message):
        Cleaning(**options)


def test_what_is_sent_to_workers_is_small_and_loads_the_models_once(tmp_path, seeds, pages):
    models = shutil.copytree(seeds.parent / "models", tmp_path / "models")
    sent = pickle.dumps(Cleaning(Options(models=models), "text"))
    assert len(sent) < 1000
    first = list(pickle.loads(sent).clean([pages[0]["text"]]))
    (models / "text" / "weights.safetensors").unlink()
    assert list(pickle.loads(sent).clean([pages[0]["text"]])) == first
    (models / "html" / "weights.safetensors").write_bytes(b"")
    with pytest.raises(ModelError):  # it was not read before a page of its kind came
        list(Cleaning(Options(models=models), "html").clean(["<p>One</p>"]))


def test_the_html_is_taken_unless_it_is_empty():
    assert choose_page("a", "<p>b") == Page("<p>b", "html")
    assert choose_page("a", "") == choose_page("a", None) == Page("a", "text")
    assert choose_page("a", "", None, "# b") == Page("# b", "markdown")
    assert choose_page("a", "<p>b", None, "# b") == Page("<p>b", "html")
    assert choose_page("a", None, None, {"raw": "# b"}) == Page("a", "text")
    assert choose_page(None, None) == Page("", "text")
    for odd in (["<p>b"], np.array(["<p>b", "c"])):
        error = choose_page("a", odd)
        assert isinstance(error, PageError)
        assert f"of type {type(odd).__name__}" in str(error)


def test_nulls_of_pandas_are_empty():
    pandas = pytest.importorskip("pandas", reason="needs pandas, which is not installed")
    for null in (float("nan"), pandas.NA):
        assert choose_page("a", null) == Page("a", "text")
        assert choose_page(null, null) == Page("", "text")


def test_any_error_of_a_page_is_that_of_its_row(monkeypatch):
    def split(page):
        if "ERROR" in page.source:
            raise LookupError("no \ud800 thing")
        return split_page(page)

    monkeypatch.setattr("cleaner.cleaner.split_page", split)
    results = list(Cleaning(Options(keep=LABELS)).clean(["One", "ERROR", "Two"]))
    assert results == [
        Cleaned("One", None),
        Cleaned(None, "can't be labelled (LookupError: no \\ud800 thing); please report this page"),
        Cleaned("Two", None),
    ]


@pytest.mark.parametrize(
    ("extra", "package"),
    [
        ("datatrove", "datatrove.data"),
        ("ray", "pyarrow"),
        ("scrapy", "itemadapter"),
        ("spark", "pyspark.sql"),
    ],
)
def test_a_missing_framework_is_told_with_its_extra(monkeypatch, extra, package):
    monkeypatch.delitem(sys.modules, f"cleaner.integrations.{extra}", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=rf"pip install 'article-cleaner\[{extra}\]'"):
        importlib.import_module(f"cleaner.integrations.{extra}")


def test_metadata_come_along_where_they_are_asked_for():
    page = "<meta name=author content='Ada Lind'><h1>The gate</h1><p>It held back the tide."
    cleaning = Cleaning(Options(metadata=["tags", "author"]), "html")
    known, failed = cleaning.clean([page, b"%PDF-1.7"])
    assert known.metadata == {"author": "Ada Lind", "tags": None}
    assert failed.metadata == {"author": None, "tags": None}
    (usual,) = Cleaning().clean([page])
    assert usual.metadata == {}


def test_what_is_unknown_leaves_a_field_as_it_is():
    fields = {"date": "fetched", "url": "u"}
    put_metadata(fields, {"date": None, "url": "v", "author": None})
    assert fields == {"date": "fetched", "url": "v", "author": None}
