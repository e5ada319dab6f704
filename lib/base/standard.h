/* standard.h - standard input, output and error where somebody closed them: what is opened next would
 * get their numbers, and what a program prints would go there. */
#ifndef PF_BASE_STANDARD_H
#define PF_BASE_STANDARD_H

/* Opens those that are closed on /dev/null, each the wrong way round (as gnulib's stdopen does), so that
 * reading and writing still fail. They stay. */
void pf_standard_fill(void);

#endif
