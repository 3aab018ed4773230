/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-console.c - which serial port the loader takes for its console, from small device trees made
 * here; and that each driver waits for the right bit and writes to the right place.
 */
#include "board/boot/console.c"
#include "board/rt/uart.c"

#include "tap.h"

/* -- a small tree: /soc with one serial port, which /chosen names by an alias ---------------- */

static uint8_t tree[2048], names[256], blob[4096];
static size_t tree_len, names_len;

static void be32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void cell(uint32_t v)
{
	be32(tree + tree_len, v);
	tree_len += 4;
}

static void text(const char *s)
{
	size_t len = strlen(s) + 1;

	memcpy(tree + tree_len, s, len);
	for (tree_len += len; tree_len % 4; tree_len++)
		tree[tree_len] = 0;
}

static void prop(const char *name, uint32_t len)
{
	cell(3);
	cell(len);
	cell((uint32_t)names_len);
	strcpy((char *)names + names_len, name);
	names_len += strlen(name) + 1;
}

static void prop_text(const char *name, const char *value)
{
	prop(name, (uint32_t)strlen(value) + 1);
	text(value);
}

static void prop_cell(const char *name, uint32_t value)
{
	prop(name, 4);
	cell(value);
}

static void begin(const char *name)
{
	cell(1);
	text(name);
}

static void end(void)
{
	cell(2);
}

struct port_node {
	const char *compatible;
	uint32_t address;    /* on the bus */
	uint32_t bus;        /* what the bus adds */
	int shift, io_width; /* -1: not said */
	const char *out;     /* stdout-path; NULL: none */
};

static struct fdt make_tree(const struct port_node *n)
{
	static const struct fdt none;
	struct fdt fdt = none;
	size_t total;

	tree_len = names_len = 0;
	begin("");
	prop_cell("#address-cells", 1);
	prop_cell("#size-cells", 1);
	begin("chosen");
	if (n->out)
		prop_text("stdout-path", n->out);
	end();
	begin("aliases");
	prop_text("serial1", "/soc/serial");
	end();
	begin("soc");
	prop_cell("#address-cells", 1);
	prop_cell("#size-cells", 1);
	prop("ranges", 12);
	cell(0x1000000);
	cell(0x1000000 + n->bus);
	cell(0xe000000);
	begin("serial");
	prop_text("compatible", n->compatible);
	prop("reg", 8);
	cell(n->address);
	cell(0x1000);
	if (n->shift >= 0)
		prop_cell("reg-shift", (uint32_t)n->shift);
	if (n->io_width >= 0)
		prop_cell("reg-io-width", (uint32_t)n->io_width);
	end();
	end();
	end();
	cell(9);

	total = 56 + tree_len + names_len;
	memset(blob, 0, sizeof(blob));
	be32(blob, FDT_MAGIC);
	be32(blob + 4, (uint32_t)total);
	be32(blob + 8, 56);
	be32(blob + 12, (uint32_t)(56 + tree_len));
	be32(blob + 16, 40);
	be32(blob + 20, 17);
	be32(blob + 24, 16);
	be32(blob + 32, (uint32_t)names_len);
	be32(blob + 36, (uint32_t)tree_len);
	memcpy(blob + 56, tree, tree_len);
	memcpy(blob + 56 + tree_len, names, names_len);
	ok(fdt_open(&fdt, blob, total) == FDT_OK, "a tree with %s", n->compatible);
	return fdt;
}

static void choose(const struct port_node *node, enum rt_uart_kind kind, unsigned shift,
                   unsigned width)
{
	struct fdt fdt = make_tree(node);
	struct rt_uart uart = {RT_UART_NONE, 0, 0, 0};
	const char *name = boot_console(&fdt, &uart);

	is_string(name, node->compatible, "its driver is found");
	ok(uart.kind == kind && uart.base == node->address + node->bus,
	   "of the right kind, at 0x%lx", (unsigned long)uart.base);
	ok(kind != RT_UART_16550 || (uart.shift == shift && uart.width == width),
	   "its registers are 1 << %u apart, %u bytes wide", uart.shift, uart.width);
}

static void refuse(const struct port_node *node, const char *why)
{
	struct fdt fdt = make_tree(node);
	struct rt_uart uart;

	ok(boot_console(&fdt, &uart) == NULL, "no console: %s", why);
}

static void test_choice(void)
{
	static const char *const boards[] = {
	    [RT_UART_PL011] = "arm,pl011",           [RT_UART_IMX] = "fsl,imx6q-uart",
	    [RT_UART_LPUART] = "fsl,imx7ulp-lpuart", [RT_UART_MESON] = "amlogic,meson-gx-uart",
	    [RT_UART_CADENCE] = "cdns,uart-r1p12",   [RT_UART_STM32] = "st,stm32h7-uart",
	};
	struct port_node n = {NULL, 0x9000000, 0, -1, -1, "serial1:115200n8"};

	for (unsigned i = 0; i < sizeof(boards) / sizeof(boards[0]); i++) {
		n.compatible = boards[i];
		if (boards[i])
			choose(&n, (enum rt_uart_kind)i, 0, 0);
	}
	n = (struct port_node){"brcm,bcm2835-aux-uart", 0xe215040, 0xf0000000, -1, -1, "serial1"};
	choose(&n, RT_UART_16550, 2, 4);
	n = (struct port_node){"snps,dw-apb-uart", 0xd1a0000, 0, 2, 4, "/soc/serial"};
	choose(&n, RT_UART_16550, 2, 4);
	n = (struct port_node){"ns16550a", 0x9000000, 0, -1, -1, "/soc/serial"};
	choose(&n, RT_UART_16550, 0, 1);
	n.out = NULL;
	refuse(&n, "none is named");
	n.out = "serial9";
	refuse(&n, "an alias that is none");
	n.out = "/soc/serial";
	n.compatible = "acme,uart";
	refuse(&n, "nobody's port");
	n.compatible = "arm,pl011";
	n.address = 0x9000002;
	refuse(&n, "an address between registers");
}

/* -- the drivers, at registers that are memory ----------------------------------------------- */

static uint32_t registers[64];

static void drive(enum rt_uart_kind kind, unsigned shift, const uint32_t *ready, unsigned data,
                  const char *name)
{
	struct rt_uart uart = {kind, (uintptr_t)registers, shift, 4};

	memset(registers, 0, sizeof(registers));
	for (; ready && *ready; ready += 2)
		registers[ready[0] / 4] = ready[1];
	registers[data / 4] = 0xffffffff;
	rt_uart_use(&uart);
	rt_uart_put('m');
	rt_uart_flush();
	ok(registers[data / 4] == 'm' && port.kind == kind, "%s sends and flushes", name);
}

/* Never ready: given up, and nothing is written. */
static void stuck(enum rt_uart_kind kind, unsigned status, uint32_t busy, unsigned data,
                  const char *name)
{
	struct rt_uart uart = {kind, (uintptr_t)registers, 2, 4};

	memset(registers, 0, sizeof(registers));
	registers[status / 4] = busy;
	rt_uart_use(&uart);
	rt_uart_put('m');
	ok(registers[data / 4] == (data == status ? busy : 0) && port.kind == RT_UART_NONE,
	   "%s that stays full is given up", name);
	rt_uart_put('m');
	rt_uart_flush();
}

static void test_drivers(void)
{
	/* registers and what they hold when the port is ready and idle; the list ends with 0 */
	static const uint32_t lsr[] = {0x14, 0x60, 0}, imx[] = {0x98, 1u << 3, 0},
	                      lpuart[] = {0x14, 3u << 22, 0}, meson[] = {0x0c, 1u << 22, 0},
	                      cadence[] = {0x2c, 1u << 3, 0}, stm32[] = {0x1c, 3u << 6, 0};

	drive(RT_UART_PL011, 0, NULL, 0x00, "PL011");
	drive(RT_UART_16550, 2, lsr, 0x00, "16550 in words");
	drive(RT_UART_IMX, 0, imx, 0x40, "i.MX");
	drive(RT_UART_LPUART, 0, lpuart, 0x1c, "LPUART");
	drive(RT_UART_MESON, 0, meson, 0x00, "Meson");
	drive(RT_UART_CADENCE, 0, cadence, 0x30, "Cadence");
	drive(RT_UART_STM32, 0, stm32, 0x28, "STM32");
	stuck(RT_UART_PL011, 0x18, 1u << 5, 0x00, "PL011");
	stuck(RT_UART_16550, 0x14, 0, 0x00, "16550");
	stuck(RT_UART_IMX, 0xb4, 1u << 4, 0x40, "i.MX");
	stuck(RT_UART_LPUART, 0x14, 0, 0x1c, "LPUART");
	stuck(RT_UART_MESON, 0x0c, 1u << 21, 0x00, "Meson");
	stuck(RT_UART_CADENCE, 0x2c, 1u << 4, 0x30, "Cadence");
	stuck(RT_UART_STM32, 0x1c, 0, 0x28, "STM32");
}

int main(void)
{
	test_choice();
	test_drivers();
	done_testing();
	return 0;
}
