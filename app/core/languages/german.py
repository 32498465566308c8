"""German."""

from app.core.languages.table import LanguageTable, words

GERMAN = LanguageTable(
    code="de",
    stemmer="german",
    has_number_words=True,
    stop_words=words(
        "aber als am an auch auf aus bei bin bis da dann das dass dein dem den denn der des die dir du ein eine einem "
        "einen einer es euch euer für gab gesagt gibt hab habe haben hast hat hatte hatten ich ihm ihn ihnen ihr ihre "
        "im in ist ja kann können man mein mich mir mit nach nein nicht noch ob oder sagen sagt sagte schon sein sich "
        "sie sind über um und uns unser von vom vor war waren warum was weil welche welcher welches wem wen wer wessen "
        "werden wie wir wird wo wofür wollen worüber wozu zu zum zur anruf anrufe gespräch gespräche "
        "hallo guten tag morgen abend tschüss bitte danke okay ok"
    ),
    articles=words("ein"),
    capitalizes_nouns=True,
)
