"""Lines of parts of a page, put into the lists and quotes that they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cleaner.structure.outline import Container, Item, Part

BULLETS, STOPS = "-*", ".)"
"""What items begin with, or have behind their numbers: the second in a list straight behind one
with the first, which would else be one with it."""


def lay_out(
    parts: Iterable[tuple[Part, list[str]]], bullets: str = BULLETS, stops: str = STOPS
) -> str:
    """Return parts, given with their lines, one behind the other: a blank line between two, but
    for items that are a paragraph each."""
    layout = _Layout(bullets, stops)
    return "\n".join(line for part, lines in parts for line in layout.lines(part, lines))


class _Layout:
    def __init__(self, bullets: str, stops: str) -> None:
        self._bullets, self._stops = bullets, stops
        self._previous: Part | None = None
        self._marks: dict[int, str] = {}  # of each list that has begun

    def lines(self, part: Part, lines: list[str]) -> Iterator[str]:
        """Yield the blank line before a part, and its lines."""
        containers = part.containers
        before = self._previous.containers if self._previous else ()
        known = _common(before, containers)
        for container in containers[known:]:
            if isinstance(container, Item):
                self._choose_mark(container, before[known : known + 1])
        if self._previous and not self._is_tight(self._previous, part, known):
            yield "".join(map(self._inside, containers[:known])).rstrip()
        inside = "".join(map(self._inside, containers))
        begin = "".join(
            [*map(self._inside, containers[:known]), *map(self._mark, containers[known:])]
        )
        for n, line in enumerate(lines):
            yield f"{inside if n else begin}{line}".rstrip()
        self._previous = part

    def _choose_mark(self, item: Item, before: tuple[Container, ...]) -> None:
        marks = self._bullets if item.number is None else self._stops
        others = [self._marks[other.list] for other in before if isinstance(other, Item)]
        self._marks.setdefault(item.list, marks[marks[0] in others])

    def _mark(self, container: Container) -> str:
        """What stands before the first line in a container."""
        if not isinstance(container, Item):
            return "> "
        mark = self._marks[container.list]
        return f"{mark} " if container.number is None else f"{container.number}{mark} "

    def _inside(self, container: Container) -> str:
        """What stands before the others."""
        mark = self._mark(container)
        return " " * len(mark) if isinstance(container, Item) else mark

    @staticmethod
    def _is_tight(previous: Part, part: Part, known: int) -> bool:
        """Whether no blank line is needed: a part begins one item, straight behind another of the
        list, or behind a paragraph of the item around."""
        before, now = previous.containers, part.containers
        if {part.kind, previous.kind} != {"paragraph"} or len(now) != known + 1:
            return False
        item = now[known]
        if not isinstance(item, Item):
            return False
        if len(before) > known:
            other = before[known]
            return isinstance(other, Item) and other.list == item.list
        is_nested = known > 0 and isinstance(before[-1], Item)
        return is_nested and item.number in (None, 1)  # others need one in front of them


def _common(one: tuple[Container, ...], other: tuple[Container, ...]) -> int:
    """How many containers two have in common."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
