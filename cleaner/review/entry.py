"""What the browser is told of a page."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Mapping
from gzip import compress
from typing import Any

from cleaner.document import letters_to_compare
from cleaner.labels import ID
from cleaner.pages import Page, split_page
from cleaner.pages.page import MODEL_OF, ElementKind, Markup
from cleaner.review.choose import Candidate, Suggested
from cleaner.training.corrections import Ids, corrected_page, site_of, with_address
from cleaner.training.data import OTHER_TYPES, LabelledPage

_DIGITS = re.compile(r"\d+")
"""Numbers in class names and ids, which tell a teaser from its neighbour and not what it is."""


def entry_of(candidate: Candidate, ids: Ids, models: Mapping[str, str]) -> dict[str, Any]:
    """Return what the browser is told of a page that nobody has looked at; `models` are the hashes
    of the models, by kind of page."""
    page, found = with_address(candidate.page), candidate.found
    form = corrected_page(
        page,
        (),
        candidate.fields,
        id=ids.give(candidate.page.url, candidate.where),
        site=site_of(page.url, candidate.where),
        title=found.title,
        is_article=found.counts_as_article,
        models=models,
    )
    return make_entry(form, page, found)


def make_entry(
    form: dict[str, Any], page: Page, found: Suggested, before: LabelledPage | None = None
) -> dict[str, Any]:
    """Return what the browser is told of a page: its form as it is saved, without paragraphs and
    with its source packed, what the model suggests, and what a person said `before`, if one did.

    A label is a digit, its id; of each paragraph there is one.
    """
    kind = next(kind for kind in MODEL_OF if kind in form)
    packed = b64encode(compress(form[kind].encode(), mtime=0)).decode()
    labels, confirmed = "".join(str(ID[label]) for label in found.labels), "0" * len(found.labels)
    right, is_article = False, found.counts_as_article
    if before:
        labels, confirmed = _carry(found.texts, labels, before)
        right, is_article = "0" not in confirmed, before.type not in OTHER_TYPES
    markup = split_page(page).markup
    alike, names = _alike(markup) if markup else ([], [])
    return {
        "form": {name: form[name] for name in form if name not in (kind, "paragraphs")},
        "kind": kind,
        "source": packed,
        "texts": found.texts,
        "letters": letters_to_compare(found.texts),
        "suggested": "".join(str(ID[label]) for label in found.labels),
        "percent": [round(100 * probability) for probability in found.probabilities],
        "suggestedArticle": found.counts_as_article,
        "articlePercent": round(100 * found.is_article),
        "doubt": round(found.doubt),
        "alike": alike,
        "names": names,
        "labels": labels,
        "confirmed": confirmed,
        "right": right,
        "isArticle": is_article,
        "saved": before is not None,
    }


def _carry(texts: Iterable[str], suggested: str, before: LabelledPage) -> tuple[str, str]:
    """Return labels and whether they are confirmed: those of the paragraph of the same text, in
    order, else what is suggested."""
    known: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for text, label, by_person in reversed(before.told):
        known[text].append((label, by_person))
    pairs = [
        known[text].pop() if known[text] else (int(digit), False)
        for text, digit in zip(texts, suggested, strict=True)
    ]
    return "".join(str(label) for label, _ in pairs), "".join(str(int(c)) for _, c in pairs)


def _alike(markup: Markup) -> tuple[list[int], list[str]]:
    """Return for each paragraph the number of its kind, and the names of the kinds.

    Alike are paragraphs whose elements have the same tag and classes, and so has the nearest
    element around them that has classes: the paragraphs of a box, the teasers of a list.
    """
    elements = markup.elements
    numbers: dict[str, int] = {}
    of_element: dict[int, int] = {}
    alike = []
    for element in markup.blocks.element.tolist():
        if element not in of_element:
            name = _name(elements.kinds[elements.kind[element]])
            around = int(elements.parent[element])
            while around >= 0 and not elements.kinds[elements.kind[around]][1]:
                around = int(elements.parent[around])
            if around >= 0:
                name = f"{_name(elements.kinds[elements.kind[around]])} {name}"
            of_element[element] = numbers.setdefault(name, len(numbers))
        alike.append(of_element[element])
    return alike, list(numbers)


def _name(kind: ElementKind) -> str:
    """Return an element as a selector would have it: "li.teaser"."""
    tag, values = kind
    words = [word for value in values for word in value.split()]
    return _DIGITS.sub("0", ".".join((tag, *words)))
