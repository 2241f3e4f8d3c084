/* The sub-commands of clone-helper that serve a running container, and the small ones. argv[0] is the sub-command. */
#ifndef CTR_COMMANDS_H
#define CTR_COMMANDS_H

int enter_main(int argc, char **argv);
int console_main(int argc, char **argv);
int stop_main(int argc, char **argv);
int lock_main(int argc, char **argv);
int hooks_main(int argc, char **argv);
int key_main(int argc, char **argv);
int hold_main(int argc, char **argv);
int chown_main(int argc, char **argv);
int ns_run_main(int argc, char **argv);
int network_main(int argc, char **argv);
int own_tree_main(int argc, char **argv);
int probe_main(int argc, char **argv);

#endif
