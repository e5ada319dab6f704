/* keep.c - see keep.h. */
#include "pool/keep.h"

#include <string.h>

#include "record/journal.h"

int pf_keep_open(struct pf_engine *engine, const struct pinfold_options *options,
                 struct pinfold_error *err)
{
    bool digests = strcmp(options->journal_results, "digest") == 0;

    if (!options->journal)
        return 0;
    return pf_journal_open(&engine->journal, options->journal, digests ? PF_JOURNAL_DIGESTS : 0,
                           err);
}

static void warn(const struct pf_engine *engine, const struct pinfold_error *why)
{
    pf_log(&engine->log, PF_WARNING, "%s; the work goes on without it", why->text);
}

void pf_keep_look(struct pf_engine *engine)
{
    const struct pinfold_error *news;

    if (!engine->journal)
        return;
    pf_journal_tick(engine->journal);
    news = pf_journal_news(engine->journal);
    if (news)
        warn(engine, news);
}

int pf_keep_close(struct pf_engine *engine)
{
    struct pinfold_error why = PINFOLD_ERROR_INIT;
    bool said;
    int code;

    if (!engine->journal)
        return 0;
    pf_keep_look(engine);
    said = pf_journal_failure(engine->journal)->code != 0;
    code = pf_journal_close(engine->journal, &why);
    engine->journal = NULL;
    if (code && !said)
        warn(engine, &why);
    return code;
}
