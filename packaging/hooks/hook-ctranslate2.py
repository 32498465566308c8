"""CTranslate2 without what converts models; on Windows it looks for its libraries in its own folder."""

from PyInstaller.utils.hooks import collect_dynamic_libs

binaries = collect_dynamic_libs("ctranslate2")
excludedimports = ["torch", "transformers", "ctranslate2.converters", "ctranslate2.specs", "tensorflow"]
