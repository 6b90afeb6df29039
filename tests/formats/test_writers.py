from cleaner.formats import WRITERS


def test_text_has_a_form_feed_between_pages():
    batches = [[{"text": "one\n\ntwo"}, {"text": ""}], [{"text": "three"}]]
    assert list(WRITERS["text"](batches, "text")) == [b"one\n\ntwo\n\f\n", b"\f\nthree\n"]


def test_one_empty_page_is_no_text():
    assert b"".join(WRITERS["text"]([[{"text": ""}]], "text")) == b""


def test_a_batch_is_written_at_once():
    arrived = []

    def batches():
        for n in range(2):
            arrived.append(n)
            yield [{"body": "é", "n": n}]

    chunks = WRITERS["jsonl"](batches(), "body")
    assert next(iter(chunks)) == '{"body":"é","n":0}\n'.encode()
    assert arrived == [0]
