"""A file in the folder of one's own templates is all that `--template` needs."""

import shutil
from pathlib import Path

from app.core.resources import demo_call
from tests.running import ROOT, Home


def test_a_template_of_ones_own_by_the_command_line(tmp_path: Path) -> None:
    home = Home(tmp_path)
    own = tmp_path / "config" / "tacit" / "templates"
    own.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "fixtures" / "templates" / "visit.toml", own)
    id_ = home.run("import", str(demo_call()), "--no-summary", "--json").json[0]["id"]
    refused = home.run("summarize", id_, "--template", "absent")
    assert refused.status == 1
    assert "There is no summary template of this name. Nothing was changed;" in refused.err
    written = home.run("summarize", id_, "--template", "visit", "--json")
    assert written.status == 0, written.err
    assert list(written.json) == ["title", "findings", "assessment", "plan", "model", "sentences"]
    assert home.run("show", id_, "--json").json["summary"] == written.json
    out = tmp_path / "call.md"
    assert home.run("export", id_, "-f", "md", "-o", str(out)).status == 0
    assert f"\n## Assessment\n{written.json['assessment']}\n" in out.read_text()
    back = home.run("summarize", id_, "--template", "call", "--json")
    assert list(back.json) == ["title", "overview", "key_points", "decisions", "action_items", "model", "sentences"]
