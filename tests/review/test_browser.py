"""The review in a browser: what a person does there, and what is saved of it."""

import json
import random
import time

import numpy as np
import pytest
from browser import NARROW, WIDE, complaints, darken, read_lines, resize
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from cleaner import LABELS, Document
from cleaner.labels import ID

TIMEOUT = 30

HOSTILE = (
    "<script>document.title = 'taken'</script>",
    "</script><script>document.title = 'taken'</script>",
    "<img src=x onerror=\"document.title = 'taken'\">",
    "{{script}} {{data}} \\u003cscript\\u003e ${document.title = 'taken'}",
    "\x1b]0;taken\x07 \x1b[2J red \x9b31m",
    "\u202eturned \u2066 isolated \u200f marked",
)


class Review:
    """A review that is open in a browser."""

    def __init__(self, browser, downloads) -> None:
        self.browser, self.downloads = browser, downloads

    def one(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def rows(self):
        return self.browser.find_elements(By.CSS_SELECTOR, "#paragraphs .row")

    def labels(self) -> list[str]:
        script = (
            "return [...document.querySelectorAll('#paragraphs .label')]"
            ".map(label => label.firstChild.textContent)"
        )
        return self.browser.execute_script(script)

    def click(self, selector) -> None:
        self.one(selector).click()

    def press(self, *keys) -> None:
        ActionChains(self.browser).send_keys(*keys).perform()

    def press_with(self, held, *keys) -> None:
        chain = ActionChains(self.browser).key_down(held).send_keys(*keys)
        chain.key_up(held).perform()

    def clean_text(self) -> str:
        script = "return [...document.querySelectorAll('#clean-text p')].map(p => p.textContent)"
        return "\n\n".join(self.browser.execute_script(script))

    def text(self, selector) -> str:
        return self.one(selector).get_property("textContent")

    def reload(self) -> None:
        self.browser.refresh()

    def save(self) -> list[dict]:
        """Press the button, and return what was downloaded."""
        path = self.downloads / "corrections.jsonl"
        path.unlink(missing_ok=True)
        self.click("#save")
        until = time.monotonic() + TIMEOUT
        while not path.exists():
            assert time.monotonic() < until, "nothing was downloaded"
            time.sleep(0.05)
        return read_lines(path)


@pytest.fixture
def open_file(browser, downloads):
    """Open a review for the first time, in a wide window."""

    def make(path) -> Review:
        resize(browser, WIDE)
        browser.get(path.as_uri())
        browser.execute_script("localStorage.clear()")
        complaints(browser)
        browser.refresh()
        return Review(browser, downloads)

    yield make
    assert complaints(browser) == []


@pytest.fixture
def open_review(run, open_file, tmp_path):
    """Make a review and open it."""

    def make(*args) -> Review:
        run("review", *args, "-o", tmp_path / "review.html")
        return open_file(tmp_path / "review.html")

    return make


@pytest.fixture
def opened(open_file, site_review):
    """A review of two pages."""
    return open_file(site_review)


def test_labels_are_corrected_by_mouse(opened):
    first = opened.labels()
    row = opened.rows()[4]
    row.click()
    opened.click("#labels button:nth-child(5)")
    assert opened.labels() == [*first[:4], "sponsored", *first[5:]]
    assert f"was {first[4]}" in row.text
    (page,) = opened.save()
    assert [p["label"] for p in page["paragraphs"]] == opened.labels()
    assert [n for n, p in enumerate(page["paragraphs"]) if p["confirmed"]] == [4]


def test_labels_are_corrected_by_keys(opened):
    first = opened.labels()
    opened.press("j", Keys.ARROW_DOWN, "jk", "6")
    opened.press(Keys.ARROW_UP, "4")
    assert opened.labels() == [first[0], "related-links", "boilerplate", *first[3:]]
    (page,) = opened.save()
    assert [n for n, p in enumerate(page["paragraphs"]) if p["confirmed"]] == [1, 2]


def test_a_range_is_labelled_at_once(opened):
    first = opened.labels()
    opened.press("jj")
    opened.press_with(Keys.SHIFT, "jj", Keys.ARROW_DOWN)
    assert opened.text("#selected") == "4 paragraphs selected"
    opened.press("5")
    assert opened.labels() == [*first[:2], *["sponsored"] * 4, *first[6:]]
    opened.rows()[7].click()
    chain = ActionChains(opened.browser).key_down(Keys.SHIFT)
    chain.click(opened.rows()[9]).key_up(Keys.SHIFT).perform()
    opened.press("3")
    assert opened.labels()[7:11] == ["caption"] * 3 + first[10:11]


def test_a_closed_tab_loses_nothing(opened):
    opened.press("j5", Keys.ENTER, "jjx4")
    labels, text = opened.labels(), opened.clean_text()
    opened.reload()
    assert opened.text("#progress") == "1 of 2 pages right"
    assert (opened.labels(), opened.clean_text()) == (labels, text)
    assert opened.one("#other").get_attribute("aria-pressed") == "true"
    assert len(opened.save()) == 2


def test_undo_and_redo(opened):
    first = opened.labels()
    opened.press("2j3")
    opened.press(Keys.ENTER, "x")
    last = opened.text("#title")
    for _ in range(4):
        opened.press_with(Keys.CONTROL, "z")
    assert opened.labels() == first
    assert opened.text("#title") != last
    assert not opened.one("#save").is_enabled()
    assert not opened.one("#undo").is_enabled()
    opened.click("#redo")
    opened.press_with(Keys.CONTROL, "y")
    assert opened.labels()[:2] == ["article", "caption"]
    opened.press_with(Keys.CONTROL, "y")
    assert opened.text("#progress") == "1 of 2 pages right"
    opened.press_with(Keys.CONTROL, "y")
    assert opened.text("#title") == last
    assert opened.one("#other").get_attribute("aria-pressed") == "true"
    opened.press_with(Keys.CONTROL, "z")
    opened.press("j6")
    assert not opened.one("#redo").is_enabled()


def test_enter_says_that_a_page_is_right_and_goes_on(opened):
    first = opened.text("#title")
    opened.press(Keys.ENTER)
    assert opened.text("#title") != first
    assert opened.text("#progress") == "1 of 2 pages right"
    opened.click("#right")
    assert opened.text("#progress") == "2 of 2 pages right"
    pages = opened.save()
    assert len(pages) == 2
    assert all(p["confirmed"] for page in pages for p in page["paragraphs"])
    opened.press(Keys.ENTER)
    assert opened.text("#progress") == "1 of 2 pages right"


def test_a_page_that_is_no_article(opened):
    assert opened.text("#article").startswith("Article, ")
    opened.press("x")
    assert opened.text("#article") == "No article, yours"
    assert "leaves this page out" in opened.text("#clean-note")
    (page,) = opened.save()
    assert page["type"] == "no-article"
    opened.click("#other")
    assert not opened.one("#clean-note").is_displayed()
    assert not opened.one("#save").is_enabled()


def test_filters_show_a_part(opened):
    labels = opened.labels()
    kept = [label for label in labels if label in ("headline", "article")]
    opened.click("#filter-kept")
    assert opened.labels() == kept
    opened.press("f")
    assert len(opened.labels()) == len(labels) - len(kept)
    assert opened.text("#filter-dropped") == f"Dropped {len(labels) - len(kept)}"
    opened.press("f")
    doubtful = len(opened.labels())
    assert opened.text("#filter-doubt") == f"In doubt {doubtful}"
    assert 0 < doubtful < len(labels)
    opened.press("2")  # what is labelled stays where it is
    assert len(opened.labels()) == doubtful
    assert opened.text("#filter-doubt") == f"In doubt {doubtful - 1}"
    opened.press("f")
    assert len(opened.labels()) == len(labels)


def test_all_alike_are_labelled_at_once(open_review, tmp_path):
    story = "".join(f"<p>The keeper said on day {n} that it would be lit.</p>" for n in range(4))
    teasers = "".join(f'<li class="teaser t{n}"><a href="/{n}">Roof {n}</a></li>' for n in range(5))
    html = f"<html><body><main>{story}</main><ul class=more>{teasers}</ul><p>End</p></body></html>"
    (tmp_path / "page.html").write_text(html)
    opened = open_review(tmp_path / "page.html")
    first = opened.labels()
    opened.rows()[6].click()
    assert opened.text("#alike") == "Select all 5 like this"
    opened.click("#alike")
    opened.press("5")
    assert opened.labels() == [*first[:4], *["sponsored"] * 5, first[9]]
    opened.press(Keys.HOME, "a", "3")
    assert opened.labels()[:5] == ["caption"] * 4 + ["sponsored"]


def test_the_clean_text_is_that_of_the_labels(open_review, tmp_path):
    """Also where headlines and stretches stand again, which are left out."""
    far = "日本の港でも水門が増えている。専門家は話す"
    lead = "The keeper of the lighthouse said on Monday that the lamp would be lit in spring again."
    texts = ["Courier: The lamp of Tamsin is lit", "The lamp of Tamsin is lit", "Short", lead, "Ad",
             "THE LAMP of Tamsin is lit!", "Short", lead, f"{lead} It was.", "Short", "𝒳 Short",
             "Der Straßenlampenmast ist wieder an", "Neu: DER STRASSENLAMPENMAST ist wieder an",
             lead, "The lamp of Tamsin is lit", far]  # fmt: skip
    (tmp_path / "page.txt").write_text("\n".join(texts), encoding="utf-8")
    opened = open_review(tmp_path / "page.txt", "--keep", "headline,article,caption")
    lot = random.Random(4)
    left_out = set()
    for _ in range(8):
        opened.press(Keys.HOME)
        labels = lot.choices(LABELS[:4], (4, 5, 1, 2), k=len(texts))
        opened.press(*(f"{ID[label] + 1}j" for label in labels))
        assert opened.labels() == labels
        scores = np.eye(len(LABELS), dtype=np.float32)[[ID[label] for label in labels]]
        expected = Document(texts, scores).text(["headline", "article", "caption"])
        assert opened.clean_text() == expected
        left_out.add(sum(label in LABELS[:3] for label in labels) - len(expected.split("\n\n")))
    assert len(left_out) > 2


def test_the_saved_file_is_labelled_data(run, opened, downloads, site_pages, tmp_path):
    opened.press("j5", Keys.ENTER, "jj1")
    pages = opened.save()
    given = read_lines(site_pages)
    for page in pages:
        kind = "html" if "html" in page else "text"
        (source,) = (line[kind] for line in given if kind in line)
        assert page[kind] == source
        assert page["type"] == "article"
    result = run("evaluate", downloads / "corrections.jsonl", "--json")
    assert json.loads(result.stdout)["kinds"]["whole"]["pages"] == 2
    result = run("adapt", downloads / "corrections.jsonl", "-o", tmp_path / "my-models")
    assert result.exit_code == 0
    assert (tmp_path / "my-models" / "text" / "model.json").is_file()
    resumed = tmp_path / "again.html"
    run("review", "--resume", downloads / "corrections.jsonl", "-o", resumed)
    labels = opened.labels()
    opened.browser.get(resumed.as_uri())
    assert opened.text("#progress") == "1 of 2 pages right"
    assert opened.labels() == labels
    assert opened.save() == pages


def test_hostile_pages_do_nothing(open_review, browser, tmp_path):
    story = "\n".join(f"The keeper said on day {n} that the lamp is lit again." for n in range(3))
    pages = [
        {"url": "javascript:document.title='taken'", "title": text, "id": text, "language": text,
         "text": f"{text}\n{story}\n{text}"}
        for text in HOSTILE
    ]  # fmt: skip
    html = "".join(f"<p>{text.replace('<', '&lt;')}</p>" for text in HOSTILE)
    attribute = "x onclick=document.title='taken' </script>"
    pages.append(
        {"html": f'<html><body><div class="{attribute}">{html}{story}</div></body></html>'}
    )
    path = tmp_path / "pages.jsonl"
    path.write_text("".join(json.dumps(page) + "\n" for page in pages))
    opened = open_review(path)
    seen = set()
    for n in range(len(pages)):
        assert not browser.find_elements(By.CSS_SELECTOR, "main a, main img, main script")
        seen.add(opened.text("#paragraphs"))
        opened.press("2", "a")
        if n + 1 < len(pages):
            opened.press("n")
    opened.press(Keys.ENTER)
    assert browser.execute_script("return document.scripts.length") == 2
    assert browser.title == "cleaner review"
    assert any("</script><script>" in text for text in seen)
    saved = opened.save()
    assert {page["title"] for page in saved} >= {text for text in HOSTILE if text[0] == "<"}
    assert not complaints(browser)


def test_addresses_of_the_web_are_links(opened):
    if not opened.browser.find_elements(By.CSS_SELECTOR, "#url a"):
        opened.press("n")
    link = opened.one("#url a")
    assert link.get_attribute("href") == "https://www.courier.co.uk/gate"
    assert link.get_attribute("rel") == "noopener noreferrer"


TOO_WIDE = """
return [...document.querySelectorAll('body *')].filter(e => e.checkVisibility()
  && !e.closest('#filters, .unseen') && e.getBoundingClientRect().right > innerWidth + .5)
  .map(e => e.outerHTML.slice(0, 90))
"""


def check_narrow(browser) -> None:
    """Look for what reaches beyond a narrow window, in light and dark."""
    resize(browser, NARROW)
    for dark in (True, False):
        darken(browser, dark)
        width = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert browser.execute_script(width) == 0
        assert browser.execute_script(TOO_WIDE) == []


def test_narrow_windows_hold_it(opened, browser):
    check_narrow(browser)
    opened.rows()[2].click()
    opened.click("#labels button:nth-child(2)")
    opened.click("#clean-button")
    assert opened.one("#clean-text").is_displayed()
    assert not opened.one("#paragraphs").is_displayed()
    opened.click("#clean-button")
    assert opened.one("#paragraphs").is_displayed()
    last = opened.text("#title")
    opened.click("#list-button")
    opened.click("#page-list li:nth-child(2) button")
    assert opened.text("#title") != last
    assert not opened.one("#pages").is_displayed()


def test_a_screen_reader_is_told_names(opened, browser):
    for element in browser.find_elements(By.CSS_SELECTOR, "button"):
        if element.is_displayed():
            assert element.accessible_name.strip()
    listed = opened.one("#paragraphs")
    assert (listed.aria_role, listed.accessible_name) == ("listbox", "Paragraphs")
    opened.press("jj2")
    row = opened.rows()[2]
    assert listed.get_attribute("aria-activedescendant") == row.get_attribute("id")
    assert row.aria_role == "option"
    assert row.get_attribute("aria-selected") == "true"
    assert row.accessible_name.startswith("article kept")
    assert opened.one("#labels button:nth-child(2)").accessible_name == "article"
    assert opened.text("#status") == "article"
    assert opened.one("#pages").aria_role == "navigation"


def test_only_what_is_near_is_made(open_review, browser, tmp_path):
    text = "\n".join(f"Line {n}" for n in range(900))
    lines = [{"url": f"https://a.example/{n}", "text": f"{text} {n}"} for n in range(2)]
    (tmp_path / "many.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    opened = open_review(tmp_path / "many.jsonl")
    rows = "return document.querySelectorAll('#paragraphs .row').length"
    assert browser.execute_script(rows) < 400
    assert opened.one(".row").get_attribute("aria-setsize") == "900"
    opened.press(Keys.END, "5")
    assert opened.text("#selected") == "Paragraph 900 of 900"
    assert opened.text("#p899 .label").startswith("sponsored")
    opened.press("n")
    browser.execute_script("document.querySelector('#paragraphs').scrollTop = 1e6")
    until = time.monotonic() + TIMEOUT
    while browser.execute_script(rows) < 120:
        assert time.monotonic() < until, "scrolling brings no further rows"
    assert browser.execute_script(rows) < 900


def test_keys_are_told(opened):
    opened.press("?")
    assert opened.one("#keys").is_displayed()
    first = opened.labels()
    opened.press("5")  # not while they are told
    opened.press(Keys.ESCAPE)
    assert not opened.one("#keys").is_displayed()
    assert opened.labels() == first


def test_the_report_of_a_run_leads_to_the_review_of_its_pages(run, browser, site_pages, tmp_path):
    report, review = tmp_path / "report.html", tmp_path / "the review.html"
    command = ("run", site_pages, "-o", tmp_path / "out", "--workers", 1)
    run(*command, "--report", report, "--review", review)
    resize(browser, WIDE)
    browser.get(report.as_uri())
    fold = browser.find_element(By.CSS_SELECTOR, "details")
    row = fold.find_element(By.CSS_SELECTOR, ".row")
    assert not row.is_displayed()
    fold.find_element(By.CSS_SELECTOR, "summary").click()
    assert row.is_displayed()
    check_narrow(browser)
    browser.find_element(By.LINK_TEXT, "Correct these in a browser").click()
    assert browser.find_element(By.ID, "progress").text == "0 of 2 pages right"
    assert complaints(browser) == []
