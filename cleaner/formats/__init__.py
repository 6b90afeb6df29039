"""Bytes in and out: files into records of pages, rows of results into bytes.

Imports `pages` and `errors` of the package; click never. `source.py` opens files and says what
they hold, `record.py` holds the data, and there is one file for each format: its `read` yields
batches of records, its `write` takes batches of rows and yields bytes.
"""

from cleaner.formats import jsonl, text
from cleaner.formats.record import Record, Row
from cleaner.formats.source import Format, read_records

WRITERS = {"text": text.write, "jsonl": jsonl.write}
"""The writer of each format: `write(batches, text_field)` yields bytes, one chunk a batch."""

__all__ = ["WRITERS", "Format", "Record", "Row", "read_records"]
