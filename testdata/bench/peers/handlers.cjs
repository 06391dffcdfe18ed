// The handlers of a projection file, which declares them as KurrentDB does: the
// state to begin with, and the step that changes a state in place.
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
