"""What comes out: a page's paragraphs with their labels, and its clean text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cleaner.errors import UsageError
from cleaner.labels import LABELS, STORY_IDS, check_labels
from cleaner.metadata import FIGURES, check_fields
from cleaner.metadata.language import language_of
from cleaner.options import Options
from cleaner.pages import Page, PageText, decode_page, split_page
from cleaner.pages.front_matter import write_front_matter
from cleaner.pages.text import letters_of

if TYPE_CHECKING:
    from cleaner.metadata import Metadata
    from cleaner.pages.page import SourceLines
    from cleaner.pages.places import Place
    from cleaner.pages.styles import StyledBlocks

DIGITS = 4
"""Of a probability that is written: more than a model's figures could bear out."""

ARTICLE_FROM = 0.5
"""Probability from which a page counts as an article."""


MIN_HEADLINE, MAX_KICKER = 15, 40
"""Letters and digits from which the end of a headline is one without its kicker, and that a kicker
has at most."""

END_CHARS = 40
"""Characters of a text's end that mostly have as many letters."""

MAX_HEADLINES = 20
"""Headlines that others are compared with."""

MIN_REPEATED = 80
"""Letters and digits from which a stretch of a story that stands again is left out."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a page with its label."""

    text: str
    label: str
    probabilities: dict[str, float]
    """The probability of each label; they sum to 1."""

    @property
    def probability(self) -> float:
        """The probability of the label that it has."""
        return self.probabilities[self.label]


NO_ARTICLE, OTHER_LANGUAGE = "no article", "other language"
"""Reasons why pages are left out."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a page is left out, as was asked for."""

    reason: str
    about: dict[str, Any]
    """What is known of the page that tells so."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What speaks for the label of a paragraph, or against it."""

    kind: str
    """`word`: a word of it, wherever in it that stands; `before`, `behind`: the paragraph there;
    `all_before`, `all_behind`: all of them; `story`: all others that are of the story; `shared`:
    the words that these have in common with it. Of HTML also `class`: a class or an id of elements
    in it or around it; `tag`: that of elements around it; `links`: those in it; `title`: what the
    page's head calls the story, and has of its text."""
    what: str
    """The word, class, tag, title or single paragraph; some of the words in common, the rarest
    first; else empty."""
    weight: float
    """How far the log-odds of the label fall when this is left out: above 0 it speaks for it."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a paragraph has its label."""

    n: int
    """Its place among the document's paragraphs, from 0."""
    paragraph: Paragraph
    reasons: tuple[Reason, ...]
    """What weighs most first."""

    @property
    def others(self) -> dict[str, float]:
        """The two likeliest other labels with their probabilities, the likelier first."""
        probabilities = self.paragraph.probabilities
        others = [label for label in LABELS if label != self.paragraph.label]
        others.sort(key=lambda label: -probabilities[label])
        return {label: probabilities[label] for label in others[:2]}


FindReasons = Callable[[PageText, Sequence[str], int], tuple[Reason, ...]]
"""Finds the reasons for the label of a paragraph: of a page, the labels of its paragraphs, and the
place of the one."""


def predict_labels(
    scores: NDArray[np.float32], threshold: float = Options.precision
) -> NDArray[np.int64]:
    """Return a label id for each row of probabilities, in shape (paragraphs, labels).

    `threshold`, from 0 to 1, says how much surer than any other label one of the story (`STORY`)
    must be: it is predicted where its probability is at least threshold / (1 - threshold) times the
    highest other one. 0.5 predicts the most probable label, 0 only the story's labels, 1 none of
    them.
    """
    weight = np.full(len(LABELS), threshold)
    weight[STORY_IDS] = 1 - threshold
    predicted: NDArray[np.int64] = (scores * weight.astype(np.float32)).argmax(axis=1)
    return predicted


class Document:
    """A page with its paragraphs labelled.

    `texts` are the paragraphs in page order, `scores` their probabilities: an array of shape
    (paragraphs, labels), columns as in `LABELS`. `is_article` is the probability that the page is
    an article at all, and not a listing, a shop or a forum; `junk_probability` that its clean text
    is not right: that more than 2 % of it is not the story, or more than 2 % of the story is
    missing, by the labels of the default precision. `precision` is the threshold of
    `predict_labels`. `source` is the HTML page, kept for the metadata, `plain` the page where it
    is plain text, `lines` that of Markdown, and `charset` what HTTP says that it is in.
    `find_reasons` is what `explain` asks.
    """

    def __init__(
        self,
        texts: Sequence[str],
        scores: NDArray[np.float32],
        *,
        is_article: float = 1.0,
        junk_probability: float = 0.0,
        precision: float = Options.precision,
        title: str | None = None,
        url: str | None = None,
        source: str | bytes | None = None,
        charset: str | None = None,
        plain: str | bytes | None = None,
        lines: SourceLines | None = None,
        find_reasons: FindReasons | None = None,
    ) -> None:
        self.texts = tuple(texts)
        self.scores = scores
        self.is_article = is_article
        self.junk_probability = junk_probability
        self.precision = precision
        self.url = url
        self._title = title
        self._source = source
        self._charset = charset
        self._plain = plain
        self._lines = lines
        self._find_reasons = find_reasons

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: all but the way to the models."""
        return {**vars(self), "_find_reasons": None}

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        return f"<Document {self.title!r}: {len(self)} paragraphs>"

    @property
    def counts_as_article(self) -> bool:
        """Whether the page is an article rather than not: what `only_articles` goes by."""
        return self.is_article >= ARTICLE_FROM

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The label of each paragraph: its most probable one, as `precision` weighs them."""
        return tuple(LABELS[i] for i in predict_labels(self.scores, self.precision).tolist())

    @cached_property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """The paragraphs in page order."""
        return tuple(
            Paragraph(text, label, dict(zip(LABELS, row, strict=True)))
            for text, label, row in zip(self.texts, self.labels, self.scores.tolist(), strict=True)
        )

    @property
    def words(self) -> int:
        """The words of the page, as white space parts them."""
        return sum(len(text.split()) for text in self.texts)

    @property
    def kept_words(self) -> int:
        """The words of its clean text, as white space parts them."""
        return self._count_kept(Options.keep)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Where each paragraph stands in the page as it came in; the page is read again.

        Raises `UsageError` for a document that was made without its page.
        """
        from cleaner.pages.places import find_places  # seldom asked for

        page = self._page()
        if page is None:
            raise UsageError("this document has no page to look in: label it with Cleaner.label")
        return find_places(page, self.texts, self._lines)

    @cached_property
    def title(self) -> str | None:
        """The story's title: its first headline, without a kicker where HTML calls the page so;
        where it has none, what HTML says of itself."""
        pairs = zip(self.texts, self.labels, strict=True)
        headline = next((text for text, label in pairs if label == "headline"), None)
        if not (headline and self._title):
            return headline or self._title
        named, said = letters_of(self._title.casefold()), letters_of(headline.casefold())
        has_kicker = len(named) < len(said) and _is_same_headline(named, said)
        return self._title if has_kicker else headline

    @cached_property
    def metadata(self) -> Metadata:
        """What is told of the page beside its text, each None where it is not known."""
        return {**self._declared, "language": self.language}

    @cached_property
    def language(self) -> str | None:
        """The language of the story; where it is too short to tell, what the page declares."""
        return language_of(self.texts, self.labels) or self._declared["language"]

    @cached_property
    def _declared(self) -> Metadata:
        """The same, but for the language, which is that of the page's declaration."""
        from cleaner.metadata.read import read_metadata  # slow to import

        return read_metadata(self._html(), self.url, self.texts, self.labels, self.title)

    def metadata_of(
        self, names: Iterable[str], keep: Iterable[str] = Options.keep
    ) -> dict[str, Any]:
        """Return some of the metadata and figures of the page, by names; nothing is read of the
        page for none of them. What is kept are the labels to `keep`."""
        wanted = check_fields(names)
        of_page = {*wanted} - FIGURES.keys()
        found: dict[str, Any] = {}
        if of_page == {"language"}:  # which takes a fraction of what the others take
            found["language"] = self.language
        elif of_page:
            found |= self.metadata if "language" in of_page else self._declared
        found |= {name: self._figure(name, keep) for name in wanted if name in FIGURES}
        return {name: found[name] for name in wanted}

    def _count_kept(self, keep: Iterable[str]) -> int:
        return len(self.text(keep).split())

    def _figure(self, name: str, keep: Iterable[str]) -> int | float:
        if name == "kept_words":
            return self._count_kept(keep)
        if name == "words":
            return self.words
        return round(float(getattr(self, name)), DIGITS)

    @property
    def author(self) -> str | None:
        """The author, None where the page does not say."""
        return self._declared["author"]

    @property
    def date(self) -> str | None:
        """The date of publication as YYYY-MM-DD, None where the page does not say."""
        return self._declared["date"]

    @property
    def site_name(self) -> str | None:
        """The name of the site, None where the page does not say."""
        return self._declared["site_name"]

    def left_out(self, options: Options) -> LeftOut | None:
        """Return why these options leave the page out, None where they do not."""
        if options.only_articles and not self.counts_as_article:
            return LeftOut(NO_ARTICLE, {"probability": round(self.is_article, DIGITS)})
        if options.languages and self.language not in tuple(options.languages):
            return LeftOut(OTHER_LANGUAGE, {"language": self.language})
        return None

    def explain(self, n: int) -> Explanation:
        """Say why paragraph `n`, counted from 0, has its label: what speaks for it, and against.

        The model is asked again for the page without one thing at a time, which takes as long as to
        label some dozens of such pages. Of many words of a paragraph those are left out that matter
        most by themselves (`explain.reasons` has how many). Raises `UsageError` where there is no
        such paragraph, and for a document that was pickled or made without a `Cleaner`.
        """
        count = len(self)
        if not isinstance(n, int) or not 0 <= n < count:
            there = f"has {count}, from 0 to {count - 1}" if count else "has none"
            raise UsageError(f"no paragraph {n!r:.100}: the page {there}")
        if self._find_reasons is None:
            raise UsageError(
                "this document has no models to ask, as it was pickled or made without a Cleaner: "
                "label its page again with Cleaner.label"
            )
        reasons = self._find_reasons(self._split(), self.labels, n)
        return Explanation(n, self.paragraphs[n], reasons)

    def _split(self) -> PageText:
        """The page in paragraphs: where it has markup it is split again, as that is not kept."""
        page = self._page()
        return PageText("text", [*self.texts]) if self._is_plain or not page else split_page(page)

    @property
    def _is_plain(self) -> bool:
        """Whether the page is plain text."""
        return self._source is None and self._lines is None

    def _page(self) -> Page | None:
        """The page as it came in, None where the document was made without it."""
        if self._lines:
            return Page(self._lines.source, "markdown", self.url)
        if self._source is not None:
            return Page(self._source, "html", self.url, self._charset)
        return None if self._plain is None else Page(self._plain, "text", self.url, self._charset)

    def _html(self) -> str | None:
        """The page as HTML, None for plain text."""
        if self._lines:
            from cleaner.pages.markdown import to_html  # seldom asked for

            return to_html(self._lines.source)
        if self._source is None:
            return None
        return decode_page(Page(self._source, "html", self.url, self._charset))[1]

    def text(self, keep: Iterable[str] = Options.keep, structure: bool = False) -> str:
        """Return the clean text: the kept paragraphs, a blank line between them.

        With `structure` a row of a table is one line, its cells split by tabs, and items of lists
        have their dash or number, as HTML or Markdown has them. A headline that stands again, with
        a kicker or without, is left out, and so is a stretch of paragraphs that does: some pages
        hold their story twice, for small screens and for large ones. Raises `UsageError` for an
        unknown label.
        """
        kept = self._kept(keep)
        if structure and not self._is_plain:
            from cleaner.structure.plain import html_to_text  # seldom asked for

            return html_to_text(self._split_styled(), kept)
        return "\n\n".join(self.texts[n] for n in kept)

    def markdown(
        self,
        keep: Iterable[str] = Options.keep,
        links: bool = True,
        images: bool = False,
        metadata: Iterable[str] = (),
    ) -> str:
        """Return the clean text as Markdown: that of CommonMark, with GitHub's tables.

        Its paragraphs are those of `text`; of a page of Markdown they come out as they came in, in
        its own lines, unless it is asked for without `links` or with `images`. `links` are absolute
        by the page's URL; `images` are those of kept captions; what is known of `metadata`, which
        names some, stands before it as YAML. Raises `UsageError` for an unknown label or name.
        """
        kept = self._kept(keep)
        return write_front_matter(self.metadata_of(metadata, keep)) + self._markdown(
            kept, links, images
        )

    def _markdown(self, kept: list[int], links: bool, images: bool) -> str:
        if self._lines and links and not images:
            from cleaner.structure.source import lines_of_kept  # seldom asked for

            return lines_of_kept(self._lines, self.texts, kept)
        from cleaner.structure import markdown  # and so is this

        headlines = [n for n in kept if self.labels[n] == "headline"]
        if self._is_plain:
            return markdown.text_to_markdown(self.texts, kept, headlines)
        captions = [n for n in kept if images and self.labels[n] == "caption"]
        page = self._split_styled()
        return markdown.html_to_markdown(page, kept, headlines, captions, self.url, links)

    def format_of(self, options: Options) -> str:
        """Return what the clean text is written as: "text" or "markdown"."""
        if options.format != "auto":
            return options.format
        return "text" if self._lines is None or options.structure else "markdown"

    def written(self, options: Options) -> str:
        """Return the clean text with the labels to `keep`, in the `format` of the options."""
        if self.format_of(options) == "markdown":
            return self.markdown(options.keep, options.links, options.images)
        return self.text(options.keep, options.structure)

    def _kept(self, keep: Iterable[str]) -> list[int]:
        """The places of the paragraphs with these labels, but for those that stand again."""
        wanted = set(check_labels(keep))
        kept = [n for n, label in enumerate(self.labels) if label in wanted]
        again = _stand_again([(self.texts[n], self.labels[n]) for n in kept])
        return [n for n, known in zip(kept, again, strict=True) if not known]

    def _split_styled(self) -> StyledBlocks:
        """The blocks of a page of HTML or Markdown with what stands within them."""
        from cleaner.pages.html import split_styled

        html = self._html()
        assert html is not None
        return split_styled(html)


def _stand_again(paragraphs: Sequence[tuple[str, str]]) -> list[bool]:
    """Say of each paragraph, given with its label, whether it stood before."""
    letters = letters_to_compare([text for text, _ in paragraphs])
    headlines: list[str] = []
    seen: set[str] = set()
    is_headline, again = [], []
    for key, (_, label) in zip(letters, paragraphs, strict=True):
        named = any(_is_same_headline(key, headline) for headline in headlines)
        if label != "headline":  # but it may be one
            named = named and len(key) >= MIN_HEADLINE
        elif len(headlines) < MAX_HEADLINES:
            headlines.append(key)
        is_headline.append(named)
        again.append(named or key in seen)
        seen.add(key)
    # A line may stand twice in a story, but no long stretch.
    for known, run in groupby(range(len(again)), [*again].__getitem__):
        stretch = [*run]
        if known and sum(len(letters[i]) for i in stretch) < MIN_REPEATED:
            for i in stretch:
                again[i] = is_headline[i]
    return again


def letters_to_compare(texts: Sequence[str]) -> list[str]:
    """Return of each text what tells whether it stands again among these: its letters and digits,
    or the last of them where no other text ends in the same ones."""
    ends = [_end_of(text) for text in texts]
    counts = Counter(ends)
    return [
        letters_of(text.casefold()) if counts[end] > 1 else end
        for text, end in zip(texts, ends, strict=True)
    ]


def _end_of(text: str) -> str:
    """The last letters and digits of a text, as many as tell headlines."""
    for part in (text[-END_CHARS:], text):
        end = letters_of(part.casefold())[-MIN_HEADLINE:]
        if len(end) == MIN_HEADLINE:
            break
    return end


def _is_same_headline(one: str, other: str) -> bool:
    """Whether two headlines are the same, but for a kicker before one of them."""
    if one[-MIN_HEADLINE:] != other[-MIN_HEADLINE:]:  # as of most
        return False
    end, whole = sorted((one, other), key=len)
    long = len(end) >= MIN_HEADLINE and len(whole) <= len(end) + MAX_KICKER
    return end == whole or (long and whole.endswith(end))
