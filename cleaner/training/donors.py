"""Pieces of labelled pages, and lines written for training, that are put into other pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random

from cleaner.labels import STORY_IDS
from cleaner.pages.text import split_text
from cleaner.training.data import LabelledPage
from cleaner.training.views import ARTICLE, CAPTION, HEADLINE, RELATED, SPONSORED

Line = tuple[str, int]
"""A paragraph and its label."""

MIN_LEAD_CHARS = 80
"""Characters from which a story's paragraph can stand as the lead of a teaser."""

SELLING_TYPES = ("service", "product", "collection")
"""Types of page whose `body` sells: its first paragraphs are blurbs."""

MAX_BLURBS, MAX_BLURB_CHARS = 4, 900
"""Blurbs taken of such a page, and their most characters."""

MIN_BLURB_CHARS = 60
"""Characters from which a sponsored paragraph is a blurb and not a button."""

MIN_LINE_CHARS = 20
"""Characters from which a paragraph that is not of a story is put into one: the names of buttons
and sections stand in enough stories as it is."""

AROUND_STORY = 6
"""Blocks before and behind a whole story that go along: kicker, byline, date, tags, boxes."""


@dataclass(slots=True)
class Story:
    """A story that turns up behind another one, whole or in parts."""

    page: str
    site: str
    headline: str
    lead: list[str]
    text: list[str]
    """All of its paragraphs."""
    captions: list[str]
    blocks: list[Line]
    """What stands on its page from a few blocks before to a few behind it, labelled as what it is
    on another story's page."""


@dataclass(slots=True)
class Donors:
    """What may be put into other pages, by language."""

    stories: dict[str, list[Story]] = field(default_factory=lambda: defaultdict(list))
    related: dict[str, list[list[str]]] = field(default_factory=lambda: defaultdict(list))
    sponsored: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    found: dict[str, dict[int, list[str]]] = field(
        default_factory=lambda: defaultdict(partial(defaultdict, list))
    )
    """Paragraphs of pages that can stand between those of a story, by label."""
    written: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    """Lines written for training."""
    pitches: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Those of them that sell or pitch."""

    def stories_beside(self, page: LabelledPage) -> list[Story]:
        """The stories of other pages in a page's language."""
        return [story for story in self.stories[page.language] if story.page != page.id]


def choose_story(stories: Sequence[Story], site: str, same_site: float, rng: Random) -> Story:
    """One of some stories; by the chance `same_site` one of a site, where it has any."""
    of_site = [story for story in stories if story.site == site]
    return rng.choice(of_site if of_site and rng.random() < same_site else stories)


def story_span(paragraphs: Sequence[Line]) -> tuple[int, int]:
    """The first and the last paragraph of a story that there is."""
    of_story = [i for i, (_, label) in enumerate(paragraphs) if label in STORY_IDS]
    return of_story[0], of_story[-1]


def collect_donors(pages: Iterable[LabelledPage]) -> Donors:
    """Gather what may be put into other pages: leads, captions and whole stories, link boxes,
    blurbs, and single lines."""
    donors = Donors()
    for page in pages:
        if page.kind == "written":
            donors.written[page.language] += page.paragraphs
            donors.pitches[page.language] += [
                text for text, label in page.paragraphs if label == SPONSORED
            ]
        elif page.has_story:
            _collect(page, donors)
        elif page.body and page.type in SELLING_TYPES:
            blurbs = [
                t for t in split_text(page.body) if MIN_BLURB_CHARS <= len(t) <= MAX_BLURB_CHARS
            ]
            donors.sponsored[page.language] += blurbs[:MAX_BLURBS]
    return donors


def _collect(page: LabelledPage, donors: Donors) -> None:
    texts = [t for t, label in page.paragraphs if label == ARTICLE]
    if lead := [t for t in texts[:8] if len(t) >= MIN_LEAD_CHARS][:3]:
        headline = next((t for t, label in page.paragraphs if label == HEADLINE), page.title)
        captions = [t for t, label in page.paragraphs if label == CAPTION]
        donors.stories[page.language].append(
            Story(page.id, page.site, headline, lead, texts, captions, _as_other(page.paragraphs))
        )
    boxes = _runs(page.paragraphs, RELATED)
    donors.related[page.language] += [box for box in boxes if len(box) > 1]
    donors.sponsored[page.language] += [
        t for t, label in page.paragraphs if label == SPONSORED and len(t) >= MIN_BLURB_CHARS
    ]
    for text, label in page.paragraphs:
        if label not in STORY_IDS and len(text) >= MIN_LINE_CHARS:
            donors.found[page.language][label].append(text)


def _as_other(paragraphs: Sequence[Line]) -> list[Line]:
    """The blocks of a story and around it, labelled as on a page whose story is another one."""
    first, last = story_span(paragraphs)

    def label_there(i: int, label: int) -> int:
        is_part = label == CAPTION or first <= i <= last
        return RELATED if is_part and label != SPONSORED else label

    begin, end = max(first - AROUND_STORY, 0), last + 1 + AROUND_STORY
    blocks = enumerate(paragraphs[begin:end], begin)
    return [(text, label_there(i, label)) for i, (text, label) in blocks]


def _runs(paragraphs: Iterable[Line], wanted: int) -> list[list[str]]:
    runs: list[list[str]] = [[]]
    for text, label in paragraphs:
        if label == wanted:
            runs[-1].append(text)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]
