"""A worker as the product starts it, but for an engine that fails by a bug and quotes what somebody said."""

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from app.engines import protocol
from app.engines.worker import main
from app.engines.worker.channel import Channel


class FaultyEngine:
    """Fails at every request."""

    def answer(self, request: protocol.Request, channel: Channel) -> Iterator[protocol.Value]:
        """Fail."""
        raise KeyError("Meridian-Lighthouse")


if __name__ == "__main__":
    main.ENGINES["media"] = FaultyEngine
    sys.exit(main.main("media"))
