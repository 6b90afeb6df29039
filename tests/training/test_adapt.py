import json
from dataclasses import replace
from shutil import copytree

import numpy as np
import pytest
from made_up_pages import make_page
from safetensors.numpy import load_file, save_file
from small_models import write_corrections, write_models

from cleaner import Cleaner
from cleaner.errors import ModelError, UsageError
from cleaner.labels import ID
from cleaner.model.store import hash_model, load_model
from cleaner.training.adapt import adapt

BYLINE = "By the night desk"


def files(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return write_models(tmp_path_factory.mktemp("base"))


def pages_of_a_site(count, html=True):
    return [make_page(100 + n, site="courier.example", html=html) for n in range(count)]


def byline_is_story(text, label):
    return "article" if text.startswith(BYLINE) else label


def teach(base, folder, pages, change=byline_is_story, confirmed=None, **settings):
    """Adapt to pages; return what became of the models, and the folder that they are in."""
    path = write_corrections(folder / "corrections.jsonl", pages, change, confirmed)
    settings = {"base": base, "progress": lambda line: None} | settings
    return adapt([path], folder / "models", **settings), folder / "models"


def label_of_byline(folder, kind):
    """The label of a byline on a page that no model has seen."""
    page = make_page(999)
    source = page.html if kind == "html" else "\n".join(text for text, _ in page.paragraphs)
    document = Cleaner(folder).label(source, kind=kind)
    (label,) = {p.label for p in document.paragraphs if p.text.startswith(BYLINE)}
    return label


@pytest.fixture(scope="module")
def by_four(base, tmp_path_factory):
    return teach(base, tmp_path_factory.mktemp("four"), pages_of_a_site(4))


@pytest.fixture(scope="module")
def by_one(base, tmp_path_factory):
    return teach(base, tmp_path_factory.mktemp("one"), pages_of_a_site(1))


def test_what_was_corrected_everywhere_is_learned(base, by_four):
    _, models = by_four
    for kind in ("text", "html"):
        assert label_of_byline(base, kind) == "boilerplate"
        assert label_of_byline(models, kind) == "article"


def test_a_page_of_another_site_is_labelled_as_before(base, by_four):
    """To the last bit: it shares neither lines nor boxes with the corrected ones."""
    _, models = by_four
    page = "<div class=story><h1>Gate to close</h1><p>Nobody asked the sea about it.</p></div>"
    for kind in ("text", "html"):
        before, after = (Cleaner(folder).label(page, kind=kind) for folder in (base, models))
        assert (before.scores == after.scores).all()


def test_pages_together_are_labelled_as_each_alone(by_four):
    _, models = by_four
    cleaner = Cleaner(models)
    pages = [make_page(900 + n).html for n in range(4)] + ["By the night desk"]
    for page, document in zip(pages, cleaner.label_many(pages), strict=True):
        np.testing.assert_allclose(document.scores, cleaner.label(page).scores, atol=1e-5)


@pytest.mark.parametrize("marks", [-1, 10**9, 1.5, None])
def test_marks_that_are_not_as_many_as_the_model_says(by_four, tmp_path, marks):
    _, models = by_four
    copytree(models, tmp_path / "models")
    path = tmp_path / "models" / "text" / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"marks": marks}))
    with pytest.raises(ModelError, match="no number of marks"):
        load_model(path.parent)


def test_marks_that_do_not_rise(by_four, tmp_path):
    _, models = by_four
    copytree(models, tmp_path / "models")
    path = tmp_path / "models" / "text" / "weights.safetensors"
    arrays = load_file(path)
    save_file(arrays | {"marks": arrays["marks"][::-1].copy()}, path)
    with pytest.raises(ModelError, match="marks do not rise"):
        load_model(path.parent)


@pytest.mark.parametrize("pages", ["by_one", "by_four"])
def test_all_else_stays(base, pages, request):
    _, models = request.getfixturevalue(pages)
    for kind in ("text", "html"):
        page = make_page(998)
        source = page.html if kind == "html" else "\n".join(text for text, _ in page.paragraphs)
        before, after = (Cleaner(folder).label(source, kind=kind) for folder in (base, models))
        pairs = zip(before.paragraphs, after.paragraphs, strict=True)
        moved = [p.text for p, q in pairs if p.label != q.label]
        assert all(text.startswith(BYLINE) for text in moved)


def test_figures_are_cross_validated(base, by_four):
    found, models = by_four
    for adapted in found:
        assert adapted.moved
        assert adapted.before.lost > adapted.after.lost
        assert adapted.before.f1 < adapted.after.f1
        assert not adapted.warning
        about = json.loads((models / adapted.kind / "model.json").read_text())["adapted"]
        assert about["base"] == hash_model(base / adapted.kind)
        assert (about["pages"], about["sites"]) == (4, ["courier.example"])
        assert about["after"]["lost"] == adapted.after.lost
        card = (models / adapted.kind / "README.md").read_text()
        assert about["base"] in card
        assert "courier.example" in card
        assert f"| before | {adapted.before.junk} | {adapted.before.lost} |" in card
        assert "Of made-up pages." in card


def test_one_page_is_too_few_to_tell(by_one):
    found, _ = by_one
    for adapted in found:
        assert adapted.moved
        assert adapted.before is None
        assert "too few" in adapted.warning


def test_what_would_get_worse_stays(base, tmp_path):
    """Two pages that are at odds on what looks alike."""

    def at_odds(text, label):
        return byline_is_story(text, label) if "page100" in text else label

    found, models = teach(base, tmp_path, pages_of_a_site(2), at_odds)
    for adapted in found:
        assert adapted.after.wrong > adapted.before.wrong
        assert not adapted.moved
        assert "stays that of the base" in adapted.warning
    assert files(models) == files(base)


def test_what_nobody_confirmed_is_not_learned(base, tmp_path):
    _, models = teach(
        base, tmp_path, pages_of_a_site(1), confirmed=lambda text: not text.startswith(BYLINE)
    )
    for kind in ("text", "html"):
        before, after = (folder / kind / "weights.safetensors" for folder in (base, models))
        assert before.read_bytes() == after.read_bytes()


def test_corrections_that_nobody_confirmed_are_refused(base, tmp_path):
    with pytest.raises(UsageError, match="set `confirmed` to true"):
        teach(base, tmp_path, pages_of_a_site(1), confirmed=lambda text: False)
    assert not (tmp_path / "models").exists()


def test_text_alone_leaves_the_html_model_as_it_is(base, tmp_path):
    (text, html), models = teach(base, tmp_path, pages_of_a_site(3, html=False))
    assert text.moved
    assert label_of_byline(models, "text") == "article"
    assert not html.moved
    assert "stays that of the base" in html.warning
    assert files(models / "html") == files(base / "html")


def test_the_same_pages_and_seed_give_the_same_bytes(base, by_four, tmp_path):
    _, models = by_four
    _, again = teach(base, tmp_path, pages_of_a_site(4), jobs=2)
    assert files(models) == files(again)


def test_a_page_counts_as_it_came_last(base, tmp_path):
    pages = pages_of_a_site(1)
    first = write_corrections(tmp_path / "1.jsonl", pages, byline_is_story)
    last = write_corrections(tmp_path / "2.jsonl", pages)
    models = tmp_path / "models"
    adapt([first, last], models, base=base, progress=lambda line: None)
    assert label_of_byline(models, "html") == "boilerplate"


def test_adapted_models_can_be_adapted_again(by_one, tmp_path):
    """Here to the contrary."""
    _, models = by_one
    _, again = teach(models, tmp_path, pages_of_a_site(4), lambda text, label: label)
    assert label_of_byline(models, "html") == "article"
    assert label_of_byline(again, "html") == "boilerplate"


def test_a_page_of_one_paragraph(base, tmp_path):
    text = "By the night desk, who saw it all."
    page = replace(make_page(1), html=f"<p>{text}</p>", paragraphs=((text, ID["article"]),))
    _, models = teach(base, tmp_path, [page])
    assert Cleaner(models).label(make_page(2).html).labels.count("article") >= 6


def test_pages_without_a_story_are_refused(base, tmp_path):
    with pytest.raises(UsageError, match="no corrected page with a story"):
        teach(base, tmp_path, pages_of_a_site(1), lambda text, label: "boilerplate")
    assert not (tmp_path / "models").exists()


def test_the_base_itself_is_no_output(base, tmp_path):
    path = write_corrections(tmp_path / "corrections.jsonl", pages_of_a_site(1))
    before = files(base)
    with pytest.raises(UsageError, match="is the base itself"):
        adapt([path], base, base=base, progress=lambda line: None)
    assert files(base) == before


def test_nothing_else_gives_way(base, tmp_path):
    (tmp_path / "models" / "text").mkdir(parents=True)
    (tmp_path / "models" / "text" / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"no model; give another folder with -o"):
        teach(base, tmp_path, pages_of_a_site(1))
    assert (tmp_path / "models" / "text" / "notes.txt").read_text() == "mine"


def test_a_base_that_is_none_or_damaged(base, tmp_path):
    with pytest.raises(UsageError, match="no models folder"):
        teach(tmp_path / "nowhere", tmp_path, pages_of_a_site(1))
    damaged = tmp_path / "damaged"
    for path, data in files(base).items():
        (damaged / path).parent.mkdir(parents=True, exist_ok=True)
        (damaged / path).write_bytes(data)
    (damaged / "text" / "weights.safetensors").write_bytes(b"x" * 100)
    with pytest.raises(ModelError, match=r"weights\.safetensors"):
        teach(damaged, tmp_path, pages_of_a_site(1))
    assert not (tmp_path / "models").exists()
