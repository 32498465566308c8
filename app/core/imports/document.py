"""The bytes of a text file as a call: which encoding and which format they are of."""

import codecs
import re

from app.core.errors import BlankFile
from app.core.imports import cues, docx, json, txt
from app.core.imports.raw_line import RawLine, settled
from app.core.written_call import LARGEST_TEXT, NoTranscript, TextTooLong, WrittenCall

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
# An object, or a list of some; a plain text may begin with {vocalsound}, [00:00:01] or a box to tick.
_JSON = re.compile(r'\{\s*+(?:"|\}?\s*+\Z)|\[\s*+(?:\{\s*+["}]|\]?\s*+\Z)')
_ENDS = re.compile("\r\n?|\u2028|\u2029|\x0b|\x0c|\x85")
# What is not seen would part a name from its colon, or hide a time; JSON's escapes are undone and cleaned later.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SAMPLE = 4096  # bytes that tell UTF-16 without a mark from other text


def read_call(data: bytes, *, is_any_text: bool = False, is_prose: bool = False) -> WrittenCall:
    """The call that a file's bytes tell, whatever the file is called.

    With `is_prose` a plain text is one that somebody wrote, such as minutes: its lines come as they are.

    Raises:
        NoTranscript: it tells of no call; with `is_any_text` each line of a plain text is taken for one that is said.
        TextUnreadable, TextTooLong, BlankFile: it is damaged, too long, or says nothing.
    """
    if len(data) > LARGEST_TEXT:
        raise TextTooLong
    text, is_guessed = (docx.document_text(data), False) if data.startswith(docx.BEGINNING) else decoded(data)
    text = without_unseen(text)
    begin = text.lstrip("\ufeff \t\n")
    if not begin:
        raise BlankFile
    if _JSON.match(begin):
        call = json.read(begin)
    elif begin.startswith("WEBVTT") or cues.has_cues(begin):
        call = WrittenCall(settled(cues.read(begin)))
    elif is_prose:
        call = WrittenCall(settled(map(RawLine, begin.split("\n"))))
    else:
        call = WrittenCall(settled(txt.read(begin, is_any_text=is_any_text), is_in_order=True))
    if not call.lines:
        raise NoTranscript
    return WrittenCall(call.lines, call.title, call.date, call.language, is_guessed)


def without_unseen(text: str) -> str:
    """The text with one kind of line end, and without the characters that are not seen."""
    return _UNSEEN.sub("", _ENDS.sub("\n", text))


def decoded(data: bytes) -> tuple[str, bool]:
    """The text, and whether its encoding is a guess: what is no Unicode is read as Windows' Western European."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), False
    sample = data[:_SAMPLE]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):  # of Latin letters every second byte is zero
        if sample[first::2].count(0) * 2 > len(sample) // 2 and not sample[1 - first :: 2].count(0):
            return data.decode(encoding, "replace"), False
    try:
        return data.decode("utf-8"), False
    except UnicodeDecodeError:
        return "".join(map(_western, data.decode("cp1252", "surrogateescape"))), True


def _western(character: str) -> str:
    """The five bytes that Windows leaves open are those of Latin-1."""
    return chr(ord(character) - 0xDC00) if "\udc80" <= character <= "\udcff" else character
