"""French."""

from app.core.languages.table import ABBREVIATIONS, NAME_TITLES, DueWords, LanguageTable, each_behind, left_out, words

FRENCH = LanguageTable(
    code="fr",
    stemmer="french",
    has_number_words=True,
    stop_words=words(
        "a ai as au aux avec avez avons ce cela ces cet cette comment dans de des dit dire du elle elles en est et été "
        "eu il ils je la le les leur lui ma mais me mes moi mon ne nos notre nous on ont ou où par pas pour pourquoi "
        "qu qua quand que quel quelle quelles quels qui quoi sa se ses son sont sur ta te tes toi ton tu un une vos "
        "votre vous y appel appels bonjour bonsoir salut merci oui non au revoir"
    ),
    articles=words("un une"),
    ordinal_endings=("er", "re", "e", "ème"),
    elisions=words("l d j m t s n c qu jusqu lorsqu puisqu"),
    abbreviations=ABBREVIATIONS | words("mme mlle mm pr"),
    reporting_words=words(
        "dit disait disent raconte demande demandé demander pense pensait pensent croit propose proposé proposition "
        "discute discuté discussion mentionne mentionné explique expliqué souligne souligné affirme affirmé ajoute "
        "ajouté accepte accord espère veut voulait conclut conclu décide décidé décision recommande recommandé parle "
        "parlé annonce annoncé répond répondu indique indiqué exprime estime groupe équipe réunion participants "
        "participant personne personnes quelqu'un aussi cependant donc car puisque bien pendant premier ensuite enfin "
        "doit devait devrait peut pourrait autre autres plus beaucoup certains seulement faire fait prendre donner "
        "besoin chose choses concernant après avant cette ces été"
    ),
    title_words=words(
        "appel appels téléphonique téléphone conversation conversations dialogue entretien discussion réunion "
        "réunions séance échange résumé synthèse aperçu notes note procès-verbal compte rendu transcription "
        "enregistrement rapport contenu points sujet sujets bref titre texte locuteur audio"
    ),
    negations=words("rien personne aucun aucune ni sans refuse refusé rejette rejeté nie doute contre impossible non"),
    negation_particles=left_out("ne n pas jamais"),
    task_fillers=words(
        "le la les l un une des du de mon ma mes notre nos votre vos son sa ses leur leurs ce cette ces s'il "
        "vous plaît doit doivent devra faut il elle je nous vous on aussi puis"
    ),
    name_titles=NAME_TITLES | words("m mme mlle monsieur madame mademoiselle maître"),
    due=DueWords(
        leads=("ce", "cette", "en", "courant", "le plus tard"),
        limits=("d'ici au", "d'ici à", "d'ici", "pour", "jusqu'au", "jusqu'à", "au plus tard"),
        before=("avant",),
        day_parts=("matin", "midi", "après-midi", "soir", "au plus tard", "dans la journée"),
        days={
            "aujourd'hui": 0,
            "ce soir": 0,
            "ce matin": 0,
            "cet après-midi": 0,
            "fin de journée": 0,
            "demain": 1,
            "après-demain": 2,
            "après demain": 2,
        },
        spans={
            "cette semaine": "week",
            "semaine": "week",
            "la semaine prochaine": "next week",
            "semaine prochaine": "next week",
            "ce mois": "month",
            "ce mois-ci": "month",
            "le mois prochain": "next month",
            "mois prochain": "next month",
        },
        ends=each_behind(
            ("fin ", "la fin ", "à la fin "),
            {
                "de la semaine": "week",
                "de cette semaine": "week",
                "de semaine": "",
                "du mois": "month",
                "de ce mois": "month",
                "de mois": "month",
                "de la semaine prochaine": "next week",
                "du mois prochain": "next month",
            },
        ),
        replaced={"d'ici": "dans", "sous": "dans", "dans les": "dans", "dans un délai de": "dans"},
        day_of_month=r"le (\d{1,2})(?:er)?",
        clock=r"(?:à |vers |avant )?\d{1,2} ?(?:h|heures)(?: ?\d\d)?",
    ),
)
