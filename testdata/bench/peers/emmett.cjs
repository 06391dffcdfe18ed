// The same projection with Emmett's aggregateStream, on a store of Emmett.
const { getSQLiteEventStore } = require('@event-driven-io/emmett-sqlite');
const [, , fileName, stream, script] = process.argv;
const store = getSQLiteEventStore({ fileName, schema: { autoMigration: 'None' } });
store.aggregateStream(stream, require('./handlers.cjs')(script))
	.then(({ state }) => console.log(JSON.stringify(state)));
