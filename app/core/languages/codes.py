"""The languages that Whisper models were trained on: their codes, and their names in English."""

# The languages of the paper "Robust Speech Recognition via Large-Scale Weak Supervision" (2022), and Cantonese.
_NAMES = """
af Afrikaans, am Amharic, ar Arabic, as Assamese, az Azerbaijani, ba Bashkir, be Belarusian, bg Bulgarian,
bn Bengali, bo Tibetan, br Breton, bs Bosnian, ca Catalan, cs Czech, cy Welsh, da Danish, de German, el Greek,
en English, es Spanish, et Estonian, eu Basque, fa Persian, fi Finnish, fo Faroese, fr French, gl Galician,
gu Gujarati, ha Hausa, haw Hawaiian, he Hebrew, hi Hindi, hr Croatian, ht Haitian Creole, hu Hungarian,
hy Armenian, id Indonesian, is Icelandic, it Italian, ja Japanese, jw Javanese, ka Georgian, kk Kazakh,
km Khmer, kn Kannada, ko Korean, la Latin, lb Luxembourgish, ln Lingala, lo Lao, lt Lithuanian, lv Latvian,
mg Malagasy, mi Maori, mk Macedonian, ml Malayalam, mn Mongolian, mr Marathi, ms Malay, mt Maltese, my Burmese,
ne Nepali, nl Dutch, nn Norwegian Nynorsk, no Norwegian, oc Occitan, pa Punjabi, pl Polish, ps Pashto,
pt Portuguese, ro Romanian, ru Russian, sa Sanskrit, sd Sindhi, si Sinhala, sk Slovak, sl Slovenian, sn Shona,
so Somali, sq Albanian, sr Serbian, su Sundanese, sv Swedish, sw Swahili, ta Tamil, te Telugu, tg Tajik,
th Thai, tk Turkmen, tl Tagalog, tr Turkish, tt Tatar, uk Ukrainian, ur Urdu, uz Uzbek, vi Vietnamese,
yi Yiddish, yo Yoruba, zh Chinese, yue Cantonese
"""
_NAME_BY_CODE = dict(entry.split(maxsplit=1) for entry in _NAMES.split(","))
_CODE_BY_NAME = {name.casefold(): code for code, name in _NAME_BY_CODE.items()}

LANGUAGE_CODES = frozenset(_NAME_BY_CODE)


def language_name(code: str) -> str:
    """`German` for `de`; a code that is not known is its own name."""
    return _NAME_BY_CODE.get(code, code)


def code_of_language(name: str) -> str:
    """`de` for `German`, in whatever case; "" for what is no name of a language."""
    return _CODE_BY_NAME.get(name.casefold(), "")
