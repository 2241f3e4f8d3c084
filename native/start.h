/* The sub-commands of clone-helper that begin and end a container. */
#ifndef CTR_START_H
#define CTR_START_H

int start_main(int argc, char **argv);
int restart_main(int argc, char **argv);
int cleanup_main(int argc, char **argv);

#endif
