"""What every engine in a worker process has: its use of memory and processor, and its end."""

from app.engines import protocol
from app.engines.parent.process import Worker


class RemoteEngine:
    """An engine that runs in `worker`."""

    worker: Worker

    def peak_bytes(self) -> int:
        """The peak memory of the worker."""
        return self.worker.call_one(protocol.AskUsage(), protocol.Usage).peak

    def processor_seconds(self) -> float:
        """The processor time that the worker has used."""
        return self.worker.call_one(protocol.AskUsage(), protocol.Usage).processor_seconds

    def close(self) -> None:
        """End the process."""
        self.worker.close()
