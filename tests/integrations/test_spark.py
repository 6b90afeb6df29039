import os
import runpy
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("pyspark", reason="needs the extra spark, which is not installed")
if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
    pytest.skip("needs Java 17, which is not here", allow_module_level=True)

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import Observation, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from cleaner import Cleaner, Options, UsageError
from cleaner.integrations.cleaning import Cleaning
from cleaner.integrations.spark import clean_column, label_column

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module", autouse=True)
def _stop_spark():
    yield
    if session := SparkSession.getActiveSession():
        session.stop()


@pytest.fixture
def spark(monkeypatch, tmp_path_factory):
    """Spark on two cores of this machine, its workers in this environment: one for all tests."""
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    return (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", 4)
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .config("spark.ui.enabled", False)
        .getOrCreate()
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory, pages, shop):
    rows = [{"id": p["id"], "page": p["html"] or p["text"]} for p in pages]
    rows += [{"id": "shop", "page": shop}, {"id": "null", "page": None}]
    for row in rows:
        row["raw"] = None if row["page"] is None else row["page"].encode()
    rows.append({"id": "pdf", "page": "", "raw": b"%PDF-1.7"})
    folder = tmp_path_factory.mktemp("parquet")
    for n in range(2):
        pq.write_table(pa.Table.from_pylist(rows[n::2]), folder / f"{n}.parquet")
    return folder


@pytest.fixture
def parquet(spark, folder):
    """The seeds, a shop, a null and a PDF in two files of Parquet: strings and binary."""
    return spark.read.parquet(str(folder))


def by_id(df):
    return {row["id"]: row for row in df.collect()}


@pytest.mark.parametrize("column", ["page", "raw"])
def test_the_text_is_that_of_the_command(parquet, expected, column):
    cleaned = clean_column(parquet, column)
    assert cleaned.columns == [*parquet.columns, "text", "text_error"]
    rows = by_id(cleaned)
    assert len(rows) == parquet.count()
    assert {name: rows[name]["text"] for name in expected} == expected
    assert rows["null"]["text"] == ""
    errors = {name: row["text_error"] for name, row in rows.items() if row["text_error"]}
    if column == "page":
        assert errors == {}
    else:
        assert "a PDF file" in errors.pop("pdf")
        assert errors == {}
        assert rows["pdf"]["text"] is None


def test_the_text_may_take_the_place_of_the_page(parquet, expected):
    rows = by_id(clean_column(parquet, "page", text_field="page"))
    assert {name: rows[name]["page"] for name in expected} == expected
    assert rows["shop"].asDict().keys() == {"id", "page", "raw", "page_error"}


def test_only_articles_leaves_out_rows_but_no_failure(parquet, expected):
    rows = by_id(clean_column(parquet, "raw", Options(only_articles=True)))
    assert not {"shop", "null"} & rows.keys()
    assert rows["pdf"]["text_error"]
    assert len(rows) >= len(expected)  # one of the seeds is a listing; the PDF is one more
    assert all(rows[name]["text"] == expected[name] for name in rows.keys() - {"pdf"})


def test_labels_are_those_of_the_cleaner(parquet, pages):
    labelled = label_column(parquet, "raw")
    assert labelled.columns == [*parquet.columns, "paragraphs", "is_article", "paragraphs_error"]
    rows = by_id(labelled)
    for page in pages:
        document = Cleaner().label(page["html"] or page["text"])
        found = rows[page["id"]]
        assert [(p.text, p.label) for p in found["paragraphs"]] == [
            (p.text, p.label) for p in document.paragraphs
        ]
        assert found["is_article"] == pytest.approx(document.is_article, abs=1e-3)
        assert found["paragraphs_error"] is None
        assert all(0 <= p.probability <= 1 for p in found["paragraphs"])
    assert rows["null"]["paragraphs"] == []
    assert rows["pdf"]["paragraphs"] is None
    assert "a PDF file" in rows["pdf"]["paragraphs_error"]
    stories = labelled.select("id", F.explode("paragraphs").alias("p")).where("p.label = 'article'")
    assert len({row["id"] for row in stories.collect()}) >= len(pages) - 1


def test_an_observation_counts_on_the_way(parquet, tmp_path):
    seen = Observation()
    counts = [F.count("*").alias("pages"), F.count("text_error").alias("unreadable")]
    clean_column(parquet, "raw").observe(seen, *counts).write.parquet(str(tmp_path / "out"))
    assert seen.get == {"pages": parquet.count(), "unreadable": 1}


def test_a_filter_on_the_text_runs_the_model_no_second_time(parquet, capsys):
    cleaned = clean_column(parquet, "page", Options(only_articles=True))
    cleaned.where("text != ''").select("text").explain()
    assert capsys.readouterr().out.count("ArrowEvalPython") == 1


def test_a_worker_loads_the_models_once(parquet):
    cleaning = Cleaning()

    @F.pandas_udf("string")
    def loads(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
        from cleaner.integrations.cleaning import _load

        for batch in batches:
            list(cleaning.clean(batch))
            yield pd.Series([f"{os.getpid()} {_load.cache_info().misses}"] * len(batch))

    loads_by_pid = {
        tuple(row["loads"].split())
        for _ in range(2)
        for row in parquet.select(loads("page").alias("loads")).collect()
    }
    assert {loads for _, loads in loads_by_pid} == {"1"}


def test_the_example(spark, expected, capsys):
    runpy.run_path(str(EXAMPLES / "spark_job.py"), run_name="__main__")  # in the JVM that runs
    printed = capsys.readouterr().out
    assert f"observatory.html\n\n{expected['observatory']}\n" in printed
    assert f"harbour.txt\n\n{expected['harbour']}\n" in printed


def test_wrong_use_is_told_on_the_driver(parquet):
    with pytest.raises(UsageError, match="unknown label 'story'"):
        clean_column(parquet, "page", Options(keep=["story"]))
    with pytest.raises(UsageError, match="the column 'n' holds int"):
        clean_column(parquet.withColumn("n", F.lit(1)), "n")


def test_metadata_are_columns(spark):
    page = (
        "<meta name=author content='Ada Lind'><meta property='article:tag' content='Harbour'>"
        "<h1>The gate</h1><p>It held back the tide."
    )
    pages = spark.createDataFrame([("known", page), ("pdf", "%PDF-1.7")], ["id", "page"])
    options = Options(metadata=["author", "tags"])
    for found in (clean_column(pages, "page", options), label_column(pages, "page", options)):
        rows = by_id(found)
        assert found.columns[-2:] == ["author", "tags"]
        assert (rows["known"]["author"], rows["known"]["tags"]) == ("Ada Lind", ["Harbour"])
        assert (rows["pdf"]["author"], rows["pdf"]["tags"]) == (None, None)
