// page.js - what a page can do besides being read: tables are sorted and filtered, the picture
// shows a box's neighbours, links open what is closed. Without it nothing is missing.
// SPDX-License-Identifier: BSD-2-Clause
'use strict';

// -- sorting ---------------------------------------------------------------------------------

function valueOf(cell) {
  const text = cell.dataset.value || cell.textContent.trim();
  return /^(0x[0-9a-f]+|[0-9]+)$/.test(text) ? BigInt(text) : text;
}

function compare(a, b) {
  if (typeof a !== typeof b) return typeof a === 'bigint' ? -1 : 1;
  if (typeof a === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  return a.localeCompare(b, 'en', { numeric: true });
}

function sortBy(table, head) {
  const down = head.getAttribute('aria-sort') === 'ascending';
  const body = table.tBodies[0];
  const rows = Array.from(body.rows, row => [valueOf(row.cells[head.cellIndex] || row.cells[0]), row]);
  for (const other of head.parentNode.cells) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  rows.sort((x, y) => down ? compare(y[0], x[0]) : compare(x[0], y[0]));
  body.append(...rows.map(pair => pair[1]));
}

for (const table of document.querySelectorAll('table')) {
  if (table.tBodies[0].rows.length < 2) continue;
  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    button.addEventListener('click', () => sortBy(table, head));
    head.replaceChildren(button);
  }
}

// -- filtering -------------------------------------------------------------------------------

// Every word must occur in the row; "holder:NAME" asks for the first cell as a whole.
function matches(row, words) {
  const text = row.textContent.toLowerCase();
  const first = row.cells[0].textContent.trim().toLowerCase();
  return words.every(word => word.startsWith('holder:') ? first === word.slice(7) : text.includes(word));
}

function applyFilter(box) {
  const table = document.getElementById(box.dataset.table);
  const words = box.querySelector('input').value.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = table.tBodies[0].rows;
  let shown = 0;
  for (const row of rows) {
    row.hidden = !matches(row, words);
    shown += !row.hidden;
  }
  box.querySelector('output').textContent = words.length ? shown + ' of ' + rows.length : rows.length + ' in all';
}

function setFilter(box, words) {
  box.hidden = false;
  box.querySelector('input').value = words;
  applyFilter(box);
}

// A table that is seen at a glance needs none.
const ENOUGH = 9;

for (const box of document.querySelectorAll('.filter')) {
  box.hidden = document.getElementById(box.dataset.table).tBodies[0].rows.length < ENOUGH;
  box.querySelector('input').addEventListener('input', () => applyFilter(box));
  applyFilter(box);
}

for (const link of document.querySelectorAll('a.filtered')) {
  link.addEventListener('click', () => {
    setFilter(document.querySelector('#capabilities .filter'), link.dataset.filter);
  });
}

// -- where a link leads ----------------------------------------------------------------------

// "#capabilities=words" goes to a section and filters its table.
function followHash() {
  const hash = location.hash.slice(1);
  const equals = hash.indexOf('=');
  const target = document.getElementById(equals < 0 ? hash : hash.slice(0, equals));
  if (!target) return;
  for (let part = target; part; part = part.parentElement) {
    if (part.tagName === 'DETAILS') part.open = true;
  }
  if (equals < 0) return;
  const box = target.querySelector('.filter');
  let words = hash.slice(equals + 1);
  try { words = decodeURIComponent(words); } catch (error) { /* then as it is written */ }
  if (box) setFilter(box, words);
  target.scrollIntoView();
}
addEventListener('hashchange', followHash);
followHash();

// -- on paper everything is open -------------------------------------------------------------

let closed = [];
addEventListener('beforeprint', () => {
  closed = Array.from(document.querySelectorAll('details:not([open])'));
  for (const part of closed) part.open = true;
});
addEventListener('afterprint', () => {
  for (const part of closed) part.open = false;
});

// -- the picture -----------------------------------------------------------------------------

const picture = document.querySelector('.picture');

function light(box) {
  const near = new Set(box ? [box.dataset.box] : []);
  for (const line of picture.querySelectorAll('[data-ends]')) {
    const ends = line.dataset.ends.split(' ');
    const on = box && ends.includes(box.dataset.box);
    line.classList.toggle('on', Boolean(on));
    if (on) ends.forEach(end => near.add(end));
  }
  for (const other of picture.querySelectorAll('[data-box]')) {
    other.classList.toggle('on', near.has(other.dataset.box));
  }
  picture.classList.toggle('lit', Boolean(box));
}

if (picture) {
  const over = event => light(event.target.closest('[data-box]'));
  picture.addEventListener('pointerover', over);
  picture.addEventListener('pointerleave', () => light(null));
  picture.addEventListener('focusin', over);
  picture.addEventListener('focusout', () => light(null));
}
