// page.js - a page.
// SPDX-License-Identifier: BSD-2-Clause
