"""The graphics of a computer by what its system lists."""

from pathlib import Path

from app.services.hardware import graphics

LIST = """# a comment
1002  Advanced Micro Devices, Inc. [AMD/ATI]
\t1681  Rembrandt [Radeon 680M]
8086  Intel Corporation
\t46a6  Alder Lake-P GT2 [Iris Xe Graphics]
\t56a0  DG2 [Arc A770]
\t1681  Not this one [Wrong]
"""


def card(root: Path, name: str, vendor: str, device: str) -> None:
    place = root / "drm" / name / "device"
    place.mkdir(parents=True)
    (place / "vendor").write_text(f"0x{vendor}\n")
    (place / "device").write_text(f"0x{device}\n")


def seen(root: Path) -> str:
    return graphics.of_linux(root / "drm", root / "nvidia", (root / "pci.ids",))


def test_cards_are_called_as_they_are_sold(tmp_path: Path) -> None:
    assert seen(tmp_path) == ""
    card(tmp_path, "card0", "1234", "1111")  # a screen of QEMU
    assert seen(tmp_path) == ""
    card(tmp_path, "card1", "8086", "56a0")
    assert seen(tmp_path) == "Intel", "without the list of names"
    (tmp_path / "pci.ids").write_text(LIST)
    assert seen(tmp_path) == "Intel Arc A770"
    card(tmp_path, "card2", "10de", "2684")
    assert seen(tmp_path) == "Intel Arc A770 and NVIDIA"
    told = tmp_path / "nvidia" / "0000:01:00.0"
    told.mkdir(parents=True)
    (told / "information").write_text("Model: \t\t NVIDIA GeForce RTX 4090\nIRQ: 5\n")
    assert seen(tmp_path) == "NVIDIA GeForce RTX 4090 and Intel Arc A770"
