// A text of some thousand letters that is edited as a list of letters.
fromCategory('doc').foreachStream().when({
	$init: () => ({ text: '' }),
	Opened(s, e) { s.text = e.data.text; },
	Edited(s, e) {
		const letters = Array.from(s.text);
		letters.splice(e.data.at, e.data.gone, ...e.data.put);
		s.text = letters.join('');
	},
})
