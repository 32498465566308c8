"""What graphics this computer has, by the system's own files; nothing of a driver is loaded."""

import platform
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

_CARDS = Path("/sys/class/drm")
_NVIDIA = Path("/proc/driver/nvidia/gpus")
_NAMES = (Path("/usr/share/hwdata/pci.ids"), Path("/usr/share/misc/pci.ids"))
_MAKERS = {"8086": "Intel", "1002": "AMD", "10de": "NVIDIA"}
_LONGEST = 32  # letters of a name


@cache
def built_in() -> str:
    """The name of the graphics, or its maker's; empty where there is none, or none is known."""
    if sys.platform == "darwin":
        return "Apple" if platform.machine() == "arm64" else ""
    if sys.platform == "win32":
        return _of_windows()
    return of_linux()


def of_linux(cards: Path = _CARDS, nvidia: Path = _NVIDIA, names: tuple[Path, ...] = _NAMES) -> str:
    """By the cards that the kernel lists; screens of virtual machines compute nothing, and are passed over."""
    found = dict.fromkeys([*_of_driver(nvidia), *_of_kernel(cards, names)])
    if any(name != "NVIDIA" and name.startswith("NVIDIA") for name in found):
        found.pop("NVIDIA", None)
    return " and ".join(list(found)[:2])


def _of_driver(nvidia: Path) -> Iterator[str]:
    for path in sorted(nvidia.glob("*/information")):
        with suppress(OSError):
            model = re.search(r"^Model:\s*(.+)$", path.read_text(errors="replace"), re.MULTILINE)
            if model:
                yield _short("NVIDIA", model[1].removeprefix("NVIDIA "))


def _of_kernel(cards: Path, names: tuple[Path, ...]) -> Iterator[str]:
    for path in sorted(cards.glob("card*/device")):
        with suppress(OSError):
            vendor, device = ((path / part).read_text().strip().removeprefix("0x") for part in ("vendor", "device"))
            if (maker := _MAKERS.get(vendor)) is not None:
                yield maker if maker == "NVIDIA" else _short(maker, _listed(vendor, device, names))


def _listed(vendor: str, device: str, names: tuple[Path, ...]) -> str:
    """A card's name as the list of PCI devices has it: `DG2 [Arc A770]` is called Arc A770."""
    for path in names:
        with suppress(OSError):
            _, _, after = path.read_text(encoding="utf-8", errors="replace").partition(f"\n{vendor}  ")
            own = re.split(r"\n(?=[^\t#\n])", after, maxsplit=1)[0]
            if found := re.search(rf"^\t{device}  (.+)$", own, re.MULTILINE):
                called = re.search(r"\[([^\]]+)\]", found[1])
                return called[1] if called else ""
    return ""


def _of_windows() -> str:
    """The name of the first display adapter's driver."""
    if sys.platform == "win32":  # pragma: no cover - Windows only
        import winreg

        place = r"SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}\0000"
        with suppress(OSError), winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
            name, _ = winreg.QueryValueEx(key, "DriverDesc")
            return _short("", re.sub(r"\((R|TM)\)", "", str(name)))
    return ""


def _short(maker: str, name: str) -> str:
    plain = " ".join(f"{maker} {name.split(' / ')[0]}".split())
    return plain if len(plain) <= _LONGEST else maker or plain[:_LONGEST]
