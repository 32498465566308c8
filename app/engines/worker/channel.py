"""The worker's end of the pipes to its parent: requests, replies and heartbeats."""

import os
import queue
import threading
from typing import BinaryIO

import msgspec

from app.core.engines import Pcm
from app.core.job import Cancelled
from app.engines import protocol

_HEARTBEAT = 2.0  # seconds


class Channel:
    """Receives requests and replies from the parent on a thread of its own, and sends values and heartbeats."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming = incoming
        self._sender = protocol.Sender(outgoing)
        self._requests: queue.Queue[protocol.Request] = queue.Queue()
        self._replies: queue.Queue[protocol.Reply | None] = queue.Queue()
        self._cancelled = threading.Event()
        threading.Thread(target=self._read, name="reader", daemon=True).start()
        threading.Thread(target=self._send_heartbeats, name="heart", daemon=True).start()

    @property
    def is_cancelled(self) -> bool:
        """Whether the parent has cancelled the running request."""
        return self._cancelled.is_set()

    def checkpoint(self) -> None:
        """Raise `Cancelled` if the parent has cancelled the running request."""
        if self._cancelled.is_set():
            raise Cancelled

    def send(self, message: protocol.ToParent) -> None:
        """Send a message to the parent; exit if the parent is gone."""
        try:
            self._sender.send(message)
        except protocol.WireError:
            os._exit(0)

    def request_bytes(self, offset: int, length: int) -> bytes:
        """Request a range of the file from the parent."""
        self.send(protocol.WantBytes(offset, length))
        reply = self._next_reply()
        if not isinstance(reply, protocol.Bytes) or len(reply.data) > length:
            raise protocol.WireError("unexpected reply")
        return reply.data

    def request_sound(self) -> Pcm | None:
        """Request the next block of audio from the parent; None at its end."""
        self.send(protocol.WantSound())
        reply = self._next_reply()
        if not isinstance(reply, protocol.Sound):
            raise protocol.WireError("unexpected reply")
        return reply.block

    def next_request(self) -> protocol.Request:
        """Wait for the next request."""
        return self._requests.get()

    def reset(self) -> None:
        """Discard the cancellation and the replies that were left over from the last request."""
        self._cancelled.clear()
        while not self._replies.empty():
            self._replies.get_nowait()

    def _next_reply(self) -> protocol.Reply:
        self.checkpoint()
        reply = self._replies.get()
        if reply is None:
            raise Cancelled
        return reply

    def _read(self) -> None:
        while True:
            try:
                body = protocol.receive(self._incoming)
                if body is None:
                    os._exit(0)  # the parent closed our input or died: exit at once
                message = protocol.to_worker.decode(body)
            except (protocol.WireError, msgspec.DecodeError):
                os._exit(2)
            if isinstance(message, protocol.Cancel):
                self._cancelled.set()
                self._replies.put(None)
            elif isinstance(message, protocol.Bytes | protocol.Sound):
                self._replies.put(message)
            elif isinstance(message, protocol.Begin):
                os._exit(2)  # allowed only once, as the first message
            else:
                self.reset()
                self._requests.put(message)

    def _send_heartbeats(self) -> None:
        pause = threading.Event()
        while True:
            pause.wait(_HEARTBEAT)
            self.send(protocol.Heartbeat())
