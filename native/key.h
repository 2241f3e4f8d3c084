/* What a compiled plan depends on, as text: two keys are equal when the plan is still right. */
#ifndef CTR_KEY_H
#define CTR_KEY_H

#define KEY_SIZE 1024

/* `key` has KEY_SIZE bytes. */
void make_plan_key(char *key, const char *state_dir, const char *run_dir);

#endif
