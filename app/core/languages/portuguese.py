"""Portuguese."""

from app.core.languages.table import ABBREVIATIONS, LanguageTable, left_out, words

PORTUGUESE = LanguageTable(
    code="pt",
    stemmer="portuguese",
    has_number_words=True,
    articles=words("um uma"),
    ordinal_endings=("º", "ª", "o", "a"),
    abbreviations=ABBREVIATIONS | words("sr sra dra profa"),
    reporting_words=words(
        "diz dizem disse perguntou pergunta pensa acha acredita propõe propôs proposta sugere sugeriu discute discutiu "
        "discussão menciona mencionou explica explicou afirma afirmou acrescenta aceita acordo espera quer queria "
        "conclui decide decidiu decisão recomenda fala falou anuncia anunciou responde respondeu indica grupo equipe "
        "reunião participantes pessoa pessoas alguém também porém portanto enquanto primeiro depois finalmente deve "
        "deveria pode poderia outro outra outros mais muito muitos alguns apenas fazer feito tomar dar precisa coisa "
        "coisas sobre antes esses essas sido"
    ),
    title_words=words(
        "chamada chamadas ligação telefonema telefônica telefone conversa conversas diálogo entrevista discussão "
        "reunião reuniões sessão resumo síntese notas nota ata transcrição gravação relatório conteúdo pontos tema "
        "temas breve título texto áudio"
    ),
    negations=words("nada ninguém nenhum nenhuma nem sem recusa recusou rejeita nega negou duvida contra impossível"),
    negation_particles=left_out("não nunca jamais"),
)
