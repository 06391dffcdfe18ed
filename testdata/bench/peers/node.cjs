// The same projection in Node, with better-sqlite3.
const Database = require('better-sqlite3');
const [, , file, stream, script] = process.argv;
const { initialState, evolve } = require('./handlers.cjs')(script);
const state = initialState();
const rows = new Database(file, { readonly: true })
	.prepare('SELECT version, type, data FROM asof_events WHERE stream = ? ORDER BY version');
for (const r of rows.iterate(stream))
	evolve(state, { version: r.version, type: r.type, data: JSON.parse(r.data) });
console.log(JSON.stringify(state));
