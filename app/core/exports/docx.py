"""A call as a Word document: paragraphs in Word's own styles, which our import reads back with speakers and times."""

import io
import re
import zipfile
from datetime import UTC
from xml.sax.saxutils import escape

from app.core.call_document import Block, CallDocument, Span, call_document
from app.core.exports import ExportedCall

NAME, TITLE, SUFFIX, ORDER = "docx", "Word", "docx", 3
IS_BINARY = True

_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FORBIDDEN = re.compile("[\ufffe\uffff]")  # in XML, beside the controls that are gone by now
_MADE = (1980, 1, 1, 0, 0, 0)  # the first date of a zip: the same call is always the same file

_TYPES = f"""{_HEAD}<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="{_KIND}.document.main+xml"/>
<Override PartName="/word/styles.xml" ContentType="{_KIND}.styles+xml"/>
<Override PartName="/word/numbering.xml" ContentType="{_KIND}.numbering+xml"/>
<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>
</Types>"""
_RELATIONS = f"""{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>
<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>
</Relationships>"""
_DOCUMENT_RELATIONS = f"""{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/>
<Relationship Id="rId2" Type="{_OFFICE}/numbering" Target="numbering.xml"/>
</Relationships>"""
_CORE = """{head}<cp:coreProperties xmlns:cp="{package}/metadata/core-properties"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{title}</dc:title>{created}</cp:coreProperties>"""
_CREATED = '<dcterms:created xsi:type="dcterms:W3CDTF">{:%Y-%m-%dT%H:%M:%SZ}</dcterms:created>'
_NUMBERING = f"""{_HEAD}<w:numbering xmlns:w="{_WORDS}"><w:abstractNum w:abstractNumId="0">
<w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/>
<w:lvlText w:val="•"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="360" w:hanging="360"/></w:pPr></w:lvl>
</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"""
# Lengths are twentieths of a point, sizes of letters half points. The words of a line stand beside time and speaker.
_STYLES = """{head}<w:styles xmlns:w="{words}"><w:docDefaults><w:rPrDefault><w:rPr>
<w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:cs="Calibri"/><w:sz w:val="21"/><w:szCs w:val="21"/>{language}
</w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="100" w:line="264" w:lineRule="auto"/></w:pPr>
</w:pPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/><w:next w:val="Normal"/>
<w:qFormat/><w:pPr><w:spacing w:after="160"/></w:pPr>
<w:rPr><w:b/><w:sz w:val="40"/><w:szCs w:val="40"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Subtitle"><w:name w:val="Subtitle"/><w:basedOn w:val="Normal"/>
<w:next w:val="Normal"/><w:qFormat/><w:rPr><w:color w:val="656B71"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/>
<w:next w:val="Normal"/><w:qFormat/><w:pPr><w:keepNext/>
<w:spacing w:before="320" w:after="100"/><w:outlineLvl w:val="0"/>
</w:pPr><w:rPr><w:b/><w:sz w:val="27"/><w:szCs w:val="27"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="ListBullet"><w:name w:val="List Bullet"/><w:basedOn w:val="Normal"/><w:qFormat/>
<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr><w:spacing w:after="60"/></w:pPr></w:style>
<w:style w:type="paragraph" w:customStyle="1" w:styleId="Line"><w:name w:val="Transcript Line"/>
<w:basedOn w:val="Normal"/><w:qFormat/><w:pPr><w:tabs>{stops}</w:tabs><w:ind w:left="{indent}" w:hanging="{indent}"/>
</w:pPr></w:style>
<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/>
</w:style>
<w:style w:type="character" w:customStyle="1" w:styleId="Speaker"><w:name w:val="Speaker"/>
<w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="character" w:customStyle="1" w:styleId="Time"><w:name w:val="Time"/>
<w:rPr><w:color w:val="656B71"/></w:rPr></w:style>
<w:style w:type="character" w:customStyle="1" w:styleId="Note"><w:name w:val="Note"/>
<w:rPr><w:color w:val="656B71"/></w:rPr></w:style></w:styles>"""
_PAGE = (
    '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1247" w:right="1247" w:bottom="1247" w:left="1247"'
    ' w:header="709" w:footer="709" w:gutter="0"/></w:sectPr>'
)
_STYLE_OF = {
    "title": "Title", "facts": "Subtitle", "heading": "Heading1",
    "text": "Normal", "item": "ListBullet", "line": "Line",
}  # fmt: skip
_TIME_WIDTH, _NAME_WIDTH, _LETTER, _WIDEST = 850, 250, 105, 2600
_TAB = "<w:r><w:tab/></w:r>"


def render(exported: ExportedCall) -> bytes:
    """Title, summary, facts and transcript."""
    document = call_document(exported.transcript, exported.call, exported.summary)
    created = _CREATED.format(exported.call.date.astimezone(UTC)) if exported.call else ""
    core = _CORE.format(head=_HEAD, package=_PACKAGE, title=_escaped(document.title), created=created)
    parts = {
        "[Content_Types].xml": _TYPES, "_rels/.rels": _RELATIONS, "docProps/core.xml": core,
        "word/document.xml": _document(document), "word/styles.xml": _styles(document),
        "word/numbering.xml": _NUMBERING, "word/_rels/document.xml.rels": _DOCUMENT_RELATIONS,
    }  # fmt: skip
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, xml in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _MADE), xml.encode(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _document(document: CallDocument) -> str:
    body = "\n".join(map(_paragraph, document.blocks))
    return f'{_HEAD}<w:document xmlns:w="{_WORDS}"><w:body>\n{body}\n{_PAGE}</w:body></w:document>'


def _styles(document: CallDocument) -> str:
    """The styles, in which the words of all lines begin where the longest name leaves room for them."""
    lines = [block for block in document.blocks if block.role == "line"]
    name = max((len(span.text) for block in lines for span in block.spans if span.style == "speaker"), default=0)
    has_times = any(span.style == "time" for block in lines for span in block.spans)
    time = _TIME_WIDTH * has_times
    indent = time + (min(_NAME_WIDTH + _LETTER * name, _WIDEST) if name and has_times else 0)
    stops = "".join(f'<w:tab w:val="left" w:pos="{stop}"/>' for stop in sorted({time, indent} - {0}))
    language = f'<w:lang w:val="{_escaped(document.language)}"/>' if document.language else ""
    return _STYLES.format(head=_HEAD, words=_WORDS, language=language, stops=stops, indent=indent)


def _paragraph(block: Block) -> str:
    runs = (_line_runs if block.role == "line" else _runs)(block)
    return f'<w:p><w:pPr><w:pStyle w:val="{_STYLE_OF[block.role]}"/></w:pPr>{runs}</w:p>'


def _runs(block: Block) -> str:
    return _run(Span(" ")).join(map(_run, block.spans))


def _line_runs(block: Block) -> str:
    """Time, speaker and words, a tab between them; without a time the speaker before a colon, as a text has it."""
    has_time = any(span.style == "time" for span in block.spans)
    written = []
    for span in block.spans:
        is_name = span.style == "speaker"
        written.append(_run(Span(f"{span.text}:", "speaker") if is_name and not has_time else span))
        written.append(_TAB if has_time and span.style in ("time", "speaker") else _run(Span(" ")))
    return "".join(written[:-1])


def _run(span: Span) -> str:
    look = "" if span.style == "plain" else f'<w:rPr><w:rStyle w:val="{span.style.capitalize()}"/></w:rPr>'
    return f'<w:r>{look}<w:t xml:space="preserve">{_escaped(span.text)}</w:t></w:r>'


def _escaped(text: str) -> str:
    return escape(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text), {'"': "&quot;"})
