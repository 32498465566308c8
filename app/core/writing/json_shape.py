"""The JSON of what came of an action on a text."""

from typing import Any

from app.core.summary import ActionItem, Point
from app.core.writing.text_lines import TextLines
from app.core.writing.written import Written


def written_json(written: Written) -> dict[str, Any]:
    """As `{"action", "text", "language", "model", "notes"}`.

    A text in other words has `"changes"` too, each with `"old"` and `"new"`, a summary its `"title"` and `"sections"`,
    whose points have the numbers of the `"lines"` that bear them.
    """
    shape: dict[str, Any] = {
        "action": written.action.value,
        "text": written.new,
        "language": written.language,
        "model": written.model,
        "notes": list(written.notes),
    }
    if written.action.facts.is_rewriting:
        shape["changes"] = [{"old": change.old, "new": change.new} for change in written.difference.changes]
    if written.summary is not None and written.lines is not None:
        shape["title"] = written.summary.title
        shape["sections"] = {
            section.key: [_item(one, written.lines) for one in (*section.sentences, *section.items)]
            for section in written.summary.sections
        }
    return shape


def _item(item: Point | ActionItem, lines: TextLines) -> dict[str, Any]:
    said = {"text": item.text} if isinstance(item, Point) else {"task": item.task, "owner": item.owner, "due": item.due}
    verdict = "contradicted" if item.instead else "confirmed" if item.evidence else "not_found"
    return {**said, "verdict": verdict, "lines": lines.numbers(item), "instead": list(item.instead)}
