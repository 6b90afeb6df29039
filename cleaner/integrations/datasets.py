"""Hugging Face datasets: a function for `map(batched=True)`, whose results are cached."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from cleaner import __version__
from cleaner.errors import UsageError
from cleaner.integrations.cleaning import Cleaning, check_field, choose_page
from cleaner.model.store import KINDS, find_models, hash_model
from cleaner.options import Options


class NewsCleaner:
    """Sets the column `text_field` to the clean text of the pages, which it or `html_field` holds.

    The HTML is taken where a row has both. Beside the text comes `<text_field>_error`: why a page
    can't be read, and "" where it can; the text of an unreadable page is "". No value is null, as
    `map` takes a column's type from its first batch. A null is an empty page. With `only_articles`
    and `languages` the rows of other pages are left out. What `options.metadata` names are further
    columns: "" for what is unknown, the tags as one text with commas between.

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
    ) -> None:
        check_field("text_field", text_field)
        check_field("html_field", html_field)
        self.text_field = text_field
        self.html_field = html_field
        self.cleaning = Cleaning(options)
        models = find_models(options.models)
        self.version = " ".join([__version__, *(hash_model(models / kind) for kind in KINDS)])

    def __call__(self, batch: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Clean a batch in place, columns by name, and return it.

        Raises `UsageError` where it is no batch, or has neither column.
        """
        columns = self._columns(batch)
        pages = [choose_page(*values) for values in zip(*columns, strict=True)]
        cleaned = list(self.cleaning.clean(pages))
        batch[self.text_field] = [result.text or "" for result in cleaned]
        batch[f"{self.text_field}_error"] = [result.error or "" for result in cleaned]
        for name in self.cleaning.options.metadata:
            batch[name] = [_as_text(result.metadata[name]) for result in cleaned]
        kept = [n for n, result in enumerate(cleaned) if not result.left_out]
        if len(kept) < len(cleaned):
            for name in list(batch):
                values = batch[name]
                batch[name] = [values[n] for n in kept]
        return batch

    def _columns(self, batch: MutableMapping[str, Any]) -> tuple[Any, Any, Any]:
        """The columns of texts, of HTML and of URLs, each empty where there is none."""
        if not isinstance(batch, MutableMapping):
            raise UsageError(
                f"a batch is a dict of columns, not a {type(batch).__name__}; "
                "take the format off with with_format(None)"
            )
        found = [batch[x] for x in (self.text_field, self.html_field) if x in batch]
        if not found:
            raise UsageError(
                f"no column {self.text_field!r} or {self.html_field!r} "
                f"(there are {', '.join(batch)}); name them with text_field and html_field"
            )
        if isinstance(found[0], str | bytes):
            raise UsageError("give batched=True to map: pages are cleaned in batches")
        empty = [None] * len(found[0])
        text, html, url = (batch.get(x, empty) for x in (self.text_field, self.html_field, "url"))
        return text, html, url


def _as_text(value: str | list[str] | None) -> str:
    return ", ".join(value) if isinstance(value, list) else value or ""
