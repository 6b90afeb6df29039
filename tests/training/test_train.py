import json

import pytest

from cleaner import Cleaner
from cleaner.errors import UsageError
from cleaner.training.evaluate import judge_pages, report
from cleaner.training.train import train


def files(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def seeds(request):
    return request.config.rootpath / "seeds"


@pytest.fixture(scope="module")
def trained(seeds, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained") / "models"
    train([seeds], folder, seed=3, jobs=2, progress=lambda line: None)
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
        assert json.loads((trained / kind / "model.json").read_text())["figures"]


def test_the_same_data_and_seed_give_the_same_bytes(trained, seeds, tmp_path):
    train([seeds], tmp_path / "again", seed=3, jobs=1, progress=lambda line: None)
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


@pytest.mark.parametrize("kind", ["text", "html"])
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
