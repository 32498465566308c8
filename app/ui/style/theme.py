"""The theme: colours by role, font sizes, and which of the two palettes is used."""

from dataclasses import dataclass, fields
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from app.core import resources
from app.ui.style.stylesheet import stylesheet

Role = Literal[
    "side", "column", "page", "line", "text", "second", "accent", "on_accent",
    "soft", "other", "danger", "warning", "playing",
    "contradicted", "on_contradicted", "not_found", "on_not_found",
]  # fmt: skip
Choice = Literal["system", "light", "dark"]


@dataclass(frozen=True, slots=True)
class Palette:
    """A colour for each role."""

    side: str
    column: str
    page: str
    line: str
    text: str
    second: str
    accent: str
    on_accent: str
    soft: str
    other: str
    danger: str
    warning: str
    playing: str
    contradicted: str
    on_contradicted: str
    not_found: str
    on_not_found: str

    def as_mapping(self) -> dict[str, str]:
        """The colours, keyed by role."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


# As in the design, except three colours whose contrast was below 4.5 to 1: the second text on the side bar (#6a7076 in
# the design), the warning there (#b45309), and the dark background of the line that plays (#4a4020), under the other
# speaker's name.
LIGHT = Palette(
    side="#efede8", column="#f6f5f2", page="#ffffff", line="#e3e0da", text="#1d2125", second="#656b71",
    accent="#0e6f68", on_accent="#ffffff", soft="#ddefec", other="#7a4fbf", danger="#c2362b",
    warning="#ad4f08", playing="#fff3c4", contradicted="#f6d7d3", on_contradicted="#7a1f17",
    not_found="#f9e5c8", on_not_found="#6b3a06",
)  # fmt: skip
DARK = Palette(
    side="#121415", column="#17191b", page="#1f2224", line="#2d3134", text="#e7e9ea", second="#969ca2",
    accent="#4fbfb3", on_accent="#06201d", soft="#16332f", other="#b79bea", danger="#f0766b",
    warning="#e0a458", playing="#463c1e", contradicted="#4a2420", on_contradicted="#f6b8b0",
    not_found="#46351a", on_not_found="#f0cf9a",
)  # fmt: skip

_EVERYWHERE: tuple[Role, ...] = ("side", "column", "page", "soft")
TEXT_PAIRS: tuple[tuple[Role, Role], ...] = (
    *((ink, ground) for ink in ("text", "second", "accent") for ground in _EVERYWHERE),
    *((ink, ground) for ink in ("other", "danger", "warning") for ground in ("column", "page")),
    *((ink, ground) for ink in ("other", "warning") for ground in ("soft", "playing")),
    ("warning", "side"), ("text", "playing"), ("accent", "playing"), ("on_accent", "accent"),
    ("on_contradicted", "contradicted"), ("on_not_found", "not_found"),
)  # fmt: skip
"""Each (text, background) pair used in the window; a test checks that their contrast is at least 4.5 to 1."""

FAMILY = "Inter"
_TABULAR = QFont.Tag("tnum")
_CONTEXTUAL = QFont.Tag("calt")  # Inter's make an arrow of "->", and laying out some texts take seven times as long


class Theme(QObject):
    """The palette and sizes in use; `changed` is emitted when views must repaint.

    `scale` follows the system's text size, and is 1.0 at 96 dots per inch.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None, scale: float | None = None) -> None:
        super().__init__(parent)
        screen = QGuiApplication.primaryScreen()
        self.scale = scale or max(0.75, screen.logicalDotsPerInch() / 96 if screen else 1.0)
        self.choice: Choice = "system"
        self.palette = LIGHT
        self._colors: dict[str, QColor] = {}
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow)

    @property
    def is_dark(self) -> bool:
        """Whether the dark palette is used."""
        return self.palette is DARK

    def choose(self, choice: Choice) -> None:
        """Apply a theme; `system` follows the desktop from now on."""
        self.choice = choice
        scheme = QGuiApplication.styleHints().colorScheme()
        is_dark = choice == "dark" or (choice == "system" and scheme is Qt.ColorScheme.Dark)
        self.palette = DARK if is_dark else LIGHT
        self._colors = {role: QColor(value) for role, value in self.palette.as_mapping().items()}
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setFont(self.font())
            app.setPalette(self._qt_palette())
            app.setStyleSheet(stylesheet(self.palette.as_mapping(), self.px))
        self.changed.emit()

    def _follow(self) -> None:
        if self.choice == "system":
            self.choose("system")

    def color(self, role: Role) -> QColor:
        """The colour of a role."""
        return self._colors[role]

    def blend(self, role: Role, ground: Role, share: float) -> QColor:
        """One colour laid over another; `share` is the opacity of the first, 0 to 1."""
        a, b = self.color(role), self.color(ground)
        pairs = ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
        return QColor(*(round(x * share + y * (1 - share)) for x, y in pairs))

    def px(self, size: float) -> int:
        """A length in the design, in pixels at this text size."""
        return max(1, round(size * self.scale))

    def font(self, size: float = 14, weight: int = 400, is_tabular: bool = False) -> QFont:
        """The interface font; `size` is in the design's pixels."""
        font = QFont(FAMILY)
        font.setPixelSize(self.px(size))
        font.setWeight(QFont.Weight(weight))
        font.setFeature(_CONTEXTUAL, 0)
        if is_tabular:
            font.setFeature(_TABULAR, 1)
        return font

    def _qt_palette(self) -> QPalette:
        made = QPalette()
        for qt_role, role in (
            (QPalette.ColorRole.Window, "page"), (QPalette.ColorRole.WindowText, "text"),
            (QPalette.ColorRole.Base, "page"), (QPalette.ColorRole.AlternateBase, "column"),
            (QPalette.ColorRole.Text, "text"), (QPalette.ColorRole.Button, "page"),
            (QPalette.ColorRole.ButtonText, "text"), (QPalette.ColorRole.BrightText, "text"),
            (QPalette.ColorRole.Highlight, "accent"), (QPalette.ColorRole.HighlightedText, "on_accent"),
            (QPalette.ColorRole.ToolTipBase, "column"), (QPalette.ColorRole.ToolTipText, "text"),
            (QPalette.ColorRole.PlaceholderText, "second"), (QPalette.ColorRole.Link, "accent"),
        ):  # fmt: skip
            made.setColor(qt_role, self._colors[role])
        for qt_role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
            made.setColor(QPalette.ColorGroup.Disabled, qt_role, self._colors["second"])
        return made


def load_fonts() -> None:
    """Register the bundled Inter; without it the system's interface font is used."""
    for weight in ("Regular", "Medium", "SemiBold", "Bold"):
        QFontDatabase.addApplicationFont(str(resources.assets() / "fonts" / f"Inter-{weight}.otf"))
