"""The line below a call's title in the list: its summary's first prose, else the first words that were said."""

import pytest

from app.core.summary import Point
from app.core.summary_template import parse_template
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.call_summaries import call_summary
from tests.storage.calls import add

PROSE, POINTS = (f'[[sections]]\nkey = "{{}}"\ntitle = "S"\nkind = "{kind}"\n' for kind in ("prose", "points"))


@pytest.mark.parametrize(
    ("sections", "shown"),
    [
        (POINTS.format("a") + PROSE.format("b") + PROSE.format("c"), "Of b."),
        (PROSE.format("c") + PROSE.format("b"), "Of c."),
        (PROSE.format("empty") + PROSE.format("b"), ""),
        (POINTS.format("a"), "We meet on Monday."),
    ],
)
def test_the_first_prose_of_a_summary(vault: Vault, sections: str, shown: str) -> None:
    store = CallStore(vault)
    known = add(store, "We meet on Monday.", "Yes.")
    template = parse_template("own", f'title = "Own"\n{sections}')
    store.save_summary(known, template.summary("", "m", {"b": "Of b.", "c": "Of c."}, {"a": (Point("A point"),)}, {}))
    assert store.get(known).preview == shown


def test_a_call_without_a_summary_and_one_of_a_call(vault: Vault) -> None:
    store = CallStore(vault)
    known = add(store, "We meet on Monday.", "Yes.")
    assert store.get(known).preview == "We meet on Monday."
    store.save_summary(known, call_summary("T", "They meet. " * 40))
    assert store.get(known).preview == ("They meet. " * 40)[:160]
