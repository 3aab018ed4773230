/*
 * server.c - adds two numbers for whoever may call it.
 */
#include <microkit.h>

#define SUMS 0 /* our id of the channel, as in system.toml */

void init(void)
{
}

void notified(microkit_channel channel)
{
	(void)channel;
}

/* A call: its words are in the message registers, and so is our answer. */
microkit_msginfo protected(microkit_channel channel, microkit_msginfo message)
{
	if (channel != SUMS || microkit_msginfo_get_count(message) != 2)
		return microkit_msginfo_new(1, 0);
	microkit_mr_set(0, microkit_mr_get(0) + microkit_mr_get(1));
	return microkit_msginfo_new(0, 1);
}
