/* meter.h - a progress as people read it: one line. */
#ifndef PF_BASE_METER_H
#define PF_BASE_METER_H

#include "pinfold.h"

/* Writes it, without a newline, cut to `size` bytes with the '\0'. Pure. */
void pf_meter_text(char *text, size_t size, const char *name,
                   const struct pinfold_progress *progress);

/* pinfold_progress_stderr for a terminal, and people who did not ask: nothing is shown of what takes
 * no time. */
void pf_meter_auto(void *data, const struct pinfold_progress *progress);

/* On stderr, now, a line of its own: somebody asked. */
void pf_meter_say(const struct pinfold_progress *progress);

#endif
