"""Danish."""

from app.core.languages.table import ABBREVIATIONS, LanguageTable, left_out, words

DANISH = LanguageTable(
    code="da",
    stemmer="danish",
    has_number_words=True,
    articles=words("en et"),
    abbreviations=ABBREVIATIONS | words("hr fr bl evt"),
    dots_ordinals=True,
    reporting_words=words(
        "siger sagde fortæller fortalte spørger spurgte tror troede mener mente foreslår foreslog forslag diskuterer "
        "diskuterede nævner nævnte forklarer forklarede understreger påstår tilføjer enig enige håber vil ville "
        "beslutter besluttede beslutning anbefaler taler talte oplyser svarer svarede gruppe hold møde deltagere "
        "person personer nogen også men derfor fordi selvom mens først så til sidst skal skulle må kan kunne andre "
        "mere meget mange nogle kun lave tage give brug ting om efter før disse"
    ),
    title_words=words(
        "opkald telefonopkald telefonsamtale telefon samtale samtaler dialog interview diskussion møde møder "
        "session resumé referat sammenfatning oversigt noter notat udskrift transskription optagelse rapport "
        "indhold punkter emne emner kort titel tekst lyd"
    ),
    negations=words("intet ingen hverken uden nægter nægtede afviser afviste tvivler imod"),
    negation_particles=left_out("ikke aldrig"),
)
