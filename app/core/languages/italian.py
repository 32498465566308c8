"""Italian."""

from app.core.languages.table import ABBREVIATIONS, LanguageTable, left_out, words

ITALIAN = LanguageTable(
    code="it",
    stemmer="italian",
    has_number_words=True,
    articles=words("un uno una"),
    ordinal_endings=("º", "ª", "o", "a"),
    elisions=words("l un d c m t s v n dell nell all dall sull dov com quest quell"),
    abbreviations=ABBREVIATIONS | words("sig sigg dott avv ing"),
    reporting_words=words(
        "dice dicono detto chiede chiesto pensa pensava crede propone proposto proposta suggerisce suggerito discute "
        "discusso discussione menziona spiega spiegato sottolinea afferma aggiunge accetta accordo spera vuole voleva "
        "conclude decide deciso decisione consiglia parla parlato annuncia annunciato risponde risposto indica gruppo "
        "squadra riunione partecipanti persona persone qualcuno anche tuttavia quindi perché mentre prima poi infine "
        "deve dovrebbe può potrebbe altro altra altri più molto molti alcuni solo fare fatto prendere dare serve cosa "
        "cose dopo questi queste stato"
    ),
    title_words=words(
        "chiamata chiamate telefonata telefonica telefono conversazione conversazioni dialogo colloquio intervista "
        "discussione riunione riunioni sessione scambio riassunto sintesi riepilogo panoramica note nota verbale "
        "trascrizione registrazione rapporto contenuto punti tema temi breve titolo testo audio"
    ),
    negations=words("no niente nulla nessuno nessuna né senza rifiuta rifiutato nega dubita contro impossibile"),
    negation_particles=left_out("non mai"),
)
