"""Voice print models in ONNX: which sound they are given, and the vectors that they make of it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.engines import SAMPLE_RATE
from app.core.errors import EngineOutOfMemory, ModelDamaged
from app.core.voices import LARGEST_PRINT
from app.engines.memory_shortage import is_of_shortage
from app.engines.model_files import onnx_file
from app.engines.model_files.voice_features import (
    FBANK_BANDS,
    FRAME,
    HOP,
    INT16_SCALE,
    MEL_BANDS,
    Array,
    log_fbank,
    power_mel,
)
from app.engines.sandbox import resource_limits

LONGEST_WINDOW = 8 * SAMPLE_RATE // 5
"""Samples of a window at most: 1.6 seconds, as long as what GE2E was trained on."""
_FRAMES = LONGEST_WINDOW // HOP
_TOGETHER = 32  # windows computed at once: more are hardly faster, and each takes some MB
_SECONDS = 60.0  # in which so many must be done: a file may hold a loop without an end
_MOST_NUMBERS = LARGEST_PRINT // 2
_LOUDNESS, _MOST_GAIN = 0.1, 10.0  # what GE2E's windows are raised to, and by what at most; voices differ best so
_SHORTEST = 1e-6  # length of a vector that still has a direction
_MEAN = "global-mean"  # what sherpa-onnx calls features less their mean over time


class VoiceModel:
    """A voice print model, loaded from an ONNX file.

    Attributes:
        dimensions: The numbers of a voice print.
    """

    def __init__(self, path: Path, threads: int) -> None:
        """Load the file and try it once; it may hold a loop without an end, so that the caller sets a deadline.

        Raises:
            ModelDamaged: it is no model of a kind that is known.
            EngineOutOfMemory: it takes more memory than there is.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ModelDamaged from error
        if not onnx_file.is_whole(data):
            raise ModelDamaged
        try:
            self._session = _session(data, threads)
            self._input = self._session.get_inputs()[0]
            self._features = _front_end(self._session, self._session.get_modelmeta().custom_metadata_map)
        except Exception as error:  # onnxruntime has a dozen classes of errors without a common one
            raise _meaning(error) from error
        self._together = 1 if self._input.shape[0] == 1 else _TOGETHER
        self.dimensions = 0
        self.dimensions = self._prints([_noise()]).shape[1]

    def prints(self, windows: Sequence[Array]) -> NDArray[np.float16]:
        """The voice print of each window: a vector of unit length; the shape is [windows, dimensions].

        A window is sound in -1 to 1, at 16 kHz, of 1.6 seconds at most; what is shorter is repeated.

        Raises:
            ModelDamaged: a vector has other dimensions or no direction.
            EngineOutOfMemory: the computation takes more memory than there is.
        """
        found = []
        for first in range(0, len(windows), self._together):
            with resource_limits.deadline(_SECONDS):
                found.append(self._prints(windows[first : first + self._together]))
        return np.concatenate(found) if found else np.empty((0, self.dimensions), np.float16)

    def _prints(self, windows: Sequence[Array]) -> NDArray[np.float16]:
        given = np.stack([_repeated(self._features(window)) for window in windows])
        try:
            raw = self._session.run(None, {self._input.name: given})[0]
            vectors = np.asarray(raw).astype(np.float64)
        except Exception as error:
            raise _meaning(error) from error
        if vectors.ndim != 2 or len(vectors) != len(windows) or not 0 < vectors.shape[1] <= _MOST_NUMBERS:
            raise ModelDamaged
        if self.dimensions not in (0, vectors.shape[1]):
            raise ModelDamaged
        lengths = np.sqrt(np.sum(vectors * vectors, axis=1, keepdims=True))
        if not np.all(np.isfinite(lengths)) or np.any(lengths < _SHORTEST):
            raise ModelDamaged
        return np.asarray(vectors / lengths, np.float16)


def _session(data: bytes, threads: int) -> Any:
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 4  # nothing below a fatal error: it would name what the file holds
    options.add_session_config_entry("session.load_model_format", "ONNX")  # not its own format, which is not checked
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # other workers need the processor
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def _front_end(session: Any, facts: Mapping[str, str]) -> Callable[[Array], Array]:
    """What turns a window of sound into the model's input.

    Raises:
        ModelDamaged: the input is of no known kind, or the facts in the file contradict what is known of its kind.
    """
    inputs = session.get_inputs()
    if len(inputs) != 1 or inputs[0].type != "tensor(float)" or len(inputs[0].shape) != 3:
        raise ModelDamaged
    if facts.get("sample_rate", str(SAMPLE_RATE)) != str(SAMPLE_RATE):
        raise ModelDamaged
    windows, frames, bands = inputs[0].shape
    if (isinstance(windows, int) and windows != 1) or (isinstance(frames, int) and frames != _FRAMES):
        raise ModelDamaged
    if inputs[0].name == "mel" and bands == MEL_BANDS:
        return lambda sound: power_mel(_levelled(sound))
    if inputs[0].name not in ("x", "feats") or bands != FBANK_BANDS:
        raise ModelDamaged
    # WeSpeaker's own exports have no facts, but this name; its models are trained so as sherpa-onnx notes of others.
    is_wespeaker = facts.get("framework") == "wespeaker" or (inputs[0].name == "feats" and not facts)
    normalised = facts.get("feature_normalize_type") or (_MEAN if is_wespeaker else "")
    if normalised not in ("", _MEAN):
        raise ModelDamaged
    scale = INT16_SCALE if facts.get("normalize_samples", "0" if is_wespeaker else "1") == "0" else 1.0

    def fbank(sound: Array) -> Array:
        found = log_fbank(sound * np.float32(scale))
        return found - found.mean(axis=0) if normalised else found

    return fbank


def _levelled(sound: Array) -> Array:
    """The sound as loud as the others: the powers that GE2E is given grow with the sound, and so would its vectors."""
    loudness = float(np.sqrt(np.mean(sound * sound))) if len(sound) else 0.0
    return sound * np.float32(min(_MOST_GAIN, _LOUDNESS / (loudness + 1e-6)))


def _repeated(features: Array) -> Array:
    """The features over and over until they fill a window: a model compares best what is equally long."""
    return np.resize(features, (_FRAMES, features.shape[1]))


def _noise() -> Array:
    """Sound that is no speech, for a first trial."""
    return np.random.default_rng(1).normal(0, 0.05, FRAME + LONGEST_WINDOW // 2).astype(np.float32)


def _meaning(error: Exception) -> Exception:
    if isinstance(error, ModelDamaged):
        return error
    return EngineOutOfMemory() if is_of_shortage(error) else ModelDamaged()
