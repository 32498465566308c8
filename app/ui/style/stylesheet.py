"""The Qt style sheet for every kind of widget, made from a palette."""

from collections.abc import Callable, Mapping

_SHEET = """
* {{ font-family: "Inter"; font-size: {s14}px; color: {text}; outline: none; }}
QMainWindow, QDialog {{ background: {page}; }}
QWidget[ground="side"] {{ background: {side}; }}
QWidget[ground="column"] {{ background: {column}; }}
QWidget[ground="page"] {{ background: {page}; }}
QWidget[edge="right"] {{ border-right: 1px solid {line}; }}
QWidget[edge="left"] {{ border-left: 1px solid {line}; }}
QWidget[edge="bottom"] {{ border-bottom: 1px solid {line}; }}
QWidget[edge="top"] {{ border-top: 1px solid {line}; }}
QFrame[part="rule"] {{ background: {line}; border: none; }}
QFrame[part="card"] {{ background: {page}; border: 1px solid {line}; border-radius: {s10}px; }}
QFrame[part="statement"] {{ background: transparent; border: none; border-bottom: 1px solid {line}; }}
QFrame[part="statement"][chosen="true"] {{ background: {column}; }}
QFrame[part="code-block"] {{ background: {column}; border: 1px solid {line}; border-radius: {s10}px; }}
QFrame[part="fact"] {{ background: {column}; border: 1px solid {line}; border-radius: {s10}px; }}
QFrame[part="notice"] {{ background: {column}; border: 1px solid {line}; border-radius: {s10}px; }}
QFrame[part="notice"][tone="error"] {{ border-left: {s3}px solid {danger}; }}
QFrame[part="notice"][tone="note"] {{ border-left: {s3}px solid {accent}; }}

QLabel {{ background: transparent; border: none; }}
QLabel[role="brand"] {{ font-size: {s15}px; font-weight: 700; }}
QLabel[role="title"] {{ font-size: {s20}px; font-weight: 700; }}
QLabel[role="unlock"] {{ font-size: {s24}px; font-weight: 700; }}
QLabel[role="column"] {{ font-size: {s17}px; font-weight: 700; }}
QLabel[role="chat"] {{ font-size: {s16}px; font-weight: 700; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="head"] {{ font-size: {s13}px; font-weight: 700; }}
QLabel[role="second"] {{ font-size: {s13}px; color: {second}; }}
QLabel[role="small"] {{ font-size: {s12}px; color: {second}; }}
QLabel[role="section"] {{ font-size: {s11}px; font-weight: 700; color: {second}; }}
QLabel[role="good"] {{ font-size: {s12}px; font-weight: 600; color: {accent}; }}
QLabel[role="online"] {{ font-size: {s12}px; font-weight: 600; color: {warning}; }}
QLabel[role="use"] {{ font-size: {s11}px; color: {accent}; background: {soft}; border-radius: {s6}px;
    padding: {s2}px {s6}px; }}
QLabel[role="key"] {{ font-family: "DejaVu Sans Mono", "Menlo", "Consolas", monospace; font-size: {s24}px; }}
QLabel[role="danger"] {{ color: {danger}; }}

QPushButton {{ background: {page}; border: 1px solid {line}; border-radius: {s8}px; padding: {s6}px {s10}px;
    font-size: {s13}px; font-weight: 500; }}
QPushButton:hover {{ background: {column}; }}
QPushButton:pressed {{ background: {soft}; }}
QPushButton[ring="true"] {{ border: 2px solid {accent}; padding: {p5}px {p9}px; }}
QPushButton:disabled {{ color: {second}; background: {column}; }}
QPushButton::menu-indicator {{ image: none; width: 0; }}
QPushButton[kind="main"] {{ background: {accent}; color: {on_accent}; border: 2px solid {accent}; font-size: {s14}px;
    font-weight: 600; border-radius: {s10}px; padding: {p5}px {s10}px; }}
QPushButton[kind="main"]:hover {{ border-color: {text}; }}
QPushButton[kind="main"][ring="true"] {{ border: 2px solid {text}; }}
QPushButton[kind="main"]:disabled {{ background: {line}; border-color: {line}; color: {text}; }}
QPushButton[kind="main"][size="small"] {{ border-radius: {s8}px; font-size: {s13}px; padding: 0 {s10}px; }}
QPushButton[kind="danger"] {{ color: {danger}; }}
QPushButton[kind="chip"] {{ background: {soft}; color: {accent}; border: 2px solid {soft}; border-radius: {s6}px;
    padding: 0 {s4}px; font-size: {s12}px; font-weight: 400; }}
QPushButton[kind="chip"]:hover {{ border-color: {accent}; }}
QPushButton[kind="chip"][ring="true"] {{ border: 2px solid {accent}; }}
QPushButton[kind="doubt"] {{ background: transparent; color: {second}; border: 2px solid transparent;
    border-bottom: 2px dotted {second}; border-radius: 0; padding: 0 {s2}px; font-size: {s12}px; font-weight: 400; }}
QPushButton[kind="doubt"][ring="true"] {{ border: 2px solid {accent}; border-radius: {s6}px; }}
QPushButton[kind="link"] {{ background: transparent; color: {second}; border: 2px solid transparent;
    padding: {s2}px {s4}px; font-size: {s13}px; font-weight: 400; border-radius: {s6}px; }}
QPushButton[kind="link"]:hover {{ color: {text}; }}
QPushButton[kind="link"]:checked {{ color: {accent}; text-decoration: underline; }}
QPushButton[kind="link"][ring="true"] {{ border: 2px solid {accent}; }}
QPushButton[kind="inline"] {{ background: transparent; color: {accent}; border: 2px solid transparent;
    padding: {s2}px {s4}px; font-size: {s14}px; font-weight: 400; border-radius: {s6}px; }}
QPushButton[kind="inline"]:hover {{ border-color: {soft}; }}
QPushButton[kind="inline"][ring="true"] {{ border: 2px solid {accent}; }}
QPushButton[kind="fact"] {{ background: transparent; color: {accent}; border: 2px solid transparent; padding: 0 {s2}px;
    font-size: {s13}px; font-weight: 400; border-radius: {s6}px; }}
QPushButton[kind="fact"]:hover {{ border-color: {soft}; }}
QPushButton[kind="fact"][ring="true"] {{ border: 2px solid {accent}; padding: 0 {s2}px; }}
QPushButton[kind="row"] {{ background: transparent; color: {accent}; border: 2px solid transparent; text-align: left;
    padding: {s2}px {s4}px; font-size: {s14}px; font-weight: 400; border-radius: {s6}px; }}
QPushButton[kind="row"]:hover {{ background: {soft}; }}
QPushButton[kind="row"][ring="true"] {{ border: 2px solid {accent}; padding: {s2}px {s4}px; }}
QPushButton[kind="small"] {{ background: transparent; color: {second}; border-radius: {s6}px; padding: {s3}px {s8}px;
    font-size: {s12}px; }}
QPushButton[kind="small"][ring="true"] {{ padding: {p2}px {p7}px; }}
QPushButton[kind="tab"] {{ background: transparent; color: {second}; border: 2px solid transparent; border-radius: 0;
    padding: {s6}px 0 {s8}px 0; font-size: {s14}px; font-weight: 400; }}
QPushButton[kind="tab"]:hover {{ color: {text}; }}
QPushButton[kind="tab"]:checked {{ color: {text}; font-weight: 600; border-bottom: 2px solid {accent}; }}
QPushButton[kind="tab"][ring="true"] {{ border: 2px solid {accent}; border-radius: {s6}px; }}
QPushButton[kind="verdict"] {{ background: transparent; color: {second}; border: 2px solid transparent;
    border-radius: {s6}px; padding: 0; font-size: {s15}px; font-weight: 700; }}
QPushButton[kind="verdict"]:hover {{ border-color: {line}; }}
QPushButton[kind="verdict"][verdict="confirmed"] {{ color: {accent}; }}
QPushButton[kind="verdict"][verdict="contradicted"] {{ color: {danger}; }}
QPushButton[kind="verdict"][verdict="not_found"] {{ color: {warning}; }}
QPushButton[kind="verdict"][ring="true"] {{ border: 2px solid {accent}; padding: 0; }}
QPushButton[kind="source"] {{ text-align: left; border-radius: {s10}px; }}

QLineEdit, QPlainTextEdit[kind="field"] {{ background: {page}; border: 1px solid {line}; border-radius: {s10}px;
    padding: {s8}px {s11}px; selection-background-color: {accent}; selection-color: {on_accent};
    placeholder-text-color: {second}; lineedit-password-character: 8226; }}
QLineEdit:focus, QPlainTextEdit[kind="field"]:focus {{ border: 2px solid {accent}; padding: {p7}px {p10}px; }}
QLineEdit[kind="unlock"] {{ padding: {s12}px {s14}px; }}
QLineEdit[kind="unlock"]:focus {{ padding: {p11}px {p13}px; }}
QLineEdit[kind="title"] {{ font-size: {s20}px; font-weight: 700; padding: 0 {s4}px; border-radius: {s6}px; }}
QComboBox {{ background: {page}; border: 1px solid {line}; border-radius: {s8}px; padding: {s7}px {s11}px;
    font-size: {s14}px; }}
QComboBox[ring="true"] {{ border: 2px solid {accent}; padding: {p6}px {p10}px; }}
QComboBox::drop-down {{ border: none; width: {s28}px; }}
QComboBox::down-arrow {{ image: none; }}
QPushButton[kind="eye"] {{ background: transparent; border: 2px solid transparent; border-radius: {s6}px; padding: 0; }}
QPushButton[kind="eye"][ring="true"] {{ border: 2px solid {accent}; }}
QComboBox QAbstractItemView {{ background: {page}; border: 1px solid {line}; selection-background-color: {soft};
    selection-color: {text}; padding: {s4}px; }}
QCheckBox {{ spacing: {s8}px; font-size: {s14}px; padding: {s4}px 0; border: 2px solid transparent; }}
QCheckBox[ring="true"] {{ border: 2px solid {accent}; border-radius: {s6}px; }}
QCheckBox::indicator {{ width: {s14}px; height: {s14}px; border: 1px solid {second}; border-radius: {s4}px; }}
QCheckBox::indicator:checked {{ background: {accent}; border: 1px solid {accent}; }}

QFrame[part="palette"] {{ background: {page}; border: 1px solid {line}; border-radius: {s10}px; }}
QFrame[part="composer"] {{ background: {page}; border: 1px solid {line}; border-radius: {s10}px; }}
QFrame[part="composer"][isFocused="true"] {{ border: 2px solid {accent}; }}
QPlainTextEdit[kind="bare"] {{ background: transparent; border: none; padding: 0;
    selection-background-color: {accent}; selection-color: {on_accent}; placeholder-text-color: {second}; }}

QTextEdit[kind="note"] {{ background: transparent; border: none; padding: 0; font-size: {s14}px;
    selection-background-color: {accent}; selection-color: {on_accent}; placeholder-text-color: {second}; }}
QListWidget[part="completion"] {{ background: {page}; border: 1px solid {line}; border-radius: {s10}px;
    padding: {s4}px; }}
QListWidget[part="completion"]::item {{ padding: 0 {s8}px; border-radius: {s6}px; color: {text}; }}
QListWidget[part="completion"]::item:selected {{ background: {soft}; color: {text}; }}
QPlainTextEdit[kind="words"] {{ background: {page}; border: none; padding: 0; font-size: {s14}px;
    selection-background-color: {accent}; selection-color: {on_accent}; }}
QPlainTextEdit[kind="correction"] {{ background: {page}; border: 2px solid {accent}; border-radius: {s6}px;
    padding: {s3}px; font-size: {s14}px; selection-background-color: {accent}; selection-color: {on_accent}; }}
QPlainTextEdit[kind="code"] {{ background: {column}; border: 1px solid {line}; border-radius: {s8}px; padding: {s8}px;
    font-family: "DejaVu Sans Mono", "Menlo", "Consolas", monospace; font-size: {s12}px;
    selection-background-color: {accent}; selection-color: {on_accent}; }}
QPlainTextEdit[kind="code"]:focus {{ border: 2px solid {accent}; padding: {p7}px; }}
QSlider {{ background: transparent; min-height: {s20}px; padding: 0 {s4}px; border: 2px solid transparent;
    border-radius: {s6}px; }}
QSlider[ring="true"] {{ border: 2px solid {accent}; }}
QSlider::groove:horizontal {{ background: {line}; height: {s4}px; border-radius: {s2}px; }}
QSlider::sub-page:horizontal {{ background: {accent}; height: {s4}px; border-radius: {s2}px; }}
QSlider::handle:horizontal {{ background: {accent}; width: {s14}px; height: {s14}px; margin: -{s5}px 0;
    border-radius: {s7}px; }}
QProgressBar {{ background: {line}; border: none; border-radius: {s2}px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: {s2}px; }}
QListWidget[part="completer"] {{ background: {page}; border: 1px solid {line}; border-radius: {s10}px; padding: {s4}px;
    font-size: {s13}px; }}
QListWidget[part="completer"]::item {{ padding: {s4}px {s6}px; border-radius: {s6}px; }}
QListWidget[part="completer"]::item:selected {{ background: {soft}; color: {text}; }}
QListView {{ background: transparent; border: none; }}
QScrollArea {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: {s10}px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {line}; border-radius: {s4}px; min-height: {s28}px; margin: 1px; }}
QScrollBar::handle:vertical:hover {{ background: {second}; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QScrollBar:horizontal {{ background: transparent; height: {s10}px; margin: 0; }}
QScrollBar::handle:horizontal {{ background: {line}; border-radius: {s4}px; min-width: {s28}px; margin: 1px; }}
QScrollBar::handle:horizontal:hover {{ background: {second}; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{ background: none;
    height: 0; width: 0; }}
QMenu {{ background: {page}; border: 1px solid {line}; border-radius: {s8}px; padding: {s6}px; }}
QMenu::item {{ padding: {s6}px {s18}px {s6}px {s10}px; border-radius: {s6}px; font-size: {s13}px; }}
QMenu::item:selected {{ background: {soft}; }}
QMenu::item:disabled {{ color: {second}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: {s4}px {s6}px; }}
QMenu::indicator {{ width: {s12}px; height: {s12}px; margin-left: {s4}px; }}
QMenu::indicator:checked {{ background: {accent}; border-radius: {s6}px; }}
QToolTip {{ background: {column}; color: {text}; border: 1px solid {line}; padding: {s4}px; font-size: {s12}px; }}
"""


def stylesheet(colors: Mapping[str, str], px: Callable[[float], int]) -> str:
    """The sheet for these colours; `sN` is N pixels at this text size, `pN` is s(N+1) less a thicker border's pixel."""
    sizes = {f"s{n}": px(n) for n in range(2, 32)}
    inner = {f"p{n}": max(0, px(n + 1) - 1) for n in range(1, 20)}
    return _SHEET.format_map({**colors, **sizes, **inner})
