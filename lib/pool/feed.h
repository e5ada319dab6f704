/* feed.h - giving members what they can take: which job goes first, and how much of it. */
#ifndef PF_POOL_FEED_H
#define PF_POOL_FEED_H

#include "pool/engine.h"

/* One batch for each in turn, until nobody wants more: a short map reaches all workers. Whether
 * anybody got anything. */
bool pf_feed(struct pf_engine *engine);

#endif
