"""The product as it starts, but for two engines that say what a plan says; and a session in its window.

python marked_product.py PLAN.json ARGUMENTS…, or PLAN.json --window-session FOLDER
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from app.catalog import paths  # noqa: E402
from app.core import diagnostics  # noqa: E402 - found by the line above
from app.core.engines import LanguageEngine, Prompt, SpeechEngine  # noqa: E402
from app.core.model import Model  # noqa: E402
from app.core.transcript import Word, names_of  # noqa: E402
from app.core.wording import DEMO, CallFacts  # noqa: E402
from app.engines.parent import engines  # noqa: E402
from app.ui.calls.commands import COPY, FIND  # noqa: E402
from app.ui.calls.page import PAGE as CALLS  # noqa: E402
from app.ui.chats.commands import NEW as NEW_CHAT  # noqa: E402
from app.ui.notes.commands import DELETE as DELETE_NOTE  # noqa: E402
from app.ui.notes.commands import NEW as NEW_NOTE  # noqa: E402
from tests.call_summaries import CALL_TEMPLATE  # noqa: E402
from tests.doubles.engines import ScriptedLanguage, ScriptedSpeech  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence


def take_over(plan: dict[str, Any]) -> None:
    """Let the speech engine hear the plan's words, and the language engine write its texts; decoding is real."""
    words: dict[int, Sequence[Word]] = {int(c): [Word(*word) for word in said] for c, said in plan["says"].items()}

    def reply(prompt: Prompt) -> str:
        asked = prompt.messages[-1][1]
        if plan.get("fault", "\n") in asked:
            raise KeyError(asked)  # as a bug of ours that quotes what a person asked
        if asked.endswith(DEMO.summary_task(CALL_TEMPLATE, CallFacts())):
            return str(plan["summary"])
        return next((f"{answer}." for word, answer in plan["replies"].items() if word in asked), "Nothing.")

    def speech(_: object, __: Model) -> SpeechEngine:
        return ScriptedSpeech(words)

    def language(_: object, __: Model) -> LanguageEngine:
        return ScriptedLanguage(reply, 8192)

    engines.LocalEngines.speech = speech  # type: ignore[assignment, method-assign]
    engines.LocalEngines.language = language  # type: ignore[assignment, method-assign]


def window_session(folder: Path, plan: dict[str, Any]) -> None:
    """A person's evening in the window: everything is touched, and some of it goes wrong."""
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QApplication

    from app.ui.style.theme import load_fonts
    from app.ui.widgets.dialogs import ConfirmDialog, SpeakersDialog
    from tests.ui.stage import close, enter, product, settle, shown, until

    app = QApplication(["tacit"])
    load_fonts()
    window = shown(product(folder))
    desk = enter(window, plan["passphrase"])
    calls, call = desk.calls, desk.calls.call

    def question(kind: type[ConfirmDialog]) -> ConfirmDialog:
        until(lambda: window.findChildren(kind))
        return window.findChildren(kind)[0]

    calls.take_in([Path(path) for path in plan["damaged"]])
    until(lambda: not desk.calls.work.all() and not calls.notice.isHidden(), 60, "the refusal")
    calls.take_in([Path(path) for path in plan["files"]])
    until(lambda: len(calls.list.rows.rows) == len(plan["files"]) and not desk.calls.work.all(), 120, "the imports")
    calls.open(calls.list.rows.rows[0].call)
    until(lambda: call.call is not None and call.transcript.lines.rowCount(), 20, "the transcript")
    call.on_call.rename(plan["title"])
    until(lambda: call.call is not None and call.call.title == plan["title"], 20, "the title")
    call.on_call.name_speakers()
    names = question(SpeakersDialog)
    assert isinstance(names, SpeakersDialog)
    for field, name in zip(names.edits.values(), plan["names"], strict=True):
        field.setText(name)
    names.accept()
    until(lambda: call.call is not None and plan["names"][0] in names_of(call.call.speakers), 20, "the names")
    desk.run(COPY)
    until(lambda: plan["title"] in QGuiApplication.clipboard().text(), 20, "the copy")
    call.player.seek(3.0)
    call.side.composer.field.setPlainText(plan["asked"][0])
    call.side.composer.send_button.click()
    until(lambda: not call.side.reply_stream.is_running and call.side.conversation.replies, 60, "an answer")
    call.side.composer.field.setPlainText(plan["draft"])
    desk.run(FIND)
    for query in plan["searched"]:
        calls.search.setText(query)
        settle(0.4)
    calls.clear_search()
    desk.run(NEW_CHAT)
    desk.chats.composer.field.setPlainText(plan["fault"])
    desk.chats.composer.send_button.click()
    until(lambda: not desk.chats.reply_stream.is_running and diagnostics.recorded_faults(), 60, "the fault")
    desk.run(NEW_CHAT)
    desk.chats.composer.field.setPlainText(plan["asked"][1])
    desk.chats.composer.send_button.click()
    until(lambda: not desk.chats.reply_stream.is_running and desk.chats.conversation.replies, 60, "an answer")
    desk.chats.composer.field.setPlainText(plan["draft"])
    desk.run(NEW_NOTE)
    title, tag, link = plan["noted"]
    desk.notes.note.editor.insertPlainText(f"# {title}\n\n#{tag} [[{link}")
    until(lambda: desk.session.notes.search(f"#{tag}"), 20, "the note")
    desk.notes.column.search.setText(title)
    settle(0.4)
    desk.run(DELETE_NOTE)
    until(lambda: desk.session.notes.entries(in_trash=True), 20, "the trash")
    desk.show_page(CALLS)
    calls.open(calls.list.rows.rows[-1].call)
    settle(0.5)
    call.on_call.ask_to_delete()
    question(ConfirmDialog).accept()
    settle(0.5)
    window.choose_theme("dark")
    settle(0.5)
    assert window.windowTitle() == "Tacit"
    titles = {widget.windowTitle() for widget in QApplication.topLevelWidgets()}
    assert titles <= {"", "Tacit", "Who speaks?", "Delete this call?"}, "a window's title is seen by other programs"
    close(window)
    again = shown(product(folder))
    page = again.unlock_page
    assert page is not None
    page.field.setText(plan["wrong"])
    page.unlock_button.click()
    until(lambda: not page.notice.isHidden(), 20, "the refusal")
    enter(again, plan["passphrase"])
    settle(0.5)
    close(again)
    app.quit()


def main() -> int:
    """Run what is asked for."""
    plan = json.loads(Path(sys.argv[1]).read_text())
    sys.argv = ["tacit", *sys.argv[2:]]
    take_over(plan)
    if sys.argv[1] == "--window-session":
        import os

        from app.engines.sandbox import seccomp

        seccomp.hide_arguments()
        seccomp.harden()
        os.environ.update(seccomp.quiet_environment())
        seccomp.forbid_network()
        diagnostics.keep_faults_in(paths.faults_file)
        from app.ui.runtime.unexpected_errors import silence_qt_messages

        silence_qt_messages()
        window_session(Path(sys.argv[2]), plan)
        return 0
    from app.__main__ import main as tacit

    return tacit()


if __name__ == "__main__":
    sys.exit(main())
