"""Bytes in and out: files into records of pages, rows of results into bytes.

Imports `pages` and `errors` of the package; click never, and what an extra brings only where it is
used. The layers, from the disk up:

- `files.py` opens files here and behind URLs, and finds those of folders and patterns;
  `compression.py` unpacks and packs.
- `text.py`, `html.py`, `markdown.py`, `jsonl.py`, `csv.py`, `parquet.py` and `warc.py` are the
  formats: each `read` yields batches of records, each `write` takes batches of rows and yields
  bytes.
  `csv_rows.py` finds the rows of CSV; `arrow.py` has the values of Parquet, `parquet_pages.py`
  (with `thrift.py`) how large they are before they are unpacked; `http.py` has what a WARC keeps of
  it. `record.py` holds the data.
- `reader.py` and `writer.py` join these: the one way in, and the one way out.
"""

from cleaner.formats.files import (
    Found,
    expand,
    format_of,
    is_url,
    local_path,
    place_of,
    stem_of,
)
from cleaner.formats.reader import PAGE_FORMATS, Format, read_records
from cleaner.formats.record import MAX_PAGE, Record, Records, Row, add_fields
from cleaner.formats.writer import encode_rows, refuse_url, write_file

__all__ = [
    "MAX_PAGE",
    "PAGE_FORMATS",
    "Format",
    "Found",
    "Record",
    "Records",
    "Row",
    "add_fields",
    "encode_rows",
    "expand",
    "format_of",
    "is_url",
    "local_path",
    "place_of",
    "read_records",
    "refuse_url",
    "stem_of",
    "write_file",
]
