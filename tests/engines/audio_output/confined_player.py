"""The product's player in a head behind its sandbox: it does what its standard input says, and prints what is so.

`python -m tests.engines.audio_output.confined_player VAULT` plays the vault's only call.
"""

import sys
import time
from pathlib import Path

from app.engines.sandbox import confine, seccomp


def main() -> None:
    """Put the sandbox up as the window does, then obey."""
    seccomp.harden()
    confine.confine_front_end("window")
    from app import assembly
    from tests.running import PASSPHRASE

    session = assembly.build(Path(sys.argv[1]), None, is_offline_enforced=True).unlock(PASSPHRASE)
    player = session.player
    (call,) = session.library.calls()
    player.open(call)
    for line in sys.stdin:
        word, *values = line.split()
        if word == "play":
            player.play()
        elif word == "pause":
            player.pause()
        elif word == "seek":
            player.seek(float(values[0]))
        elif word == "wait":  # until it has come so far, or has ended
            while player.is_playing and player.position < float(values[0]):
                time.sleep(0.005)
        problem = player.problem
        said = "" if problem is None else f"{problem.title} {problem.advice}"
        print(f"{player.position:.3f}\t{player.is_playing}\t{_resident()}\t{said}", flush=True)
    session.close()


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


if __name__ == "__main__":
    main()
