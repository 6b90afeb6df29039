"""A page into paragraphs. Imports nothing of the package but its errors.

`page.py` holds the data, `detect.py` says what a page is and decodes it, `text.py` and `html.py`
split it, `bounds.py` says what it may hold. An HTML page is split as arrays: `tags.py` finds its
tags, `blocks.py` its blocks, and `spans.py` has what both do with parts of bytes; `parts.py` cuts a
giant one. `head.py` reads what it says of itself.
"""

from cleaner.pages.detect import kind_of, split_page
from cleaner.pages.page import Kind, Page, PageText, check_kind

__all__ = ["Kind", "Page", "PageText", "check_kind", "kind_of", "split_page"]
