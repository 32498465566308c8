"""English."""

from app.core.languages.table import LanguageTable, words

ENGLISH = LanguageTable(
    code="en",
    stemmer="english",
    has_number_words=True,
    stop_words=words(
        "a about an and any are at be call calls can could did do does for from had has have how i in is it its "
        "me my of on or say said she he that the their them there they this to up us was we were what when "
        "where which who whom whose why will with would you your "
        # Pleasantries match every call and answer nothing.
        "hello hi hey good morning afternoon evening night bye goodbye please thank thanks okay ok yes no"
    ),
    address_words=words("you your yours yourself we us our let's both"),
    pronouns=words("one"),
    pronoun_after=words("no any some every each this that which another other"),
    pronoun_before=words("of another"),
    ordinal_endings=("st", "nd", "rd", "th"),
    capital_words=words("i i'm i'll i've i'd"),
    folds_accents_first=True,
)
