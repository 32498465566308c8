"""Stands in a package for the hub's client, which faster-whisper imports for its downloads: there are none here."""


def snapshot_download(*_: object, **__: object) -> str:
    """Refuse, as the real one does when it is kept offline."""
    raise RuntimeError("a package of Tacit has no client of the hub")
