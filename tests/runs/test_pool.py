"""The pool: the same results in the same order, and no page pays for another."""

import multiprocessing
import os
import random
import sys
import threading
import time
from collections import Counter
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleaner import Cleaner
from cleaner.document import Document
from cleaner.errors import CleanerError, ModelError, PageError, UsageError
from cleaner.formats import Record
from cleaner.model import predict
from cleaner.pages import Page
from cleaner.runs.pool import Limits, Pool
from cleaner.runs.work import Work

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the workers inherit a splitter")

GOOD = "A line of the story that is long enough, and so is kept by any model of worth."

LIMITS = Limits(memory=400_000_000)


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
        ("NO MEMORY", "took more than 400 MB of memory"),
    ],
)
def test_a_bad_page_costs_only_itself(hostile, work, bad, reason):
    batches = [records(GOOD, GOOD), records(GOOD, bad, GOOD), records(bad), records(GOOD)]
    limits = Limits(seconds=1.5) if bad in ("HANG", "SPIN") else LIMITS
    with Pool(work, 2, limits) as pool:
        found = results_of(pool, batches)
    text = work([Page(GOOD, "text")])[0]
    assert found == [[text, text], [text, reason, text], [reason], [text]]


def probabilities(document):
    return document.scores.tobytes()


def hostile_batches(rng, words, batches=15):
    """Small batches of good pages, some with a page beside them that one of the words is in."""
    for n in range(batches):
        texts = [f"{GOOD} {rng.random()}\nPage {n}" for _ in range(rng.randint(1, 6))]
        if n % 3 == 0:
            texts.insert(rng.randint(0, len(texts)), f"{words[n // 3 % len(words)]} {n}")
        yield n, records(*texts)


@linux_only
@pytest.mark.parametrize("words", [["EAT"], ["BREAK"], ["EAT", "BREAK", "RAISE", "LEAVE"]])
def test_good_pages_come_out_as_if_the_bad_were_not_there(hostile, words):
    """To the last digit, whatever was done to the worker before."""
    work = Work(Cleaner(), probabilities)
    given = list(hostile_batches(random.Random(3), words))

    def is_good(record):
        return record.page.source.startswith(GOOD)

    expected = [made for _, made in work.map((n, [*filter(is_good, batch)]) for n, batch in given)]
    with Pool(work, 2, LIMITS) as pool:
        found = [made for _, made in pool.map(given)]
    for made, good in zip(found, expected, strict=True):
        assert [(r.where, m) for r, m in made if is_good(r)] == [(r.where, m) for r, m in good]
        assert all(isinstance(m, PageError) for r, m in made if not is_good(r))


@linux_only
def test_workers_killed_ten_times_in_a_row_change_nothing(hostile):
    work = Work(Cleaner(), probabilities)
    given = list(hostile_batches(random.Random(4), ["TEN"], batches=10))
    hostile.write_text("".join(f"{r.page.source}\n" * 11 for _, batch in given for r in batch))
    expected = list(work.map(given))
    hostile.unlink()
    with Pool(work, 2, LIMITS) as pool:
        assert list(pool.map(given)) == expected
    killed = Counter(hostile.read_text().splitlines())
    assert len(killed) == 4
    assert all(times > 10 for times in killed.values())


@linux_only
def test_workers_killed_at_any_time_change_nothing():
    work = Work(Cleaner(), probabilities)
    rng = random.Random(5)
    given = list(hostile_batches(rng, [GOOD], batches=60))
    expected = list(work.map(given))
    others = multiprocessing.active_children()
    found, killed = [], []
    with Pool(work, 2) as pool:
        for one in pool.map(given):
            found.append(one)
            time.sleep(rng.uniform(0, 0.02))  # into the work on the batches that come next
            workers = [w for w in multiprocessing.active_children() if w not in others]
            if workers and len(found) % 3 == 0:
                killed.append(rng.choice(workers))
                killed[-1].kill()
    assert found == expected
    assert len(killed) > 10


@linux_only
def test_the_time_is_a_pages_and_one_that_hangs_takes_it_once(hostile, work):
    """A batch may take longer than a page, and its pages that hang are each tried once."""
    slow = [f"SLOW {GOOD}"] * 6
    given = [records(*slow), records("HANG 1", GOOD, GOOD, "HANG 2")]
    with Pool(work, 1, Limits(seconds=1.5)) as pool:
        first, second = results_of(pool, given)
    assert not any("took more" in text for text in first)
    assert ["took more than 1.5 seconds" in t for t in second] == [True, False, False, True]
    assert hostile.read_text().splitlines() == ["HANG 1", "HANG 2"]


def run_out_of_memory():
    raise MemoryError


@linux_only
@pytest.mark.parametrize("end", [run_out_of_memory, lambda: os._exit(3)], ids=["memory", "exit"])
def test_pages_that_have_no_room_together_are_worked_on_alone(hostile, work, monkeypatch, end):
    def label_pages(model, pages, markup=None):
        if len(pages) > 2:
            end()
        return predict.label_pages(model, pages, markup)

    monkeypatch.setattr("cleaner.cleaner.label_pages", label_pages)
    with Pool(work, 1, LIMITS) as pool:
        [texts] = results_of(pool, [records(*[GOOD] * 5)])
    assert texts == [work([Page(GOOD, "text")])[0]] * 5


@linux_only
def test_a_worker_that_can_not_be_had_is_told(work, monkeypatch):
    def fork():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", fork)
    says = r"can't start a worker \(Resource temporarily unavailable\); give fewer with --workers"
    with pytest.raises(CleanerError, match=says), Pool(work, 2):
        pass


@linux_only
def test_workers_that_all_end_before_they_begin_are_told(work, monkeypatch):
    monkeypatch.setattr("cleaner.runs.worker._limit_memory", lambda memory: os._exit(3))
    with Pool(work, 1) as pool, pytest.raises(CleanerError, match="12 workers ended before they"):
        results_of(pool, [records(GOOD)])


def test_what_is_made_of_a_page_may_fail_as_the_page(pool):
    def make(document):
        if len(document) > 1:
            raise LookupError("no such thing")
        return document.text()

    batches = [records("A line", "A line\nAnother", "A line")]
    [[first, bad, last]] = results_of(Work(Cleaner(), make), batches)
    assert bad == "can't be labelled (LookupError: no such thing); please report this page"
    assert first == last


@pytest.mark.parametrize("workers", [0, -1, 1.5, "2", None])
def test_a_number_of_workers_is_a_whole_number(work, workers):
    with pytest.raises(UsageError, match=r"workers is .*: give a whole number from 1 on"):
        Pool(work, workers)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), "60", None])
def test_a_limit_is_a_number(seconds):
    with pytest.raises(UsageError, match=r"seconds is .*: give a number over 0"):
        Limits(seconds=seconds)
    with pytest.raises(UsageError, match=r"memory is .*: give a number of bytes"):
        Limits(memory=seconds)


@linux_only
@pytest.mark.parametrize(
    ("command", "limit", "bad", "reason"),
    [
        ("clean", "--page-timeout=1", "HANG", "took more than 1 seconds"),
        ("label", "--page-memory=300", "EAT", "took more than 300 MB of memory"),
    ],
)
def test_clean_and_label_have_the_limits_of_a_page(
    hostile, run, write_pages, tmp_path, command, limit, bad, reason
):
    pages = [{"text": text} for text in (GOOD, bad, GOOD)]
    file = write_pages(tmp_path / "in.jsonl", pages)
    result = run(command, file, "--workers=1", limit)
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 2
    assert result.stderr == f"cleaner: {file}:2: {reason}\n"


def test_in_one_process_any_error_of_a_page_is_its_own(hostile, run, write_pages, tmp_path):
    pages = [{"text": text} for text in (GOOD, "RAISE", GOOD, "NO MEMORY", GOOD)]
    file = write_pages(tmp_path / "in.jsonl", pages)
    result = run("clean", file)
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 3
    assert result.stderr.splitlines() == [
        f"cleaner: {file}:2: can't be labelled (LookupError: no such thing); "
        "please report this page",
        f"cleaner: {file}:4: can't be labelled (MemoryError); please report this page",
    ]


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
