"""English."""

from app.core.languages.table import (
    ABBREVIATIONS,
    NAME_TITLES,
    DueWords,
    LanguageTable,
    each_behind,
    left_out,
    numbered,
    words,
)

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
    date_words=numbered(
        "january february march april may june july august september october november december "
        "monday tuesday wednesday thursday friday saturday sunday"
    ),
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
    task_fillers=words(
        "a an the my our your his her its their this that these those please to will should must shall need "
        "needs needed going make sure also then i we you he she they has have"
    ),
    name_titles=NAME_TITLES | words("miss"),
    due=DueWords(
        leads=("on", "due on", "this coming", "this", "in", "during", "later", "sometime", "latest", "at the latest"),
        limits=(
            "by",
            "until",
            "till",
            "no later than",
            "not later than",
            "due by",
            "due",
            "at the latest by",
            "within",
        ),
        before=("before",),
        day_parts=(
            "morning",
            "afternoon",
            "evening",
            "night",
            "noon",
            "midday",
            "at noon",
            "at night",
            "in the morning",
            "in the afternoon",
            "in the evening",
            "at the latest",
            "early",
            "first thing",
        ),
        days={
            "today": 0,
            "tonight": 0,
            "end of day": 0,
            "the end of the day": 0,
            "the end of day": 0,
            "eod": 0,
            "close of business": 0,
            "cob": 0,
            "this morning": 0,
            "this afternoon": 0,
            "this evening": 0,
            "tomorrow": 1,
            "the end of tomorrow": 1,
            "day after tomorrow": 2,
            "the day after tomorrow": 2,
        },
        spans={
            "this week": "week",
            "the week": "week",
            "next week": "next week",
            "this month": "month",
            "next month": "next month",
        },
        ends=each_behind(
            ("end of ", "the end of "),
            {
                "the week": "week",
                "this week": "week",
                "week": "week",
                "next week": "next week",
                "the month": "month",
                "this month": "month",
                "month": "month",
                "next month": "next month",
            },
        ),
        replaced={"within the next": "in", "in the next": "in", "within": "in"},
        day_of_month=r"(?:the )?(\d{1,2})(?:st|nd|rd|th)(?: of (?:the|this) month)?",
        clock=(
            r"(?:at |by |around )?\d{1,2}(?::\d\d)? ?(?:am|pm|a\.m\.|p\.m\.|o'clock)"
            r"|(?:at |by |around )\d{1,2}(?::\d\d)?"
        ),
    ),
)
