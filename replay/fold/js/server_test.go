package js

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// These tests hold projections to what KurrentDB's server does, case by case.

// folded folds events by a projection, and returns the state and the script.
func folded(t *testing.T, src string, events ...*replay.Event) (string, *Script, error) {
	t.Helper()
	s := mustLoad(t, src)
	got, err := foldAll(s, events)
	return got, s, err
}

func in(stream string, version int, typ, data string) *replay.Event {
	e := ev(version, typ, data)
	e.Stream, e.Category = replay.StreamID(stream), replay.CategoryOf(replay.StreamID(stream))
	return e
}

func TestServerDispatch(t *testing.T) {
	const never = `9223372036854775807`
	for _, test := range []struct {
		name, src string
		events    []*replay.Event
		want      string
	}{
		{"any beside a named handler", `fromAll().when({A(s) { s.a = 1 }, $any(s) { s.any = (s.any ?? 0) + 1 }})`, typed("A", `{}`, "B", `{}`), `{"a":1,"any":1}`},
		{"any before a named handler", `fromAll().when({$any(s) { s.any = 1 }, A(s) { s.a = 1 }})`, typed("A", `{}`, "B", `{}`), `{"a":1}`},
		{"any between", `fromAll().when({A(s) { s.a = 1 }, $any(s) { s.any = 1 }, B(s) { s.b = 1 }})`, typed("C", `{}`, "B", `{}`), `{"b":1}`},
		{"any before init", `fromAll().when({$any(s) { s.any = 1 }, $init: () => ({i: 1})})`, typed("A", `{}`), `{"i":1,"any":1}`},
		{"when of nothing", `fromAll().when({})`, typed("A", `{"x":1}`, "B", `{"y":2}`), `{"y":2}`},
		{"when without an object", `fromAll().when()`, typed("A", `{"x":1}`), `{"x":1}`},
		{"only init", `fromAll().when({$init: () => ({i: 1})})`, typed("A", `{"x":1}`), `{"x":1}`},
		{"only deleted", `fromAll().foreachStream().when({$deleted() {}})`, typed("A", `{"x":1}`), `{"x":1}`},
		{"no function", `fromAll().when({A: 1, B(s) { s.b = 1 }, $any: 'x', $init: null})`, typed("A", `{}`, "B", `{}`), `{"b":1}`},
		{"nothing but no functions", `fromAll().when({A: 1})`, typed("A", `{"x":1}`), `{"x":1}`},
		{"created without handlers", `fromAll().foreachStream().when({$created(s, e) { emit('o', 'T', {n: e.type}) }})`, typed("A", `{"x":1}`), `{"x":1}`},
		{"created twice", `on_event('$created', s => { s.one = 1 }); on_event('$created', s => { s.two = 1 }); fromAll().when({A(s) { s.n = 1 }})`, typed("A", `{}`), `{"one":1,"two":1,"n":1}`},
		{"what deleted returns", `fromAll().foreachStream().when({A(s) { s.n = 1 }, $deleted(s) { s.gone = 1; return {x: 1} }})`, typed("A", `{}`, "$streamDeleted", `{}`), `{"n":1,"gone":1}`},
		{
			"soft delete", `fromAll().foreachStream().when({A(s) { s.n = 1 }, $deleted(s, e, p, soft) { s.gone = [p, soft] }})`,
			[]*replay.Event{in("a-1", 0, "A", `{}`), in("$$a-1", 0, "$metadata", `{"$tb":`+never+`}`)},
			`{"n":1,"gone":["a-1",true]}`,
		},
		{
			"other metadata", `fromAll().foreachStream().when({A(s) { s.n = 1 }, $any(s) { s.any = 1 }, $deleted(s) { s.gone = 1 }})`,
			[]*replay.Event{in("a-1", 0, "A", `{}`), in("$$a-1", 0, "$metadata", `{"$tb":3}`)},
			`{"n":1}`,
		},
		{"any of a tombstone", `fromAll().when({$any(s) { s.n = (s.n ?? 0) + 1 }})`, typed("A", `{}`, "$streamDeleted", `{}`), `{"n":1}`},
		{"deleted is the first", `fromAll().foreachStream().when({$created(s) { s.made = 1 }, A() {}, $deleted(s) { s.gone = 1 }})`, typed("$streamDeleted", `{}`), `{"gone":1}`},
		{"no state", `fromAll().when({$init() {}, A(s, e) { return typeof s }})`, typed("A", `{}`), `"undefined"`},
		{"no state, later", `fromAll().when({$init() {}, A() {}, B(s) { return [typeof s, s] }})`, typed("A", `{}`, "B", `{}`), `["object",null]`},
		{"JSON without data", `fromAll().when({$init: () => ({k: 0}), T(s) { s.k++ }})`, []*replay.Event{in("a-1", 0, "T", `{}`), without(in("a-1", 1, "T", ``), replay.NoPayload)}, `{"k":1}`},
		{"JSON without data, no handlers", `fromAll().when({})`, []*replay.Event{in("a-1", 0, "T", `{"x":1}`), without(in("a-1", 1, "T", ``), replay.NoPayload)}, `{"x":1}`},
		{"not JSON", `fromAll().when({T(s, e) { s.is = [e.isJson, typeof e.body, typeof e.data, e.bodyRaw] }})`, []*replay.Event{said(in("a-1", 0, "T", ``), "so: it")}, `{"is":[false,"undefined","undefined","so: it"]}`},
		{"not JSON, no handlers", `fromAll().when({})`, []*replay.Event{said(in("a-1", 0, "T", ``), "so: it")}, `"so: it"`},
		{"on_event and on_any", `fromAll(); on_event('A', s => { s.a = 1 }); on_any(s => { s.any = 1 })`, typed("A", `{}`, "B", `{}`), `{"a":1,"any":1}`},
		{"calls one by one", `const p = fromAll(); p.when({A(s) { s.a = 1 }}); p.transformBy(s => s)`, typed("A", `{}`), `{"a":1}`},
		{"two selectors", `fromStream('x').when({A(s) { s.a = 1 }}); fromAll().when({B(s) { s.b = 1 }})`, typed("A", `{}`, "B", `{}`), `{"a":1,"b":1}`},
		{"options of nothing", `options(); fromAll().when({A(s) { s.a = 1 }})`, typed("A", `{}`), `{"a":1}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, _, err := folded(t, test.src, test.events...); err != nil || got != test.want {
				t.Errorf("got %s %v\nwant %s", got, err, test.want)
			}
		})
	}
}

func without(e *replay.Event, why string) *replay.Event {
	e.Data, e.Opaque = nil, why
	return e
}

func said(e *replay.Event, text string) *replay.Event {
	e.Text = []byte(text)
	return without(e, "it is not JSON")
}

func TestServerEventFields(t *testing.T) {
	plain := in("cart-1", 0, "A", `{}`)
	plain.Meta.Raw = nil
	plain.Time = time.Date(2023, 4, 5, 12, 34, 56, 0, time.UTC)
	linked := in("cart-1", 0, "A", `{}`)
	linked.Meta.Raw = []byte(`{"m":1}`)
	linked.Link = &replay.Link{Stream: "l", Version: 3, Meta: []byte(`{"x":2}`)}
	for _, test := range []struct {
		src  string
		e    *replay.Event
		want string
	}{
		{`fromAll().when({A(s, e) { return [e.metadata, e.linkMetadata, e.metadataRaw, e.linkMetadataRaw] }})`, plain, `[null,null,null,null]`},
		{`fromAll().when({A(s, e) { return [e.metadata.m, e.linkMetadata.x, e.metadataRaw, e.linkMetadataRaw] }})`, linked, `[1,2,"{\"m\":1}","{\"x\":2}"]`},
		{`fromAll().when({A(s, e) { return e.created }})`, plain, `"2023-04-05T12:34:56.0000000Z"`},
		{`fromAll().when({A(s, e) { return e.category }})`, plain, `null`},
		{`fromCategory('cart').when({A(s, e) { return e.category }})`, plain, `"cart"`},
		{`fromAll().partitionBy(e => 'p' + e.partition).when({A(s, e) { return e.partition }})`, plain, `"p"`},
		{`fromAll().when({A(s, e) { return typeof console }})`, plain, `"undefined"`},
	} {
		if got, _, err := folded(t, test.src, test.e); err != nil || got != test.want {
			t.Errorf("%s\ngot  %s %v\nwant %s", test.src, got, err, test.want)
		}
	}
	if name, ok, err := mustLoad(t, `fromAll().partitionBy(e => 'p' + e.partition).when({})`).Partition(plain); name != "p" || !ok || err != nil {
		t.Errorf("%q %v %v", name, ok, err)
	}
	e := in("$$cart-1", 0, "$metadata", `{"$tb":9223372036854775807}`)
	if name, ok, err := mustLoad(t, `fromAll().foreachStream().when({$deleted() {}})`).Partition(e); name != "cart-1" || !ok || err != nil {
		t.Errorf("deleted: %q %v %v", name, ok, err)
	}
}

// TestServerValues puts values in the state, emits them and gives them as the
// result: it is the same each time.
func TestServerValues(t *testing.T) {
	for value, want := range map[string]string{
		`{at: new Date(0)}`:                                        `{"at":{}}`,
		`{toJSON: () => 5, x: 1}`:                                  `{"toJSON":{},"x":1}`,
		`[undefined, NaN, 1/0, 10n]`:                               `[null,null,null,"10"]`,
		`{u: undefined, n: NaN, f: () => 1, m: new Map([[1, 2]])}`: `{"n":null,"f":{},"m":{}}`,
		`{b: new Uint8Array([1, 2])}`:                              `{"b":{"0":1,"1":2}}`,
		`{b: Uint8Array.from(['1', '2'], Number).length}`:          `{"b":2}`,
		`Object.create({inherited: 1}, {own: {value: 2, enumerable: true}, hidden: {value: 3}})`: `{"own":2}`,
	} {
		src := `fromAll().when({A(s) { const v = ` + value + `; emit('o', 'T', v); return v }}).transformBy(s => (` + value + `))`
		got, s, err := folded(t, src, typed("A", `{}`)...)
		if err != nil || got != want {
			t.Errorf("%s in the state\ngot  %s %v\nwant %s", value, got, err, want)
			continue
		}
		if got := string(s.Effects()[0].Body); got != want {
			t.Errorf("%s emitted\ngot  %s\nwant %s", value, got, want)
		}
		r, err := s.Result(state.New())
		if got := string(state.AppendJSON(nil, r)); err != nil || got != want {
			t.Errorf("%s as the result\ngot  %s %v\nwant %s", value, got, err, want)
		}
	}
	if got, _, err := folded(t, `(s, e) => ({at: new Date(0), f: () => 1})`, typed("A", `{}`)...); err != nil || got != `{"at":"1970-01-01T00:00:00.000Z"}` {
		t.Errorf("a plain fold: %s %v", got, err)
	}
}

func TestBytesAreBounded(t *testing.T) {
	for _, x := range []string{
		`new Uint8Array(1e12)`, `new Uint8Array({length: 1e12})`, `Uint8Array.from({length: 1e12})`, `new (new Uint8Array(1).buffer.constructor)(1e12)`,
		`new (Object.getPrototypeOf(Uint8Array.prototype).constructor)(1e12)`, `Uint8Array(1)`,
		`new Uint8Array({byteLength: 1, length: 2 ** 31})`, `new Uint8Array(2 ** 20 + 1)`, `new Uint8Array(2 ** 20).join('x'.repeat(2 ** 20))`, `new (new Uint8Array(1).map(x => x).constructor)(1e12)`,
	} {
		if got, _, err := folded(t, `fromAll().when({A(s) { return [`+x+`] }})`, typed("A", `{}`)...); err == nil {
			t.Errorf("%s: %s", x, got)
		}
	}
}

// TestClockAtTheTop reads the clock where there is no event yet.
func TestClockAtTheTop(t *testing.T) {
	src := `const start = new Date(); fromAll().when({$any(s, e) { s.start = start.toISOString() }})`
	events := typed("A", `{}`, "B", `{}`)
	events[0].Time = time.Date(2023, 4, 5, 12, 34, 56, 0, time.UTC)
	got, s, err := folded(t, src, events...)
	if err != nil || got != `{"start":"2023-04-05T12:34:56.000Z"}` {
		t.Errorf("%s %v", got, err)
	}
	if w := s.Warnings(); len(w) != 1 || !strings.Contains(w[0], "clock outside of a handler") {
		t.Errorf("%q", w)
	}
	if _, ok := s.Identity(); ok {
		t.Error("its states could be kept")
	}
	events[0].Time = time.Time{}
	if _, _, err := folded(t, src, events[0]); err == nil || !strings.Contains(err.Error(), "the event has no time") {
		t.Error(err)
	}
}

func TestServerRefusesDefinitions(t *testing.T) {
	for src, want := range map[string]string{
		`options({biState: 1}); fromAll().when({})`:                                           "biState must be true or false",
		`options({$includeLinks: 'x'}); fromAll().when({})`:                                   "$includeLinks must be true or false",
		`options({processingLag: '5'}); fromAll().when({})`:                                   "processingLag must be a number",
		`options({resultStreamName: 5}); fromAll().when({})`:                                  "resultStreamName must be a string",
		`options({speed: 1}); fromAll().when({})`:                                             "unknown option speed",
		`options({reorderEvents: true, processingLag: 500}); fromAll().when({})`:              "needs fromStreams",
		`fromStreams('a').when({}); options({reorderEvents: true, processingLag: 500})`:       "several streams",
		`options({reorderEvents: true}); fromStreams('a', 'b').when({})`:                      "processingLag of 50",
		`options({reorderEvents: true, processingLag: 49}); fromStreams(['a', 'b']).when({})`: "processingLag of 50",
		`fromAll().when({}).outputTo(1)`:                                                      "outputTo needs names",
		`fromAll().when({}).outputTo('a', {})`:                                                "outputTo needs names",
		`fromAll().when({}).outputTo()`:                                                       "outputTo needs a stream",
		`fromStream(['a']).when({})`:                                                          "fromStream needs names",
		`fromStream(5).when({})`:                                                              "fromStream needs names",
		`fromStreams('a', 5).when({})`:                                                        "fromStreams needs names",
		`fromStreams().when({})`:                                                              "fromStreams needs a name",
		`emit('a', 'b', {}); fromAll().when({})`:                                              "emit works only in handlers",
		`linkTo('a', {}); fromAll().when({})`:                                                 "linkTo works only in handlers",
		`fromAll().when({}).when({})`:                                                         "when",
		`fromAll().when({A() {}}); on_event('A', () => 1)`:                                    "A has two handlers",
		`on_event('A'); fromAll()`:                                                            "on_event needs a function",
		`fromAll().when({$deleted() {}})`:                                                     "$deleted needs foreachStream",
		`fromAll().foreachStream().when({$initShared() {}, $deleted() {}})`:                   "$deleted cannot be combined",
	} {
		_, err := Load("test.js", src, Limits{})
		var fe *replay.FoldError
		if !errors.As(err, &fe) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot %v\nwant %s", src, err, want)
		}
	}
	for _, src := range []string{
		`options({reorderEvents: true, processingLag: 50}); fromStreams('a', 'b').when({})`,
		`fromCategories(['a', 'b']).foreachStream().when({})`, `fromAll().when({}).outputTo('a', 'b-{0}')`,
	} {
		mustLoad(t, src)
	}
}

func TestServerRefusesEffects(t *testing.T) {
	for call, want := range map[string]string{
		`emit('a', 'T')`:                "emit needs a stream, a type and a body",
		`emit('', 'T', {})`:             "emit needs a stream",
		`emit(5, 'T', {})`:              "emit needs a stream",
		`emit('a', null, {})`:           "emit needs a type",
		`emit('a', 'T', 'x')`:           "emit needs an object as its body",
		`emit('a', 'T', null)`:          "emit needs an object as its body",
		`emit('a', 'T', {}, null)`:      "emit needs an object as its metadata",
		`emit('a', 'T', {}, undefined)`: "emit needs an object as its metadata",
		`linkTo('', e)`:                 "linkTo needs a stream",
		`linkTo('a')`:                   "linkTo needs a stream and an event",
		`linkTo('a', 'x')`:              "linkTo needs an event",
		`linkTo('a', e, null)`:          "linkTo needs an object as its metadata",
		`linkTo('a', {sequenceNumber: '1', streamId: 'b'})`: "a numeric sequenceNumber",
		`linkTo('a', {sequenceNumber: 1})`:                  "and a streamId",
		`linkStreamTo('a', '')`:                             "linkStreamTo needs a linked stream",
		`linkStreamTo('a', 'b', {})`:                        "linkStreamTo needs exactly a stream and the stream to link",
		`console.log('x')`:                                  "console is not defined",
	} {
		_, _, err := folded(t, `fromAll().when({A(s, e) { `+call+` }})`, typed("A", `{}`)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot %v\nwant %s", call, err, want)
		}
	}
	for call, want := range map[string]int{
		`copyTo('a', e)`: 0, `emit('a', 'T', [1])`: 1, `linkTo('a', {sequenceNumber: 1, streamId: 'b'})`: 1, `emit('a', 'T', {}, {}, 5)`: 1,
	} {
		if _, s, err := folded(t, `fromAll().when({A(s, e) { `+call+` }})`, typed("A", `{}`)...); err != nil || len(s.Effects()) != want {
			t.Errorf("%s: %v %v", call, s.Effects(), err)
		}
	}
}

func TestServerWarnings(t *testing.T) {
	for src, want := range map[string]string{
		`fromAll().when({$any() {}, A() {}})`:                                        "$any comes before A",
		`fromAll().when({A(s) { s.at = new Date(0) }})`:                              "a Date was put in the state: it is stored as {}",
		`fromAll().when({A(s) { s.seen = new Set() }})`:                              "a Set was put in the state",
		`fromAll().when({A(s) { s.n = NaN }})`:                                       "NaN was put in the state: it is stored as null",
		`fromAll().when({A(s) { s.f = () => 1 }})`:                                   "a function was put in the state: it is stored as {}",
		`fromAll().when({A: () => null})`:                                            "V1 of KurrentDB calls $init again",
		`fromAll().when({A(s) { s.n = 1 }}).transformBy(s => { s.x = 1; return s })`: "changes the state that it gets",
		`fromAll().when({A(s) { s.n = 1 }}).transformBy(s => ({x: s.n}))`:            "",
		`(s, e) => ({at: new Date(0), n: NaN, f: () => 1})`:                          "",
	} {
		s, st := mustLoad(t, src), state.New()
		if err := s.Init(t.Context(), st); err != nil {
			t.Fatal(err)
		}
		_, err := s.Apply(t.Context(), st, ev(0, "A", `{}`))
		if err == nil {
			_, err = s.Result(st)
		}
		w := strings.Join(s.Warnings(), "; ")
		if err != nil || !strings.Contains(w, want) || (want == "") != (w == "") {
			t.Errorf("%s: %q %v", src, w, err)
		}
	}
}

// TestLikeV2 is what tells the two engines of the server apart.
func TestLikeV2(t *testing.T) {
	for _, test := range []struct{ name, src, want string }{
		{"aliases end with the event", `fromAll().when({A(s) { s.b = s.a = {} }, B(s) { s.a.x = 1 }})`, `{"a":{"x":1},"b":{}}`},
		{"so does NaN", `fromAll().when({A(s) { s.n = NaN }, B(s) { s.is = s.n }})`, `{"n":null,"is":null}`},
		{"and methods", `fromAll().when({A(s) { s.f = () => 1 }, B(s) { s.is = typeof s.f }})`, `{"f":{},"is":"object"}`},
		{"null stays", `fromAll().when({$init: () => ({}), A: () => null, B(s) { return [s] }})`, `[null]`},
	} {
		got, _, err := folded(t, test.src, typed("A", `{}`, "B", `{}`)...)
		if err != nil || got != test.want {
			t.Errorf("%s\ngot  %s %v\nwant %s", test.name, got, err, test.want)
		}
	}
	s := mustLoad(t, `fromAll().when({A(s) { s.n = 1 }}).transformBy(s => { s.shaped = 1; return s })`)
	st := state.New()
	if err := s.Init(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Result(st); err != nil || rootJSON(st) != `{}` {
		t.Errorf("transformBy changes the state: %s %v", rootJSON(st), err)
	}
	if _, err := s.Apply(context.Background(), st, ev(0, "A", `{}`)); err != nil || rootJSON(st) != `{"n":1}` {
		t.Error(rootJSON(st), err)
	}
}
