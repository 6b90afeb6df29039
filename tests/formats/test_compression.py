import gzip
import io
import os
import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import PageError, UsageError
from cleaner.formats.compression import bare_name, pack, unpack
from cleaner.formats.record import CHUNK

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACKED = ["a.gz", "a.jsonl.ZST"]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The data in chunks that end at these places."""
    ends = sorted(place % (len(data) + 1) for place in places)
    return [data[a:b] for a, b in zip([0, *ends], [*ends, len(data)], strict=True) if a < b]


def unpack_all(chunks: list[bytes]) -> tuple[bytes, PageError | None]:
    """What is unpacked, and what stopped it."""
    done = b""
    try:
        for chunk in unpack(chunks):
            done += chunk
    except PageError as error:
        return done, error
    return done, None


@given(st.lists(st.binary(), max_size=5), st.sampled_from(PACKED), st.lists(st.integers(0)))
def test_packed_and_unpacked_is_what_it_was(chunks, name, places):
    packed = b"".join(pack(chunks, name))
    assert packed == b"".join(pack(chunks, name))
    assert unpack_all(cut(packed, places)) == (b"".join(chunks), None)


@given(st.text(), st.lists(st.integers(0)))
def test_what_is_not_packed_stays_as_it_is(text, places):
    data = text.encode()  # a magic number is no UTF-8
    assert b"".join(pack([data], "a.txt")) == data
    assert unpack_all(cut(data, places)) == (data, None)


@given(st.lists(st.binary(), min_size=1, max_size=4), st.sampled_from(PACKED), st.integers(0, 9))
def test_members_end_to_end_are_one_file(members, name, zeros):
    packed = b"".join(b"".join(pack([m], name)) for m in members) + b"\0" * zeros
    assert unpack_all([packed]) == (b"".join(members), None)
    assert unpack_all(cut(packed, list(range(len(packed))))) == (b"".join(members), None)


@given(st.binary(min_size=1), st.sampled_from(PACKED), st.data())
def test_what_is_cut_off_gives_its_beginning_and_the_offset(data, name, draw):
    packed = b"".join(pack([data], name))
    end = draw.draw(st.integers(4, len(packed) - 1))
    done, error = unpack_all([packed[:end]])
    assert data.startswith(done)
    assert f"is cut off at byte {end};" in str(error)


@pytest.mark.parametrize("name", PACKED)
def test_a_damaged_file_gives_what_comes_before_the_damage(name):
    numbers = random.Random(1)
    data = b"".join(b"%d\n" % numbers.randrange(10**9) for _ in range(200_000))
    packed = bytearray(b"".join(pack([data], name)))
    half = len(packed) // 2
    packed[half : half + 1000] = numbers.randbytes(1000)
    done, error = unpack_all([bytes(packed)])
    assert len(data) // 3 < len(done) < len(data)
    assert data.startswith(done[: len(data) // 3])
    assert error is not None
    assert half - 2**18 < int(str(error).partition("after byte ")[2].split()[0]) < len(packed)


def test_damage_is_told_at_its_place():
    data = os.urandom(100_000)
    packed = gzip.compress(data)
    done, error = unpack_all([packed + b"rubbish"])
    assert done == data
    assert f"the gzip data is damaged after byte {len(packed)} (" in str(error)


def test_each_chunk_is_unpacked_before_the_next_is_asked_for():
    stream, sink = [], io.BytesIO()
    with gzip.GzipFile(fileobj=sink, mode="wb") as file:
        for n in range(3):
            file.write(b"line %d\n" % n)
            file.flush()
            stream.append(sink.getvalue()[sum(map(len, stream)) :])
    stream.append(sink.getvalue()[sum(map(len, stream)) :])
    asked = []
    found = unpack(asked.append(n) or chunk for n, chunk in enumerate(stream))
    for n in range(3):
        assert next(found) == b"line %d\n" % n
        assert asked[-1] == n


@pytest.mark.parametrize("name", PACKED)
def test_a_small_file_that_unpacks_to_much_comes_in_pieces(name):
    packed = b"".join(pack([bytes(50_000_000)], name))
    sizes = [len(chunk) for chunk in unpack([packed])]
    assert sum(sizes) == 50_000_000
    assert max(sizes) <= 2 * CHUNK


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=99)), max_size=5), st.integers(0, 15))
def test_frames_of_zstd_that_are_to_be_skipped_are(frames, kind):
    def frame(data: bytes) -> bytes:
        return (0x184D2A50 + kind).to_bytes(4, "little") + len(data).to_bytes(4, "little") + data

    packed = b"".join(frame(d) if skip else b"".join(pack([d], "a.zst")) for skip, d in frames)
    data = b"".join(data for skip, data in frames if not skip)
    assert unpack_all([packed]) == (data, None)
    assert unpack_all(cut(packed, list(range(len(packed))))) == (data, None)


def test_a_window_that_takes_too_much_memory_is_told():
    options = {zstd.CompressionParameter.window_log: 28}
    packer = zstd.ZstdCompressor(options=options)
    packed = packer.compress(b"data") + packer.flush(packer.FLUSH_BLOCK) + packer.flush()
    done, error = unpack_all([packed])
    assert done == b""
    assert "needs a window of over 128 MB after byte 0; unpack it first: zstd -d" in str(error)


def test_a_gzip_header_with_all_that_it_may_have():
    header = b"\x1f\x8b\x08\x1c" + bytes(6) + b"\x05\0extra" + b"name\0" + b"comment\0"
    packed = header + gzip.compress(b"data")[10:]
    assert unpack_all([gzip.compress(b""), packed, gzip.compress(b"")]) == (b"data", None)


@pytest.mark.parametrize("error", [MemoryError, SystemError, OverflowError, RuntimeError])
def test_whatever_a_codec_raises_is_told(monkeypatch, error):
    class Broken:
        eof = False

        def decompress(self, data: bytes, most: int) -> bytes:
            raise error("broken")

    monkeypatch.setattr("zlib.decompressobj", lambda wbits: Broken())
    done, found = unpack_all([gzip.compress(b"data")])
    assert (done, "damaged after byte 0 (broken)" in str(found)) == (b"", True)


def test_the_gzip_command_reads_what_is_packed_and_times_are_left_out():
    packed = b"".join(pack([b"one\n", b"two\n"], "a.gz"))
    assert packed[4:8] == bytes(4)
    result = subprocess.run(["gzip", "-dc"], input=packed, capture_output=True, check=True)
    assert result.stdout == b"one\ntwo\n"


def test_names_without_the_ending():
    assert [bare_name(n) for n in ("a/b.jsonl.gz", "b.txt.ZST", "c.html", ".gz")] == [
        "a/b.jsonl", "b.txt", "c.html", ".gz",
    ]  # fmt: skip


def test_zstd_names_its_extra(monkeypatch):
    packed = b"".join(pack([b"data"], "a.zst"))
    monkeypatch.setitem(sys.modules, "backports", None)
    monkeypatch.setitem(sys.modules, "compression", None)
    message = "zstd data needs backports.zstd: pip install 'article-cleaner\\[zst\\]'"
    with pytest.raises(UsageError, match=message):
        list(unpack([packed]))
    with pytest.raises(UsageError, match=message):
        list(pack([b"data"], "a.zst"))
