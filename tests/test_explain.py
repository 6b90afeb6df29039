"""Why a paragraph has its label: each figure is that of the page without the thing, labelled by
itself."""

import pickle
import re

import numpy as np
import pytest
from broken_html import TAGS_AND_TEXTS
from hypothesis import given, settings

from cleaner import LABELS, Cleaner, Document, Explanation, UsageError

LINES = (
    "The tide gate of Tarn Haven closes for the first time",
    "By Ada Mole",
    "The tide gate of Tarn Haven was closed on Monday night, and the harbour stayed dry.",
    "Sign up for our letter on tides, and get our best on tides each morning.",
    "The council of Tarn Haven had argued for nine years about the gate and its price.",
    "Ferry fares rise by a tenth",
    "Subscribe",
)

HTML = """<html><head><title>The tide gate of Tarn Haven closes</title></head><body class="home">
<nav><p>Menu of all sections</p></nav><article class="story wide"><h1>The gate of Tarn closes</h1>
<p class="text first">The tide gate of Tarn Haven was closed on Monday night.</p>
<aside id="promo" class="box wide"><p class="text">Sign up for <b class="hot">our</b> letter</p>
</aside><p class="text">The council of Tarn Haven had argued about the gate for years.</p></article>
<ul class="more"><li class="card"><a href="/news/ferry-fares">Ferry fares rise</a></li>
<li class="card"><a href="https://b.example/x">School roof is safe</a></li></ul></body></html>"""


def odds(document, n, label):
    """The log-odds of a label for a paragraph of a document."""
    own = document.scores[n].astype(np.float64)
    column = LABELS.index(label)
    return np.log(own[column]) - np.log(np.delete(own, column).sum())


@pytest.fixture(scope="module")
def without(cleaner):
    """Check what a reason weighs: by a page without it, where the paragraph is another one."""

    def check(page, n, reason, changed, its_n=None, kind="text"):
        document = cleaner.label(page, kind=kind)
        label = document.labels[n]
        other = cleaner.label(changed, kind=kind)
        weight = odds(document, n, label) - odds(other, n if its_n is None else its_n, label)
        assert reason.weight == pytest.approx(weight, abs=0.01), reason

    return check


def reasons_of(explanation, kind):
    return {reason.what: reason for reason in explanation.reasons if reason.kind == kind}


def only(explanation, kind):
    (reason,) = reasons_of(explanation, kind).values()
    return reason


@pytest.mark.parametrize("n", range(len(LINES) - 1))
def test_words_of_text(cleaner, without, n):
    page = "\n".join(LINES)
    words = reasons_of(cleaner.label(page, kind="text").explain(n), "word")
    assert {word.lower() for word in words} == {*re.findall(r"\w+", LINES[n].lower())}
    for word, reason in words.items():
        text = re.sub(rf"\s*\b{word}\b", "", LINES[n], flags=re.I).strip()
        without(page, n, reason, "\n".join([*LINES[:n], text, *LINES[n + 1 :]]))


@pytest.mark.parametrize("n", range(len(LINES)))
def test_the_rest_of_a_text(cleaner, without, n):
    page = "\n".join(LINES)
    document = cleaner.label(page, kind="text")
    explanation = document.explain(n)
    story = [i for i, label in enumerate(document.labels) if label in ("headline", "article")]
    left_out = {
        "before": [n - 1] if n else [],
        "behind": [n + 1] if n + 1 < len(LINES) else [],
        "all_before": range(n) if n > 1 else [],
        "all_behind": range(n + 1, len(LINES)) if n + 2 < len(LINES) else [],
        "story": [i for i in story if i != n],
    }
    kinds = {reason.kind for reason in explanation.reasons}
    for kind, rows in left_out.items():
        assert (kind in kinds) == bool(rows)
        if rows:
            kept = [line for i, line in enumerate(LINES) if i not in rows]
            its_n = n - sum(i < n for i in rows)
            reason = only(explanation, kind)
            assert reason.what == (LINES[rows[0]] if len(rows) == 1 else "")
            without(page, n, reason, "\n".join(kept), its_n)


def test_what_a_text_shares_with_the_story(cleaner, without):
    page = "\n".join(LINES)
    document = cleaner.label(page, kind="text")
    assert {document.labels[i] for i in (0, 2, 4)} <= {"headline", "article"}
    reason = only(document.explain(4), "shared")
    assert {*reason.what.split(", ")} == {"gate", "Tarn", "Haven"}
    shared = r"\s*\b(?:gate|Tarn|Haven)\b"
    lines = [re.sub(shared, "", line) if i in (0, 2) else line for i, line in enumerate(LINES)]
    without(page, 4, reason, "\n".join(lines))


def test_reasons_are_sorted_and_others_are_the_likeliest(cleaner):
    document = cleaner.label("\n".join(LINES), kind="text")
    explanation = document.explain(3)
    assert isinstance(explanation, Explanation)
    assert (explanation.n, explanation.paragraph) == (3, document.paragraphs[3])
    weights = [abs(reason.weight) for reason in explanation.reasons]
    assert weights == sorted(weights, reverse=True)
    probabilities = document.paragraphs[3].probabilities
    by_probability = sorted(probabilities, key=probabilities.get, reverse=True)
    assert document.labels[3] == by_probability[0]
    assert explanation.others == {label: probabilities[label] for label in by_probability[1:3]}


def test_the_label_is_the_one_that_it_has(cleaner):
    """Also where the dial chose one that is not the likeliest."""
    page = "\n".join(LINES)
    plain, strict = cleaner.label(page), Cleaner(precision=1).label(page)
    assert (plain.labels[2], strict.labels[2] in ("headline", "article")) == ("article", False)
    explanation = strict.explain(2)
    assert explanation.paragraph.label == strict.labels[2]
    assert next(iter(explanation.others)) == "article"
    assert only(explanation, "all_before").weight != only(plain.explain(2), "all_before").weight


TITLE = re.search("<title>(.*)</title>", HTML)


@pytest.mark.parametrize(
    ("n", "kind", "what", "old", "new"),
    [
        (3, "word", "letter", " letter", ""),
        (3, "word", "our", ' <b class="hot">our</b>', '<b class="hot"></b>'),
        (5, "word", "fares", " fares", ""),
        (2, "class", "first", "text first", "text"),
        (3, "class", "hot", ' class="hot"', ""),
        (3, "class", "promo", ' id="promo"', ""),
        (3, "class", "text", 'p class="text">Sign', "p>Sign"),
        (3, "class", "wide", " wide", ""),
        (6, "class", "card", '<li class="card"><a href="h', '<li><a href="h'),
        (3, "tag", "aside", "aside", "div"),
        (5, "tag", "ul", "ul", "div"),
        (1, "tag", "article", "article", "div"),
        (5, "links", "", '<a href="/news/ferry-fares">Ferry fares rise</a>', "Ferry fares rise"),
        (1, "title", TITLE[1], TITLE[0], ""),
        (5, "behind", "School roof is safe", re.search("<li[^/]*https.*</li>", HTML)[0], ""),
        (3, "all_behind", "", HTML[HTML.index("</aside><p") + 8 : HTML.index("</body")], ""),
    ],
)  # fmt: skip
def test_html(cleaner, without, n, kind, what, old, new):
    explanation = cleaner.label(HTML, kind="html").explain(n)
    assert old in HTML
    without(HTML, n, reasons_of(explanation, kind)[what], HTML.replace(old, new), kind="html")


def test_what_stands_before_in_html(cleaner, without):
    explanation = cleaner.label(HTML, kind="html").explain(2)
    for kind, pattern, its_n in (
        ("before", "<h1>.*</h1>", 1), ("all_before", "<nav>.*</nav>|<h1>.*</h1>", 0),
    ):  # fmt: skip
        changed = re.sub(pattern, "", HTML)
        without(HTML, 2, only(explanation, kind), changed, its_n, kind="html")


def test_every_telling_class_and_tag_is_left_out(cleaner):
    document = cleaner.label(HTML, kind="html")
    explanation = document.explain(3)
    classes = {"hot", "text", "promo", "box", "story", "wide", "home"}
    assert {*reasons_of(explanation, "class")} == classes
    assert {*reasons_of(explanation, "tag")} == {"p", "aside", "article"}
    assert not reasons_of(explanation, "links")
    kinds = {reason.kind for reason in cleaner.label("\n".join(LINES)).explain(3).reasons}
    assert not kinds & {"class", "tag", "links", "title"}


def test_a_word_is_left_out_of_the_story_in_json_ld_as_well(cleaner, without):
    story = "The tide gate of Tarn Haven was closed on Monday night."
    script = f'<script type="application/ld+json">{{"articleBody": "{story} More."}}</script>'
    page = HTML.replace("</head>", f"{script}</head>")
    explanation = cleaner.label(page, kind="html").explain(2)
    changed = page.replace(" closed on", " on")
    assert changed.count(" closed on") == 0 < page.count(" closed on")
    without(page, 2, reasons_of(explanation, "word")["closed"], changed, kind="html")


def test_of_a_long_paragraph_the_telling_words_are_left_out(cleaner, without):
    plain = " ".join(f"stone{chr(97 + i // 20)}{chr(97 + i % 20)}" for i in range(120))
    text = f"{plain} and a newsletter, subscribe now."
    words = reasons_of(cleaner.label(text, kind="text").explain(0), "word")
    assert len(words) == 30
    assert "newsletter" in words
    without(text, 0, words["newsletter"], text.replace(" newsletter", ""))


def test_words_of_many_scripts(cleaner, without):
    text = "'Don't miss the well-known 4,000. 港口周一恢复，港口。 हिन्दी में"
    words = reasons_of(cleaner.label(text, kind="text").explain(0), "word")
    assert {*words} == {
        "Don't", "miss", "the", "well-known", "4,000", "港口", "口周", "周一", "一恢", "恢复",
        "हिन्दी", "में",
    }  # fmt: skip
    without(text, 0, words["港口"], text.replace(" 港口", "").replace("港口", ""))


def test_a_page_of_one_word(cleaner):
    (word,) = cleaner.label("Advertisement").explain(0).reasons
    assert (word.kind, word.what) == ("word", "Advertisement")


def test_a_paragraph_without_words_on_a_page_of_its_own(cleaner):
    assert cleaner.label("* * *").explain(0).reasons == ()


@pytest.mark.parametrize("n", [-1, 7, 10**9, "1", None, 1.0])
def test_a_paragraph_that_is_not_there(cleaner, n):
    document = cleaner.label("\n".join(LINES))
    with pytest.raises(UsageError, match=r"no paragraph .*: the page has 7, from 0 to 6"):
        document.explain(n)
    with pytest.raises(UsageError, match=r"no paragraph .*: the page has none"):
        cleaner.label("").explain(n)


def test_a_document_without_models_says_so(cleaner):
    document = cleaner.label("\n".join(LINES))
    sent = pickle.loads(pickle.dumps(document))
    assert sent.paragraphs == document.paragraphs
    for one in (sent, Document(document.texts, document.scores)):
        with pytest.raises(UsageError, match=r"label its page again with Cleaner\.label"):
            one.explain(0)


def test_a_document_of_bytes_in_a_charset_of_their_own(cleaner):
    page = HTML.replace("letter", "le\u00e9r").encode("latin-1")
    words = reasons_of(cleaner.label(page).explain(3), "word")
    assert "le\u00e9r" in words


@settings(deadline=None, max_examples=25)
@given(TAGS_AND_TEXTS)
def test_any_paragraph_of_a_broken_page_can_be_explained(cleaner, source):
    document = cleaner.label("<p>x" + source, kind="html")
    for n in range(min(len(document), 3)):
        for reason in document.explain(n).reasons:
            assert np.isfinite(reason.weight)
