"""German."""

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
    date_words=numbered(
        "januar/jänner februar/feber märz april mai juni juli august september oktober november dezember "
        "montag/montags dienstag/dienstags mittwoch/mittwochs donnerstag/donnerstags freitag/freitags "
        "samstag/samstags/sonnabend/sonnabends sonntag/sonntags"
    ),
    capitalizes_nouns=True,
    abbreviations=ABBREVIATIONS | words("hr fr bzw bspw evtl ggf inkl exkl mio mrd dipl ing geb"),
    dots_ordinals=True,
    reporting_words=words(
        "sagte sagten erzählte erzählt fragt fragte fragen denkt dachte denken meint meinte meinen glaubt glaubte "
        "glauben schlägt schlug vorgeschlagen vorschlag besprechen besprach besprachen besprochen besprechung erwähnt "
        "erwähnte erklärt erklärte erklären erläutert betont betonte behauptet behauptete stimmt stimmte zustimmt "
        "einig einigen einigten hofft hoffte will wollte wollten beschließt beschloss beschlossen beschluss "
        "entscheidet entschied entschieden entscheidung empfiehlt empfahl spricht sprach sprechen gesprochen redet "
        "kündigt berichtet berichtete antwortet antwortete äußert äußerte hinweist hinwies wies fand findet gruppe "
        "team treffen teilnehmer beteiligte person personen leute sprecher jemand alle außerdem jedoch deshalb weil "
        "obwohl während zuerst dann schließlich statt stattdessen soll sollte sollten sollen muss musste müssen mag "
        "möchte könnte könnten würde würden wurde wurden worden andere anderen solche mehr viel viele einige nur "
        "machen macht gemacht nehmen nimmt geben gibt braucht brauchen sache dinge bezüglich nachdem bevor diese "
        "dieser dieses"
    ),
    title_words=words(
        "anruf anrufs anrufe telefonat telefonats telefongespräch telefongesprächs telefon gespräch gesprächs "
        "gespräche unterhaltung dialog besprechung sitzung treffen termin interview austausch zusammenfassung "
        "übersicht überblick notizen notiz protokoll niederschrift mitschrift transkript transkription aufnahme "
        "aufzeichnung bericht inhalt punkte thema themen kurz kurze titel text sprecher audio"
    ),
    negations=words(
        "nichts niemand weder noch ohne nirgends lehnt lehnte abgelehnt ablehnt weigert weigerte verweigert "
        "verneint bezweifelt bestreitet unmöglich gegen"
    ),
    negation_particles=left_out("nicht nie niemals")
    | {"kein": "ein", "keine": "eine", "keinen": "einen", "keinem": "einem", "keiner": "einer", "keines": "eines"},
    task_fillers=words(
        "der die das den dem des ein eine einen einem einer mein meine meinen unser unsere unseren dein deine "
        "ihr ihre sein seine diese dieser dieses diesen bitte zu soll sollen sollte muss müssen wird werden auch "
        "dann ich wir du er sie es"
    ),
    name_titles=NAME_TITLES | words("herr herrn frau hr fr"),
    due=DueWords(
        leads=(
            "am",
            "an diesem",
            "diesen",
            "diese",
            "dieses",
            "im laufe",
            "im",
            "in",
            "noch",
            "spätestens am",
            "kommenden",
        ),
        limits=("bis spätestens", "spätestens bis", "bis zum", "bis", "spätestens"),
        before=("vor dem", "vor"),
        day_parts=(
            "früh",
            "vormittag",
            "mittag",
            "nachmittag",
            "abend",
            "morgen",
            "morgens",
            "abends",
            "nacht",
            "mittags",
        ),
        days={"heute": 0, "morgen": 1, "morgen früh": 1, "übermorgen": 2, "zum ende des tages": 0, "ende des tages": 0},
        spans={
            "diese woche": "week",
            "dieser woche": "week",
            "der woche": "week",
            "nächste woche": "next week",
            "nächster woche": "next week",
            "der nächsten woche": "next week",
            "kommende woche": "next week",
            "kommender woche": "next week",
            "diesen monat": "month",
            "diesem monat": "month",
            "nächsten monat": "next month",
            "nächstem monat": "next month",
        },
        ends=each_behind(
            ("ende ", "zum ende "),
            {
                "der woche": "week",
                "dieser woche": "week",
                "nächster woche": "next week",
                "der nächsten woche": "next week",
                "kommender woche": "next week",
                "des monats": "month",
                "dieses monats": "month",
                "des nächsten monats": "next month",
                "nächsten monats": "next month",
            },
        )
        | {"wochenende": "", "monatsende": "month"},
        replaced={"innerhalb von": "in", "innerhalb": "in", "binnen": "in"},
        day_of_month=r"(?:de[mn] )?(\d{1,2})\.",
        clock=r"(?:um |gegen |bis )?\d{1,2}(?:[:.]\d\d)? uhr",
    ),
)
