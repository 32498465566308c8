"""Damaged and hostile documents: cut, with other bytes in them, bombs, and what is nested without end."""

import io
import random
import zipfile
import zlib

from tests.services.documents import making
from tests.services.documents.making import EACH, MARK

_BINARY = ("pdf", "docx", "odt")


def _mutated(seed: int) -> tuple[str, bytes]:
    """One document of a kind, cut, with flipped bytes, with a part twice, or with a part of another in it."""
    chance = random.Random(seed)
    suffix = list(EACH)[seed % len(EACH)]
    data = bytearray(EACH[suffix])
    way = (seed // len(EACH)) % 4
    if way == 0:
        del data[chance.randrange(len(data)) :]
    elif way == 1:
        for _ in range(chance.randint(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif way == 2:
        at, length = chance.randrange(len(data)), chance.randint(1, 400)
        data[at:at] = data[at : at + length]
    else:
        other = EACH[chance.choice(list(EACH))]
        at = chance.randrange(len(data))
        data[at : at + 50] = other[: chance.randint(1, 400)]
    return suffix, bytes(data)


def mutations(count: int) -> dict[str, tuple[str, bytes]]:
    """So many damaged documents, each with how its name ends; the first are of every kind."""
    return {f"{seed}": _mutated(seed) for seed in range(count)}


def _pdf(body: bytes, *more: bytes) -> bytes:
    return making._assembled([b"<< /Type /Catalog /Pages 2 0 R >>", body, *more], b"")


def _page_with(stream: bytes, entries: bytes) -> bytes:
    return _pdf(
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << >> >>",
        b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(stream), entries, stream),
    )


def _packed(times: int, length: int) -> bytes:
    data = b"(a) Tj " * length
    for _ in range(times):
        data = zlib.compress(data, 9)
    return data


def _locked_archive() -> bytes:
    """The one bit in the heads of an archive that says that its files have a password."""
    data = bytearray(making.word())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        while (place := data.find(mark, place + 1)) >= 0:
            data[place + at] |= 1
    return bytes(data)


def _bomb(name: str, before: str, unit: str, count: int, after: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        with archive.open(name, "w") as member:
            member.write(before.encode())
            for _ in range(count):
                member.write(unit.encode() * 100_000)
            member.write(after.encode())
    return file.getvalue()


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12))


def hostile() -> dict[str, tuple[str, bytes]]:
    """Documents that somebody made to harm, each with how its name ends."""
    made: dict[str, tuple[str, bytes]] = {
        "zip bomb in Word": ("docx", _bomb("word/document.xml", f"<w:document {_W}>", " ", 3000, "</w:document>")),
        "zip bomb in OpenDocument": ("odt", _bomb("content.xml", "<a>", " ", 3000, "</a>")),
        "zip bomb in the manifest": ("odt", making.zipped({
            "mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>",
            "META-INF/manifest.xml": " " * 30_000_000})),
        "deep Word": ("docx", making.zipped({"word/document.xml": f"<w:p {_W}>" + "<a>" * 100_000})),
        "deep OpenDocument": ("odt", making.open_document("<text:p>" * 5_000)),
        "laughs": ("docx", making.zipped({"word/document.xml": f"<!DOCTYPE a [{_LAUGHS}]><a>&l11;</a>"})),
        "entity of a file": ("docx", making.zipped({
            "word/document.xml": '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'})),
        "archive with a password": ("docx", _locked_archive()),
        "OpenDocument with a password": ("odt", making.open_document(manifest="<encryption-data/>")),
        "Office file with a password": ("docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
                                        + "EncryptedPackage".encode("utf-16-le")),
        "old Word": ("doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)),
        "many rows": ("csv", b"a," * 3_000_000),
        "quote without end": ("csv", b'"' + b"a,\n" * 1_000_000),
        "quotes": ("csv", b'""""' * 500_000),
        "deep page": ("html", b"<div>" * 300_000 + MARK.encode()),
        "tables in tables": ("html", b"<table><tr><td>" * 50_000),
        "attributes": ("html", b"<a " + b"x=y " * 300_000),
        "half tags": ("html", b"<a" * 200_000),
        "half comments": ("html", b"<!-" * 300_000),
        "half declarations": ("html", b"<!" * 100_000),
        "half instructions": ("html", b"<?" * 300_000),
        "half scripts": ("html", b"<script>" + b"</scrip" * 200_000),
        "half cdata": ("html", b"<![CDATA[" * 50_000),
        "references": ("html", b"&#x1F600" * 200_000 + b"&" * 200_000),
        "surrogates": ("html", b"<p>&#xD800;&#xDFFF;&#0;&#x202e; words</p>"),
        "deep mail": ("eml", b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))),
        "many parts": ("eml", b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nwords\n" * 50_000),
        "wide heads": ("eml", b"From: " + b"=?utf-8?q?a?= " * 20_000 + b"\n\nwords"),
        "addresses": ("eml", b"To: " + b"<a@b>,(" * 3_000 + b"\n\nwords"),
        "mail of no encoding": ("eml", b"Content-Type: text/plain; charset=klingon\n\nwords \xff"),
        "mail in itself": ("eml", b"Content-Type: message/rfc822\n\n" * 2_000),
        "cues without end": ("srt", b"00:00:01,000 --> 00:00:02,000\n" * 100_000),
        "one long line": ("txt", b"a" * 20_000_000),
        "controls": ("txt", "\u202eevil\u2028\u0007".encode("utf-16")),
        "pages that hold each other": ("pdf", _pdf(b"<< /Type /Pages /Count 1 /Kids [2 0 R 3 0 R] >>",
                                                    b"<< /Type /Pages /Count 9 /Kids [2 0 R] >>")),
        "pages by the million": ("pdf", _pdf(b"<< /Type /Pages /Count 999999999 /Kids [] >>")),
        "deep lists": ("pdf", _pdf(b"<< /Type /Pages /Count 1 /Kids " + b"[" * 100_000 + b" >>")),
        "a stream packed twenty times": ("pdf", _page_with(
            _packed(3, 3_000_000), b"/Filter [/FlateDecode /FlateDecode /FlateDecode]")),
        "a stream of zeros": ("pdf", _page_with(zlib.compress(bytes(300_000_000), 9), b"/Filter /FlateDecode")),
        "many operators": ("pdf", _page_with(zlib.compress(b"BT (a) Tj ET q " * 1_000_000), b"/Filter /FlateDecode")),
        "length of itself": ("pdf", _page_with(b"words", b"/Length 4 0 R")),
        "table before itself": ("pdf", EACH["pdf"].replace(b"trailer << ", b"trailer << /Prev 9 ")),
    }  # fmt: skip
    return made
