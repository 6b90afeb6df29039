"""datatrove: a step that turns pages into their clean texts, and drops those without."""

from __future__ import annotations

from cleaner.errors import DISTRIBUTION, check_option
from cleaner.integrations.cleaning import Cleaned, Cleaning, missing, put_metadata, read_page
from cleaner.options import Options
from cleaner.pages import Kind

try:
    from datatrove.data import Document
    from datatrove.pipeline.filters.base_filter import BaseFilter
    from datatrove.pipeline.writers.disk_base import DiskWriter
except ImportError:
    raise missing("datatrove") from None

BATCH_PAGES = 100
"""Pages read ahead: some megabytes of HTML, more than the models need to be at full speed."""


class NewsCleaner(BaseFilter):  # type: ignore[misc]  # datatrove has no types
    """Sets the `text` of each document, a page of HTML or of plain text, to its clean text.

    Documents without a text are dropped, and go to `exclusion_writer` as they came, with a
    `filter_reason`: "no_text" where nothing is kept, "no_article" with `only_articles`,
    "other_language" with `languages`, "unreadable" where the page is none; the last has the error
    in its metadata as `text_error`. Each is a count of the statistics too, `dropped_no_text` and so
    on. What `options.metadata` names of a page goes into the metadata of its document, where it is
    known.
    """

    name = DISTRIBUTION

    def __init__(
        self,
        exclusion_writer: DiskWriter | None = None,
        options: Options = Options(),
        *,
        kind: Kind = "auto",
        batch_size: int = BATCH_PAGES,
    ) -> None:
        is_size = isinstance(batch_size, int) and batch_size > 0
        is_writer = isinstance(exclusion_writer, DiskWriter | None)
        check_option("exclusion_writer", exclusion_writer, is_writer, "a writer of datatrove")
        check_option("batch_size", batch_size, is_size, "a whole number from 1 on")
        super().__init__(exclusion_writer, batch_size)
        self.cleaning = Cleaning(options, kind)

    def filter(self, doc: Document) -> bool | tuple[bool, str]:
        """Clean one document, and say whether it stays."""
        return self.filter_batch([doc])[0]

    def filter_batch(self, batch: list[Document]) -> list[bool | tuple[bool, str]]:
        """Clean documents, and say of each whether it stays, or why not."""
        kind = self.cleaning.kind
        pages = [read_page(doc.text, kind, doc.metadata.get("url")) for doc in batch]
        cleaned = self.cleaning.clean(pages)
        return [_settle(doc, result) for doc, result in zip(batch, cleaned, strict=True)]


def _settle(doc: Document, cleaned: Cleaned) -> bool | tuple[bool, str]:
    if cleaned.text:
        doc.text = cleaned.text
        put_metadata(doc.metadata, cleaned.metadata)
        return True
    if cleaned.error is not None:
        doc.metadata["text_error"] = cleaned.error
        return False, "unreadable"
    return False, (cleaned.left_out or "no text").replace(" ", "_")
