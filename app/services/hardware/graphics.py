"""The graphics of this computer, read from the system's own files without loading a driver."""

import platform
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

_CARDS = Path("/sys/class/drm")
_NVIDIA = Path("/proc/driver/nvidia/gpus")
_PCI_LISTS = (Path("/usr/share/hwdata/pci.ids"), Path("/usr/share/misc/pci.ids"))
_MAKERS = {"8086": "Intel", "1002": "AMD", "10de": "NVIDIA"}
_LONGEST_NAME = 32  # characters


@cache
def built_in() -> str:
    """The name of the graphics, or else its maker; empty where there are none, or none are known."""
    if sys.platform == "darwin":
        return "Apple" if platform.machine() == "arm64" else ""
    if sys.platform == "win32":
        return _windows_name()
    return of_linux()


def of_linux(cards: Path = _CARDS, nvidia: Path = _NVIDIA, names: tuple[Path, ...] = _PCI_LISTS) -> str:
    """The cards that the kernel lists, at most two; the displays of virtual machines are left out: none computes."""
    found = dict.fromkeys([*_driver_names(nvidia), *_kernel_names(cards, names)])
    if any(name != "NVIDIA" and name.startswith("NVIDIA") for name in found):
        found.pop("NVIDIA", None)
    return " and ".join(list(found)[:2])


def _driver_names(nvidia: Path) -> Iterator[str]:
    for path in sorted(nvidia.glob("*/information")):
        with suppress(OSError):
            model = re.search(r"^Model:\s*(.+)$", path.read_text(errors="replace"), re.MULTILINE)
            if model:
                yield _shortened("NVIDIA", model[1].removeprefix("NVIDIA "))


def _kernel_names(cards: Path, names: tuple[Path, ...]) -> Iterator[str]:
    for path in sorted(cards.glob("card*/device")):
        with suppress(OSError):
            vendor, device = ((path / part).read_text().strip().removeprefix("0x") for part in ("vendor", "device"))
            if (maker := _MAKERS.get(vendor)) is not None:
                yield maker if maker == "NVIDIA" else _shortened(maker, _pci_name(vendor, device, names))


def _pci_name(vendor: str, device: str, names: tuple[Path, ...]) -> str:
    """A card's name in the list of PCI devices: Arc A770 for `DG2 [Arc A770]`."""
    for path in names:
        with suppress(OSError):
            _, _, after = path.read_text(encoding="utf-8", errors="replace").partition(f"\n{vendor}  ")
            own = re.split(r"\n(?=[^\t#\n])", after, maxsplit=1)[0]
            if found := re.search(rf"^\t{device}  (.+)$", own, re.MULTILINE):
                called = re.search(r"\[([^\]]+)\]", found[1])
                return called[1] if called else ""
    return ""


def _windows_name() -> str:
    """The name of the first display adapter's driver."""
    if sys.platform == "win32":  # pragma: no cover - Windows only
        import winreg

        key_path = r"SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}\0000"
        with suppress(OSError), winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key_path) as key:
            name, _ = winreg.QueryValueEx(key, "DriverDesc")
            return _shortened("", re.sub(r"\((R|TM)\)", "", str(name)))
    return ""


def _shortened(maker: str, name: str) -> str:
    plain = " ".join(f"{maker} {name.split(' / ')[0]}".split())
    return plain if len(plain) <= _LONGEST_NAME else maker or plain[:_LONGEST_NAME]
