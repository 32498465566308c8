"""A vault of calls, chats and notes with long titles, names, models and numbers, in several scripts."""

from datetime import UTC, datetime
from pathlib import Path

from app.core.call import SUMMARIZE, TRANSCRIBE
from app.core.conversation import Citation, Message, Role
from app.core.ids import CallId, new_note_id
from app.core.note_links import call_link
from app.core.summary import ActionItem, Evidence, Point
from app.core.transcript import Speaker
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore
from app.storage.tables.notes import NoteStore
from app.storage.vault import Vault
from tests.call_summaries import call_summary
from tests.running import CHEAP
from tests.storage.calls import add, uid
from tests.ui.stage import PASSPHRASE

GERMAN = "Kraftfahrzeughaftpflichtversicherungsbeitragsrückerstattungsantragsformular"
ARABIC = "اجتماع الفريق الأسبوعي لمراجعة العقود والمواعيد النهائية وخطط التسليم للربع القادم"
HEBREW = "פגישה שבועית על חוזי האספקה ולוחות הזמנים"
SENTENCE = (
    "The quarterly reconciliation of 1,234,567,890.55 EUR with the Rechtsschutzversicherungsgesellschaften is due on "
    "Wednesday, 31 December 2025, at 23:59. "
)
CLAIMS = (
    "The quarterly reconciliation of 987 EUR with the Rechtsschutzversicherungsgesellschaften is due on Wednesday. "
    "Nobody promised a visit to the Donaudampfschifffahrtselektrizitätenhauptbetriebswerk in Ouagadougou."
)
TITLES = (
    "Weekly planning with Maximiliane-Alexandra von Hohenstein-Württemberg and the whole of the procurement department "
    "about the renewal of the framework supply contract 2025-2027, part 2",
    GERMAN * 2,
    ARABIC,
    HEBREW,
    "0123456789" * 12,
    "Short",
)
NAMES = ("Maximiliane-Alexandra von Hohenstein-Württemberg zu Sayn", ARABIC[:58])
CALLS = len(TITLES)
MODEL = "Qwen2.5-Coder-32B-Instruct-Very-Long-Name-Q4_K_M-00001-of-00008"


def fill(folder: Path) -> None:
    """Make the vault in a folder, in which nothing is left to be done."""
    vault = Vault.create(folder / "vault", PASSPHRASE, CHEAP)
    store, conversations = CallStore(vault), ConversationStore(vault)
    calls = []
    for number, title in enumerate(reversed(TITLES)):
        lines = (SENTENCE, GERMAN, ARABIC, "Yes.", HEBREW, GERMAN * 3, SENTENCE * 3, "https://" + "a" * 300)
        known = add(store, *lines, title=title)
        store.set_date(known, datetime(2025, 12, 31 - number, 23, 59, tzinfo=UTC))
        first, *rest = store.get(known).speakers
        names = [Speaker(one.id, name, one.is_you) for one, name in zip((first, *rest), NAMES, strict=False)]
        store.set_speakers(known, names)
        points = tuple(Point(text, (Evidence(uid(store, known, 1), 0.0, 5.0),) * 3) for text in (SENTENCE, GERMAN * 2))
        items = (
            ActionItem(SENTENCE, NAMES[0], "by the end of June", (Evidence(uid(store, known, 2), 10, 15),)),
            ActionItem(ARABIC, NAMES[1], HEBREW),
        )
        store.finish_transcript(known)
        store.finish_step(known, TRANSCRIBE)
        store.save_summary(known, call_summary("", SENTENCE * 2, points, (Point(HEBREW), Point(ARABIC)), items))
        store.finish_step(known, SUMMARIZE)
        store.rename(known, title)
        calls.append(known)
    about = Citation(calls[0], uid(store, calls[0], 1), 0.0, 5.0, 1)
    for call, question in ((calls[-1], SENTENCE), (None, GERMAN + " " + ARABIC), (None, HEBREW)):
        known_chat = conversations.start(call).id
        for text in (SENTENCE * 3, ARABIC, "| a | b |\n|---|---|\n| 1 | 2 |", f"```\n{'x' * 200}\n```", GERMAN * 3):
            conversations.append(known_chat, Message(Role.USER, question))
            conversations.append(known_chat, Message(Role.ASSISTANT, f"{text} [1]", (about,)))
    fill_notes(NoteStore(vault), calls[0])
    vault.close()


def fill_notes(notes: NoteStore, call: CallId) -> None:
    """Notes with long titles and tags, each kind of line, versions, and one in the trash."""
    now = datetime(2025, 12, 31, 23, 59, tzinfo=UTC)
    kinds = (
        f"## {SENTENCE}", f"- {SENTENCE}", f"- [x] {GERMAN}", f"- [ ] {ARABIC}", f"1. {HEBREW}", f"> {SENTENCE}", "---",
        f"```\n{'x' * 200}\n```", call_link(call, TITLES[0], 3_723.0),
        f"[[{GERMAN}]] #{GERMAN} #{'tag' * 30} **{SENTENCE}**",
    )  # fmt: skip
    made = []
    for title in TITLES:
        made.append(new_note_id())
        notes.add(made[-1], f"# {title}\n\n" + "\n".join(kinds), now)
        notes.save(made[-1], f"# {title}\n\nsee [[{TITLES[0]}]]\n" + "\n".join(kinds), now, keeps=True)
    notes.pin(made[0], True)
    notes.move_to_trash(made[3], datetime.now(UTC))  # one of last year would be forgotten
