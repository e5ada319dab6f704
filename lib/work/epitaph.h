/* epitaph.h - the one line that says that a rank ended with its pool open.
 *
 * A rank that is killed can say nothing itself, and its launcher kills the others in the next
 * moment: each nursery then sees its rank gone. So that one line is printed, and not one for each
 * rank, the first nursery of a node takes a name in the abstract namespace of sockets, which goes
 * away with its process; the others find it taken and are silent.
 */
#ifndef PF_WORK_EPITAPH_H
#define PF_WORK_EPITAPH_H

#include <stdbool.h>

struct pf_epitaph {
    int launcher;   /* the process that all ranks of this job and node were started by */
    char text[400]; /* "": nothing is to be said */
};

/* What is to be said of this process: rank `rank` of `size`. */
void pf_epitaph_write(struct pf_epitaph *epitaph, int rank, int size);

/* Says it on stderr, if nobody of this node did: true. What makes the others silent stays with this
 * process, which should stay for as long as PF_EPITAPH_LINGERS: a launcher takes up to two seconds
 * to kill them. */
bool pf_epitaph_print(const struct pf_epitaph *epitaph);
#define PF_EPITAPH_LINGERS_MS 2500

#endif
