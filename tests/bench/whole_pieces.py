"""A language worker that reads a prompt in pieces as large as a fast computer reads, whatever this one is doing."""

import sys

from app.__main__ import main
from app.engines.worker import prompt_memory

prompt_memory._PIECE_SECONDS = float("inf")
prompt_memory._FIRST_PIECE = prompt_memory._LARGEST

if __name__ == "__main__":
    sys.exit(main())
