"""A models folder that is fitted in seconds on made-up pages, and corrections as files."""

import json

from made_up_pages import make_page
from word_vectors import WORD_VECTORS

from cleaner.labels import LABELS
from cleaner.model.store import Model, save_model, save_words
from cleaner.training.fit import fit_model, packed
from cleaner.training.views import html_views, whole_view

PAGES = 12


def write_models(folder):
    """Fit models on made-up pages, each of a site of its own."""
    pages = [make_page(n) for n in range(PAGES)]
    views = {"html": html_views(pages), "text": [whole_view(page) for page in pages]}
    save_words(WORD_VECTORS, folder)
    for kind, some in views.items():
        model, _ = fit_model(kind, some, WORD_VECTORS, seed=0, jobs=2, progress=lambda line: None)
        save_model(Model(kind, packed(model.arrays), model.networks, model.about), folder / kind)
        (folder / kind / "README.md").write_text(f"# Model `{kind}`\n\nOf made-up pages.\n")
    return folder


def write_corrections(path, pages, change=lambda text, label: label, confirmed=None):
    """Write pages as `cleaner review` saves them, with labels as `change` gives them."""
    rows = []
    for page in pages:
        paragraphs = [
            {"text": text, "label": change(text, LABELS[label])}
            | ({} if confirmed is None else {"confirmed": confirmed(text)})
            for text, label in page.paragraphs
        ]
        text = "\n".join(text for text, _ in page.paragraphs)
        row = {name: getattr(page, name) for name in ("id", "site", "language", "type", "title")}
        row |= {"html": page.html} if page.html else {"text": text}
        rows.append(row | {"url": None, "paragraphs": paragraphs})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path
