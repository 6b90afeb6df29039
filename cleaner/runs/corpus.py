"""What a run is about as its inputs come, change and go: its sources, those known before first.

What is done keeps its place and its name. New files come behind it, and so does a file that is not
what it was: it is cleaned again, under the old name. What became of a file that is not given any
more stays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import groupby

from cleaner.formats import Format
from cleaner.runs.manifest import Input
from cleaner.runs.shards import Source, find_sources


@dataclass(frozen=True, slots=True)
class Corpus:
    """The sources of a run."""

    sources: list[Source]
    """In order."""
    changed: list[str] = field(default_factory=list)
    """Files that are not what they were."""
    away: list[str] = field(default_factory=list)
    """Those that are not given now; what became of them stays."""
    stuck: list[str] = field(default_factory=list)
    """Files that are to be done again, with others that are not given: they are left as they were,
    as what came of these would be lost."""
    lost: list[str] = field(default_factory=list)
    """Those not given now, and of whose shards none is done: they are left out of these."""

    def inputs(self) -> list[tuple[str, Input]]:
        """Return the files with their sources' names, as the manifest has them."""
        return [(source.name, file) for source in self.sources for file in source.files]


def grow(
    before: list[tuple[str, Input]],
    inputs: list[Input],
    format: Format,
    *,
    alone: bool,
    is_begun: Callable[[Source], bool],
    is_done: Callable[[Source], bool],
) -> Corpus:
    """Return the sources of a run out of those of its start before, and the inputs of this one.

    `alone` is that of `find_sources`; `is_begun` says whether something of a source is done, and
    `is_done` whether nothing is left to do.
    """
    corpus = Corpus([])
    again: list[Input] = []
    now, new = _find_again([file for _, file in before], inputs)
    pairs = zip(before, now, strict=True)
    for name, group in groupby(pairs, key=lambda pair: pair[0][0]):
        files = [(was, found) for (_, was), found in group]
        source = Source(
            name,
            tuple(found or was for was, found in files),
            given=all(found for _, found in files),
        )
        given = [found for _, found in files if found]
        away = [was.path for was, found in files if not found]
        changed = [was.path for was, found in files if found and not _is_same(was, found)]
        if changed or (given and away and not is_done(source)):
            before_that = replace(source, files=tuple(was for was, _ in files))
            if away and is_begun(before_that):
                corpus.sources.append(before_that)
                corpus.stuck.extend(changed or [file.path for file in given])
                corpus.away.extend(away)
            else:
                again += given
                corpus.changed.extend(changed)
                corpus.lost.extend(away)
        else:
            corpus.sources.append(source)
            corpus.away.extend(away)
    for some in (again, new):
        taken = [source.name for source in corpus.sources]
        corpus.sources.extend(find_sources(some, format, alone=alone, taken=taken))
    numbered = [replace(source, place=n) for n, source in enumerate(corpus.sources)]
    return replace(corpus, sources=numbered)


def _find_again(before: list[Input], inputs: list[Input]) -> tuple[list[Input | None], list[Input]]:
    """Return for each file of before what it is now, None where it is not given; and the others.

    A file is known by its path, or by name, size and time of change: where a command is given in
    another folder, or all was moved, paths are others.
    """
    at: dict[str, list[Input]] = defaultdict(list)
    for one in inputs:
        at[one.shown].append(one)
    now = [at[was.path].pop(0) if at[was.path] else None for was in before]
    new = _without(inputs, now)
    away = [n for n, found in enumerate(now) if not found]
    counts = Counter(_looks(file) for file in [*new, *(before[n] for n in away)])
    moved = {_looks(one): one for one in new if one.size is not None}
    for n in away:
        looks = _looks(before[n])
        if counts[looks] == 2:  # one of before and one of now, so there is no doubt
            now[n] = moved.get(looks)
    return now, _without(new, now)


def _without(inputs: list[Input], found: list[Input | None]) -> list[Input]:
    known = {id(one) for one in found}
    return [one for one in inputs if id(one) not in known]


def _looks(file: Input) -> tuple[str, int | None, int | None]:
    return file.name, file.size, file.modified


def _is_same(was: Input, now: Input) -> bool:
    return (was.size, was.modified) == (now.size, now.modified)
