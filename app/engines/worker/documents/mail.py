"""An e-mail: who wrote to whom when, its subject, and its words; attachments are counted."""

import email
import email.policy
from email.message import EmailMessage, MIMEPart

from app.core.document import Unread
from app.core.imports.document import decoded
from app.engines.worker.documents.draft import Draft
from app.engines.worker.documents.web_page import read_page

_HEADERS = ("From", "To", "Cc", "Date", "Subject")


def read_mail(data: bytes, draft: Draft) -> None:
    """Take the head and the words of an e-mail; of a letter in two forms the plain one."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    draft.title = str(message.get("Subject", ""))
    number = 0
    for name in _HEADERS:
        value = " ".join(str(message.get(name, "")).split())
        if value:
            number += 1
            draft.add(f"{name}: {value}", number)
    draft.unread[Unread.ATTACHMENTS] += sum(1 for _ in message.iter_attachments())
    body = message.get_body(("plain", "html"))
    if body is None:
        return
    words = _words(body)
    if body.get_content_subtype() == "html":
        title = draft.title
        read_page(words, draft, number)
        draft.title = title or draft.title
        return
    for line in words.replace("\r\n", "\n").split("\n"):
        number += 1
        draft.add(line, number)


def _words(body: MIMEPart) -> str:
    try:
        content = body.get_content()
        if isinstance(content, str):
            return content
    except (LookupError, UnicodeError):  # an encoding that nobody knows
        pass
    payload = body.get_payload(decode=True)
    return decoded(payload)[0] if isinstance(payload, bytes) else ""
