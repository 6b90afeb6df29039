"""A model's card: what it was trained on, how, how well it does, and where it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cleaner.document import ARTICLE_FROM
from cleaner.features.meaning import LAYER, MEANING, VECTOR, VECTOR_BITS
from cleaner.labels import GROUPS, LABELS
from cleaner.model.junk import RIGHT_WITHIN
from cleaner.model.network import STATES, UNITS
from cleaner.model.store import FAST_NETWORKS, Model
from cleaner.training.data import LabelledPage
from cleaner.training.evaluate import (
    MIN_LANGUAGE_PAGES,
    Judged,
    article_figures,
    figures,
    junk_figures,
    label_f1,
)
from cleaner.training.extractors import extractors
from cleaner.training.fit import FOLDS
from cleaner.training.meaning import ENCODER
from cleaner.training.network import DROPOUT, EPOCHS
from cleaner.training.views import FOUND_KINDS


def write_card(
    model: Model,
    judged: Sequence[Judged],
    pages: Sequence[LabelledPage],
    folder: Path,
) -> Model:
    """Write `README.md` into a model folder; return the model with the figures in what it says.

    `judged` are the cross-fitted labels of the labelled pages' views.
    """
    by_kind = figures(judged)
    labelled = [page for page in pages if page.has_story]
    trained_on = {
        "labelled_pages": len(labelled),
        "sites": len({page.site for page in labelled}),
        "languages": len({page.language for page in labelled}),
        "extractors": list(extractors()),
    }
    brief = {
        kind: {key: round(f[key], 4) for key in ("mean_f1", "junk", "kept")}
        for kind, f in by_kind.items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    sections = [
        f"# Model `{model.kind}`\n",
        _intro(model, labelled),
        "## Figures\n",
        f"Cross-validated: the sites of the labelled pages are in {FOLDS} parts, and each part is "
        "labelled by n-gram weights and a network that did not see its sites. Pages of type "
        "`article`; F1 by paragraphs. Junk is the share of the kept words that are not the story, "
        "kept the share of the story's words that are kept, both means over pages.\n",
        _kinds_table(by_kind),
        "F1 of each label:\n",
        _labels_table(judged),
        f"Mean F1 by language, where there are {MIN_LANGUAGE_PAGES} pages or more:\n",
        _languages_table(by_kind),
        "## Article or not\n",
        _article(judged),
        "## Right or not\n",
        _junk(judged),
        _limits(labelled),
    ]
    (folder / "README.md").write_text("\n".join(sections), encoding="utf-8")
    return replace(model, about={**model.about, "trained_on": trained_on, "figures": brief})


def write_words_card(folder: Path) -> None:
    """Write the card of the word vectors into their folder."""
    card = (
        "# Word vectors\n\n"
        f"A vector of {VECTOR} whole numbers for each of {1 << VECTOR_BITS} hashes of words, and a "
        f"layer of {LAYER} rectified units that makes {MEANING} numbers of the sum of a "
        "paragraph's vectors: what the paragraph says. Both models beside this folder see these "
        "numbers.\n\n"
        f"They were fitted, by least squares, to what {ENCODER} says of the paragraphs of the "
        "training pages, labelled or not, and of the words that it knows itself, along the "
        f"{MEANING} directions in which paragraphs differ most. No part of the encoder is here, "
        "and none is needed to use or to train the models. No text is stored: a vector is that of "
        "all words whose hashes fall together.\n"
    )
    (folder / "README.md").write_text(card, encoding="utf-8")


def write_adapted_card(about: dict[str, Any], base_card: Path, folder: Path) -> None:
    """Write `README.md` into the folder of an adapted model, given what `model.json` says of how it
    was adapted, and the card of its base."""
    rows = [
        [name, *(str(found[key]) for key in ("junk", "lost", "story")), f"{found['f1']:.3f}"]
        for name in ("before", "after")
        if (found := about[name])
    ]
    head = ["", "junk words kept", "story words lost", "words of the story", "mean F1"]
    figures = (
        "Cross-validated over the corrected pages: each is labelled by the base, and by a model "
        "that was adapted to the others.\n\n" + _table(head, rows)
        if rows
        else "One page is too few for figures.\n"
    )
    card = (
        f"# Model `{folder.name}`, adapted\n\n"
        f"The base, {about['base']}, moved towards {_count(about['pages'], 'corrected page')} of "
        f"{_count(len(about['sites']), 'site')} ({', '.join(about['sites'])}), seed "
        f"{about['seed']}. {figures}\n"
        "What follows is the card of the base: its figures are not those of this model.\n\n"
    )
    known = base_card.read_text(encoding="utf-8") if base_card.is_file() else "There is none.\n"
    (folder / "README.md").write_text(card + known, encoding="utf-8")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _intro(model: Model, labelled: Sequence[LabelledPage]) -> str:
    languages = Counter(page.language for page in labelled)
    most = ", ".join(f"{name} {count}" for name, count in languages.most_common(8))
    what = (
        "the paragraphs of plain text: whole pages, what extractors leave of them, and stories "
        "with other stories appended"
        if model.kind == "text"
        else "the text blocks of HTML pages, and of pages as Markdown"
    )
    views = (
        f" Each page was rendered as a whole page, by {', '.join(extractors())}, and as its story "
        "with pieces of other pages of the same language behind it."
        if model.kind == "text"
        else ""
    )
    asked = (
        "by default the first alone is asked" if FAST_NETWORKS[model.kind] == 1 else "all are asked"
    )
    return (
        f"Labels {what}.\n\n"
        "## Data\n\n"
        f"{len(labelled)} labelled pages with a story, of {len({p.site for p in labelled})} "
        f"sites. Languages of the labelled pages: {most}.{views}\n\n"
        "## Method\n\n"
        "Logistic regression over hashed n-grams of words and their beginnings and ends"
        + (" and hashed tags, class names and ids" if model.kind == "html" else "")
        + " gives each paragraph first-stage probabilities. A network sees these with the "
        "paragraph's surface, position and neighbours, what it says by the [word "
        "vectors](../words/README.md), and how much of its content the likely story and its "
        f"beginning share, and reads the page in both directions: {UNITS} rectified units, then "
        f"layers of minimal gated units, {' and '.join(map(str, STATES))} of them in each "
        f"direction, dropout {DROPOUT:g}, {EPOCHS} passes, fitted on cross-fitted first-stage "
        f"probabilities. There are {len(model.networks)} such networks, whose probabilities "
        f"are averaged; {asked}. A temperature calibrates the "
        f"probabilities: {model.about['temperature']:.3g}. Seed {model.about['seed']}.\n\n"
        "The weights are sums over hash buckets; no text of the pages is stored.\n"
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _kinds_table(by_kind: dict[str, dict[str, Any]]) -> str:
    rows = []
    for kind, f in by_kind.items():
        f1 = f["f1"]
        rows.append(
            [
                kind.replace("_", " "),
                str(f["pages"]),
                str(f["paragraphs"]),
                f"{f['mean_f1']:.3f}",
                *(f"{f1[group]:.3f}" if group in f1 else "–" for group in GROUPS),
                f"{f['junk']:.1%}",
                f"{f['kept']:.1%}",
                f"{f['calibration_error']:.3f}",
            ]
        )
    return _table(["kind", "pages", "paragraphs", "mean F1", *GROUPS, "junk", "kept", "ECE"], rows)


def _labels_table(judged: Sequence[Judged]) -> str:
    kinds = dict.fromkeys(j.view.kind for j in judged)
    rows = []
    for kind in kinds:
        if scores := label_f1([j for j in judged if j.view.kind == kind]):
            rows.append([kind, *(f"{scores[x]:.3f}" if x in scores else "–" for x in LABELS)])
    return _table(["kind", *LABELS], rows)


def _languages_table(by_kind: dict[str, dict[str, Any]]) -> str:
    names = sorted({name for f in by_kind.values() for name in f["languages"]})
    rows = []
    for name in names:
        of_kinds = [f["languages"].get(name) for f in by_kind.values()]
        pages = max(of_kind["pages"] for of_kind in of_kinds if of_kind)
        shown = [f"{of_kind['mean_f1']:.3f}" if of_kind else "–" for of_kind in of_kinds]
        rows.append([name, str(pages), *shown])
    return _table(["language", "pages", *(kind.replace("_", " ") for kind in by_kind)], rows)


def _article(judged: Sequence[Judged]) -> str:
    f = article_figures([one for one in judged if one.view.kind in FOUND_KINDS])
    kept, dropped = f["articles_kept"], f["others_dropped"]
    return (
        "Whether a page is an article at all is told by logistic regression on what its "
        f"paragraphs were labelled. Cross-validated, at a probability of {ARTICLE_FROM:g}: of "
        f"{f['articles']} views of pages with a story {_percent(kept)} are said to be articles, of "
        f"{f['others']} views of listings, shops, services, forums and other pages without a story "
        f"{_percent(dropped)} are not; expected calibration error "
        f"{f['calibration_error']:.3f}.\n"
    )


def _junk(judged: Sequence[Judged]) -> str:
    f = junk_figures([one for one in judged if one.view.kind in FOUND_KINDS])
    rows = [[f"{at['most']:g}", _percent(at["share"]), _percent(at["right"])] for at in f["curve"]]
    return (
        "Whether what is kept of a page is right, with at most "
        f"{RIGHT_WITHIN:.0%} of junk in it and {RIGHT_WITHIN:.0%} of the story missing, is told by "
        "logistic regression on how sure its labels are. Cross-validated, over the same views, of "
        "which those without a story are never right; expected calibration error "
        f"{f['calibration_error']:.3f}:\n\n"
        + _table(["junk_probability up to", "views", "of these right"], rows)
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _limits(labelled: Sequence[LabelledPage]) -> str:
    languages = Counter(page.language for page in labelled)
    few = sorted(name for name, count in languages.items() if count < MIN_LANGUAGE_PAGES)
    return (
        "## Limits\n\n"
        "- Trained on news: of a shop, a forum or a list of stories it may keep what is no story.\n"
        "- `sponsored` is the rarest group and the least sure; blurbs without a sign of selling "
        "are taken for other stories.\n"
        "- A story's captions and another's lead read like the story; without a border between "
        "them some are kept.\n"
        f"- Languages with fewer than {MIN_LANGUAGE_PAGES} labelled pages "
        f"({', '.join(few) or 'none'}) and those with none have no figures here.\n"
    )
