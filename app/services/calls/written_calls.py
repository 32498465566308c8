"""A call that came as text: it is read without rights, and becomes lines of speakers in the vault."""

from app.core.call import TEXT_CODEC, Survey
from app.core.ids import new_speaker_id, new_utterance_id
from app.core.languages.tables import language_of_text
from app.core.transcript import UNNAMED, Speaker, Utterance
from app.core.written_call import WrittenCall

_SAMPLED = 500  # lines that are looked at for the language


def written_speakers(call: WrittenCall, first: str = "", second: str = "") -> dict[str, Speaker]:
    """The speakers by the names that the text has for them, in order of their first line; "" is nobody it names.

    `first` and `second` replace the names of the first two.
    """
    names = dict.fromkeys(line.speaker for line in call.lines)
    given = [first, second]
    return {
        name: Speaker(new_speaker_id(), (given[place] if place < 2 else "") or name or UNNAMED)
        for place, name in enumerate(names)
    }


def written_utterances(call: WrittenCall, speakers: dict[str, Speaker]) -> tuple[Utterance, ...]:
    """The lines as utterances on one track, each of its speaker."""
    return tuple(
        Utterance(
            new_utterance_id(), 0, speakers[line.speaker].id, line.start, line.end, line.text,
            language=line.language, is_language_doubtful=line.is_language_doubtful,
        )
        for line in call.lines
    )  # fmt: skip


def language_of(call: WrittenCall) -> str:
    """The language of a text that states none, by some of its words; "" where it is not sure."""
    step = 1 + len(call.lines) // _SAMPLED
    return language_of_text(" ".join(line.text for line in call.lines[::step]))


def written_survey(call: WrittenCall) -> Survey:
    """What stands for the survey of its sound, of which there is none."""
    return Survey(
        call.duration, 1, (-120.0,), 0.0, b"", False, TEXT_CODEC, is_encoding_guessed=call.is_encoding_guessed
    )
