// The same projection in Node, over better-sqlite3.
const fs = require('fs');
const Database = require('better-sqlite3');
const [, , file, stream, script] = process.argv;
let handlers;
const when = h => { handlers = h; };
new Function('fromCategory', fs.readFileSync(script, 'utf8'))(() => ({ foreachStream: () => ({ when }) }));
const state = handlers.$init();
const rows = new Database(file, { readonly: true })
	.prepare('SELECT version, type, data FROM asof_events WHERE stream = ? ORDER BY version');
for (const r of rows.iterate(stream))
	handlers.$any(state, { version: r.version, type: r.type, data: JSON.parse(r.data) });
console.log(JSON.stringify(state));
