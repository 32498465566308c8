"""faster-whisper's own pipelines, as a whole process: prints the words of a recording.

python -m tests.bench.real.peer batched|sequential MODEL_FOLDER RECORDING
"""

import sys

from faster_whisper import BatchedInferencePipeline, WhisperModel

from tests.bench.real.clock import THREADS


def main(how: str, model: str, recording: str) -> None:
    """Recognise the recording with word times, by the defaults of the pipeline; the sequential one with its VAD."""
    whisper = WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=THREADS, local_files_only=True)
    if how == "batched":
        found, _ = BatchedInferencePipeline(whisper).transcribe(recording, word_timestamps=True)
    else:
        found, _ = whisper.transcribe(recording, word_timestamps=True, vad_filter=True)
    print(" ".join(segment.text for segment in found))


if __name__ == "__main__":
    main(*sys.argv[1:])
