"""Bytes are read in the charset that browsers would read them in, and one bad byte costs little."""

import codecs
import os
import subprocess
import sys
from random import Random

import pytest
import webencodings.labels
from hypothesis import assume, given
from hypothesis import strategies as st

from cleaner import Page, PageError
from cleaner.pages import split_page
from cleaner.pages.charset import (
    GUESSED_BYTES,
    decode_html,
    decode_start,
    decode_text,
    known_charset,
)

LABELS = sorted(label for label in webencodings.labels.LABELS if known_charset(label))

TEXTS = {
    "French": "Où êtes-vous allés ? Les élèves goûtent le café crème à la gare, déjà fermée.",
    "German": "Die Fähre kehrte am Montag zurück, größer und schöner; für 2³ € fährt sie.",
    "Portuguese": "As negociações não avançaram: duas sessões, três horas e várias decisões.",
    "Icelandic": "Ferjan sneri aftur til eyjarinnar á mánudag. Enginn vissi hvers vegna hún fór.",
    "Polish": "Prom wrócił na wyspę w poniedziałek. Nikt nie wiedział, dlaczego odpłynął źle.",
    "Czech": "Přívoz se v pondělí vrátil na ostrov a nikdo nevěděl, proč vůbec odešel. Říše.",
    "Hungarian": "A komp hétfőn tért vissza a szigetre, és senki sem tudta, miért tűnt el előtte.",
    "Romanian": "Feribotul s-a întors luni pe insulă. Nimeni nu ştia de ce plecase din staţie.",
    "Turkish": "Vapur pazartesi günü adaya döndü. Kimse neden ayrıldığını bilmiyordu, şaşırdılar.",
    "Lithuanian": "Keltas pirmadienį grįžo į salą. Niekas nežinojo, kodėl jis išplaukė šią žiemą.",
    "Russian": "Паром вернулся на остров в понедельник. Никто не знал, почему он ушёл.",
    "Greek": "Το πλοίο επέστρεψε στο νησί τη Δευτέρα. Κανείς δεν ήξερε γιατί έφυγε.",
    "Arabic": "عادت العبارة إلى الجزيرة يوم الاثنين. لم يعرف أحد لماذا غادرت.",
    "Thai": "เรือข้ามฟากกลับมาที่เกาะเมื่อวันจันทร์ ไม่มีใครรู้ว่าทำไม",
    "Chinese": "渡轮星期一回到了岛上。没有人知道它为什么离开，也没有人问过船长。",
    "Taiwanese": "渡輪星期一回到了島上。沒有人知道它為什麼離開，也沒有人問過船長。",
    "Japanese": "フェリーは月曜日に島へ戻った。なぜ出て行ったのか、誰も知らなかった。",
    "Korean": "여객선이 월요일에 섬으로 돌아왔다. 왜 떠났는지 아무도 몰랐다.",
}
IN_CHARSETS = [
    *((name, "windows-1252") for name in ("French", "German", "Portuguese", "Icelandic")),
    *((name, "windows-1250") for name in ("Polish", "Czech", "Hungarian", "Romanian")),
    *((name, "iso-8859-2") for name in ("Polish", "Czech", "Hungarian")),
    *(("Russian", charset) for charset in ("windows-1251", "koi8-r", "iso-8859-5", "cp866")),
    ("Turkish", "windows-1254"),
    ("Lithuanian", "windows-1257"),
    ("Greek", "windows-1253"),
    ("Arabic", "windows-1256"),
    ("Thai", "tis-620"),
    *(("Chinese", charset) for charset in ("gb2312", "gbk", "gb18030")),
    ("Taiwanese", "big5"),
    *(("Japanese", charset) for charset in ("shift_jis", "euc-jp", "iso-2022-jp")),
    ("Korean", "euc-kr"),
    *((name, charset) for name in TEXTS for charset in ("utf-8", "utf-16le", "utf-16be")),
]
MANY_BYTES = ("gb2312", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr")


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("UTF-8", "utf-8"),
        (" 'latin1' ", "cp1252"),
        ("ISO-8859-1", "cp1252"),
        ("us-ascii", "cp1252"),
        ("iso-8859-9", "cp1254"),
        ("Windows-1251", "cp1251"),
        ("GB2312", "gb18030"),
        ("Shift_JIS", "cp932"),
        ("ks_c_5601-1987", "cp949"),
        ("unicode", "utf-16-le"),
        ("x-user-defined", "cp1252"),
        *((name, None) for name in ("x-unknown", "punycode", "idna", "unicode_escape", "utf-7")),
        *((name, None) for name in ("rot13", "hex", "zlib", "iso-2022-kr", "hz-gb-2312", "", "é")),
    ],
)
def test_labels_mean_what_they_mean_in_browsers(label, name):
    assert known_charset(label) == name


@pytest.mark.parametrize("label", LABELS)
def test_each_charset_is_one_of_texts(label):
    charset = known_charset(label)
    assert "A line".encode(charset).decode(charset) == "A line"


@pytest.mark.parametrize(("name", "charset"), IN_CHARSETS)
def test_what_declares_nothing_is_guessed(name, charset):
    text = TEXTS[name]
    page = f"<html><head><title>{text}</title></head>\n<body><p>{text}</p><p>Page 2</body></html>"
    assert decode_text(f"{text}\n".encode(charset), None) == f"{text}\n"
    assert decode_html(page.encode(charset), None) == page
    assert split_page(Page(page.encode(charset))).texts == [text, "Page 2"]
    assert split_page(Page(f"{text}\n\n{text}".encode(charset))).texts == [text, text]


@pytest.mark.parametrize(("name", "charset"), IN_CHARSETS)
@pytest.mark.parametrize(
    "page",
    [
        "<html><head><meta charset={charset}></head><p>{text}",
        '<head><META http-equiv=Content-Type content="text/html; charset={charset}"><p>{text}',
        "<?xml version='1.0' encoding='{charset}'?><html><p>{text}",
        "<!-- <meta charset=koi8-r> --><script src='/a.js'></script><meta charset={charset}>{text}",
        "<title>{text}</title>" + "<!-- as templates go -->" * 60 + "<meta charset={charset}>",
        "<meta charset=no-such><meta charset='{charset}'><p>{text}",
    ],
)
def test_a_page_is_in_the_charset_that_it_declares(name, charset, page):
    page = page.format(charset=charset, text=TEXTS[name])
    assert decode_html(page.encode(charset), None) == page
    assert decode_html(page.encode(charset), "no-such") == page
    assert decode_html(page.encode(charset), charset) == page


@pytest.mark.parametrize(("name", "charset"), IN_CHARSETS)
def test_http_outranks_what_the_page_says(name, charset):
    page = f"<meta charset=windows-1258><p>{TEXTS[name]}"
    assert decode_html(page.encode(charset), charset) == page
    assert decode_text(f"{TEXTS[name]}\n".encode(charset), charset) == f"{TEXTS[name]}\n"


@pytest.mark.parametrize(("name", "charset"), IN_CHARSETS)
def test_a_charset_that_cannot_be_is_not_believed(name, charset):
    page = f"<meta charset=utf-8><p>{TEXTS[name]}"
    assert decode_html(page.encode(charset), "utf-8") == page
    for wrong in ("latin1", "shift_jis", "koi8-r", "utf-16", "punycode"):
        assert decode_html(page.encode(), wrong) == page


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_mark_outranks_all(mark):
    page = "<meta charset=koi8-r><p>Füße, déjà vu"
    assert decode_html(page.encode(mark), "windows-1251") == page
    assert decode_text(page.encode(mark), "windows-1251") == page
    assert decode_start(page.encode(mark)) == page


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])), st.sampled_from(LABELS))
def test_any_text_in_any_charset_comes_back(text, label):
    charset = known_charset(label)
    assume(not charset.startswith("utf-16"))  # which no page can say in ASCII
    source = f"<meta charset={label}><p>{text}".encode(charset, "ignore")
    truth = source.decode(charset)
    assume(truth.encode(charset) == source)
    as_utf_8 = source.decode(errors="replace")  # two letters may look like it
    others = sum(c > "\x7f" for c in as_utf_8)
    assume(charset == "utf-8" or as_utf_8.count("\ufffd") > others / 2 or source.isascii())
    assert decode_html(source, None) == truth


@given(st.data(), st.sampled_from([*TEXTS]), st.sampled_from([None, "utf-8", "latin1", "gbk"]))
def test_one_bad_byte_in_utf_8_costs_itself_alone(data, name, claimed):
    text = TEXTS[name]
    at = data.draw(st.integers(0, len(text)))
    bad = data.draw(st.sampled_from([b"\x80", b"\xa0", b"\xc3", b"\xe9", b"\xf0", b"\xff"]))
    source = text[:at].encode() + bad + text[at:].encode()
    wanted = f"{text[:at]}\ufffd{text[at:]}"
    assert decode_html(b"<p>" + source, claimed) == "<p>" + wanted
    assert decode_text(source, claimed) == wanted


@given(st.data(), st.sampled_from([*TEXTS]), st.sampled_from([None, "utf-8", "latin1"]))
def test_utf_8_may_be_cut_anywhere(data, name, claimed):
    whole = (TEXTS[name] + " ") * 3
    source = whole.encode()[: data.draw(st.integers(len(TEXTS[name].encode()), 10**4))]
    found = decode_html(b"<p>" + source, claimed)
    assert found.removesuffix("\ufffd") == "<p>" + whole[: len(found.removesuffix("\ufffd")) - 3]
    assert found == "<p>" + decode_text(source, claimed)
    assert found == "<p>" + source.decode(errors="replace")


@pytest.mark.parametrize(
    ("name", "charset"), [case for case in IN_CHARSETS if case[1] in MANY_BYTES]
)
def test_a_bad_byte_or_a_cut_leaves_declared_charsets_as_they_are(name, charset):
    text = TEXTS[name].rstrip(".")
    one, two = text[:20].encode(charset), text[20:].encode(charset)
    head = f"<meta charset={charset}><p>".encode()
    for start, claimed in ((head, None), (b"<p>", charset)):
        found = decode_html(start + one + b"\xff" + two, claimed)
        assert found[: len(start) + 20] == start.decode() + text[:20]
        assert found[len(start) + 21 :] == text[20:]
        cut = decode_html(start + (one + two)[:-1], claimed)
        assert cut == start.decode() + text[:-1] + "\ufffd"
    assert decode_text(one + b"\xff" + two, None)[21:] == text[20:]


def test_a_bad_byte_in_iso_2022_jp_does_not_shift_the_others():
    source = TEXTS["Japanese"].encode("iso-2022-jp")
    for at in range(5, len(source) - 3):  # behind the first character
        assert decode_text(source[:at] + b"\xff" + source[at:], None) == TEXTS["Japanese"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"It's \x93fine\x94, caf\xe9", "It's “fine”, café"),
        (b"caf\xe9", "café"),
        ("A café, no café".encode()[:-1], "A café, no caf\ufffd"),
        (b"one \x1b[1mbold\x1b[0m word", "one \x1b[1mbold\x1b[0m word"),
        (b"A line\nwith a \0 in it", "A line\nwith a \0 in it"),
        ("\ufffd and \ufffd, as they came, café".encode() + b"\xff", None),
        (b"A line of text, and a stray \x98 in it", "A line of text, and a stray ˜ in it"),
        (b"".join(b"A line of text with a stray \x81 in it\n" for _ in range(9)), None),
        (b"", ""),
    ],
)
@pytest.mark.parametrize("claimed", [None, "utf-8"])
def test_few_bytes_tell(source, text, claimed):
    text = source.decode(errors="replace") if text is None else text
    assert decode_text(source, claimed) == decode_html(source, claimed) == text


@pytest.mark.parametrize("claimed", [None, "utf-8", "no-such"])
def test_a_text_in_no_charset_is_refused_and_a_page_read_as_browsers_do(claimed):
    source = bytes(Random(2).choices(range(32, 256), k=2000))
    with pytest.raises(PageError, match=r"charset can't be told; convert it first: iconv"):
        decode_text(source, claimed)
    assert decode_html(source, claimed) == source.decode("cp1252", "replace")


@given(st.binary(), st.none() | st.sampled_from(LABELS))
def test_any_page_is_read(source, claimed):
    assert isinstance(decode_html(source, claimed), str)


def test_the_end_of_a_large_page_is_guessed_from_too():
    page = b"<p>A line" * GUESSED_BYTES + TEXTS["Russian"].encode("cp1251")
    assert decode_html(page, None).endswith(TEXTS["Russian"])


def test_the_metadata_are_read_in_the_same_charset(cleaner):
    page = "<meta name=author content='Анна Лебедева'><p>Паром вернулся на остров"
    document = cleaner.label(Page(page.encode("koi8-r"), "html", None, "koi8-r"))
    assert document.texts == ("Паром вернулся на остров",)
    assert document.author == "Анна Лебедева"


def test_to_decode_imports_little():
    program = "import sys; from cleaner.pages.charset import decode_html; decode_html(b'\\xff', '')"
    program += "; sys.exit(bool({'trafilatura', 'lxml'} & {*sys.modules}))"
    assert subprocess.run([sys.executable, "-c", program], env=dict(os.environ)).returncode == 0


def test_codecs_of_browsers_are_all_there():
    assert all(codecs.lookup(known_charset(label)) for label in LABELS)
