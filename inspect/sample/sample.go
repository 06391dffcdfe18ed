// Package sample provides sample answers for the tests of front ends.
package sample

import (
	"errors"
	"iter"
	"time"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

// Parse parses text, which must be valid JSON.
func Parse(text string) state.Value {
	v, err := state.Parse([]byte(text))
	if err != nil {
		panic(err)
	}
	return v
}

// CartBefore and CartAfter are two states of a cart.
const (
	CartBefore = `{"status":"open","customer":"ada","items":[{"sku":"TEA","name":"Green tea","qty":1,"price":4.20},` +
		`{"sku":"PAN","name":"Pan","qty":1,"price":39.00}],"coupon":"SPRING15","address":"12 Elm Street, 0150 Oslo","total":43.20,"seen":9007199254740993}`
	CartAfter = `{"status":"checked out","customer":"ada","items":[{"sku":"TEA","name":"Green tea","qty":3,"price":4.20},` +
		`{"sku":"PAN","name":"Pan","qty":1,"price":39.00},{"sku":"MUG","name":"Mug","price":12.50,"qty":1}],` +
		`"address":"12 Elm Road, 0150 Oslo","total":64.10,"discount":15.00,"seen":9007199254740993,` +
		`"shipping":{"name":"Ada Lovelace","lines":["12 Elm Road","0150 Oslo"],"notes":"Ring twice; leave the parcel with the neighbour if nobody answers, and call.","window":{"from":"2026-03-02T09:00:00Z","to":"2026-03-02T12:00:00Z"}},"tags":[]}`
)

// Diff returns the changes between CartBefore and CartAfter.
func Diff() *inspect.Diffed {
	a, b := Parse(CartBefore), Parse(CartAfter)
	return &inspect.Diffed{
		From: Events()[1].Moment(), To: Events()[3].Moment(), FromFold: "merge", ToFold: "merge",
		A: a, B: b, Changes: state.LabeledDiff(a, b, state.DiffOptions{}), Events: 2,
	}
}

// Noon is the time at which the samples start.
var Noon = time.Date(2026, 3, 1, 12, 0, 5, 123_000_000, time.UTC)

// Events returns the events of one stream. The last one cannot be read.
func Events() []*replay.Event {
	ev := func(v int64, typ, actor, data string) *replay.Event {
		return &replay.Event{
			Stream: "cart-42", Category: "cart", Version: replay.Version(v), Position: replay.Position(1200 + 37*v),
			ID: "3f2a9c1e-0000-4000-8000-00000000000" + string(rune('0'+v%10)), Type: typ, Time: Noon.Add(time.Duration(v) * 95 * time.Second),
			Data: []byte(data), Meta: replay.Meta{Actor: actor, Correlation: "session-7", Raw: []byte(`{"user":{"id":"` + actor + `"},"ip":"192.0.2.7"}`)},
		}
	}
	es := []*replay.Event{
		ev(1, "CartOpened", "ada", `{"customer":"ada","channel":"web"}`),
		ev(2, "ItemAdded", "ada", `{"sku":"TEA","name":"Green tea","qty":1,"price":4.20,"note":null,"gift":false}`),
		ev(9, "ItemQuantityChanged", "", `{"sku":"TEA","qty":3,"options":{"wrap":{"colour":"red","ribbon":true}},"tags":["a","b"],"big":9007199254740993}`),
		ev(10, "CheckedOut", "shop-service", `{"address":"12 Elm Road, 0150 Oslo","lines":[{"sku":"TEA","qty":3},{"sku":"MUG","qty":1},{"sku":"PAN","qty":1}],"email":"ada@example.org","comment":"Please ring twice and leave the parcel with the neighbour if nobody answers"}`),
		ev(11, "注文確定", "山田", `{"名前":"山田太郎","住所":"東京都千代田区丸の内一丁目","flag":"🇳🇴","evil":"\u001b[31mred\u001b[0m \u202egnp.exe"}`),
		ev(12, "Sealed", "ada", ``),
	}
	es[5].Data, es[5].Opaque = nil, "encrypted; no key given"
	es[4].Revision = 2
	return es
}

// Log yields the events with their changes, followed by tail if it is not nil.
func Log(tail error) iter.Seq2[*inspect.Entry, error] {
	return func(yield func(*inspect.Entry, error) bool) {
		d := Diff()
		for i, e := range Events() {
			entry := &inspect.Entry{Moment: e.Moment(), Event: e, Folded: true}
			switch i {
			case 2:
				entry.Changes = d.Changes[:2]
			case 3:
				entry.Changes = d.Changes
			}
			if !yield(entry, nil) {
				return
			}
		}
		if tail != nil {
			yield(nil, tail)
		}
	}
}

// Info returns the information and the summary of a store.
func Info() (replay.Info, replay.Summary) {
	i := replay.Info{
		Path: "shop.db", Dialect: "asof-sqlite", Recognised: "table events with the columns of asof's own layout",
		Access: "immutable: no write-ahead log next to it", Lacks: []string{"revisions"},
	}
	s := replay.Summary{
		Events: 1234567, Streams: 412, Categories: []string{"cart", "order"}, FirstTime: Noon, LastTime: Noon.AddDate(0, 2, 3), Times: "as text, with a zone",
		Types:     []replay.TypeCount{{Type: "ItemAdded", Events: 1200000}, {Type: "CheckedOut", Revision: 2, Events: 34567}},
		Snapshots: 12, LeftOut: []string{"3 archived events", "table emt_projections: it holds no events"},
	}
	return i, s
}

// Streams yields streams. The name of one contains terminal control characters.
func Streams(yield func(replay.Stream, error) bool) {
	for _, s := range []replay.Stream{
		{ID: "cart-42", Category: "cart", Events: 12, First: 1, Last: 12, FirstTime: Noon, LastTime: Noon.Add(time.Hour)},
		{ID: "order-42", Category: "order", Events: 1234, First: 0, Last: 1233, FirstTime: Noon, LastTime: Noon.Add(time.Hour)},
		{ID: "買い物-7", Events: 1, First: 1, Last: 1},
		{ID: "evil\x1b[2J\nstream", Category: "cart", Events: 1, First: 1, Last: 1},
	} {
		if !yield(s, nil) {
			return
		}
	}
}

// Replayed returns a state with unhandled events.
func Replayed() *inspect.Replayed {
	m := Events()[3].Moment().WithVersion(10)
	return &inspect.Replayed{
		Moment: m, Projection: "merge", State: Parse(CartAfter),
		Account: replay.Account{Tally: replay.Tally{Events: 1234, Unhandled: map[string]int64{"Seen": 3, "Opened": 3, "Loaded": 1000}, Unread: 1}},
	}
}

// Shown returns an event that a projection handled, and one that could not be folded.
func Shown() (shown, failed *inspect.Shown) {
	es := Events()
	shown = &inspect.Shown{Moment: es[3].Moment(), Event: es[3], Projection: "folds/cart.js", Handled: true, Changes: Diff().Changes}
	failed = &inspect.Shown{Moment: es[5].Moment(), Event: es[5], Projection: "merge", FoldError: errors.New("payload of cart-42@12 (Sealed): encrypted; no key given")}
	return shown, failed
}

// WhoEvents returns events that each contribute to the state under merge.
func WhoEvents() []replay.Event {
	var all []replay.Event
	for i, e := range Events()[:5] {
		if i > 0 {
			e.Meta.Causation = all[i-1].ID
		}
		all = append(all, *e)
	}
	all[3].Data = []byte(`{"options":null,"address":{"street":"12 Elm Road","city":"Oslo"},"lines":[],"note":"left"}`)
	all[4].Data = []byte(`{"名前":"山田太郎","evil":"\u001b[31mred\u001b[0m \u202egnp.exe","qty":2,"tags":["b"],"address":{"city":"Bergen"}}`)
	return all
}

// AllDiffed returns the changes of several streams.
func AllDiffed() *inspect.AllDiffed {
	return &inspect.AllDiffed{
		From: Events()[0].Moment(), To: Events()[3].Moment(), Streams: 1234, Changed: 3, More: 1,
		Categories: []inspect.CategoryDiff{
			{Category: "cart", Streams: 1000, Changed: 2, New: 1, Events: 9, Added: 4, Replaced: 1200},
			{Streams: 234, Changed: 1, Events: 1, Removed: 1},
		},
		Largest: []inspect.StreamDiff{
			{Stream: "cart-42", Category: "cart", From: 2, To: 9, Events: 7, Added: 3, Replaced: 1200},
			{Stream: "買い物\x1b[2J", New: true, To: 3, Events: 3, Added: 1},
		},
	}
}
