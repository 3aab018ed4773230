/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tree.S - the probe kernel's device tree: what a loader and a first program want to know of
 * QEMU's virt board. A flattened tree (Devicetree Specification 0.4, chapter 5) as assembler
 * data; it is assembled big-endian and cut out of the object file as it is.
 */
	.macro	node name
	.long	1
	.asciz	"\name"
	.balign	4
	.endm

	.macro	end_node
	.long	2
	.endm

	.macro	property name, bytes
	.long	3, \bytes, name_\name - strings
	.endm

	.macro	text name, value
	.long	3, 992f - 991f, name_\name - strings
991:	.asciz	"\value"
992:	.balign	4
	.endm

	.macro	cells name, values:vararg
	.long	3, 992f - 991f, name_\name - strings
991:	.long	\values
992:
	.endm

	.section .dtb, "a"
	.balign	8
tree:	.long	0xd00dfeed
	.long	tree_end - tree
	.long	structure - tree
	.long	strings - tree
	.long	reserved - tree
	.long	17
	.long	16
	.long	0
	.long	strings_end - strings
	.long	structure_end - structure

	.balign	8
reserved:
	.quad	0, 0

structure:
	node	""
	text	compatible, "linux,dummy-virt"
	cells	address_cells, 2
	cells	size_cells, 2
	cells	interrupt_parent, 1

	node	"chosen"
	text	stdout_path, "/pl011@9000000"
	end_node

	node	"memory@40000000"
	text	device_type, "memory"
	cells	reg, 0, 0x40000000, 0, 0x40000000
	end_node

	node	"cpus"
	cells	address_cells, 1
	cells	size_cells, 0
	node	"cpu@0"
	text	device_type, "cpu"
	text	compatible, "arm,cortex-a53"
	cells	reg, 0
	text	enable_method, "psci"
	end_node
	end_node

	node	"psci"
	text	compatible, "arm,psci-0.2"
	text	method, "hvc"
	end_node

	node	"intc@8000000"
	text	compatible, "arm,cortex-a15-gic"
	cells	address_cells, 0
	cells	interrupt_cells, 3
	property interrupt_controller, 0
	cells	reg, 0, 0x08000000, 0, 0x10000, 0, 0x08010000, 0, 0x10000
	cells	phandle, 1
	end_node

	node	"timer"
	text	compatible, "arm,armv8-timer"
	cells	interrupts, 1, 13, 0x104, 1, 14, 0x104, 1, 11, 0x104, 1, 10, 0x104
	end_node

	node	"pl011@9000000"
	text	compatible, "arm,pl011"
	cells	reg, 0, 0x09000000, 0, 0x1000
	cells	interrupts, 0, 1, 4
	end_node

	end_node
	.long	9
structure_end:

strings:
name_compatible:	.asciz	"compatible"
name_address_cells:	.asciz	"#address-cells"
name_size_cells:	.asciz	"#size-cells"
name_interrupt_parent:	.asciz	"interrupt-parent"
name_stdout_path:	.asciz	"stdout-path"
name_device_type:	.asciz	"device_type"
name_reg:		.asciz	"reg"
name_enable_method:	.asciz	"enable-method"
name_method:		.asciz	"method"
name_interrupt_cells:	.asciz	"#interrupt-cells"
name_interrupt_controller: .asciz "interrupt-controller"
name_phandle:		.asciz	"phandle"
name_interrupts:	.asciz	"interrupts"
strings_end:
tree_end:
