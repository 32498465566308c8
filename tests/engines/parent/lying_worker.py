"""A program that speaks the worker's protocol, says that it is shut in, and answers any request as it is told.

    lying_worker.py TIMES BODY...

Each BODY is a message in hexadecimal; all of them are sent TIMES times, and then that the request is done.
"""

import os
import select
import struct
import sys

incoming, outgoing = os.fdopen(0, "rb", buffering=0), os.fdopen(1, "wb", buffering=1 << 16)


def receive() -> bytes:
    (size,) = struct.unpack(">I", incoming.read(4))
    body = b""
    while len(body) < size:
        body += incoming.read(size - len(body))
    return body


def send(body: bytes) -> None:
    outgoing.write(struct.pack(">I", len(body)) + body)


def main() -> None:
    hello, done, *bodies = map(bytes.fromhex, sys.argv[2:])
    receive()
    send(hello)
    outgoing.flush()
    receive()
    try:
        for _ in range(int(sys.argv[1])):
            for body in bodies:
                send(body)
        send(done)
        outgoing.flush()
        ended = select.poll()
        ended.register(incoming, select.POLLHUP)
        ended.register(outgoing, select.POLLERR)
        ended.poll(30_000)
    except BrokenPipeError:
        os._exit(0)


main()
