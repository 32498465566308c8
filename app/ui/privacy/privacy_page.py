"""The page that shows what keeps Tacit offline on this computer, and lets a person prove it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.core.figures import size
from app.core.job import JobKind, JobState
from app.core.sandbox_report import Confinement, Holder, Layer
from app.services.privacy import network_ledger, offline_proof
from app.ui.style.phrases import long_day
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label
from app.ui.widgets.file_dialogs import ask_where_to_save
from app.ui.widgets.form_rows import Section, SettingRow
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.scroll_page import ScrollPage

if TYPE_CHECKING:
    from app.core.download import NetworkLogEntry
    from app.core.job import Job, JobContext
    from app.services.application import Application
    from app.services.privacy.network_ledger import Ledger
    from app.ui.runtime.bridge import Bridge

_WIDTH = 740
_SHOWN = 12  # network log entries; the saved ledger has the older ones too
_WORK = {
    "window": "holds the open vault and draws what you see.",
    "media": "decodes recordings.",
    "speech": "writes down what is said.",
    "language": "writes summaries and answers.",
    "embedding": "finds what is close in meaning.",
    "voices": "tells voices apart.",
    "documents": "reads documents.",
    "models": "looks into model files, and writes them in another type.",
    "launcher": "starts the others, and holds nothing itself.",
}
_WORKERS = ("media", "speech", "language", "embedding", "voices", "documents")
_HOLDERS = {Holder.KERNEL: "By the kernel", Holder.OURSELVES: "By our own code", Holder.NOBODY: "Not here"}
_TITLES = {"network": "Connections", "programs": "Other programs", "names": "Host names", "python": "Our own code"}
_SYSTEM = (
    "The system's kernel refuses every network connection to whatever part of Tacit holds or reads something of yours. "
    "Nothing in Tacit can take that back while it runs. Only the part that fetches a model you ask for may connect."
)
_NEVER = "It was never open. A download opens it for one model, and this is where that will stand."
_OURS = "On this system only Tacit's own code refuses to connect; the system itself would not stop it."


class PrivacyPage(ScrollPage):
    """One column: the proof, the sandbox layers, the network log, and what is not promised."""

    def __init__(self, theme: Theme, tacit: "Application", ledger: "Ledger", bridge: "Bridge", parent: QWidget) -> None:
        super().__init__(theme, parent, "Privacy", _WIDTH)
        self._theme, self._tacit, self._network_log, self._bridge = theme, tacit, ledger, bridge
        self._proving: offline_proof.Proving | None = None
        self.proof: offline_proof.Proof | None = None
        self._log_entries: Sequence[NetworkLogEntry] = ()
        self._is_proving = False
        self.column.addWidget(label("Privacy", "title", self.inner))
        words = RichText(theme, self.inner, role="second")
        words.set_text(_SYSTEM if tacit.is_offline_enforced else _OURS)
        self.column.addWidget(words)
        self._add_proof_section()
        self.own_layers = Section(theme, self.inner, "What holds in this window")
        self.worker_layers = Section(theme, self.inner, "What holds in the processes that read and compute")
        self.worker_layers.hide()
        for section in (self.own_layers, self.worker_layers):
            self.column.addWidget(section)
        self._add_ledger_section()
        self._add_not_promised()
        self.column.addStretch(1)
        bridge.job_changed.connect(self._read_ledger_after_download)

    def _add_proof_section(self) -> None:
        section = Section(self._theme, self.inner, "Proof")
        row = section.add_row(
            "Prove it",
            "Starts one process of each kind as for real work. Each tries to connect in several ways, and shows what "
            "the system told it. Nothing is sent, and no call is touched.",
        )
        self.prove_button = button("Prove it", row, "main", self.prove, "Prove that Tacit is offline")
        self.prove_button.setProperty("size", "small")
        row.add_control(self.prove_button)
        self.verdict = RichText(self._theme, row, size=14, line=21, weight=600)
        self.save_button = button("Save the report…", row, "plain", self._choose_report_file)
        self.save_button.setMinimumHeight(self._theme.px(32))
        row.below.addWidget(self.verdict)
        row.below.addWidget(self.save_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.verdict.hide()
        self.save_button.hide()
        self.results = Section(self._theme, self.inner, "Each process, as it tried")
        self.results.hide()
        self.column.addWidget(section)
        self.column.addWidget(self.results)

    def _add_ledger_section(self) -> None:
        self.ledger = Section(self._theme, self.inner, "When the door to the network was open")
        self._ledger_head = self.ledger.add_row("Ledger", "")
        self.export_button = button("Save the ledger…", self._ledger_head, "plain", self._choose_ledger_file)
        self._ledger_head.add_control(self.export_button)
        self.ledger.hide()
        self.column.addWidget(self.ledger)

    def _add_not_promised(self) -> None:
        head = label("What this does not promise", "head", self.inner)
        head.setContentsMargins(0, self._theme.px(10), 0, self._theme.px(4))
        self.column.addWidget(head)
        for sentence in offline_proof.NOT_PROMISED:
            made = RichText(self._theme, self.inner, size=13, line=19, role="second")
            made.set_text(sentence)
            self.column.addWidget(made)

    def begin(self) -> None:
        """Show this process's sandbox layers and the network log; the proof runs only on request."""
        if self._proving is None:
            self._bridge.run_job(lambda _: self._read_own_layers(), self._show_own_layers, self.notice.show_error)
        self.read_ledger()
        self.prove_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> bool:
        """Nothing is open here that could be closed."""
        return False

    def _read_ledger_after_download(self, job: "Job[object]", _: list[object]) -> None:
        if job.kind is JobKind.DOWNLOAD and job.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED):
            self.read_ledger()

    def read_ledger(self) -> None:
        """Show the network log, newest entry first."""
        self._bridge.run_job(lambda _: self._network_log.entries(), self._show_ledger, self.notice.show_error)

    def _show_ledger(self, openings: "Sequence[NetworkLogEntry]") -> None:
        self._log_entries = openings
        self.ledger.clear(self._ledger_head)
        older = f" The last {_SHOWN} are shown." if len(openings) > _SHOWN else ""
        count = sum(not network_ledger.is_refusal(opening) for opening in openings)
        times = "once" if count == 1 else f"{count} times"
        said = f"It was open {times}, each time for one model that you asked for." if count else _NEVER
        if count < len(openings):
            said += " What was asked for and refused is listed too."
        said += older
        self._ledger_head.words.set_text(said)
        self.export_button.setEnabled(bool(openings))
        for opening in openings[:_SHOWN]:
            row = self.ledger.add_row(long_day(opening.opened), network_ledger.entry_sentence(opening))
            _add_control(row, label(size(opening.size), "second", row))
        self.ledger.show()

    def _choose_ledger_file(self) -> None:
        ask_where_to_save(self, "Tacit ledger", "txt", self.save_ledger)

    def save_ledger(self, path: Path) -> None:
        """Write the whole network log to a file."""

        def done(_: None) -> None:
            self.notice.show_note("The ledger was saved.", "It names models, times, hosts and bytes, and nothing else.")

        openings = self._log_entries
        self._bridge.run_job(
            lambda _: network_ledger.save(openings, self._tacit.outputs.named(path, replaces=True)),
            done,
            self.notice.show_error,
            title="Saving",
        )

    def _read_own_layers(self) -> tuple[Layer, ...]:
        def openings() -> list[str]:
            return network_ledger.entry_sentences(self._network_log.entries())

        self._proving = self._proving or offline_proof.Proving(self._tacit.engines().prover(), openings)
        return self._proving.here()

    def _show_own_layers(self, layers: Sequence[Layer]) -> None:
        self._show_layers(self.own_layers, layers)
        if not layers:
            self.own_layers.add_row("Nothing", "This window was started without its walls.")

    def _show_layers(self, section: Section, layers: Sequence[Layer]) -> None:
        for layer in layers:
            row = section.add_row(_TITLES.get(layer.name, layer.name.capitalize()), _sentence(layer.detail))
            _add_control(row, label(_HOLDERS[layer.holder], "good" if layer.holder is Holder.KERNEL else "small", row))

    def prove(self) -> None:
        """Have each process try to connect, and show each result as it arrives."""
        if self._is_proving:
            return
        self._is_proving = True
        self.prove_button.setText("Trying…")
        self.verdict.hide()
        for section in (self.results, self.worker_layers):
            section.clear()
        self.results.show()

        def work(context: "JobContext") -> offline_proof.Proof:
            self._read_own_layers()
            assert self._proving is not None
            found = []
            for standing in self._proving.standings():
                context.checkpoint()
                context.report(standing)
                found.append(standing)
            return self._proving.proof(found)

        def fail(error: Exception) -> None:
            self._end_proof("Prove it")
            self.notice.show_error(error)

        self._bridge.run_job(work, self._show_proof, fail, title="Proving").on_event(self._show_event)

    def _show_event(self, event: object) -> None:
        if isinstance(event, Confinement):
            self._show_confinement(event)

    def _show_confinement(self, standing: Confinement) -> None:
        name = standing.process
        work = f"{_sentence(_WORK[name])} " if name in _WORK else ""
        row = self.results.add_row(name.capitalize(), f"{work}{process_report(standing)}")
        if name == "launcher":
            _add_control(row, label("Holds nothing", "small", row))
        elif standing.is_offline:
            _add_control(row, label("Offline", "good", row))
        else:
            _add_control(row, label("Not kept offline", "danger", row))

    def _show_proof(self, proof: offline_proof.Proof) -> None:
        self.proof = proof
        self._end_proof("Prove it again")
        workers = [standing for standing in proof.confinements if standing.process in _WORKERS and standing.layers]
        self.worker_layers.setVisible(bool(workers))
        if workers:
            self._show_layers(self.worker_layers, workers[0].layers)
        self.verdict.set_text(proof.verdict)
        self.verdict.show()
        self.save_button.show()
        self.read_ledger()

    def _end_proof(self, text: str) -> None:
        self._is_proving = False
        self.prove_button.setText(text)

    def _choose_report_file(self) -> None:
        ask_where_to_save(self, "Tacit offline proof", "html", self.save)

    def save(self, path: Path) -> None:
        """Write the report of the last proof to a file."""
        proof = self.proof
        if proof is None:
            return

        def done(_: None) -> None:
            self.notice.show_note("The report was saved.", "It holds no word of yours.")

        def work(_: object) -> None:
            offline_proof.require_report_name(path)
            offline_proof.save_report(proof, self._tacit.outputs.named(path, replaces=True))

        self._bridge.run_job(work, done, self.notice.show_error, title="Saving")


def process_report(standing: Confinement) -> str:
    """The results of one process, as a short paragraph."""
    if standing.problem:
        return standing.problem
    ways = [attempt for attempt in standing.attempts if attempt.is_network]
    refused = sum(attempt.is_refused for attempt in ways)
    parts = [f"{refused} of {len(ways)} ways to the network refused."] if ways else []
    others = [a.name for a in standing.attempts if not a.is_network and a.is_refused]
    if others:
        parts.append(f"Also refused: {', '.join(others)}.")
    open_ways = [a.name for a in standing.attempts if not a.is_refused]
    if open_ways:
        parts.append(f"Not refused: {', '.join(open_ways)}.")
    return " ".join([*parts, _sentence(offline_proof.sockets_of(standing))])


def _sentence(words: str) -> str:
    text = words[:1].upper() + words[1:]
    return text if text.endswith(".") else f"{text}."


def _add_control(row: SettingRow, made: QWidget) -> None:
    row.add_control(made)
    made.setMinimumSize(0, 0)
