"""What judging the language of each stretch costs: the same recording with the language judged, and with it given.

python -m tests.bench.languages MODEL_FOLDER RECORDING LANGUAGE [RUNS]
"""

import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.engines import Heard, Pcm, SpeechOptions
from app.core.files import FileSource
from app.engines import protocol
from app.engines.parent.engines import RemoteMedia
from app.engines.worker.speech import WhisperEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_RATIO = 1.05  # of a recording in one language


class Blocks:
    """What the engine asks of its channel: the next block of sound."""

    def __init__(self, blocks: list[Pcm]) -> None:
        self._blocks: Iterator[Pcm] = iter(blocks)

    def request_sound(self) -> Pcm | None:
        """The next block, or None at the end."""
        return next(self._blocks, None)

    def checkpoint(self) -> None:
        """Nothing is cancelled."""


def decoded(recording: Path) -> list[Pcm]:
    """A recording's sound, mixed."""
    media, source = RemoteMedia(), FileSource(recording)
    try:
        return list(media.decode(source, (0,), is_mixed=True))
    finally:
        media.close()
        source.close()


def heard(engine: WhisperEngine, blocks: list[Pcm], language: str) -> tuple[float, str]:
    """Seconds of processor time to recognise it, and the words."""
    began = time.process_time()
    request = protocol.Transcribe(SpeechOptions((0,), language))
    found = [piece for piece in engine.answer(request, Blocks(blocks)) if isinstance(piece, Heard)]  # type: ignore[arg-type]
    words = (word.text for piece in found for segment in piece.segments for word in segment.words)
    return time.process_time() - began, "".join(words)


def main(model: str, recording: str, language: str, runs: str = "3") -> None:
    """Print the seconds of both, by turns, and their ratio."""
    blocks, engine = decoded(Path(recording)), WhisperEngine()
    list(engine.answer(protocol.LoadModel(model, 2), Blocks([])))  # type: ignore[arg-type]
    heard(engine, blocks, language)
    pairs = [(heard(engine, blocks, ""), heard(engine, blocks, language)) for _ in range(int(runs))]
    judged, given = (statistics.median(pair[side][0] for pair in pairs) for side in (0, 1))
    is_same = all(one[1] == other[1] for one, other in pairs)
    print(f"judged {judged:.2f} s, given {given:.2f} s, ratio {judged / given:.3f} (at most {MOST_RATIO})")
    print("the words are the same" if is_same else "the words differ")


if __name__ == "__main__":
    main(*sys.argv[1:])
