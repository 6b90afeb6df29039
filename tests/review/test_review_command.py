import base64
import hashlib
import json
import re
from collections import Counter

import pytest
from browser import read_lines

from cleaner import LABELS
from cleaner.labels import STORY

STORY_TEXT = "\n".join(
    f"The keeper of lighthouse {n} said on Monday that the lamp would be lit again in spring, when "
    "the roof is mended and the oil has come by ship from the mainland." for n in range(6)
)  # fmt: skip


def data_of(path) -> dict:
    """What a review tells the browser."""
    html = path.read_text(encoding="utf-8")
    assert html.count("<script") == 2
    return json.loads(
        re.search(r'<script type="application/json".*?>(.*?)</script>', html, re.S)[1]
    )


@pytest.fixture
def review(run, tmp_path):
    """Make a review and return its pages."""

    def make(*args) -> list[dict]:
        run("review", *args, "-o", tmp_path / "review.html")
        return data_of(tmp_path / "review.html")["pages"]

    return make


def write_pages(path, pages) -> None:
    path.write_text("".join(json.dumps(page) + "\n" for page in pages))


@pytest.fixture
def many(tmp_path):
    """Thirty pages: the later ones have more words that nobody can be sure of."""
    lines = ["Read more", "He was 31", "The garden, again", "Tickets from 4"]
    texts = [f"{STORY_TEXT}\n" + "\n".join(lines * n) for n in range(30)]
    path = tmp_path / "many.jsonl"
    pages = [{"url": f"https://a{n}.example.com/", "text": t} for n, t in enumerate(texts)]
    write_pages(path, pages)
    return path


def test_a_page_brings_what_is_saved_of_it(review, site_pages):
    first, second = sorted(review(site_pages), key=lambda page: page["kind"])
    assert first["form"]["id"] == first["form"]["url"] == "https://www.courier.co.uk/gate"
    assert (first["form"]["site"], first["form"]["language"]) == ("courier.co.uk", "en")
    assert (first["kind"], second["kind"]) == ("html", "text")
    assert second["form"]["id"] == f"{site_pages}:2"
    assert second["form"]["url"] is second["form"]["language"] is None
    assert second["form"]["site"] == str(site_pages.parent)
    for page in (first, second):
        count = len(page["texts"])
        assert len(page["labels"]) == len(page["confirmed"]) == len(page["percent"]) == count > 20
        assert set(page["confirmed"]) == {"0"}
        assert not page["right"]
        assert page["form"]["type"] == "article"
        assert re.fullmatch("[0-9a-f]{64}", page["form"]["model"])
    assert first["form"]["model"] != second["form"]["model"]


def test_labels_are_those_of_label(run, review, site_pages):
    rows = [json.loads(line) for line in run("label", site_pages).stdout.splitlines()]
    suggested = {tuple(p["text"] for p in row["paragraphs"]): row["paragraphs"] for row in rows}
    for page in review(site_pages):
        paragraphs = suggested[tuple(page["texts"])]
        assert [LABELS[int(n)] for n in page["labels"]] == [p["label"] for p in paragraphs]
        assert page["percent"] == [pytest.approx(100 * p["probability"], abs=1) for p in paragraphs]


def test_the_file_runs_its_own_script_alone(run, site_pages, tmp_path):
    run("review", site_pages, "-o", tmp_path / "review.html")
    html = (tmp_path / "review.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', html)[1].replace("&#x27;", "'")
    assert policy.startswith("default-src 'none';")
    for tag in ("script", "style"):
        (own,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.S)
        digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not re.search(r"<link|<img|<iframe|@import|url\(|\ssrc=", html.split("<script")[0])


def test_pages_in_doubt_come_first(review, many):
    pages = review(many)
    doubts = [page["doubt"] for page in pages]
    assert len(pages) == 30
    assert doubts == sorted(doubts, reverse=True)
    assert doubts[0] > doubts[-1]


def test_the_lot_prefers_pages_in_doubt(review, many):
    doubts = {page["form"]["url"]: page["doubt"] for page in review(many)}
    usual = sum(doubts.values()) / len(doubts)
    draws = [[p["form"]["url"] for p in review(many, "--pages", 4, "--seed", n)] for n in range(9)]
    assert all(len(set(draw)) == 4 for draw in draws)
    assert len({tuple(draw) for draw in draws}) > 1
    drawn = Counter(url for draw in draws for url in draw)
    assert sum(doubts[url] * n for url, n in drawn.items()) / drawn.total() > usual
    assert [p["form"]["url"] for p in review(many, "--pages", 4, "--seed", 3)] == draws[3]


def test_all_pages_or_some(review, many):
    lines = many.read_text().splitlines(keepends=True)
    many.write_text("".join(lines) + "".join(line.replace("//a", "//b") for line in lines))
    assert len(review(many)) == 50
    assert len(review(many, "--all")) == 60


def test_pages_of_one_address_have_ids_of_their_own(review, tmp_path):
    pages = [{"url": "https://one.example/", "text": f"{STORY_TEXT} {n}"} for n in range(3)]
    write_pages(tmp_path / "same.jsonl", pages)
    found = review(tmp_path / "same.jsonl")
    assert len({page["form"]["id"] for page in found}) == 3
    assert {page["form"]["site"] for page in found} == {"one.example"}


def test_what_stands_in_one_box_is_alike(review, tmp_path):
    teasers = "".join(
        f'<li class="teaser item-{n}" id="story-{n}"><a href="/{n}">Roof {n} is safe</a></li>'
        for n in range(4)
    )
    story = "".join(f"<p>{line}</p>" for line in STORY_TEXT.split("\n"))
    html = (
        f'<html><body><div class="story"><h1>The lamp</h1>{story}</div><ul class="more">{teasers}'
        '</ul><div class="author"><p>Ann writes of lamps.</p><p>Mail her.</p></div></body></html>'
    )
    (tmp_path / "page.html").write_text(html)
    (page,) = review(tmp_path / "page.html")
    alike = dict(zip(page["texts"], page["alike"], strict=True))
    assert len({alike[f"Roof {n} is safe"] for n in range(4)}) == 1
    assert alike["Ann writes of lamps."] == alike["Mail her."]
    of_story = {alike[line] for line in STORY_TEXT.split("\n")}
    assert len(of_story) == 1
    assert not of_story & {alike["Mail her."], alike["Roof 1 is safe"], alike["The lamp"]}


def test_resumed_pages_come_first_as_they_were_left(run, review, site_pages, many, tmp_path):
    run("label", "--for-training", site_pages, "-o", tmp_path / "corrections.jsonl")
    saved = read_lines(tmp_path / "corrections.jsonl")
    saved[0]["paragraphs"][3] |= {"label": "sponsored", "confirmed": True}
    saved[1]["type"] = "no-article"
    for paragraph in saved[1]["paragraphs"]:
        paragraph["confirmed"] = True
    write_pages(tmp_path / "corrections.jsonl", saved)
    resumed = review("--resume", tmp_path / "corrections.jsonl")
    assert resumed == review(site_pages, "--resume", tmp_path / "corrections.jsonl")
    first, second = resumed
    assert first["confirmed"].count("1") == 1
    assert first["confirmed"][3] == "1"
    assert first["labels"][3] == str(LABELS.index("sponsored"))
    assert (first["right"], first["isArticle"]) == (False, True)
    assert (second["right"], second["isArticle"]) == (True, False)
    for page, line in zip(resumed, saved, strict=True):
        assert page["form"] == {k: line[k] for k in page["form"]} | {"type": "article"}
        assert page["texts"] == [p["text"] for p in line["paragraphs"]]
    more = review(many, "--pages", 5, "--resume", tmp_path / "corrections.jsonl")
    assert [page["form"]["id"] for page in more[:2]] == [line["id"] for line in saved]
    assert len(more) == 7


def test_a_paragraph_that_is_split_in_another_way_is_suggested_anew(run, review, tmp_path):
    write_pages(tmp_path / "pages.jsonl", [{"text": STORY_TEXT}])
    run("label", "--for-training", tmp_path / "pages.jsonl", "-o", tmp_path / "saved.jsonl")
    (saved,) = read_lines(tmp_path / "saved.jsonl")
    for paragraph in saved["paragraphs"]:
        paragraph |= {"label": "caption", "confirmed": True}
    saved["paragraphs"][2]["text"] += " It was."
    write_pages(tmp_path / "saved.jsonl", [saved])
    (page,) = review("--resume", tmp_path / "saved.jsonl")
    assert page["confirmed"] == "110111"
    caption = str(LABELS.index("caption"))
    assert [n for n, label in enumerate(page["labels"]) if label != caption] == [2]


def test_other_labels_may_be_kept(run, site_pages, tmp_path):
    output = tmp_path / "review.html"
    run("review", site_pages, "-o", output)
    assert [one["name"] for one in data_of(output)["labels"] if one["kept"]] == list(STORY)
    run("review", site_pages, "--keep", "article,caption", "-o", output)
    assert {one["name"] for one in data_of(output)["labels"] if one["kept"]} == {
        "article",
        "caption",
    }


def test_no_page_makes_no_review(run, tmp_path):
    output = tmp_path / "review.html"
    result = run("review", "-o", output, stdin="\n \n")
    assert result.exit_code == 1
    assert "no page with a paragraph" in result.stderr
    result = run("review", tmp_path / "none.html", "-o", output)
    assert result.exit_code == 1
    assert "none.html: no such file" in result.stderr
    assert not output.exists()


def test_what_fails_is_told_and_left_out(run, site_pages, tmp_path):
    pages = tmp_path / "pages.jsonl"
    pages.write_text(f"{site_pages.read_text()}{{\n")
    result = run("review", pages, "-o", tmp_path / "review.html")
    assert result.exit_code == 1
    assert f"{pages}:3: not JSON" in result.stderr
    assert "2 pages to look at" in result.stderr
    assert len(data_of(tmp_path / "review.html")["pages"]) == 2


def test_wrong_use_is_told_and_writes_nothing(run, site_pages, tmp_path):
    saved = tmp_path / "saved.jsonl"
    saved.write_text('{"id": "x", "paragraphs": [{"text": "A", "label": "lead"}]}\n')
    copy = tmp_path / "copy.html"
    copy.symlink_to(saved)
    for args, told in (
        (["--resume", saved, "-o", tmp_path / "review.html"], "saved.jsonl:1: unknown label"),
        (["--resume", saved, "-o", copy], "is one of the files that are read"),
        ([saved, "-o", copy], "is one of the files that are read"),
        ([site_pages, "-o", tmp_path / "review.csv"], "give -o the ending .html"),
        ([site_pages, "-o", tmp_path], "is a folder"),
    ):
        result = run("review", *args)
        assert result.exit_code == 2
        assert told in result.stderr
    assert not (tmp_path / "review.html").exists()
    assert saved.read_text().startswith('{"id"')


def test_pages_for_training_are_saved_whole(run, site_pages, tmp_path):
    labelled = [json.loads(line) for line in run("label", site_pages).stdout.splitlines()]
    run("label", "--for-training", site_pages, "-o", tmp_path / "pages.jsonl")
    given = read_lines(site_pages)
    for line, source, row in zip(
        read_lines(tmp_path / "pages.jsonl"), given, labelled, strict=True
    ):
        kind = "html" if "html" in source else "text"
        assert line[kind] == source[kind]
        assert (line["type"], line["title"]) == ("article", row["title"])
        assert line["paragraphs"] == [
            {"text": p["text"], "label": p["label"], "confirmed": False} for p in row["paragraphs"]
        ]
    result = run("evaluate", tmp_path / "pages.jsonl")
    assert result.exit_code == 2
    assert "no page of type `article` with a label that a person has confirmed" in result.stderr
    confirmed = (
        (tmp_path / "pages.jsonl").read_text().replace('confirmed":false', 'confirmed":true')
    )
    (tmp_path / "pages.jsonl").write_text(confirmed)
    kinds = json.loads(run("evaluate", tmp_path / "pages.jsonl", "--json").stdout)["kinds"]
    assert kinds["html"]["pages"] == 1
    assert kinds["whole"]["pages"] == 2


def test_pages_for_training_are_json_lines(run, site_pages, tmp_path):
    for args, told in (
        (["--probabilities"], "without --probabilities"),
        (["--to", "table"], "without table"),
        (["-o", tmp_path / "x.parquet"], "without parquet"),
    ):
        result = run("label", "--for-training", site_pages, *args)
        assert result.exit_code == 2
        assert told in result.stderr
