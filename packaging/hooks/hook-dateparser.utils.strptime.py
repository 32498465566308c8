"""In place of PyInstaller's own, which takes all of dateparser's 200 languages: `hook-dateparser.py` says which."""

hiddenimports = ["_strptime"]
