package js

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"asof/replay"
	"asof/replay/state"
)

// typed makes a history from pairs of a type and a payload.
func typed(pairs ...string) []*replay.Event {
	var out []*replay.Event
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, ev(i/2, pairs[i], pairs[i+1]))
	}
	return out
}

func TestProjection(t *testing.T) {
	for _, test := range []struct {
		name, src string
		events    []*replay.Event
		want      string // the state
		result    string // empty: as the state
	}{
		{"no init", `fromAll().when({A(s, e) { s.n = 1 }})`, typed("A", `{}`), `{"n":1}`, ""},
		{"init returns nothing", `fromAll().when({$init() {}, A(s, e) { return {was: typeof s} }})`, typed("A", `{}`), `{"was":"undefined"}`, ""},
		{"exact type first", `fromAll().when({A(s) { s.a = 1 }, $any(s, e) { s[e.eventType] = 2 }})`, typed("A", `{}`, "B", `{}`), `{"a":1,"B":2}`, ""},
		{"no handler", `fromAll().when({A(s) { s.a = 1 }})`, typed("B", `{}`), `{}`, ""},
		{"null is the state", `fromAll().when({A: () => null, B: (s, e) => ({was: s})})`, typed("A", `{}`, "B", `{}`), `{"was":null}`, ""},
		{"no when", `fromStream('cart-42').outputState()`, typed("A", `{"x":1}`, "B", `{"y":[2]}`), `{"y":[2]}`, ""},
		{"transformBy", `fromAll().when({A(s) { s.n = 1 }}).transformBy(s => { s.n++; s.shaped = true; return s })`, typed("A", `{}`), `{"n":1}`, `{"n":2,"shaped":true}`},
		{"transformBy script object", `fromAll().when({A(s) { s.l = [1, 2] }}).transformBy(s => ({sum: s.l.reduce((a, b) => a + b), last: s.l}))`, typed("A", `{}`), `{"l":[1,2]}`, `{"sum":3,"last":[1,2]}`},
		{"filterBy", `fromAll().when({A(s) { s.n = 1 }}).filterBy(s => s.n === 1).transformBy(s => s.n)`, typed("A", `{}`), `{"n":1}`, `1`},
		{"filterBy needs true", `fromAll().when({A(s) { s.n = 1 }}).filterBy(s => 1)`, typed("A", `{}`), `{"n":1}`, `null`},
		{"filtered out stays so", `fromAll().when({A(s) { s.n = 1 }}).filterBy(s => false).transformBy(s => 5)`, typed("A", `{}`), `{"n":1}`, `null`},
		{"transformBy undefined", `fromAll().when({A(s) { s.n = 1 }}).transformBy(s => {}).transformBy(s => 5)`, typed("A", `{}`), `{"n":1}`, `null`},
		{"long chain", `fromAll().when({A(s) { s.n = 1 }}).$defines_state_transform()`, typed("A", `{}`), ``, ``},
		{"outputTo", `fromAll().when({A(s) { s.n = 1 }}).outputState().transformBy(s => s).outputTo('x', 'x-{0}')`, typed("A", `{}`), `{"n":1}`, ``},
		{"created", `fromAll().foreachStream().when({$created(s, e) { s.by = e.type; return {x: 1} }, A(s) { s.n = (s.n ?? 0) + 1 }})`, typed("A", `{}`, "A", `{}`), `{"by":"A","n":2}`, ""},
		{"deleted", `fromCategory('cart').foreachStream().when({A(s) { s.n = 1 }, $deleted(s, e, p, soft) { s.gone = [e, p, soft] }})`, typed("A", `{}`, "$streamDeleted", `{}`), `{"n":1,"gone":[null,"cart-42",false]}`, ""},
		{"shared", `options({biState: true}); fromAll().when({$init: () => ({n: 0}), $initShared: () => ({all: 0}), A([s, shared]) { s.n++; shared.all += 2 }})`, typed("A", `{}`, "A", `{}`), `[{"n":2},{"all":4}]`, ""},
		{"shared returned", `fromAll().when({$initShared: () => ({all: 0}), A([s, shared]) { return [{...s, x: 1}, {all: shared.all + 1}] }})`, typed("A", `{}`, "A", `{}`), `[{"x":1},{"all":2}]`, ""},
		{"partition name", `fromAll().partitionBy(e => e.data.c).when({A(s, e) { s.p = e.partition }})`, typed("A", `{"c":"eu"}`), `{"p":"eu"}`, ""},
		{"partition of stream", `fromAll().foreachStream().when({A(s, e) { s.p = e.partition }})`, typed("A", `{}`), `{"p":"cart-42"}`, ""},
		{"options", `options({$INCLUDELINKS: true, ReorderEvents: false, processinglag: 500, resultStreamName: 'x'}); fromAll().when({A(s) { s.n = 1 }})`, typed("A", `{}`), `{"n":1}`, ""},
		{"global helper", "function add(s, n) { s.n = (s.n || 0) + n }\nvar two = 2;\nfromStream('x').when({A: function (s, e) { add(s, two) }})", typed("A", `{}`), `{"n":2}`, ""},
		{"plain function", `function fold(s, e) { s.n++ } function init() { return {n: 5} }`, typed("A", `{}`), `{"n":6}`, ""},
		{"sloppy", `fromAll().when({A(s) { x = 1; s.n = x }})`, typed("A", `{}`), `{"n":1}`, ""},
		{"array property", `fromAll().when({A(s) { s.l = s.l || []; s.l.name = 1; s.l.push(1) }})`, typed("A", `{}`, "A", `{}`), `{"l":[1,1]}`, ""},
		{"prototypes stay", `fromAll().when({A(s) { s.seen = typeof s.leak; Object.prototype.leak = 1 }})`, typed("A", `{}`, "A", `{}`), `{"seen":"undefined"}`, ""},
		{"polyfill", `Array.prototype.last = function () { return this[this.length - 1] }; fromAll().when({A(s) { s.l ??= [1, 2]; s.x = s.l.last() }})`, typed("A", `{}`, "A", `{}`), `{"l":[1,2],"x":2}`, ""},
		{"for in", `fromAll().when({A(s) { s.l ??= [5, 6]; s.k = []; for (const i in s.l) s.k.push(i) }})`, typed("A", `{}`, "A", `{}`), `{"l":[5,6],"k":["0","1"]}`, ""},
		{"last event's state", `fromAll().when({$any(s, e) { s.last = e.body; s.event = {t: e.eventType} }})`, typed("A", `{"x":1}`, "B", `{"y":1}`), `{"last":{"y":1},"event":{"t":"B"}}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := mustLoad(t, test.src)
			if test.want == "" {
				return
			}
			st := state.New()
			if err := s.Init(t.Context(), st); err != nil {
				t.Fatal(err)
			}
			for _, e := range test.events {
				if _, err := s.Apply(context.Background(), st, e); err != nil {
					t.Fatal(err)
				}
				if _, err := st.Commit(true); err != nil {
					t.Fatal(err)
				}
			}
			if got := rootJSON(st); got != test.want {
				t.Errorf("state\ngot  %s\nwant %s", got, test.want)
			}
			r, err := s.Result(st)
			if err != nil {
				t.Fatal(err)
			}
			if test.result == "" {
				test.result = test.want
			}
			if got := string(state.AppendJSON(nil, r)); got != test.result {
				t.Errorf("result\ngot  %s\nwant %s", got, test.result)
			}
			if got := rootJSON(st); got != test.want {
				t.Errorf("Result changed the state to %s", got)
			}
		})
	}
}

func TestHandled(t *testing.T) {
	s := mustLoad(t, `fromAll().when({A(s) {}})`)
	st := state.New()
	if err := s.Init(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	for typ, want := range map[string]bool{"A": true, "B": false, "$init": false, "toString": false} {
		got, err := s.Apply(context.Background(), st, ev(0, typ, `{}`))
		if err != nil || got != want {
			t.Errorf("%s: %v %v", typ, got, err)
		}
	}
}

func TestSelection(t *testing.T) {
	for _, test := range []struct {
		src  string
		want replay.Selection
	}{
		{`fromAll().when({$any() {}})`, replay.Selection{All: true}},
		{`fromAll().when({B() {}, A() {}, $init() {}})`, replay.Selection{All: true, Types: []string{"A", "B"}}},
		{`fromAll().outputState()`, replay.Selection{All: true}},
		{`fromCategory('cart').foreachStream().when({A() {}})`, replay.Selection{Categories: []string{"cart"}, Types: []string{"A"}, Partitions: true}},
		{`fromCategories('a', 'b').when({$any() {}})`, replay.Selection{Categories: []string{"a", "b"}}},
		{`fromCategories(['a', 'b']).when({$any() {}})`, replay.Selection{Categories: []string{"a", "b"}}},
		{`fromStream('s').when({$any() {}})`, replay.Selection{Streams: []replay.StreamID{"s"}}},
		{`fromStreams(['s', 't']).when({$any() {}})`, replay.Selection{Streams: []replay.StreamID{"s", "t"}}},
		{`fromStreams('s', 't').partitionBy(e => 1).when({$any() {}})`, replay.Selection{Streams: []replay.StreamID{"s", "t"}, Partitions: true}},
		{`fromStream('$ce-cart').when({$any() {}})`, replay.Selection{Categories: []string{"cart"}}},
		{`fromStream('$et-Paid').when({$any() {}})`, replay.Selection{OfTypes: []string{"Paid"}}},
		{`fromStream('$et-Paid').when({Paid() {}, Other() {}})`, replay.Selection{OfTypes: []string{"Paid"}, Types: []string{"Other", "Paid"}}},
		{`fromStream('$bc-7').when({$any() {}})`, replay.Selection{Correlations: []string{"7"}}},
		{`fromStream('s', 't').when({$any() {}})`, replay.Selection{Streams: []replay.StreamID{"s"}}},
		{`fromStreams(['s', '$ce-c', '$et-T', '$bc-1']).when({$any() {}})`, replay.Selection{
			Streams: []replay.StreamID{"s"}, Categories: []string{"c"}, OfTypes: []string{"T"}, Correlations: []string{"1"},
		}},
		{`fromCategory('a'); fromStream('s').when({})`, replay.Selection{Streams: []replay.StreamID{"s"}}},
		{`options({$includeLinks: true}); fromAll().when({})`, replay.Selection{All: true, Links: true}},
		{`fromStream('$all').when({$any() {}})`, replay.Selection{All: true}},
		{`fromAll().foreachStream().when({A() {}, $deleted() {}})`, replay.Selection{All: true, Types: []string{"A"}, Deletions: true, Partitions: true}},
		{`(s, e) => s`, replay.Selection{All: true}},
	} {
		test.want.Server = !strings.HasPrefix(test.src, "(")
		if diff := cmp.Diff(test.want, mustLoad(t, test.src).Selection()); diff != "" {
			t.Errorf("%s\n%s", test.src, diff)
		}
	}
}

func TestPartition(t *testing.T) {
	e := ev(0, "A", `{"s":"eu","n":7,"f":1.5,"big":9007199254740993,"o":{},"z":null,"b":true}`)
	for _, test := range []struct {
		f, want string
		ok      bool
	}{
		{`e.data.s`, "eu", true},
		{`e.data.n`, "7", true},
		{`e.data.f`, "1.5", true},
		{`e.data.big`, "9007199254740993", true},
		{`''`, "", true},
		{`e.data.o`, "", false},
		{`e.data.z`, "", false},
		{`e.data.b`, "", false},
		{`e.data.none`, "", false},
	} {
		s := mustLoad(t, `fromAll().partitionBy(e => `+test.f+`).when({$any() {}})`)
		got, ok, err := s.Partition(e)
		if got != test.want || ok != test.ok || err != nil {
			t.Errorf("%s: %q %v %v", test.f, got, ok, err)
		}
	}
	if got, ok, err := mustLoad(t, `fromAll().foreachStream().when({})`).Partition(e); got != "cart-42" || !ok || err != nil {
		t.Errorf("foreachStream: %q %v %v", got, ok, err)
	}
	if got, ok, err := mustLoad(t, `fromAll().when({})`).Partition(e); got != "" || !ok || err != nil {
		t.Errorf("none: %q %v %v", got, ok, err)
	}
	var fe *replay.FoldError
	if _, _, err := mustLoad(t, `fromAll().partitionBy(e => e.x.y).when({})`).Partition(e); !errors.As(err, &fe) || fe.At.EventType != "A" {
		t.Errorf("throws: %v", err)
	}
}

func TestEffects(t *testing.T) {
	s := mustLoad(t, `fromAll().when({A(s, e) {
		const b = {n: e.data.n};
		emit('out', 'Sent', b, {why: 'x'}); b.n = 0;
		linkTo('links', e, {m: 1}); linkStreamTo('all', 'cart-1'); copyTo('copies', e);
		log('total', {n: 1}, [2], 3); log('more');
	}})`)
	st := state.New()
	if err := s.Init(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Apply(context.Background(), st, ev(3, "A", `{"n":9007199254740993}`)); err != nil {
		t.Fatal(err)
	}
	want := []replay.Effect{
		{Kind: "emit", Stream: "out", Type: "Sent", Body: []byte(`{"n":9007199254740993}`), Meta: []byte(`{"why":"x"}`)},
		{Kind: "linkTo", Stream: "links", Link: "3@cart-42", Meta: []byte(`{"m":1}`)},
		{Kind: "linkStreamTo", Stream: "all", Link: "cart-1"},
		{Kind: "log", Text: `total {"n":1} [2] 3`},
		{Kind: "log", Text: "more"},
	}
	if diff := cmp.Diff(want, s.Effects()); diff != "" {
		t.Error(diff)
	}
	if _, err := s.Apply(context.Background(), st, ev(4, "B", `{}`)); err != nil {
		t.Fatal(err)
	}
}

func TestLoadErrors(t *testing.T) {
	for _, test := range []struct{ name, src, want, source string }{
		{"syntax", "fromAll().when({\n  A(s, e) {\n    s.x = = 1\n  }\n})", "test.js:3:11: ", "   3 |     s.x = = 1\n     |           ^"},
		{"unclosed", "fromAll().when({", "test.js:1:17: unexpected end", "   1 | fromAll().when({\n     |                 ^"},
		{"duplicate let", "let a;\nlet a;", "test.js:2:", "   2 | let a;"},
		{"module", "import x from 'y';", "modules are not supported", ""},
		{"export", "export default (s, e) => s;", "modules are not supported", ""},
		{"nothing", "const x = 1", "defines no fold", ""},
		{"empty", "", "defines no fold", ""},
		{"wrong chain", "fromStream('x').foreachStream()", "foreachStream", "   1 | fromStream"},
		{"unknown option", "options({speed: 1})", "unknown option speed", ""},
		{"deleted alone", "fromAll().when({$deleted() {}})", "$deleted needs foreachStream", ""},
		{"throws", "\nthrow new Error('no')", "Error: no", "   2 | throw"},
		{"too long", strings.Repeat(" ", maxSource+1), "longer than 256 KiB", ""},
		{"too many brackets", strings.Repeat("(", maxBrackets+1), "more than 20000 brackets", ""},
		{"too many arrows", strings.Repeat("x=>", maxArrows+1) + "x", "more than 5000 arrow functions", ""},
		{"too deep", "(s, e) => 1" + strings.Repeat("/s", maxLevels), "nests more than 2000 levels deep", ""},
		{"unicode column", "const ü = 'ä', 日本 = ;", "test.js:1:21: ", "   1 | const ü = 'ä', 日本 = ;\n     |                     ^"},
		{"control characters", "\x1b[31m\x07 = ", "", "   1 | ·[31m· = "},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Load("test.js", test.src, Limits{})
			if err == nil {
				t.Fatal("no error")
			}
			var source string
			var syntax *SyntaxError
			var fe *replay.FoldError
			switch {
			case errors.As(err, &syntax):
				source = syntax.SourceLine()
			case errors.As(err, &fe):
				source = fe.Source
			default:
				t.Fatalf("%T", err)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, want %q", err, test.want)
			}
			if !strings.Contains(source, test.source) {
				t.Errorf("source\n%s\nwant\n%s", source, test.source)
			}
		})
	}
}

func TestInlineErrors(t *testing.T) {
	for src, want := range map[string]string{
		"":                                "the expression is empty",
		"  \n ":                           "the expression is empty",
		"s.x =":                           "inline:1:6: unexpected end",
		"s.x = 1 }); (function () {":      "unbalanced brackets",
		"({...s, n: 1})":                  "the value of the expression is not used",
		"s.x = 1;\ns.y = $$ $$":           "inline:2:10: ",
		"with (s) { x = 1 }":              "",
		"fromAll().when({A(s, e) { = }})": "inline:1:27: ",
	} {
		_, err := LoadInline("inline", src, Limits{})
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", src, err, want)
		}
	}
}

// TestEventOver keeps what ends with an event, which must fail rather than show
// another event.
func TestEventOver(t *testing.T) {
	for _, kept := range []string{"e", "e.data", "e.data.o", "e.metadata"} {
		s := mustLoad(t, `let kept; fromAll().when({A(s, e) { kept = `+kept+` }, B(s, e) { s.x = kept.n }})`)
		_, err := foldAll(s, typed("A", `{"n":1,"o":{"n":2}}`, "B", `{}`))
		if err == nil || !strings.Contains(err.Error(), "over: copy what a later event needs") {
			t.Errorf("%s: %v", kept, err)
		}
	}
	s := mustLoad(t, `let kept; fromAll().when({A(s, e) { s.d = kept = e.data }, B(s, e) { kept.n++ }})`)
	got, err := foldAll(s, typed("A", `{"n":1}`, "B", `{}`))
	if err != nil || got != `{"d":{"n":2}}` {
		t.Errorf("put in the state: %s %v", got, err)
	}
}

func TestWarnings(t *testing.T) {
	s := mustLoad(t, `fromAll().when({A(s, e) { s.n = e.data.big + 1; s.m = e.data.big * 2; s.set = new Set() }})`)
	if _, err := foldAll(s, typed("A", `{"big":9007199254740993}`, "A", `{"big":9007199254740995}`)); err != nil {
		t.Fatal(err)
	}
	w := s.Warnings()
	if len(w) != 2 || !strings.Contains(w[0], "9007199254740993 (big)") || !strings.Contains(w[1], "a Set was put in the state") {
		t.Errorf("%q", w)
	}
}

// TestSeveralStates folds two states in turn with one script.
func TestSeveralStates(t *testing.T) {
	s := mustLoad(t, `let last; fromAll().foreachStream().when({
		$init: () => ({l: []}), $created(s) { s.made = true },
		A(s, e) { s.l.push(e.data.n); if (last) s.other = last; last = s.l }})`)
	sts := []*state.State{state.New(), state.New()}
	for _, st := range sts {
		if err := s.Init(t.Context(), st); err != nil {
			t.Fatal(err)
		}
		if _, err := st.Commit(false); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 4 {
		st := sts[i%2]
		if _, err := s.Apply(context.Background(), st, ev(i, "A", `{"n":`+string(rune('0'+i))+`}`)); err != nil {
			t.Fatal(err)
		}
		if _, err := st.Commit(false); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{`{"l":[0,2],"made":true,"other":[1]}`, `{"l":[1,3],"made":true,"other":[0,2]}`} {
		if got := rootJSON(sts[i]); got != want {
			t.Errorf("state %d\ngot  %s\nwant %s", i, got, want)
		}
	}
}

func TestRepeatable(t *testing.T) {
	src := `fromAll().when({A(s, e) { (s.r ??= []).push(Math.random(), Math.random()); s.t = Date.now() }})`
	a, err := foldAll(mustLoad(t, src), typed("A", `{}`, "A", `{}`))
	if err != nil {
		t.Fatal(err)
	}
	b, err := foldAll(mustLoad(t, src), typed("A", `{}`, "A", `{}`))
	if err != nil {
		t.Fatal(err)
	}
	if a != b {
		t.Errorf("%s\n%s", a, b)
	}
	v, err := state.Parse([]byte(a))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, x := range v.Node().Get("r").Node().Elems() {
		seen[x.Text()] = true
	}
	if len(seen) != 4 {
		t.Errorf("random numbers repeat: %s", a)
	}
}

func TestOpaque(t *testing.T) {
	e := ev(0, "A", ``)
	e.Data, e.Opaque = nil, "it is encrypted"
	if got, err := foldAll(mustLoad(t, `(s, e) => { s.json = e.isJson }`), []*replay.Event{e}); err != nil || got != `{"json":false}` {
		t.Errorf("%s %v", got, err)
	}
	for _, r := range []replay.Reducer{mustLoad(t, `(s, e) => { s.x = e.data.x }`), mustLoad(t, `fromAll().outputState()`)} {
		var opaque *replay.OpaqueError
		var fe *replay.FoldError
		if _, err := foldAll(r, []*replay.Event{e}); !errors.As(err, &opaque) || !errors.As(err, &fe) {
			t.Errorf("%s: %v", r.Name(), err)
		}
	}
	bad := ev(0, "A", `{"x":`)
	var opaque *replay.OpaqueError
	if _, err := foldAll(mustLoad(t, `(s, e) => { s.x = e.data.x }`), []*replay.Event{bad}); !errors.As(err, &opaque) {
		t.Errorf("%v", err)
	}
	bad = ev(0, "A", `{"x":`)
	if got, err := foldAll(mustLoad(t, `(s, e) => { s.json = e.isJson }`), []*replay.Event{bad}); err != nil || got != `{"json":false}` {
		t.Errorf("%s %v", got, err)
	}
}
