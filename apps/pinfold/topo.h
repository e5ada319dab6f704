/* topo.h - the command `pinfold topo`. */
#ifndef PINFOLD_TOPO_H
#define PINFOLD_TOPO_H

/* argv[0] is the command's name. Returns the exit status. */
int topo_main(int argc, char **argv);

#endif
