package js

import (
	"context"
	"fmt"
	"testing"

	"asof/replay"
	"asof/replay/state"
)

// cartFold is a projection as people write them: a few properties of an event
// and four or five writes.
const cartFold = `fromCategory('cart').foreachStream().when({
	$init: () => ({items: {}, total: 0, count: 0}),
	ItemAdded(s, e) {
		const i = s.items[e.data.sku] ??= {qty: 0, price: e.data.price};
		i.qty += e.data.qty;
		s.total += e.data.qty * e.data.price;
		s.count++;
		s.last = e.data.sku;
		s.updated = e.created;
	},
	ItemRemoved(s, e) {
		const i = s.items[e.data.sku];
		if (!i) return;
		s.total -= i.qty * i.price;
		s.count--;
		delete s.items[e.data.sku];
		s.updated = e.created;
	},
})`

// cartEvents returns payloads of about 220 bytes for that many items.
func cartEvents(n, items int) []*replay.Event {
	out := make([]*replay.Event, n)
	for i := range out {
		sku := fmt.Sprintf("SKU-%05d", i*7919%items)
		typ := "ItemAdded"
		if i%5 == 4 {
			typ = "ItemRemoved"
		}
		out[i] = ev(i, typ, fmt.Sprintf(`{"sku":%q,"qty":%d,"price":%d.%02d,"currency":"EUR","customer":{"id":"c-%06d","segment":"retail","address":{"city":"Amsterdam","zip":"1012AB"}},"tags":["web","promo"],"note":"added from the product page","session":"8f14e45fceea167a5a36"}`, sku, i%3+1, i%50+1, i*37%100, i%1000))
	}
	return out
}

func BenchmarkScript(b *testing.B) {
	for _, items := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprintf("items=%d", items), func(b *testing.B) {
			s, err := Load("cart.js", cartFold, Limits{})
			if err != nil {
				b.Fatal(err)
			}
			st := state.New()
			if err := s.Init(b.Context(), st); err != nil {
				b.Fatal(err)
			}
			if _, err := st.Commit(false); err != nil {
				b.Fatal(err)
			}
			all := cartEvents(max(items, 1000), items)
			fold := func(e *replay.Event) {
				if _, err := s.Apply(context.Background(), st, e); err != nil {
					b.Fatal(err)
				}
				if _, err := st.Commit(false); err != nil {
					b.Fatal(err)
				}
			}
			var p state.Parser
			for _, e := range all {
				fold(e)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; b.Loop(); i++ {
				e := all[i%len(all)]
				v, err := p.Parse(e.Data)
				if err != nil {
					b.Fatal(err)
				}
				e.SetBody(v)
				fold(e)
			}
		})
	}
}

// BenchmarkQuick folds the cart with package quick and by the engine alone. What
// quick/doc.go says of its gain is from here.
func BenchmarkQuick(b *testing.B) {
	for _, on := range []bool{true, false} {
		b.Run(fmt.Sprintf("quick=%v", on), func(b *testing.B) {
			s, err := Load("cart.js", cartFold, Limits{})
			if err != nil {
				b.Fatal(err)
			}
			if !on {
				s.quick = quickFuncs{}
			}
			st := state.New()
			if err := s.Init(b.Context(), st); err != nil {
				b.Fatal(err)
			}
			all := cartEvents(1000, 1000)
			var p state.Parser
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				e := all[i%len(all)]
				v, err := p.Parse(e.Data)
				if err != nil {
					b.Fatal(err)
				}
				e.SetBody(v)
				if _, err := s.Apply(context.Background(), st, e); err != nil {
					b.Fatal(err)
				}
				if _, err := st.Commit(false); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPredicate(b *testing.B) {
	p, err := CompilePredicate("state.total < 0", "--bad", Limits{})
	if err != nil {
		b.Fatal(err)
	}
	v, err := state.Parse([]byte(`{"items":{},"total":12.5,"count":3}`))
	if err != nil {
		b.Fatal(err)
	}
	e := ev(1, "E", `{}`)
	b.ReportAllocs()
	for b.Loop() {
		if bad, err := p.Test(v, e); err != nil || bad {
			b.Fatal(bad, err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load("cart.js", cartFold, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

// moneyFold computes a cart's total anew at each event, as the demo's projection does.
const moneyFold = `
function line(s, sku) { return s.items.find(i => i.sku === sku); }
function total(s) {
	let sum = Decimal(0);
	for (const i of s.items) sum = sum.plus(Decimal(i.price).times(i.qty));
	s.total = sum.minus(sum.times(s.percent).div(100)).round(2);
}
fromCategory('cart').foreachStream().when({
	$init: () => ({items: [], percent: 0, total: 0}),
	ItemAdded(s, e) {
		const have = line(s, e.data.sku);
		if (have) have.qty = e.data.qty; else s.items.push({sku: e.data.sku, qty: e.data.qty, price: e.data.price});
		total(s);
	},
	ItemRemoved(s, e) { s.items = s.items.filter(i => i.sku !== e.data.sku); total(s); },
})`

// BenchmarkMoney folds a cart of some 16 items with Decimals.
func BenchmarkMoney(b *testing.B) {
	s, err := Load("cart.js", moneyFold, Limits{})
	if err != nil {
		b.Fatal(err)
	}
	st := state.New()
	if err := s.Init(b.Context(), st); err != nil {
		b.Fatal(err)
	}
	all := cartEvents(1000, 20)
	var p state.Parser
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		e := all[i%len(all)]
		v, err := p.Parse(e.Data)
		if err != nil {
			b.Fatal(err)
		}
		e.SetBody(v)
		if _, err := s.Apply(context.Background(), st, e); err != nil {
			b.Fatal(err)
		}
		if _, err := st.Commit(false); err != nil {
			b.Fatal(err)
		}
	}
}
