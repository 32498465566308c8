"""English."""

from app.core.languages.table import ABBREVIATIONS, LanguageTable, left_out, words

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
    abbreviations=ABBREVIATIONS | words("messrs gen sen rep gov capt sgt lt col hon rev fig vol approx"),
    reporting_words=words(
        "said say says saying told tell ask asked thought think thinks thinking believe believed belief suggest "
        "suggested suggestion propose proposed proposal discuss discussed discussion mention mentioned explain "
        "explained explanation introduce introduced point pointed note noted state stated statement claim claimed "
        "argue argued add added agree agreed agreement disagree disagreed hope hoped want wanted consider considered "
        "conclude concluded conclusion decide decided decision recommend recommended emphasize emphasized stress "
        "stressed highlight highlighted raise raised talk talked speak spoke announce announced report reported "
        "respond responded response reply replied answer answered indicate indicated express expressed feel felt mean "
        "meant inform informed clarify clarified group team meeting conversation participant participants member "
        "members people person speaker speakers everyone someone also however therefore because since although "
        "though while first second finally instead moreover besides furthermore then should must might may shall "
        "other another such more most much many some only even still well make made take taken took give given gave "
        "need needed like thing things regarding concerning during after before into over just been being these those"
    ),
    title_words=words(
        "call calls telephone phone conversation conversations dialogue talk chat meeting meetings session "
        "interview discussion exchange summary summaries overview notes note minutes transcript transcription "
        "recording recap report protocol record key points details main topic topics general brief short untitled "
        "title text content contents speaker speakers audio voice"
    ),
    negations=words(
        "none nothing nobody nowhere neither nor without refuse refused refuses refusal reject rejected "
        "rejects deny denied denies doubt doubted doubts disagree disagreed disagrees decline declined fail "
        "failed fails unable against"
    ),
    negation_particles=left_out("not never")
    | {"no": "some", "cannot": "can", "can't": "can", "won't": "will", "shan't": "shall"},
    negation_endings=("n't",),
)
