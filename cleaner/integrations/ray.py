"""Ray Data: a class for `map_batches`, of which each actor makes one and loads the models once."""

from __future__ import annotations

from typing import Any

import numpy as np

from cleaner.errors import UsageError
from cleaner.integrations.cleaning import ColumnCleaning, missing
from cleaner.metadata import FIGURES

try:
    import pandas as pd
    import pyarrow as pa
except ImportError:
    raise missing("ray") from None

_PANDAS = {str: "string", int: "int64", float: "float64"}
_ARROW = {str: pa.string(), int: pa.int64(), float: pa.float64()}
"""The types of columns, by those of values."""

Batch = Any
"""A dict of arrays, a DataFrame or a Table, as `batch_format` asks: "numpy" (the default), "pandas"
or "pyarrow"."""


class NewsCleaner(ColumnCleaning):
    """Sets the column `text_field` to the clean text of the pages, which it holds, or `html_field`
    or `markdown_field`.

    Of these the HTML is taken before the Markdown, and this before the text. Beside the text comes
    `<text_field>_error`: why a page can't be read, and "" where it can; the text of an unreadable
    page is "". No value is null, as a block where all are would have a column of no type. A null is
    an empty page. With `only_articles` and `languages` the rows of other pages are left out. What
    `options.metadata` names are further columns: "" for what is unknown, the tags as one text with
    commas between. A column whose name that takes stays as `<name>_original`, and so does a text
    beside HTML or Markdown.

    >>> dataset.map_batches(NewsCleaner, compute=ActorPoolStrategy(size=2))  # doctest: +SKIP
    """

    def __call__(self, batch: Batch) -> Batch:
        """Return a batch of any of Ray's formats with the pages cleaned.

        Raises `UsageError` where it is no batch, or has none of the columns.
        """
        if isinstance(batch, pa.Table):
            return self._clean_table(batch)
        if isinstance(batch, pd.DataFrame):
            return self._clean_frame(batch)
        if isinstance(batch, dict):
            return self._clean_arrays(batch)
        raise UsageError(
            f"a batch is a dict of arrays, a DataFrame or a Table, not a {type(batch).__name__}"
        )

    def _clean_arrays(self, batch: dict[str, Any]) -> dict[str, Any]:
        columns = self.read_columns(batch, batch.__getitem__)
        if any(isinstance(column, str | bytes | None) for column in columns.values()):
            raise UsageError("take map_batches, not map: pages are cleaned in batches")
        made, kept = self.clean_columns(columns)
        arrays = {
            name: np.array(values, type(FIGURES[name]) if name in FIGURES else object)
            for name, values in made.items()
        }
        names = self.originals(batch)
        others = {names.get(name, name): values for name, values in batch.items()}
        return {name: np.asarray(values)[kept] for name, values in {**others, **arrays}.items()}

    def _clean_frame(self, batch: pd.DataFrame) -> pd.DataFrame:
        made, kept = self.clean_columns(self.read_columns(batch, batch.__getitem__))
        columns = {
            name: pd.array(values, dtype=_PANDAS[type(FIGURES.get(name, ""))])
            for name, values in made.items()
        }
        return batch.rename(columns=self.originals(batch)).assign(**columns).iloc[kept]

    def _clean_table(self, batch: pa.Table) -> pa.Table:
        made, kept = self.clean_columns(
            self.read_columns(batch.column_names, lambda name: batch[name].to_pylist())
        )
        names = self.originals(batch.column_names)
        batch = batch.rename_columns([names.get(name, name) for name in batch.column_names])
        for name, values in made.items():
            column = pa.array(values, _ARROW[type(FIGURES.get(name, ""))])
            if name in batch.column_names:
                batch = batch.set_column(batch.column_names.index(name), name, column)
            else:
                batch = batch.append_column(name, column)
        is_kept = np.zeros(len(batch), dtype=bool)
        is_kept[kept] = True
        return batch.filter(pa.array(is_kept))
