"""dateparser imports the data of a language by name; of its 200 only those are taken that have words for days."""

from app.core.languages.tables import TABLES

hiddenimports = ["dateparser.data.languages_info"] + [
    f"dateparser.data.date_translation_data.{code}" for code, table in TABLES.items() if table.due is not None
]
