"""The page on privacy: what it claims is what the processes said."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtWidgets import QLabel

from app.core.download import NetworkLogEntry
from app.core.sandbox_report import Attempt, Confinement, Holder, Layer
from app.services.application import Application
from app.ui.main_window import MainWindow
from app.ui.privacy.page import PAGE as PRIVACY
from app.ui.privacy.privacy_page import PrivacyPage
from app.ui.widgets.rich_text import RichText
from tests.ui.doubles import SessionDouble, TacitDouble, as_tacit
from tests.ui.stage import enter, settle, until

Show = Callable[[Application], MainWindow]
_KERNEL = Layer("network", Holder.KERNEL, "refuses every socket")
_NO_FILES = Layer("files", Holder.NOBODY, "this system can't keep a process of ours to some files")


def standing(process: str, *layers: Layer, is_refused: bool = True) -> Confinement:
    attempt = Attempt("a connection from C", is_refused, "permission denied" if is_refused else "not refused")
    return Confinement(process, 7, layers, (attempt,), {"unix": 1, "internet": 0, "other": 0})


@pytest.fixture
def open_page(show: Show) -> Callable[..., PrivacyPage]:
    """The page on a product whose processes say this."""

    def made(
        *standings: Confinement, is_offline_enforced: bool = True, openings: tuple[NetworkLogEntry, ...] = ()
    ) -> PrivacyPage:
        session = SessionDouble()
        session.ledger.found.extend(openings)
        tacit = as_tacit(session, is_offline_enforced=is_offline_enforced)
        cast("TacitDouble", tacit).standings.extend(standings)
        desk = enter(show(tacit))
        desk.side_bar.rows["privacy"].click()
        assert desk.side_bar.rows["privacy"].is_here
        return desk.page(PRIVACY)

    return made


def words_on(page: PrivacyPage) -> str:
    shown = [label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page)]
    return " | ".join(shown + [prose.plain_text() for prose in page.findChildren(RichText) if prose.isVisibleTo(page)])


def prove(page: PrivacyPage) -> str:
    page.prove_button.click()
    until(lambda: page.proof is not None, 10, "the proof")
    settle(0.1)  # Qt shows what was added when it lays out
    return words_on(page)


def test_the_proof_is_shown_and_its_report_saved(open_page: Callable[..., PrivacyPage], tmp_path: Path) -> None:
    page = open_page(standing("window", _KERNEL), standing("media", _KERNEL, _NO_FILES))
    until(lambda: "Refuses every socket." in words_on(page), 5, "the walls of this process")
    assert not page.save_button.isVisibleTo(page)
    said = prove(page)
    assert "Offline. 2 attempts to connect were made, and every one was refused." in said
    assert "Not here" in said  # a wall that this system lacks is told too
    assert page.save_button.isVisibleTo(page)
    report = tmp_path / "proof.html"
    page.save(report)
    until(lambda: "saved" in page.notice.text, 5, "the note")
    assert "every one was refused" in report.read_text()
    page.save(tmp_path / "no" / "proof.html")
    until(lambda: "no such folder" in page.notice.text, 5, "the error")


def test_nothing_is_claimed_that_is_not_so(open_page: Callable[..., PrivacyPage]) -> None:
    page = open_page(
        standing("window", is_refused=False), standing("media", _KERNEL),
        Confinement("speech", 0, (), (), problem="The process that did this work ended."), is_offline_enforced=False,
    )  # fmt: skip
    said = prove(page)
    assert "Not enforced here: window, speech." in said
    assert "Only Tacit's own code refuses" in said.replace("only", "Only")
    assert "Not kept offline" in said
    assert "ended" in said
    assert "kernel refuses every network connection" not in said


def test_each_opening_of_the_door_is_shown_reported_and_saved(
    open_page: Callable[..., PrivacyPage], tmp_path: Path
) -> None:
    def opened(day: int, ending: str, **hosts: int) -> NetworkLogEntry:
        began = datetime(2026, 11, day, 9, 30, tzinfo=UTC)
        named = {host.replace("_", "."): size for host, size in hosts.items()}
        return NetworkLogEntry(f"{day}", "qwen3-0.6b", began, None if not ending else began, named, ending)

    older = [opened(day, "arrived", huggingface_co=1000) for day in range(15, 0, -1)]
    page = open_page(
        standing("window", _KERNEL),
        openings=(opened(17, ""), opened(16, "Offline", huggingface_co=0, us_hf_co=2_500_000_000), *older),
    )
    until(lambda: "It was open 17 times" in words_on(page), 5, "the ledger")
    said = words_on(page)
    assert "To fetch Qwen3 0.6B (Q8_0): 0 kB from huggingface.co, 2.5 GB from us.hf.co." in said
    assert "It failed: The server can't be reached." in said
    assert "it is still open, or its process was killed" in said
    assert "The last 12 are shown." in said
    assert said.count("To fetch") == 12
    prove(page)
    until(lambda: words_on(page).count("To fetch") == 12, 5, "the rows again, and each once")
    page.save(tmp_path / "proof.txt")
    until(lambda: "report was saved" in page.notice.text, 5, "the note")
    assert (tmp_path / "proof.txt").read_text().count("To fetch") == 17
    page.save_ledger(tmp_path / "ledger.json")
    until(lambda: "ledger was saved" in page.notice.text, 5, "the note")
    kept = json.loads((tmp_path / "ledger.json").read_text())
    assert (len(kept), kept[1]["hosts"], kept[1]["ending"]) == (
        17, {"huggingface.co": 0, "us.hf.co": 2_500_000_000}, "Offline",
    )  # fmt: skip
