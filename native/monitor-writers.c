/* Who types at a console: one client, the others look on. It is the first who comes, who takes it over, or who types first when
 * nobody does. Its window's size is the console's. */
#include "monitor-clients.h"

struct client *writer_of(int console)
{
	for (struct client *c = clients; c < clients + MAX_CLIENTS; c++)
		if (c->used && c->writes && c->console == console)
			return c;
	return NULL;
}

/* What finds no room is not missed: the next keystroke asks again. */
static void tell_role(const struct client *c)
{
	const struct client *writer = writer_of(c->console);
	uint8_t payload[ROLE_SIZE] = { c->writes };

	if (c->version < 2)
		return;
	put_u32(payload + 1, writer ? writer->pid : 0);
	put_u32(payload + 5, writer ? writer->uid : 0);
	send_frame(c->fd, FRAME_ROLE, payload, sizeof payload);
}

static void tell_others(const struct client *c, int console)
{
	for (const struct client *other = clients; other < clients + MAX_CLIENTS; other++)
		if (other != c && other->used && other->console == console)
			tell_role(other);
}

static void make_writer(struct client *c)
{
	struct client *before = writer_of(c->console);

	if (before)
		before->writes = false;
	c->writes = true;
	c->knows_unread = false;
	console_resize(c->console, c->rows, c->columns, false);
	tell_role(c);
	tell_others(c, c->console);
}

void choose_writer(struct client *c)
{
	bool wants = c->wish == WISH_TAKE || (c->wish == WISH_WRITE && !writer_of(c->console));

	if (wants && !c->writes) {
		make_writer(c);
		return;
	}
	if (c->wish == WISH_WATCH && c->writes) {
		c->writes = false;
		tell_others(c, c->console);
	}
	tell_role(c);
}

bool may_type(struct client *c)
{
	if (c->writes)
		return true;
	if (c->wish != WISH_WATCH && !writer_of(c->console)) {
		make_writer(c);
		return true;
	}
	tell_role(c);
	return false;
}

void forget_writer(struct client *c)
{
	if (!c->writes)
		return;
	c->writes = false;
	tell_others(c, c->console);
}
