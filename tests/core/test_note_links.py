"""Links between notes and to moments of calls: how they are written, read, and follow another title."""

from app.core.ids import new_call_id
from app.core.note_links import call_link, link_in, link_key, links_of, note_link, titled_moment, with_renamed_links

CALL = new_call_id()


def test_what_is_written_is_read_back() -> None:
    text = f"see {note_link('Kitchen: colours')}, {call_link(CALL, 'Supply [contract] | draft', 151.27)}\n"
    text += call_link(CALL, "Supply contract")
    note, moment, whole = links_of(text)
    assert (note.target, note.label, note.call, note.seconds) == ("Kitchen: colours", "Kitchen: colours", None, None)
    assert (moment.call, moment.seconds, moment.label) == (CALL, 151.3, "Supply contract draft 2:31")
    assert (whole.call, whole.seconds, whole.label) == (CALL, None, "Supply contract")
    assert text[note.start : note.end] == "[[Kitchen: colours]]"
    assert link_in(text, note.start, note.end) == note
    assert text[whole.start : whole.end] == f"[[call:{CALL}|Supply contract]]"


def test_what_looks_like_the_place_of_a_call_and_is_none_is_a_title() -> None:
    (link,) = links_of("[[call:somewhere@1]]")
    assert (link.target, link.call) == ("call:somewhere@1", None)
    assert links_of("[[call:06fp3fzb2aaa@99999999999]]")[0].call is None
    assert links_of("`[[code]]`\n```\n[[code]]\n```") == []


def test_a_title_with_a_time_means_a_moment() -> None:
    assert titled_moment("Supply contract 2:31") == ("Supply contract", 151.0)
    assert titled_moment("Long call 1:02:03") == ("Long call", 3723.0)
    assert titled_moment("At 25:99") is titled_moment("2:31") is titled_moment("Kitchen: colours") is None


def test_titles_are_the_same_without_case_accents_and_brackets() -> None:
    assert link_key("Über  [den] Preis") == link_key("uber den preis")
    assert link_key("Kitchen: colours") != link_key("Kitchen")


def test_links_follow_another_title_and_keep_their_words() -> None:
    text = f"[[Old]], [[old|as said]], `[[Old]]`, [[Older]], {call_link(CALL, 'Old', 3)}\n- [[OLD]]"
    after = with_renamed_links(text, "Old", "New [one]")
    assert (
        after == f"[[New one]], [[New one|as said]], `[[Old]]`, [[Older]], {call_link(CALL, 'Old', 3)}\n- [[New one]]"
    )
    assert with_renamed_links("nothing", "Old", "New") == "nothing"
