"""A page into paragraphs. Imports nothing of the package but its errors.

`page.py` holds the data, `split.py` says what a page is, `charset.py` decodes it, `text.py` and
`html.py` split it, `bounds.py` says what it may hold. While lxml parses HTML, `blocks.py` collects
its blocks and `head.py` what it says of itself; `hidden.py` chooses what of the hidden is shown.
`places.py` tells where in the page paragraphs stand.
"""

from cleaner.pages.page import Kind, Page, PageText, check_kind
from cleaner.pages.split import decode_page, kind_of, split_page

__all__ = ["Kind", "Page", "PageText", "check_kind", "decode_page", "kind_of", "split_page"]
