"""French."""

from app.core.languages.table import LanguageTable, words

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
)
