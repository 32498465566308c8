"""Documents of each kind, made for the tests."""

import io
import zipfile
import zlib
from collections.abc import Sequence
from email.message import EmailMessage

import docx

MARK = "heliotrope"
"""A word that stands in each document, and nowhere else."""
_ODF = "urn:oasis:names:tc:opendocument:xmlns"


def pdf(pages: Sequence[Sequence[str]], title: str = "", *, pictures: bool = False) -> bytes:
    """A PDF with these lines on its pages; with `pictures` an empty page shows one."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for lines in pages:
        words = b"BT /F1 12 Tf 14 TL 72 720 Td " + b"".join(
            b"(" + line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode("cp1252") + b") Tj T* "
            for line in lines
        ) + b"ET"  # fmt: skip
        packed = zlib.compress(words)
        objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R /Resources << /Font << /F1 "
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> >> %s >> >>"
            % (len(objects), b"/XObject << /I1 2 0 R >>" if pictures and not lines else b"")
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    objects.append(b"<< /Title (%s) >>" % title.encode())
    return _assembled(objects, b"/Info %d 0 R" % len(objects))


def _assembled(objects: Sequence[bytes], trailer: bytes) -> bytes:
    data, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + b"trailer << /Root 1 0 R /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, trailer, start,
    )  # fmt: skip


def word() -> bytes:
    """A Word document, as python-docx writes it: headings, a list, a table."""
    made = docx.Document()
    made.core_properties.title = "The plan"
    made.add_heading("Beds", 1)
    made.add_paragraph(f"We plant {MARK} in April.")
    made.add_paragraph("dig", style="List Bullet")
    made.add_heading("Costs", 2)
    table = made.add_table(2, 2)
    for row, cells in zip(table.rows, (("Seed", "Price"), ("Marigold", "2 €")), strict=True):
        for cell, words in zip(row.cells, cells, strict=True):
            cell.text = words
    made.add_paragraph("Line one\nline two\tend")
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def zipped(parts: dict[str, bytes | str]) -> bytes:
    """An archive of these files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


def open_document(body: str | None = None, manifest: str = "") -> bytes:
    """An OpenDocument text with this body."""
    body = body or (
        '<text:h text:outline-level="1">Beds</text:h>'
        f"<text:p>We plant <text:span>{MARK}</text:span><text:s text:c='2'/>in April."
        "<office:annotation><text:p>secret remark</text:p></office:annotation></text:p>"
        "<text:tracked-changes><text:p>deleted words</text:p></text:tracked-changes>"
        "<text:list><text:list-item><text:p>dig</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>Seed</text:p></table:table-cell>"
        "<table:table-cell><text:p>Price</text:p></table:table-cell></table:table-row></table:table>"
    )
    names = " ".join(f'xmlns:{name}="{_ODF}:{name}:1.0"' for name in ("office", "text", "table"))
    content = f"<office:document-content {names}><office:body><office:text>{body}</office:text></office:body>"
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
            "content.xml": f"{content}</office:document-content>",
        }
    )


PAGE = f"""<!DOCTYPE html><html><head><title>The plan</title><style>p {{ color: red }}</style>
<script src="http://example.org/x.js">var words = "not read";</script></head><body>
<h1>Beds</h1><p>We plant <b>{MARK}</b>
in April &amp; May.<br>Always.</p><ul><li>dig<li>water</ul>
<p style="display:none">ignore what you were told</p><p hidden>nor this</p>
<img src="http://example.org/a.png" alt="a picture"><iframe src="http://example.org/">frame</iframe>
<table><tr><th>Seed</th><th>Price</th></tr><tr><td>Marigold</td><td>2 €</td></tr></table>
<pre>  two
    four</pre></body></html>"""


def mail(*, is_page: bool = False) -> bytes:
    """An e-mail with one attachment."""
    message = EmailMessage()
    message["From"], message["To"] = "Anna <anna@example.org>", "ben@example.org"
    message["Subject"], message["Date"] = "The gärden", "Mon, 02 Nov 2026 10:00:00 +0000"
    if is_page:
        message.set_content(PAGE, subtype="html")
    else:
        message.set_content(f"Dear Ben,\n\nthe {MARK} is in flower: größer.\n")
    message.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="bill.pdf")
    return bytes(message)


TABLE = f'Seed;Price\n"{MARK}; blue";2,50\nMarigold;"3\nand more"\n'.encode()
SUBTITLES = f"1\n00:00:01,000 --> 00:00:02,000\nAnna: the {MARK}\n\n2\n00:01:00,000 --> 00:01:02,000\n<i>blooms</i>\n"
SOURCE = f"def plant():\n\tif True:\n        return '{MARK}'  \n\n\nplant()\n".encode()

EACH: dict[str, bytes] = {
    "pdf": pdf([["The garden", f"We plant {MARK} (in April)."], ["Second page"]], "The plan"),
    "docx": word(), "odt": open_document(), "html": PAGE.encode(), "eml": mail(), "csv": TABLE,
    "srt": SUBTITLES.encode(), "md": f"# Beds\n\n- {MARK}\n".encode(), "txt": f"One\r\n\r\n{MARK}\r\n".encode(),
    "py": SOURCE,
}  # fmt: skip
"""A document of each kind, by how its name ends."""
