/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serial.h - what the driver of the serial port does for those who call it.
 *
 *   SERIAL_WRITE  register 0: a number of bytes. Sends that many from the start of the region
 *                 "output"; answers with how many were sent.
 *   SERIAL_READ   answers with a message of as many registers as there are characters, at most
 *                 SERIAL_READ_MAX, one in each. The driver signals when some have come in.
 */
#ifndef SERIAL_H
#define SERIAL_H

#define SERIAL_WRITE    1
#define SERIAL_READ     2
#define SERIAL_READ_MAX 32

#endif
