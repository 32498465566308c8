"""What a recording holds is heard: levels where speech is, all sound tracks, and at the container's times."""

from pathlib import Path

import numpy as np
import pytest

from app.core.call import NO_SOUND, Survey, layout_of
from app.core.transcript import Layout
from tests.engines.worker.recordings import (
    RATE,
    Sound,
    both_sides,
    chunk,
    heard,
    left,
    likeness,
    right,
    silence,
    surveyed,
    wav,
    written,
)  # fmt: skip

Tracks = list[list[tuple[float, Sound]]]
NOISE: Sound = np.random.default_rng(1).normal(0, 1, (1, 60 * RATE)).astype(np.float32)


def side(survey: Survey, content: bytes, said: Sound, at: float = 0.0) -> int:
    """The side on which something was said at a time, and on no other."""
    like = [likeness(heard(content, survey, channel), said, at) for channel in range(survey.channels)]
    found = int(np.argmax(like))
    assert like[found] > 0.9, like
    assert all(one < 0.5 for n, one in enumerate(like) if n != found), like
    return found


class TestLevels:
    @pytest.mark.parametrize("seconds", [2.0, 0.4], ids=["a sentence", "a word"])
    def test_the_other_side_speaks_once_in_half_an_hour(self, seconds: float) -> None:
        start = int(np.argmax(np.abs(right()[0]) > 0.05))
        sentence = np.pad(right()[:, start : start + round(seconds * RATE)], ((0, 0), (20 * RATE, 1780 * RATE)))
        mine = np.pad(left(), ((0, 0), (0, sentence.shape[1] - left().shape[1])))
        assert layout_of(surveyed(wav(np.concatenate([mine, sentence])))) is Layout.TWO_SIDED

    def test_speech_comes_after_49_silent_minutes(self) -> None:
        survey = surveyed(wav(np.concatenate([silence(49 * 60), left()], axis=1)))
        assert survey.levels[0] > -25
        assert not survey.is_quiet

    @pytest.mark.parametrize("decibels", [45, 60])
    def test_a_float_recording_far_down_is_made_louder_and_said_to_be_quiet(
        self, tmp_path: Path, decibels: int
    ) -> None:
        quiet = both_sides() * 10 ** (-decibels / 20)
        content = written(tmp_path / "q.wav", [[(0, quiet)]], "wav", "pcm_f32le", "flt").read_bytes()
        survey = surveyed(content)
        assert max(survey.levels) > NO_SOUND
        assert layout_of(survey) is Layout.TWO_SIDED
        assert survey.is_quiet
        assert np.abs(heard(content, survey, 0)).max() > 0.1
        assert max(survey.peaks) > 25

    def test_a_click_does_not_hide_that_speech_is_quiet(self) -> None:
        quiet = left() / 300
        quiet[0, 1000:1050] = 0.9
        assert surveyed(wav(quiet)).is_quiet

    def test_what_is_louder_than_speech_on_all_channels_makes_two_sides_no_microphone(self) -> None:
        tone = 0.5 * np.sin(np.arange(RATE) * 2 * np.pi * 1400 / RATE)
        sound = np.concatenate([np.repeat(tone[None], 2, axis=0), both_sides() / 60], axis=1).astype(np.float32)
        assert layout_of(surveyed(wav(sound))) is Layout.TWO_SIDED
        clicked = both_sides() / 60
        clicked[:, 1000:1050] = 0.9
        assert layout_of(surveyed(wav(clicked))) is Layout.TWO_SIDED

    @pytest.mark.parametrize("channel", [0, 1])
    def test_a_knock_on_one_side_does_not_hide_the_other(self, channel: int) -> None:
        knocked = both_sides() / 100
        knocked[channel, 2000:3600] = NOISE[0, :1600] * 0.3
        assert layout_of(surveyed(wav(knocked))) is Layout.TWO_SIDED

    @pytest.mark.parametrize("decibels", [36, 40])
    def test_a_side_far_below_the_other_is_made_louder_by_itself(self, decibels: int) -> None:
        content = wav(np.concatenate([left(), right() * 10 ** (-decibels / 20)]))
        survey = surveyed(content)
        assert layout_of(survey) is Layout.TWO_SIDED
        assert side(survey, content, right()) == 1
        assert np.abs(heard(content, survey, 1)).max() > 0.1
        assert np.abs(heard(content, survey, 0)).max() == pytest.approx(np.abs(left()).max(), abs=0.01)
        assert max(survey.peaks[1::2]) > 25, "its waveform is seen"

    @pytest.mark.parametrize("other", ["hiss", "leak", "echo"])
    def test_what_only_leaks_or_hisses_is_not_made_louder(self, other: str) -> None:
        gated = left() * (np.abs(left()) > 0.01)  # as a telephone that sends nothing while nobody speaks
        fading = np.exp(-np.arange(6000) / 1500) * NOISE[0, :6000]
        echo = np.convolve(left()[0], fading)[None, : left().shape[1]]
        quiet = {
            "hiss": NOISE[:, : left().shape[1]] * 10 ** (-58 / 20),
            "leak": np.roll(left(), 800) / 60,
            "echo": echo / np.abs(echo).max() / 200,
        }[other]
        sound = np.concatenate([gated, quiet.astype(np.float32)])
        assert layout_of(surveyed(wav(np.tile(sound, (1, 4))))) is Layout.LEFT_ONLY

    def test_a_constant_offset_is_no_second_side(self) -> None:
        assert layout_of(surveyed(wav(np.concatenate([left(), silence(12) + 0.05])))) is Layout.LEFT_ONLY

    def test_twice_the_same_stays_one_microphone_however_quiet(self, tmp_path: Path) -> None:
        twice = np.repeat(left() / 200, 2, axis=0)
        content = written(tmp_path / "q.wav", [[(0, twice)]], "wav", "pcm_f32le", "flt").read_bytes()
        assert layout_of(surveyed(content)) is Layout.MONO

    def test_silence_is_silent(self) -> None:
        assert max(surveyed(wav(silence(5, 2))).levels) <= NO_SOUND
        assert max(surveyed(wav(NOISE * 1e-5)).levels) <= NO_SOUND


class TestTracks:
    @pytest.mark.parametrize(
        ("container", "codec", "form"), [("mp4", "aac", "fltp"), ("ogg", "libopus", "s16"), ("matroska", "flac", "s16")]
    )
    @pytest.mark.parametrize("default", [0, 1])
    def test_two_tracks_are_the_sides(
        self, tmp_path: Path, container: str, codec: str, form: str, default: int
    ) -> None:
        tracks: Tracks = [[(0.0, left())], [(0.0, right())]]
        content = written(tmp_path / "two", tracks, container, codec, form, default).read_bytes()
        survey = surveyed(content)
        assert layout_of(survey) is Layout.TWO_SIDED
        assert side(survey, content, left()) == 0
        assert side(survey, content, right()) == 1
        mix = heard(content, survey)
        assert likeness(mix, left(), 0) > 0.3
        assert likeness(mix, right(), 0) > 0.3

    def test_a_silent_first_track_hides_nothing(self, tmp_path: Path) -> None:
        tracks: Tracks = [[(0.0, silence(12, 2))], [(0.0, both_sides())]]
        content = written(tmp_path / "two.mkv", tracks, "matroska", "flac").read_bytes()
        survey = surveyed(content)
        assert layout_of(survey) is Layout.TWO_SIDED
        assert side(survey, content, right()) == 1

    def test_a_mix_beside_its_parts_is_left_out(self, tmp_path: Path) -> None:
        mix = (left() + right()) / 2
        tracks: Tracks = [[(0.0, np.repeat(mix, 2, axis=0))], [(0.0, left())], [(0.0, right())]]
        content = written(tmp_path / "three.mkv", tracks, "matroska", "flac").read_bytes()
        survey = surveyed(content)
        assert layout_of(survey) is Layout.TWO_SIDED
        assert side(survey, content, left()) == 0
        assert side(survey, content, right()) == 1

    def test_the_same_in_two_tracks_is_heard_once(self, tmp_path: Path) -> None:
        tracks: Tracks = [[(0.0, left())], [(0.0, left() / 2)]]
        assert layout_of(surveyed(written(tmp_path / "t.mkv", tracks, "matroska", "flac").read_bytes())) is Layout.MONO

    def test_speech_on_the_third_channel_is_heard(self, tmp_path: Path) -> None:
        sound = np.concatenate([silence(12, 2), left()])
        content = written(tmp_path / "3.flac", [[(0.0, sound)]], "flac", "flac").read_bytes()
        survey = surveyed(content)
        assert layout_of(survey) is Layout.MONO
        assert side(survey, content, left()) == 0
        assert np.abs(heard(content, survey)).max() > np.abs(left()).max() * 0.9, "not thinned by silent channels"

    def test_two_sides_on_four_channels_are_two(self, tmp_path: Path) -> None:
        sound = np.concatenate([left(), -left(), right(), right()])
        content = written(tmp_path / "4.flac", [[(0.0, sound)]], "flac", "flac").read_bytes()
        survey = surveyed(content)
        assert layout_of(survey) is Layout.TWO_SIDED
        assert side(survey, content, left()) == 0
        assert side(survey, content, right()) == 1

    def test_an_inverted_channel_does_not_take_the_other_away(self) -> None:
        content = wav(np.concatenate([left(), -left()]))
        survey = surveyed(content)
        assert layout_of(survey) is Layout.MONO
        assert likeness(heard(content, survey), left(), 0) > 0.95

    def test_tracks_that_are_not_read_are_counted(self, tmp_path: Path) -> None:
        tracks: Tracks = [[(0.0, left() / (n + 1))] for n in range(10)]
        assert surveyed(written(tmp_path / "t.mkv", tracks, "matroska", "flac").read_bytes()).unread_tracks == 2


class TestTimes:
    @pytest.mark.parametrize(
        ("container", "codec", "form"),
        [("webm", "libopus", "s16"), ("mp4", "aac", "fltp"), ("matroska", "flac", "s16")],
    )
    def test_what_follows_a_pause_stands_where_a_player_shows_it(
        self, tmp_path: Path, container: str, codec: str, form: str
    ) -> None:
        content = written(tmp_path / "p", [[(0.0, left()), (32.0, right())]], container, codec, form).read_bytes()
        survey = surveyed(content)
        assert survey.duration == pytest.approx(44, abs=0.3)
        assert not survey.is_truncated
        assert len(survey.peaks) == pytest.approx(440, abs=3)
        sound = heard(content, survey, 0)
        assert likeness(sound, left(), 0) > 0.9
        assert likeness(sound, right(), 32) > 0.9
        for start in (5.0, 20.0, 33.5):
            later = heard(content, survey, 0, start)
            whole = sound[round(start * RATE) :]
            assert len(later) == pytest.approx(len(whole), abs=2000)
            assert np.abs(later[2000:12000]).mean() == pytest.approx(np.abs(whole[2000:12000]).mean(), abs=0.01)

    @pytest.mark.parametrize(("container", "at"), [("mp4", 10.0), ("matroska", 10.0), ("mpegts", 0.0)])
    def test_sound_that_starts_late_does_so(self, tmp_path: Path, container: str, at: float) -> None:
        content = written(tmp_path / "p", [[(10.0, left())]], container, "aac", "fltp").read_bytes()
        survey = surveyed(content)
        assert survey.duration == pytest.approx(at + 12, abs=0.3)
        assert likeness(heard(content, survey, 0), left(), at) > 0.9
        assert not survey.is_truncated
        if at:
            assert np.abs(heard(content, survey, 0, 4.0)[: 5 * RATE]).max() == 0

    def test_one_track_starts_later_than_the_other(self, tmp_path: Path) -> None:
        tracks: Tracks = [[(0.0, left())], [(7.0, right())]]
        content = written(tmp_path / "p.mkv", tracks, "matroska", "flac").read_bytes()
        survey = surveyed(content)
        assert survey.duration == pytest.approx(19, abs=0.2)
        assert side(survey, content, right(), 7.0) == 1

    def test_a_pause_of_years_is_a_wrong_time(self, tmp_path: Path) -> None:
        content = written(tmp_path / "p.mkv", [[(0.0, left()), (1e6, right())]], "matroska", "flac").read_bytes()
        assert surveyed(content).duration == pytest.approx(24, abs=0.3)

    @pytest.mark.parametrize(("container", "codec", "form"), [("mp3", "mp3", "s16p"), ("ogg", "libopus", "s16")])
    def test_two_files_in_one_are_read_to_the_end(self, tmp_path: Path, container: str, codec: str, form: str) -> None:
        one = written(tmp_path / "1", [[(0.0, left())]], container, codec, form).read_bytes()
        other = written(tmp_path / "2", [[(0.0, right())]], container, codec, form).read_bytes()
        survey = surveyed(one + other)
        assert survey.duration == pytest.approx(24, abs=0.4)
        assert not survey.is_truncated
        sound = heard(one + other, survey, 0)
        assert likeness(sound, left(), 0) > 0.9
        assert likeness(sound, right(), survey.duration - 12.05) > 0.85
        later = heard(one + other, survey, 0, 14.0)
        assert len(later) == pytest.approx(len(sound) - 14 * RATE, abs=2000)

    def test_a_second_wav_and_a_header_that_counts_too_little_are_read_on(self) -> None:
        whole = wav(left())
        survey = surveyed(whole + wav(right()))
        assert survey.duration == pytest.approx(24, abs=0.1)
        assert likeness(heard(whole + wav(right()), survey, 0), right(), 12) > 0.9
        counted = whole[:40] + (5 * RATE * 2).to_bytes(4, "little") + whole[44:]
        assert surveyed(counted).duration == pytest.approx(12, abs=0.1)

    def test_a_second_wav_of_another_form_is_said_not_to_be_read(self) -> None:
        survey = surveyed(wav(left()) + wav(both_sides()))
        assert survey.goes_on
        assert survey.duration == pytest.approx(12, abs=0.1)

    @pytest.mark.parametrize(
        "rest", [chunk(b"LIST", b"INFO" + b"x" * 200_000), b"TAG" + b"x" * 125, b"ID3" + b"x" * 99_000, bytes(90_000)]
    )
    def test_what_follows_a_wav_and_is_no_sound_stays_out(self, rest: bytes) -> None:
        survey = surveyed(wav(left()) + rest)
        assert survey.duration == pytest.approx(12, abs=0.1)
        assert not survey.goes_on

    def test_a_second_movie_behind_the_first_is_said_not_to_be_read(self, tmp_path: Path) -> None:
        content = written(tmp_path / "p.mp4", [[(0.0, left())]], "mp4", "aac", "fltp").read_bytes()
        assert not surveyed(content).goes_on
        assert surveyed(content * 2).goes_on
