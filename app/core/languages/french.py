"""French."""

from app.core.languages.table import ABBREVIATIONS, LanguageTable, left_out, words

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
)
