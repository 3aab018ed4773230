/* SPDX-License-Identifier: BSD-2-Clause */
/* psci.c - calling the firmware through whichever instruction reaches it. */
#include "board/rt/aarch64.h"
#include "board/rt/rt.h"

#define NOT_SUPPORTED (-1)

int64_t rt_psci(enum rt_conduit conduit, uint32_t function, uint64_t a, uint64_t b, uint64_t c)
{
	int64_t result = NOT_SUPPORTED;

	if (conduit == RT_PSCI_NONE)
		return result;
	/* HVC in EL2 would call ourselves. */
	if (rt_level() > 1)
		conduit = RT_PSCI_SMC;
	if (conduit == RT_PSCI_HVC)
		result = rt_hvc(function, a, b, c);
	if (result == NOT_SUPPORTED)
		result = rt_smc(function, a, b, c);
	if (result == NOT_SUPPORTED && conduit == RT_PSCI_TRY)
		result = rt_hvc(function, a, b, c);
	return result;
}

_Noreturn void rt_power_off(enum rt_conduit conduit)
{
	rt_uart_flush();
	(void)rt_psci(conduit, RT_PSCI_SYSTEM_OFF, 0, 0, 0);
	for (;;)
		rt_wfe();
}
