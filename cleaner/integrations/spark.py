"""Apache Spark: columns of clean texts and of labels, as pandas UDFs over Arrow batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from operator import or_

from cleaner.document import Document
from cleaner.errors import PageError, UsageError
from cleaner.integrations.cleaning import Cleaning, check_field, missing
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
    says why. A null is an empty page. With `only_articles` the rows of other pages are left out.
    """
    check_field("text_field", text_field)
    cleaning = Cleaning(options, kind)

    def clean(batches: Iterator[pd.Series]) -> Iterator[pd.DataFrame]:
        for pages in batches:
            rows = [(result.text, result.error) for result in cleaning.clean(pages)]
            yield pd.DataFrame(rows, columns=["text", "error"], dtype=object)

    fields = {text_field: "text", f"{text_field}_error": "error"}
    return _add(df, column, clean, "text string, error string", fields)


def label_column(
    df: DataFrame, column: str, options: Options = Options(), *, kind: Kind = "auto"
) -> DataFrame:
    """Add the labelled paragraphs of the pages in `column`, of strings or of binary.

    Adds `paragraphs`, an array of structs of `text`, `label` and `probability`; `is_article`, the
    probability that the page is an article at all; and `paragraphs_error`, which says why the
    others are null where a page can't be read. A null is an empty page. With `only_articles` the
    rows of other pages are left out. All labels are there, whatever is to `keep`.
    """
    cleaning = Cleaning(options, kind)

    def label(batches: Iterator[pd.Series]) -> Iterator[pd.DataFrame]:
        for pages in batches:
            rows = [_labelled(result) for result in cleaning.label(pages)]
            yield pd.DataFrame(rows, columns=["paragraphs", "is_article", "error"], dtype=object)

    schema = (
        "paragraphs array<struct<text: string, label: string, probability: float>>, "
        "is_article float, error string"
    )
    fields = {"paragraphs": "paragraphs", "is_article": "is_article", "paragraphs_error": "error"}
    return _add(df, column, label, schema, fields)


def _labelled(result: Document | PageError | None) -> tuple[object, object, object]:
    if not isinstance(result, Document):
        return None, None, None if result is None else str(result)
    paragraphs = [
        {"text": p.text, "label": p.label, "probability": p.probability} for p in result.paragraphs
    ]
    return paragraphs, result.is_article, None


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
