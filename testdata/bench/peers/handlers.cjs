// Loads the handlers of a projection file in KurrentDB's format: the initial state, and
// a step that changes the state in place.
const fs = require('fs');
module.exports = file => {
	let handlers;
	const from = () => ({ foreachStream: () => ({ when: h => { handlers = h; } }) });
	new Function('fromAll', 'fromCategory', fs.readFileSync(file, 'utf8'))(from, from);
	return {
		initialState: handlers.$init,
		evolve(state, event) {
			(handlers[event.type] ?? handlers.$any)?.(state, event);
			return state;
		},
	};
};
