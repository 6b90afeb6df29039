"""Labelled pages, lines and offers made up for tests. Each text names what it is from, "page7" or
"line3", and nothing else does."""

import re
from collections import Counter
from dataclasses import replace
from itertools import chain

from cleaner.labels import ID, LABELS
from cleaner.training.data import LabelledPage

HEADLINE, ARTICLE, CAPTION, RELATED, SPONSORED, BOILERPLATE = map(ID.__getitem__, LABELS)

PARTS = (
    ("Menu and all sections of {0}", BOILERPLATE),
    ("The harbour gate of {0} holds back the tide", HEADLINE),
    ("By the night desk of {0}, on Monday morning", BOILERPLATE),
    *((f"Story of {{0}}, part {n}: the gate was closed at {n}, and nobody in the lower town had to "
       "carry sandbags as in the winter before.", ARTICLE) for n in "123"),
    ("The gate of {0} at night. Photo: A. Nym", CAPTION),
    ("Take the boat tour of {0} with a friend, and pay for one of you in all of November.",
     SPONSORED),
    *((f"Story of {{0}}, part {n}: forecasters expect the next tide in {n} days, and say that it "
       "will be higher than the last one was.", ARTICLE) for n in "456"),
    ("Have you seen the tide at {0}? Write to us.", BOILERPLATE),
    ("Ferry fares of {0} rise by a tenth", RELATED),
    ("School roof of {0} is safe, says the council", RELATED),
    ("Our letter from {0} comes each week, and tells of tides, ferries and all else. Subscribe.",
     SPONSORED),
    ("Imprint and contact of {0}", BOILERPLATE),
)  # fmt: skip
"""The paragraphs of a page; a part of the story stands on either side of a caption and an offer."""

HTML = """<html><head><title>{1}</title></head><body class="home"><nav id="menu">{0}</nav>
<main class="story"><h1 class="title">{1}</h1><div class="byline">{2}</div><p class="text">{3}</p>
<p class="text">{4}</p><p class="text">{5}</p><figcaption>{6}</figcaption>
<aside class="ad"><p>{7}</p></aside><p class="text">{8}</p><p class="text">{9}</p>
<p class="text">{10}</p></main><div class="ask">{11}</div>
<ul class="more"><li><a href="/a">{12}</a></li><li><a href="/b">{13}</a></li></ul>
<div class="letter">{14}</div><footer>{15}</footer></body></html>"""


def make_page(n, language="en", site=None, html=True):
    """A page with a story in HTML, or in text alone."""
    name = f"page{n}"
    paragraphs = tuple((text.format(name), label) for text, label in PARTS)
    source = HTML.format(*(text for text, _ in paragraphs)) if html else ""
    kind, title = "html" if html else "whole", f"A title of {name}"
    site = site or f"harbour-{n}.example"
    return LabelledPage(name, site, language, "article", title, source, paragraphs, "", kind)


def make_captioned_page(n, site=None):
    """A page of four paragraphs, each with a caption, that are too short to stand in others."""
    parts = [(f"Part {k} of page{n}.", ARTICLE) for k in "1234"]
    captions = [(f"Photo {k}", CAPTION) for k in "1234"]
    paragraphs = tuple(chain(*zip(parts, captions, strict=True)))
    html = "".join(
        f"<p>{text}</p>" if label == ARTICLE else f"<figcaption>{text}</figcaption>"
        for text, label in paragraphs
    )
    return replace(make_page(n, site=site), html=html, paragraphs=paragraphs)


def behind_what(views):
    """Behind which paragraphs of their page those stand that are from others, and how often."""
    count = Counter()
    for view in views:
        own = None
        for text in view.texts:
            if source_of(text) in (None, view.page):
                own = text
            else:
                count[own] += 1
    return count


def make_offers(n, language="en", type="product"):
    """A page that sells, without labels."""
    offers = [f"Offer {k} of page{n}: two towels of the best cotton for the price of one towel, "
              "as long as there are some." for k in range(6)]  # fmt: skip
    body = "\n".join(["Basket", *offers])
    return LabelledPage(f"page{n}", f"shop-{n}.example", language, type, "", "", (), body, "html")


def make_line(n, label=SPONSORED, language="en"):
    """A line that was written for training."""
    text = f"With line{n} of {{site}} you know what {{name}} saw in {{place}}: try it for nothing."
    name = f"line{n}"
    return LabelledPage(name, name, language, None, "", "", ((text, label),), "", "written")


def lines_of(view):
    """The texts of a view with their labels and what they are from. A pitch that begins with news
    of another page is two: "News: …", and the written line."""
    lines = []
    for text, label in zip(view.texts, view.labels, strict=True):
        news, pitch = text.partition(" With line")[::2]
        if pitch:
            lines += [(f"News: {news}", label, source_of(news))]
            text = f"With line{pitch}"
        lines.append((text, label, source_of(text)))
    return lines


def source_of(text):
    """The page or line that a text is from; None for one that is from none."""
    names = {*re.findall(r"\b(?:page|line)\d+\b", text)}
    assert len(names) <= 1, text
    return names.pop() if names else None
