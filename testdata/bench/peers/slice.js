// The same text, edited by slices.
fromCategory('doc').foreachStream().when({
	$init: () => ({ text: '' }),
	Opened(s, e) { s.text = e.data.text; },
	Edited(s, e) {
		s.text = s.text.slice(0, e.data.at) + e.data.put + s.text.slice(e.data.at + e.data.gone);
	},
})
