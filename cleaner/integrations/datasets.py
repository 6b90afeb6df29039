"""Hugging Face datasets: a function for `map(batched=True)`, whose results are cached."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from cleaner import __version__
from cleaner.errors import UsageError
from cleaner.integrations.cleaning import ColumnCleaning
from cleaner.model.store import KINDS, find_models, hash_model
from cleaner.options import Options


class NewsCleaner(ColumnCleaning):
    """Sets the column `text_field` to the clean text of the pages, which it holds, or `html_field`
    or `markdown_field`.

    Of these the HTML is taken before the Markdown, and this before the text. Beside the text comes
    `<text_field>_error`: why a page can't be read, and "" where it can; the text of an unreadable
    page is "". No value is null, as `map` takes a column's type from its first batch. A null is an
    empty page. With `only_articles` and `languages` the rows of other pages are left out. What
    `options.metadata` names are further columns: "" for what is unknown, the tags as one text with
    commas between. A column whose name that takes stays as `<name>_original`, and so does a text
    beside HTML or Markdown.

    The fingerprint that `datasets` takes of it covers the options, the version of `cleaner` and
    the models, and no more: so a result is found in the cache by another process, and not taken
    for that of another model.

    >>> dataset.map(NewsCleaner(), batched=True, remove_columns=["html"])  # doctest: +SKIP
    """

    def __init__(
        self,
        options: Options = Options(),
        *,
        text_field: str = "text",
        html_field: str = "html",
        markdown_field: str = "markdown",
    ) -> None:
        super().__init__(
            options, text_field=text_field, html_field=html_field, markdown_field=markdown_field
        )
        models = find_models(options.models)
        self.version = " ".join([__version__, *(hash_model(models / kind) for kind in KINDS)])

    def __call__(self, batch: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Clean a batch in place, columns by name, and return it.

        Raises `UsageError` where it is no batch, or has none of the columns.
        """
        if not isinstance(batch, MutableMapping):
            raise UsageError(
                f"a batch is a dict of columns, not a {type(batch).__name__}; "
                "take the format off with with_format(None)"
            )
        columns = self.read_columns(batch, batch.__getitem__)
        if any(isinstance(column, str | bytes) for column in columns.values()):
            raise UsageError("give batched=True to map: pages are cleaned in batches")
        made, kept = self.clean_columns(columns)
        rows = len(made[self.text_field])
        renamed = self.originals(batch)
        batch.update({new: batch[name] for name, new in renamed.items()})
        batch.update(made)
        if len(kept) < rows:
            for name in list(batch):
                values = batch[name]
                batch[name] = [values[n] for n in kept]
        return batch
