"""The files of readings, and what is counted in them."""

from pathlib import Path

from tests.real.count_readings import count, lines_of
from tests.real.known_calls import KNOWN
from tests.real.readings_file import FOLDER, Reading, read, write
from tests.real.write_points import _of_answer


def reading(kind: str, verdict: str, truth: str, point: str = "p") -> Reading:
    return Reading("c", "m", kind, point, verdict, "", truth, "why")


READINGS = [
    reading("title", "shown", "true"),
    reading("overview", "confirmed", "true"),
    reading("overview", "confirmed", "false"),
    reading("overview", "not found", "true"),
    reading("answer: q", "unmarked", "true"),
    reading("answer: q", "contradicted", "false"),
    reading("answer: q", "confirmed", "-"),
]


def test_what_is_neither_marked_nor_confirmed_counts_as_not_confirmed_and_titles_do_not_count() -> None:
    true, false = count(READINGS, "true"), count(READINGS, "false")
    assert (true.confirmed, true.all) == (1, 3)
    assert (false.confirmed, false.all) == (1, 2)
    printed = "\n".join(lines_of("Qwen", READINGS))
    assert "true ones confirmed: 1 of 3 (33%), which is NOT at least 85%" in printed
    assert "false ones confirmed: 1 of 2 (50%), which is NOT at most 5%" in printed
    assert "85%" not in "\n".join(lines_of("SmolLM2", READINGS))


def test_what_was_read_is_read_again_as_it_was_written(tmp_path: Path) -> None:
    odd = [reading("overview", "confirmed", "true", 'He said "no",\tand left.'), *READINGS]
    write(tmp_path / "m.tsv", odd)
    assert read(tmp_path / "m.tsv") == odd


def test_every_stored_reading_is_of_a_known_call_and_has_a_truth_and_a_reason() -> None:
    stored = [one for path in FOLDER.glob("*.tsv") for one in read(path)]
    assert stored
    for one in stored:
        assert one.call in {call.name for call in KNOWN}
        assert one.truth in {"true", "false", "-"}, one.point
        assert one.why or one.truth == "-", one.point


def test_the_sentences_of_an_answer_are_taken_apart_with_their_marks() -> None:
    out = (
        "It costs ten euros. [1] It is blue [1]. It is old. (not confirmed)\n"
        "Yes. Mr. Vis said hon. members agreed (all of them).\n"
        "  [1] 0:02 Ana: It costs ten euros.\n"
    )
    found = [*_of_answer("c", "m", "q", out, {7: "Ana: It costs ten euros."}, "en")]
    assert [(one.point, one.verdict, one.lines) for one in found] == [
        ("It costs ten euros.", "confirmed", "7"),
        ("It is blue.", "confirmed", "7"),
        ("It is old.", "not found", ""),
        ("Yes.", "unmarked", ""),
        ("Mr. Vis said hon. members agreed (all of them).", "unmarked", ""),
    ]
