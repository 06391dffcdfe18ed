// The same projection in Node, of the rows that sqlite3 -json prints, from standard input.
const { initialState, evolve } = require('./handlers.cjs')(process.argv[2]);
const state = initialState();
for (const r of JSON.parse(require('fs').readFileSync(0, 'utf8')))
	evolve(state, { version: r.version, type: r.type, data: JSON.parse(r.data) });
console.log(JSON.stringify(state));
