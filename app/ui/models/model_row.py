"""One model on the page of models: what it is, whether it fits, its download, and its main action."""

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QMenu, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from app.core.figures import size
from app.core.fit import Verdict
from app.services.models.listing import Forecast, Offer
from app.ui.models.downloads import ModelDownload
from app.ui.runtime.unexpected_errors import error_sentences
from app.ui.style.theme import Role, Theme
from app.ui.widgets.basics import ElidedLabel, button, label, rule, set_label_text
from app.ui.widgets.flow import Flow
from app.ui.widgets.rich_text import Piece, RichText, Run
from app.ui.widgets.screen_fit import keep_on_screen

_FACT_WIDTHS = (120, 190)  # design pixels: the widths of size and fit
_BUTTON_WIDTH = 118
_BAR_WIDTH = 320
_NARROW, _NARROWEST = 720, 440  # below the first, size and fit go under the words; below the second, the buttons too
_VERDICTS: dict[Verdict, tuple[str, Role]] = {
    Verdict.WELL: ("Runs well", "accent"), Verdict.TIGHT: ("Tight", "warning"), Verdict.SLOW: ("Slow", "warning"),
    Verdict.NOT: ("Does not fit", "danger"),
}  # fmt: skip


def forecast_pieces(forecast: Forecast | None, between: str = "\n") -> list[Piece]:
    """`Runs well`, `needs 4.1 GB, about 18 tokens a second`; empty if there is no forecast."""
    if forecast is None:
        return []
    words, role = _VERDICTS[forecast.verdict]
    about = "" if forecast.is_exact else "about "
    most = f"{between}at most {forecast.most_minutes} min of call at once" if forecast.most_minutes else ""
    needs = f"needs {about}{size(forecast.need)}" + (f", {forecast.speed}" if forecast.speed else "") + most
    waits = f"{between}{forecast.waits}" if forecast.waits else ""
    return [Run(words, role=role), Run(f"{between}{needs}{waits}", role="second")]


def download_notice(offer: Offer) -> str:
    """What the user is told before a download starts."""
    unconfirmed = "" if offer.is_confirmed else " Its hash is unconfirmed: only one source names it."
    return f"From {offer.host}, {size(offer.size)}, {offer.licence}.{unconfirmed} Only the downloader connects."


class ModelRow(QWidget):
    """Shows one model, and emits what the user wants done with it."""

    action_wanted = Signal(str)  # pull, pause, use, look, verify, pack, remove or forget

    def __init__(self, theme: Theme, parent: QWidget, offer: Offer) -> None:
        super().__init__(parent)
        self._theme, self.offer, px = theme, offer, theme.px
        self._fetch: ModelDownload | None = None
        self._error: Exception | None = None
        self._is_narrow = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        across = self._across = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        across.setContentsMargins(0, px(11), 0, px(11))
        across.setSpacing(px(14))
        self._inner = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._inner.setSpacing(px(14))
        self._inner.addLayout(self._make_text_column(), 1)
        self.size_words = RichText(theme, self, size=13, line=19)
        self.fit_words = RichText(theme, self, size=13, line=19)
        for part, width in zip((self.size_words, self.fit_words), _FACT_WIDTHS, strict=True):
            part.setFixedWidth(px(width))
            self._inner.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)
        across.addLayout(self._inner, 1)
        across.addWidget(self._make_buttons(), 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(across)
        column.addWidget(rule(self))
        self.show_offer(offer, None, None)

    def _make_text_column(self) -> QVBoxLayout:
        px = self._theme.px
        column = QVBoxLayout()
        column.setSpacing(px(2))
        top = QHBoxLayout()
        top.setSpacing(px(6))
        self.name = ElidedLabel(self, "strong")
        self.name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.chip = label("in use", "use", self)
        top.addWidget(self.name)
        top.addWidget(self.chip, 0, Qt.AlignmentFlag.AlignVCenter)
        top.addStretch(1)
        column.addLayout(top)
        self.words = RichText(self._theme, self, size=13, line=19, role="second")
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setFixedHeight(px(4))
        self.bar.setMaximumWidth(px(_BAR_WIDTH))
        self.said = RichText(self._theme, self, size=13, line=19)
        self.details = RichText(self._theme, self, size=12, line=18, role="second")
        self._around_bar = QWidget(self)
        self._around_bar.setAccessibleName("Progress")
        around = QVBoxLayout(self._around_bar)
        around.setContentsMargins(0, px(5), 0, px(3))
        around.addWidget(self.bar)
        for part in (self.words, self._around_bar, self.said, self._make_confirmation(), self.details):
            column.addWidget(part)
        column.addStretch(1)
        return column

    def _make_confirmation(self) -> QWidget:
        px = self._theme.px
        self.confirmation = Flow(self, "Before the download", px(8))
        self.go_button = button("Download", self.confirmation, "main", self._confirm_download)
        self.go_button.setProperty("size", "small")
        self.cancel_button = button("Cancel", self.confirmation, "plain", self.leave)
        self.details_button = button("Details", self.confirmation, "link", self._toggle_details)
        for part in (self.go_button, self.cancel_button, self.details_button):
            part.setMinimumHeight(px(32))
            self.confirmation.add(part)
        self.confirmation.hide()
        self.details.hide()
        return self.confirmation

    def _make_buttons(self) -> QWidget:
        px = self._theme.px
        buttons = QWidget(self)
        buttons.setAccessibleName("Actions")
        buttons.setMinimumWidth(px(_BUTTON_WIDTH))
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, px(3), 0, 0)
        row.setSpacing(px(6))
        self.do_button = button("", self, "plain", self._run_action)
        self.more_button = button("•••", self, "plain", name="More")
        self.menu = QMenu(self)
        keep_on_screen(self.menu)
        for part, share in ((self.do_button, 1), (self.more_button, 0)):
            part.setMinimumHeight(px(32))
            row.addWidget(part, share)
        self.more_button.setFixedWidth(px(38))
        self.more_button.setMenu(self.menu)
        return buttons

    # What is shown

    def show_offer(self, offer: Offer, fetch: ModelDownload | None, error: Exception | None) -> None:
        """Show the state of the model, of its download and of the last error."""
        self.offer, self._fetch, self._error = offer, fetch, error
        self.setAccessibleName(offer.name)
        self.name.show_text(offer.name)
        chip = "in use" if offer.is_in_use else "proposed" if offer.is_proposed and not offer.is_here else ""
        set_label_text(self.chip, chip)
        self.chip.setVisible(bool(chip))
        self.words.set_text(f"{offer.good_for} {offer.licence}".strip())
        if fetch is not None or offer.is_here:
            self.confirmation.hide()
        self._show_facts()
        self._show_status()
        self._show_buttons()

    def show_width(self, width: int) -> None:
        """Put size, fit and buttons beside the words, or under them where there is no room."""
        px, ways = self._theme.px, QBoxLayout.Direction
        is_narrowest = width < px(_NARROWEST)
        self._across.setDirection(ways.TopToBottom if is_narrowest else ways.LeftToRight)
        self._across.setSpacing(px(6 if is_narrowest else 14))
        is_narrow = width < px(_NARROW)
        if is_narrow is not self._is_narrow:
            self._is_narrow = is_narrow
            self._inner.setDirection(ways.TopToBottom if is_narrow else ways.LeftToRight)
            self._inner.setSpacing(px(2 if is_narrow else 14))
            for part, wide in zip((self.size_words, self.fit_words), _FACT_WIDTHS, strict=True):
                part.setMinimumWidth(0 if is_narrow else px(wide))
                part.setMaximumWidth(16_777_215 if is_narrow else px(wide))
            self._show_facts()

    def _show_facts(self) -> None:
        between = ", " if self._is_narrow else "\n"
        self.size_words.set_pieces([size(self.offer.size), Run(f"{between}{self.offer.type}", role="second")])
        fit = forecast_pieces(self.offer.forecast, between)
        self.fit_words.set_pieces(fit)
        self.fit_words.setVisible(bool(fit) or not self._is_narrow)

    def _show_status(self) -> None:
        offer, fetch = self.offer, self._fetch
        progress = fetch.progress if fetch is not None else None
        fraction = progress.fraction if progress is not None else offer.arrived / offer.size if offer.arrived else None
        self._around_bar.setVisible(fetch is not None or bool(offer.arrived))
        self.bar.setAccessibleName(f"Progress: {offer.name}")
        self.bar.setValue(round(1000 * (fraction or 0)))
        pieces: list[Piece] = []
        if fetch is not None:
            pieces = [Run(fetch.status, role="second")]
        elif not self.confirmation.isHidden():
            pieces = [download_notice(offer)]
        elif self._error is not None:
            title, advice = error_sentences(self._error)
            pieces = [Run(title, role="danger"), f" {advice}"]
        elif offer.arrived:
            pieces = [Run(f"{size(offer.arrived)} of {size(offer.size)} are here, from {offer.host}.", role="second")]
        self.said.set_pieces(pieces)
        self.said.setVisible(bool(pieces))

    @property
    def action(self) -> str:
        """The label of the main button, which says what it does now."""
        offer = self.offer
        if self._fetch is not None:
            return "Pause"
        if offer.is_here:
            is_plain = offer.model is not None and offer.model.is_demo
            return ("Details" if is_plain else "Options") if offer.is_in_use or offer.is_base else "Use"
        if offer.arrived:
            return "Resume"
        return "Details" if offer.forecast is not None and offer.forecast.verdict is Verdict.NOT else "Download"

    def _show_buttons(self) -> None:
        offer, action = self.offer, self.action
        self.do_button.setText(action)
        self.do_button.setAccessibleName(f"{action}: {offer.name}")
        self.do_button.setEnabled(self._fetch is None or not self._fetch.job.is_stopping)
        is_demo = offer.model is not None and offer.model.is_demo
        wishes: list[tuple[str, str]] = []
        if offer.is_here and not is_demo:
            wishes = [
                ("Look inside", "look"), ("Check its files", "verify"), ("Write a model pack…", "pack"),
                ("Remove…", "remove"),
            ]  # fmt: skip
        elif is_demo:
            wishes = [("Look inside", "look")]
        elif offer.arrived and self._fetch is None:
            wishes = [("Throw away what has arrived", "forget")]
        self.menu.clear()
        for text, wish in wishes:
            self.menu.addAction(text, partial(self.action_wanted.emit, wish))
        if wishes and not offer.is_here:
            self.menu.addAction("Details", self._toggle_details)
        self.menu.setAccessibleName(f"More for {offer.name}")
        has_menu = action == "Options"
        self.do_button.setMenu(self.menu if has_menu else None)  # type: ignore[arg-type]
        self.more_button.setVisible(bool(wishes) and action not in ("Options", "Details"))
        self.more_button.setAccessibleName(f"More: {offer.name}")

    # What the user does

    def _run_action(self) -> None:
        action = self.action
        if action == "Download":
            self.ask("Download")
        elif action == "Details" and self.offer.is_here:
            self.action_wanted.emit("look")
        elif action == "Details":
            self._toggle_details()
        elif action in ("Pause", "Resume", "Use"):
            self.action_wanted.emit({"Pause": "pause", "Resume": "pull", "Use": "use"}[action])

    def ask(self, does: str) -> None:
        """Say where the model comes from, and ask before anything connects."""
        self.go_button.setText(does)
        self.go_button.setAccessibleName(f"{does}: {self.offer.name}, {size(self.offer.size)}")
        self.cancel_button.setAccessibleName(f"Cancel: {self.offer.name}")
        self.confirmation.show()
        self.do_button.setEnabled(False)
        self._show_status()
        self.go_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _confirm_download(self) -> None:
        self.action_wanted.emit("pull")
        self.do_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.confirmation.hide()

    def leave(self) -> bool:
        """Close whatever is open in the row; False if nothing was."""
        if self.confirmation.isHidden() and self.details.isHidden():
            return False
        self._show_buttons()
        self.do_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.confirmation.hide()
        self.details.hide()
        self._show_status()
        return True

    def _toggle_details(self) -> None:
        is_shown = self.details.isHidden()
        if is_shown:
            self.details.set_text("\n".join(details_of(self.offer)))
        self.details.setVisible(is_shown)
        if self.action == "Details" and not self.offer.is_here:
            self.ask("Download anyway") if is_shown else self.leave()

    def minimumSizeHint(self) -> QSize:
        """Qt: as narrow as the page; the buttons under the words need no more."""
        return QSize(1, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: on a narrow row, size, fit and buttons go under the words."""
        super().resizeEvent(event)
        self.show_width(self.width())


def details_of(offer: Offer) -> list[str]:
    """What is known about a model, one line each."""
    entry, lines = offer.entry, []
    if entry is not None:
        context = f", {entry.context_tokens:,} tokens of context" if entry.context_tokens > 1000 else ""
        lines.append(f"{entry.parameters} parameters, {entry.languages}{context}")
        lines.append(f"{entry.host}/{entry.repository}, {entry.revision or entry.release_tag}")
        if entry.note:
            lines.append(entry.note[:1].upper() + entry.note[1:] + ".")
    lines += [f"{file.name}, {file.bytes:,} bytes, SHA-256 {file.sha256}" for file in offer.files]
    if offer.model is not None:
        lines.append(f"Here: {offer.model.path}")
    return lines
