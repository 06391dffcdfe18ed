// A typical cart projection: a handler for each type of event, and items by key. asof,
// Node and Emmett run these handlers; repository.py and bysku.jq are equivalent.
fromAll().foreachStream().when({
	$init: () => ({ customer: null, items: {}, n: 0 }),
	CartOpened(s, e) { s.n++; s.customer = e.data.customer; },
	ItemAdded(s, e) { s.n++; s.items[e.data.sku] = { qty: e.data.qty, price: e.data.price }; },
	ItemQuantityChanged(s, e) {
		s.n++;
		const i = s.items[e.data.sku];
		if (i) i.qty = e.data.qty;
	},
	ItemRemoved(s, e) { s.n++; delete s.items[e.data.sku]; },
})
