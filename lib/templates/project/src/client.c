/*
 * client.c - asks the server for sums, and shows them.
 */
#include <microkit.h>

#define SUMS 0 /* our id of the channel, as in system.toml */

static void ask(seL4_Word a, seL4_Word b)
{
	microkit_mr_set(0, a);
	microkit_mr_set(1, b);
	microkit_ppcall(SUMS, microkit_msginfo_new(0, 2));
	microkit_dbg_puts("client: ");
	microkit_dbg_put32((seL4_Uint32)a);
	microkit_dbg_puts(" + ");
	microkit_dbg_put32((seL4_Uint32)b);
	microkit_dbg_puts(" = ");
	microkit_dbg_put32((seL4_Uint32)microkit_mr_get(0));
	microkit_dbg_puts("\n");
}

/* Once, at the start. */
void init(void)
{
	ask(1, 2);
	ask(20, 22);
	microkit_dbg_puts("client: @NAME@ is running\n");
}

/* Whenever another protection domain or an interrupt signals us. */
void notified(microkit_channel channel)
{
	(void)channel;
}
