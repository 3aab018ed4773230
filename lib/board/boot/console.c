/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console.c - which serial port is the console, by a device tree. Only reads the tree.
 */
#include "board/boot/boot.h"

static const struct {
	const char *compatible;
	enum rt_uart_kind kind;
	uint8_t shift, width; /* where the tree does not say; only of a 16550 */
} drivers[] = {
    {"arm,pl011", RT_UART_PL011, 0, 4},
    {"snps,dw-apb-uart", RT_UART_16550, 0, 1},
    {"ns16550a", RT_UART_16550, 0, 1},
    {"ns16550", RT_UART_16550, 0, 1},
    {"brcm,bcm2835-aux-uart", RT_UART_16550, 2, 4},
    {"fsl,imx6q-uart", RT_UART_IMX, 0, 4},
    {"fsl,imx21-uart", RT_UART_IMX, 0, 4},
    {"fsl,imx8qxp-lpuart", RT_UART_LPUART, 0, 4},
    {"fsl,imx7ulp-lpuart", RT_UART_LPUART, 0, 4},
    {"amlogic,meson-gx-uart", RT_UART_MESON, 0, 4},
    {"amlogic,meson-uart", RT_UART_MESON, 0, 4},
    {"cdns,uart-r1p12", RT_UART_CADENCE, 0, 4},
    {"cdns,uart-r1p8", RT_UART_CADENCE, 0, 4},
    {"xlnx,xuartps", RT_UART_CADENCE, 0, 4},
    {"st,stm32h7-uart", RT_UART_STM32, 0, 4},
};

const char *boot_console(const struct fdt *fdt, struct rt_uart *uart)
{
	uint64_t address, size;
	uint32_t node;

	if (fdt_stdout(fdt, &node) != FDT_OK || fdt_reg(fdt, node, 0, &address, &size) != FDT_OK)
		return NULL;
	for (unsigned i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		if (!fdt_compatible(fdt, node, drivers[i].compatible))
			continue;
		uart->kind = drivers[i].kind;
		uart->base = address;
		uart->shift = fdt_cell(fdt, node, "reg-shift", drivers[i].shift) & 3;
		uart->width = fdt_cell(fdt, node, "reg-io-width", drivers[i].width) == 4 ? 4 : 1;
		/* An address between registers would be a fault that nobody could see. */
		if (address % 4 != 0 || address >= BOOT_PHYS_LIMIT)
			return NULL;
		return drivers[i].compatible;
	}
	return NULL;
}
