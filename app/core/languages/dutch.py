"""Dutch."""

from app.core.languages.table import ABBREVIATIONS, LanguageTable, left_out, words

DUTCH = LanguageTable(
    code="nl",
    stemmer="dutch",
    has_number_words=True,
    articles=words("een"),
    ordinal_endings=("e", "de", "ste"),
    abbreviations=ABBREVIATIONS | words("dhr mevr mw ir drs bijv evt"),
    reporting_words=words(
        "zegt zei zeiden vertelt vertelde vraagt vroeg denkt dacht gelooft stelt stelde voorstel bespreekt besprak "
        "besproken bespreking noemt noemde legt legde uitgelegd benadrukt beweert voegt eens akkoord hoopt wil wilde "
        "concludeert besluit besloot besloten beslissing beveelt praat sprak gesproken kondigt meldt antwoordt groep "
        "team vergadering deelnemers deelnemer persoon personen iemand ook echter daarom omdat hoewel terwijl eerst "
        "dan daarna tenslotte moet moeten moest zou zouden kan kunnen andere meer veel sommige alleen maken gemaakt "
        "nemen geven nodig ding dingen over voordat deze"
    ),
    title_words=words(
        "gesprek gesprekken telefoongesprek telefoon telefonisch oproep dialoog interview discussie vergadering "
        "bijeenkomst overleg sessie samenvatting overzicht notities notulen verslag transcript transcriptie opname "
        "rapport inhoud punten onderwerp onderwerpen kort titel tekst audio"
    ),
    negations=words("niets niemand noch zonder nergens weigert weigerde ontkent betwijfelt tegen"),
    negation_particles=left_out("niet nooit") | {"geen": "een"},
)
