"""Apache Spark: columns of clean texts and of labels, as pandas UDFs over Arrow batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from operator import or_

from cleaner.document import Document, LeftOut
from cleaner.errors import PageError, UsageError
from cleaner.integrations.cleaning import Cleaning, check_field, missing
from cleaner.metadata.fields import example
from cleaner.options import Options
from cleaner.pages import Kind

try:
    import pandas as pd
    from pyspark.sql import DataFrame
    from pyspark.sql.functions import col
    from pyspark.sql.pandas.functions import pandas_udf
    from pyspark.sql.types import BinaryType, StringType
except ImportError:
    raise missing("spark") from None

Batches = Callable[[Iterator[pd.Series]], Iterator[pd.DataFrame]]

_MADE = "_cleaner"
"""The column that holds what the UDF makes, until its fields are columns of their own."""


def clean_column(
    df: DataFrame,
    column: str,
    options: Options = Options(),
    *,
    text_field: str = "text",
    kind: Kind = "auto",
) -> DataFrame:
    """Add the clean text of the pages in `column`, of strings or of binary.

    Adds `text_field`, null where a page can't be read, and beside it `<text_field>_error`, which
    says why. A null is an empty page. With `only_articles` and `languages` the rows of other pages
    are left out.
    What `options.metadata` names are further columns, null for what is unknown.
    """
    check_field("text_field", text_field)
    cleaning = Cleaning(options, kind)
    names = tuple(cleaning.options.metadata)

    def clean(batches: Iterator[pd.Series]) -> Iterator[pd.DataFrame]:
        for pages in batches:
            rows = [(r.text, r.error, *r.metadata.values()) for r in cleaning.clean(pages)]
            yield pd.DataFrame(rows, columns=["text", "error", *names], dtype=object)

    fields = {text_field: "text", f"{text_field}_error": "error", **_same(names)}
    schema = ", ".join(["text string", "error string", *_types(names)])
    return _add(df, column, clean, schema, fields)


def label_column(
    df: DataFrame, column: str, options: Options = Options(), *, kind: Kind = "auto"
) -> DataFrame:
    """Add the labelled paragraphs of the pages in `column`, of strings or of binary.

    Adds `paragraphs`, an array of structs of `text`, `label` and `probability`; `is_article`, the
    probability that the page is an article at all; and `paragraphs_error`, which says why the
    others are null where a page can't be read. A null is an empty page. With `only_articles` and
    `languages` the rows of other pages are left out. All labels are there, whatever is to `keep`.
    What `options.metadata` names are further columns, null for what is unknown.
    """
    cleaning = Cleaning(options, kind)
    names = tuple(name for name in cleaning.options.metadata if name != "is_article")  # it is there
    columns = ["paragraphs", "is_article", "error", *names]

    def label(batches: Iterator[pd.Series]) -> Iterator[pd.DataFrame]:
        for pages in batches:
            rows = [
                _labelled(result, names, cleaning.options.keep) for result in cleaning.label(pages)
            ]
            yield pd.DataFrame(rows, columns=columns, dtype=object)

    paragraphs = "paragraphs array<struct<text: string, label: string, probability: float>>"
    schema = ", ".join([paragraphs, "is_article float", "error string", *_types(names)])
    fields = {**_same(["paragraphs", "is_article"]), "paragraphs_error": "error", **_same(names)}
    return _add(df, column, label, schema, fields)


def _same(names: Iterable[str]) -> dict[str, str]:
    return {name: name for name in names}


def _types(names: Iterable[str]) -> list[str]:
    """The columns of metadata as a schema has them."""
    types = {int: "int", float: "float", list: "array<string>", str: "string"}
    return [f"{name} {types[type(value)]}" for name, value in example(names).items()]


def _labelled(
    result: Document | PageError | LeftOut, names: tuple[str, ...], keep: Iterable[str]
) -> tuple[object, ...]:
    if not isinstance(result, Document):
        error = None if isinstance(result, LeftOut) else str(result)
        return None, None, error, *[None] * len(names)
    paragraphs = [
        {"text": p.text, "label": p.label, "probability": p.probability} for p in result.paragraphs
    ]
    return paragraphs, result.is_article, None, *result.metadata_of(names, keep).values()


def _add(
    df: DataFrame, column: str, make: Batches, schema: str, fields: dict[str, str]
) -> DataFrame:
    """Add the fields that `make` gives of a column under new names; leave out rows with none."""
    check_field("column", column)
    (given,) = df.select(column).schema
    if not isinstance(given.dataType, StringType | BinaryType):
        raise UsageError(
            f"the column {column!r} holds {given.dataType.simpleString()}; "
            "give one that holds the pages, as string or binary"
        )
    # Said to be nondeterministic: else Spark runs it once more for each column and filter on it.
    udf = pandas_udf(make, schema).asNondeterministic()  # type: ignore[call-overload]
    made = df.withColumn(_MADE, udf(col(column)))
    values = {name: col(f"{_MADE}.{field}") for name, field in fields.items()}
    some = reduce(or_, (value.isNotNull() for value in values.values()))
    return made.where(some).withColumns(values).drop(_MADE)
