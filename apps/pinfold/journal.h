/* journal.h - `pinfold journal`. */
#ifndef PINFOLD_JOURNAL_H
#define PINFOLD_JOURNAL_H

int journal_main(int argc, char **argv);

#endif
