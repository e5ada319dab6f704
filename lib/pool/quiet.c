/* quiet.c - see quiet.h.
 *
 * A frame that is lost is seen by the number of the one behind it (wire/seq.h). The last one has none
 * behind it: then both sides wait, and nobody says anything. So who owes us something and is silent
 * is asked: PING shows what we have said before, and the answer what he has. A worker in a long task
 * answers behind it, and is asked less and less often: that costs nothing, and no time is too long.
 */
#include "pool/quiet.h"

#include "base/clock.h"
#include "pool/say.h"

#define PATIENCE      PF_S
#define PATIENCE_MOST (64 * PF_S)

static bool owes(const struct pf_member *member)
{
    return member->state != PF_GONE && (member->state != PF_SERVING || member->nflight > 0);
}

static void look(struct pf_member *member, int64_t now)
{
    struct pf_quiet *quiet = &member->quiet;

    if (!owes(member)) {
        quiet->since = 0;
    } else if (!quiet->since || quiet->heard != member->heard.last) {
        *quiet = (struct pf_quiet){now, PATIENCE, member->heard.last};
    } else if (now - quiet->since >= quiet->patience) {
        pf_say(member, PF_PING, 0, NULL, 0, NULL);
        quiet->since = now;
        if (quiet->patience < PATIENCE_MOST)
            quiet->patience *= 2;
    }
}

int64_t pf_quiet_look(struct pf_engine *engine)
{
    int64_t now = pf_now(), due = PF_NEVER;

    for (int i = 0; i < engine->nmembers; i++) {
        const struct pf_quiet *quiet = &engine->members[i].quiet;
        look(&engine->members[i], now);
        if (quiet->since && quiet->since + quiet->patience < due)
            due = quiet->since + quiet->patience;
    }
    return due;
}
