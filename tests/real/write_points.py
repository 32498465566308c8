"""Runs calls through the command line with a real model, and writes each point and answer sentence to be read.

    TACIT_REAL=FOLDER python -m tests.real.write_points WORK MODEL [CALL...]

WORK keeps the vaults, so that a call is transcribed once. The points go to `tests/real/readings/MODEL.tsv`; what was
read before of the same call keeps its reading, and the rest has "?" in its place. The transcripts are written to WORK,
numbered as the evidence names them. MODEL is the beginning of a file's name in models/; an embedding model that lies
there is used too.
"""

import os
import re
import sys
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from app.core.evidence.words import sentences_of
from tests.bench.library import EMBEDDING
from tests.real.known_calls import KNOWN, KnownCall
from tests.real.readings_file import Reading, known_truths, read, readings_of, write
from tests.running import Home

_PATIENCE = 1800.0  # seconds for one command
_CITED = re.compile(r"\s*(?:\[([\d, ]+)\]|\(not confirmed\))")
_MARKS = re.compile(r"((?:\s*(?:\[[\d, ]+\]|\(not confirmed\)))+[.!?]?)")  # of one sentence, and a full stop behind


def main(work: Path, name: str, wanted: list[str]) -> int:
    """Write the points of these calls, or of all."""
    real = Path(os.environ.get("TACIT_REAL", "nowhere"))
    (model,) = (real / "models").glob(f"{name}*.gguf")
    path = readings_of(name)
    truths = known_truths()
    kept = [one for one in read(path) if wanted and one.call not in wanted]
    for call in (one for one in KNOWN if not wanted or one.name in wanted):
        found = [one.read_as(truths.get(one.key)) for one in _points(call, real, work, model, name)]
        kept += found
        write(path, kept)
        print(f"{call.name}: {len(found)} points, {sum(one.truth == '?' for one in found)} to be read", flush=True)
    return 0


def _points(call: KnownCall, real: Path, work: Path, model: Path, name: str) -> Iterator[Reading]:
    home = Home(work / call.name)
    home.folder.chmod(0o700)
    home.passphrase.chmod(0o600)
    embedding = real / "models" / EMBEDDING
    for linked in (real / "models" / "whisper-base", model, *([embedding] if embedding.exists() else ())):
        if not (home.models / linked.name).exists():
            (home.models / linked.name).symlink_to(linked)
    for other in home.models.glob("*.gguf"):
        if other.name not in (model.name, EMBEDDING):
            other.unlink()
    noted = home.folder / "id.txt"
    if not noted.exists():
        made = home.run("import", "--no-summary", "--json", str(call.make(real, home.folder)), timeout=_PATIENCE)
        noted.write_text(_first(made.json)["id"])
    key = noted.read_text()
    written = home.run("summarize", key, "--json", timeout=_PATIENCE)
    transcript = home.run("show", key, "--json").json["transcript"]
    language = transcript["language"]
    said = {one["line"]: f"{one['speaker']}: {one['text']}" for one in transcript["utterances"]}
    (work / f"{call.name}.txt").write_text("".join(f"{number}\t{text}\n" for number, text in said.items()))
    if written.status:
        yield Reading(call.name, name, "refused", _last_words(written.err), "no summary", "", "-", "")
    else:
        (work / f"{call.name}-{name}.json").write_text(written.out)
        yield from _of_summary(call.name, name, _first(written.json))
    for question in call.questions:
        reply = home.run("ask", "--in", key, question, timeout=_PATIENCE)
        text = reply.out if not reply.status else reply.err
        yield from _of_answer(call.name, name, question, text, said, language)


def _last_words(err: str) -> str:
    """The last line of what a command wrote to stderr, behind how far it was."""
    return err.strip().splitlines()[-1].rpartition("\r")[2].strip()


def _first(found: Any) -> Any:
    return found[0] if isinstance(found, list) else found


def _of_summary(call: str, model: str, summary: dict[str, Any]) -> Iterator[Reading]:
    yield Reading(call, model, "title", summary["title"], "shown" if summary["title"] else "none", "", "?", "")
    for kind, found in [*summary.items(), *summary.get("sentences", {}).items()]:
        if isinstance(found, list):
            for one in found:
                yield Reading(call, model, kind, _text(one), *_verdict(one), "?", "")


def _text(one: dict[str, Any]) -> str:
    if "task" not in one:
        return " ".join(one["text"].split())
    return " ".join(f"{one['task']} (owner: {one['owner']}; due: {one['due']})".split())


def _verdict(one: dict[str, Any]) -> tuple[str, str]:
    if one.get("against"):
        return "contradicted", _lines(one["against"])
    return ("confirmed" if one["evidence"] else "not found"), _lines(one["evidence"])


def _lines(moments: list[dict[str, Any]]) -> str:
    return ",".join(str(one["line"]) for one in moments)


def _of_answer(
    call: str, model: str, question: str, out: str, said: dict[int, str], language: str
) -> Iterator[Reading]:
    """The sentences of an answer with what was found about each, as the command line shows it."""
    text = out.rpartition("Checked: ")[2]
    cited = {
        number: next((str(line) for line, words in said.items() if row.endswith(" ".join(words.split()))), "")
        for number, row in re.findall(r"^  \[(\d+)\] (.*)$", text, re.MULTILINE)
    }
    text = re.sub(r"^  \[\d+\] .*\n", "", text, flags=re.MULTILINE)
    for sentence, verdict, lines in _sentences(text, language):
        numbers = ",".join(cited.get(n.strip(), "") for n in lines.split(",") if n.strip())
        yield Reading(call, model, f"answer: {question}", sentence, verdict, numbers, "?", "")


def _sentences(text: str, language: str) -> Iterator[tuple[str, str, str]]:
    """Each sentence, what the marks behind it say of it, and the numbers that they cite."""
    for row in text.splitlines():
        pieces = _MARKS.split(row)
        for said, marks in zip_longest(pieces[::2], pieces[1::2], fillvalue=""):
            *unmarked, last = sentences_of(said, language) or [""]
            found = _CITED.search(marks)
            cited = (found[1] or "") if found else ""
            verdict = "unmarked" if not found else "confirmed" if cited else "not found"
            parts = [*((one, "unmarked", "") for one in unmarked), (last + _CITED.sub("", marks), verdict, cited)]
            yield from (
                (" ".join(one.split()), what, lines) for one, what, lines in parts if any(map(str.isalpha, one))
            )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3:]))
