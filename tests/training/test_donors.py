"""What pages and written lines have to give to other pages."""

import pickle
from dataclasses import replace

import pytest
from made_up_pages import (
    ARTICLE,
    BOILERPLATE,
    CAPTION,
    HEADLINE,
    RELATED,
    SPONSORED,
    make_line,
    make_offers,
    make_page,
)

from cleaner.training.donors import collect_donors

PAGE = make_page(1)


def test_a_story_with_its_lead_and_captions():
    (story,) = collect_donors([PAGE]).stories["en"]
    texts = [text for text, label in PAGE.paragraphs if label == ARTICLE]
    assert (story.page, story.site) == ("page1", "harbour-1.example")
    assert story.text == texts
    assert story.lead == texts[:3]
    assert [story.headline] == [t for t, label in PAGE.paragraphs if label == HEADLINE]
    assert story.captions == [t for t, label in PAGE.paragraphs if label == CAPTION]


def test_without_a_headline_a_story_has_its_title():
    page = replace(PAGE, paragraphs=tuple(p for p in PAGE.paragraphs if p[1] != HEADLINE))
    (story,) = collect_donors([page]).stories["en"]
    assert story.headline == PAGE.title


def test_a_story_of_short_paragraphs_is_no_donor():
    page = replace(PAGE, paragraphs=(("It sails.", ARTICLE), ("It floats.", ARTICLE)))
    assert not collect_donors([page]).stories["en"]


def test_blocks_of_a_story_are_labelled_as_those_of_another_one():
    before = tuple((f"Menu {n} of page1", BOILERPLATE) for n in range(9))
    behind = (("The town of page1. Photo: B. Nym", CAPTION), *before)
    page = replace(PAGE, paragraphs=(*before, *PAGE.paragraphs[1:11], *behind))
    (story,) = collect_donors([page]).stories["en"]
    within = [
        (text, label if label == SPONSORED else RELATED) for text, label in PAGE.paragraphs[1:11]
    ]
    assert story.blocks == [*before[3:], *within, (behind[0][0], RELATED), *before[:5]]


def test_boxes_have_two_links_or_more():
    link = ("One link of page1", RELATED)
    page = replace(PAGE, paragraphs=(link, *PAGE.paragraphs, link, *PAGE.paragraphs[12:14]))
    donors = collect_donors([page])
    box = [text for text, _ in PAGE.paragraphs[12:14]]
    assert donors.related["en"] == [box, [link[0], *box]]


def test_what_can_stand_in_a_story_by_label():
    page = replace(PAGE, paragraphs=(*PAGE.paragraphs, ("Subscribe", SPONSORED)))
    donors = collect_donors([page])
    for label in (CAPTION, RELATED, SPONSORED, BOILERPLATE):
        expected = [text for text, its_label in PAGE.paragraphs if its_label == label]
        assert donors.found["en"][label] == expected
    assert not donors.found["en"][ARTICLE]
    assert not donors.found["en"][HEADLINE]
    assert donors.sponsored["en"] == donors.found["en"][SPONSORED]


def test_blurbs_are_the_first_of_pages_that_sell():
    donors = collect_donors([make_offers(2), make_offers(3, type="listing"), make_offers(4, "de")])
    assert [text[:16] for text in donors.sponsored["en"]] == [f"Offer {n} of page2" for n in "0123"]
    assert [text[:16] for text in donors.sponsored["de"]] == [f"Offer {n} of page4" for n in "0123"]
    long = replace(make_offers(2), body="Towels, and towels again. " * 40)
    assert not collect_donors([long]).sponsored["en"]


def test_written_lines_are_no_stories():
    lines = [make_line(1), make_line(2, ARTICLE), make_line(3, language="fr")]
    donors = collect_donors([*lines, PAGE])
    assert donors.written == {
        "en": [*lines[0].paragraphs, *lines[1].paragraphs],
        "fr": [*lines[2].paragraphs],
    }
    assert [story.page for story in donors.stories["en"]] == ["page1"]
    assert collect_donors(lines).found == {}


@pytest.mark.parametrize("pages", [[], [PAGE, make_line(1), make_offers(2)]])
def test_donors_can_be_sent_to_a_process(pages):
    donors = collect_donors(pages)
    sent = pickle.loads(pickle.dumps(donors))
    assert sent == donors
    assert sent.found["ja"][CAPTION] == []
