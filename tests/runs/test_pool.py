"""The pool: the same results in the same order, and no page pays for another."""

import sys
import threading
import time
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleaner import Cleaner
from cleaner.document import Document
from cleaner.errors import ModelError, PageError
from cleaner.formats import Record
from cleaner.pages import Page
from cleaner.runs.pool import Limits, Pool
from cleaner.runs.work import Work

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the workers inherit a splitter")

LIMITS = Limits(seconds=1.5, memory=400_000_000)


@pytest.fixture(scope="module")
def work():
    return Work(Cleaner(), partial(Document.text, keep=("headline", "article")))


def records(*texts):
    return [Record(Page(text, "text"), {}, f"page {n}") for n, text in enumerate(texts)]


def results_of(pool, batches):
    return [
        [str(result) for _, result in results]
        for _, results in pool.map((None, b) for b in batches)
    ]


@pytest.fixture(scope="module")
def pool(work):
    with Pool(work, 2) as pool:
        yield pool


@given(st.lists(st.lists(st.text(max_size=50), max_size=5), max_size=12))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_workers_say_what_this_process_says_in_order(pool, work, pages):
    batches = [records(*texts) for texts in pages]
    assert results_of(pool, batches) == results_of(work, batches)


def test_records_without_a_page_keep_their_reason(pool):
    bad = Record(PageError("no page"), {}, "here")
    [(item, results)] = pool.map([("item", [bad, *records("A line"), bad])])
    assert item == "item"
    assert [str(r) for _, r in results][::2] == ["no page", "no page"]


@linux_only
@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("HANG", "took more than 1.5 seconds"),
        ("SPIN", "took more than 1.5 seconds"),
        ("EAT", "took more than 400 MB of memory"),
        ("KILL", "ended its worker (SIGKILL)"),
        ("LEAVE", "ended its worker (exit status 3)"),
        ("RAISE", "can't be labelled (LookupError: no such thing); please report this page"),
    ],
)
def test_a_bad_page_costs_only_itself(hostile, work, bad, reason):
    good = "A line of the story that is long enough, and so is kept by any model of worth."
    batches = [records(good, good), records(good, bad, good), records(bad), records(good)]
    with Pool(work, 2, LIMITS) as pool:
        found = results_of(pool, batches)
    text = work([Page(good, "text")])[0]
    assert found == [[text, text], [text, reason, text], [reason], [text]]


def test_only_a_bounded_number_of_batches_is_read_ahead(work):
    asked = []

    def batches():
        for n in range(100):
            asked.append(n)
            yield n, records("A line")

    with Pool(work, 2) as pool:
        for n, _ in pool.map(batches()):
            assert len(asked) <= n + 8
            if n == 20:
                break
            time.sleep(0.01)
    assert len(asked) < 40


def test_a_batch_comes_out_while_the_next_is_awaited(work):
    next_may_come = threading.Event()

    def batches():
        yield 0, records("A line")
        assert next_may_come.wait(20), "the first batch was held back"
        yield 1, records("A line")

    with Pool(work, 2) as pool:
        come = []
        for n, _ in pool.map(batches()):
            come.append(n)
            next_may_come.set()
    assert come == [0, 1]


def test_what_the_batches_raise_is_raised_in_its_place(work):
    def batches():
        yield 0, records("A line")
        raise ModelError("no more")

    with Pool(work, 2) as pool:
        results = pool.map(batches())
        assert next(results)[0] == 0
        with pytest.raises(ModelError, match="no more"):
            next(results)
