"""The tree of expected errors, each shown to the user as two sentences.

AssistantError(title, advice)
|- VaultError     WrongPassphrase, VaultInUse, VaultTooNew, VaultDamaged
|- MediaError     UnsupportedMedia, SilentRecording, NoSpeakersFound, MediaDamaged, SoundUnavailable
|- ModelError     ModelMissing, ModelDamaged, ModelTooLarge, ContextOverflow
|- EngineError    EngineCrashed, EngineOutOfMemory
|- DownloadError  Offline, ChecksumMismatch, NotEnoughSpace, ServerRefused
|- NotReady
'- SettingsError

Subclasses that `--json` reports under their parent's name: VaultMissing, VaultUnwritable, KeychainRefused,
NotFound and LineChanged are VaultErrors, MediaMissing is a MediaError, ModelStalls and ModelTemplateUnusable are
ModelDamaged, EngineFault is an EngineCrashed, NoModelLoaded and PromptUnreadable are EngineErrors. Why a file is no
recording is said by UnsupportedMedia's: IndexMissing, SoundMissing, RecordingProtected, NoSoundTrack, SoundKindUnknown,
BlankFile, ArchivedRecording, PlaylistFile, TextFile. Those of a call that came as text stand in `core.written_call`.
`title` says what happened, `advice` what is safe and what to do next. Neither ever contains a
user's content: no transcript, no title of a call, no file name.
"""

from app.core.media_kinds import kinds_in_words


class AssistantError(Exception):
    """An expected failure; `title` and `advice` are written for the user."""

    default_title = "Something went wrong."
    default_advice = "Nothing was changed. Try again."
    goes_by_parent = False  # whether `--json` reports this class under its parent's name

    def __init__(self, title: str | None = None, advice: str | None = None) -> None:
        self.title = title or self.default_title
        self.advice = advice or self.default_advice
        super().__init__(f"{self.title} {self.advice}")

    @property
    def kind(self) -> str:
        """The class name that `--json` reports; the finer subclasses go by their parent's."""
        return next(c.__name__ for c in type(self).__mro__ if not c.__dict__.get("goes_by_parent"))


class VaultError(AssistantError):
    """The vault can't be opened, read or written."""


class WrongPassphrase(VaultError):
    """The passphrase opens none of the vault's key slots."""

    default_title = "That passphrase does not open this vault."
    default_advice = "Nothing was changed; check Caps Lock and the keyboard's language, and try again."


class VaultInUse(VaultError):
    """Another process owns the vault."""

    default_title = "This vault is open in another Tacit window or command."
    default_advice = "Nothing was changed; close the other one, or wait until it has finished."


class VaultTooNew(VaultError):
    """The vault was written by a newer version."""

    default_title = "This vault was made by a newer version of Tacit."
    default_advice = "Nothing was changed; install the newer version to open it."


class VaultDamaged(VaultError):
    """A file of the vault fails its integrity check."""

    default_title = "A file of this vault is damaged."
    default_advice = "Nothing was changed; restore the folder from a backup, or copy it away before anything else."


class VaultMissing(VaultError):
    """There is no vault where one was expected."""

    goes_by_parent = True
    default_title = "There is no vault in this folder."
    default_advice = "Nothing was changed; check the folder you named, or import a call to make a vault there."


class VaultUnwritable(VaultError):
    """The disk refuses the write: it is full, read-only or not permitted."""

    goes_by_parent = True
    default_title = "The vault can't be written to."
    default_advice = "What was saved is safe; make the folder writable, and run the same command again to go on."


class KeychainRefused(VaultError):
    """The system's keychain is missing, locked or unresponsive, or has nothing that opens this vault."""

    goes_by_parent = True
    default_title = "The keychain does not hold what opens this vault."
    default_advice = "Nothing was changed; unlock with the passphrase, and turn the keychain on anew."


class NotFound(VaultError):
    """Nothing in the vault has that id."""

    goes_by_parent = True
    default_title = "There is no call with that id."
    default_advice = "Nothing was changed; «tacit list» shows the ids."


class LineChanged(VaultError):
    """A line of a transcript is not as it was when a change of it was thought of."""

    goes_by_parent = True
    default_title = "The line was changed meanwhile."
    default_advice = "It was left as it is now; correct it again."


class MediaError(AssistantError):
    """A recording can't be used."""


class UnsupportedMedia(MediaError):
    """The file contains no audio that can be decoded."""

    default_title = "This file holds no sound that Tacit can read."
    default_advice = f"The file was left as it is; choose a recording ({kinds_in_words()})."


class IndexMissing(UnsupportedMedia):
    """An MP4, M4A or MOV without its index, which a recorder writes last."""

    goes_by_parent = True
    default_title = "This recording was not finished, or not copied whole: its index is missing."
    default_advice = (
        "The file was left as it is; copy it once more, or let the program that recorded it open and finish it."
    )


class SoundMissing(UnsupportedMedia):
    """Another recording of which only the beginning is there."""

    goes_by_parent = True
    default_title = "This recording was not finished, or not copied whole: no sound follows its beginning."
    default_advice = (
        "The file was left as it is; copy it once more, or let the program that recorded it open and finish it."
    )


class RecordingProtected(UnsupportedMedia):
    """The sound is encrypted, as a shop's files are."""

    goes_by_parent = True
    default_title = "This recording is copy-protected, and only the player that it was sold for can read it."
    default_advice = "The file was left as it is; choose a recording without protection."


class NoSoundTrack(UnsupportedMedia):
    """A film or screen recording without sound."""

    goes_by_parent = True
    default_title = "This file has no sound track."
    default_advice = "The file was left as it is; check in a player that it can be heard, and choose another one."


class SoundKindUnknown(UnsupportedMedia):
    """There is a sound track, but no decoder for it."""

    goes_by_parent = True
    default_title = "The sound of this file is written in a way that Tacit does not know."
    default_advice = "The file was left as it is; save it as WAV, FLAC or MP3 in the program that made it."


class BlankFile(UnsupportedMedia):
    """Nothing but zeros: its room was reserved, and its content never came."""

    goes_by_parent = True
    default_title = "This file holds zeros only: its content was never written or copied."
    default_advice = "The file was left as it is; copy it once more from where it was recorded."


class ArchivedRecording(UnsupportedMedia):
    """An archive, such as a ZIP file."""

    goes_by_parent = True
    default_title = "This file is an archive, and Tacit does not look into it."
    default_advice = "The file was left as it is; unpack it, and choose the recording that comes out."


class PlaylistFile(UnsupportedMedia):
    """A list that names recordings elsewhere."""

    goes_by_parent = True
    default_title = "This file is a playlist: it names recordings and holds no sound itself."
    default_advice = "The file was left as it is; choose one of the recordings that it names."


class TextFile(UnsupportedMedia):
    """Text, whatever its name says."""

    goes_by_parent = True
    default_title = "This file holds text and no sound, whatever its name says."
    default_advice = f"The file was left as it is; choose a recording ({kinds_in_words()})."


class SilentRecording(MediaError):
    """No speech was found."""

    default_title = "No speech found in this recording."
    default_advice = "The file was left as it is; check that it is the right one and that it can be heard."


class NoSpeakersFound(MediaError):
    """There is no voice to tell from another."""

    goes_by_parent = True
    default_title = "No voices were found in this recording."
    default_advice = "Nothing was changed; lines can be given to speakers by hand."


class MediaDamaged(MediaError):
    """The recording is truncated or can't be read to its end."""

    default_title = "This recording is damaged and can't be read."
    default_advice = "The file was left as it is; try another copy of it."


class MediaMissing(MediaError):
    """The file does not exist or may not be read."""

    goes_by_parent = True
    default_title = "The file is not there or can't be opened."
    default_advice = "Nothing was changed; check the path and whether you may read it."


class SoundUnavailable(MediaError):
    """There is no sound system, or its device is gone; trying again at once would change nothing."""

    default_title = "There is no sound system on this computer that Tacit can use."
    default_advice = "Everything else works; connect a loudspeaker, or start the sound service, and try again."


class ModelError(AssistantError):
    """A model can't be used."""


class ModelMissing(ModelError):
    """No model of that kind or name is installed."""

    default_title = "There is no model for this here."
    default_advice = "Your calls are safe; put a model into the models folder, and start again."


class ModelDamaged(ModelError):
    """The engine rejects the model's file."""

    default_title = "The model's file is damaged or of an unknown kind."
    default_advice = "Your calls are safe; copy the model's file again, or choose another with «tacit models use»."


class ModelStalls(ModelDamaged):
    """The model's file or its chat template keeps the engine busy for ever."""

    goes_by_parent = True
    default_title = "The model's file kept the engine busy without end, and it was stopped."
    default_advice = "Your calls are safe; choose another model with «tacit models use»."


class ModelTemplateUnusable(ModelDamaged):
    """The model's chat template fails, or needs more memory than any prompt can."""

    goes_by_parent = True
    default_title = "The model's chat template can't be used."
    default_advice = "Your calls are safe; choose another model with «tacit models use»."


class ModelTooLarge(ModelError):
    """The model does not fit into memory."""

    default_title = "The model does not fit into this computer's memory."
    default_advice = "Your calls are safe; close other programs, or choose a smaller model."


class ContextOverflow(ModelError):
    """The input is longer than the model's context."""

    default_title = "This is longer than the model can read at once."
    default_advice = "Nothing was changed; ask something shorter, or choose a model with a longer context."


class EngineError(AssistantError):
    """A worker process failed."""


class NoModelLoaded(EngineError):
    """A worker was asked for work before it was given its model."""

    goes_by_parent = True
    default_title = "No model is loaded for this."
    default_advice = "Nothing was changed; start it again."


class PromptUnreadable(EngineError):
    """The language engine fails on a prompt or a grammar."""

    goes_by_parent = True
    default_title = "The language engine could not read this."
    default_advice = "What was saved is safe; start it again."


class EngineCrashed(EngineError):
    """A worker died in the middle of a job."""

    default_title = "The process that did this work stopped unexpectedly."
    default_advice = "What was saved is safe; start it again to go on from there."


class EngineFault(EngineCrashed):
    """Our own code failed in a worker, which lives on: the same request would fail again."""

    goes_by_parent = True
    default_title = "Something went wrong in Tacit itself."
    default_advice = "What was saved is safe; «tacit doctor --report» shows where, in a form that can be passed on."


class EngineOutOfMemory(EngineError):
    """A worker ran out of memory."""

    default_title = "There was not enough memory for this."
    default_advice = "What was saved is safe; close other programs, or choose a smaller model."


class NotReady(AssistantError):
    """A step of a call needs an earlier one that is not done."""

    default_title = "This call is not transcribed yet."
    default_advice = "Nothing was changed; import it again to go on."


class DownloadError(AssistantError):
    """A download failed."""

    default_title = "The download did not succeed."
    default_advice = "What has arrived is kept; start the download again to go on from there."


class Offline(DownloadError):
    """The host can't be reached, or the connection dropped and could not be restored."""

    default_title = "The server can't be reached."
    default_advice = (
        "What has arrived is kept; check the connection to the internet, and start the download again to go on."
    )


class ChecksumMismatch(DownloadError):
    """The downloaded bytes do not match the catalogue's hash."""

    default_title = "What arrived is not the file that the catalogue describes."
    default_advice = "It was not taken in and is deleted; start the download again, or choose another model."


class ServerRefused(DownloadError):
    """The server answers with something other than the file."""

    default_title = "The server does not give this file."
    default_advice = "What has arrived is kept; try again later, or choose another model."


class NotEnoughSpace(DownloadError):
    """The disk is full."""

    default_title = "The disk is full."
    default_advice = "What was saved is safe; make room, and run the same command again to go on."


class SettingsError(AssistantError):
    """The settings file can't be read or written."""

    default_title = "The settings can't be read or written."
    default_advice = "Your calls are safe; the defaults are used until the settings folder can be written."


def error_reported_by_worker(untrusted_kind: str) -> AssistantError | None:
    """The error of that class name in our own words, if it is one that a worker may report; None for any other.

    A worker that a hostile file has taken over can only choose among the sentences of our errors, and none of those
    about the vault, its passphrase or downloads.
    """
    found = error_of_kind(untrusted_kind)
    return found if isinstance(found, MediaError | ModelError | EngineError) else None


def error_of_kind(untrusted_kind: str, title: str = "", advice: str = "") -> AssistantError | None:
    """The error of that class name, as another process of ours has reported it; None if there is no such class."""
    kinds = [AssistantError]
    for kind in kinds:
        if kind.__name__ == untrusted_kind:
            return kind(title or None, advice or None)
        kinds += kind.__subclasses__()
    return None
