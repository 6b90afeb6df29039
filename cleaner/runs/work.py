"""What is done with a batch of pages, here or in a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from cleaner.cleaner import Cleaner, Split
from cleaner.document import Document, LeftOut
from cleaner.errors import PageError, UnexpectedError
from cleaner.formats import Record
from cleaner.pages import Page

T = TypeVar("T")
Item = TypeVar("Item")


Made: TypeAlias = T | PageError | LeftOut
"""What becomes of a page: what is made of it, or why it does not come out."""


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """Labels pages, and makes of each document what is wanted of it, or raises a `PageError`.

    It is sent to workers where these can't inherit it: `make` is then a function of a module, or a
    `partial` of one.
    """

    cleaner: Cleaner
    make: Callable[[Document], T]

    def __call__(self, pages: list[Page]) -> list[Made[T]]:
        """Return for each page what becomes of it."""
        return self.finish(map(self.cleaner.split, pages))

    def finish(self, splits: Iterable[Split]) -> list[Made[T]]:
        """Return for each split page what becomes of it."""
        return [self._made(result) for result in self.cleaner.label_split(splits)]

    def _made(self, result: Document | PageError) -> Made[T]:
        if isinstance(result, PageError):
            return result
        try:
            return result.left_out(self.cleaner.options) or self.make(result)
        except PageError as error:
            return error
        except Exception as error:
            return UnexpectedError.of(error)

    def map(
        self, batches: Iterable[tuple[Item, list[Record]]]
    ) -> Iterator[tuple[Item, list[tuple[Record, Made[T]]]]]:
        """Yield what becomes of the records of each batch in this process, as `Pool.map` does."""
        for item, records in batches:
            yield item, pair(records, self(pages_of(records)))


def pages_of(records: list[Record]) -> list[Page]:
    """Return the pages of those records that have one."""
    return [record.page for record in records if isinstance(record.page, Page)]


def pair(records: list[Record], results: list[Made[T]]) -> list[tuple[Record, Made[T]]]:
    """Return each record with its result out of those of `pages_of`, or with why it has no page."""
    each = iter(results)
    return [(r, next(each) if isinstance(r.page, Page) else r.page) for r in records]
