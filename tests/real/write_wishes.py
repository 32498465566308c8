"""Asks a real model for everyday things in a vault that holds a call, and keeps each reply to be read.

    TACIT_REAL=FOLDER python -m tests.real.write_wishes WORK MODEL

The replies go to `tests/real/wishes/MODEL.json`. What was read of a reply that came out the same keeps its reading, and
the rest has "?" in its place. MODEL is the beginning of a file's name in models/.
"""

import json
import os
import sys
from pathlib import Path

from app.core.resources import demo_call
from tests.running import Home

FOLDER = Path(__file__).parent / "wishes"
_PATIENCE = 1800.0  # seconds for one command


def main(work: Path, name: str) -> int:
    """Write the replies to all wishes."""
    (model,) = (Path(os.environ.get("TACIT_REAL", "nowhere")) / "models").glob(f"{name}*.gguf")
    path = FOLDER / f"{name}.json"
    known = {one["wish"]: one for one in json.loads(path.read_text())} if path.exists() else {}
    home = Home(work)
    home.folder.chmod(0o700)
    home.passphrase.chmod(0o600)
    if not (home.models / model.name).exists():
        home.run("import", "--no-summary", str(demo_call()), timeout=_PATIENCE)
        (home.models / model.name).symlink_to(model)
    found = []
    for wished in json.loads((FOLDER / "wishes.json").read_text()):
        wish = wished["wish"]
        asked = home.run("chat", "--json", standard_input=f"{wish}\n", timeout=_PATIENCE)
        reply = json.loads(asked.out.splitlines()[0])
        before = known.get(wish, {})
        is_same = before.get("reply") == reply["text"]
        reading = before["reading"] if is_same else "?"
        found.append({"wish": wish, "reply": reply["text"], "evidence": reply["evidence"], "reading": reading})
        path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
        print(f"{'as before' if is_same else 'to be read'}: {wish}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2]))
