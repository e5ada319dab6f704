/* term.c - see term.h. */
#include "pool/term.h"

#include "pool/say.h"

size_t pf_term_left(const struct pf_engine *engine, const struct pf_member *member)
{
    return engine->term ? engine->term - member->given : SIZE_MAX;
}

static void end(struct pf_engine *engine, struct pf_member *member)
{
    if (!member->port->mortal) {
        member->seat.generation++;
        pf_say_init(engine, member);
        return;
    }
    pf_say_stop(member, 0, "");
    member->state = PF_RETIRING;
}

void pf_term_end(struct pf_engine *engine)
{
    for (int i = 0; i < engine->nmembers; i++) {
        struct pf_member *member = &engine->members[i];
        if (member->state == PF_SERVING && member->nflight == 0 &&
            pf_term_left(engine, member) == 0)
            end(engine, member);
    }
}
