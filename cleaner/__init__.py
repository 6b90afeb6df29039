"""Label each paragraph of a scraped news page, and put out the clean text of its story."""

TYPE_CHECKING = False  # as type checkers read it; `typing` is slow to import
if TYPE_CHECKING:
    from cleaner.cleaner import Cleaner
    from cleaner.document import Document, Explanation, Paragraph, Reason
    from cleaner.errors import CleanerError, ModelError, PageError, UsageError
    from cleaner.labels import GROUPS, LABELS
    from cleaner.options import Options
    from cleaner.pages import Page

__all__ = [
    "GROUPS",
    "LABELS",
    "Cleaner",
    "CleanerError",
    "Document",
    "Explanation",
    "ModelError",
    "Options",
    "Page",
    "PageError",
    "Paragraph",
    "Reason",
    "UsageError",
]
__version__ = "0.1.0"

_ROOMS = {
    "cleaner": ("Cleaner",),
    "document": ("Document", "Explanation", "Paragraph", "Reason"),
    "errors": ("CleanerError", "ModelError", "PageError", "UsageError"),
    "labels": ("GROUPS", "LABELS"),
    "options": ("Options",),
    "pages": ("Page",),
}


def __getattr__(name: str) -> object:
    """Import a public name when it is used, so that `cleaner --help` does not wait for numpy."""
    from importlib import import_module

    for room, names in _ROOMS.items():
        if name in names:
            return getattr(import_module(f"cleaner.{room}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
