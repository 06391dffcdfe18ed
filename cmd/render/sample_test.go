package render

import (
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

func mustParse(t testing.TB, text string) state.Value {
	t.Helper()
	v, err := state.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v in %.80s", err, text)
	}
	return v
}

const (
	cartBefore = `{"status":"open","customer":"ada","items":[{"sku":"TEA","name":"Green tea","qty":1,"price":4.20},` +
		`{"sku":"PAN","name":"Pan","qty":1,"price":39.00}],"coupon":"SPRING15","address":"12 Elm Street, 0150 Oslo","total":43.20,"seen":9007199254740993}`
	cartAfter = `{"status":"checked out","customer":"ada","items":[{"sku":"TEA","name":"Green tea","qty":3,"price":4.20},` +
		`{"sku":"PAN","name":"Pan","qty":1,"price":39.00},{"sku":"MUG","name":"Mug","price":12.50,"qty":1}],` +
		`"address":"12 Elm Road, 0150 Oslo","total":64.10,"discount":15.00,"seen":9007199254740993,` +
		`"shipping":{"name":"Ada Lovelace","lines":["12 Elm Road","0150 Oslo"],"notes":"Ring twice; leave the parcel with the neighbour if nobody answers, and call.","window":{"from":"2026-03-02T09:00:00Z","to":"2026-03-02T12:00:00Z"}},"tags":[]}`
)

func sampleDiff(t testing.TB) *inspect.Diffed {
	a, b := mustParse(t, cartBefore), mustParse(t, cartAfter)
	return &inspect.Diffed{
		From: sampleEvents()[1].Moment(), To: sampleEvents()[3].Moment(), FromFold: "merge", ToFold: "merge",
		A: a, B: b, Changes: state.Diff(a, b, state.DiffOptions{}), Events: 2,
	}
}

var noon = time.Date(2026, 3, 1, 12, 0, 5, 123_000_000, time.UTC)

func sampleEvents() []*replay.Event {
	ev := func(v int64, typ, actor, data string) *replay.Event {
		return &replay.Event{
			Stream: "cart-42", Category: "cart", Version: replay.Version(v), Position: replay.Position(1200 + 37*v),
			ID: "3f2a9c1e-0000-4000-8000-00000000000" + string(rune('0'+v%10)), Type: typ, Time: noon.Add(time.Duration(v) * 95 * time.Second),
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

func sampleLog(t testing.TB, tail error) iter.Seq2[*inspect.Entry, error] {
	return func(yield func(*inspect.Entry, error) bool) {
		d := sampleDiff(t)
		for i, e := range sampleEvents() {
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

func sampleInfo() (replay.Info, replay.Summary) {
	return replay.Info{
			Path: "shop.db", Dialect: "asof-sqlite", Recognised: "table events with the columns of asof's own layout",
			Access: "immutable: no write-ahead log beside it", Lacks: []string{"revisions"}, HasPositions: true, HasTimes: true,
		}, replay.Summary{
			Events: 1234567, Streams: 412, Categories: []string{"cart", "order"}, FirstTime: noon, LastTime: noon.AddDate(0, 2, 3), Times: "as text, with a zone",
			Types:     []replay.TypeCount{{Type: "ItemAdded", Events: 1200000}, {Type: "CheckedOut", Revision: 2, Events: 34567}},
			Snapshots: 12, LeftOut: []string{"3 archived events", "table emt_projections: it holds no events"},
		}
}

func sampleStreams(yield func(replay.Stream, error) bool) {
	for _, s := range []replay.Stream{
		{ID: "cart-42", Category: "cart", Events: 12, First: 1, Last: 12, FirstTime: noon, LastTime: noon.Add(time.Hour)},
		{ID: "order-42", Category: "order", Events: 1234, First: 0, Last: 1233, FirstTime: noon, LastTime: noon.Add(time.Hour)},
		{ID: "買い物-7", Events: 1, First: 1, Last: 1},
		{ID: "evil\x1b[2J\nstream", Category: "cart", Events: 1, First: 1, Last: 1},
	} {
		if !yield(s, nil) {
			return
		}
	}
}

// An answer is one of each kind, as the goldens hold them.
type answer struct {
	name  string
	print func(t testing.TB, p *Printer) error
}

func answers() []answer {
	diff := func(form DiffForm) func(testing.TB, *Printer) error {
		return func(t testing.TB, p *Printer) error { return p.Diffed(sampleDiff(t), form) }
	}
	v := replay.Version(10)
	replayed := func(t testing.TB) *inspect.Replayed {
		m := sampleEvents()[3].Moment()
		m.Version = &v
		return &inspect.Replayed{
			Moment: m, Projection: "merge", State: mustParse(t, cartAfter),
			Account: replay.Account{Tally: replay.Tally{Events: 1234, Unhandled: map[string]int64{"Seen": 3, "Opened": 3, "Loaded": 1000}, Unread: 1}},
		}
	}
	return append(whoAnswers(), []answer{
		{"info", func(_ testing.TB, p *Printer) error { p.Info(sampleInfo()); return nil }},
		{"streams", func(_ testing.TB, p *Printer) error { return p.Streams(sampleStreams) }},
		{"log", func(t testing.TB, p *Printer) error { return p.Log(sampleLog(t, nil), LogOptions{}) }},
		{"log-many", func(t testing.TB, p *Printer) error { return p.Log(sampleLog(t, nil), LogOptions{Many: true}) }},
		{"log-changes", func(t testing.TB, p *Printer) error { return p.Log(sampleLog(t, nil), LogOptions{Changes: true}) }},
		{"show", func(t testing.TB, p *Printer) error {
			e := sampleEvents()[3]
			p.Shown(&inspect.Shown{Moment: e.Moment(), Event: e, Projection: "folds/cart.js", Handled: true, Changes: sampleDiff(t).Changes})
			return nil
		}},
		{"show-failed", func(_ testing.TB, p *Printer) error {
			e := sampleEvents()[5]
			p.Shown(&inspect.Shown{Moment: e.Moment(), Event: e, Projection: "merge", FoldError: errors.New("payload of cart-42@12 (Sealed): encrypted; no key given")})
			return nil
		}},
		{"replay", func(t testing.TB, p *Printer) error { return p.Replayed(replayed(t), "") }},
		{"replay-path", func(t testing.TB, p *Printer) error { return p.Replayed(replayed(t), "/items/1") }},
		{"replay-note", func(t testing.TB, p *Printer) error { p.Note(p.ReplayedNote(replayed(t))); return nil }},
		{"step", func(t testing.TB, p *Printer) error {
			for i, e := range sampleEvents()[:2] {
				if err := p.Step(&replay.Step{Event: e, Root: mustParse(t, cartBefore), Handled: i == 0}, e.Moment()); err != nil {
					return err
				}
			}
			return nil
		}},
		{"diff", diff(DiffChanges)},
		{"diff-stat", diff(DiffStat)},
		{"diff-patch", diff(DiffPatch)},
		{"diff-merge-patch", diff(DiffMergePatch)},
		{"diff-side-by-side", diff(DiffSideBySide)},
		{"diff-none", func(t testing.TB, p *Printer) error {
			d := sampleDiff(t)
			d.From, d.Changes, d.FromFold, d.Events = replay.Moment{Stream: "cart-42", Position: replay.NoPosition}, nil, "old.js", 0
			return p.Diffed(d, DiffChanges)
		}},
		{"changes-hard", func(t testing.TB, p *Printer) error { p.Changes(hardChanges(t)); return nil }},
		{"error", func(_ testing.TB, p *Printer) error {
			p.Error(Failure{
				Verb: "replay shop.db", Err: errors.New("folds/cart.js failed at cart-42@17 (ItemAdded): x is not defined\x1b[2J"), Code: 5,
				Hint: "asof show shop.db cart-42@17 shows the event", Source: "folds/cart.js:3:2\n\tx.total = 1\n\t^",
			})
			return nil
		}},
	}...)
}

// hardChanges are changes that are hard to print well, or safely.
func hardChanges(t testing.TB) []state.Change {
	long := strings.Repeat("All work and no play makes Jack a dull boy. ", 300)
	deepPath := strings.Repeat("/deeper", 10_000)
	deep := strings.Repeat(`{"a":[`, 5_000) + strings.Repeat(`]}`, 5_000)
	huge := "[" + strings.Repeat("12345,", 99_999) + "0]"
	str := state.StringValue
	change := func(path string, from, to state.Value) state.Change {
		c := state.Change{Op: state.OpReplace, Path: path, From: from, To: to}
		if from.IsAbsent() {
			c.Op = state.OpAdd
		} else if to.IsAbsent() {
			c.Op = state.OpRemove
		}
		return c
	}
	none := state.Value{}
	return []state.Change{
		change("", none, mustParse(t, `{"a":1}`)),
		change("/evil\x1b[2J~1\n", str("\x1b]0;title\a"), str("\u202egnp.exe\u200b\u0301")),
		change("/status", str("open"), str("opened")),
		change("/total", state.NumberValue("3"), str("3")),
		change("/gone", state.NullValue(), state.BoolValue(true)),
		change("/text", str(long), str(strings.Replace(long, "play makes Jack", "tea makes Ada", 1))),
		change("/tail", str(long+"one"), str(long+"two")),
		change("/texts", str(long), str(strings.ToUpper(long))),
		change("/lines", str("one\ntwo\tthree\nfour"), str("one\n2\tthree\nfour")),
		change("/long", none, str(long)),
		change("/digits", none, state.NumberValue(strings.Repeat("1234567890", 5000))),
		change("/wide", str("東京都千代田区丸の内一丁目一番地"), str("東京都千代田区丸の内二丁目一番地")),
		change("/emoji", str("👍🏽 ok"), str("👩‍👩‍👧 ok")),
		change("/brackets", str("a [-x-] some common text b"), str("a [-x-] some common text c")),
		change(deepPath, state.NumberValue("1"), state.NumberValue("2")),
		change("/deep", none, mustParse(t, deep)),
		change("/huge", mustParse(t, huge), none),
		change("/kind", mustParse(t, `{"a":[1,2,3],"b":{"c":"a rather long string that does not leave much room"}}`), mustParse(t, `[]`)),
		change("/address", state.NullValue(), mustParse(t, `{"name":"Dmitri Evans","email":"customer-3@example.com","street":"Salamanca Place 73","city":"Hobart"}`)),
		change("/items/0/options/wrapping/ribbon/colour/of/the/second/layer/of/paper", none, str("red with small green dots, as in the picture")),
	}
}
