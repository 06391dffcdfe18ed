// A typical cart projection: it finds items in an array and changes the state in place.
// asof and Node run the same handlers.
fromCategory('cart').foreachStream().when({
	$init: () => ({ items: [], n: 0 }),
	$any(s, e) {
		s.n++;
		const i = s.items.find(x => x.sku === e.data.sku);
		if (i) { i.qty = e.data.qty; i.price = e.data.price; }
		else s.items.push({ sku: e.data.sku, qty: e.data.qty, price: e.data.price });
	},
})
