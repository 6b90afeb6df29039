"""What of a run is done, and what is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from cleaner.errors import CleanerError
from cleaner.runs.dedupe import Seen
from cleaner.runs.lists import Id
from cleaner.runs.samples import Sample, choose_samples
from cleaner.runs.shards import Piece, Source, name_of
from cleaner.runs.state import State
from cleaner.runs.store import SHARD, Store
from cleaner.runs.summary import Tally


class Kept(NamedTuple):
    """A shard that is done."""

    piece: Piece
    """The shard alone."""
    kinds: tuple[str, ...]
    """Of its files; see `State`."""

    @property
    def name(self) -> str:
        """The shard's name."""
        return self.piece.name


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
    steps: list[Kept | Piece] = field(default_factory=list)
    spoilt: list[str] = field(default_factory=list)
    """The names of those that were done, but are not as they were, and so are to be made again."""
    unfinished: list[Source] = field(default_factory=list)
    """Of what is not given now, that which is not done."""
    leaned: dict[bytes, Id] = field(default_factory=dict)
    """Pages that others were dropped for, and that were not among those before these."""

    @property
    def kept(self) -> list[Kept]:
        """What is done."""
        return [step for step in self.steps if isinstance(step, Kept)]

    @property
    def left(self) -> list[Piece]:
        """What is to be made."""
        return [step for step in self.steps if isinstance(step, Piece)]


def make_plan(store: Store, sources: list[Source], done: Done, seen: Seen) -> Plan:
    """Find out what is left of a run; count what is done, and keep its pages in mind.

    Raises `CleanerError` where a state is damaged.
    """
    plan = Plan(sources)
    for source in sources:
        for step, state in _steps(store, source, plan):
            plan.steps.append(step)
            if isinstance(step, Kept) and state:
                done.count(state)
                seen.add_shard(step.piece, state)
                if seen.lacks(state.leaned):
                    plan.leaned.update(state.leaned)
    return plan


def _steps(
    store: Store, source: Source, plan: Plan
) -> Iterator[tuple[Kept, State] | tuple[Piece, None]]:
    left: Piece | None = None
    shard = first = 0
    while state := store.read_state(name := name_of(source, shard), source.mark):
        end = first + state.tally.pages
        if not source.given:
            _check_lists(store, name, state)
        if not source.given or store.is_whole(name, state):
            if left:
                yield left._replace(end=first), None
            piece = Piece(source, shard, first, None if state.last else end)
            yield Kept(piece, tuple(state.files)), state
            left = None
        else:
            plan.spoilt.append(name)
            left = left or Piece(source, shard, first)
        if state.last:
            break
        shard, first = shard + 1, end
    else:  # from here on nothing is done
        if source.given:
            left = left or Piece(source, shard, first)
        else:
            plan.unfinished.append(source)
    if left:
        yield left, None


def is_begun(store: Store, source: Source) -> bool:
    """Say whether a shard of a source is done, as far as states tell."""
    return store.read_state(name_of(source, 0), source.mark) is not None


def is_done(store: Store, source: Source) -> bool:
    """Say whether nothing of a source is left to do, as far as states tell."""
    shard = 0
    while state := store.read_state(name_of(source, shard), source.mark):
        if state.last:
            return True
        shard += 1
    return False


def _check_lists(store: Store, name: str, state: State) -> None:
    """Raise `CleanerError` where a list has lost a part that can't be made again.

    The shard itself may have been moved away.
    """
    for kind, file in state.files.items():
        path = store.path_of(name, kind)
        if kind != SHARD and not file.is_at(path):
            raise CleanerError(
                f"{path}: was removed or changed; give its input, too, to have it made again"
            )
