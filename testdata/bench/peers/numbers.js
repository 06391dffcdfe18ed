// The same cart with numbers instead of Decimals.
function total(s) {
	let sum = 0;
	for (const i of s.items) sum += i.price * i.qty;
	s.total = Math.round(sum * 100) / 100;
}
fromCategory('cart').foreachStream().when({
	$init: () => ({ items: [], total: 0 }),
	ItemAdded(s, e) {
		const i = s.items.find(x => x.sku === e.data.sku);
		if (i) i.qty += e.data.qty;
		else s.items.push({ sku: e.data.sku, qty: e.data.qty, price: e.data.price });
		total(s);
	},
	ItemQuantityChanged(s, e) {
		const i = s.items.find(x => x.sku === e.data.sku);
		if (i) i.qty = e.data.qty;
		total(s);
	},
	ItemRemoved(s, e) {
		s.items = s.items.filter(x => x.sku !== e.data.sku);
		total(s);
	},
})
