"""Lines are what a person would read as one: hand-made words of many languages, and how they are joined and cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.sentence_end import columns
from app.core.transcript import LONGEST, LONGEST_PAUSE, MOST, Segment, Utterance, Word, utterances


def heard(said: str, language: str = "en", start: float = 0.0, *, is_doubtful: bool = False) -> Segment:
    """A segment of words of 0.2 s each: before a word `|` is a pause of a second, `^` one of 0.3 s, `+` glues it on.

    Words of scripts without spaces are parted by spaces here and have none in the segment.
    """
    words: list[Word] = []
    for part in said.split():
        start = round(start + part.count("|") * 1.0 + part.count("^") * 0.3, 3)
        bare = part.lstrip("|^")
        is_glued = bare.startswith("+") or language in ("ja", "zh", "th", "my", "km")
        words.append(Word(bare.lstrip("+") if is_glued else f" {bare}", start, round(start + 0.2, 3), 0.9))
        start = round(start + 0.2, 3)
    return Segment(0, tuple(words), language, is_doubtful)


def lines(*segments: Segment) -> list[str]:
    return [said.text for said in utterances(segments)]


@pytest.mark.parametrize(
    ("language", "said", "expected"),
    [
        # breaths and commas belong to a sentence
        ("en", "And so my fellow Americans, |ask not what |your country can do for you.",
         ["And so my fellow Americans, ask not what your country can do for you."]),
        ("en", "For AG, |transportation, |INC +.com and others. ^Next point.",
         ["For AG, transportation, INC.com and others.", "Next point."]),
        ("de", "Wir haben, |wie gesagt, |die Miete erhöht. ^Das war im Mai.",
         ["Wir haben, wie gesagt, die Miete erhöht.", "Das war im Mai."]),
        ("fr", "Nous avons, |comme prévu, |signé le bail. ^D'accord ?",
         ["Nous avons, comme prévu, signé le bail.", "D'accord ?"]),
        ("ru", "Мы решили, |что запуск |будет в мае. ^Хорошо.", ["Мы решили, что запуск будет в мае.", "Хорошо."]),
        ("ar", "هل نبدأ |الآن؟ ^نعم.", ["هل نبدأ الآن؟", "نعم."]),
        ("hi", "हम कल |मिलेंगे। ^ठीक है।", ["हम कल मिलेंगे।", "ठीक है।"]),
        ("el", "Θα έρθω |αύριο. ^Ωραία.", ["Θα έρθω αύριο.", "Ωραία."]),
        ("ko", "우리는 내일 |만나요. ^네.", ["우리는 내일 만나요.", "네."]),
        # scripts without spaces
        ("ja", "今日 は |良い 天気 です 。 ^そう です ね 。", ["今日は良い天気です。", "そうですね。"]),
        ("zh", "我们 明天 |开会 。 ^好 的 。", ["我们明天开会。", "好的。"]),
        ("zh", "你 好 ， |我们 ， 开会", ["你好，", "我们，开会"]),  # no sentence is ever ended: pauses part
        ("th", "สวัสดี ครับ |วันนี้ เรา คุย กัน", ["สวัสดีครับ", "วันนี้เราคุยกัน"]),
        # a full stop that ends no sentence
        ("de", "Das sagt Dr. ^Meyer. ^Gut.", ["Das sagt Dr. Meyer.", "Gut."]),
        ("de", "Zum Beispiel z. ^B. ^Äpfel. ^Gut.", ["Zum Beispiel z. B. Äpfel.", "Gut."]),
        ("de", "Wir ziehen am 3. ^Mai um. ^Gut.", ["Wir ziehen am 3. Mai um.", "Gut."]),
        ("de", "Es kostet 1.500,50 ^Euro. ^Gut.", ["Es kostet 1.500,50 Euro.", "Gut."]),
        ("en", "It costs 3.5 ^dollars. ^Good.", ["It costs 3.5 dollars.", "Good."]),
        ("en", "We sold 3. ^Then we left.", ["We sold 3.", "Then we left."]),
        ("en", "Ask Mr. |Smith about it. ^Good.", ["Ask Mr. Smith about it.", "Good."]),
        ("en", "He lives in the U.S. ^Army base. ^Good.", ["He lives in the U.S. Army base.", "Good."]),
        ("en", "Some people, e.g. ^lawyers, agree. ^Good.", ["Some people, e.g. lawyers, agree.", "Good."]),
        ("en", "Neither did I. ^Good.", ["Neither did I.", "Good."]),
        ("en", "I spoke with J. ^Smith. ^Good.", ["I spoke with J. Smith.", "Good."]),
        ("en", "Well... ^maybe we should go. ^Good.", ["Well... maybe we should go.", "Good."]),
        ("es", "Llamó la Sra. ^García. ^¿Quién?", ["Llamó la Sra. García.", "¿Quién?"]),
        ("ru", "Он работает и т.д. ^у нас. ^Да.", ["Он работает и т.д. у нас.", "Да."]),
        ("cs", "Přijdu 5. ^května. ^Dobře.", ["Přijdu 5. května.", "Dobře."]),
        # marks that close what a sentence stands in
        ("en", "He said ^\"no.\" ^Then he left.", ['He said "no."', "Then he left."]),
        ("ja", "彼 は 「 いいえ 。 」 ^そう です 。", ["彼は「いいえ。」", "そうです。"]),
        # a mark that was recognised as a word begins no line
        ("zh", "我们 开会 |。 ^好 。", ["我们开会。", "好。"]),
    ],
)  # fmt: skip
def test_sentences_of_many_languages(language: str, said: str, expected: list[str]) -> None:
    assert lines(heard(said, language)) == expected


def test_a_model_without_full_stops_is_cut_at_pauses() -> None:
    assert lines(heard("so we talked |about the rent |and the heating")) == [
        "so we talked", "about the rent", "and the heating",
    ]  # fmt: skip


@pytest.mark.parametrize(("gap", "count"), [(LONGEST_PAUSE - 0.01, 1), (LONGEST_PAUSE, 2)])
def test_a_long_pause_ends_a_line_within_a_sentence(gap: float, count: int) -> None:
    assert len(lines(heard("We think that"), heard("it works.", start=0.6 + gap))) == count


def test_a_sentence_that_a_pause_interrupts_stands_by_itself() -> None:
    said = "The storm tore down the barn. She |called his name."
    assert lines(heard(said)) == ["The storm tore down the barn.", "She called his name."]


def test_a_segment_that_begins_anew_after_a_pause_begins_a_line() -> None:
    first = heard("Good. ^it's like meditating, and it's like")
    end = first.words[-1].end + 1.0
    assert lines(first, heard("Ladies and gentlemen.", start=end))[-1] == "Ladies and gentlemen."
    assert lines(first, heard("I mean it.", start=end))[-1].endswith("it's like I mean it.")
    assert lines(first, heard("the water.", start=end))[-1].endswith("it's like the water.")


def test_a_sentence_that_is_too_long_ends_at_a_comma_or_its_longest_pause() -> None:
    part = "and then we went on and on about it for a while "
    commas = lines(heard("We met. " + (part * 4).strip() + ", " + part * 8))
    assert len(commas) == 3
    assert commas[0].startswith("We met.")
    assert commas[0].endswith(",")
    pauses = lines(heard("It was so. " + part * 5 + "^but " + part * 4 + "then. Yes."))
    assert pauses[1].startswith("but")
    assert all(columns(one) <= MOST for one in (*commas, *pauses))


def test_without_sentences_a_line_is_no_longer_than_a_sentence_may_get() -> None:
    found = lines(heard("and then " * 100))
    assert " ".join(found) == ("and then " * 100).strip()
    assert all(LONGEST / 3 <= len(one) <= LONGEST for one in found[:-1])
    assert len(found[-1]) <= LONGEST


def test_wide_letters_count_as_two() -> None:
    found = lines(heard("我们 " * 300, "zh"))
    assert all(len(one) <= LONGEST / 2 for one in found)


def test_doubt_within_a_sentence_does_not_tear_it() -> None:
    sure, doubtful = heard("And I'm Sheila from Texas"), heard("originally from Chicago.", start=1.0, is_doubtful=True)
    (one,) = utterances([sure, doubtful, heard("Good.", start=1.6)])[:1]
    assert (one.text, one.is_language_doubtful) == ("And I'm Sheila from Texas originally from Chicago.", True)
    assert lines(sure, doubtful, heard("Good.", start=1.6))[1:] == ["Good."]  # what is sure is not marked with it


def test_doubt_stays_on_the_line_that_has_it() -> None:
    doubtful, sure = heard("and then", is_doubtful=True), heard("we went on, and then " * 50, start=0.4)
    found = utterances([doubtful, sure])
    assert len(found) > 3
    assert [said.is_language_doubtful for said in found] == [True] + [False] * (len(found) - 1)
    late = heard("and then", start=0.4 + 0.2 * 250, is_doubtful=True)
    assert [said.is_language_doubtful for said in utterances([sure, late])][-1]
    assert not any(said.is_language_doubtful for said in utterances([sure, late])[:-1])


def test_doubt_of_a_line_that_goes_on_ends_with_its_words() -> None:
    (before,) = utterances([heard("and then", is_doubtful=True)])
    found = utterances([heard("we went on, and then " * 50, start=0.4)], [before])
    assert found[0].id == before.id
    assert [said.is_language_doubtful for said in found] == [True] + [False] * (len(found) - 1)


def test_a_segment_without_a_space_is_a_word_of_its_own() -> None:
    first, second = heard("We move the"), Segment(0, (Word("launch.", 0.6, 0.8, 0.9),), "en")
    (one,) = utterances([first, second])
    assert one.text == "We move the launch." == "".join(word.text for word in one.words).strip()


WHOLE = heard(
    "We agreed, |that Dr. ^Meyer calls. ^Good. Then we |talk about the budget, "
    "the budget |and |more. Yes. ^No, INC +.com."
)


def in_windows(segment: Segment, *places: int) -> list[Utterance]:
    """What is stored when the words arrive in windows, each of which is joined to the last line so far."""
    stored: dict[str, Utterance] = {}
    for start, end in zip((0, *places), (*places, len(segment.words)), strict=True):
        last = [max(stored.values(), key=lambda said: said.start)] if stored else []
        piece = Segment(0, segment.words[start:end], segment.language)
        for said in utterances([piece], last):
            assert said.id not in stored or said.id == last[0].id  # only the last line ever changes
            stored[said.id] = said
    return sorted(stored.values(), key=lambda said: said.start)


@given(st.sets(st.integers(1, len(WHOLE.words) - 1), max_size=6))
def test_no_word_is_lost_or_twice_however_it_arrives(places: set[int]) -> None:
    found = in_windows(WHOLE, *sorted(places))
    assert [word for said in found for word in said.words] == list(WHOLE.words)
    assert all(said.text == "".join(word.text for word in said.words).strip() for said in found)


def test_a_sentence_goes_on_in_the_next_window() -> None:
    (before,) = utterances([heard("Good. Now we agreed, |that he")])[-1:]
    (after, last) = utterances([heard("calls. ^Yes.", start=before.end + 0.9)], [before])
    assert (after.id, after.text, last.text) == (before.id, "Now we agreed, that he calls.", "Yes.")


def test_a_line_that_is_finished_is_not_told_again() -> None:
    (before,) = utterances([heard("We agreed.")])
    (after,) = utterances([heard("Yes.", start=before.end + 0.3)], [before])
    assert (after.id != before.id, after.text) == (True, "Yes.")


def test_a_line_that_was_edited_does_not_go_on() -> None:
    (before,) = utterances([heard("We agreed that")])
    edited = Utterance(before.id, 0, before.speaker, before.start, before.end, "We agree that", before.words)
    (after,) = utterances([heard("he calls.", start=before.end)], [edited])
    assert (after.id != before.id, after.text) == (True, "he calls.")
