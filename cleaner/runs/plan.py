"""What of a run is done, and what is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from cleaner.runs.samples import Sample, choose_samples
from cleaner.runs.shards import Piece, Source, name_of
from cleaner.runs.state import State
from cleaner.runs.store import Store
from cleaner.runs.summary import Tally


class Kept(NamedTuple):
    """A shard that is done."""

    name: str
    kinds: tuple[str, ...]
    """Of its files; see `State`."""


@dataclass
class Done:
    """What is known of the shards that are done."""

    tally: Tally = field(default_factory=Tally)
    samples: list[Sample] = field(default_factory=list)

    def count(self, state: State) -> None:
        """Count what became of the pages of a shard."""
        self.tally.add(state.tally)
        self.samples = choose_samples([*self.samples, *state.samples])


@dataclass(frozen=True, slots=True)
class Plan:
    """All shards of a run, in order: those that are done, and those to make."""

    sources: list[Source]
    steps: list[Kept | Piece]
    spoilt: list[str]
    """The names of those that were done, but are not as they were, and so are to be made again."""

    @property
    def kept(self) -> list[Kept]:
        """What is done."""
        return [step for step in self.steps if isinstance(step, Kept)]

    @property
    def left(self) -> list[Piece]:
        """What is to be made."""
        return [step for step in self.steps if isinstance(step, Piece)]


def make_plan(store: Store, sources: list[Source], done: Done) -> Plan:
    """Find out what is left of a run; count what is done.

    Raises `CleanerError` where a state is damaged.
    """
    plan = Plan(sources, [], [])
    for source in sources:
        plan.steps.extend(_steps(store, source, done, plan.spoilt))
    return plan


def _steps(store: Store, source: Source, done: Done, spoilt: list[str]) -> Iterator[Kept | Piece]:
    left: Piece | None = None
    shard = first = 0
    while state := store.read_state(name := name_of(source, shard)):
        if store.is_whole(name, state):
            done.count(state)
            if left:
                yield left._replace(end=first)
            yield Kept(name, tuple(state.files))
            left = None
        else:
            spoilt.append(name)
            left = left or Piece(source, shard, first)
        if state.last:
            break
        shard, first = shard + 1, first + state.tally.pages
    else:  # from here on nothing is done
        left = left or Piece(source, shard, first)
    if left:
        yield left
