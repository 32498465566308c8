"""Summaries by the template that comes with the program."""

from app.core.resources import summary_templates
from app.core.summary import ActionItem, Point, Summary
from app.core.summary_template import parse_template

CALL_TEMPLATE = parse_template("call", (summary_templates() / "call.toml").read_text("utf-8"))


def call_summary(
    title: str,
    overview: str = "",
    key_points: tuple[Point, ...] = (),
    decisions: tuple[Point, ...] = (),
    action_items: tuple[ActionItem, ...] = (),
    model: str = "m",
) -> Summary:
    """The summary of a call."""
    points = {"key_points": key_points, "decisions": decisions}
    return CALL_TEMPLATE.summary(title, model, {"overview": overview}, points, {"action_items": action_items})
